package vendors

import (
	"context"
	"iter"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	"sundial/components/ui"
	views "sundial/components/vendors"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/models/vendors"
	"sundial/web/form"
	"sundial/web/respond"
)

const cataloguePage = 50

// Catalogue is every row, in use or not.
func (h Handlers) Catalogue(c echo.Context) error {
	ctx, today := c.Request().Context(), day.Of(h.Clock())
	q := form.ReadQuery(c)
	query, filter := read(q, today)
	after := q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	page, err := h.Store.VendorModels(ctx, filter, after, cataloguePage)
	if err != nil {
		return err
	}
	count, err := h.Store.CountVendorModels(ctx, filter)
	if err != nil {
		return err
	}
	may := org.May(auth.Actor(c), org.Catalogue, 0)
	v := views.View{Query: query, Hosts: hosts(query.Host), Count: countWords(count), MayWrite: may.Allowed, WhyNot: may.Reason, Today: today}
	for _, r := range page.Rows {
		v.Rows = append(v.Rows, rowOf(r))
	}
	v.Older, v.Newer = follow(query, page.Next), follow(query, page.Prev)
	if after != "" {
		v.First = query.Address(link.VendorCatalogue())
	}
	p := respond.Props(c, "Catalogue of vendor models")
	p.Wide = true
	p.Crumbs = crumbs("Catalogue")
	return respond.HTML(c, http.StatusOK, views.Catalogue(p, v))
}

func read(q *form.Query, today day.Day) (views.Query, store.VendorFilter) {
	classes := []string{""}
	for _, x := range vendors.Classes() {
		classes = append(classes, string(x))
	}
	query := views.Query{Q: q.Text("q"), Host: q.Text("host"), Class: q.Choice("class", classes...),
		Ends: q.Choice("ends", "", "past", "90", "365"), Show: q.Choice("show", "", "in-use", "conflict")}
	f := store.VendorFilter{Query: query.Q, Host: query.Host, Class: vendors.Class(query.Class), InUse: query.Show == "in-use", Conflict: query.Show == "conflict", EndsBy: endsBy(query.Ends, today)}
	return query, f
}

func rowOf(r store.VendorRow) views.Row {
	return views.Row{Entry: r.Entry, UsedBy: r.UsedBy, Reason: reasonOf(r.Entry)}
}

func countWords(f store.Figure) string {
	if f.More {
		return ui.Number(int64(f.N)) + "+ vendor models"
	}
	return ui.Count(int64(f.N), "vendor model", "vendor models")
}

func follow(q views.Query, cursor string) string {
	if cursor == "" {
		return ""
	}
	return link.With(q.Address(link.VendorCatalogue()), "after", cursor)
}

// CatalogueCSV is the filtered catalogue as a file.
func (h Handlers) CatalogueCSV(c echo.Context) error {
	today := day.Of(h.Clock())
	q := form.ReadQuery(c)
	_, filter := read(q, today)
	if err := q.Err(); err != nil {
		return err
	}
	head := []string{"host", "model_id", "class", "end_of_life", "days_left", "successor", "source", "read_on", "conflict", "note", "used_by"}
	return respond.CSV(c, "vendor-catalogue.csv", head, h.lines(c.Request().Context(), filter, today))
}

func (h Handlers) lines(ctx context.Context, f store.VendorFilter, today day.Day) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		stop := fault.New(fault.Malformed, "stopped")
		err := h.Store.EachVendorModel(ctx, f, func(r store.VendorRow) error {
			line := []string{string(r.Host), r.ModelID, string(r.Class), string(r.EndOfLife), daysLeft(r.Entry, today), r.Successor, r.Source, string(r.ReadOn), r.Conflict, r.Note, strconv.Itoa(r.UsedBy)}
			if !yield(line, nil) {
				return stop
			}
			return nil
		})
		if err != nil && err != error(stop) {
			yield(nil, err)
		}
	}
}

// Try tells of any id whether it is pinned, and why.
func (h Handlers) Try(c echo.Context) error {
	q := form.ReadQuery(c)
	t := views.Try{Host: q.Text("at"), ID: q.Cursor("id"), MayWrite: org.May(auth.Actor(c), org.Catalogue, 0).Allowed}
	if err := q.Err(); err != nil {
		return err
	}
	t.Hosts = hosts(t.Host)
	if t.ID != "" {
		v := vendors.Classify(t.Host, t.ID)
		t.Verdict = &v
		row, err := h.Store.VendorModel(c.Request().Context(), t.Host, t.ID)
		switch {
		case err == nil:
			known := rowOf(row)
			t.Known = &known
		case !fault.Is(err, fault.NotFound):
			return err
		}
	} else if t.Host != "" {
		t.Error = "Enter an id."
	}
	return respond.HTML(c, http.StatusOK, views.TryPage(respond.Props(c, "Try an id"), t, day.Of(h.Clock())))
}

// crumbs lead back to what is in use.
func crumbs(here string) []ui.Crumb {
	return []ui.Crumb{{Label: "Vendor models", Href: link.Vendors()}, {Label: here}}
}
