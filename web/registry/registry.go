// Package registry serves the inventory: the list of models and its CSV, a model's page and history,
// and the forms by which models and versions are registered and changed. What is allowed is
// models/registry's, what a gate asks models/lifecycle's; a version's own page is web/lifecycle's.
package registry

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/registry"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/web/form"
)

// Handlers answers for this subject.
type Handlers struct {
	Store  *store.Store
	Policy lifecycle.Policy
	Clock  func() time.Time
}

// shape names the fields of a form, so that what was typed can be shown again: plain ones, and those of
// each list's rows.
type shape struct {
	plain []string
	lists map[string][]string
}

// typed is what a form holds as it was sent.
func (s shape) typed(v form.Values) views.Stored {
	out := views.Stored{}
	for _, name := range s.plain {
		out[name] = v.Get(name)
	}
	for list, fields := range s.lists {
		for i := range v.Rows(list) {
			for _, f := range fields {
				out[views.Row(list, i, f)] = v.Get(views.Row(list, i, f))
			}
		}
	}
	return out
}

// redraw adds or removes the row whose button was pressed. done is false when the form is to be saved.
// focus is the first field of the new row.
func (s shape) redraw(v form.Values) (stored views.Stored, focus string, done bool) {
	stored = s.typed(v)
	if list := v.Get("add"); s.lists[list] != nil {
		n := max(stored.Rows(list), 1)
		for _, f := range s.lists[list] {
			stored[views.Row(list, n, f)] = ""
		}
		return stored, views.Row(list, n, s.lists[list][0]), true
	}
	list, number, _ := strings.Cut(v.Get("remove"), ":")
	if at, err := strconv.Atoi(number); err == nil && s.lists[list] != nil {
		return s.without(stored, list, at), "", true
	}
	return stored, "", false
}

// without moves the rows behind a removed one up.
func (s shape) without(stored views.Stored, list string, at int) views.Stored {
	n := stored.Rows(list)
	if at < 0 || at >= n {
		return stored
	}
	for i := at; i < n; i++ {
		for _, f := range s.lists[list] {
			if i+1 < n {
				stored[views.Row(list, i, f)] = stored[views.Row(list, i+1, f)]
			} else {
				delete(stored, views.Row(list, i, f))
			}
		}
	}
	return stored
}

// clashes are the fields in which what was typed differs from what is kept now.
func (s shape) clashes(yours, theirs views.Stored, label func(string) string) []ui.Clash {
	var names []string
	for _, side := range []views.Stored{yours, theirs} {
		for name, value := range side {
			if value != "" {
				names = append(names, name)
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int { return s.place(a) - s.place(b) })
	var out []ui.Clash
	for _, name := range slices.Compact(names) {
		if yours[name] != theirs[name] {
			out = append(out, ui.Clash{Label: label(name), Yours: yours[name], Theirs: theirs[name]})
		}
	}
	return out
}

// place orders fields as the form does: plain ones as they are named, then rows by number.
func (s shape) place(name string) int {
	if i := slices.Index(s.plain, name); i >= 0 {
		return i
	}
	list, rest, _ := strings.Cut(name, "[")
	number, field, _ := strings.Cut(rest, "].")
	n, _ := strconv.Atoi(number)
	return 1000 + n*100 + slices.Index(s.lists[list], field)
}

// stale fills a form that somebody else overtook: what was typed stays, what is kept now stands beside
// it, and saving again is a decision.
func (h Handlers) stale(ctx context.Context, f *views.FormView, s shape, kept views.Stored, kind string, id, revision int64, label func(string) string) error {
	f.Stale = true
	f.Revision = strconv.FormatInt(revision, 10)
	f.Clashes = s.clashes(f.Stored, kept, label)
	event, err := h.Store.LastChange(ctx, kind, id)
	if err != nil {
		return err
	}
	if event != nil {
		f.Who, f.When = event.Actor, ui.FormatTime(event.At)
	}
	return nil
}

// said turns a field's name into words for the table of clashes.
func said(words map[string]string) func(string) string {
	return func(name string) string {
		if w, ok := words[name]; ok {
			return w
		}
		list, rest, isRow := strings.Cut(name, "[")
		if !isRow {
			return name
		}
		number, field, _ := strings.Cut(rest, "].")
		n, _ := strconv.Atoi(number)
		w := words[field]
		if w == "" {
			w = strings.ReplaceAll(field, "_", " ")
		}
		return strings.TrimSuffix(strings.ToUpper(list[:1])+list[1:], "s") + " " + strconv.Itoa(n+1) + ", " + w
	}
}

// mostPeople is how many a select offers; an organisation with more finds people by their team first.
const mostPeople = 500

// peopleOptions are the active people of the select, the team's members first, and whoever is named now.
func (h Handlers) peopleOptions(ctx context.Context, team int64, named ...int64) ([]ui.Option, error) {
	list, err := h.Store.People(ctx, "", "", 0, mostPeople)
	if err != nil {
		return nil, err
	}
	var missing []int64
	for _, id := range named {
		if id != 0 && !slices.ContainsFunc(list, func(p org.Person) bool { return p.ID == id }) {
			missing = append(missing, id)
		}
	}
	extra, err := h.Store.PeopleByID(ctx, missing)
	if err != nil {
		return nil, err
	}
	for _, id := range missing {
		if p, ok := extra[id]; ok {
			list = append(list, p)
		}
	}
	var mates, others []ui.Option
	for _, p := range list {
		o := ui.Option{Value: idText(p.ID), Label: p.Name, Group: "Everybody else"}
		switch {
		case p.Disabled && !slices.Contains(named, p.ID):
			continue
		case p.Disabled:
			o.Label += " (inactive)"
		}
		if team != 0 && slices.Contains(p.TeamIDs, team) {
			o.Group = "In the team"
			mates = append(mates, o)
		} else {
			others = append(others, o)
		}
	}
	return append(mates, others...), nil
}

// teamOptions are the teams this person may act for, and the one named now.
func (h Handlers) teamOptions(ctx context.Context, actor org.Actor, act org.Act, named int64) ([]ui.Option, error) {
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	for _, t := range teams {
		if t.ID == named || org.May(actor, act, t.ID).Allowed {
			out = append(out, ui.Option{Value: idText(t.ID), Label: t.Name, Group: t.Department})
		}
	}
	return out, nil
}

// idText writes an id into a form; nobody is "".
func idText(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func revisionText(n int64) string { return strconv.FormatInt(n, 10) }

// slugOf is the model in the path.
func slugOf(c echo.Context) (string, error) { return form.Param(c, "model") }

// problemsOf is the fault of a decoded form, ready to be shown; an error of another kind is returned.
func problemsOf(err error) (*fault.Fault, error) {
	if err == nil {
		return nil, nil
	}
	if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
		return f, nil
	}
	return nil, err
}

// merge puts the problems of decoding before those of the rule, one a field: a person hears everything
// at once. What the rule says beside fields does not count while the form cannot be read.
func merge(decoded, ruled error) error {
	a, err := problemsOf(decoded)
	if err != nil {
		return err
	}
	if a == nil {
		return ruled
	}
	b, ok := fault.As(ruled)
	switch {
	case ruled != nil && (!ok || b.Kind == fault.Forbidden):
		return ruled
	case ok && b.Kind != fault.Invalid:
		b = nil
	}
	var p fault.Problems
	seen := map[string]bool{}
	for _, f := range []*fault.Fault{a, b} {
		if f == nil {
			continue
		}
		for _, x := range f.Problems {
			if !seen[x.Field] || x.Field == "" {
				p.Add(x.Field, x.Sentence)
				seen[x.Field] = true
			}
		}
	}
	return p.Err()
}

// mayEdit says whether this person may change a team's models, and why not.
func mayEdit(c echo.Context, team int64) org.Decision { return org.May(auth.Actor(c), org.Edit, team) }
