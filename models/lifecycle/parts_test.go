package lifecycle

import (
	"strings"
	"testing"

	"sundial/models/evidence"
	"sundial/models/registry"
)

// Changing any part of a release, once it was evaluated and approved, voids both, and the page can say
// which part it was.
func TestAChangedPartVoidsEvaluationAndApproval(t *testing.T) {
	hash := strings.Repeat("e", 64)
	parts := map[string]struct {
		change func(*registry.Release)
		says   string
	}{
		"host":       {func(r *registry.Release) { r.Host = "azure-openai" }, "The host changed"},
		"model":      {func(r *registry.Release) { r.ModelID = "gpt-4o-2024-08-06" }, "The model id changed"},
		"prompts":    {func(r *registry.Release) { r.Prompts[0].SHA256 = hash }, "The prompts changed"},
		"parameters": {func(r *registry.Release) { r.Parameters = map[string]string{"temperature": "1"} }, "The parameters changed"},
		"tools": {func(r *registry.Release) { r.Tools, r.NoToolsReason = map[string]string{"search": hash}, "" },
			"The tools changed"},
		"suite": {func(r *registry.Release) { r.EvaluationSuite.SHA256 = hash }, "The evaluation suite changed"},
	}
	for _, key := range registry.PartKeys {
		tt, known := parts[key]
		if !known {
			t.Errorf("no change of %s is tried", key)
			continue
		}
		t.Run(key, func(t *testing.T) {
			d := asked(t, registry.GenAI, 1, registry.Staged)
			for i := range d.Facts.Evidence {
				d.Facts.Evidence[i].Parts = d.Facts.Version.Parts()
			}
			approve(t, d, outsider)
			if d.Standings(noon).Have.Count != 1 || d.State != Open {
				t.Fatalf("the approval does not stand: %+v", d.Standings(noon))
			}
			read := d.CurrentDigest(noon)
			r := d.Facts.Version.Release
			r.Prompts = append([]registry.Prompt(nil), r.Prompts...)
			tt.change(&r)
			d.Facts.Version.Release = r

			if d.CurrentDigest(noon) == read {
				t.Error("the digest that approvals are bound to is the same")
			}
			if tally := d.Standings(noon); tally.Have.Count != 0 || len(tally.Void) != 1 {
				t.Errorf("the approval still stands: %+v", tally)
			}
			if why := d.Barred(d.Reviews[0], noon); !strings.HasPrefix(why, tt.says) {
				t.Errorf("the approval is void because %q", why)
			}
			for _, key := range []string{"release_evaluation", "fairness", "security_review", "rollout_evidence"} {
				c, _ := check(d.Gate(noon), key)
				if c.Outcome != Fail || !strings.Contains(c.Fact, tt.says+" since it was recorded") {
					t.Errorf("%s: %s, %q", key, c.Outcome, c.Fact)
				}
			}
			err := d.Review(risk, Approve, read, "", noon)
			if err == nil {
				t.Error("an approval of what was read before is taken")
			}
		})
	}
}

// A run of another suite version is not the run that the release asks for.
func TestTheGateAsksForARunOfTheReleasesOwnSuite(t *testing.T) {
	f := complete(registry.GenAI, 2, registry.Registered)
	f.Evidence[0].SuiteSHA256 = strings.Repeat("f", 64)
	c, _ := check(GateTo(&f, registry.Validated, policy(t, "standard"), noon), "release_evaluation")
	if c.Outcome != Fail || !strings.Contains(c.Fact, "another suite") {
		t.Errorf("%s, %q", c.Outcome, c.Fact)
	}
	f.Evidence[0].SuiteSHA256, f.Evidence[0].Outcome = f.Version.Release.EvaluationSuite.SHA256, evidence.Failed
	c, _ = check(GateTo(&f, registry.Validated, policy(t, "standard"), noon), "release_evaluation")
	if c.Outcome != Fail {
		t.Errorf("a failed run passes: %s", c.Outcome)
	}
}
