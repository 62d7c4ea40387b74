package lifecycle

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/lifecycle"
	"sundial/components/link"
	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/vendors"
	"sundial/web/form"
	"sundial/web/respond"
)

// errEnough ends an export whose reader has gone.
var errEnough = errors.New("enough")

type productionQuery struct {
	filter store.ServingFilter
	typed  string // what stands in the field of the moment
	wrong  string // the sentence at it
	after  string
}

func (h Handlers) readProduction(c echo.Context) (productionQuery, error) {
	q := form.ReadQuery(c)
	r := productionQuery{filter: store.ServingFilter{Team: q.Text("team"), Query: q.Text("q")}, after: q.Cursor("after"), typed: q.Text("at")}
	if err := q.Err(); err != nil {
		return r, err
	}
	moment := form.ReadQuery(c)
	at := moment.Moment("at")
	switch {
	case moment.Err() != nil:
		r.wrong = "Enter a moment like 2026-03-03T14:32, or a day like 2026-03-03. It is read as UTC."
	case at.After(h.now().Add(time.Minute)):
		r.wrong = "This moment is yet to come. Leave the field empty to see what serves now."
	default:
		r.filter.At = at
	}
	if !r.filter.At.IsZero() && at.Equal(at.Truncate(time.Minute)) {
		r.typed = at.Format("2006-01-02T15:04")
	}
	return r, nil
}

func (r productionQuery) href(path, after string) string {
	at := ""
	if !r.filter.At.IsZero() {
		at = r.filter.At.Format(time.RFC3339Nano)
	}
	return link.With(path, "at", at, "q", r.filter.Query, "team", r.filter.Team, "after", after)
}

// Production lists what serves, or served at a moment.
func (h Handlers) Production(c echo.Context) error {
	r, err := h.readProduction(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	view := views.ProductionView{At: r.filter.At, Typed: r.typed, Wrong: r.wrong, Query: r.filter.Query, Team: r.filter.Team, Now: h.now(), CSV: r.href(link.ProductionCSV(), "")}
	if view.Teams, err = h.Store.Teams(ctx); err != nil {
		return err
	}
	for _, set := range []string{r.typed, r.filter.Query, r.filter.Team} {
		if set != "" {
			view.Active++
		}
	}
	p := respond.Props(c, "In production")
	p.Wide = true
	if r.wrong != "" {
		p.Error = true
		return respond.HTML(c, http.StatusUnprocessableEntity, views.Production(p, view))
	}
	page, err := h.Store.Production(ctx, r.filter, r.after, perPage)
	if err != nil {
		return err
	}
	n, more, err := h.Store.CountProduction(ctx, r.filter)
	if err != nil {
		return err
	}
	view.Rows, view.Count = servingRows(page.Rows), counted(n, more, "model", "models")
	if r.after != "" {
		view.First = r.href(link.Production(), "")
	}
	if page.Prev != "" {
		view.Prev = r.href(link.Production(), page.Prev)
	}
	if page.Next != "" {
		view.Next = r.href(link.Production(), page.Next)
	}
	return respond.HTML(c, http.StatusOK, views.Production(p, view))
}

func servingRows(rows []store.ServingRow) []views.ServingRow {
	out := make([]views.ServingRow, 0, len(rows))
	for _, r := range rows {
		row := views.ServingRow{Model: r.Model, Slug: r.Slug, Kind: r.Kind, Tier: r.Tier, Team: r.Team, Version: r.Version, Since: r.Since, Until: r.Until,
			RequestID: r.RequestID, How: r.How, AskedBy: r.AskedBy, ApprovedBy: r.ApprovedBy, Code: r.Code, Run: r.Run, VendorID: r.VendorID, Plan: r.PlanState}
		if r.Kind == registry.GenAI {
			row.Host = vendors.Host(r.Host).Name()
		}
		if r.Returnable != "" {
			row.Rollback = link.Rollback(r.Slug)
		}
		out = append(out, row)
	}
	return out
}

// ProductionCSV is the same list as a file.
func (h Handlers) ProductionCSV(c echo.Context) error {
	r, err := h.readProduction(c)
	if err != nil {
		return err
	}
	if r.wrong != "" {
		return fault.New(fault.Malformed, r.wrong)
	}
	head := []string{"model", "name", "kind", "tier", "team", "owner", "version", "since", "until", "how", "approved_by", "approved_digest", "request", "repo", "commit", "run", "host", "vendor_model", "plan_today"}
	rows := func(yield func([]string, error) bool) {
		err := h.Store.EachProduction(c.Request().Context(), r.filter, func(x store.ServingRow) error {
			if !yield(servingLine(x), nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && err != errEnough {
			yield(nil, err)
		}
	}
	return respond.CSV(c, "production.csv", head, rows)
}

func servingLine(x store.ServingRow) []string {
	names := make([]string, 0, len(x.ApprovedBy))
	for _, a := range x.ApprovedBy {
		names = append(names, a.Name)
	}
	request := ""
	if x.RequestID != 0 {
		request = strconv.FormatInt(x.RequestID, 10)
	}
	return []string{x.Slug, x.Model, string(x.Kind), strconv.Itoa(int(x.Tier)), x.Team, x.Owner, x.Version, stamp(x.Since), stamp(x.Until), x.How,
		strings.Join(names, "; "), x.ApprovedDigest, request, x.Code.Repo, x.Code.Commit, x.Run.ID, x.Host, x.VendorID, x.PlanState}
}

// stamp is a moment in a file, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
