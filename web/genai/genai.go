// Package genai serves what GenAI releases are made of: registered prompts, evaluation suites, and the
// aliases that point at approved releases. What they may say and who may move them is models/registry's;
// a release's own page is web/lifecycle's.
package genai

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/genai"
	"sundial/components/layout"
	"sundial/components/ui"
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

const (
	pageSize     = 50
	pageVersions = 30  // of a prompt or suite on its page
	mostUses     = 200 // releases looked at for who uses what is on a page
	usesEach     = 6   // shown for one version
	mostChoices  = 200
)

func (h Handlers) now() time.Time { return h.Clock().UTC().Truncate(time.Millisecond) }

// listOf reads a list's filters and place.
func (h Handlers) listOf(c echo.Context, list string, show ...string) (views.ListView, store.NamedFilter, string, error) {
	q := form.ReadQuery(c)
	query := views.Query{Q: q.Text("q"), Team: q.Text("team"), Show: q.Choice("show", append([]string{""}, show...)...)}
	after := q.Cursor("after")
	if err := q.Err(); err != nil {
		return views.ListView{}, store.NamedFilter{}, "", err
	}
	v := views.ListView{Query: query}
	if may := org.May(auth.Actor(c), org.Edit, 0); !may.Allowed {
		v.WhyNot = may.Reason
	}
	teams, err := h.Store.Teams(c.Request().Context())
	if err != nil {
		return v, store.NamedFilter{}, "", err
	}
	for _, t := range teams {
		v.Teams = append(v.Teams, ui.Option{Value: t.Slug, Label: t.Name, Group: t.Department})
	}
	if after != "" {
		v.First = query.Address(list)
	}
	return v, store.NamedFilter{Query: query.Q, Team: query.Team, Show: query.Show}, after, nil
}

func countWords(f store.Figure, one, many string) string {
	if f.More {
		return ui.Number(int64(f.N)) + "+ " + many
	}
	return ui.Count(int64(f.N), one, many)
}

// teamOptions are the teams for which this person may register something, and the one that is named now.
func (h Handlers) teamOptions(ctx context.Context, a org.Actor, named string) ([]ui.Option, error) {
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	for _, t := range teams {
		if idText(t.ID) == named || org.May(a, org.Edit, t.ID).Allowed {
			out = append(out, ui.Option{Value: idText(t.ID), Label: t.Name, Group: t.Department})
		}
	}
	return out, nil
}

// ownTeam is the team that a new thing most likely belongs to: a person's only one.
func ownTeam(options []ui.Option) string {
	if len(options) == 1 {
		return options[0].Value
	}
	return ""
}

func idText(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// typed is what stands in the named fields.
func typed(v form.Values, names ...string) map[string]string {
	out := make(map[string]string, len(names))
	for _, name := range names {
		out[name] = v.Get(name)
	}
	return out
}

// props is the frame of a page under one of the lists.
func props(c echo.Context, title string, problem *fault.Fault, crumbs ...ui.Crumb) layout.Props {
	p := respond.Props(c, title)
	p.Error = problem != nil
	p.Crumbs = append(crumbs, ui.Crumb{Label: title})
	return p
}

// both joins what the form could not read with what the rule refuses, one sentence a field.
func both(read, rule error) error {
	var p fault.Problems
	seen := map[string]bool{}
	for _, err := range []error{read, rule} {
		if err == nil {
			continue
		}
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.Invalid || len(f.Problems) == 0 {
			return err
		}
		for _, x := range f.Problems {
			if !seen[x.Field] {
				seen[x.Field] = true
				p.Add(x.Field, x.Sentence)
			}
		}
	}
	return p.Err()
}

// reasonOf is the sentence of a decision that says no, "" of one that says yes.
func reasonOf(d org.Decision) string {
	if d.Allowed {
		return ""
	}
	return d.Reason
}

// names are the people behind ids, by id.
func (h Handlers) names(ctx context.Context, ids []int64) (map[int64]org.Person, error) {
	ids = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(id int64) bool { return id == 0 })
	return h.Store.PeopleByID(ctx, ids)
}

// usesOf sorts releases by the hash they use, a few for each.
func usesOf(list []store.ReleaseUse) (by map[string][]views.Use, more map[string]bool) {
	by, more = map[string][]views.Use{}, map[string]bool{}
	for _, u := range list {
		if len(by[u.SHA256]) == usesEach {
			more[u.SHA256] = true
			continue
		}
		by[u.SHA256] = append(by[u.SHA256], views.Use{Model: u.Model, Slug: u.Slug, Version: u.Version, Stage: u.Stage})
	}
	return by, more
}

// lines turns a walk over a filtered list into the lines of its file.
func lines[T any](each func(func(T) error) error, line func(T) []string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		stop := fault.New(fault.Malformed, "stopped")
		err := each(func(r T) error {
			if !yield(line(r), nil) {
				return stop
			}
			return nil
		})
		if err != nil && err != error(stop) {
			yield(nil, err)
		}
	}
}

// clashes are the fields in which what was typed differs from what is kept now.
func (h Handlers) clash(ctx context.Context, f *views.FormView, kind string, id, revision int64, kept [][3]string) error {
	f.Revision = strconv.FormatInt(revision, 10)
	for _, x := range kept { // name, label, what is kept
		if f.Typed[x[0]] != x[2] {
			f.Clashes = append(f.Clashes, ui.Clash{Label: x[1], Yours: f.Typed[x[0]], Theirs: x[2]})
		}
	}
	event, err := h.Store.LastChange(ctx, kind, id)
	if err == nil && event != nil {
		f.Who, f.When = event.Actor, ui.FormatTime(event.At)
	}
	return err
}
