package lifecycle

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/lifecycle"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

type reviewForm struct {
	Verdict string `form:"verdict"`
	Digest  string `form:"digest"`
	Comment string `form:"comment" is:"text"`
	Read    string `form:"read"` // the last event that the reviewer's page showed
}

// Review approves, asks for changes or rejects, on the facts that the reviewer's page showed.
func (h Handlers) Review(c echo.Context) error {
	id, err := form.ID(c, "request")
	if err != nil {
		return err
	}
	var in reviewForm
	values, err := form.Decode(c, &in)
	var d *lifecycle.Dossier
	if err == nil {
		d, err = h.Store.ChangeDossier(c.Request().Context(), id, h.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Review(actorOf(c), lifecycle.Verdict(in.Verdict), in.Digest, in.Comment, now)
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		parts := dossierParts{decision: refused(values, f, "comment")}
		if f.Kind == fault.Stale {
			parts.decision.Fault = nil
			if parts.since, err = h.since(c.Request().Context(), id, in.Read); err != nil {
				return err
			}
		}
		return h.drawRequest(c, status, parts)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Request(id), reviewed(d, lifecycle.Verdict(in.Verdict), h.now()))
}

func reviewed(d *lifecycle.Dossier, v lifecycle.Verdict, now time.Time) string {
	switch {
	case d.State == lifecycle.Applied:
		return "Approved. " + d.Facts.Version.Label + " is " + string(d.To) + " now."
	case v == lifecycle.Approve:
		t := d.Standings(now)
		if len(t.Blocking) > 0 {
			return "Approved. It waits until the changes that were asked for are made."
		}
		return "Approved. It waits for more approvals."
	case v == lifecycle.Reject:
		return "Rejected."
	}
	return "Changes requested. Approvals do not count until the facts change."
}

// since tells what happened to a request's model after the reviewer's page was drawn.
func (h Handlers) since(ctx context.Context, id int64, read string) ([]ui.TimelineEvent, error) {
	out := []ui.TimelineEvent{}
	seq, err := strconv.ParseInt(read, 10, 64)
	if err != nil || seq <= 0 {
		return out, nil // a page that cannot say when it was drawn learns only that facts changed
	}
	d, err := h.Store.Dossier(ctx, id, h.Policy)
	if err != nil {
		return nil, err
	}
	events, err := h.Store.Events(ctx, store.EventFilter{Model: d.ModelID, After: seq}, mostStory)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		own := e.Subject.Kind == "request" && e.Subject.ID == id && e.Verb == "request.edited"
		other := e.Verb == "version.promoted" || e.Verb == "version.rolled_back_to" || e.Verb == "version.superseded" || e.Verb == "version.break_glass"
		if own || other || touches(e, d) {
			out = append(out, views.Tell(e, d.Facts.Model.Slug))
		}
	}
	return out, nil
}

// Comment adds to the conversation.
func (h Handlers) Comment(c echo.Context) error {
	id, err := form.ID(c, "request")
	if err != nil {
		return err
	}
	var in struct {
		Message string `form:"message" is:"text"`
	}
	values, err := form.Decode(c, &in)
	if err == nil {
		_, err = h.Store.ChangeDossier(c.Request().Context(), id, h.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Say(actorOf(c), in.Message, now)
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.drawRequest(c, status, dossierParts{talk: refused(values, f, "message")})
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Request(id)+"#talk", "Comment added.")
}

// Settle gives the review that a broken glass owes.
func (h Handlers) Settle(c echo.Context) error {
	id, err := form.ID(c, "request")
	if err != nil {
		return err
	}
	var in struct {
		Verdict string `form:"verdict"`
		Comment string `form:"comment" is:"text"`
	}
	values, err := form.Decode(c, &in)
	if err == nil {
		_, err = h.Store.ChangeDossier(c.Request().Context(), id, h.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Settle(actorOf(c), lifecycle.Verdict(in.Verdict), in.Comment, now)
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.drawRequest(c, status, dossierParts{decision: refused(values, f, "comment")})
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Request(id), "The review is given.")
}

// AskReason shows the form that rewords why a request was made.
func (h Handlers) AskReason(c echo.Context) error {
	return h.drawReason(c, http.StatusOK, views.FormView{})
}

// Reason rewords it.
func (h Handlers) Reason(c echo.Context) error {
	return h.act(c, h.drawReason, "The reason is reworded. Approvals of the old words are void.", func(d *lifecycle.Dossier, reason string, now time.Time) error {
		return d.EditReason(actorOf(c), reason, now)
	})
}

// AskWithdraw asks before a request is taken back.
func (h Handlers) AskWithdraw(c echo.Context) error {
	return h.drawWithdraw(c, http.StatusOK, views.FormView{})
}

// Withdraw takes it back.
func (h Handlers) Withdraw(c echo.Context) error {
	return h.act(c, h.drawWithdraw, "The request is withdrawn.", func(d *lifecycle.Dossier, reason string, now time.Time) error {
		return d.Withdraw(actorOf(c), reason, now)
	})
}

// act runs a rule that takes a reason, and draws the form again when it refuses.
func (h Handlers) act(c echo.Context, draw func(echo.Context, int, views.FormView) error, done string, rule func(*lifecycle.Dossier, string, time.Time) error) error {
	id, err := form.ID(c, "request")
	if err != nil {
		return err
	}
	var in reasonForm
	values, err := form.Decode(c, &in)
	if err == nil {
		_, err = h.Store.ChangeDossier(c.Request().Context(), id, h.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return rule(d, in.Reason, now)
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		return draw(c, status, refused(values, f, "reason"))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Request(id), done)
}

func (h Handlers) drawReason(c echo.Context, status int, shown views.FormView) error {
	d, err := h.readDossier(c)
	if err != nil {
		return err
	}
	p, view := reasonPage(c, d, shown, "Reword why")
	view.Off = reasonOf(d.MayEditReason(actorOf(c)))
	return respond.HTML(c, status, views.Reason(p, view))
}

func (h Handlers) drawWithdraw(c echo.Context, status int, shown views.FormView) error {
	d, err := h.readDossier(c)
	if err != nil {
		return err
	}
	p, view := reasonPage(c, d, shown, "Withdraw")
	view.Off = reasonOf(d.MayWithdraw(actorOf(c)))
	return respond.HTML(c, status, views.WithdrawRequest(p, view))
}
