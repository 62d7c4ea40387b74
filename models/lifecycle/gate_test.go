package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/vendors"
)

var bothKinds = []registry.Kind{registry.Trained, registry.GenAI}

func TestACompleteVersionPassesEveryGate(t *testing.T) {
	for _, kind := range bothKinds {
		for _, tier := range []registry.Tier{1, 2, 3} {
			for _, profile := range Profiles {
				f := complete(kind, tier, registry.Staged)
				for _, to := range registry.Stages {
					if red := GateTo(&f, to, policy(t, profile), noon).Red(); len(red) > 0 {
						t.Errorf("%s, tier %d, %s, to %s: %s: %s", kind, tier, profile, to, red[0].Key, red[0].Fact)
					}
				}
			}
		}
	}
}

func TestGatesAreCumulative(t *testing.T) {
	people := []string{"owner", "deputy", "purpose", "team", "tier"}
	built := map[registry.Kind][]string{
		registry.Trained: {"code", "dataset", "parameters", "metrics", "environment"},
		registry.GenAI:   {"pin", "alive", "prompt", "release_parameters", "tools"},
	}
	evaluated := map[registry.Kind]string{registry.Trained: "evaluation", registry.GenAI: "release_evaluation"}
	for _, kind := range bothKinds {
		f := complete(kind, 1, registry.Experiment)
		registered := append(slices.Clone(people), built[kind]...)
		validated := append(slices.Clone(registered), evaluated[kind], "fairness", "security_review")
		staged := append(slices.Clone(validated), "sla", "rollback_target", "rollout_plan")
		production := append(slices.Clone(staged), "rollout_evidence", "monitoring", "consumers")
		if kind == registry.GenAI {
			production = append(production, "vendor_end")
		}
		production = append(production, "plan")
		for to, want := range map[registry.Stage][]string{"experiment": nil, "registered": registered, "validated": validated, "staged": staged, "production": production, "retired": nil, "nonsense": nil} {
			var got []string
			for _, c := range GateTo(&f, to, policy(t, "standard"), noon).Checks {
				got = append(got, c.Key)
				if c.Title == "" || c.Why == "" || c.Fact == "" || c.Mend == "" {
					t.Errorf("%s: a check needs title, why, fact and a place to mend it: %+v", c.Key, c)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s to %s: %s", kind, to, diff)
			}
		}
	}
}

// spoil takes one fact away; each line is the other side of a check.
type spoil struct {
	name, key string
	kind      registry.Kind // "" for both
	outcome   Outcome
	says      string
	do        func(*Facts)
}

func withEvidence(kind evidence.Kind, change func(*evidence.Evidence)) func(*Facts) {
	return func(f *Facts) {
		for i := range f.Evidence {
			if f.Evidence[i].Kind == kind {
				change(&f.Evidence[i])
			}
		}
	}
}

var spoils = []spoil{
	{"nobody owns it", "owner", "", Fail, "Nobody is named", func(f *Facts) { f.Model.OwnerID, f.Owner = 0, org.Person{} }},
	{"the owner left", "owner", "", Fail, "no longer", func(f *Facts) { f.Owner.Disabled = true }},
	{"no deputy", "deputy", "", Fail, "Nobody is named", func(f *Facts) { f.Model.DeputyID, f.Deputy = 0, org.Person{} }},
	{"the deputy left", "deputy", "", Fail, "no longer", func(f *Facts) { f.Deputy.Disabled = true }},
	{"the deputy is the owner", "deputy", "", Fail, "is the owner", func(f *Facts) { f.Model.DeputyID, f.Deputy = f.Model.OwnerID, f.Owner }},
	{"no purpose", "purpose", "", Fail, "No purpose", func(f *Facts) { f.Model.Purpose = "  fraud  " }},
	{"no team", "team", "", Fail, "No team", func(f *Facts) { f.Model.TeamID, f.Team = 0, org.Team{} }},
	{"no tier", "tier", "", Fail, "No risk tier", func(f *Facts) { f.Model.Tier = 0 }},

	{"no commit", "code", registry.Trained, Fail, "missing", func(f *Facts) { f.Version.Lineage.Code.Commit = "" }},
	{"no repository", "code", registry.Trained, Fail, "missing", func(f *Facts) { f.Version.Lineage.Code.Repo = "" }},
	{"no dataset", "dataset", registry.Trained, Fail, "No training dataset", func(f *Facts) { f.Version.Lineage.Datasets = nil }},
	{"only a test dataset", "dataset", registry.Trained, Fail, "No training dataset", func(f *Facts) { f.Version.Lineage.Datasets[0].Role = "test" }},
	{"a dataset without digest", "dataset", registry.Trained, Fail, "has no digest", func(f *Facts) { f.Version.Lineage.Datasets[0].Digest = "" }},
	{"no hyperparameters", "parameters", registry.Trained, Fail, "No hyperparameter", func(f *Facts) { f.Version.Lineage.Parameters = nil }},
	{"no metrics", "metrics", registry.Trained, Fail, "No metric", func(f *Facts) { f.Version.Lineage.Metrics = nil }},
	{"no environment", "environment", registry.Trained, Fail, "No environment entry", func(f *Facts) { f.Version.Lineage.Environment = nil }},

	{"no vendor model", "pin", registry.GenAI, Fail, "No vendor model", func(f *Facts) { f.Version.Release.ModelID = "" }},
	{"a floating id", "pin", registry.GenAI, Fail, "moves", func(f *Facts) { f.Vendor.Verdict = vendors.Verdict{Class: vendors.Floating, Reason: "It moves."} }},
	{"an undated preview", "pin", registry.GenAI, Fail, "preview", func(f *Facts) {
		f.Vendor.Verdict = vendors.Verdict{Class: vendors.PreviewFloating, Reason: "An undated preview."}
	}},
	{"an id nobody can classify", "pin", registry.GenAI, Unknown, "must classify it, with a source", func(f *Facts) { f.Vendor.Verdict = vendors.Verdict{Class: vendors.Undetermined} }},
	{"an id without a verdict", "pin", registry.GenAI, Unknown, "must classify", func(f *Facts) { f.Vendor.Verdict = vendors.Verdict{} }},
	{"not in the catalogue", "alive", registry.GenAI, Unknown, "no entry", func(f *Facts) { f.Vendor.Known = false }},
	{"ended by the vendor", "alive", registry.GenAI, Fail, "ended it", func(f *Facts) { f.Vendor.Entry.EndOfLife = day.Of(noon).Add(-1) }},
	{"ended by the vendor today", "alive", registry.GenAI, Fail, "ended it", func(f *Facts) { f.Vendor.Entry.EndOfLife = day.Of(noon) }},
	{"no prompt", "prompt", registry.GenAI, Fail, "No prompt", func(f *Facts) { f.Version.Release.Prompts = nil }},
	{"a prompt without hash", "prompt", registry.GenAI, Fail, "lacks its hash", func(f *Facts) { f.Version.Release.Prompts[0].SHA256 = "" }},
	{"a prompt without commit", "prompt", registry.GenAI, Fail, "commit", func(f *Facts) { f.Version.Release.Prompts[0].Commit = "" }},
	{"no parameters", "release_parameters", registry.GenAI, Fail, "No parameter", func(f *Facts) { f.Version.Release.Parameters = nil }},
	{"no word about tools", "tools", registry.GenAI, Fail, "nor that there are none", func(f *Facts) { f.Version.Release.NoToolsReason = "" }},

	{"no evaluation", "evaluation", registry.Trained, Unknown, "No evaluation", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.Withdrawn = true })},
	{"evaluated on training data", "evaluation", registry.Trained, Fail, "trained on", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.DatasetDigest = strings.Repeat("A", 64) })},
	{"evaluated on unnamed data", "evaluation", registry.Trained, Unknown, "which data", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.DatasetDigest = "" })},
	{"an evaluation without a threshold", "evaluation", registry.Trained, Fail, "no metric", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.Metrics = nil })},
	{"under its threshold", "evaluation", registry.Trained, Fail, "AUC is 0.8, which is not >= 0.9", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.Metrics[0].Value = 0.8 })},
	{"a failed evaluation", "evaluation", registry.Trained, Fail, "outcome is failed", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.Outcome = evidence.Failed })},
	{"an old evaluation", "evaluation", registry.Trained, Fail, "out of date", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.RecordedAt = noon.AddDate(0, 0, -181) })},
	{"an evaluation past its own end", "evaluation", registry.Trained, Fail, "out of date", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.ExpiresAt = noon })},
	{"an evaluation of what it was before", "evaluation", registry.Trained, Fail, "has changed since", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.VersionDigest = "older" })},

	{"no evaluation of the release", "release_evaluation", registry.GenAI, Unknown, "No evaluation", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.Withdrawn = true })},
	{"an evaluation of another release", "release_evaluation", registry.GenAI, Fail, "has changed since", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.VersionDigest = "older" })},
	{"another suite", "release_evaluation", registry.GenAI, Fail, "another suite", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.SuiteSHA256 = strings.Repeat("e", 64) })},
	{"an unnamed suite", "release_evaluation", registry.GenAI, Unknown, "which suite", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.SuiteSHA256 = "" })},
	{"a suite run without a threshold", "release_evaluation", registry.GenAI, Fail, "no metric", withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.Metrics = nil })},
	{"no fairness check", "fairness", "", Unknown, "on record", withEvidence(evidence.Fairness, func(e *evidence.Evidence) { e.Withdrawn = true })},
	{"a failed fairness check", "fairness", "", Fail, "failed", withEvidence(evidence.Fairness, func(e *evidence.Evidence) { e.Outcome = evidence.Failed })},
	{"an old fairness check", "fairness", "", Fail, "out of date", withEvidence(evidence.Fairness, func(e *evidence.Evidence) { e.RecordedAt = noon.AddDate(0, 0, -366) })},
	{"no security review", "security_review", "", Unknown, "on record", withEvidence(evidence.SecurityReview, func(e *evidence.Evidence) { e.Withdrawn = true })},
	{"an undecided security review", "security_review", "", Fail, "inconclusive", withEvidence(evidence.SecurityReview, func(e *evidence.Evidence) { e.Outcome = evidence.Inconclusive })},

	{"no SLA", "sla", "", Fail, "promised", func(f *Facts) { f.Model.SLA = registry.SLA{Support: "office hours"} }},
	{"no rollback target", "rollback_target", "", Fail, "No rollback target", func(f *Facts) { f.Version.RollbackTarget = " " }},
	{"itself as rollback target", "rollback_target", "", Fail, "itself", func(f *Facts) { f.Version.RollbackTarget = "v7" }},
	{"an unknown rollback target", "rollback_target", "", Fail, "not a live version", func(f *Facts) { f.Version.RollbackTarget = "v99" }},
	{"no rollback target and no reason", "rollback_target", "", Fail, "", func(f *Facts) { f.Version.RollbackTarget = "none: n" }},
	{"no rollout plan", "rollout_plan", "", Fail, "No shadow or canary plan", func(f *Facts) { f.Version.RolloutPlan = "" }},

	{"no shadow or canary run", "rollout_evidence", "", Unknown, "on record", withEvidence(evidence.Canary, func(e *evidence.Evidence) { e.Withdrawn = true })},
	{"a canary that failed", "rollout_evidence", "", Fail, "failed", withEvidence(evidence.Canary, func(e *evidence.Evidence) { e.Outcome = evidence.Failed })},
	{"no drift monitoring", "monitoring", registry.Trained, Fail, "drift", func(f *Facts) { f.Version.Monitoring.Drift = "" }},
	{"no quality monitoring", "monitoring", "", Fail, "quality", func(f *Facts) { f.Version.Monitoring.Quality = "" }},
	{"no cost monitoring", "monitoring", "", Fail, "cost", func(f *Facts) { f.Version.Monitoring.Cost = "" }},
	{"no consumers and no reason", "consumers", "", Fail, "nor why", func(f *Facts) { f.Model.Consumers = nil }},
	{"the vendor's end not looked up", "vendor_end", registry.GenAI, Unknown, "looked up", func(f *Facts) { f.Vendor.Entry.EndOfLife, f.Vendor.Entry.Source = "", "" }},
	{"the vendor's list read long ago", "vendor_end", registry.GenAI, Unknown, "last read", func(f *Facts) { f.Vendor.Entry.EndOfLife, f.Vendor.Entry.ReadOn = "", day.Of(noon).Add(-91) }},
	{"the vendor's end inside the runway", "vendor_end", registry.GenAI, Fail, "takes 51 days", func(f *Facts) { f.Vendor.Entry.EndOfLife = day.Of(noon).Add(51) }},
	{"not in the vendor catalogue", "vendor_end", registry.GenAI, Unknown, "no entry", func(f *Facts) { f.Vendor.Known = false }},
	{"no plan", "plan", "", Fail, "No retirement plan", func(f *Facts) { f.Plan.Plan = nil }},
	{"a plan in review", "plan", "", Fail, "submitted, not approved", func(f *Facts) { f.Plan.Plan, f.Plan.DraftState = nil, "submitted" }},
	{"a stale plan", "plan", "", Fail, "Its candidate is gone", func(f *Facts) { f.Plan.Findings = []retirement.Finding{{Sentence: "Its candidate is gone."}} }},
	{"a plan older than the version", "plan", "", Fail, "not been confirmed", func(f *Facts) { f.Version.BuiltAt = noon }},
}

func TestEveryCheckHasAnotherSide(t *testing.T) {
	asked := map[string]bool{}
	for _, s := range spoils {
		for _, kind := range bothKinds {
			if s.kind != "" && s.kind != kind {
				continue
			}
			for _, tier := range []registry.Tier{1, 2, 3} {
				t.Run(fmt.Sprintf("%s: %s, tier %d", s.name, kind, tier), func(t *testing.T) {
					f := complete(kind, tier, registry.Staged)
					s.do(&f)
					g := GateTo(&f, registry.Production, policy(t, "standard"), noon)
					c, ok := check(g, s.key)
					if !ok || c.Outcome != s.outcome || !strings.Contains(c.Fact, s.says) {
						t.Errorf("%s should be %s with %q, is %s: %s", s.key, s.outcome, s.says, c.Outcome, c.Fact)
					}
					if g.Green() {
						t.Error("the gate is green without it")
					}
				})
			}
			asked[s.key] = true
		}
	}
	for _, key := range Checks() {
		if !asked[key] {
			t.Errorf("no test takes away what %s asks for", key)
		}
	}
}

func TestWhatElseACheckAccepts(t *testing.T) {
	for _, c := range []struct {
		name, key string
		kind      registry.Kind
		do        func(*Facts)
	}{
		{"no consumers, with the reason", "consumers", registry.Trained, func(f *Facts) { f.Model.Consumers, f.Model.NoConsumersReason = nil, "Its own team reads it." }},
		{"nothing to roll back to, with the reason", "rollback_target", registry.Trained, func(f *Facts) { f.Version.RollbackTarget = "none: the first of its kind" }},
		{"what served before, gone since its window ended", "rollback_target", registry.Trained, func(f *Facts) { f.Version.RollbackTarget, f.Version.Stage = "v5", registry.Production }},
		{"a shadow run instead of a canary", "rollout_evidence", registry.Trained, withEvidence(evidence.Canary, func(e *evidence.Evidence) { e.Kind = evidence.Shadow })},
		{"tools with their schemas", "tools", registry.GenAI, func(f *Facts) { f.Version.Release.Tools = map[string]string{"search": "aa"} }},
		{"no drift monitoring where nothing was trained", "monitoring", registry.GenAI, func(f *Facts) { f.Version.Monitoring.Drift = "" }},
		{"a vendor who announced no end, read lately", "vendor_end", registry.GenAI, func(f *Facts) { f.Vendor.Entry.EndOfLife = "" }},
		{"an end one day outside the runway", "vendor_end", registry.GenAI, func(f *Facts) { f.Vendor.Entry.EndOfLife = day.Of(noon).Add(52) }},
		{"a dateless id with a promise", "pin", registry.GenAI, func(f *Facts) { f.Vendor.Verdict.Class = vendors.PinnedDateless }},
		{"evidence on the last day that it is fresh", "evaluation", registry.Trained, withEvidence(evidence.Evaluation, func(e *evidence.Evidence) { e.RecordedAt = noon.AddDate(0, 0, -180) })},
		{"a plan confirmed after the version was made", "plan", registry.Trained, func(f *Facts) {
			f.Version.BuiltAt, f.Plan.Plan.ConfirmedAt = noon.Add(-2*time.Hour), noon.Add(-time.Hour)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := complete(c.kind, 1, registry.Staged)
			c.do(&f)
			if got, _ := check(GateTo(&f, registry.Production, policy(t, "standard"), noon), c.key); got.Outcome != Pass {
				// Changing the release changes its digest, and with it what the evidence was for.
				t.Errorf("%s should pass, is %s: %s", c.key, got.Outcome, got.Fact)
			}
		})
	}
}

func TestTheNewestEvidenceSpeaks(t *testing.T) {
	f := complete(registry.Trained, 1, registry.Staged)
	worse := f.Evidence[0]
	worse.ID, worse.Outcome, worse.RecordedAt = 999, evidence.Failed, noon.Add(-time.Hour)
	f.Evidence = append(f.Evidence, worse)
	if c, _ := check(GateTo(&f, registry.Validated, policy(t, "standard"), noon), "evaluation"); c.Outcome != Fail {
		t.Errorf("an older success should not hide the newer failure: %s", c.Fact)
	}
}

func TestADatedPreviewServesTierThreeAlone(t *testing.T) {
	for tier, want := range map[registry.Tier]Outcome{1: Fail, 2: Fail, 3: Pass} {
		f := complete(registry.GenAI, tier, registry.Staged)
		f.Vendor.Verdict = vendors.Verdict{Class: vendors.PreviewPinned, Reason: "A dated preview."}
		c, _ := check(GateTo(&f, registry.Production, policy(t, "standard"), noon), "pin")
		if c.Outcome != want {
			t.Errorf("tier %d: %s, want %s", tier, c.Outcome, want)
		}
		if want == Fail && c.Iron {
			t.Error("a dated preview is what a waiver may lift")
		}
	}
}
