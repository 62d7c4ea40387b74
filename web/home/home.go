// Package home serves the page everybody lands on: what waits for them, what they asked for, what runs
// out, and the figures of their role. What waits is the store's to find, what a model's next step is, is
// said in next.go; how it looks is components/home.
package home

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/home"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/web/respond"
)

// Handlers answers for this subject.
type Handlers struct {
	Store  *store.Store
	Policy lifecycle.Policy
	Clock  func() time.Time
}

// Show is My work. Each role brings its sections; who has several roles has them all.
func (h Handlers) Show(c echo.Context) error {
	actor, now := auth.Actor(c), h.Clock()
	v := views.View{Name: actor.Name, Now: now}
	for _, add := range []func(echo.Context, org.Actor, *views.View) error{h.work, h.models, h.confirm, h.leading, h.audit, h.keeping} {
		if err := add(c, actor, &v); err != nil {
			return err
		}
	}
	if actor.Has(org.Leadership, org.Auditor) || v.Waiting == nil && v.Models == nil {
		v.LookUp = &views.LookUp{}
	}
	p := respond.Props(c, "My work")
	for i := range p.Nav {
		if p.Nav[i].Href == link.MyWork() && v.Waiting != nil {
			p.Nav[i].Count = len(v.Waiting.Lines)
		}
	}
	return respond.HTML(c, http.StatusOK, views.Page(p, v))
}

// work is what waits, what was asked for and what evidence runs out.
func (h Handlers) work(c echo.Context, actor org.Actor, v *views.View) error {
	items, err := h.Store.Work(c.Request().Context(), actor, h.Policy)
	if err != nil {
		return err
	}
	decides, works := org.May(actor, org.Decide, 0).Allowed, org.May(actor, org.Request, 0).Allowed
	if decides || works {
		v.Waiting, v.Due = &views.List{}, &views.List{}
	}
	if decides {
		v.Waiting.Empty = "No request, plan or waiver waits for your decision. What you may not decide, because you asked for it, made it or own it, is not listed here."
		v.Waiting.All, v.Waiting.Href = "All requests", link.Requests()
	}
	asked := &views.List{Empty: "Nothing you asked for is open.", All: "Requests", Href: link.Requests()}
	for _, i := range items {
		switch {
		case i.WaitsForDecision() && v.Waiting != nil:
			v.Waiting.Lines = append(v.Waiting.Lines, waitingLine(i, v.Now))
		case i.Kind == store.DueEvidence && v.Due != nil:
			v.Due.Lines = append(v.Due.Lines, evidenceLine(i, v.Now))
		case i.Kind == store.DueEvaluation && v.Due != nil:
			v.Due.Lines = append(v.Due.Lines, evaluationLine(i))
		case i.Kind == store.AskedRequest, i.Kind == store.AskedPlan, i.Kind == store.AskedWaiver:
			asked.Lines = append(asked.Lines, askedLine(i, v.Now))
		}
	}
	if works || len(asked.Lines) > 0 {
		v.Asked = asked
	}
	return nil
}

// models are those somebody answers for, each with its next step, and what of them is due.
func (h Handlers) models(c echo.Context, actor org.Actor, v *views.View) error {
	if !org.May(actor, org.Edit, 0).Allowed {
		return nil
	}
	list, more, err := h.Store.OwnModels(c.Request().Context(), actor, h.Policy)
	if err != nil {
		return err
	}
	if len(list) == 0 && !actor.Has(org.Contributor) { // an administrator may own models, and need not
		return nil
	}
	v.Models = &views.Models{More: more, MayAdd: org.May(actor, org.Register, 0).Allowed, MayImport: org.May(actor, org.Import, 0).Allowed}
	today := day.Of(v.Now)
	ids := make([]int64, 0, len(list))
	for _, m := range list {
		ids = append(ids, m.Model.ID)
	}
	alerts, err := h.Store.Alerts(c.Request().Context(), ids)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.OwnerID != actor.ID && m.DeputyID != actor.ID {
			v.Models.Team = true
		}
		v.Models.Rows = append(v.Models.Rows, modelLine(m, today))
		v.Due.Lines = append(v.Due.Lines, dueLines(m, today)...)
		v.Due.Lines = append(v.Due.Lines, alertLines(m, alerts[m.Model.ID])...)
	}
	sortByDay(v.Due.Lines)
	return nil
}

// confirm tells how many entries wait for this person's word, whatever their role.
func (h Handlers) confirm(c echo.Context, actor org.Actor, v *views.View) error {
	mine, err := h.Store.ToConfirm(c.Request().Context(), actor.ID)
	if err != nil || mine.Entries.N == 0 {
		return err
	}
	l := views.Line{Title: number(mine.Entries) + " " + plural(mine.Entries.N, "entry", "entries") + " to confirm for " + mine.Round.Quarter.Human(), Href: link.Confirm(),
		Due: mine.Round.Due(), Note: "Read what the inventory says of your models, and give your word until " + mine.Round.Due().Human() + "."}
	if mine.Overdue {
		l.Overdue = "overdue"
		l.Note = "Read what the inventory says of your models, and give your word. It was due on " + mine.Round.Due().Human() + "."
	}
	if v.Due == nil {
		v.Due = &views.List{}
	}
	v.Due.Lines = append(v.Due.Lines, l)
	sortByDay(v.Due.Lines)
	return nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (h Handlers) leading(c echo.Context, actor org.Actor, v *views.View) error {
	if !actor.Has(org.Leadership) {
		return nil
	}
	f, err := h.Store.LeadershipFigures(c.Request().Context())
	if err != nil {
		return err
	}
	next, err := h.Store.EndingNext(c.Request().Context(), 8)
	if err != nil {
		return err
	}
	v.Ending = &views.List{All: "All that end within 12 months", Href: link.With(link.RetirementPlans(), "state", "ending")}
	for _, m := range next {
		l := views.Line{Title: m.Name, Href: link.Retirement(m.Slug), Tier: int(m.Tier), Note: words(m.Team, m.Why, m.EndsOn.Human()), Due: m.EndsOn, Ends: true}
		if today := day.Of(v.Now); m.EndsOn.Before(today) {
			l.Overdue = "past its end"
		}
		v.Ending.Lines = append(v.Ending.Lines, l)
	}
	plans := func(standing string) string { return link.With(link.RetirementPlans(), "state", standing) }
	v.Leading = &views.Figures{Tiles: []views.Figure{
		{Label: "Models in production", Number: number(f.Serving), Note: "what serves now", Href: link.Production()},
		{Label: "End within 12 months", Number: number(f.Ending), Note: "by their own date or the vendor's", Href: plans("ending")},
		{Label: "Plans overdue", Number: number(f.Overdue), Note: "their review-by day has passed", Href: plans("overdue")},
		{Label: "Without a plan", Number: number(f.WithoutPlan), Note: "staged or in production", Href: plans("missing")},
		{Label: "Reviews owed", Number: number(f.Debts), Note: "after breaking glass", Href: link.With(link.Requests(), "show", "owed")},
		{Label: "Not confirmed", Number: number(f.Unconfirmed), Note: "entries without a word this quarter", Href: link.Confirmations()},
	}}
	return nil
}

func (h Handlers) audit(c echo.Context, actor org.Actor, v *views.View) error {
	if !actor.Has(org.Auditor) {
		return nil
	}
	ctx := c.Request().Context()
	status, err := h.Store.AuditStatus(ctx)
	if err != nil {
		return err
	}
	latest, err := h.Store.Events(ctx, store.EventFilter{}, 200)
	if err != nil {
		return err
	}
	v.Audit = &views.Audit{Events: ui.Count(status.Events, "event", "events")}
	if last := status.Last; last != nil {
		v.Audit.Checked, v.Audit.Holds, v.Audit.At = true, last.Broken == nil, last.At
		v.Audit.Verdict = ui.Count(last.Events, "event", "events") + " verified by " + last.By + ","
		if last.Broken != nil {
			v.Audit.Verdict = "At event " + ui.Number(last.Broken.Seq) + ": " + last.Broken.What + "."
		}
	}
	for _, e := range latest {
		if e.Subject.Kind == "session" || e.Verb == "person.signed_in" || e.Verb == "person.refreshed" { // comings and goings are no changes
			continue
		}
		if len(v.Audit.Latest) == latestChanges {
			break
		}
		v.Audit.Latest = append(v.Audit.Latest, views.AuditLine{Who: e.Actor, What: e.Sentence(), Seq: e.Seq, At: e.At})
	}
	return nil
}

func (h Handlers) keeping(c echo.Context, actor org.Actor, v *views.View) error {
	if !actor.Has(org.Admin) {
		return nil
	}
	f, err := h.Store.HousekeepingFigures(c.Request().Context())
	if err != nil {
		return err
	}
	missing := func(what string) string { return link.With(link.Models(), "missing", what) }
	v.Keeping = &views.Figures{Tiles: []views.Figure{
		{Label: "People without a role", Number: number(f.NoRole), Note: "they can only read", Href: link.With(link.AdminPeople(), "show", "no-role")},
		{Label: "Models without an owner", Number: number(f.NoOwner), Href: missing("owner")},
		{Label: "Models without a team", Number: number(f.NoTeam), Href: missing("team")},
		{Label: "Models without a tier", Number: number(f.NoTier), Href: missing("tier")},
		{Label: "Unanswered questions", Number: number(f.OpenAnswers), Note: "from imported inventories", Href: link.QuestionsOf("", "open", "", "")},
		{Label: "Imports running", Number: number(f.Running), Href: link.Imports()},
	}}
	return nil
}

// latestChanges is how many an auditor sees first.
const latestChanges = 10

// number is a figure as its list says it.
func number(f store.Figure) string {
	if f.More {
		return ui.Number(int64(f.N)) + "+"
	}
	return ui.Number(int64(f.N))
}
