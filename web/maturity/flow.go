package maturity

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/components/link"
	views "sundial/components/maturity"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/flow"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Flow is every team's flow figures in a quarter. It reads what the night counted.
func (h Handlers) Flow(c echo.Context) error {
	q := form.ReadQuery(c)
	query := h.readFlow(q)
	if err := q.Err(); err != nil {
		return err
	}
	ctx, now := c.Request().Context(), h.Clock()
	groups, err := h.Store.FlowIn(ctx, query.Quarter)
	if err != nil {
		return err
	}
	v := views.FlowView{Query: query, Quarters: h.quarters(), Running: query.Quarter.End().After(now), Now: now}
	for _, g := range groups {
		r := flowRow(g)
		switch g.Scope {
		case store.ScopeOrg:
			v.Org, v.CountedAt = &r, g.CountedAt
		case store.ScopeDepartment:
			v.Departments = append(v.Departments, r)
			v.Options = append(v.Options, ui.Option{Value: g.Slug, Label: g.Name})
		}
	}
	teams := flowTeams(groups, query)
	v.Teams, v.Newer, v.Older = cutPage(teams, query.From, func(r views.FlowRow) string { return r.Slug }, func(from string) string {
		next := query
		next.From = from
		return next.Address(link.Flow())
	})
	v.Count = ui.Count(int64(len(teams)), "team", "teams")
	history, err := h.Store.FlowOf(ctx, store.ScopeOrg, 0, store.FlowQuarters)
	if err != nil {
		return err
	}
	v.History, v.Before = flowHistory(history, query.Quarter)
	p := respond.Props(c, "How models flow")
	p.Crumbs = []ui.Crumb{crumb("Maturity", link.Teams()), crumb("Flow", "")}
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Flow(p, v))
}

var flowSorts = []string{"", "name", "-name", "days", "-days", "incidents", "-incidents", "ghosts", "-ghosts"}

func (h Handlers) readFlow(q *form.Query) views.FlowQuery {
	return views.FlowQuery{Quarter: h.readQuarter(q), Sort: q.Choice("sort", flowSorts...), Department: q.Text("department"), From: q.Text("from")}
}

// readQuarter reads the quarter that is asked for: the one that runs unless the address says otherwise.
func (h Handlers) readQuarter(q *form.Query) day.Quarter {
	list := h.quarters()
	names := make([]string, 0, len(list)+1)
	for _, x := range list {
		names = append(names, string(x))
	}
	if chosen := q.Choice("quarter", append(names, "")...); chosen != "" {
		return day.Quarter(chosen)
	}
	return list[0]
}

// quarters are those that can be looked at, the newest first.
func (h Handlers) quarters() []day.Quarter {
	now := day.QuarterOf(h.Clock())
	out := make([]day.Quarter, 0, store.FlowQuarters)
	for i := range store.FlowQuarters {
		out = append(out, now.Add(-i))
	}
	return out
}

func flowRow(g store.GroupFlow) views.FlowRow {
	r := views.FlowRow{Slug: g.Slug, Name: g.Name, Department: g.Department, Quarter: g.Quarter, Figures: g.Figures}
	switch {
	case g.Scope == store.ScopeOrg:
		r.Name = "Organisation"
	case g.Scope == store.ScopeTeam && g.ID == 0:
		r.Name = "Without a team"
	}
	return r
}

// flowHistory are a group's quarters as rows, and the figures of the one before the quarter that is shown.
func flowHistory(list []store.GroupFlow, shown day.Quarter) (rows []views.FlowRow, before *flow.Figures) {
	for _, g := range list {
		rows = append(rows, flowRow(g))
		if g.Quarter == shown.Add(-1) {
			before = &g.Figures
		}
	}
	for len(rows) > 1 && !saysAnything(rows[len(rows)-1].Figures) { // before there was anything to count
		rows = rows[:len(rows)-1]
	}
	return rows, before
}

// flowTeams are the teams of the department that was chosen, in the order that was chosen.
func flowTeams(groups []store.GroupFlow, q views.FlowQuery) []views.FlowRow {
	department := ""
	for _, g := range groups {
		if g.Scope == store.ScopeDepartment && g.Slug == q.Department {
			department = g.Name
		}
	}
	var out []views.FlowRow
	for _, g := range groups {
		if g.Scope == store.ScopeTeam && (q.Department == "" || department != "" && g.Department == department) && (g.ID != 0 || saysAnything(g.Figures)) {
			out = append(out, flowRow(g))
		}
	}
	key, down := strings.CutPrefix(q.Sort, "-")
	if key == "" {
		return out
	}
	slices.SortStableFunc(out, func(a, b views.FlowRow) int {
		var order int
		switch key {
		case "name":
			order = cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
		case "days":
			if x, y := a.Figures.Promoted > 0, b.Figures.Promoted > 0; x != y { // what has no figure comes last, whichever way
				return map[bool]int{true: -1, false: 1}[x]
			}
			order = cmp.Compare(a.Figures.Median, b.Figures.Median)
		case "incidents":
			order = cmp.Compare(a.Figures.AllIncidents(), b.Figures.AllIncidents())
		case "ghosts":
			order = cmp.Compare(a.Figures.Ghosts, b.Figures.Ghosts)
		}
		if down {
			return -order
		}
		return order
	})
	return out
}

func saysAnything(f flow.Figures) bool {
	return f.Promoted+f.Unrecorded+f.AllIncidents()+f.Versions > 0
}

// FlowCSV is every team in the chosen order, with the same figures as the page.
func (h Handlers) FlowCSV(c echo.Context) error {
	q := form.ReadQuery(c)
	query := h.readFlow(q)
	if err := q.Err(); err != nil {
		return err
	}
	groups, err := h.Store.FlowIn(c.Request().Context(), query.Quarter)
	if err != nil {
		return err
	}
	head := []string{"team", "slug", "department", "quarter", "came_to_production", "without_records", "median_days", "waits_longest", "waits_longest_percent", "unknown_production"}
	for _, k := range flow.Kinds {
		head = append(head, string(k))
	}
	head = append(head, "ghost_versions", "versions")
	number := strconv.Itoa
	var rows [][]string
	for _, r := range flowTeams(groups, query) {
		f := r.Figures
		line := []string{r.Name, r.Slug, r.Department, string(query.Quarter), number(f.Promoted), number(f.Unrecorded), "", "", "", number(f.AllIncidents())}
		if f.Promoted > 0 {
			line[6] = strconv.FormatFloat(f.Median, 'f', 2, 64)
		}
		if s, share, known := f.Waits(); known {
			line[7], line[8] = s.Title(), strings.TrimSuffix(ui.Share(share), " %")
		}
		for _, k := range flow.Kinds {
			line = append(line, number(f.Incidents[k]))
		}
		rows = append(rows, append(line, number(f.Ghosts), number(f.Versions)))
	}
	return respond.CSV(c, "flow-"+string(query.Quarter)+".csv", head, respond.Rows(rows))
}

// TeamFlow are the records behind a team's figures. Those of the running quarter are counted for the page, so
// that figures and records agree.
func (h Handlers) TeamFlow(c echo.Context) error {
	slug, err := form.Param(c, "team")
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	quarter := h.readQuarter(q)
	if err := q.Err(); err != nil {
		return err
	}
	ctx, now := c.Request().Context(), h.Clock()
	team, err := h.Store.TeamBySlug(ctx, slug)
	if err != nil {
		return err
	}
	history, err := h.Store.FlowOf(ctx, store.ScopeTeam, team.ID, store.FlowQuarters)
	if err != nil {
		return err
	}
	records, err := h.Store.TeamFlow(ctx, team, quarter)
	if err != nil {
		return err
	}
	v := views.TeamFlowView{Slug: team.Slug, Name: team.Name, Quarter: quarter, Quarters: h.quarters(), Running: quarter.End().After(now), Figures: records.Figures, Cut: records.Cut, Now: now}
	v.History, v.Before = flowHistory(history, quarter)
	for _, r := range records.Passages {
		v.Passages = append(v.Passages, views.PassageRow{FlowVersion: flowVersion(r.FlowVersion), Passage: r.Passage})
	}
	for _, r := range records.Unrecorded {
		v.Unrecorded = append(v.Unrecorded, flowVersion(r))
	}
	for _, r := range records.Ghosts {
		v.Ghosts = append(v.Ghosts, flowVersion(r))
	}
	for _, i := range records.Incidents {
		v.Incidents = append(v.Incidents, i.Incident)
	}
	p := respond.Props(c, "Flow of "+team.Name)
	p.Crumbs = []ui.Crumb{crumb("Maturity", link.Teams()), crumb(team.Name, link.Team(team.Slug)), crumb("Flow", "")}
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.TeamFlow(p, v))
}

func flowVersion(v store.FlowVersion) views.FlowVersion {
	return views.FlowVersion{Slug: v.Slug, Name: v.Name, Label: v.Label, At: v.At, Lacks: v.Lacks}
}

// lastFlow are a group's newest figures, nil before they were first counted, and those of the quarter before.
func (h Handlers) lastFlow(c echo.Context, scope store.Scope, id int64) (newest *views.FlowRow, before *flow.Figures, err error) {
	list, err := h.Store.FlowOf(c.Request().Context(), scope, id, 2)
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	r := flowRow(list[0])
	_, before = flowHistory(list, r.Quarter)
	return &r, before, nil
}
