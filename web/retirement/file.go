package retirement

import (
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/web/respond"
)

// File files a model's first plan, or copies the decided one into its next number, and fills what is empty in
// it from a template where one is chosen.
func (h Handlers) File(c echo.Context) error {
	var in struct {
		Template string `form:"template"`
	}
	slug, err := h.read(c, &in)
	if err != nil {
		return err
	}
	actor, ctx := auth.Actor(c), c.Request().Context()
	var from retirement.Template
	if in.Template != "" {
		if from, err = h.chosen(ctx, in.Template); err != nil {
			return h.refused(c, slug, err)
		}
	}
	view, err := h.Store.FilePlan(ctx, slug, h.Policy, func(v store.PlanView, now time.Time) (*retirement.Plan, error) {
		p, err := begin(actor, v, now)
		if err == nil && from.Slug != "" {
			err = p.FillFrom(actor, from, v.Context, now)
		}
		return p, err
	})
	if err != nil {
		return h.refused(c, slug, err)
	}
	return respond.SeeOther(c, link.Retirement(slug), said("Plan %d is open. Fill in its sections in any order.", view.Plan.Number))
}

func begin(actor org.Actor, v store.PlanView, now time.Time) (*retirement.Plan, error) {
	if v.Plan == nil {
		return retirement.NewPlan(v.Context.Model, actor, now)
	}
	return v.Plan.NextDraft(actor, v.Context, now)
}

// refused draws the plan's page as it stands now, with why an act on it was refused.
func (h Handlers) refused(c echo.Context, slug string, why error) error {
	f, status, ok := respond.Fault(why)
	if !ok {
		return why
	}
	view, err := h.Store.Plan(c.Request().Context(), slug, h.Policy)
	if err != nil {
		return err
	}
	v, err := h.planView(c, view)
	if err != nil {
		return err
	}
	v.Fault = f
	return draw(c, status, v)
}
