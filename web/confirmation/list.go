package confirmation

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/confirmation"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/confirmation"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

const pageRows = 50

// List is how far a quarter is, by team, and its entries: first of all what nobody confirmed.
func (h Handlers) List(c echo.Context) error {
	f, after, err := h.readList(c)
	if err != nil {
		return err
	}
	ctx, now := c.Request().Context(), h.Clock()
	v := views.ListView{Running: f.Quarter == day.QuarterOf(now), Show: f.Show, Team: f.Team, CSV: address(link.ConfirmationsCSV(), f, ""), Now: now}
	if v.Round, err = h.Store.ConfirmationRound(ctx, f.Quarter); err != nil {
		return err
	}
	page, err := h.Store.Confirmations(ctx, f, after, pageRows)
	if err != nil {
		return err
	}
	for i := range page.Rows {
		e := &page.Rows[i]
		v.Rows = append(v.Rows, views.EntryRow{Entry: e, MayAssign: org.May(auth.Actor(c), org.Assign, e.Model.TeamID).Allowed})
	}
	if page.Prev != "" {
		v.Newer, v.First = address(link.Confirmations(), f, page.Prev), address(link.Confirmations(), f, "")
	}
	if page.Next != "" {
		v.Older = address(link.Confirmations(), f, page.Next)
	}
	count, err := h.Store.CountConfirmations(ctx, f)
	if err != nil {
		return err
	}
	v.Count = number(count) + " " + plural(count.N, "entry", "entries")
	for _, add := range []func(context.Context, store.ConfirmationFilter, *views.ListView) error{h.teams, h.quarters} {
		if err := add(ctx, f, &v); err != nil {
			return err
		}
	}
	mine, err := h.Store.ToConfirm(ctx, auth.Actor(c).ID)
	if err != nil {
		return err
	}
	v.Mine = mine.Entries.N > 0
	p := respond.Props(c, "Quarterly confirmation")
	p.Crumbs = []ui.Crumb{{Label: "Maturity", Href: link.Teams()}, {Label: "Quarterly confirmation"}}
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.List(p, v))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (h Handlers) readList(c echo.Context) (f store.ConfirmationFilter, after string, err error) {
	q := form.ReadQuery(c)
	shows := []string{""}
	for _, s := range views.Shows {
		shows = append(shows, s.Value)
	}
	f = store.ConfirmationFilter{Quarter: day.QuarterOf(h.Clock()), Show: q.Choice("show", shows...), Team: q.Text("team")}
	after = q.Cursor("after")
	if err := q.Err(); err != nil {
		return f, "", err
	}
	if text := q.Text("quarter"); text != "" {
		if f.Quarter, err = day.ParseQuarter(text); err != nil {
			return f, "", fault.New(fault.Malformed, "The quarter is not one like 2026-Q4.")
		}
	}
	return f, after, nil
}

func address(path string, f store.ConfirmationFilter, after string) string {
	return link.With(path, "quarter", string(f.Quarter), "show", f.Show, "team", f.Team, "after", after)
}

// teams adds how far each team is, and the organisation.
func (h Handlers) teams(ctx context.Context, f store.ConfirmationFilter, v *views.ListView) error {
	list, err := h.Store.ConfirmationsByTeam(ctx, f.Quarter)
	if err != nil {
		return err
	}
	for _, t := range list {
		slug, name := t.Slug, t.Name
		if slug == "" {
			slug, name = "none", "Without a team"
		}
		row := views.TeamRow{Name: name, Department: t.Department, Href: address(link.Confirmations(), store.ConfirmationFilter{Quarter: f.Quarter, Show: f.Show, Team: slug}, "") + "#list",
			Asked: t.Asked, Confirmed: t.Confirmed, Disputed: t.Disputed, Waiting: t.Open(), Overdue: t.Overdue}
		v.Teams = append(v.Teams, row)
		v.Options = append(v.Options, ui.Option{Value: slug, Label: name, Group: t.Department})
		v.Total.Asked += row.Asked
		v.Total.Confirmed += row.Confirmed
		v.Total.Disputed += row.Disputed
		v.Total.Waiting += row.Waiting
		v.Total.Overdue += row.Overdue
	}
	slices.SortStableFunc(v.Teams, func(a, b views.TeamRow) int { return (b.Asked - b.Confirmed) - (a.Asked - a.Confirmed) })
	if v.AllTeams = len(v.Teams); v.AllTeams > mostTeams {
		v.Teams = v.Teams[:mostTeams]
	}
	return nil
}

// mostTeams is how many teams the page sets side by side: those with the most to confirm. The filter has all.
const mostTeams = 50

// mostQuarters is how far back one can choose; the address takes any.
const mostQuarters = 12

func (h Handlers) quarters(ctx context.Context, f store.ConfirmationFilter, v *views.ListView) error {
	first, err := h.Store.FirstQuarter(ctx)
	if err != nil {
		return err
	}
	for q := day.QuarterOf(h.Clock()); q >= first && len(v.Quarters) < mostQuarters; q = q.Add(-1) {
		v.Quarters = append(v.Quarters, ui.Option{Value: string(q), Label: q.Human()})
	}
	for _, o := range v.Quarters {
		if o.Value == string(f.Quarter) {
			return nil
		}
	}
	v.Quarters = append(v.Quarters, ui.Option{Value: string(f.Quarter), Label: f.Quarter.Human()})
	return nil
}

var csvHead = []string{"quarter", "model", "name", "team", "department", "tier", "stage", "owner", "owner has left", "deputy", "deputy has left",
	"stands", "answered by", "answered at", "what is wrong", "changed since", "due", "overdue", "why nobody can"}

// CSV is the filtered list as a file.
func (h Handlers) CSV(c echo.Context) error {
	f, _, err := h.readList(c)
	if err != nil {
		return err
	}
	return respond.CSV(c, "confirmations-"+string(f.Quarter)+".csv", csvHead, h.records(c.Request().Context(), f))
}

var errEnough = errors.New("the reader has enough")

func (h Handlers) records(ctx context.Context, f store.ConfirmationFilter) iter.Seq2[[]string, error] {
	today := day.Of(h.Clock())
	return func(yield func([]string, error) bool) {
		err := h.Store.EachConfirmation(ctx, f, func(e confirmation.Entry) error {
			if !yield(record(&e, today), nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

func record(e *confirmation.Entry, today day.Day) []string {
	m, by, at, what, changed, nobody := e.Model, "", "", "", "", ""
	if e.Last != nil {
		by, at, what, changed = e.Last.ByName, e.Last.At.UTC().Format(time.RFC3339), e.Last.What, yes(e.ChangedSince())
	}
	if e.Standing() != confirmation.Confirmed {
		nobody = e.Nobody()
	}
	tier := ""
	if m.Tier > 0 {
		tier = strconv.Itoa(int(m.Tier))
	}
	return []string{string(e.Round.Quarter), m.Slug, m.Name, e.Team.Name, e.Team.Department, tier, string(m.Stage), e.Owner.Name, yes(e.Owner.Disabled), e.Deputy.Name, yes(e.Deputy.Disabled),
		string(e.Standing()), by, at, what, changed, string(e.Due()), yes(e.Overdue(today)), nobody}
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}
