package demodata

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/store"
)

// department with its teams; a team's group at the provider is "team-" and its slug.
type department struct {
	slug, name string
	teams      [][2]string // slug, name
}

var departments = []department{
	{"payments", "Payments and Risk", [][2]string{{"payment-fraud", "Payment Fraud"}, {"credit-scoring", "Credit Scoring"}, {"model-risk", "Model Risk"}}},
	{"customers", "Customer Care", [][2]string{{"support-assistants", "Support Assistants"}, {"churn", "Churn and Loyalty"}, {"search", "Search and Ranking"}}},
	{"operations", "Operations", [][2]string{{"forecasting", "Demand Forecasting"}, {"routing", "Routing"}, {"quality", "Quality Vision"}}},
	{"corporate", "Corporate", [][2]string{{"documents", "Document Intelligence"}, {"talent", "Talent Analytics"}, {"finance", "Finance Planning"}}},
}

// filler carries what the steps of filling share.
type filler struct {
	ctx    context.Context
	s      *store.Store
	policy lifecycle.Policy
	issuer string
	teams  map[string]org.Team
	people map[string]org.Person

	present  time.Time
	calendar calendar
}

// Fill makes the organisation in a fresh database. With empty, only people and teams.
func Fill(ctx context.Context, s *store.Store, p lifecycle.Policy, issuer string, empty bool) error {
	f := &filler{ctx: ctx, s: s, policy: p, issuer: issuer, teams: map[string]org.Team{}, people: map[string]org.Person{}, present: s.Now()}
	if err := f.organisation(); err != nil {
		return err
	}
	if empty {
		return nil
	}
	return f.models()
}

func (f *filler) organisation() error {
	for _, d := range departments {
		dep, err := f.s.EnsureDepartment(f.ctx, d.slug, d.name)
		if err != nil {
			return fmt.Errorf("department %s: %w", d.slug, err)
		}
		for _, t := range d.teams {
			team, err := f.s.EnsureTeam(f.ctx, org.Team{DepartmentID: dep.ID, Slug: t[0], Name: t[1], Group: "team-" + t[0]})
			if err != nil {
				return fmt.Errorf("team %s: %w", t[0], err)
			}
			f.teams[t[0]] = team
		}
	}
	for _, p := range append(slices.Clone(people), colleagues...) {
		who, err := f.s.SignIn(f.ctx, store.SignIn{Issuer: f.issuer, Subject: p.subject, Name: p.name, Email: p.subject + domain,
			Roles: Grants().Roles(p.groups), Groups: p.groups})
		if err != nil {
			return fmt.Errorf("person %s: %w", p.subject, err)
		}
		f.people[p.subject] = who
	}
	return nil
}
