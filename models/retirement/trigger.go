package retirement

import (
	"fmt"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// Start is what a workflow begins from: the plan in force, and the workflow of the model that runs, if any.
type Start struct {
	Plan    *Plan
	Running *Workflow
	Number  int // of the new workflow
}

// Begin triggers the retirement of a model, on a person's word or by itself. A plan that went stale still
// ends its model: what is stale shows as a blocker where it matters. Without an approved plan nothing begins.
func Begin(a org.Actor, kind WorkflowKind, cause Cause, s Start, c *World) (*Workflow, error) {
	w, err := prepare(kind, s, c)
	if err != nil {
		return nil, err
	}
	if err := w.mustLead(a, c); err != nil {
		return nil, err
	}
	if cause.Kind == "person" {
		if cause.Sentence, err = required("reason", cause.Sentence, "Say why the model ends now."); err != nil {
			return nil, err
		}
	}
	cause.ByID, cause.By, cause.At = a.ID, a.Name, c.Now
	w.Cause = cause
	w.Phase = w.Way()[0]
	w.History = []Passage{{To: w.Phase, At: c.Now, ByID: a.ID, By: a.Name, Note: cause.Sentence}}
	verb := "retirement.triggered"
	if kind == Rehearsal {
		verb = "retirement.rehearsal_begun"
	}
	w.note(verb, c, nil, map[string]any{"phase": w.Phase, "cause": cause.Sentence, "evidence": cause.Evidence, "ends_on": w.EndsOn, "plan": w.PlanNumber})
	return w, nil
}

// MayBegin says whether this person may begin it now, and why not.
func MayBegin(a org.Actor, kind WorkflowKind, s Start, c *World) org.Decision {
	w, err := prepare(kind, s, c)
	if err != nil {
		return org.Decision{Reason: err.Error()}
	}
	return w.MayLead(a, c)
}

func prepare(kind WorkflowKind, s Start, c *World) (*Workflow, error) {
	switch r := s.Running; {
	case r != nil && r.Kind == Rehearsal:
		return nil, fault.New(fault.Conflict, "A rehearsal of this plan is under way. Finish or abort it first.")
	case r != nil:
		return nil, fault.Newf(fault.Conflict, "The retirement of this model is under way: %s.", lower(r.Phase.Title()))
	case c.Model.Stage == registry.Retired:
		return nil, fault.New(fault.Conflict, "This model is retired.")
	case s.Plan == nil || s.Plan.State != Approved:
		return nil, fault.New(fault.Conflict, "A retirement begins from an approved plan. File one and have it reviewed.")
	case kind == Ending && c.Version == nil:
		return nil, fault.New(fault.Conflict, "Nothing of this model serves. Close its versions instead, with a reason.")
	}
	w := &Workflow{
		ModelID: c.Model.ID, Number: s.Number, Kind: kind, PhaseSince: c.Now, Depth: c.Depth, Tier: c.Model.Tier,
		PlanNumber: s.Plan.Number, PlanDigest: s.Plan.Digest(), Plan: s.Plan.Body.tidy(), EndsOn: s.Plan.Body.Ends(),
		CreatedAt: c.Now, UpdatedAt: c.Now,
	}
	if c.Version != nil {
		w.VersionID, w.VersionLabel = c.Version.ID, c.Version.Label
	}
	if !w.EndsOn.Known() || w.EndsOn.Before(c.Today()) {
		w.EndsOn = w.fallback(c)
	}
	return w, nil
}

// fallback is the end of a plan that named none, or one that is past: as soon as the plan's own times allow.
func (w *Workflow) fallback(c *World) day.Day {
	needs := LeastNoticeDays + DrainDays + w.Plan.Rollback.WindowDays
	for _, s := range w.Plan.Steps {
		needs += s.ExpectedDays + s.DualRunDays
	}
	end := c.Today().Add(needs)
	if vendor := w.vendorEnd(c); vendor.Known() && vendor.Before(end) && vendor.After(c.Today()) {
		return vendor
	}
	return end
}

// Due says whether a plan in force triggers its retirement by itself today, and why: its date has come,
// or the vendor's end has entered the runway of a plan that waits for it. That the replacement criterion
// holds is found where reports arrive.
func Due(p *Plan, ctx Context, today day.Day) (Cause, bool) {
	if p == nil || p.State != Approved {
		return Cause{}, false
	}
	b := p.Body
	if d := b.Trigger.Date; d.Known() && !d.After(today) {
		return Cause{Kind: "date", Sentence: fmt.Sprintf("The plan's date, %s, has come.", d.Human()), Evidence: "Plan " + fmt.Sprint(p.Number)}, true
	}
	vendor := ctx.vendorEnd(b)
	if b.Trigger.Kind != VendorEndOfLife || !vendor.Known() {
		return Cause{}, false
	}
	run := NewRunway(vendor, ctx.CutoverMedianDays, b.Rollback.WindowDays, ctx.ReviewDays)
	if run.LatestStart.After(today) {
		return Cause{}, false
	}
	return Cause{Kind: "vendor",
		Sentence: fmt.Sprintf("The vendor ends the model on %s, and replacing it takes %s.", vendor.Human(), days(run.NeedsDays)),
		Evidence: fmt.Sprintf("Latest start %s.", run.LatestStart.Human())}, true
}

// Supersede begins the lighter workflow of a version that another one of its model has replaced.
func Supersede(a org.Actor, old, by *registry.Version, number int, rollbackDays int, c *World) *Workflow {
	w := &Workflow{
		ModelID: c.Model.ID, VersionID: old.ID, VersionLabel: old.Label, Number: number, Kind: Superseding,
		Phase: Cutover, PhaseSince: c.Now, Depth: c.Depth, Tier: c.Model.Tier,
		Plan:      Body{Candidate: Candidate{Model: c.Model.Slug, Version: by.Label}, Rollback: Rollback{WindowDays: rollbackDays}},
		CutoverAt: c.Now, MovedAt: c.Now, CreatedAt: c.Now, UpdatedAt: c.Now,
		EndsOn: day.Of(c.Now).Add(rollbackDays),
		Cause:  Cause{Kind: "superseded", Sentence: fmt.Sprintf("%s took over from %s.", by.Label, old.Label), ByID: a.ID, By: a.Name, At: c.Now},
	}
	w.History = []Passage{{To: Cutover, At: c.Now, ByID: a.ID, By: a.Name, Note: w.Cause.Sentence}}
	w.note("superseding.begun", c, nil, map[string]any{"phase": Cutover, "old": old.Label, "new": by.Label})
	return w
}

// Returned ends the superseding of a version that serves again.
func (w *Workflow) Returned(a org.Actor, c *World) {
	w.EndReason = "The version serves again."
	w.enter(RolledBack, a, w.EndReason, c)
}
