package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sundial/models/evidence"
	"sundial/models/registry"
	"sundial/models/retirement"
)

var validationChecks = map[string]rule{
	"evaluation":         {registry.Validated, registry.Trained, "Held-out evaluation passed", "Results on data it was trained on say nothing.", "evidence", false, heldOut},
	"release_evaluation": {registry.Validated, registry.GenAI, "Evaluation suite passed for this release", "A changed prompt or model makes old results void.", "evidence", false, suitePassed},
	"fairness": {registry.Validated, "", "Fairness and safety check passed", "People whom the model treats worse will not file a ticket.", "evidence", false,
		func(f *Facts, p Policy, now time.Time) answer {
			return shown(f, p, now, "fairness or safety check", evidence.Fairness)
		}},
	"security_review": {registry.Validated, "", "Security review passed", "Models leak data and take orders from strangers.", "evidence", false,
		func(f *Facts, p Policy, now time.Time) answer {
			return shown(f, p, now, "security review", evidence.SecurityReview)
		}},
}

// shown asks for standing evidence of one of the kinds.
func shown(f *Facts, p Policy, now time.Time, what string, kinds ...evidence.Kind) answer {
	e, stands, reason, found := f.newest(p, now, kinds...)
	switch {
	case !found:
		return unknown("No " + what + " is on record.")
	case !stands:
		return fail("The latest " + what + " does not count. " + reason).since(e.RecordedAt)
	}
	if len(e.Metrics) > 0 {
		return pass("Passed: "+measured(e)+".", e.RecordedAt)
	}
	return pass("A passed "+what+" is on record.", e.RecordedAt)
}

func heldOut(f *Facts, p Policy, now time.Time) answer {
	e, stands, reason, found := f.newest(p, now, evidence.Evaluation)
	switch {
	case !found:
		return unknown("No evaluation is on record.")
	case !stands:
		return fail("The latest evaluation does not count. " + reason).since(e.RecordedAt)
	case len(e.Metrics) == 0:
		return fail("The latest evaluation names no metric with a threshold.").since(e.RecordedAt)
	case e.DatasetDigest == "":
		return unknown("The latest evaluation does not say which data it ran on.").since(e.RecordedAt)
	}
	trainedOn := func(d registry.Dataset) bool {
		return d.Role != "test" && evidence.SameDigest(d.Digest, e.DatasetDigest)
	}
	if slices.ContainsFunc(f.Version.Lineage.Datasets, trainedOn) {
		return fail("The evaluation ran on data that the version was trained on.").since(e.RecordedAt)
	}
	return pass("On data it was not trained on: "+measured(e)+".", e.RecordedAt)
}

// measured are the metrics of a result, the first few of many.
func measured(e evidence.Evidence) string {
	const most = 3
	var parts []string
	for _, m := range e.Metrics[:min(len(e.Metrics), most)] {
		parts = append(parts, fmt.Sprintf("%s %g (%s %g)", m.Name, m.Value, m.Operator, m.Threshold))
	}
	if more := len(e.Metrics) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(parts, ", ")
}

func suitePassed(f *Facts, p Policy, now time.Time) answer {
	e, stands, reason, found := f.newest(p, now, evidence.Evaluation)
	suite := f.Version.Release.EvaluationSuite
	switch {
	case !found:
		return unknown("No evaluation is on record.")
	case !stands:
		return fail("The latest evaluation does not count. " + reason).since(e.RecordedAt)
	case len(e.Metrics) == 0:
		return fail("The latest evaluation names no metric with a threshold.").since(e.RecordedAt)
	case suite.SHA256 == "":
		return fail("The release names no evaluation suite with its hash.")
	case e.SuiteSHA256 == "":
		return unknown("The latest evaluation does not say which suite it ran.").since(e.RecordedAt)
	case !evidence.SameDigest(suite.SHA256, e.SuiteSHA256):
		return fail("The latest evaluation ran another suite than the release names.").since(e.RecordedAt)
	}
	return pass("For exactly this release: "+measured(e)+".", e.RecordedAt)
}

var stagingChecks = map[string]rule{
	"sla": {registry.Staged, "", "SLA is set", "Without a promise nobody can say that it is broken.", "model", true,
		func(f *Facts, _ Policy, _ time.Time) answer {
			if !f.Model.SLA.Set() {
				return fail("Neither availability, latency nor quality is promised.")
			}
			return pass("An SLA is on record.", f.Model.UpdatedAt)
		}},
	"rollback_target": {registry.Staged, "", "Rollback target is named", "At three in the morning nobody should have to choose.", "version", false, rollbackTarget},
	"rollout_plan": {registry.Staged, "", "Shadow or canary plan is stated", "New versions meet real traffic step by step.", "version", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			if strings.TrimSpace(f.Version.RolloutPlan) == "" {
				return fail("No shadow or canary plan is on record.")
			}
			return pass("A plan is on record.", f.Version.UpdatedAt)
		}},
}

// rollbackTarget accepts another version of the model, or "none: REASON" for the first of its kind.
func rollbackTarget(f *Facts, _ Policy, _ time.Time) answer {
	t := strings.TrimSpace(f.Version.RollbackTarget)
	switch reason, none := strings.CutPrefix(t, "none:"); {
	case t == "":
		return fail("No rollback target is named.")
	case none && len(strings.TrimSpace(reason)) >= 5:
		return pass("None, because: "+strings.TrimSpace(reason), f.Version.UpdatedAt)
	case t == f.Version.Label:
		return fail("A version cannot roll back to itself.")
	case !slices.Contains(f.Labels, t) && f.Version.Stage == registry.Production:
		// What served before retires by itself once its rollback window is over.
		return pass("It was "+t+" until its rollback window ended.", f.Version.StageSince)
	case !slices.Contains(f.Labels, t):
		return fail(t + " is not a live version of this model.")
	}
	return pass("Back to "+t+".", f.Version.UpdatedAt)
}

var productionChecks = map[string]rule{
	"rollout_evidence": {registry.Production, "", "Shadow or canary ran well", "The last chance to fail where nobody is hurt.", "evidence", false,
		func(f *Facts, p Policy, now time.Time) answer {
			return shown(f, p, now, "shadow or canary run", evidence.Shadow, evidence.Canary)
		}},
	"monitoring": {registry.Production, "", "Drift, quality and cost are monitored", "Models decay quietly.", "version", false, monitored},
	"consumers": {registry.Production, "", "Consumers are known", "Whoever depends on it must hear when it changes or ends.", "consumers", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			if n := len(f.Model.Consumers); n > 0 {
				return pass(count(n, "consumer")+" declared.", f.Model.UpdatedAt)
			}
			if strings.TrimSpace(f.Model.NoConsumersReason) != "" {
				return pass("No consumers: "+f.Model.NoConsumersReason, f.Model.UpdatedAt)
			}
			return fail("No consumers are declared, nor why there are none.")
		}},
	"vendor_end": {registry.Production, registry.GenAI, "Vendor end of life leaves time", "The vendor's date does not wait for your cutover.", "vendor", false, vendorEnd},
	"plan":       {registry.Production, "", "An approved, living retirement plan", "No plan, no production.", "plan", true, livingPlan},
}

func monitored(f *Facts, _ Policy, _ time.Time) answer {
	m := f.Version.Monitoring
	var missing []string
	for _, part := range []struct{ name, where string }{{"drift", m.Drift}, {"quality", m.Quality}, {"cost", m.Cost}} {
		if f.Model.Kind == registry.GenAI && part.name == "drift" {
			continue
		}
		if strings.TrimSpace(part.where) == "" {
			missing = append(missing, part.name)
		}
	}
	if len(missing) > 0 {
		return fail("Not set up: " + strings.Join(missing, ", ") + ".")
	}
	return pass("Set up.", f.Version.UpdatedAt)
}

func livingPlan(f *Facts, _ Policy, _ time.Time) answer {
	p := f.Plan.Plan
	switch {
	case p == nil && f.Plan.DraftState != "":
		return fail("The retirement plan is " + strings.ReplaceAll(f.Plan.DraftState, "_", " ") + ", not approved.")
	case p == nil:
		return fail("No retirement plan is on file.")
	case len(f.Plan.Findings) > 0:
		return fail("The plan is stale. " + f.Plan.Findings[0].Sentence).since(p.ApprovedAt)
	case !retirement.ConfirmedFor(p, f.Version.BuiltAt):
		return fail("The plan has not been confirmed since this version was made.").since(p.ApprovedAt)
	}
	return pass("Approved and living.", p.ApprovedAt)
}
