// Package vendors serves the catalogue of vendors' models: what is in use and until when, one model's own
// page, the catalogue and its forms, what waits to be confirmed, the import of lists, and the box that
// classifies any id. What an id means, and what a row may say, is models/vendors'.
package vendors

import (
	"context"
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	"sundial/components/ui"
	views "sundial/components/vendors"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/models/vendors"
	"sundial/web/form"
	"sundial/web/respond"
)

// Handlers answers for this subject.
type Handlers struct {
	Store  *store.Store
	Policy lifecycle.Policy
	Clock  func() time.Time
}

const (
	pageSize      = 25
	mostProposals = 20
)

// List is what the organisation builds on, those that end first on top.
func (h Handlers) List(c echo.Context) error {
	ctx, today := c.Request().Context(), day.Of(h.Clock())
	q := form.ReadQuery(c)
	query, filter := readUse(q, today)
	after := q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	page, err := h.Store.VendorsInUse(ctx, filter, h.Policy, after, pageSize)
	if err != nil {
		return err
	}
	count, err := h.Store.CountVendorsInUse(ctx, filter)
	if err != nil {
		return err
	}
	may := org.May(auth.Actor(c), org.Catalogue, 0)
	v := views.UseView{Query: query, Hosts: hosts(query.Host), Count: useWords(count), MayWrite: may.Allowed, WhyNot: may.Reason, Today: today, Now: h.Clock(),
		Try: views.Try{Hosts: hosts(""), MayWrite: may.Allowed}}
	if may.Allowed {
		if v.Proposals, err = h.proposals(c); err != nil {
			return err
		}
	}
	for _, r := range page.Rows {
		v.Rows = append(v.Rows, useOf(r))
	}
	follow := func(cursor string) string {
		if cursor == "" {
			return ""
		}
		return link.With(query.Address(link.Vendors()), "after", cursor)
	}
	v.Older, v.Newer = follow(page.Next), follow(page.Prev)
	if after != "" {
		v.First = query.Address(link.Vendors())
	}
	p := respond.Props(c, "Vendor models")
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.InUse(p, v))
}

func (h Handlers) proposals(c echo.Context) ([]views.Proposal, error) {
	list, err := h.Store.ProposedReadings(c.Request().Context(), mostProposals)
	if err != nil {
		return nil, err
	}
	return proposed(list, auth.Actor(c).ID), nil
}

func proposed(list []vendors.Reading, me int64) []views.Proposal {
	var out []views.Proposal
	for _, r := range list {
		if r.State == vendors.Proposed {
			out = append(out, views.Proposal{ID: r.ID, ModelID: r.ModelID, Host: r.Host, Who: r.ByName, At: r.At, Mine: r.By == me})
		}
	}
	return out
}

func readUse(q *form.Query, today day.Day) (views.UseQuery, store.VendorUseFilter) {
	query := views.UseQuery{Q: q.Text("q"), Host: q.Text("host"), Ends: q.Choice("ends", "", "past", "30", "90", "365"), Show: q.Choice("show", "", "floating", "conflict")}
	return query, store.VendorUseFilter{Query: query.Q, Host: query.Host, EndsBy: endsBy(query.Ends, today), NotPinned: query.Show == "floating", Conflict: query.Show == "conflict"}
}

// endsBy is the last day that a choice of the filter includes.
func endsBy(choice string, today day.Day) day.Day {
	if choice == "past" {
		return today
	}
	n, err := strconv.Atoi(choice)
	if err != nil {
		return ""
	}
	return today.Add(n)
}

func useWords(f store.Figure) string {
	if f.More {
		return ui.Number(int64(f.N)) + "+ vendor models in use"
	}
	return ui.Count(int64(f.N), "vendor model in use", "vendor models in use")
}

func useOf(r store.VendorUse) views.Use {
	u := views.Use{Entry: r.Entry, Known: r.Known, Models: r.Models, NeedsDays: r.NeedsDays, LatestStart: r.LatestStart, Reason: reasonOf(r.Entry)}
	for _, x := range r.Users {
		u.Users = append(u.Users, views.User{Slug: x.Slug, Model: x.Model, Version: x.Version, Stage: x.Stage, Tier: int(x.Tier), Owner: x.Owner, Team: x.Team,
			ModelID: x.ModelID, LatestStart: x.Runway.LatestStart, NeedsDays: x.Runway.NeedsDays})
	}
	return u
}

// reasonOf says why a row has its class: the id's own reason, or that somebody settled it.
func reasonOf(e vendors.Entry) string {
	switch v := vendors.Classify(string(e.Host), e.ModelID); {
	case v.Class == e.Class:
		return v.Reason
	case v.Class == vendors.Undetermined:
		return "Classified by hand, from the source."
	default:
		return "By its source. The id itself says " + string(v.Class) + ", and gates believe the id."
	}
}

// CSV is the filtered list of what is in use as a file.
func (h Handlers) CSV(c echo.Context) error {
	today := day.Of(h.Clock())
	q := form.ReadQuery(c)
	_, filter := readUse(q, today)
	if err := q.Err(); err != nil {
		return err
	}
	head := []string{"host", "model_id", "class", "end_of_life", "days_left", "latest_start", "needs_days", "successor", "conflict", "models", "model", "version", "stage", "owner", "team"}
	return respond.CSV(c, "vendor-models-in-use.csv", head, h.useLines(c.Request().Context(), filter, today))
}

// useLines is a line for each user that a page would show, so that the file answers "by whom" as well.
func (h Handlers) useLines(ctx context.Context, f store.VendorUseFilter, today day.Day) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		stop := fault.New(fault.Malformed, "stopped")
		err := h.Store.EachVendorInUse(ctx, f, h.Policy, func(r store.VendorUse) error {
			users := r.Users
			if len(users) == 0 {
				users = []store.User{{}}
			}
			for _, u := range users {
				line := []string{string(r.Host), r.ModelID, string(r.Class), string(r.EndOfLife), daysLeft(r.Entry, today), string(r.LatestStart), strconv.Itoa(r.NeedsDays),
					r.Successor, r.Conflict, strconv.Itoa(r.Models), u.Slug, u.Version, string(u.Stage), u.Owner, u.Team}
				if !yield(line, nil) {
					return stop
				}
			}
			return nil
		})
		if err != nil && err != error(stop) {
			yield(nil, err)
		}
	}
}

func daysLeft(e vendors.Entry, today day.Day) string {
	if n, known := vendors.DaysLeft(e, today); known {
		return strconv.Itoa(n)
	}
	return ""
}

// hosts are the choices of a form; one that Sundial has no rules for stays a choice where it is set.
func hosts(set string) []ui.Option {
	var out []ui.Option
	known := set == ""
	for _, x := range vendors.Hosts() {
		out = append(out, ui.Option{Value: string(x), Label: x.Name()})
		known = known || string(x) == set
	}
	if !known {
		out = append(out, ui.Option{Value: set, Label: set})
	}
	return out
}
