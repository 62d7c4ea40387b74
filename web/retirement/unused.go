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
	"sundial/models/day"
	"sundial/models/retirement"
	"sundial/web/form"
	"sundial/web/respond"
)

// Unused is what could end without anybody noticing.
func (h Handlers) Unused(c echo.Context) error {
	q := form.ReadQuery(c)
	f, after := readUnused(c, q), q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	page, err := h.Store.Unnoticed(ctx, f, after, pageRows)
	if err != nil {
		return err
	}
	count, err := h.Store.CountUnnoticed(ctx, f)
	if err != nil {
		return err
	}
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return err
	}
	v := views.UnusedView{Rows: page.Rows, Filter: f, Mine: f.Person != 0, Teams: teamOptions(teams), Count: models(count), Today: day.Of(h.Clock()),
		CSV: unusedAddress(link.RetirementsUnusedCSV(), f, "")}
	if page.Prev != "" {
		v.Newer, v.First = unusedAddress(link.RetirementsUnused(), f, page.Prev), unusedAddress(link.RetirementsUnused(), f, "")
	}
	if page.Next != "" {
		v.Older = unusedAddress(link.RetirementsUnused(), f, page.Next)
	}
	return respond.HTML(c, http.StatusOK, views.Unused(respond.Props(c, "Models nobody would notice"), v))
}

func readUnused(c echo.Context, q *form.Query) retirement.UnnoticedFilter {
	f := retirement.UnnoticedFilter{Team: q.Text("team"), Measured: q.Choice("measured", "", "yes", "no")}
	if q.Choice("whose", "", "mine") == "mine" {
		f.Person = auth.Actor(c).ID
	}
	return f
}

func unusedAddress(path string, f retirement.UnnoticedFilter, after string) string {
	whose := ""
	if f.Person != 0 {
		whose = "mine"
	}
	return link.With(path, "measured", f.Measured, "team", f.Team, "whose", whose, "after", after)
}

var unusedHead = []string{"model", "name", "team", "owner", "tier", "evidence", "silent since", "last stamp", "in production since", "plan", "retirement", "next"}

// UnusedCSV is the filtered list as a file.
func (h Handlers) UnusedCSV(c echo.Context) error {
	q := form.ReadQuery(c)
	f := readUnused(c, q)
	if err := q.Err(); err != nil {
		return err
	}
	return respond.CSV(c, "nobody-would-notice.csv", unusedHead, h.unnoticed(c.Request().Context(), f))
}

func (h Handlers) unnoticed(ctx context.Context, f retirement.UnnoticedFilter) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		err := h.Store.EachUnnoticed(ctx, f, func(u retirement.Unnoticed) error {
			evidence := "unused"
			if !u.Measured() {
				evidence = "not measured"
			}
			m := u.Model
			if !yield([]string{m.Slug, m.Name, m.Team, m.Owner, numeral(int(m.Tier)), evidence, string(u.Since()), string(u.LastStamp), string(u.FirstServed),
				u.Plan, string(u.Retiring), strings.ToLower(views.NextWords(u))}, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}
