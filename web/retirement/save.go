package retirement

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// saved is what a section's form sends besides its inputs.
type saved struct {
	Revision int64  `form:"revision"`
	Was      string `form:"was"`
	Then     string `form:"then"`   // continue or list
	Add      string `form:"add"`    // a list to add a row to
	Remove   string `form:"remove"` // a row to take away, "steps[2]"
}

// Save keeps one section, or draws it again with one row more or less.
func (h Handlers) Save(c echo.Context) error {
	var in saved
	values, decodeErr := form.Decode(c, &in)
	if decodeErr != nil && !fault.Is(decodeErr, fault.Invalid) {
		return decodeErr
	}
	key, view, err := h.section(c)
	if err != nil {
		return err
	}
	t := read(key, view.Plan.Body, values)
	if in.Add != "" || in.Remove != "" {
		return h.drawRows(c, view, t, in)
	}
	if !t.problems.Any() && decodeErr == nil {
		t.compact() // with problems, rows stay where the sentences say they are
	}
	t.problems.Merge("", inSection(key, decodeErr))
	if err := h.check(c.Request().Context(), view, t, in.Then == "continue"); err != nil {
		return h.refuse(c, view, t, in, err)
	}
	if err := h.keep(c.Request().Context(), auth.Actor(c), view, t, in); err != nil {
		return h.refuse(c, view, t, in, err)
	}
	s, _ := retirement.FindSection(key)
	return respond.SeeOther(c, next(view.Context.Model.Slug, key, in.Then), said("%s saved.", s.Title))
}

// inSection leaves out what strangers send beside the section's inputs.
func inSection(key string, err error) error {
	f, bad := fault.As(err)
	if !bad {
		return nil
	}
	var p fault.Problems
	for _, x := range f.Problems {
		if retirement.SectionOf(x.Field) == key {
			p.Add(x.Field, x.Sentence)
		}
	}
	return p.Err()
}

// check refuses what cannot be kept and, from whoever says that the section is done, what is missing.
func (h Handlers) check(ctx context.Context, view store.PlanView, t *typed, done bool) error {
	if t.problems.Any() {
		return t.problems.Err()
	}
	if err := retirement.CheckSection(t.key, t.body); err != nil || !done {
		return err
	}
	world, err := h.Store.PlanContext(ctx, view.Context.Model, t.body, h.Policy)
	if err != nil {
		return err
	}
	return retirement.CompleteSection(t.key, t.body, world, day.Of(h.Clock()))
}

// keep saves the section. Somebody else's change of another section is no conflict: then the form was
// made from what still stands in this one, and it is saved on top.
func (h Handlers) keep(ctx context.Context, actor org.Actor, view store.PlanView, t *typed, in saved) error {
	revision := in.Revision
	if revision < 1 {
		revision = -1 // none that was ever given out
	}
	var err error
	for range 3 {
		_, err = h.Store.ChangePlan(ctx, view.Context.Model.Slug, revision, h.Policy,
			func(p *retirement.Plan, world retirement.Context, now time.Time) error {
				return p.EditSection(actor, t.key, t.body, world, now)
			})
		if !fault.Is(err, fault.Stale) {
			return err
		}
		current, loadErr := h.Store.Plan(ctx, view.Context.Model.Slug, h.Policy)
		if loadErr != nil {
			return loadErr
		}
		if current.Plan == nil || was(current.Plan, t.key) != in.Was {
			return err
		}
		revision = current.Plan.Revision
	}
	return err
}

// drawRows draws the form again with a row more or less. Nothing is saved.
func (h Handlers) drawRows(c echo.Context, view store.PlanView, t *typed, in saved) error {
	v := h.editView(view, t.key)
	v.Revision, v.Was = in.Revision, in.Was
	if in.Add != "" {
		t.problems = fault.Problems{} // half a form is not judged
		v.Focus = t.add(in.Add)
	} else {
		t.remove(in.Remove)
		t.problems = fault.Problems{}
	}
	v.Typed, v.Problems = t.inputs, t.problems.List()
	return h.drawEdit(c, http.StatusOK, v)
}

// refuse draws the form again with what was typed and why it was not kept.
func (h Handlers) refuse(c echo.Context, view store.PlanView, t *typed, in saved, why error) error {
	f, status, ok := respond.Fault(why)
	if !ok {
		return why
	}
	current, err := h.Store.Plan(c.Request().Context(), view.Context.Model.Slug, h.Policy)
	if err != nil {
		return err
	}
	if current.Plan == nil {
		return noPlan()
	}
	v := h.editView(current, t.key)
	v.Typed = t.inputs
	switch {
	case f.Kind == fault.Stale:
		if v.Conflict, err = h.conflict(c, current, t); err != nil {
			return err
		}
	case f.Kind == fault.Invalid:
		v.Refused, v.Problems = true, atInputs(f.Problems, t.inputs)
		v.Revision, v.Was = in.Revision, in.Was
	default:
		v.Refusal = f.Sentence
		v.Revision, v.Was = in.Revision, in.Was
	}
	return h.drawEdit(c, status, v)
}

// conflict sets what was typed beside what somebody else saved in the meantime.
func (h Handlers) conflict(c echo.Context, current store.PlanView, t *typed) (*views.Conflict, error) {
	ctx := c.Request().Context()
	people, err := h.Store.PeopleByID(ctx, peopleIn(t.inputs, current.Plan.Body))
	if err != nil {
		return nil, err
	}
	out := &views.Conflict{}
	theirs := inputsOf(current.Plan.Body, t.key)
	for _, name := range union(t.body, current.Plan.Body, t.key) {
		if t.inputs[name] != theirs[name] && applies(name, t.inputs.Get) {
			out.Clashes = append(out.Clashes, ui.Clash{Label: views.Label(name),
				Yours: views.Shown(name, t.inputs[name], people), Theirs: views.Shown(name, theirs[name], people)})
		}
	}
	events, err := h.Store.Events(ctx, store.EventFilter{Model: current.Plan.ModelID, Kind: "plan", Subject: current.Plan.ID}, 1)
	if err != nil {
		return nil, err
	}
	if len(events) == 1 {
		out.Who, out.When = events[0].Actor, events[0].At
	}
	return out, nil
}

// union are the inputs of either side, in the order of the form.
func union(a, b retirement.Body, key string) []string {
	seen := map[string]bool{}
	var out []string
	for _, body := range []retirement.Body{a, b} {
		for _, x := range flatten(body, key) {
			if !seen[x.name] {
				seen[x.name] = true
				out = append(out, x.name)
			}
		}
	}
	return out
}

func peopleIn(inputs views.Typed, body retirement.Body) []int64 {
	p := body.People
	ids := []int64{p.Owner, p.Deputy, p.CutoverLead, p.DataSteward}
	for _, role := range []string{"owner", "deputy", "cutover_lead", "data_steward"} {
		if n, err := strconv.ParseInt(inputs["people."+role], 10, 64); err == nil {
			ids = append(ids, n)
		}
	}
	return ids
}

// next is where somebody goes after saving: on to the following section, or back to the list.
func next(slug, key, then string) string {
	i := place(key) + 1
	if then != "continue" || i >= len(retirement.Sections) {
		return link.Retirement(slug)
	}
	return link.RetirementSection(slug, retirement.Sections[i].Key)
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }
