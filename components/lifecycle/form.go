package lifecycle

import (
	"fmt"

	"sundial/components/ui"
	"sundial/models/fault"
)

// FormView is what stands in a form: what was typed, and what was wrong with it.
type FormView struct {
	Typed map[string]string
	Fault *fault.Fault // nil when nothing is
}

// field fills a field with what was typed and the sentence at it.
func (f FormView) field(x ui.Field) ui.Field {
	if typed, ok := f.Typed[x.Name]; ok {
		x.Value = typed
	}
	if f.Fault != nil {
		x.Error = ui.Problems(f.Fault.Problems).At(x.Name)
	}
	return x
}

// entry is the name of a field in a row of a list: metrics[0].name.
func entry(list string, i int, field string) string { return fmt.Sprintf("%s[%d].%s", list, i, field) }
