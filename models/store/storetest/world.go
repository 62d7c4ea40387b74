package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/retirement/sample"
	"sundial/models/store"
)

// World is a small organisation: two teams and one person for every part somebody can play.
type World struct {
	S            *store.Store
	Policy       lifecycle.Policy
	Fraud, Other org.Team

	Owner, Deputy, Contributor     org.Person // of the team Fraud
	Reviewer, Reviewer2            org.Person // of the team Fraud
	Risk, OtherReviewer            org.Person // of the team Other
	Stranger                       org.Person // a contributor of the team Other
	Leader, Auditor, Admin, Viewer org.Person

	LastRequest int64 // the request that Promote made last
}

// NewWorld fills a store with the organisation.
func NewWorld(t testing.TB, s *store.Store) *World {
	t.Helper()
	w := &World{S: s}
	w.Policy, _ = lifecycle.Profile("standard")
	ctx := store.WithSource(context.Background(), store.Source{Actor: org.System, RequestID: "world"})
	dep, err := s.EnsureDepartment(ctx, "risk", "Risk")
	must(t, err)
	w.Fraud, err = s.EnsureTeam(ctx, org.Team{DepartmentID: dep.ID, Slug: "fraud", Name: "Fraud", Group: "team-fraud"})
	must(t, err)
	w.Other, err = s.EnsureTeam(ctx, org.Team{DepartmentID: dep.ID, Slug: "credit", Name: "Credit", Group: "team-credit"})
	must(t, err)
	in := func(name, group string, roles ...org.Role) org.Person {
		p, err := s.SignIn(ctx, store.SignIn{Issuer: "https://idp.test", Subject: strings.ToLower(name), Name: name,
			Email: strings.ToLower(name) + "@example.test", Roles: roles, Groups: []string{group}})
		must(t, err)
		return p
	}
	w.Owner = in("Owner", "team-fraud", org.Contributor)
	w.Deputy = in("Deputy", "team-fraud", org.Contributor)
	w.Contributor = in("Contributor", "team-fraud", org.Contributor)
	w.Reviewer = in("Reviewer", "team-fraud", org.Reviewer)
	w.Reviewer2 = in("Reviewer2", "team-fraud", org.Reviewer)
	w.Risk = in("Risk", "team-credit", org.RiskReviewer)
	w.OtherReviewer = in("OtherReviewer", "team-credit", org.Reviewer)
	w.Stranger = in("Stranger", "team-credit", org.Contributor)
	w.Leader = in("Leader", "", org.Leadership)
	w.Auditor = in("Auditor", "", org.Auditor)
	w.Admin = in("Admin", "", org.Admin)
	w.Viewer = in("Viewer", "", org.Viewer)
	return w
}

// Actor is a person who came by the browser.
func Actor(p org.Person) org.Actor { return org.Actor{Person: p, Via: "session"} }

// As is a context in which this person changes things.
func (w *World) As(p org.Person) context.Context {
	return store.WithSource(context.Background(), store.Source{Actor: Actor(p), RequestID: "test", From: "127.0.0.1"})
}

// AsConsumer is a context in which somebody without an account answers through a signed link.
func (w *World) AsConsumer(name string) context.Context {
	return store.WithSource(context.Background(), store.Source{Actor: org.Actor{Person: org.Person{Name: name}, Via: "link"}, RequestID: "test", From: "127.0.0.1"})
}

// Model adds a model of the team Fraud with an owner, a deputy, an SLA and a consumer.
func (w *World) Model(t testing.TB, slug string, kind registry.Kind, tier registry.Tier) registry.Model {
	t.Helper()
	m := registry.Model{Slug: slug, Name: "Model " + slug, Kind: kind, Purpose: "Scores things so that a test can look at it.",
		TeamID: w.Fraud.ID, OwnerID: w.Owner.ID, DeputyID: w.Deputy.ID, Tier: tier, SLA: registry.SLA{AvailabilityPercent: 99.5},
		DeprecationOn: day.Of(w.S.Now()).Add(300),
		Consumers:     []registry.Consumer{{Name: "Checkout", Contact: "checkout@example.test", Criticality: "high", Integration: "API", NoticeDays: 30}}}
	m.Note("model.registered", m.Subject(), nil, map[string]string{"slug": slug})
	must(t, w.S.AddModel(w.As(w.Owner), &m))
	return m
}

// Version adds a trained version with a complete lineage, made by the contributor.
func (w *World) Version(t testing.TB, slug, label string) registry.Version {
	t.Helper()
	v, err := w.S.AddVersion(w.As(w.Contributor), slug, func(m *registry.Model) (*registry.Version, error) {
		v := &registry.Version{ModelID: m.ID, Label: label, Kind: m.Kind, AuthorID: w.Contributor.ID, Summary: "Made for a test.",
			RollbackTarget: "none: the first of its kind", RolloutPlan: "Shadow for a week.",
			Monitoring: registry.Monitoring{Drift: "https://grafana.example.test/d", Quality: "https://grafana.example.test/q", Cost: "https://grafana.example.test/c"},
			Lineage: registry.Lineage{
				Code:        registry.Code{Repo: "https://git.example.test/fraud", Commit: "4f2a9c0d1e2b3a4f5c6d7e8f9a0b1c2d3e4f5a6b"},
				Datasets:    []registry.Dataset{{Name: "payments", URI: "s3://example/payments", Digest: "sha256:" + strings.Repeat("a", 64), Role: "training"}},
				Parameters:  map[string]string{"depth": "8"},
				Metrics:     map[string]string{"auc": "0.94"},
				Environment: map[string]string{"python": "3.12"},
				Run:         registry.Run{URL: "https://mlflow.example.test/runs/1", ID: "1"},
			}}
		v.Note("version.added", v.Subject(m.Slug), nil, map[string]string{"label": label})
		return v, nil
	})
	must(t, err)
	return v
}

// Evidence records passed evidence of every kind that production asks for.
func (w *World) Evidence(t testing.TB, slug, label string) {
	t.Helper()
	for _, kind := range []evidence.Kind{evidence.Evaluation, evidence.Fairness, evidence.SecurityReview, evidence.Canary} {
		_, err := w.S.AddEvidence(w.As(w.Contributor), slug, label, func(m *registry.Model, v *registry.Version, _ time.Time) (*evidence.Evidence, error) {
			e := &evidence.Evidence{ModelID: m.ID, Kind: kind, Outcome: evidence.Passed, DatasetDigest: "sha256:" + strings.Repeat("b", 64),
				Metrics: []evidence.Metric{{Name: "auc", Value: 0.93, Operator: ">=", Threshold: 0.9}}}
			e.Trail.Note("evidence.recorded", e.Subject(), nil, map[string]string{"kind": string(kind)})
			return e, nil
		})
		must(t, err)
	}
}

// Plan files, completes, submits and approves a retirement plan.
func (w *World) Plan(t testing.TB, slug string) {
	t.Helper()
	_, err := w.S.FilePlan(w.As(w.Owner), slug, w.Policy, func(v store.PlanView, now time.Time) (*retirement.Plan, error) {
		return retirement.NewPlan(v.Context.Model, Actor(w.Owner), now)
	})
	must(t, err)
	w.changePlan(t, slug, w.Owner, func(p *retirement.Plan, c retirement.Context, now time.Time) error {
		return p.Replace(Actor(w.Owner), sample.Body(c.Model, day.Of(now)), c, now)
	})
	w.changePlan(t, slug, w.Owner, func(p *retirement.Plan, c retirement.Context, now time.Time) error {
		return p.Submit(Actor(w.Owner), c, now)
	})
	w.changePlan(t, slug, w.Risk, func(p *retirement.Plan, c retirement.Context, now time.Time) error {
		return p.Review(Actor(w.Risk), retirement.Approve, p.Digest(), "", c, now)
	})
}

func (w *World) changePlan(t testing.TB, slug string, who org.Person, fn func(*retirement.Plan, retirement.Context, time.Time) error) {
	t.Helper()
	_, err := w.S.ChangePlan(w.As(who), slug, 0, w.Policy, fn)
	must(t, err)
}

// Promote takes a version one stage on, with the approvals that its tier needs.
func (w *World) Promote(t testing.TB, slug, label string, to registry.Stage) {
	t.Helper()
	d, err := w.S.OpenRequest(w.As(w.Contributor), slug, label, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(Actor(w.Contributor), to, "Ready for the next stage.", now)
	})
	must(t, err)
	w.LastRequest = d.ID
	for _, who := range []org.Person{w.Risk, w.OtherReviewer, w.Reviewer} {
		if d.State != lifecycle.Open {
			return
		}
		d, err = w.S.ChangeDossier(w.As(who), d.ID, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Review(Actor(who), lifecycle.Approve, d.CurrentDigest(now), "", now)
		})
		must(t, err)
	}
	if d.State != lifecycle.Applied {
		t.Fatalf("%s@%s did not reach %s: the request is %s", slug, label, to, d.State)
	}
}

// Serve makes a model with a version in production.
func (w *World) Serve(t testing.TB, slug, label string, tier registry.Tier) {
	t.Helper()
	w.Model(t, slug, registry.Trained, tier)
	w.Version(t, slug, label)
	w.Evidence(t, slug, label)
	w.Plan(t, slug)
	w.PromoteAll(t, slug, label)
}

// PromoteAll takes a complete version from experiment to production.
func (w *World) PromoteAll(t testing.TB, slug, label string) {
	t.Helper()
	for _, to := range []registry.Stage{registry.Registered, registry.Validated, registry.Staged, registry.Production} {
		w.Promote(t, slug, label, to)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ConfirmPlan confirms the plan in force for a new version.
func (w *World) ConfirmPlan(t testing.TB, slug, label string) {
	t.Helper()
	_, err := w.S.ChangePlanInForce(w.As(w.Owner), slug, w.Policy, func(p *retirement.Plan, c retirement.Context, now time.Time) error {
		return p.Confirm(Actor(w.Owner), label, c, now)
	})
	must(t, err)
}
