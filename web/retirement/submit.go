package retirement

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	"sundial/models/fault"
	"sundial/models/retirement"
	"sundial/web/form"
	"sundial/web/respond"
)

// Submit hands the plan to the reviewers, or shows at every section what it was refused for.
func (h Handlers) Submit(c echo.Context) error {
	var in struct {
		Revision int64 `form:"revision"`
	}
	slug, err := h.read(c, &in)
	if err != nil {
		return err
	}
	actor := auth.Actor(c)
	view, err := h.Store.ChangePlan(c.Request().Context(), slug, max(in.Revision, 0), h.Policy,
		func(p *retirement.Plan, world retirement.Context, now time.Time) error {
			return p.Submit(actor, world, now)
		})
	if f, _ := fault.As(err); f != nil && f.Kind == fault.Invalid {
		v, viewErr := h.planView(c, view)
		if viewErr != nil {
			return viewErr
		}
		v.Refusals, v.Refused = refusals(f), true
		return draw(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return h.refused(c, slug, err)
	}
	return respond.SeeOther(c, link.Retirement(slug), said("Plan %d is in review.", view.Plan.Number))
}

// read takes a form about the plan of the model in the path.
func (h Handlers) read(c echo.Context, into any) (slug string, err error) {
	if slug, err = form.Param(c, "model"); err != nil {
		return "", err
	}
	_, err = form.Decode(c, into)
	return slug, err
}
