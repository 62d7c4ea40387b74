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
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web/form"
	"sundial/web/respond"
)

type moveForm struct {
	To     string `form:"to"`
	Reason string `form:"reason" is:"text"`
}

// NewMove shows the form that asks for another stage.
func (h Handlers) NewMove(c echo.Context) error {
	q := form.ReadQuery(c)
	to := registry.Stage(q.Text("to"))
	if err := q.Err(); err != nil {
		return err
	}
	return h.drawMove(c, http.StatusOK, to, views.FormView{})
}

// Propose asks for another stage. Where no review is asked, the version moves at once.
func (h Handlers) Propose(c echo.Context) error {
	slug, label, err := versionIn(c)
	if err != nil {
		return err
	}
	var in moveForm
	values, err := form.Decode(c, &in)
	var d *lifecycle.Dossier
	if err == nil {
		d, err = h.Store.OpenRequest(c.Request().Context(), slug, label, h.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Propose(actorOf(c), registry.Stage(in.To), in.Reason, now)
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.drawMove(c, status, registry.Stage(in.To), refused(values, f, "reason", "to"))
	}
	if err != nil {
		return err
	}
	if d.State == lifecycle.Applied {
		return respond.SeeOther(c, link.Version(slug, label), label+" is "+string(d.To)+" now.")
	}
	return respond.SeeOther(c, link.Request(d.ID), "Asked. It waits for "+d.Needs().Words()+".")
}

func (h Handlers) drawMove(c echo.Context, status int, to registry.Stage, shown views.FormView) error {
	d, err := h.prospect(c)
	if err != nil {
		return err
	}
	f, now := &d.Facts, h.now()
	if to == "" {
		to = lifecycle.NextStage(f.Version.Stage)
	}
	outlook, err := d.Outlook(to, now)
	if err != nil {
		if shown.Fault != nil {
			return shown.Fault // the refusal of what was sent says it better
		}
		return err
	}
	open, err := h.openRequest(c.Request().Context(), f.Version.ID)
	if err != nil {
		return err
	}
	view := views.MoveView{FormView: shown, Model: f.Model, Version: f.Version, To: to, Move: outlook.Move, Needs: outlook.Needs, WindowDays: d.Policy.RollbackDays,
		Gate:   views.NewGateView("Gate to "+string(to), outlook.Gate.Checks, f.Model.Slug, f.Version.Label, true, now),
		Reason: moveReason(d.MayPropose(actorOf(c), to, now), open), Earlier: earlier(f.Version.Stage)}
	view.Gate.Unread = true
	if f.Serving != nil && f.Serving.Version.ID != f.Version.ID {
		view.Serving = f.Serving.Version.Label
	}
	p := respond.Props(c, "Move "+f.Model.Name+" "+f.Version.Label)
	p.Error = shown.Fault != nil
	p.Crumbs = crumbs(f.Model, f.Version.Label, ui.Crumb{Label: "To " + string(to)})
	return respond.HTML(c, status, views.Move(p, view))
}

func earlier(s registry.Stage) []registry.Stage {
	if s.Rank() < 0 || s == registry.Retired {
		return nil
	}
	return registry.Stages[:s.Rank()]
}

// Rollback leads to the request that brings the version before the present one back.
func (h Handlers) Rollback(c echo.Context) error {
	slug, err := form.Param(c, "model")
	if err != nil {
		return err
	}
	serving, _, err := h.Store.ProductionAt(c.Request().Context(), slug, time.Time{})
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil {
		if _, err := h.Store.Model(c.Request().Context(), slug); err != nil {
			return err
		}
		return fault.New(fault.Conflict, "Nothing of this model is in production, so there is nothing to roll back from.")
	}
	if serving.Returnable == "" {
		return fault.Newf(fault.Conflict, "No earlier version of %s is inside its rollback window. Promote one the usual way.", serving.Model)
	}
	return c.Redirect(http.StatusSeeOther, link.NewTransition(slug, serving.Returnable, string(registry.Production)))
}

type reasonForm struct {
	Reason string `form:"reason" is:"text"`
}

// AskClose asks before a version ends that never served.
func (h Handlers) AskClose(c echo.Context) error {
	return h.drawClose(c, http.StatusOK, views.FormView{})
}

// Close ends it.
func (h Handlers) Close(c echo.Context) error {
	slug, label, err := versionIn(c)
	if err != nil {
		return err
	}
	var in reasonForm
	values, err := form.Decode(c, &in)
	if err == nil {
		_, err = h.Store.ChangeVersion(c.Request().Context(), slug, label, 0, func(m *registry.Model, v *registry.Version) error {
			return lifecycle.CloseVersion(actorOf(c), m, v, in.Reason, h.now())
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.drawClose(c, status, refused(values, f, "reason"))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Version(slug, label), label+" is closed.")
}

func (h Handlers) drawClose(c echo.Context, status int, shown views.FormView) error {
	d, err := h.prospect(c)
	if err != nil {
		return err
	}
	f := d.Facts
	may := org.May(actorOf(c), org.Edit, f.Model.TeamID)
	if may.Allowed {
		may = lifecycle.MayClose(&f.Version, h.now())
	}
	p := respond.Props(c, "Close "+f.Model.Name+" "+f.Version.Label)
	p.Error = shown.Fault != nil
	p.Crumbs = crumbs(f.Model, f.Version.Label, ui.Crumb{Label: "Close"})
	return respond.HTML(c, status, views.Close(p, views.CloseView{FormView: shown, Model: f.Model, Version: f.Version, Reason: reasonOf(may)}))
}
