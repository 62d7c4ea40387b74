package retirement

import (
	"context"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/web/respond"
)

// Fill writes what a template says into the empty parts of a draft.
func (h Handlers) Fill(c echo.Context) error {
	var in struct {
		Template string `form:"template"`
	}
	slug, err := h.read(c, &in)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), auth.Actor(c)
	t, err := h.chosen(ctx, in.Template)
	if err == nil {
		_, err = h.Store.ChangePlan(ctx, slug, 0, h.Policy, func(p *retirement.Plan, world retirement.Context, now time.Time) error {
			return p.FillFrom(actor, t, world, now)
		})
	}
	if err != nil {
		return h.refused(c, slug, err)
	}
	return respond.SeeOther(c, link.Retirement(slug), said("Filled from %s. Replace what stands in [[double brackets]].", t.Name))
}

// chosen is the template that somebody chose.
func (h Handlers) chosen(ctx context.Context, slug string) (retirement.Template, error) {
	if strings.TrimSpace(slug) == "" {
		return retirement.Template{}, fault.At("template", "Choose a template.")
	}
	t, err := h.Store.PlanTemplate(ctx, slug)
	if fault.Is(err, fault.NotFound) {
		err = fault.At("template", "There is no such template. Choose another.")
	}
	return t, err
}

// offered are the templates for a kind of model.
func (h Handlers) offered(ctx context.Context, k registry.Kind) ([]ui.Option, error) {
	list, err := h.Store.PlanTemplates(ctx)
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	for _, t := range list {
		if t.Fits(k) {
			out = append(out, ui.Option{Value: t.Slug, Label: t.Name})
		}
	}
	return out, nil
}
