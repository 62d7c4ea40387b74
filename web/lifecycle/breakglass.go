package lifecycle

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/lifecycle"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/web/form"
	"sundial/web/respond"
)

// AskBreakGlass explains what breaking glass means, and asks.
func (h Handlers) AskBreakGlass(c echo.Context) error {
	return h.drawBreakGlass(c, http.StatusOK, views.FormView{})
}

// BreakGlass promotes at once. Typing the model's short name keeps it from being a slip of the hand.
func (h Handlers) BreakGlass(c echo.Context) error {
	slug, label, err := versionIn(c)
	if err != nil {
		return err
	}
	var in struct {
		Reason  string `form:"reason" is:"text"`
		Confirm string `form:"confirm"`
	}
	values, err := form.Decode(c, &in)
	if err == nil && in.Confirm != slug {
		err = fault.At("confirm", "Type "+slug+" to show that you mean this model.")
	}
	var d *lifecycle.Dossier
	if err == nil {
		d, err = h.Store.BreakGlass(c.Request().Context(), slug, label, h.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.BreakGlass(actorOf(c), registry.Production, in.Reason, now)
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.drawBreakGlass(c, status, refused(values, f, "reason", "confirm"))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Request(d.ID), label+" is in production. A review is owed by "+ui.FormatTime(d.DebtDueAt)+".")
}

func (h Handlers) drawBreakGlass(c echo.Context, status int, shown views.FormView) error {
	d, err := h.prospect(c)
	if err != nil {
		return err
	}
	f, now := &d.Facts, h.now()
	if may := d.Policy.MayBreakGlass(actorOf(c)); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	outlook, err := d.Outlook(registry.Production, now)
	if err != nil {
		if shown.Fault != nil {
			return shown.Fault
		}
		return err
	}
	open, err := h.openRequest(c.Request().Context(), f.Version.ID)
	if err != nil {
		return err
	}
	gate := lifecycle.GateTo(f, registry.Production, d.Policy, now)
	view := views.BreakGlassView{FormView: shown, Model: f.Model, Version: f.Version, Hours: d.Policy.BreakGlassHours,
		Iron: views.NewGateView("", gate.IronRed(), f.Model.Slug, f.Version.Label, true, now).Red,
		Red:  views.NewGateView("", softRed(outlook.Gate), f.Model.Slug, f.Version.Label, true, now)}
	if n := len(gate.IronRed()); n > 0 {
		view.Reason = "What holds even now does not pass."
	}
	if open != nil {
		view.Pending = open.ID
	}
	if f.Serving != nil {
		view.Serving = f.Serving.Version.Label
	}
	p := respond.Props(c, "Break glass for "+f.Model.Name+" "+f.Version.Label)
	p.Error = shown.Fault != nil
	p.Crumbs = crumbs(f.Model, f.Version.Label, ui.Crumb{Label: "Break glass"})
	return respond.HTML(c, status, views.BreakGlass(p, view))
}

// softRed are the failing checks that broken glass goes past.
func softRed(g lifecycle.Gate) []lifecycle.Check {
	var out []lifecycle.Check
	for _, c := range g.Red() {
		if !c.Iron {
			out = append(out, c)
		}
	}
	return out
}
