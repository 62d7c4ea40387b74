package intake

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"sundial/models/fault"
	"sundial/models/registry"
)

// Field is one of our fields that a column can fill.
type Field string

// The fields, as mappings are kept and forms name them.
const (
	FieldName       Field = "name"
	FieldPurpose    Field = "purpose"
	FieldDepartment Field = "department"
	FieldTeam       Field = "team"
	FieldOwner      Field = "owner"
	FieldKind       Field = "kind"
	FieldStage      Field = "stage"
	FieldTier       Field = "tier"
	FieldStarted    Field = "started"
	FieldOperating  Field = "operating"
	FieldRetired    Field = "retired"
	FieldVendor     Field = "vendor"
	FieldURL        Field = "url"
)

// Fields lists the fields in the order of the mapping page. Columns that no field takes are kept as facts.
var Fields = []Field{FieldName, FieldPurpose, FieldDepartment, FieldTeam, FieldOwner, FieldKind, FieldStage,
	FieldTier, FieldStarted, FieldOperating, FieldRetired, FieldVendor, FieldURL}

// Title is the field as people read it.
func (f Field) Title() string {
	switch f {
	case FieldStarted:
		return "Work began on"
	case FieldOperating:
		return "In operation since"
	case FieldRetired:
		return "Retired on"
	case FieldURL:
		return "Link or code repository"
	case FieldStage:
		return "Reported stage"
	case FieldTier:
		return "Risk tier"
	case "":
		return ""
	}
	return strings.ToUpper(string(f[:1])) + string(f[1:])
}

// Several reports whether more than one column may fill the field; their texts are joined.
func (f Field) Several() bool {
	return f == FieldPurpose || f == FieldTeam || f == FieldName || f == FieldVendor
}

// Coded reports whether the column's values are mapped one by one, not copied.
func (f Field) Coded() bool { return f == FieldStage || f == FieldTier || f == FieldKind }

// Dated reports whether the field is a day.
func (f Field) Dated() bool { return f == FieldStarted || f == FieldOperating || f == FieldRetired }

// Mapping says how one kind of spreadsheet becomes our fields. It is kept under its name as JSON, and
// belongs to the person who imports: next year's file has other columns.
type Mapping struct {
	Name     string                   `json:"name"`
	Columns  map[Field][]string       `json:"columns"`
	Identity []string                 `json:"identity"` // columns that tell one record from another, with their order among equals
	Stages   map[string]Reported      `json:"stages"`
	Tiers    map[string]registry.Tier `json:"tiers"`
	Kinds    map[string]registry.Kind `json:"kinds"`
	// Kind of every record that states none, unless its name or purpose holds one of the GenAIWords.
	DefaultKind registry.Kind `json:"default_kind"`
	GenAIWords  []string      `json:"genai_words"`
	Dates       DateOrder     `json:"dates"`
	Nothing     []string      `json:"nothing"` // how the file writes "no value", beside the empty cell
}

// Reported is what an inventory says of a system. It is recorded as said, and opens no gate.
type Reported string

// What can be reported. NotStated is also what an unmapped value becomes.
const (
	NotStated  Reported = ""
	Planned    Reported = "planned"
	Developing Reported = "developing"
	Operating  Reported = "operating"
	Retired    Reported = "retired"
)

// Vanished is no state of a file but the lack of one: the system was in operation and is no longer
// listed. A model carries it until its owners have answered.
const Vanished Reported = "vanished"

// ReportedStates lists the states in order, for forms.
var ReportedStates = []Reported{NotStated, Planned, Developing, Operating, Retired}

// Title is the state as people read it, with what it does not mean.
func (r Reported) Title() string {
	switch r {
	case NotStated:
		return "Not stated"
	case Planned:
		return "Reported as planned"
	case Developing:
		return "Reported in development"
	case Operating:
		return "Reported in operation, not governed yet"
	case Retired:
		return "Reported retired"
	case Vanished:
		return "No longer listed, not explained yet"
	}
	return "Unknown"
}

// Stage is where an imported record begins: an experiment, or closed when the system is
// reported retired. Never further: every later stage is reached through its gate alone.
func (r Reported) Stage() registry.Stage {
	if r == Retired {
		return registry.Retired
	}
	return registry.Experiment
}

// nothingWords is how inventories write "no value".
var nothingWords = []string{"N/A", "NA", "None", "Not Applicable", "-", "null", "nan", "#N/A"}

const (
	maxMappingName = 100
	maxValues      = 500 // mapped values per field
	maxWord        = 100
)

// Check finds everything that keeps the mapping from being used on a table with these columns.
// Problems are at columns.FIELD, identity, stages, tiers, kinds, dates, default_kind and name.
func (m Mapping) Check(columns []string) error {
	var p fault.Problems
	if m.Name != "" && (cleanLine(m.Name) != m.Name || utf8.RuneCountInString(m.Name) > maxMappingName) {
		p.Addf("name", "Give the mapping a plain name of at most %d characters.", maxMappingName)
	}
	m.checkColumns(&p, columns)
	for value, r := range m.Stages {
		if !slices.Contains(ReportedStates, r) {
			p.Addf("stages", "%q cannot become %q; choose planned, developing, operating or retired.", excerpt(value), excerpt(string(r)))
		}
	}
	for value, t := range m.Tiers {
		if t < 0 || t > 3 {
			p.Addf("tiers", "%q cannot become tier %d; choose 1, 2 or 3.", excerpt(value), t)
		}
	}
	for value, k := range m.Kinds {
		if !k.Valid() {
			p.Addf("kinds", "%q cannot become %q; choose trained or genai.", excerpt(value), excerpt(string(k)))
		}
	}
	if len(m.Stages) > maxValues || len(m.Tiers) > maxValues || len(m.Kinds) > maxValues || len(m.Nothing) > maxValues || len(m.GenAIWords) > maxValues {
		p.Addf("stages", "At most %d values are mapped for a field.", maxValues)
	}
	for _, w := range slices.Concat(m.GenAIWords, m.Nothing) {
		if len(w) > maxWord {
			p.Addf("genai_words", "%q is too long; use words of at most %d characters.", excerpt(w), maxWord)
		}
	}
	if !m.DefaultKind.Valid() {
		p.Add("default_kind", "Choose the kind of records that state none.")
	}
	if m.Dates != MonthFirst && m.Dates != DayFirst {
		p.Add("dates", "Choose whether 10/1/2023 begins with the month or with the day.")
	}
	return p.Err()
}

func (m Mapping) checkColumns(p *fault.Problems, columns []string) {
	if len(m.Columns[FieldName]) == 0 {
		p.Add("columns.name", "Choose the column that holds the name.")
	}
	if len(m.Identity) == 0 {
		p.Add("identity", "Choose at least one column that tells the records apart.")
	}
	missing := func(field string, list []string) {
		for _, c := range list {
			if !slices.Contains(columns, c) {
				p.Addf(field, "The file has no column %q.", excerpt(c))
			}
		}
	}
	for _, f := range Fields {
		field := "columns." + string(f)
		missing(field, m.Columns[f])
		if len(m.Columns[f]) > 1 && !f.Several() {
			p.Addf(field, "Only one column can fill %q.", f.Title())
		}
	}
	for f := range m.Columns {
		if !slices.Contains(Fields, f) {
			p.Add("columns", fmt.Sprintf("There is no field %q.", excerpt(string(f))))
		}
	}
	missing("identity", m.Identity)
}

// Fitting tells how a column that a kept mapping names was found in a new file.
type Fitting struct {
	Field  Field // "" for the identity
	Wanted string
	Found  string // "" when the file has nothing like it
}

// Fit moves a kept mapping onto a new file's columns: titles match without regard to case, blanks and
// punctuation, and whole questions when nearly all their words agree. It returns the mapping with the
// columns that were found, and everything that was not found as written, for the person to look at.
func (m Mapping) Fit(columns []string) (Mapping, []Fitting) {
	var moved []Fitting
	fit := func(f Field, wanted []string) []string {
		var found []string
		for _, w := range wanted {
			c := closestTitle(w, columns)
			if c != w {
				moved = append(moved, Fitting{f, w, c})
			}
			if c != "" && !slices.Contains(found, c) {
				found = append(found, c)
			}
		}
		return found
	}
	fitted := m
	fitted.Columns = map[Field][]string{}
	for _, f := range Fields {
		if found := fit(f, m.Columns[f]); len(found) > 0 {
			fitted.Columns[f] = found
		}
	}
	fitted.Identity = fit("", m.Identity)
	return fitted, moved
}

// closestTitle is the column meant by a title, "" when none is close enough. Short titles must agree
// in full: "Date Retired" is not "Date Required".
func closestTitle(wanted string, columns []string) string {
	if slices.Contains(columns, wanted) {
		return wanted
	}
	folded := foldTitle(wanted)
	best, bestScore := "", 0.8
	for _, c := range columns {
		if foldTitle(c) == folded && folded != "" {
			return c
		}
		a, b := words(wanted), words(c)
		if len(a) < 6 || len(b) < 6 {
			continue
		}
		if score := overlap(a, b); score > bestScore {
			best, bestScore = c, score
		}
	}
	return best
}

// overlap is the share of distinct words that two lists have in common (Jaccard).
func overlap(a, b []string) float64 {
	seen := map[string]int{}
	for _, w := range a {
		seen[w] |= 1
	}
	for _, w := range b {
		seen[w] |= 2
	}
	both := 0
	for _, in := range seen {
		if in == 3 {
			both++
		}
	}
	if len(seen) == 0 {
		return 0
	}
	return float64(both) / float64(len(seen))
}
