package retirement

import (
	"fmt"

	"sundial/models/day"
)

// Finding is one reason why a plan is no longer true, and what to do about it. Section is where it is mended.
type Finding struct {
	Key      string // candidate, criterion, owner, deputy, dates, review, approval
	Section  string
	Sentence string
	Mend     string
}

// Stale lists what is no longer true of a plan today; empty when it all still holds. It looks at what the
// world changed, not at what the plan lacks: that is Complete's, at submit.
func Stale(p *Plan, ctx Context, today day.Day) []Finding {
	var out []Finding
	add := func(key, section, sentence, mend string) {
		if sentence != "" {
			out = append(out, Finding{key, section, sentence, mend})
		}
	}
	add("candidate", "candidate", candidateTrouble(p.Body.Candidate, ctx), "Name another candidate in the plan's next version.")
	add("criterion", "trigger", criterionTrouble(p.Body.Trigger), "Mend the trigger in the plan's next version.")
	add("owner", "people", peopleTrouble("owner", ctx, p.Body.People.Owner, ctx.Model.OwnerID), "Name an active owner.")
	add("deputy", "people", peopleTrouble("deputy", ctx, p.Body.People.Deputy, ctx.Model.DeputyID), "Name an active deputy.")
	add("dates", "dates", datesTrouble(p.Body, ctx, today), "Set new dates in the plan's next version, or begin the retirement.")
	if by := p.Body.Dates.ReviewBy; by.Before(today) {
		add("review", "dates", fmt.Sprintf("The plan was to be looked at again by %s.", by.Human()),
			"Look through it and submit its next version with a new date.")
	}
	if m := ctx.Model; p.State == Approved && p.ApprovedBy != 0 && (p.ApprovedBy == m.OwnerID || p.ApprovedBy == m.DeputyID) {
		add("approval", "", "Who approved the plan answers for the model now.", "Submit its next version for somebody else's review.")
	}
	if p.State == Approved && p.ApprovedDigest != p.Digest() {
		add("approval", "", "The plan is not what was approved.", "Submit its next version for review.")
	}
	return out
}

// Living reports whether the plan counts: approved, and nothing about it is stale. No plan does not live.
func Living(p *Plan, ctx Context, today day.Day) bool {
	return p != nil && p.State == Approved && len(Stale(p, ctx, today)) == 0
}

func criterionTrouble(t Trigger) string {
	switch {
	case t.Criterion.Measurable(), !t.Criterion.Given() && t.Date.Known():
		return ""
	case t.Criterion.Given() && t.Criterion.Source == "":
		return "The replacement criterion names no source to read its metric from."
	case t.Criterion.Given():
		return "The replacement criterion cannot be evaluated."
	}
	return "The plan names neither a criterion nor a date."
}

// peopleTrouble looks at the person the plan names and at the one the model names now.
func peopleTrouble(role string, ctx Context, planned, present int64) string {
	switch {
	case planned == 0:
		return fmt.Sprintf("The plan names no %s.", role)
	case !ctx.People[planned].Active():
		return fmt.Sprintf("The plan's %s is no longer active: %s.", role, ctx.name(planned))
	case present != 0 && !ctx.People[present].Active():
		return fmt.Sprintf("The model's %s is no longer active: %s.", role, ctx.name(present))
	}
	return ""
}

func datesTrouble(b Body, ctx Context, today day.Day) string {
	vendor, ends := ctx.vendorEnd(b), b.Ends()
	switch {
	case b.Dates.Deprecation.Before(today):
		return fmt.Sprintf("The deprecation date, %s, is past.", b.Dates.Deprecation.Human())
	case b.Trigger.Date.Before(today):
		return fmt.Sprintf("The trigger's date, %s, is past.", b.Trigger.Date.Human())
	case vendor.Before(today):
		return fmt.Sprintf("The vendor ended the model on %s.", vendor.Human())
	case ends.After(vendor):
		return fmt.Sprintf("The vendor ends the model on %s, before the planned end on %s.", vendor.Human(), ends.Human())
	}
	return ""
}
