package retirement

import (
	"fmt"
	"slices"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
)

// MostExtensions is how often the end of one retirement may be moved.
const MostExtensions = 2

// Extension is a later end that somebody asked for. It counts once somebody above has agreed.
type Extension struct {
	From      day.Day   `json:"from"`
	To        day.Day   `json:"to"`
	Reason    string    `json:"reason"`
	ByID      int64     `json:"by_id"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
	Granted   bool      `json:"granted,omitempty"`
	DecidedID int64     `json:"decided_id,omitempty"`
	Decided   string    `json:"decided,omitempty"`
	DecidedAt time.Time `json:"decided_at,omitzero"`
	Note      string    `json:"note,omitempty"`
}

// Pending reports whether nobody has decided yet.
func (e Extension) Pending() bool { return e.DecidedID == 0 }

// Emergency is an order to stop at once, and the review that it owes.
type Emergency struct {
	Reason    string    `json:"reason"`
	ByID      int64     `json:"by_id"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
	From      Phase     `json:"from"`
	DueAt     time.Time `json:"due_at"`
	SettledID int64     `json:"settled_id,omitempty"`
	Settled   string    `json:"settled,omitempty"`
	SettledAt time.Time `json:"settled_at,omitzero"`
	Right     bool      `json:"right,omitempty"` // the reviewer's verdict
	Finding   string    `json:"finding,omitempty"`
}

// Owes reports whether the review is still to be given.
func (e *Emergency) Owes() bool { return e != nil && e.SettledID == 0 }

// PendingExtension is the extension that waits for a decision.
func (w *Workflow) PendingExtension() (Extension, bool) {
	if n := len(w.Extensions); n > 0 && w.Extensions[n-1].Pending() {
		return w.Extensions[n-1], true
	}
	return Extension{}, false
}

// Extended counts the extensions that were granted.
func (w *Workflow) Extended() int {
	n := 0
	for _, e := range w.Extensions {
		if e.Granted {
			n++
		}
	}
	return n
}

// AskExtension asks for a later end. It may not be past the vendor's.
func (w *Workflow) AskExtension(a org.Actor, to day.Day, reason string, c *World) error {
	if err := w.mustLead(a, c); err != nil {
		return err
	}
	if w.Kind != Ending {
		return fault.New(fault.Conflict, "Only a retirement has an end to move.")
	}
	if err := w.mustBeIn(Triggered, Announced, DualRun, Cutover, Drain); err != nil {
		return err
	}
	if _, waits := w.PendingExtension(); waits {
		return fault.New(fault.Conflict, "An extension already waits for a decision.")
	}
	if w.Extended() >= MostExtensions {
		return fault.Newf(fault.Conflict, "This retirement was extended %d times, which is the most there is.", MostExtensions)
	}
	reason, err := required("reason", reason, "Give the reason.")
	var p fault.Problems
	p.Merge("", err)
	on, bad := day.Parse(string(to))
	end := w.vendorEnd(c)
	switch {
	case bad != nil:
		p.Add("to", "Write the date as year-month-day, like 2027-03-31.")
	case !on.Known():
		p.Add("to", "Say until when.")
	case !on.After(w.EndsOn), on.Before(c.Today()):
		p.Addf("to", "Choose a day after %s.", max(w.EndsOn, c.Today()).Human())
	case end.Known() && on.After(end):
		p.Addf("to", "The vendor ends the model on %s. Not after that.", end.Human())
	}
	if p.Any() {
		return p.Err()
	}
	w.Extensions = append(w.Extensions, Extension{From: w.EndsOn, To: on, Reason: reason, ByID: a.ID, By: a.Name, At: c.Now})
	w.note("retirement.extension_asked", c, map[string]any{"ends_on": w.EndsOn}, map[string]any{"ends_on": on, "reason": reason})
	return nil
}

// DecideExtension grants or refuses it, one level up: a reviewer, for tier 1 a risk reviewer or
// leadership, and never who asked or who carries the model.
func (w *Workflow) DecideExtension(a org.Actor, grant bool, note string, c *World) error {
	if d := w.MayDecideExtension(a, c); !d.Allowed {
		return fault.New(fault.Forbidden, d.Reason)
	}
	if _, waits := w.PendingExtension(); !waits {
		return fault.New(fault.Conflict, "No extension waits for a decision.")
	}
	if err := w.mustBeIn(Triggered, Announced, DualRun, Cutover, Drain); err != nil {
		return err
	}
	e := &w.Extensions[len(w.Extensions)-1]
	if end := w.vendorEnd(c); grant && end.Known() && e.To.After(end) {
		return fault.Newf(fault.Conflict, "The vendor now ends the model on %s, before the day asked for.", end.Human())
	}
	if !grant {
		var err error
		if note, err = required("note", note, "Say why not."); err != nil {
			return err
		}
	}
	var p fault.Problems
	if checkText(&p, "note", note, 2000); p.Any() {
		return p.Err()
	}
	e.DecidedID, e.Decided, e.DecidedAt, e.Note, e.Granted = a.ID, a.Name, c.Now, note, grant
	before := map[string]any{"ends_on": w.EndsOn}
	if grant {
		w.EndsOn = e.To
	}
	w.note("retirement.extension_decided", c, before, map[string]any{"granted": grant, "ends_on": w.EndsOn, "note": note})
	return nil
}

// MayDecideExtension says who is one level up.
func (w *Workflow) MayDecideExtension(a org.Actor, c *World) org.Decision {
	if e, waits := w.PendingExtension(); waits && e.ByID == a.ID {
		return org.Decision{Reason: "You asked for this. Somebody else decides."}
	}
	return w.mayDecideAbove(a, c)
}

// mayDecideAbove is for decisions over the heads of those who carry the model.
func (w *Workflow) mayDecideAbove(a org.Actor, c *World) org.Decision {
	if d := mayHand(a); !d.Allowed {
		return d
	}
	p := w.Plan.People
	switch {
	case slices.Contains([]int64{p.Owner, p.Deputy, p.CutoverLead, c.Model.OwnerID, c.Model.DeputyID}, a.ID):
		return org.Decision{Reason: "You carry this retirement. Somebody above decides."}
	case a.IsToken() && !org.May(a, org.Decide, c.Model.TeamID).Allowed:
		return org.Decision{Reason: "A person decides."}
	case w.Tier == 1 && !a.Has(org.RiskReviewer, org.Leadership):
		return org.Decision{Reason: "The model is of tier 1: a risk reviewer or leadership decides."}
	case !a.Has(org.Reviewer, org.RiskReviewer, org.Leadership):
		return org.Decision{Reason: "Only reviewers and leadership decide this."}
	}
	return org.Decision{Allowed: true}
}

// RollBack lets the old version stay: from the beginning of the cutover until the rollback window ends.
func (w *Workflow) RollBack(a org.Actor, reason string, c *World) error {
	if err := w.mustLead(a, c); err != nil {
		return err
	}
	if w.Kind != Ending {
		return fault.New(fault.Conflict, "A version that was superseded returns by a rollback request.")
	}
	if err := w.mustBeIn(DualRun, Cutover, Drain, RollbackWindow); err != nil {
		return err
	}
	if ends := w.WindowEnds(); ends.Known() && ends.Before(c.Today()) {
		return fault.Newf(fault.Conflict, "The rollback window ended on %s.", ends.Human())
	}
	return w.call(RolledBack, a, reason, c)
}

// Abort calls the retirement off while no traffic has moved.
func (w *Workflow) Abort(a org.Actor, reason string, c *World) error {
	if err := w.mustLead(a, c); err != nil {
		return err
	}
	if w.Kind == Superseding {
		return fault.New(fault.Conflict, "A superseding is not called off. Roll the version back instead.")
	}
	phases := []Phase{Triggered, Announced, DualRun}
	if w.Kind == Rehearsal {
		phases = running
	}
	if slices.Contains([]Phase{Cutover, Drain, RollbackWindow}, w.Phase) && w.Kind == Ending {
		return fault.New(fault.Conflict, "Traffic has begun to move. Roll back instead.")
	}
	if err := w.mustBeIn(phases...); err != nil {
		return err
	}
	return w.call(Aborted, a, reason, c)
}

func (w *Workflow) call(to Phase, a org.Actor, reason string, c *World) error {
	reason, err := required("reason", reason, "Give the reason.")
	if err != nil {
		return err
	}
	w.EndReason = reason
	w.enter(to, a, reason, c)
	return nil
}

// Order is the emergency: the version stops serving at once, whatever the phase. What consumers, dual run
// and window were for is skipped, and a review of that is owed. The data's protections stay.
func (w *Workflow) Order(a org.Actor, reason string, c *World) error {
	if d := w.MayOrder(a, c); !d.Allowed {
		return fault.New(fault.Forbidden, d.Reason)
	}
	if w.Kind != Ending {
		return fault.New(fault.Conflict, "Only a retirement is made an emergency.")
	}
	if err := w.mustBeIn(Triggered, Announced, DualRun, Cutover, Drain, RollbackWindow); err != nil {
		return err
	}
	reason, err := required("reason", reason, "Say what the emergency is.")
	if err != nil {
		return err
	}
	w.Emergency = &Emergency{Reason: reason, ByID: a.ID, By: a.Name, At: c.Now, From: w.Phase,
		DueAt: c.Now.Add(time.Duration(c.BreakGlassHours) * time.Hour)}
	if n := len(w.Extensions); n > 0 && w.Extensions[n-1].Pending() {
		w.Extensions = w.Extensions[:n-1] // nothing is left to extend
	}
	w.note("retirement.emergency", c, map[string]any{"phase": w.Phase}, map[string]any{"reason": reason, "review_due": w.Emergency.DueAt})
	to := Disabled
	if w.Depth == Light {
		to = Disposition
	}
	w.disable(to, a, "Emergency: "+reason, c)
	return nil
}

// MayOrder says who may stop a model at once: the roles that may break glass.
func (w *Workflow) MayOrder(a org.Actor, c *World) org.Decision {
	if d := mayHand(a); !d.Allowed {
		return d
	}
	if a.IsToken() || !a.Has(c.BreakGlass...) {
		return org.Decision{Reason: "Only the roles that the policy names may order an emergency."}
	}
	return org.Decision{Allowed: true}
}

// SettleDebt records the review that an emergency owes.
func (w *Workflow) SettleDebt(a org.Actor, right bool, finding string, c *World) error {
	if d := w.MaySettleDebt(a, c); !d.Allowed {
		return fault.New(fault.Forbidden, d.Reason)
	}
	if !w.Emergency.Owes() {
		return fault.New(fault.Conflict, "No review is owed.")
	}
	if err := w.mustBeIn(Disabled, Disposition); err != nil {
		return err
	}
	finding, err := required("finding", finding, "Say what you found.")
	if err != nil {
		return err
	}
	e := w.Emergency
	e.SettledID, e.Settled, e.SettledAt, e.Right, e.Finding = a.ID, a.Name, c.Now, right, finding
	w.note("retirement.debt_settled", c, nil, map[string]any{"right": right, "finding": finding})
	return nil
}

// MaySettleDebt says who may review an emergency: a reviewer, never who ordered it or carries the model.
func (w *Workflow) MaySettleDebt(a org.Actor, c *World) org.Decision {
	if w.Emergency != nil && w.Emergency.ByID == a.ID {
		return org.Decision{Reason: "You ordered this. Somebody else reviews it."}
	}
	if d := org.May(a, org.Decide, c.Model.TeamID); !d.Allowed || a.ID == 0 {
		return org.Decision{Reason: "Only reviewers and risk reviewers decide."}
	}
	if slices.Contains([]int64{w.Plan.People.Owner, w.Plan.People.CutoverLead, c.Model.OwnerID}, a.ID) {
		return org.Decision{Reason: "You carry this retirement. Somebody else reviews it."}
	}
	return org.Decision{Allowed: true}
}

// disable ends the serving and enters the phase that follows.
func (w *Workflow) disable(to Phase, a org.Actor, note string, c *World) {
	w.DisabledAt = c.Now
	served := c.Version != nil && c.Serving != nil && c.Serving.Until.IsZero()
	c.stop()
	w.enter(to, a, note, c)
	if served {
		w.Note("version.disabled", c.Version.Subject(c.Model.Slug), map[string]any{"stage": "production"},
			map[string]any{"stage": c.Version.Stage, "by": fmt.Sprintf("retirement %d", w.Number)})
	}
}

func (w *Workflow) vendorEnd(c *World) day.Day {
	ctx := c.context()
	return ctx.vendorEnd(w.Plan)
}
