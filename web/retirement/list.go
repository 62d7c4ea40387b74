package retirement

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/web/form"
	"sundial/web/respond"
)

const pageRows = 50

// List is every model's plan by where it stands.
func (h Handlers) List(c echo.Context) error {
	q := form.ReadQuery(c)
	f, after := readFilter(q), q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	page, err := h.Store.Plans(ctx, f, h.Policy, after, pageRows)
	if err != nil {
		return err
	}
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return err
	}
	v := views.ListView{Rows: page.Rows, Standing: string(f.Standing), Team: f.Team, Teams: teamOptions(teams),
		Today: day.Of(h.Clock()), CSV: address(link.RetirementPlansCSV(), f, ""), Feed: h.Portal + link.With(link.RetirementsFeed(), "team", f.Team),
		MyFeed: h.Portal + link.With(link.RetirementsFeed(), "owner", strconv.FormatInt(auth.Actor(c).ID, 10))}
	if page.Prev != "" {
		v.Newer, v.First = address(link.RetirementPlans(), f, page.Prev), address(link.RetirementPlans(), f, "")
	}
	if page.Next != "" {
		v.Older = address(link.RetirementPlans(), f, page.Next)
	}
	n, more, counted, err := h.Store.CountPlans(ctx, f)
	switch {
	case err != nil:
		return err
	case counted && more:
		v.Count = ui.Number(int64(n)) + "+ models"
	case counted:
		v.Count = ui.Count(int64(n), "model", "models")
	case page.Next == "" && page.Prev == "":
		v.Count = ui.Count(int64(len(page.Rows)), "model", "models")
	}
	return respond.HTML(c, http.StatusOK, views.List(respond.Props(c, "Retirements"), v))
}

func readFilter(q *form.Query) retirement.Filter {
	allowed := []string{""}
	for _, s := range retirement.Standings {
		allowed = append(allowed, s.Value)
	}
	return retirement.Filter{Standing: retirement.Standing(q.Choice("state", allowed...)), Team: q.Text("team")}
}

func address(path string, f retirement.Filter, after string) string {
	return link.With(path, "state", string(f.Standing), "team", f.Team, "after", after)
}

func teamOptions(teams []org.Team) []ui.Option {
	out := make([]ui.Option, len(teams))
	for i, t := range teams {
		out[i] = ui.Option{Value: t.Slug, Label: t.Name, Group: t.Department}
	}
	return out
}

var csvHead = []string{"model", "name", "team", "owner", "stage", "tier", "stands", "plan in force", "newest plan",
	"state of the newest plan", "gone on", "latest start", "review by", "what is stale"}

// CSV is the filtered list as a file.
func (h Handlers) CSV(c echo.Context) error {
	q := form.ReadQuery(c)
	f := readFilter(q)
	if err := q.Err(); err != nil {
		return err
	}
	return respond.CSV(c, "retirement-plans.csv", csvHead, h.records(c.Request().Context(), f))
}

var errEnough = errors.New("the reader has enough")

func (h Handlers) records(ctx context.Context, f retirement.Filter) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		err := h.Store.EachPlan(ctx, f, h.Policy, func(r retirement.Row, today day.Day) error {
			if !yield(record(r, today), nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

func record(r retirement.Row, today day.Day) []string {
	var stands, stale []string
	for _, s := range r.Stands(today) {
		stands = append(stands, string(s))
	}
	for _, x := range r.Findings {
		stale = append(stale, x.Sentence)
	}
	ends, latest := "", ""
	if r.InForce != 0 {
		ends, latest = string(r.Runway.End), string(r.Runway.LatestStart)
	}
	return slices.Concat(
		[]string{r.Model.Slug, r.Model.Name, r.Model.Team, r.Model.Owner, string(r.Model.Stage), numeral(int(r.Model.Tier))},
		[]string{strings.Join(stands, " "), numeral(r.InForce), numeral(r.Newest), string(r.State), ends, latest, string(r.ReviewBy)},
		[]string{strings.Join(stale, " ")},
	)
}

// numeral leaves 0, which stands for none, out.
func numeral(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
