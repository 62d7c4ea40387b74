package retirement

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// laneRows is how many models one page of the timeline shows: as many lanes as fit a printed page.
const laneRows = 20

// Timeline is what ends in the coming 18 months.
func (h Handlers) Timeline(c echo.Context) error {
	q := form.ReadQuery(c)
	f, after := readTimeline(c, q), q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	page, err := h.Store.Timeline(ctx, f, after, laneRows)
	if err != nil {
		return err
	}
	count, err := h.Store.CountTimeline(ctx, f)
	if err != nil {
		return err
	}
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return err
	}
	today := day.Of(h.Clock())
	v := views.TimelineView{Rows: page.Rows, Filter: f, Mine: f.Person != 0, Teams: teamOptions(teams), Count: models(count), Today: today,
		CSV: timelineAddress(link.RetirementsTimelineCSV(), f, "")}
	v.From, v.To = retirement.TimelineSpan(today)
	if page.Prev != "" {
		v.Newer, v.First = timelineAddress(link.RetirementsTimeline(), f, page.Prev), timelineAddress(link.RetirementsTimeline(), f, "")
	}
	if page.Next != "" {
		v.Older = timelineAddress(link.RetirementsTimeline(), f, page.Next)
	}
	return respond.HTML(c, http.StatusOK, views.Timeline(respond.Props(c, "Timeline of retirements"), v))
}

// models is a bounded count in words.
func models(f store.Figure) string {
	if f.More {
		return ui.Number(int64(f.N)) + "+ models"
	}
	return ui.Count(int64(f.N), "model", "models")
}

func readTimeline(c echo.Context, q *form.Query) retirement.TimelineFilter {
	kinds := []string{""}
	for _, k := range retirement.DateKinds {
		kinds = append(kinds, k.Value)
	}
	f := retirement.TimelineFilter{Kind: retirement.DateKind(q.Choice("kind", kinds...)), Team: q.Text("team")}
	if q.Choice("whose", "", "mine") == "mine" {
		f.Person = auth.Actor(c).ID
	}
	return f
}

func timelineAddress(path string, f retirement.TimelineFilter, after string) string {
	whose := ""
	if f.Person != 0 {
		whose = "mine"
	}
	return link.With(path, "kind", string(f.Kind), "team", f.Team, "whose", whose, "after", after)
}

// TimelineCSV is the filtered timeline as a file, a model a row.
func (h Handlers) TimelineCSV(c echo.Context) error {
	q := form.ReadQuery(c)
	f := readTimeline(c, q)
	if err := q.Err(); err != nil {
		return err
	}
	head := []string{"model", "name", "team", "owner", "stage", "tier", "plan in force", "first date"}
	for _, k := range f.Kinds() {
		head = append(head, strings.ToLower(k.Title()))
	}
	return respond.CSV(c, "retirements-timeline.csv", append(head, "passed"), h.dated(c.Request().Context(), f))
}

func (h Handlers) dated(ctx context.Context, f retirement.TimelineFilter) iter.Seq2[[]string, error] {
	today := day.Of(h.Clock())
	return func(yield func([]string, error) bool) {
		err := h.Store.EachDated(ctx, f, func(r retirement.Dated) error {
			if !yield(datedRecord(r, f.Kinds(), today), nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

func datedRecord(r retirement.Dated, kinds []retirement.DateKind, today day.Day) []string {
	m := r.Model
	out := []string{m.Slug, m.Name, m.Team, m.Owner, string(m.Stage), numeral(int(m.Tier)), numeral(r.Plan), string(r.First(kinds))}
	for _, k := range kinds {
		out = append(out, string(r.On[k]))
	}
	var passed []string
	for _, k := range r.Overdue(kinds, today) {
		passed = append(passed, string(k))
	}
	return append(out, strings.Join(passed, " "))
}
