package retirement

import (
	"slices"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
)

// StepDone is a step of the plan's cutover that somebody did.
type StepDone struct {
	Order int       `json:"order"`
	ByID  int64     `json:"by_id"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	Note  string    `json:"note,omitempty"`
}

// DrainDays is for how many days nobody may ask the old version before it counts as left.
const DrainDays = 7

// StepsInOrder are the plan's steps in the order in which they are done.
func (w *Workflow) StepsInOrder() []Step {
	steps := slices.Clone(w.Plan.Steps)
	slices.SortStableFunc(steps, func(a, b Step) int { return a.Order - b.Order })
	return steps
}

// Done is the record of a step, if it was done.
func (w *Workflow) Done(order int) (StepDone, bool) {
	i := slices.IndexFunc(w.Steps, func(s StepDone) bool { return s.Order == order })
	if i < 0 {
		return StepDone{}, false
	}
	return w.Steps[i], true
}

// DueOn is the day by which a step is done: counted back from the day the model is gone, leaving the
// rollback window, the days of draining and what the later steps take.
func (w *Workflow) DueOn(order int) day.Day {
	if !w.EndsOn.Known() {
		return ""
	}
	due := w.EndsOn.Add(-w.Plan.Rollback.WindowDays - DrainDays)
	steps := w.StepsInOrder()
	for i := len(steps) - 1; i >= 0 && steps[i].Order != order; i-- {
		due = due.Add(-steps[i].ExpectedDays - steps[i].DualRunDays)
	}
	return due
}

// CompleteStep records that a step was done. Steps are done in order: what a later one rests on is there.
func (w *Workflow) CompleteStep(a org.Actor, order int, note string, c *World) error {
	step, err := w.stepOf(a, order, c)
	if err != nil {
		return err
	}
	if _, done := w.Done(order); done {
		return fault.New(fault.Conflict, "This step is done already.")
	}
	for _, s := range w.StepsInOrder() {
		if _, done := w.Done(s.Order); s.Order < order && !done {
			return fault.Newf(fault.Conflict, "“%s” comes first.", s.Title)
		}
	}
	note = strings.TrimSpace(note)
	var p fault.Problems
	if checkText(&p, "note", note, 2000); p.Any() {
		return p.Err()
	}
	w.Steps = append(w.Steps, StepDone{Order: order, ByID: a.ID, By: a.Name, At: c.Now, Note: note})
	w.note("retirement.step_done", c, nil, map[string]any{"step": step.Title, "order": order, "note": note})
	return nil
}

// UndoStep takes a step back, where the plan says that it can be.
func (w *Workflow) UndoStep(a org.Actor, order int, reason string, c *World) error {
	step, err := w.stepOf(a, order, c)
	if err != nil {
		return err
	}
	if _, done := w.Done(order); !done {
		return fault.New(fault.Conflict, "This step was not done yet.")
	}
	if !step.Reversible {
		return fault.New(fault.Conflict, "The plan says that this step cannot be taken back.")
	}
	for _, s := range w.Steps {
		if s.Order > order {
			return fault.New(fault.Conflict, "A later step rests on this one. Take that back first.")
		}
	}
	reason, err = required("reason", reason, "Say why it is taken back.")
	if err != nil {
		return err
	}
	w.Steps = slices.DeleteFunc(w.Steps, func(s StepDone) bool { return s.Order == order })
	w.note("retirement.step_undone", c, map[string]any{"step": step.Title, "order": order}, map[string]any{"reason": reason})
	return nil
}

func (w *Workflow) stepOf(a org.Actor, order int, c *World) (Step, error) {
	if err := w.mustWork(a, c); err != nil {
		return Step{}, err
	}
	phases := []Phase{DualRun, Cutover}
	if w.Depth == Light {
		phases = []Phase{Cutover}
	}
	if err := w.mustBeIn(phases...); err != nil {
		return Step{}, err
	}
	i := slices.IndexFunc(w.Plan.Steps, func(s Step) bool { return s.Order == order })
	if i < 0 {
		return Step{}, fault.New(fault.NotFound, "The plan has no such step.")
	}
	return w.Plan.Steps[i], nil
}
