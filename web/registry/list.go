package registry

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/registry"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/scorecard"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

const pageRows = 50

// List shows the inventory, filtered, sorted and paged by its address.
func (h Handlers) List(c echo.Context) error {
	q := form.ReadQuery(c)
	query, filter, err := h.readList(c, q)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	page, err := h.Store.Models(ctx, filter, q.Cursor("after"), pageRows)
	if err != nil {
		return err
	}
	n, more, err := h.Store.CountModels(ctx, filter)
	if err != nil {
		return err
	}
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return err
	}
	actor := auth.Actor(c)
	view := views.ListView{Query: query, Rows: page.Rows, Count: countWords(n, more), CSV: query.Address(link.ModelsCSV()), Columns: columns(query),
		MayRegister: org.May(actor, org.Register, 0).Allowed, MayImport: org.May(actor, org.Import, 0).Allowed, Now: h.Clock()}
	for _, t := range teams {
		view.Teams = append(view.Teams, ui.Option{Value: t.Slug, Label: t.Name, Group: t.Department})
	}
	if filter.Owner != 0 {
		p, err := h.Store.Person(ctx, filter.Owner)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		view.Owner = ui.Option{Value: query.Owner, Label: p.Name}
		if p.Name == "" {
			view.Owner.Label = "Somebody unknown"
		}
	}
	address(page, q.Has("after"), &view)
	p := respond.Props(c, "Models")
	p.Wide, p.Search = true, query.Q
	return respond.HTML(c, http.StatusOK, views.List(p, view))
}

// readList reads the address into the state that links carry on and the filter that the store knows.
func (h Handlers) readList(c echo.Context, q *form.Query) (views.ListQuery, registry.Filter, error) {
	stages := []string{""}
	for _, s := range registry.Stages {
		stages = append(stages, string(s))
	}
	query := views.ListQuery{Q: q.Text("q"), Team: q.Text("team"), Stage: q.Choice("stage", stages...), Kind: q.Choice("kind", "", "trained", "genai"),
		Tier: q.Choice("tier", "", "1", "2", "3"), Missing: q.Choice("missing", "", "owner", "team", "tier", "plan"),
		Reported: q.Choice("reported", "", "planned", "developing", "operating", "retired", "vanished"), Sort: q.Choice("sort", sorts...)}
	filter := registry.Filter{Query: query.Q, Team: query.Team, Stage: registry.Stage(query.Stage), Kind: registry.Kind(query.Kind),
		Missing: query.Missing, Reported: query.Reported}
	tier, _ := strconv.Atoi(query.Tier) // "" is no tier
	filter.Tier = registry.Tier(tier)
	switch who := q.Text("owner"); {
	case who == "me":
		query.Owner, filter.Mine = who, auth.Actor(c).ID
	case who != "":
		filter.Owner = q.Int("owner", 1, 1<<53)
		query.Owner = who
	}
	filter.Sort, filter.Desc = order(query.Sort)
	return query, filter, q.Err()
}

// sorts are the orders of the list; the first is the usual one, newest first.
var sorts = []string{"", "oldest", "name", "-name", "tier", "-tier", "stage", "-stage"}

func order(sort string) (by string, desc bool) {
	switch sort {
	case "":
		return "", false
	case "oldest":
		return "", true
	}
	by, desc = strings.CutPrefix(sort, "-")
	return by, desc
}

// columns are the list's heads, each a link to its order or, where it stands already, to the other way.
func columns(q views.ListQuery) []ui.Column {
	sorted := func(label, up, down string) ui.Column {
		to, now := q, q.Sort
		col := ui.Column{Label: label}
		switch now {
		case up:
			col.Sorted, to.Sort = "ascending", down
		case down:
			col.Sorted, to.Sort = "descending", up
		default:
			to.Sort = up
			if label == "Stage" || label == "Changed" { // what is furthest or newest is looked for first
				to.Sort = down
			}
		}
		col.SortHref = to.Address(link.Models())
		return col
	}
	return []ui.Column{sorted("Model", "name", "-name"), sorted("Stage", "stage", "-stage"), {Label: "Kind"}, sorted("Tier", "tier", "-tier"), {Label: "Maturity", Number: true},
		{Label: "Team"}, {Label: "Owner"}, {Label: "Attention"}, sorted("Changed", "oldest", "")}
}

// address fills in the ways to the neighbouring pages.
func address(page store.Page[registry.Row], moved bool, view *views.ListView) {
	to := func(cursor string) string {
		if cursor == "" {
			return ""
		}
		return link.With(view.Query.Address(link.Models()), "after", cursor)
	}
	view.Older, view.Newer = to(page.Next), to(page.Prev)
	if moved {
		view.First = view.Query.Address(link.Models())
	}
}

func countWords(n int, more bool) string {
	if more {
		n++
	}
	return ui.CountUpTo(int64(n), store.CountLimit, "model", "models")
}

// CSV sends exactly the filtered list.
func (h Handlers) CSV(c echo.Context) error {
	_, filter, err := h.readList(c, form.ReadQuery(c))
	if err != nil {
		return err
	}
	head := []string{"slug", "name", "kind", "stage", "tier", "team", "owner", "owner_active", "in_production", "plan", "reported_as", "attention", "changed_at", "score", "maturity"}
	rows := func(yield func([]string, error) bool) {
		stopped := false
		err := h.Store.EachModel(c.Request().Context(), filter, func(r registry.Row) error {
			if !yield(csvRow(r), nil) {
				stopped = true
				return errEnough
			}
			return nil
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
	return respond.CSV(c, "models-"+h.Clock().UTC().Format(time.DateOnly)+".csv", head, rows)
}

// errEnough ends an export whose reader went away.
var errEnough = fault.New(fault.Unavailable, "The reader went away.")

func csvRow(r registry.Row) []string {
	tier, active, score := "", "", ""
	if r.Maturity != "" {
		score = scorecard.Text(r.Score)
	}
	if r.Tier != 0 {
		tier = strconv.Itoa(int(r.Tier))
	}
	if r.Owner != "" {
		active = strconv.FormatBool(!r.OwnerDisabled)
	}
	var flags []string
	for _, f := range views.Flags(r) {
		flags = append(flags, f.Label)
	}
	return []string{r.Slug, r.Name, string(r.Kind), string(r.Stage), tier, r.Team, r.Owner, active, r.Serving, r.Plan, r.Reported,
		strings.Join(flags, "; "), r.UpdatedAt.UTC().Format(time.RFC3339), score, r.Maturity}
}
