package retirement

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// mostEvents and mostVersions bound what the page looks back at.
const (
	mostEvents   = 200
	mostVersions = 50
)

// Show is the page of a model's plan, whatever state it is in.
func (h Handlers) Show(c echo.Context) error {
	view, err := h.load(c)
	if err != nil {
		return err
	}
	v, err := h.planView(c, view)
	if err != nil {
		return err
	}
	if c.QueryParam("check") != "" && view.Plan != nil && writable(view.Plan) {
		v.Refusals = refusals(retirement.Complete(view.Plan.Body, view.Context, v.Today))
	}
	return draw(c, http.StatusOK, v)
}

// Number is one number of the plan as it was kept, to read and to print.
func (h Handlers) Number(c echo.Context) error {
	slug, err := form.Param(c, "model")
	if err != nil {
		return err
	}
	n, err := form.ID(c, "number")
	if err != nil || n > 1_000_000 {
		return noPlan()
	}
	ctx := c.Request().Context()
	view, err := h.Store.Plan(ctx, slug, h.Policy)
	if err != nil {
		return err
	}
	plan, world, err := h.Store.PlanNumber(ctx, slug, int(n), h.Policy)
	if err != nil {
		return err
	}
	v := views.PlanView{Model: world.Model, Plan: plan, InForce: view.InForce, People: world.People,
		Today: day.Of(h.Clock()), Now: h.Clock(), Only: true}
	if plan.State == retirement.Approved {
		v.Findings = retirement.Stale(plan, world, v.Today)
	}
	return draw(c, http.StatusOK, v)
}

func draw(c echo.Context, status int, v views.PlanView) error {
	p := frame(c, v.Model, "Retirement plan", status >= http.StatusBadRequest)
	if v.Only {
		p.Crumbs = append(p.Crumbs, ui.Crumb{Label: "Retirement plan", Href: link.Retirement(v.Model.Slug)},
			ui.Crumb{Label: "Plan " + strconv.Itoa(v.Plan.Number)})
	} else {
		p.Crumbs = append(p.Crumbs, ui.Crumb{Label: "Retirement plan"})
	}
	return respond.HTML(c, status, views.Plan(p, v))
}

// planView gathers what the page shows of a plan and what this person may do with it.
func (h Handlers) planView(c echo.Context, view store.PlanView) (views.PlanView, error) {
	actor, world := auth.Actor(c), view.Context
	v := views.PlanView{
		Model: world.Model, Plan: view.Plan, InForce: view.InForce, People: world.People,
		Today: day.Of(h.Clock()), Now: h.Clock(),
		MayWrite: retirement.MayWrite(actor, world.Model), MayConfirm: retirement.MayConfirm(actor, world),
	}
	if v.MayWrite.Allowed && (view.Plan == nil || writable(view.Plan)) {
		var err error
		if v.Templates, err = h.offered(c.Request().Context(), world.Model.Kind); err != nil {
			return v, err
		}
		v.Template = c.QueryParam("template")
	}
	if view.Plan == nil {
		return v, nil
	}
	v.Runway = view.Plan.Body.Runway(world)
	v.MayReview = view.Plan.MayReview(actor, world)
	if writable(view.Plan) {
		v.Tasks = tasks(view, v.Today)
		v.Open = retirement.Unfinished(view.Plan.Body, world, v.Today)
	}
	if view.InForce != nil {
		state, err := h.Store.CriterionState(c.Request().Context(), world.Model.ID)
		if err != nil {
			return v, err
		}
		if state.PlanID == view.InForce.ID && state.Criterion != "" {
			v.Standing = &views.StandingView{MetAt: state.MetAt, Sentence: state.Standing.Sentence}
		}
		v.Findings = retirement.Stale(view.InForce, view.InForceContext, v.Today)
		if view.Plan.State == retirement.Submitted {
			v.Changes = changes(view)
		}
	}
	var err error
	if v.Confirm, err = h.unconfirmed(c.Request().Context(), view); err != nil {
		return v, err
	}
	v.History, err = h.history(c.Request().Context(), world.Model)
	return v, err
}

// tasks are the sections of a draft and how far they are.
func tasks(view store.PlanView, today day.Day) []ui.Task {
	p, world := view.Plan, view.Context
	out := make([]ui.Task, 0, len(retirement.Sections))
	for _, s := range retirement.Sections {
		task := ui.Task{Label: s.Title, Hint: s.Help, Href: link.RetirementSection(world.Model.Slug, s.Key)}
		switch status := p.Body.Status(s.Key, world, today); {
		case status == retirement.Completed:
			task.Status = ui.TaskComplete
		case status == retirement.NeedsAttention:
			task.Status = ui.TaskAttention
		case status == retirement.InProgress:
			task.Status = ui.TaskInProgress
		case !retirement.Required(s.Key, world.Depth):
			task.Status = ui.TaskOptional
		default:
			task.Status = ui.TaskNotStarted
		}
		out = append(out, task)
	}
	return out
}

// refusals puts the problems of a plan under their sections.
func refusals(err error) []views.Refusals {
	f, bad := fault.As(err)
	if !bad {
		return nil
	}
	var out []views.Refusals
	for _, s := range retirement.Sections {
		r := views.Refusals{Section: s}
		for _, p := range f.Problems {
			if retirement.SectionOf(p.Field) == s.Key {
				r.Problems = append(r.Problems, p)
			}
		}
		if len(r.Problems) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// unconfirmed is the newest version, on its way to production, that came after the plan in force was
// last read by somebody; "" when there is none.
func (h Handlers) unconfirmed(ctx context.Context, view store.PlanView) (string, error) {
	if view.InForce == nil {
		return "", nil
	}
	versions, err := h.Store.Versions(ctx, view.Context.Model.ID, 0, mostVersions)
	if err != nil {
		return "", err
	}
	for _, version := range versions {
		if version.Stage == registry.Retired {
			continue
		}
		if retirement.ConfirmedFor(view.InForce, version.BuiltAt) {
			return "", nil // older ones were there already
		}
		return version.Label, nil
	}
	return "", nil
}

// changes lists the fields in which the number in review differs from the one in force.
func changes(view store.PlanView) []ui.DiffRow {
	people := map[int64]org.Person{}
	for _, world := range []retirement.Context{view.InForceContext, view.Context} {
		for id, p := range world.People {
			people[id] = p
		}
	}
	var out []ui.DiffRow
	for _, s := range retirement.Sections {
		before, after := inputsOf(view.InForce.Body, s.Key), inputsOf(view.Plan.Body, s.Key)
		group := s.Title
		for _, name := range union(view.InForce.Body, view.Plan.Body, s.Key) {
			if before[name] == after[name] {
				continue
			}
			out = append(out, ui.DiffRow{Group: group, Field: views.Label(name),
				Before: views.Shown(name, before[name], people), After: views.Shown(name, after[name], people)})
			group = ""
		}
	}
	return out
}
