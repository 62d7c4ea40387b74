// Package confirmation serves the quarterly confirmation: the one page on which owners and deputies confirm
// their entries, and the lists of what was confirmed and what nobody confirmed. Who may confirm what, and
// until when, is the rules'.
package confirmation

import (
	"maps"
	"net/http"
	"slices"
	"strings"
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

// Handlers answers for this subject.
type Handlers struct {
	Store *store.Store
	Clock func() time.Time
}

// entriesOnPage is how many somebody reads at once. They are read, not skimmed.
const entriesOnPage = 25

const title = "Confirm your entries"

// Ask shows somebody's entries: those that wait for their word, or those that have it.
func (h Handlers) Ask(c echo.Context) error {
	q := form.ReadQuery(c)
	f := h.mine(c, q)
	after := q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	page, err := h.Store.Confirmations(c.Request().Context(), f, after, entriesOnPage)
	if err != nil {
		return err
	}
	v, err := h.view(c, f)
	if err != nil {
		return err
	}
	for i := range page.Rows {
		v.Entries = append(v.Entries, h.entry(c, &page.Rows[i]))
	}
	to := func(cursor string) string {
		if cursor == "" {
			return ""
		}
		return link.With(link.Confirm(), "show", f.Show, "after", cursor)
	}
	v.Newer, v.Older = to(page.Prev), to(page.Next)
	return respond.HTML(c, http.StatusOK, views.Confirm(respond.Props(c, title), v))
}

// mine narrows to the entries of whoever asks, in the quarter that runs.
func (h Handlers) mine(c echo.Context, q *form.Query) store.ConfirmationFilter {
	return store.ConfirmationFilter{Quarter: day.QuarterOf(h.Clock()), Person: auth.Actor(c).ID, Show: q.Choice("show", store.ShowUnconfirmed, string(confirmation.Confirmed))}
}

func (h Handlers) view(c echo.Context, f store.ConfirmationFilter) (views.ConfirmView, error) {
	ctx := c.Request().Context()
	mine, err := h.Store.ToConfirm(ctx, f.Person)
	if err != nil {
		return views.ConfirmView{}, err
	}
	done := f
	done.Show = string(confirmation.Confirmed)
	n, err := h.Store.CountConfirmations(ctx, done)
	if err != nil {
		return views.ConfirmView{}, err
	}
	return views.ConfirmView{Round: mine.Round, Confirmed: f.Show != store.ShowUnconfirmed, Waiting: number(mine.Entries), Done: number(n),
		None: mine.Entries.N+n.N == 0, Now: h.Clock()}, nil
}

func (h Handlers) entry(c echo.Context, e *confirmation.Entry) views.EntryView {
	return views.EntryView{Entry: e, MayEdit: org.May(auth.Actor(c), org.Edit, e.Model.TeamID).Allowed}
}

func number(f store.Figure) string {
	n := ui.Number(int64(f.N))
	if f.More {
		return n + "+"
	}
	return n
}

// answers is what the page sends, by the models' ids.
type answers struct {
	Entries map[int64]answer `form:"entries"`
}

type answer struct {
	Digest string `form:"digest"`
	Number int    `form:"number"`
	Reply  string `form:"reply"`
	What   string `form:"what" is:"text" max:"2000"`
}

// Confirm takes the answers that were chosen: all of them or none.
func (h Handlers) Confirm(c echo.Context) error {
	q := form.ReadQuery(c)
	f := h.mine(c, q)
	if err := q.Err(); err != nil {
		return err
	}
	var in answers
	_, err := form.Decode(c, &in)
	if err == nil {
		err = h.Store.AnswerEntries(c.Request().Context(), chosen(in))
	}
	if err != nil {
		return h.refused(c, f, in, err)
	}
	return respond.SeeOther(c, link.With(link.Confirm(), "show", f.Show), said(in))
}

func chosen(in answers) []store.EntryReply {
	var out []store.EntryReply
	for _, id := range slices.Sorted(maps.Keys(in.Entries)) {
		a := in.Entries[id]
		if a.Reply == views.NotNow {
			a.Reply = ""
		}
		if a.Reply != "" || strings.TrimSpace(a.What) != "" {
			out = append(out, store.EntryReply{Model: id, Seen: confirmation.Seen{Digest: a.Digest, Number: a.Number}, Reply: confirmation.Reply(a.Reply), What: a.What})
		}
	}
	return out
}

func said(in answers) string {
	confirmed, wrong := 0, 0
	for _, a := range in.Entries {
		switch confirmation.Reply(a.Reply) {
		case confirmation.AsItSays:
			confirmed++
		case confirmation.Wrong:
			wrong++
		}
	}
	var parts []string
	if confirmed > 0 {
		parts = append(parts, ui.Count(int64(confirmed), "entry is", "entries are")+" confirmed.")
	}
	if wrong > 0 {
		parts = append(parts, ui.Count(int64(wrong), "entry waits", "entries wait")+" to be mended.")
	}
	return strings.Join(parts, " ")
}

// refused draws the page with the same entries as they are now, and with what was typed. Only the choice
// for an entry that has changed is taken back: it was made for something else.
func (h Handlers) refused(c echo.Context, f store.ConfirmationFilter, in answers, err error) error {
	problem, status, ok := respond.Fault(err)
	if is, isFault := fault.As(err); isFault && is.Kind == fault.NotFound && len(is.Problems) > 0 {
		problem, status, ok = is, http.StatusNotFound, true // what is not theirs is not there, and the rest is kept
	}
	if !ok {
		return err
	}
	ids := slices.Sorted(maps.Keys(in.Entries))
	if len(ids) > entriesOnPage {
		ids = ids[:entriesOnPage]
	}
	list, err := h.Store.EntriesByID(c.Request().Context(), f.Person, ids)
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b confirmation.Entry) int { return strings.Compare(a.Model.Name, b.Model.Name) })
	v, err := h.view(c, f)
	if err != nil {
		return err
	}
	v.Fault = onPage(problem, list)
	for i := range list {
		e, a := h.entry(c, &list[i]), in.Entries[list[i].Model.ID]
		e.Reply, e.What = a.Reply, a.What
		if seen := list[i].Seen(); seen.Digest != a.Digest || seen.Number != a.Number {
			e.Changed, e.Reply = true, ""
		}
		v.Entries = append(v.Entries, e)
	}
	return respond.HTML(c, status, views.Confirm(respond.Refused(c, title), v))
}

// onPage lets what is wrong with entries that are not on the page stand for itself.
func onPage(f *fault.Fault, list []confirmation.Entry) *fault.Fault {
	out := *f
	out.Problems = nil
	for _, p := range f.Problems {
		if !slices.ContainsFunc(list, func(e confirmation.Entry) bool { return strings.HasPrefix(p.Field, views.FieldsOf(&e)) }) {
			p.Field = ""
		}
		out.Problems = append(out.Problems, p)
	}
	return &out
}
