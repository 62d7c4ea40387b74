package telemetry

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/telemetry"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/store"
	"sundial/models/telemetry"
	"sundial/web/form"
	"sundial/web/respond"
)

// Stamps looks a stamp up, or shows what is wrong with those that were reported.
func (h Handlers) Stamps(c echo.Context) error {
	q := form.ReadQuery(c)
	v := views.StampsView{Typed: q.Text("stamp"), Example: "model@v1", Now: h.Clock()}
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	p := respond.Props(c, "Stamps")
	p.Wide = true
	if v.Typed == "" {
		if err := h.lists(ctx, &v); err != nil {
			return err
		}
		return respond.HTML(c, http.StatusOK, views.Stamps(p, v))
	}
	st, err := telemetry.ParseStamp(v.Typed)
	if f, wrong := fault.As(err); wrong {
		v.Wrong, p.Error = f.Problems[0].Sentence, true
		return respond.HTML(c, http.StatusUnprocessableEntity, views.Stamps(p, v))
	}
	found, err := h.Store.ByStamp(ctx, st)
	switch {
	case fault.Is(err, fault.NotFound):
		v.None = true
		return respond.HTML(c, http.StatusNotFound, views.Stamps(p, v))
	case err != nil:
		return err
	}
	v.Found = foundView(found)
	return respond.HTML(c, http.StatusOK, views.Stamps(p, v))
}

func foundView(f store.Stamped) *views.FoundView {
	out := &views.FoundView{Stamp: f.Stamp, Known: f.Known, Model: f.Model, Version: f.Version, Last: f.Last}
	for _, s := range f.Served {
		out.Served = append(out.Served, views.ServedRow{Since: s.Since, Until: s.Until, ApprovedBy: names(s.ApprovedBy), RequestID: s.RequestID})
	}
	if f.Serving != nil {
		out.Serving, out.Since = f.Serving.Version, f.Serving.Since
	}
	for _, a := range f.Apps {
		out.Apps = append(out.Apps, views.AppRow{App: a.App, Count: a.Count, Last: a.Last})
	}
	return out
}

// lists are the zombies, the unknown stamps and the gaps of yesterday: today is not over.
func (h Handlers) lists(ctx context.Context, v *views.StampsView) error {
	today := day.Of(h.Clock())
	z, err := h.Store.Zombies(ctx, today.Add(-daysBack), onPage)
	if err != nil {
		return err
	}
	u, err := h.Store.UnknownStamps(ctx, onPage)
	if err != nil {
		return err
	}
	gaps, err := h.Store.CoverageGaps(ctx, today.Add(-1), onPage)
	if err != nil {
		return err
	}
	v.Zombies, v.Unknown, v.GapsOf = zombieRows(z), unknownRows(u), today.Add(-1).Human()
	for _, g := range gaps {
		share, _ := g.Coverage()
		v.Gaps = append(v.Gaps, views.GapRow{Model: g.Model, Slug: g.Slug, Team: g.Team, Coverage: share, Total: g.Total})
	}
	return nil
}

func zombieRows(list []store.Zombie) []views.ZombieRow {
	out := make([]views.ZombieRow, 0, len(list))
	for _, z := range list {
		out = append(out, views.ZombieRow{Model: z.Model, Slug: z.Slug, Version: z.Version, App: z.App, Days: z.Days, Count: z.Count, At: z.At})
	}
	return out
}

func unknownRows(list []store.UnknownStamp) []views.UnknownRow {
	out := make([]views.UnknownRow, 0, len(list))
	for _, u := range list {
		out = append(out, views.UnknownRow{Stamp: u.Stamp, App: u.App, Model: u.Model, Slug: u.Slug, Count: u.Count, First: u.First, Last: u.Last})
	}
	return out
}

// StampsCSV is one of the page's lists as a file.
func (h Handlers) StampsCSV(c echo.Context) error {
	q := form.ReadQuery(c)
	list := q.Choice("list", "unknown", "zombies", "coverage")
	if err := q.Err(); err != nil {
		return err
	}
	head, rows, err := h.file(c.Request().Context(), list)
	if err != nil {
		return err
	}
	return respond.CSV(c, list+".csv", head, func(yield func([]string, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	})
}

func (h Handlers) file(ctx context.Context, list string) (head []string, rows [][]string, err error) {
	today := day.Of(h.Clock())
	switch list {
	case "zombies":
		z, err := h.Store.Zombies(ctx, today.Add(-daysBack), inFile)
		for _, x := range z {
			rows = append(rows, []string{x.Stamp(), x.Model, x.App, string(x.First), string(x.Last), strconv.Itoa(x.Days), number(x.Count)})
		}
		return []string{"stamp", "model", "app", "first_day", "last_day", "days", "predictions"}, rows, err
	case "coverage":
		gaps, err := h.Store.CoverageGaps(ctx, today.Add(-1), inFile)
		for _, x := range gaps {
			share, _ := x.Coverage()
			rows = append(rows, []string{x.Slug, x.Model, x.Team, string(x.Day), number(x.Total), number(x.Known), strconv.FormatFloat(share, 'f', 4, 64)})
		}
		return []string{"model", "name", "team", "day", "predictions", "known", "coverage"}, rows, err
	}
	u, err := h.Store.UnknownStamps(ctx, inFile)
	for _, x := range u {
		rows = append(rows, []string{x.Stamp, x.App, x.Slug, number(x.Count), x.First.Format(time.RFC3339), x.Last.Format(time.RFC3339)})
	}
	return []string{"stamp", "app", "model", "predictions", "first_seen", "last_seen"}, rows, err
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
