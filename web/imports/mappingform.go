package imports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/models/registry"
	"sundial/web/form"
)

// mappingForm is what the mapping page sends, besides the columns and values, which are read by place:
// titles are whole questions and may hold anything.
type mappingForm struct {
	Name        string `form:"name" max:"100"`
	Inventory   string `form:"inventory" max:"100"`
	Dates       string `form:"dates"`
	DefaultKind string `form:"default_kind"`
	GenAIWords  string `form:"genai_words" max:"4000"`
	Nothing     string `form:"nothing" max:"4000"`
	Do          string `form:"do"`
	Revision    int64  `form:"revision"`

	sent form.Values
}

// read makes a mapping of the form. It is as complete as can be also when the error says what is wrong.
func (t *table) read(c echo.Context) (mappingForm, intake.Mapping, error) {
	var in mappingForm
	var err error
	in.sent, err = form.Decode(c, &in)
	m := intake.Mapping{Name: in.Name, Columns: map[intake.Field][]string{}, Stages: map[string]intake.Reported{}, Tiers: map[string]registry.Tier{},
		Kinds: map[string]registry.Kind{}, DefaultKind: registry.Kind(in.DefaultKind), Dates: intake.DateOrder(in.Dates),
		GenAIWords: list(in.GenAIWords), Nothing: list(in.Nothing)}
	f, isFault := fault.As(err)
	if err != nil && (!isFault || f.Kind != fault.Invalid) {
		return in, m, err
	}
	var p fault.Problems
	p.Merge("", err)
	for _, field := range intake.Fields {
		if titles := t.titles(&p, in, "columns."+string(field), 8); len(titles) > 0 {
			m.Columns[field] = titles
		}
	}
	m.Identity = t.titles(&p, in, "identity", 4)
	for _, field := range intake.Fields {
		if field.Coded() && len(m.Columns[field]) > 0 {
			t.readValues(&p, in, field, &m)
		}
	}
	return in, m, p.Err()
}

// titles are the columns chosen for a field, in order, each once.
func (t *table) titles(p *fault.Problems, in mappingForm, name string, most int) []string {
	var titles []string
	for i := range most {
		key := name
		if i > 0 {
			key += "_" + strconv.Itoa(i+1)
		}
		text := in.sent.Get(key)
		if text == "" {
			continue
		}
		at, err := strconv.Atoi(text)
		if err != nil || at < 0 || at >= len(t.columns) {
			p.Add(name, "Choose a column from the list.")
			continue
		}
		if !slices.Contains(titles, t.columns[at]) {
			titles = append(titles, t.columns[at])
		}
	}
	return titles
}

// readValues takes the meanings that were sent for the values of a column. When they were sent for
// another column, the guesses for this one stand in.
func (t *table) readValues(p *fault.Problems, in mappingForm, f intake.Field, m *intake.Mapping) {
	name := listName(f)
	sent := in.sent.Get(name+"_of") == t.place(m.Columns[f][0])
	for i, x := range intake.Values(t.columns, m.Columns[f][0], t.rows, *m) {
		key := name + "[" + strconv.Itoa(i) + "]"
		meaning := in.sent.Get(key)
		if !sent || !in.sent.Has(key) {
			meaning = intake.MeaningOf(f, x.Value)
		}
		if meaning == "" {
			continue
		}
		if !slices.ContainsFunc(meanings(f), func(o ui.Option) bool { return o.Value == meaning }) {
			p.Add(name, "Choose what the value means from its list.")
			continue
		}
		switch f {
		case intake.FieldStage:
			m.Stages[x.Value] = intake.Reported(meaning)
		case intake.FieldTier:
			m.Tiers[x.Value] = registry.Tier(meaning[0] - '0')
		case intake.FieldKind:
			m.Kinds[x.Value] = registry.Kind(meaning)
		}
	}
}

// otherValues says that a coded column was chosen whose values nobody has seen yet.
func (t *table) otherValues(in mappingForm) string {
	var fields []string
	for _, f := range intake.Fields {
		chosen := in.sent.Get("columns." + string(f))
		if f.Coded() && chosen != "" && chosen != in.sent.Get(listName(f)+"_of") {
			fields = append(fields, strings.ToLower(f.Title()))
		}
	}
	if len(fields) == 0 {
		return ""
	}
	return "Another column was chosen for " + strings.Join(fields, " and ") + ". Look at what its values mean below, then check all rows."
}

func list(s string) []string {
	var out []string
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}
