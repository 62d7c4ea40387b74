package lifecycle

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/retirement/sample"
	"sundial/models/vendors"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

const (
	fraudTeam = 1
	otherTeam = 2
)

// The cast. Their ids are their places here.
var (
	owner     = person1(1, "Olive Owner", fraudTeam, org.Contributor, org.Reviewer)
	deputy    = person1(2, "Dora Deputy", fraudTeam, org.Contributor)
	author    = person1(3, "Arto Author", fraudTeam, org.Contributor, org.Reviewer)
	requester = person1(4, "Rena Requester", fraudTeam, org.Contributor, org.Reviewer, org.RiskReviewer)
	editor    = person1(5, "Edda Editor", fraudTeam, org.Contributor, org.Reviewer)
	insider   = person1(6, "Ines Insider", fraudTeam, org.Reviewer)
	outsider  = person1(7, "Otto Outsider", otherTeam, org.Reviewer)
	risk      = person1(8, "Rita Risk", otherTeam, org.RiskReviewer)
	admin     = person1(9, "Ada Admin", 0, org.Admin)
	viewer    = person1(10, "Vito Viewer", 0, org.Viewer)
	stranger  = person1(11, "Stella Stranger", otherTeam, org.Contributor)
	recorder  = person1(12, "Rolf Recorder", fraudTeam, org.Contributor, org.RiskReviewer)
	twoHats   = person1(13, "Tara Twohats", otherTeam, org.Reviewer, org.RiskReviewer)
	third     = person1(14, "Theo Third", otherTeam, org.Reviewer)
)

func person1(id int64, name string, team int64, roles ...org.Role) org.Actor {
	p := org.Person{ID: id, Name: name, Roles: roles, LastSeenAt: noon.Add(-time.Hour)}
	if team != 0 {
		p.TeamIDs = []int64{team}
	}
	return org.Actor{Person: p, Via: "session"}
}

func policy(t testing.TB, profile string) Policy {
	t.Helper()
	p, ok := Profile(profile)
	if !ok {
		t.Fatalf("no profile %s", profile)
	}
	return p
}

// complete is a version with every fact that every gate asks for, standing in a stage.
func complete(kind registry.Kind, tier registry.Tier, stage registry.Stage) Facts {
	m := registry.Model{ID: 40, Slug: "fraud-scorer", Name: "Fraud scorer", Kind: kind, Tier: tier, TeamID: fraudTeam,
		OwnerID: owner.ID, DeputyID: deputy.ID, Purpose: "Scores card payments before they settle.",
		SLA: registry.SLA{AvailabilityPercent: 99.5}, DeprecationOn: day.Of(noon).Add(300), UpdatedAt: noon.Add(-48 * time.Hour),
		Consumers: []registry.Consumer{{Name: "Checkout", Contact: "checkout@example.org", Criticality: "high", Integration: "API", NoticeDays: 30}}}
	v := registry.Version{ID: 7, ModelID: m.ID, Label: "v7", Kind: kind, Stage: stage, AuthorID: author.ID, Summary: "Learns refunds.",
		RollbackTarget: "v6", RolloutPlan: "Shadow for a week.", CreatedAt: noon.Add(-72 * time.Hour), BuiltAt: noon.Add(-72 * time.Hour), UpdatedAt: noon.Add(-60 * time.Hour),
		Monitoring: registry.Monitoring{Drift: "grafana/d", Quality: "grafana/q", Cost: "grafana/c"}}
	f := Facts{Model: m, Team: org.Team{ID: fraudTeam, Name: "Fraud"}, Owner: owner.Person, Deputy: deputy.Person, Author: author.Person,
		Labels: []string{"v7", "v6"}, Editors: []int64{editor.ID, recorder.ID}}
	if kind == registry.GenAI {
		v.Release = release()
		f.Vendor = VendorFact{Known: true, Verdict: vendors.Verdict{Class: vendors.Pinned, Reason: "The date fixes it."},
			Entry: vendors.Entry{Host: "openai", ModelID: "gpt-4o-2024-11-20", EndOfLife: day.Of(noon).Add(400), Source: "vendor page", ReadOn: day.Of(noon).Add(-3)}}
	} else {
		v.Lineage = lineage()
	}
	f.Version = v
	f.Evidence = fullEvidence(&f.Version)
	f.Plan = PlanFact{Plan: plan(m), Runway: retirement.NewRunway(day.Of(noon).Add(300), 0, 14, 7)}
	return f
}

func lineage() registry.Lineage {
	return registry.Lineage{
		Code:        registry.Code{Repo: "git.example.org/fraud", Commit: "4f2a9c0d1e2b3a4f5c6d"},
		Datasets:    []registry.Dataset{{Name: "payments", Digest: "sha256:" + strings.Repeat("a", 64), Role: "training"}},
		Parameters:  map[string]string{"depth": "8"},
		Metrics:     map[string]string{"auc": "0.94"},
		Environment: map[string]string{"python": "3.12"},
	}
}

func release() registry.Release {
	return registry.Release{Host: "openai", ModelID: "gpt-4o-2024-11-20", Parameters: map[string]string{"temperature": "0"},
		Prompts:       []registry.Prompt{{Name: "answer", Repo: "git.example.org/support", Path: "answer.md", Commit: "ab12", SHA256: strings.Repeat("c", 64)}},
		NoToolsReason: "It only answers.", EvaluationSuite: registry.Suite{Name: "support", Version: "3", SHA256: strings.Repeat("d", 64)}}
}

func fullEvidence(v *registry.Version) []evidence.Evidence {
	var out []evidence.Evidence
	for i, kind := range []evidence.Kind{evidence.Evaluation, evidence.Fairness, evidence.SecurityReview, evidence.Canary} {
		e := evidence.Evidence{ID: int64(100 + i), ModelID: v.ModelID, VersionID: v.ID, VersionDigest: v.Digest(), Kind: kind, Outcome: evidence.Passed,
			DatasetDigest: "sha256:" + strings.Repeat("b", 64), RecordedBy: recorder.ID, RecordedAt: noon.Add(-24 * time.Hour),
			Metrics: []evidence.Metric{{Name: "AUC", Value: 0.93, Operator: ">=", Threshold: 0.9}}}
		if v.Kind == registry.GenAI {
			e.SuiteSHA256 = "sha256:" + strings.Repeat("D", 64)
		}
		out = append(out, e)
	}
	return out
}

func plan(m registry.Model) *retirement.Plan {
	p := &retirement.Plan{ID: 30, ModelID: m.ID, Number: 1, State: retirement.Approved, Body: sample.Body(m, day.Of(noon)),
		AuthorID: owner.ID, ApprovedBy: risk.ID, ApprovedAt: noon.Add(-24 * time.Hour)}
	p.ApprovedDigest = p.Digest()
	return p
}

// asked is an open request for the next stage of a complete version.
func asked(t testing.TB, kind registry.Kind, tier registry.Tier, from registry.Stage) *Dossier {
	t.Helper()
	d := NewDossier(complete(kind, tier, from), policy(t, "standard"))
	d.ID = 41
	if err := d.Propose(requester, NextStage(from), "Ready for the next stage.", noon); err != nil {
		t.Fatalf("propose: %v", err)
	}
	return d
}

func approve(t testing.TB, d *Dossier, who org.Actor) {
	t.Helper()
	if err := d.Review(who, Approve, d.CurrentDigest(noon), "", noon); err != nil {
		t.Fatalf("%s approves: %v", who.Name, err)
	}
}

func refused(t testing.TB, err error, kind fault.Kind, words string) {
	t.Helper()
	if !fault.Is(err, kind) || !strings.Contains(err.Error(), words) {
		t.Errorf("should be refused (kind %d) with %q, got %v", kind, words, err)
	}
}

func check(g Gate, key string) (Check, bool) {
	i := slices.IndexFunc(g.Checks, func(c Check) bool { return c.Key == key })
	if i < 0 {
		return Check{}, false
	}
	return g.Checks[i], true
}
