package imports

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	views "sundial/components/imports"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// table is a file as it is mapped: titles, all rows, and what the guesses make of them.
type table struct {
	job     intake.Job
	columns []string
	rows    [][]string
	guessed intake.Mapping
	guesses map[intake.Field]intake.FieldGuess
}

func (h Handlers) table(c echo.Context) (*table, error) {
	job, err := h.job(c)
	if err != nil {
		return nil, err
	}
	t := &table{job: job, guesses: map[intake.Field]intake.FieldGuess{}}
	raw, err := h.Store.Blob(c.Request().Context(), job.FileSHA256)
	if err != nil {
		return nil, err
	}
	if t.columns, t.rows, err = intake.Sample(raw, job.Format, intake.MaxRows); err != nil {
		return t, err
	}
	var guesses []intake.FieldGuess
	t.guessed, guesses = intake.GuessMapping(t.columns, t.rows)
	for _, g := range guesses {
		t.guesses[g.Field] = g
	}
	return t, nil
}

// Mapping asks what the columns mean: as kept with the import, as another mapping says, or as guessed.
func (h Handlers) Mapping(c echo.Context) error {
	t, err := h.table(c)
	if err != nil {
		return h.backToFormat(c, t, err)
	}
	if fixed(t.job) {
		return respond.SeeOther(c, link.Import(t.job.ID))
	}
	kept, err := h.Store.Mappings(c.Request().Context())
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	from := q.Text("from")
	if err := q.Err(); err != nil {
		return err
	}
	v := t.view(t.guessed, kept)
	switch m, known := find(kept, from); {
	case known:
		fitted, moved := m.Mapping.Fit(t.columns)
		v = t.view(fitted, kept)
		v.From, v.Moved, v.Inventory = from, moved, m.Inventory
	case from != "":
		return fault.New(fault.NotFound, "There is no such mapping.")
	case t.job.Mapping.Name != "":
		v = t.view(t.job.Mapping, kept)
		v.Inventory = t.job.Inventory
	default:
		v.Name, v.Suggest = baseName(t.job.FileName), fitting(kept, t.columns)
	}
	return h.drawMapping(c, http.StatusOK, t, v)
}

// SetMapping tries the mapping out on the whole file and keeps it with what it would do.
func (h Handlers) SetMapping(c echo.Context) error {
	t, err := h.table(c)
	if err != nil {
		return h.backToFormat(c, t, err)
	}
	kept, err := h.Store.Mappings(c.Request().Context())
	if err != nil {
		return err
	}
	in, m, err := t.read(c)
	v := t.view(m, kept)
	v.Name, v.Inventory, v.Revision = in.Name, in.Inventory, in.Revision
	if err == nil {
		if others := t.otherValues(in); others != "" || in.Do == "values" {
			v.Redrawn = others
			return h.drawMapping(c, http.StatusOK, t, v)
		}
		_, err = h.Store.MapImport(c.Request().Context(), t.job.ID, in.Revision, m, in.Inventory)
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Stale) && !fixed(t.job) {
		if f.Kind == fault.Stale {
			v.Revision = t.job.Revision
		}
		v.Refusal = f
		return h.drawMapping(c, respond.Status(f.Kind), t, v)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Import(t.job.ID))
}

func (h Handlers) drawMapping(c echo.Context, status int, t *table, v views.MappingView) error {
	var err error
	if v.Inventories, err = h.Store.Inventories(c.Request().Context()); err != nil {
		return err
	}
	return respond.HTML(c, status, views.Mapping(frame(c, t.job, "What do the columns of "+t.job.FileName+" mean?", v.Refusal != nil), v))
}

// backToFormat leads to the step before when the file cannot be read as it says.
func (h Handlers) backToFormat(c echo.Context, t *table, err error) error {
	if _, isFault := fault.As(err); isFault && t != nil && !fixed(t.job) {
		return respond.SeeOther(c, link.ImportFormat(t.job.ID))
	}
	return err
}

func find(kept []store.KeptMapping, name string) (store.KeptMapping, bool) {
	for _, k := range kept {
		if k.Mapping.Name == name {
			return k, true
		}
	}
	return store.KeptMapping{}, false
}

// fitting is the kept mapping all of whose columns are in the file as they are, "" without one.
func fitting(kept []store.KeptMapping, columns []string) string {
	for _, k := range kept {
		if _, moved := k.Mapping.Fit(columns); len(moved) == 0 {
			return k.Mapping.Name
		}
	}
	return ""
}

func baseName(file string) string {
	if i := strings.LastIndexByte(file, '.'); i > 0 {
		file = file[:i]
	}
	if r := []rune(file); len(r) > 100 {
		file = string(r[:100])
	}
	return file
}

// view is the form as a mapping fills it.
func (t *table) view(m intake.Mapping, kept []store.KeptMapping) views.MappingView {
	v := views.MappingView{Job: t.job, Revision: t.job.Revision, Name: m.Name, Dates: string(m.Dates), DefaultKind: string(m.DefaultKind),
		GenAIWords: strings.Join(m.GenAIWords, ", "), Nothing: strings.Join(m.Nothing, ", ")}
	for _, k := range kept {
		v.Kept = append(v.Kept, k.Mapping.Name)
	}
	for i, title := range t.columns {
		v.Columns = append(v.Columns, ui.Option{Value: strconv.Itoa(i), Label: short(title)})
	}
	for _, f := range intake.Fields {
		v.Fields = append(v.Fields, t.field(f, m))
		if f.Coded() && len(m.Columns[f]) > 0 {
			v.Values = append(v.Values, t.values(f, m))
		}
	}
	for i := range 4 {
		v.Identity = append(v.Identity, t.nthPlace(m.Identity, i))
	}
	return v
}

func short(title string) string {
	if r := []rune(title); len(r) > 90 {
		return string(r[:89]) + "…"
	}
	return title
}

func (t *table) place(title string) string {
	for i, c := range t.columns {
		if c == title {
			return strconv.Itoa(i)
		}
	}
	return ""
}

func (t *table) nthPlace(titles []string, i int) string {
	if i < len(titles) {
		return t.place(titles[i])
	}
	return ""
}

func (t *table) field(f intake.Field, m intake.Mapping) views.FieldRow {
	row := views.FieldRow{Field: f, Name: "columns." + string(f), Chosen: []string{t.nthPlace(m.Columns[f], 0)}}
	if f.Several() {
		for i := 1; i < max(2, len(m.Columns[f])); i++ {
			row.Chosen = append(row.Chosen, t.nthPlace(m.Columns[f], i))
		}
	}
	if g := t.guesses[f]; len(g.Columns) > 0 && len(m.Columns[f]) > 0 && g.Columns[0] == m.Columns[f][0] {
		row.Confidence, row.Why = g.Confidence, g.Why
	} else if len(m.Columns[f]) == 0 && len(g.Columns) == 0 {
		row.Why = g.Why
	}
	if i, err := strconv.Atoi(row.Chosen[0]); err == nil {
		row.Example = t.example(i)
	}
	return row
}

// example is the first value of a column that says anything.
func (t *table) example(column int) string {
	for _, row := range t.rows {
		if column < len(row) {
			if s := strings.TrimSpace(row[column]); len(s) > 1 {
				return s
			}
		}
	}
	return ""
}

// listName is how the form calls the values of a coded field.
func listName(f intake.Field) string {
	switch f {
	case intake.FieldStage:
		return "stages"
	case intake.FieldTier:
		return "tiers"
	}
	return "kinds"
}

func (t *table) values(f intake.Field, m intake.Mapping) views.ValueTable {
	column := m.Columns[f][0]
	v := views.ValueTable{Field: f, Name: listName(f), Column: column, Place: t.place(column), Options: meanings(f)}
	for _, x := range intake.Values(t.columns, column, t.rows, m) {
		row := views.ValueRow{Value: x.Value, Count: x.Count, Meaning: meaningIn(m, f, x.Value)}
		if row.Meaning == "" {
			v.Open++
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func meanings(f intake.Field) []ui.Option {
	switch f {
	case intake.FieldStage:
		return []ui.Option{{Value: string(intake.Planned), Label: "Planned"}, {Value: string(intake.Developing), Label: "In development"},
			{Value: string(intake.Operating), Label: "In operation, not governed yet"}, {Value: string(intake.Retired), Label: "Retired"}}
	case intake.FieldTier:
		return []ui.Option{{Value: "1", Label: "Tier 1, the highest risk"}, {Value: "2", Label: "Tier 2"}, {Value: "3", Label: "Tier 3"}}
	}
	return []ui.Option{{Value: string(registry.Trained), Label: "Trained"}, {Value: string(registry.GenAI), Label: "GenAI"}}
}

// meaningIn is what a mapping says of a value, however it is written.
func meaningIn(m intake.Mapping, f intake.Field, value string) string {
	switch f {
	case intake.FieldStage:
		for v, r := range m.Stages {
			if intake.SameName(v, value) {
				return string(r)
			}
		}
	case intake.FieldTier:
		for v, t := range m.Tiers {
			if intake.SameName(v, value) && t > 0 {
				return strconv.Itoa(int(t))
			}
		}
	case intake.FieldKind:
		for v, k := range m.Kinds {
			if intake.SameName(v, value) {
				return string(k)
			}
		}
	}
	return ""
}
