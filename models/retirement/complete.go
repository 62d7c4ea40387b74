package retirement

import (
	"fmt"
	"slices"
	"strings"
)

func (c *inspector) trigger() {
	t := c.Trigger
	c.chosen("trigger.kind", string(t.Kind), "Choose what would end this model.")
	c.needFull("trigger.explanation", t.Explanation, "Explain in a sentence why this ends the model.")
	if t.Criterion.Given() {
		c.criterion(t.Criterion)
	}
	switch {
	case t.Criterion.Given() && t.Date.Known():
		c.wrong("trigger.date", "Give a criterion or a date, not both.")
	case !t.Criterion.Given() && !t.Date.Known():
		c.missing("trigger.criterion.metric", "Give a criterion that can be measured, or a date.")
	case t.Date.Before(c.today):
		c.wrong("trigger.date", "%s is past.", t.Date.Human())
	case t.Date.After(c.ctx.vendorEnd(c.Body)):
		c.wrong("trigger.date", "The vendor ends the model on %s, before this date.", c.ctx.vendorEnd(c.Body).Human())
	case t.Date.After(c.Dates.Deprecation):
		c.wrong("trigger.date", "The model is to be gone on %s, before this date.", c.Dates.Deprecation.Human())
	}
}

func (c *inspector) criterion(k Criterion) {
	c.need("trigger.criterion.metric", k.Metric, "Name the metric.")
	c.chosen("trigger.criterion.operator", string(k.Operator), "Choose how the metric compares.")
	if k.Threshold == nil {
		c.missing("trigger.criterion.threshold", "Give the threshold as a number.")
	}
	c.needDays("trigger.criterion.window_days", k.WindowDays, "Say over how many days it is measured.")
	c.need("trigger.criterion.source", k.Source, "Name where the metric is reported.")
}

func (c *inspector) dates() {
	d, vendor := c.Dates, c.ctx.vendorEnd(c.Body)
	switch {
	case !d.Deprecation.Known():
		c.missing("dates.deprecation", "Say when the model is meant to be gone.")
	case d.Deprecation.Before(c.today):
		c.wrong("dates.deprecation", "%s is past.", d.Deprecation.Human())
	case d.Deprecation.After(vendor):
		c.wrong("dates.deprecation", "The vendor ends the model on %s, before this date.", vendor.Human())
	}
	switch {
	case !d.ReviewBy.Known():
		c.missing("dates.review_by", "Say until when the plan is looked at again.")
	case d.ReviewBy.Before(c.today):
		c.wrong("dates.review_by", "%s is past.", d.ReviewBy.Human())
	case d.ReviewBy.After(d.Deprecation):
		c.wrong("dates.review_by", "The plan must be looked at again before the model is gone on %s.", d.Deprecation.Human())
	}
	switch {
	case vendor.Before(c.today):
		c.wrong("dates.vendor_end", "The vendor's end date, %s, is past.", vendor.Human())
	case c.Trigger.Kind == VendorEndOfLife && !vendor.Known():
		c.missing("dates.vendor_end", "The trigger is the vendor's end of life: give its date.")
	}
}

func (c *inspector) candidate() {
	k := c.Candidate
	internal, vendor := k.Model != "" || k.Version != "", k.Host != "" || k.VendorID != ""
	switch {
	case k.None && (internal || vendor), internal && vendor:
		c.wrong("candidate.model", "Name one candidate only: a model, a vendor's release, or none.")
	case k.None:
		c.need("candidate.decision_goes_to", k.DecisionGoesTo, "Say who or what makes the decision once the model is gone.")
	case internal:
		c.need("candidate.model", k.Model, "Name the model this version belongs to.")
		c.replacement("candidate.model")
	case vendor:
		c.need("candidate.host", k.Host, "Name where the vendor's model is hosted.")
		c.need("candidate.vendor_id", k.VendorID, "Give the vendor's exact model id.")
		c.replacement("candidate.vendor_id")
	default:
		c.missing("candidate.model", "Name what takes over, or say that nothing does.")
	}
	if !k.None {
		c.equivalence(k.EquivalenceTests)
	}
}

// replacement looks at the facts about the named candidate; field is the input that names it.
func (c *inspector) replacement(field string) {
	if c.anyWrong() || len(c.found) > 0 {
		return // facts about half a name mean nothing
	}
	if trouble := candidateTrouble(c.Candidate, c.ctx); trouble != "" {
		c.wrong(field, "%s Name another candidate.", trouble)
	}
}

// candidateTrouble says why the candidate cannot take over, "" when it can.
func candidateTrouble(k Candidate, ctx Context) string {
	f, label := ctx.Candidate, ctx.Candidate.Label
	if label == "" {
		label = k.Label()
	}
	switch {
	case k.None:
		return ""
	case f.SameModel, k.Model != "" && strings.EqualFold(k.Model, ctx.Model.Slug):
		return "A model cannot replace itself."
	case f.BuiltOn:
		return fmt.Sprintf("The newest version is built on %s: name what follows it.", label)
	case !f.Found:
		return fmt.Sprintf("Sundial does not know %s.", label)
	case f.Retired:
		return fmt.Sprintf("%s is retired.", label)
	case f.Floating:
		return fmt.Sprintf("%s is a floating id, which may move to another model.", label)
	case !f.Alive:
		return fmt.Sprintf("%s is no longer alive.", label)
	}
	return ""
}

func (c *inspector) equivalence(tests []string) {
	const field, ask = "candidate.equivalence_tests", "Name the tests that show the candidate is as good, one a line."
	if len(tests) == 0 && c.ctx.Depth != Light {
		c.missing(field, ask)
	}
	for _, t := range tests {
		c.honest(field, t, ask)
	}
}

func (c *inspector) consumers() {
	list, reason := c.Consumers.List, c.Consumers.NoneReason
	switch {
	case len(list) == 0:
		c.need("consumers.none_reason", reason, "List the consumers, or say why there are none.")
	case reason != "":
		c.wrong("consumers.none_reason", "Consumers are listed and said not to exist. Keep one of the two.")
	}
	for i, x := range list {
		at := fmt.Sprintf("consumers.list[%d].", i)
		c.need(at+"name", x.Name, "Name the consumer.")
		c.need(at+"contact", x.Contact, "Say how the consumer is reached.")
		c.chosen(at+"criticality", x.Criticality, "Choose how much the consumer depends on the model.")
		c.need(at+"integration", x.Integration, "Say how the consumer calls the model.")
		c.needDays(at+"notice_days", x.NoticeDays, "Say how many days' notice the consumer gets.")
	}
	c.forgotten()
}

// forgotten names the consumers that the model declares and the plan leaves out.
func (c *inspector) forgotten() {
	if c.ctx.Depth == Light {
		return
	}
	for _, declared := range c.ctx.Model.Consumers {
		planned := false
		for _, x := range c.Consumers.List {
			planned = planned || fold(x.Name) == fold(declared.Name)
		}
		if !planned {
			c.wrong("consumers.list", "The model has a consumer that the plan leaves out: %s.", declared.Name)
		}
	}
}

func (c *inspector) steps() {
	if len(c.Steps) == 0 {
		c.missing("steps[0].title", "Describe at least one step of the cutover.")
		return
	}
	seen, moves := map[int]bool{}, false
	for i, s := range c.Steps {
		c.step(fmt.Sprintf("steps[%d].", i), s, seen)
		moves = moves || s.Mode != ""
	}
	if !moves {
		c.missing("steps[0].mode", "At least one step moves the traffic: choose how.")
	}
}

func (c *inspector) step(at string, s Step, seen map[int]bool) {
	switch {
	case s.Order < 1:
		c.missing(at+"order", "Number the step.")
	case seen[s.Order]:
		c.wrong(at+"order", "Another step has the number %d.", s.Order)
	}
	seen[s.Order] = true
	c.need(at+"title", s.Title, "Name the step.")
	c.need(at+"owner", s.Owner, "Name who does it.")
	if !slices.Contains([]string{"none", "nothing"}, fold(s.Precondition)) { // the first step often has none
		c.need(at+"precondition", s.Precondition, "Say what must be true before it begins, or “none”.")
	}
	c.need(at+"check", s.Check, "Say how one sees that it worked.")
	c.needDays(at+"expected_days", s.ExpectedDays, "Say how many days it takes.")
	if s.Mode == Shadow || s.Mode == Split {
		c.needDays(at+"dual_run_days", s.DualRunDays, "Say how many days both versions run.")
	}
}

func (c *inspector) rollback() {
	r := c.Rollback
	c.needDays("rollback.window_days", r.WindowDays, "Say for how many days the old version may return.")
	if r.CapacityHeldDays > 0 && r.WindowDays > r.CapacityHeldDays {
		c.wrong("rollback.window_days", "Old capacity is held for %s, so the window cannot be %s.",
			days(r.CapacityHeldDays), days(r.WindowDays))
	}
	c.needFull("rollback.decides", r.Decides, "Name who decides to roll back.")
	c.needFull("rollback.point_of_no_return", r.PointOfNoReturn, "Say after what there is no way back.")
	if c.ctx.Depth != Light {
		c.needDays("rollback.capacity_held_days", r.CapacityHeldDays, "Say for how many days the old capacity is held.")
	}
}

func (c *inspector) access() {
	if len(c.Access) == 0 {
		c.missing("access[0].what", "Name at least one key, endpoint or machine to release.")
	}
	for i, a := range c.Access {
		at := fmt.Sprintf("access[%d].", i)
		c.need(at+"what", a.What, "Name what is released.")
		c.need(at+"action", a.Action, "Say what is done with it.")
	}
}

func (c *inspector) archive() {
	if len(c.Archive) == 0 {
		c.missing("archive[0].what", "Name at least one piece of evidence to keep.")
	}
	for i, a := range c.Archive {
		at := fmt.Sprintf("archive[%d].", i)
		c.need(at+"what", a.What, "Name what is kept.")
		c.need(at+"where", a.Where, "Say where it is kept.")
		switch {
		case a.Years == 0 && !a.Until.Known():
			c.missing(at+"years", "Say for how many years, or until when.")
		case a.Years > 0 && a.Until.Known():
			c.wrong(at+"until", "Give a number of years or a day, not both.")
		case a.Until.Before(c.today):
			c.wrong(at+"until", "%s is past.", a.Until.Human())
		case a.Until.Before(c.Ends()):
			c.wrong(at+"until", "Evidence outlives the model, which is to be gone on %s.", c.Ends().Human())
		}
	}
}

func (c *inspector) people() {
	p := c.People
	c.person("people.owner", p.Owner, "Name the owner.")
	c.person("people.deputy", p.Deputy, "Name the deputy.")
	c.person("people.cutover_lead", p.CutoverLead, "Name who leads the cutover.")
	c.person("people.data_steward", p.DataSteward, "Name who answers for the data.")
	if p.Owner != 0 && p.Owner == p.Deputy {
		c.wrong("people.deputy", "The deputy is somebody else than the owner.")
	}
}

func (c *inspector) person(field string, id int64, sentence string) {
	switch p, known := c.ctx.People[id]; {
	case id == 0:
		c.missing(field, sentence)
	case !known:
		c.wrong(field, "Sundial does not know this person.")
	case !p.Active():
		c.wrong(field, "%s is no longer active.", c.ctx.name(id))
	}
}
