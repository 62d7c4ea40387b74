package retirement

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/retirement"
)

// labels name every input of a plan, by its name without row numbers.
var labels = map[string]string{
	"trigger.kind":                  "What would end this model",
	"trigger.by":                    "How you will know",
	"trigger.criterion.metric":      "Metric",
	"trigger.criterion.operator":    "Compared",
	"trigger.criterion.threshold":   "Threshold",
	"trigger.criterion.window_days": "Measured over",
	"trigger.criterion.source":      "Read from",
	"trigger.date":                  "Date",
	"trigger.explanation":           "Why this ends the model",

	"dates.deprecation": "Gone on",
	"dates.review_by":   "Look at this plan again by",
	"dates.vendor_end":  "The vendor ends it on",

	"candidate.kind":              "What takes over",
	"candidate.model":             "Model",
	"candidate.version":           "Version",
	"candidate.host":              "Host",
	"candidate.vendor_id":         "Exact model id",
	"candidate.none":              "Nothing replaces it",
	"candidate.decision_goes_to":  "Where the decision goes",
	"candidate.equivalence_tests": "Tests that show it is as good",

	"consumers.list":             "Consumers",
	"consumers.list.name":        "Name",
	"consumers.list.contact":     "Contact",
	"consumers.list.criticality": "How much it depends on the model",
	"consumers.list.integration": "How it calls the model",
	"consumers.list.notice_days": "Notice it needs",
	"consumers.none_reason":      "Why nobody depends on it",

	"steps.order":         "Order",
	"steps.title":         "What is done",
	"steps.owner":         "Who does it",
	"steps.precondition":  "What must be true before",
	"steps.check":         "How one sees that it worked",
	"steps.expected_days": "Takes",
	"steps.mode":          "Moves traffic by",
	"steps.dual_run_days": "Both run for",
	"steps.reversible":    "It can be taken back",

	"rollback.window_days":        "The old version may return for",
	"rollback.capacity_held_days": "Its capacity is held for",
	"rollback.decides":            "Who decides to roll back",
	"rollback.point_of_no_return": "After what there is no way back",

	"assets.kind":              "Kind",
	"assets.name":              "Name",
	"assets.location":          "Where it lies",
	"assets.personal_data":     "It holds personal data",
	"assets.decision":          "What happens to it",
	"assets.keep_until":        "Kept until",
	"assets.delete_on":         "Done on",
	"assets.delete_after_days": "Or days after the end",
	"assets.method":            "How it is done",
	"assets.performer":         "Who does it",
	"assets.verifier":          "Who verifies it",
	"assets.legal_basis":       "Legal basis",
	"assets.hold":              "Legal hold",

	"access.what":         "What is released",
	"access.action":       "What is done with it",
	"access.monthly_cost": "Costs a month",

	"archive.what":  "What is kept",
	"archive.where": "Where",
	"archive.years": "Years",
	"archive.until": "or until",

	"people.owner":        "Owner",
	"people.deputy":       "Deputy",
	"people.cutover_lead": "Cutover lead",
	"people.data_steward": "Data steward",
}

// rowNames are what one row of a list is called, and its buttons with it.
var rowNames = map[string]string{
	"consumers.list": "Consumer",
	"steps":          "Step",
	"assets":         "Data",
	"access":         "Access",
	"archive":        "Record",
}

// RowName is what one row of a list is called: "Step" for "steps".
func RowName(list string) string { return rowNames[list] }

var rowNumber = regexp.MustCompile(`\[(\d+)\]`)

// Label names an input for a list of changes: "Step 2: who does it".
func Label(field string) string {
	plain := labels[rowNumber.ReplaceAllString(field, "")]
	if plain == "" {
		return field
	}
	m := rowNumber.FindStringSubmatchIndex(field)
	if m == nil {
		return plain
	}
	n, _ := strconv.Atoi(field[m[2]:m[3]])
	return fmt.Sprintf("%s %d: %s", rowNames[field[:m[0]]], n+1, strings.ToLower(plain[:1])+plain[1:])
}

// Typed is what stands in the inputs of a form, by their names. Every input has its entry, also when
// nothing stands in it, so that rows can be counted.
type Typed map[string]string

// Rows is how many rows of a list there are, at least one: a form offers a row to begin with.
func (t Typed) Rows(list string) int {
	rows := 1
	for name := range t {
		rest, ok := strings.CutPrefix(name, list+"[")
		if !ok {
			continue
		}
		digits, _, _ := strings.Cut(rest, "]")
		if n, err := strconv.Atoi(digits); err == nil {
			rows = max(rows, n+1)
		}
	}
	return rows
}

// in is the field of this name: labelled, with what was typed and the sentence at it.
func (v EditView) in(name string, f ui.Field) ui.Field {
	f.Name, f.Value, f.Error = name, v.Typed[name], v.Problems.At(name)
	if f.Label == "" {
		f.Label = labels[rowNumber.ReplaceAllString(name, "")]
	}
	f.Autofocus = name == v.Focus
	return f
}

// must is in for an input that every plan has to fill in. A template leaves open what it likes.
func (v EditView) must(name string, f ui.Field) ui.Field {
	f.Required, f.NoMark = v.Template == "", f.NoMark || v.Template != ""
	return v.in(name, f)
}

func row(list string, i int, field string) string {
	return list + "[" + strconv.Itoa(i) + "]." + field
}

// Get is what stands in an input.
func (t Typed) Get(name string) string { return t[name] }

// Shown is a value as people read it: the words of a choice, the name of a person.
func Shown(field, value string, people map[int64]org.Person) string {
	plain := rowNumber.ReplaceAllString(field, "")
	for _, c := range choices[plain] {
		if c.Value == value {
			return c.Title
		}
	}
	switch {
	case strings.HasPrefix(plain, "people."):
		if id, err := strconv.ParseInt(value, 10, 64); err == nil && people[id].Name != "" {
			return people[id].Name
		}
	case value == "true":
		return "Yes"
	}
	if d, err := day.Parse(value); err == nil && d.Known() {
		return d.Human()
	}
	return value
}

// choices are the inputs whose values are words of ours.
var choices = map[string][]retirement.Choice{
	"trigger.kind":               retirement.TriggerKinds,
	"trigger.by":                 {{Value: "criterion", Title: "A metric crosses a threshold"}, {Value: "date", Title: "A date comes"}},
	"trigger.criterion.operator": retirement.Operators,
	"candidate.kind":             {{Value: "model", Title: "A model in Sundial"}, {Value: "vendor", Title: "A vendor's model"}, {Value: "none", Title: "Nothing"}},
	"consumers.list.criticality": retirement.Criticalities,
	"steps.mode":                 retirement.Modes,
	"assets.kind":                retirement.AssetKinds,
	"assets.decision":            retirement.Decisions,
	"assets.hold":                retirement.Holds,
}
