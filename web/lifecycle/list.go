package lifecycle

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	views "sundial/components/lifecycle"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

const perPage = 25

// requestQuery is a list of requests as its address asks for it.
type requestQuery struct {
	show, to, team, state string
	filter                store.RequestFilter
	after                 string
}

func readRequests(c echo.Context) (requestQuery, error) {
	q := form.ReadQuery(c)
	r := requestQuery{
		show:  q.Choice("show", "open", "waiting", "mine", "late", "owed", "all"),
		to:    q.Choice("to", append([]string{""}, stageNames()...)...),
		team:  q.Text("team"),
		state: q.Choice("state", "", string(lifecycle.Open), string(lifecycle.Applied), string(lifecycle.Rejected), string(lifecycle.Withdrawn), string(lifecycle.Superseded)),
		after: q.Cursor("after"),
	}
	r.filter = store.RequestFilter{To: registry.Stage(r.to), Team: r.team}
	a := actorOf(c)
	switch r.show {
	case "open":
		r.filter.State = lifecycle.Open
	case "waiting":
		r.filter.Decider = a.ID
	case "mine":
		r.filter.Requester, r.filter.State = a.ID, lifecycle.State(r.state)
	case "late":
		r.filter.Late = true
	case "owed":
		r.filter.Owed = true
	default:
		r.filter.State = lifecycle.State(r.state)
	}
	return r, q.Err()
}

func stageNames() []string {
	out := make([]string, 0, len(registry.Stages))
	for _, s := range registry.Stages {
		out = append(out, string(s))
	}
	return out
}

// href is the list again, from another place.
func (r requestQuery) href(path, after string) string {
	show := r.show
	if show == "open" {
		show = ""
	}
	return link.With(path, "show", show, "to", r.to, "team", r.team, "state", r.state, "after", after)
}

// Requests lists transition requests.
func (h Handlers) Requests(c echo.Context) error {
	r, err := readRequests(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	view := views.RequestsView{Show: r.show, State: r.state, To: r.to, Team: r.team, Reviewer: reviews(actorOf(c)), Now: h.now(), CSV: r.href(link.RequestsCSV(), "")}
	nobody := r.show == "waiting" && !view.Reviewer
	if !nobody {
		page, err := h.Store.Requests(ctx, r.filter, r.after, perPage)
		if err != nil {
			return err
		}
		n, more, err := h.Store.CountRequests(ctx, r.filter)
		if err != nil {
			return err
		}
		view.Rows, view.Count = requestRows(page.Rows), counted(n, more, "request", "requests")
		view.First, view.Newer, view.Older = r.pages(page.Prev, page.Next)
	}
	if view.Teams, err = h.Store.Teams(ctx); err != nil {
		return err
	}
	if view.Reviewer {
		waivers, err := h.Store.AskedWaivers(ctx, 101)
		if err != nil {
			return err
		}
		view.Waivers = len(waivers)
	}
	for _, set := range []string{r.to, r.team, r.state} {
		if set != "" {
			view.Active++
		}
	}
	p := respond.Props(c, "Requests")
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Requests(p, view))
}

func (r requestQuery) pages(prev, next string) (first, newer, older string) {
	if r.after != "" {
		first = r.href(link.Requests(), "")
	}
	if prev != "" {
		newer = r.href(link.Requests(), prev)
	}
	if next != "" {
		older = r.href(link.Requests(), next)
	}
	return
}

// counted is a bounded count in words.
func counted(n int, more bool, one, many string) string {
	if more {
		n = store.CountLimit + 1
	}
	return ui.CountUpTo(int64(n), store.CountLimit, one, many)
}

func requestRows(rows []store.RequestRow) []views.RequestRow {
	out := make([]views.RequestRow, 0, len(rows))
	for _, r := range rows {
		row := views.RequestRow{ID: r.ID, Model: r.Model, Slug: r.Slug, Version: r.Version, Tier: r.Tier, Team: r.Team, From: r.From, To: r.To, Move: r.Move,
			State: r.State, Requester: r.Requester, Approvals: r.Approvals, OpenedAt: r.OpenedAt, DueAt: r.DueAt, DecidedAt: r.DecidedAt, BreakGlass: r.BreakGlass}
		if r.BreakGlass && r.DebtSettledAt.IsZero() {
			row.DebtDueAt = r.DebtDueAt
		}
		out = append(out, row)
	}
	return out
}

// RequestsCSV is the filtered list as a file.
func (h Handlers) RequestsCSV(c echo.Context) error {
	r, err := readRequests(c)
	if err != nil {
		return err
	}
	head := []string{"request", "model", "version", "tier", "team", "from", "to", "move", "state", "asked_by", "reason", "approvals", "opened_at", "due_at", "decided_at", "break_glass", "review_due_at", "review_settled_at"}
	rows := func(yield func([]string, error) bool) {
		err := h.Store.EachRequest(c.Request().Context(), r.filter, func(x store.RequestRow) error {
			line := []string{strconv.FormatInt(x.ID, 10), x.Slug, x.Version, strconv.Itoa(int(x.Tier)), x.Team, string(x.From), string(x.To), string(x.Move), string(x.State),
				x.Requester, x.Reason, strconv.Itoa(x.Approvals), stamp(x.OpenedAt), stamp(x.DueAt), stamp(x.DecidedAt), strconv.FormatBool(x.BreakGlass), stamp(x.DebtDueAt), stamp(x.DebtSettledAt)}
			if !yield(line, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && err != errEnough {
			yield(nil, err)
		}
	}
	if r.show == "waiting" && !org.May(actorOf(c), org.Decide, 0).Allowed {
		return respond.CSV(c, "requests.csv", head, respond.Rows(nil))
	}
	return respond.CSV(c, "requests.csv", head, rows)
}
