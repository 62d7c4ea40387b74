package maturity

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/components/link"
	views "sundial/components/maturity"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/scorecard"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Board is the leadership page. It reads what was rolled up; nothing is scored for it.
func (h Handlers) Board(c echo.Context) error {
	q := form.ReadQuery(c)
	query := readBoard(q)
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	b, err := h.Store.BoardPage(ctx, teamsBy(query), query.From, teamsOnPage)
	if err != nil {
		return err
	}
	today := day.Of(h.Clock())
	days, err := h.Store.GroupDays(ctx, store.ScopeOrg, 0, today.Add(-trendDays))
	if err != nil {
		return err
	}
	v := views.BoardView{Org: row(b.Org), Query: query, ScoredAt: b.Org.ScoredAt, Now: h.Clock(),
		Chart: views.TrendChart("trend", "Score of the organisation", groupDays(days), today.Add(-trendDays), today)}
	for _, g := range b.Departments {
		v.Departments = append(v.Departments, row(g))
		v.Options = append(v.Options, ui.Option{Value: g.Slug, Label: g.Name})
	}
	for _, g := range b.Teams {
		v.Teams = append(v.Teams, row(g))
	}
	v.Newer, v.Older = pages(b, query)
	v.Count = ui.Count(int64(b.Total), "team", "teams")
	if v.Watch, err = h.watch(c); err != nil {
		return err
	}
	if v.Flow, v.FlowBefore, err = h.lastFlow(c, store.ScopeOrg, 0); err != nil {
		return err
	}
	p := respond.Props(c, "Maturity")
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Board(p, v))
}

// sorts are what the teams are sorted by, each in both directions.
var sorts = func() []string {
	out := []string{"", "name", "-name", "score", "-score", "trend", "-trend", "capped", "-capped"}
	for _, s := range scorecard.Sections {
		out = append(out, string(s), "-"+string(s))
	}
	return out
}()

func readBoard(q *form.Query) views.BoardQuery {
	return views.BoardQuery{Sort: q.Choice("sort", sorts...), Department: q.Text("department"), From: q.Text("from")}
}

func row(g store.GroupScore) views.GroupRow {
	out := views.GroupRow{Slug: g.Slug, Name: g.Name, Department: g.Department, Rollup: g.Rollup}
	if g.Scope == store.ScopeTeam && g.ID == 0 {
		out.Name = "Without a team"
	}
	out.Change, out.HasTrend = g.Trend()
	return out
}

func groupDays(days []store.GroupDay) []views.DayScore {
	out := make([]views.DayScore, 0, len(days))
	for _, d := range days {
		x := views.DayScore{Day: d.Day, Known: d.Score != nil, Note: ui.Count(int64(d.Models), "model", "models")}
		if d.Score != nil {
			x.Score = *d.Score
		}
		out = append(out, x)
	}
	return out
}

// teamsBy is the order that was chosen: "-score" is by score, the highest first.
func teamsBy(q views.BoardQuery) store.TeamsBy {
	key, down := strings.CutPrefix(q.Sort, "-")
	return store.TeamsBy{Sort: key, Down: down, Department: q.Department}
}

// cutPage cuts a page that begins with the row named in the address. to is the address of a page by its first
// row, "" for the first page.
func cutPage[T any](rows []T, from string, slug func(T) string, to func(from string) string) (page []T, newer, older string) {
	at := max(0, slices.IndexFunc(rows, func(r T) bool { return from != "" && slug(r) == from }))
	end := min(at+teamsOnPage, len(rows))
	begin := func(i int) string {
		if i == 0 {
			return to("")
		}
		return to(slug(rows[i]))
	}
	if at > 0 {
		newer = begin(max(0, at-teamsOnPage))
	}
	if end < len(rows) {
		older = begin(end)
	}
	return rows[at:end], newer, older
}

// pages are the addresses of the pages before and after. A page begins with the team named in its address.
func pages(b store.BoardPage, q views.BoardQuery) (newer, older string) {
	if b.At > 0 {
		if q.From = b.Newer; b.At <= teamsOnPage {
			q.From = ""
		}
		newer = q.Address(link.Teams())
	}
	if b.Older != "" {
		q.From = b.Older
		older = q.Address(link.Teams())
	}
	return newer, older
}

// watch are the figures that a leader asks for beside the score.
func (h Handlers) watch(c echo.Context) ([]views.Tile, error) {
	f, err := h.Store.LeadershipFigures(c.Request().Context())
	if err != nil {
		return nil, err
	}
	plans := func(standing string) string { return link.With(link.RetirementPlans(), "state", standing) }
	return []views.Tile{
		{Label: "In production", Figure: figure(f.Serving), Note: "what serves now", Href: link.Production()},
		{Label: "End within 12 months", Figure: figure(f.Ending), Note: "by their own date or the vendor's", Href: plans("ending")},
		{Label: "Retirements late", Figure: figure(f.Late), Note: "to be gone by now, and still serving", Href: link.With(link.Retirements(), "phase", "late")},
		{Label: "Plans overdue", Figure: figure(f.Overdue), Note: "their review-by day has passed", Href: plans("overdue")},
		{Label: "Reviews owed", Figure: figure(f.Debts), Note: "after breaking glass", Href: link.With(link.Requests(), "show", "owed")},
		{Label: "Not confirmed", Figure: figure(f.Unconfirmed), Note: "entries without a word this quarter", Href: link.Confirmations()},
	}, nil
}

func figure(f store.Figure) string {
	if f.More {
		return ui.Number(int64(f.N)) + "+"
	}
	return ui.Number(int64(f.N))
}

// BoardCSV is every team in the chosen order, with the same figures as the page.
func (h Handlers) BoardCSV(c echo.Context) error {
	q := form.ReadQuery(c)
	query := readBoard(q)
	if err := q.Err(); err != nil {
		return err
	}
	b, err := h.Store.BoardPage(c.Request().Context(), teamsBy(query), "", mostTeams)
	if err != nil {
		return err
	}
	head := []string{"team", "slug", "department", "score", "tier", "change_90_days", "models", "not_registered", "zombies", "capped", "lowest_model", "lowest_score", "attested_percent"}
	for _, s := range scorecard.Sections {
		head = append(head, strings.ToLower(s.Title()))
	}
	var rows [][]string
	for _, g := range b.Teams {
		rows = append(rows, csvRow(row(g)))
	}
	return respond.CSV(c, "teams.csv", head, respond.Rows(rows))
}

func csvRow(g views.GroupRow) []string {
	text := func(v float64, has bool) string {
		if !has {
			return ""
		}
		return scorecard.Text(v)
	}
	number := strconv.Itoa
	score, scored := g.Rollup.Score()
	trend := ""
	if g.HasTrend {
		trend = strconv.FormatFloat(g.Change, 'f', 1, 64)
	}
	out := []string{g.Name, g.Slug, g.Department, text(score, scored), string(g.Rollup.Tier()), trend, number(g.Rollup.Models), number(g.Rollup.Unregistered),
		number(g.Rollup.Zombies), number(g.Rollup.Capped), g.Rollup.Lowest, text(g.Rollup.LowestScore, scored), text(g.Rollup.AttestedPercent(), scored)}
	for _, s := range scorecard.Sections {
		out = append(out, text(g.Rollup.Sections[s].Mean()))
	}
	return out
}
