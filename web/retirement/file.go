package retirement

import (
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// File files a model's first plan, or copies the decided one into its next number.
func (h Handlers) File(c echo.Context) error {
	slug, err := form.Param(c, "model")
	if err != nil {
		return err
	}
	actor := auth.Actor(c)
	view, err := h.Store.FilePlan(c.Request().Context(), slug, h.Policy, func(v store.PlanView, now time.Time) (*retirement.Plan, error) {
		if v.Plan == nil {
			return retirement.NewPlan(v.Context.Model, actor, now)
		}
		return v.Plan.NextDraft(actor, v.Context, now)
	})
	if err != nil {
		return h.refused(c, slug, err)
	}
	return respond.SeeOther(c, link.Retirement(slug), said("Plan %d is open. Fill in its sections in any order.", view.Plan.Number))
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
