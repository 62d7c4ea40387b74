package lifecycle

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/lifecycle"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web/form"
	"sundial/web/respond"
)

const mostWaivers = 200

// NewWaiver shows the form that asks for a check to be set aside.
func (h Handlers) NewWaiver(c echo.Context) error {
	q := form.ReadQuery(c)
	shown := views.FormView{}
	if key := q.Text("check"); key != "" {
		shown.Typed = map[string]string{"check": key}
	}
	if err := q.Err(); err != nil {
		return err
	}
	return h.drawNewWaiver(c, http.StatusOK, shown)
}

// AskWaiver asks for it.
func (h Handlers) AskWaiver(c echo.Context) error {
	slug, label, err := versionIn(c)
	if err != nil {
		return err
	}
	var in struct {
		Check  string  `form:"check"`
		Reason string  `form:"reason" is:"text"`
		Until  day.Day `form:"until"`
	}
	values, err := form.Decode(c, &in)
	var w lifecycle.Waiver
	if err == nil {
		w, err = h.Store.AskWaiver(c.Request().Context(), slug, label, h.Policy, func(f *lifecycle.Facts, now time.Time) (*lifecycle.Waiver, error) {
			return lifecycle.AskWaiver(actorOf(c), f, h.Policy, in.Check, in.Reason, in.Until, now)
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.drawNewWaiver(c, status, refused(values, f, "check", "reason", "until"))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Waiver(w.ID), "Asked. Somebody else decides.")
}

func (h Handlers) drawNewWaiver(c echo.Context, status int, shown views.FormView) error {
	d, err := h.prospect(c)
	if err != nil {
		return err
	}
	f, now := &d.Facts, h.now()
	view := views.WaiverFormView{FormView: shown, Model: f.Model, Version: f.Version, Checks: lifecycle.Waivable(f, d.Policy, now),
		MaxDays: d.Policy.WaiverDays, Latest: string(day.Of(now).Add(d.Policy.WaiverDays)), Reason: reasonOf(lifecycle.MayAskWaiver(actorOf(c), f))}
	if f.Version.Stage == registry.Retired {
		view.Checks = nil
	}
	p := respond.Props(c, "Ask for a waiver for "+f.Model.Name+" "+f.Version.Label)
	p.Error = shown.Fault != nil
	p.Crumbs = crumbs(f.Model, f.Version.Label, ui.Crumb{Label: "Ask for a waiver"})
	return respond.HTML(c, status, views.AskWaiver(p, view))
}

// Waivers lists what waits for a decision.
func (h Handlers) Waivers(c echo.Context) error {
	rows, err := h.Store.AskedWaivers(c.Request().Context(), mostWaivers)
	if err != nil {
		return err
	}
	view := views.WaiversView{Now: h.now()}
	for _, r := range rows {
		view.Rows = append(view.Rows, views.WaiverRow{Waiver: r.Waiver, Title: lifecycle.CheckTitle(r.Waiver.Key), Model: r.Model, Slug: r.Slug, Version: r.Version})
	}
	p := respond.Props(c, "Waivers that wait")
	p.Crumbs = []ui.Crumb{{Label: "Requests", Href: link.Requests()}, {Label: "Waivers"}}
	return respond.HTML(c, http.StatusOK, views.Waivers(p, view))
}

// Waiver is one waiver.
func (h Handlers) Waiver(c echo.Context) error {
	return h.drawWaiver(c, http.StatusOK, views.FormView{})
}

// DecideWaiver grants or refuses it.
func (h Handlers) DecideWaiver(c echo.Context) error {
	id, err := form.ID(c, "waiver")
	if err != nil {
		return err
	}
	var in struct {
		Decision string `form:"decision"`
		Note     string `form:"note" is:"text"`
	}
	values, err := form.Decode(c, &in)
	if err == nil && in.Decision != "grant" && in.Decision != "refuse" {
		err = fault.New(fault.Invalid, "Choose to grant or to refuse.")
	}
	var w lifecycle.Waiver
	if err == nil {
		w, err = h.Store.ChangeWaiver(c.Request().Context(), id, h.Policy, func(w *lifecycle.Waiver, f *lifecycle.Facts, now time.Time) error {
			return w.Decide(actorOf(c), f, in.Decision == "grant", in.Note, now)
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.drawWaiver(c, status, refused(values, f, "note"))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Waiver(id), "The waiver is "+string(w.State)+".")
}

func (h Handlers) drawWaiver(c echo.Context, status int, shown views.FormView) error {
	id, err := form.ID(c, "waiver")
	if err != nil {
		return err
	}
	w, f, err := h.Store.Waiver(c.Request().Context(), id, h.Policy)
	if err != nil {
		return err
	}
	now := h.now()
	view := views.WaiverView{FormView: shown, Row: waiverRow(w, &f, now), Now: now}
	if may := w.MayDecideWaiver(actorOf(c), &f); !may.Allowed {
		view.Reason = may.Reason
	} else if day.Of(now) > w.Until {
		view.Past = "Its end date is past."
	}
	checks := lifecycle.GateTo(&f, registry.Production, h.Policy, now).Checks
	if i := slices.IndexFunc(checks, func(x lifecycle.Check) bool { return x.Key == w.Key }); i >= 0 {
		view.Check = &checks[i]
	}
	p := respond.Props(c, "Waiver for "+f.Model.Name+" "+f.Version.Label)
	p.Error = shown.Fault != nil
	p.Crumbs = crumbs(f.Model, f.Version.Label, ui.Crumb{Label: "Waiver"})
	return respond.HTML(c, status, views.Waiver(p, view))
}

// reviews says whether this person decides at all, whatever the record.
func reviews(a org.Actor) bool { return org.May(a, org.Decide, 0).Allowed }
