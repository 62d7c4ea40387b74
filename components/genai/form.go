package genai

import (
	"strconv"

	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
)

// FormView is what stands in a form: what was typed, and what was wrong with it.
type FormView struct {
	Typed    map[string]string
	Fault    *fault.Fault
	Revision string
	Clashes  []ui.Clash
	Who      string
	When     string
	Reason   string // why this person may not save, "" when they may
	Focus    string
}

func (f FormView) field(x ui.Field) ui.Field {
	if typed, ok := f.Typed[x.Name]; ok {
		x.Value = typed
	}
	if f.Fault != nil {
		x.Error = ui.Problems(f.Fault.Problems).At(x.Name)
	}
	x.Autofocus = f.Focus == x.Name
	return x
}

func (f FormView) stale() bool { return f.Fault != nil && f.Fault.Kind == fault.Stale }

func (f FormView) save(label string) string {
	if f.stale() && len(f.Clashes) > 0 {
		return "Save mine over theirs"
	}
	return label
}

// Query is the state of a list as its address says it.
type Query struct{ Q, Team, Show string }

// Active counts the filters that are set.
func (q Query) Active() int {
	n := 0
	for _, s := range []string{q.Q, q.Team, q.Show} {
		if s != "" {
			n++
		}
	}
	return n
}

// Address is the list, or its file, in this state.
func (q Query) Address(path string) string {
	return link.With(path, "q", q.Q, "team", q.Team, "show", q.Show)
}

// ListView is what the three lists have in common.
type ListView struct {
	Query               Query
	Teams               []ui.Option
	Count               string
	Older, Newer, First string
	WhyNot              string // why this person may register nothing
}

func (v ListView) empty(rows int) bool {
	return rows == 0 && v.Query.Active() == 0 && v.Older+v.Newer+v.First == ""
}

func (v ListView) clear(list string) string {
	if v.Query.Active() == 0 {
		return ""
	}
	return list
}

func entry(list string, i int, field string) string {
	return list + "[" + strconv.Itoa(i) + "]." + field
}
