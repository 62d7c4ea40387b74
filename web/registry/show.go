package registry

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/registry"
	"sundial/components/ui"
	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/scorecard"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

const (
	historyOnPage = 8
	historyRows   = 50
)

// Show is a model's page.
func (h Handlers) Show(c echo.Context) error {
	slug, err := slugOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	m, err := h.Store.ModelView(ctx, slug, h.Policy)
	if err != nil {
		return err
	}
	events, err := h.Store.Events(ctx, store.EventFilter{Model: m.Facts.Model.ID}, historyOnPage+1)
	if err != nil {
		return err
	}
	kept, scored, err := h.Store.KeptScore(ctx, m.Facts.Model.ID)
	if err != nil {
		return err
	}
	word, err := h.Store.ConfirmationOf(ctx, m.Facts.Model.ID)
	if err != nil {
		return err
	}
	v := h.modelView(c, m, events)
	v.Word, v.Answers = &word, word.May(auth.Actor(c)).Allowed
	if scored && kept.Phase != scorecard.Gone {
		v.Score = scoreView(kept)
	}
	p := respond.Props(c, m.Facts.Model.Name)
	p.Crumbs = []ui.Crumb{crumb("Models", link.Models()), crumb(m.Facts.Model.Name, "")}
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Model(p, v))
}

func (h Handlers) modelView(c echo.Context, m *store.ModelView, events []audit.Event) views.ModelView {
	now, f := h.Clock(), m.Facts
	may := mayEdit(c, f.Model.TeamID)
	v := views.ModelView{Model: f.Model, Team: f.Team, Owner: f.Owner, Deputy: f.Deputy, Serving: serving(m), End: h.end(m), MoreVersions: m.More,
		MayEdit: may.Allowed, WhyNot: may.Reason, Now: now, MoreHistory: len(events) > historyOnPage}
	v.Vendor = h.vendor(m, may.Allowed)
	gates := h.gates(m)
	for _, g := range gates {
		v.Gates = append(v.Gates, g.view(f.Model, may.Allowed, now))
	}
	v.Next = h.next(c, m, gates)
	if m.Focus != nil {
		v.Focus, v.Steps = m.Focus.Label, steps(m.Focus)
	}
	for _, x := range m.Versions {
		v.Versions = append(v.Versions, views.VersionRow{Version: x, Author: m.People[x.AuthorID].Name})
	}
	for _, r := range m.Open {
		v.Open = append(v.Open, views.OpenRow{ID: r.ID, Version: r.Version, To: r.To, Requester: r.Requester, OpenedAt: r.OpenedAt,
			Late: now.After(r.DueAt), Approvals: r.Approvals})
	}
	for _, r := range m.Served {
		v.Served = append(v.Served, views.ServedRow{Version: r.Version, Since: r.Since, Until: r.Until, How: r.How, RequestID: r.RequestID, ApprovedBy: r.ApprovedBy})
	}
	for _, r := range m.Imported {
		v.Imported = append(v.Imported, views.ImportedRow{Inventory: r.Inventory, File: r.FileName, Row: r.Row, Vanished: r.Vanished, Href: link.ImportRow(r.ImportID, r.Row)})
	}
	v.Pulse = pulse(m.Pulse)
	v.History = tell(events[:min(len(events), historyOnPage)], f.Model.Slug)
	return v
}

func scoreView(k store.KeptScore) *views.ScoreView {
	t := string(k.Tier)
	v := &views.ScoreView{Heat: ui.Heat{Text: scorecard.Text(k.Score), Word: t, Level: strings.ToLower(t)}}
	if k.Score < k.Raw {
		v.Capped = k.Cap
	}
	return v
}

func tell(events []audit.Event, slug string) []ui.TimelineEvent {
	out := make([]ui.TimelineEvent, 0, len(events))
	for _, e := range events {
		out = append(out, views.Tell(e, slug))
	}
	return out
}

func pulse(p store.Pulse) views.PulseView {
	out := views.PulseView{Last: p.Last, Reports: p.Reports, Breaches: p.Breaches, Zombies: p.Zombies, Unknown: p.Unknown, Met: p.Met,
		Reported: !p.Last.IsZero() || p.Reports > 0 || p.Zombies > 0 || p.Unknown > 0 || p.Met != ""}
	if share, ok := p.Week.Coverage(); ok {
		out.Coverage = ui.Share(share)
	}
	return out
}

func serving(m *store.ModelView) *views.ServingView {
	if m.Serving == nil {
		return nil
	}
	s := m.Serving.Serving
	return &views.ServingView{Version: s.Version, Record: s.Record, Verdict: m.Serving.Vendor.Verdict, How: s.Record.How, Approver: s.Record.ApprovedBy}
}

// steps are the stages on the way of a version; its retirement is not ahead of it but its end.
func steps(v *registry.Version) []ui.Step {
	var names []string
	for _, s := range registry.Stages {
		if s != registry.Retired || v.Stage == registry.Retired {
			names = append(names, string(s))
		}
	}
	list := ui.StageSteps(names, string(v.Stage), map[string]string{string(v.Stage): ui.FormatDate(v.StageSince)})
	for i := range list {
		if list[i].State == ui.StepCurrent {
			list[i].Note = v.Label
		}
	}
	return list
}

// end says how the model will end, from the plan in force or else from what is known without one.
func (h Handlers) end(m *store.ModelView) views.EndView {
	f, today := m.Facts, day.Of(h.Clock())
	e := views.EndView{DeprecationOn: f.Model.DeprecationOn, Plan: "None on file", Tone: ui.Warn}
	if m.Serving != nil {
		f, e.Tone = *m.Serving, ui.Bad
	}
	runway := retirement.NewRunway(earlier(e.DeprecationOn, f.Vendor.Entry.EndOfLife), 0, h.Policy.RollbackDays, h.Policy.ReviewDays)
	switch p := f.Plan; {
	case p.Plan != nil && len(p.Findings) > 0:
		e.Plan, e.Why = "Approved, but stale", p.Findings[0].Sentence
	case p.Plan != nil:
		e.Plan, e.Tone = "Approved, in force", ui.Good
	case p.DraftState != "":
		e.Plan = retirement.State(p.DraftState).Title()
	}
	if p := f.Plan.Plan; p != nil {
		runway = f.Plan.Runway
		e.Candidate = successor(p.Body.Candidate)
		if ends := p.Body.Ends(); ends.Known() {
			e.DeprecationOn = ends
		}
	}
	e.LatestStart = runway.LatestStart
	e.Runway = ui.Good
	if runway.LatestStart.Known() && f.Model.Retiring == "" {
		e.Runway = ui.RunwayTone(runway.DaysLeft(today))
	}
	return e
}

// successor says what comes after the model.
func successor(c retirement.Candidate) string {
	switch label := c.Label(); {
	case c.None && c.DecisionGoesTo != "":
		return "Nothing replaces it. The decision goes on: " + c.DecisionGoesTo
	case c.None:
		return "Nothing replaces it."
	case label != "":
		return "Replaced by " + label + "."
	}
	return ""
}

func earlier(a, b day.Day) day.Day {
	if !a.Known() || b.Before(a) {
		return b
	}
	return a
}

// History is everything that happened to a model, newest first.
func (h Handlers) History(c echo.Context) error {
	slug, err := slugOf(c)
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	before := q.Int("before", 1, 1<<53)
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	m, err := h.Store.Model(ctx, slug)
	if err != nil {
		return err
	}
	events, err := h.Store.Events(ctx, store.EventFilter{Model: m.ID, Before: before}, historyRows+1)
	if err != nil {
		return err
	}
	view := views.HistoryView{Slug: m.Slug, Name: m.Name, Now: h.Clock()}
	if len(events) > historyRows {
		events = events[:historyRows]
		view.Older = link.With(link.ModelHistory(slug), "before", revisionText(events[historyRows-1].Seq))
	}
	if before != 0 {
		view.First = link.ModelHistory(slug)
	}
	view.Events = tell(events, slug)
	p := respond.Props(c, "History of "+m.Name)
	p.Crumbs = []ui.Crumb{crumb("Models", link.Models()), crumb(m.Name, link.Model(slug)), crumb("History", "")}
	return respond.HTML(c, http.StatusOK, views.History(p, view))
}

// gateOf is what stands between a version and a stage.
type gateOf struct {
	version *registry.Version
	gate    lifecycle.Gate
	serves  bool
}

// gates are what no longer holds of the version that serves, and what the version on its way still lacks.
func (h Handlers) gates(m *store.ModelView) []gateOf {
	var out []gateOf
	now := h.Clock()
	if f := m.Serving; f != nil {
		out = append(out, gateOf{&f.Version, lifecycle.GateTo(f, registry.Production, h.Policy, now), true})
	}
	if m.Focus != nil && m.Focus.Stage != registry.Production {
		if to := lifecycle.NextStage(m.Focus.Stage); to != "" {
			out = append(out, gateOf{m.Focus, lifecycle.GateTo(&m.Facts, to, h.Policy, now), false})
		}
	}
	return out
}
