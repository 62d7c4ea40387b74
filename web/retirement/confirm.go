package retirement

import (
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/web/respond"
)

// Confirm says that the plan in force still holds for a new version.
func (h Handlers) Confirm(c echo.Context) error {
	var in struct {
		Version string `form:"version"`
	}
	slug, err := h.read(c, &in)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), auth.Actor(c)
	_, version, err := h.Store.Version(ctx, slug, in.Version)
	if fault.Is(err, fault.NotFound) || err == nil && version.Stage == registry.Retired {
		// The same words for a version that never was and one that is gone.
		err = fault.New(fault.Conflict, "This model has no live version of that name to confirm the plan for.")
	}
	if err == nil {
		_, err = h.Store.ChangePlanInForce(ctx, slug, h.Policy, func(p *retirement.Plan, world retirement.Context, now time.Time) error {
			return p.Confirm(actor, version.Label, world, now)
		})
	}
	if err != nil {
		return h.refused(c, slug, err)
	}
	return respond.SeeOther(c, link.Retirement(slug), said("The plan is confirmed for %s.", version.Label))
}
