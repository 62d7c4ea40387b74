package registry

import (
	"strconv"
	"strings"

	"sundial/components/ui"
	"sundial/models/fault"
)

// Stored is what stands in a form's fields by name, whether typed just now or kept. Rows of a list are
// named consumers[0].name.
type Stored map[string]string

// Rows is how many rows of a list there are.
func (s Stored) Rows(list string) int {
	rows := 0
	for key := range s {
		rest, ok := strings.CutPrefix(key, list+"[")
		if !ok {
			continue
		}
		digits, _, _ := strings.Cut(rest, "]")
		if n, err := strconv.Atoi(digits); err == nil && n >= rows && n < 1000 {
			rows = n + 1
		}
	}
	return rows
}

// Row names a field of one row.
func Row(list string, i int, field string) string {
	return list + "[" + strconv.Itoa(i) + "]." + field
}

// FormView is what every form here knows beside its fields.
type FormView struct {
	Stored   Stored
	Fault    *fault.Fault // why it was refused; nil for a fresh form
	Revision string
	Clashes  []ui.Clash // what somebody else saved meanwhile
	Stale    bool
	Who      string // who saved, and when
	When     string
	Focus    string // the field that takes the focus, after a row was added
}

func (f FormView) problems() ui.Problems {
	if f.Fault == nil {
		return nil
	}
	return f.Fault.Problems
}

// field fills a field with what stands in it.
func (f FormView) field(x ui.Field) ui.Field {
	x.Value = f.Stored[x.Name]
	x.Error = f.problems().At(x.Name)
	x.Autofocus = f.Focus == x.Name
	return x
}

// refusal says what stands in the way of saving: problems at fields, unless the form is stale.
func (f FormView) refusal() *fault.Fault {
	if f.Stale {
		return nil
	}
	return f.Fault
}
