package retirement

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Workflow is the page of a model's retirement as it goes, or of one that came before by its number.
func (h Handlers) Workflow(c echo.Context) error {
	slug, err := form.Param(c, "model")
	if err != nil {
		return err
	}
	n := 0
	if c.Param("number") != "" {
		id, err := form.ID(c, "number")
		if err != nil || id > 1_000_000 {
			return fault.New(fault.NotFound, "This model has no such retirement.")
		}
		n = int(id)
	}
	view, err := h.Store.Retirement(c.Request().Context(), slug, n, h.Policy)
	if err != nil {
		return err
	}
	return h.drawWorkflow(c, http.StatusOK, view, nil)
}

func (h Handlers) drawWorkflow(c echo.Context, status int, view store.RetirementView, f *fault.Fault) error {
	v := h.workflowView(c, view)
	v.Fault = f
	var err error
	if view.Workflow != nil {
		if v.History, err = h.workflowHistory(c, view); err != nil {
			return err
		}
	}
	p := frame(c, view.World.Model, "Retirement", f != nil)
	p.Crumbs = append(p.Crumbs, ui.Crumb{Label: "Retirement plan", Href: link.Retirement(view.World.Model.Slug)}, ui.Crumb{Label: "Retirement"})
	return respond.HTML(c, status, views.Workflow(p, v))
}

// workflowView gathers what the page shows and what this person may do.
func (h Handlers) workflowView(c echo.Context, view store.RetirementView) views.WorkflowView {
	a, w, world := auth.Actor(c), view.Workflow, view.World
	v := views.WorkflowView{Model: world.Model, Workflow: w, World: world, Now: h.Clock(), Today: world.Today(), Me: a.ID,
		HasPlan: view.Start.Plan != nil, MayTrigger: retirement.MayBegin(a, retirement.Ending, view.Start, world),
		MayRehearse: retirement.MayBegin(a, retirement.Rehearsal, view.Start, world)}
	if w == nil {
		return v
	}
	v.Conditions = w.Conditions(world)
	v.MayAdvance, v.MayLead, v.MayWork, v.MayVouch = w.MayAdvance(a, world), w.MayLead(a, world), w.MayWork(a, world), w.MayVouch(a, world)
	v.MayOverrule, v.MayOrder = w.MayOverrule(a, world), w.MayOrder(a, world)
	v.MayExtend, v.MaySettle = w.MayDecideExtension(a, world), w.MaySettleDebt(a, world)
	return v
}

// workflowHistory tells what happened to a workflow, newest first.
func (h Handlers) workflowHistory(c echo.Context, view store.RetirementView) ([]ui.TimelineEvent, error) {
	events, err := h.Store.Events(c.Request().Context(), store.EventFilter{Kind: "retirement", Subject: view.Workflow.ID}, mostEvents)
	if err != nil {
		return nil, err
	}
	out := make([]ui.TimelineEvent, 0, len(events))
	for _, e := range events {
		out = append(out, views.Told(e.Verb, e.Actor, e.Sentence(), e.After, e.At))
	}
	return out, nil
}

// Ask is the form of an act.
func (h Handlers) Ask(act string) echo.HandlerFunc {
	return func(c echo.Context) error {
		slug, err := form.Param(c, "model")
		if err != nil {
			return err
		}
		view, err := h.Store.Retirement(c.Request().Context(), slug, 0, h.Policy)
		if err != nil {
			return err
		}
		v := views.ActView{WorkflowView: h.workflowView(c, view), Act: act, Key: c.QueryParam("key"), Typed: map[string]string{}}
		if why := v.Refusal(); why != "" {
			return fault.New(fault.Forbidden, why)
		}
		if v.Nowhere() {
			return fault.New(fault.NotFound, "This retirement has no such consumer.")
		}
		return h.drawAct(c, http.StatusOK, v)
	}
}

func (h Handlers) drawAct(c echo.Context, status int, v views.ActView) error {
	title := views.ActTitle(v.Act)
	p := frame(c, v.Model, title, status >= http.StatusBadRequest)
	p.Crumbs = append(p.Crumbs, ui.Crumb{Label: "Retirement", Href: link.Workflow(v.Model.Slug)}, ui.Crumb{Label: title})
	return respond.HTML(c, status, views.Act(p, v))
}

// Do carries an act out.
func (h Handlers) Do(act string) echo.HandlerFunc {
	return func(c echo.Context) error {
		slug, err := form.Param(c, "model")
		if err != nil {
			return err
		}
		var in sent
		values, err := form.Decode(c, &in)
		if err != nil && !fault.Is(err, fault.Invalid) {
			return err
		}
		var view store.RetirementView
		if err == nil {
			view, err = h.carryOut(c, slug, act, in)
		}
		if err != nil {
			return h.notDone(c, slug, act, values, err)
		}
		return respond.SeeOther(c, link.Workflow(slug), outcome(act, view.Workflow))
	}
}

func (h Handlers) carryOut(c echo.Context, slug, act string, in sent) (store.RetirementView, error) {
	ctx, a := c.Request().Context(), auth.Actor(c)
	if kind, begins := beginnings[act]; begins {
		return h.Store.BeginRetirement(ctx, slug, h.Policy, func(s retirement.Start, world *retirement.World) (*retirement.Workflow, error) {
			return retirement.Begin(a, kind, retirement.Cause{Kind: "person", Sentence: in.Reason}, s, world)
		})
	}
	return h.Store.ChangeRetirement(ctx, slug, 0, 0, h.Policy, func(w *retirement.Workflow, world *retirement.World) error {
		return deeds[act](w, a, in, world)
	})
}

// notDone shows why: at the form that was sent, or on the page for acts that are one button there.
func (h Handlers) notDone(c echo.Context, slug, act string, values form.Values, why error) error {
	f, status, ok := respond.Fault(why)
	if !ok {
		return why
	}
	view, err := h.Store.Retirement(c.Request().Context(), slug, 0, h.Policy)
	if err != nil {
		return err
	}
	v := views.ActView{WorkflowView: h.workflowView(c, view), Act: act, Key: values.Get("key"), Typed: map[string]string{}, Problems: f.Problems}
	if views.OneButton(act) || v.Refusal() != "" || v.Nowhere() {
		return h.drawWorkflow(c, status, view, f)
	}
	if len(f.Problems) == 0 || f.Kind != fault.Invalid {
		v.Problems = ui.Problems{{Sentence: f.Sentence}}
	}
	for _, name := range views.ActInputs {
		v.Typed[name] = values.Get(name)
	}
	return h.drawAct(c, status, v)
}
