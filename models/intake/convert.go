package intake

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"sundial/models/day"
	"sundial/models/registry"
)

// How much text of one record is kept. What is longer is cut, and the row says so.
const (
	maxName      = registry.MaxName
	maxLine      = 300                 // department, team, owner, vendor, link
	maxText      = registry.MaxPurpose // and of each fact
	maxFactBytes = 256 << 10
)

// Converter turns the rows of one table into records. It counts equals, so that the rows of a file must
// all go through one Converter, in order and from the first, also when an import goes on after a restart.
type Converter struct {
	mapping    Mapping
	columns    []string
	at         map[Field][]int
	identity   []int
	copied     map[int]bool // columns that a field holds in full
	blank      void
	stages     map[string]Reported
	tiers      map[string]registry.Tier
	kinds      map[string]registry.Kind
	genAI      *regexp.Regexp
	genAIWords []string
	equals     map[string]int
}

// NewConverter checks the mapping against the table's columns and prepares it.
func NewConverter(m Mapping, columns []string) (*Converter, error) {
	if err := m.Check(columns); err != nil {
		return nil, err
	}
	c := &Converter{
		mapping: m, columns: columns, at: map[Field][]int{}, copied: map[int]bool{}, blank: newVoid(m.Nothing),
		stages: folded(m.Stages), tiers: folded(m.Tiers), kinds: folded(m.Kinds),
		equals: map[string]int{},
	}
	c.genAI, c.genAIWords = wordPattern(m.GenAIWords)
	for f, titles := range m.Columns {
		for _, title := range titles {
			i := columnOf(columns, title)
			c.at[f] = append(c.at[f], i)
			if !f.Coded() && !f.Dated() && f != FieldURL {
				c.copied[i] = true
			}
		}
	}
	for _, title := range m.Identity {
		c.identity = append(c.identity, columnOf(columns, title))
	}
	return c, nil
}

func folded[V any](values map[string]V) map[string]V {
	f := make(map[string]V, len(values))
	for value, meaning := range values {
		f[fold(value)] = meaning
	}
	return f
}

// wordPattern finds any of the words where no letter or digit touches it.
func wordPattern(list []string) (*regexp.Regexp, []string) {
	var parts, plain []string
	for _, w := range list {
		if w = fold(w); w != "" {
			parts = append(parts, regexp.QuoteMeta(w))
			plain = append(plain, w)
		}
	}
	return regexp.MustCompile(`(?:^|[^\pL\pN])(?:` + strings.Join(parts, "|") + `)(?:$|[^\pL\pN])`), plain
}

// conversion is the work on one row.
type conversion struct {
	*Converter
	row      Row
	cells    []string
	record   Record
	problems []RowProblem
}

// Convert reads one row. The record is to be used when no problem refuses the row; a warning never
// does. Only rows without a name or with a broken structure are refused.
func (c *Converter) Convert(row Row) (Record, []RowProblem) {
	if row.Problem != nil {
		return Record{Row: row.Number, Line: row.Line}, []RowProblem{*row.Problem}
	}
	if len(row.Cells) != len(c.columns) {
		p := row.refuse(RuleRagged, fmt.Sprintf("The row has %d cells, the titles have %d.", len(row.Cells), len(c.columns)))
		return Record{Row: row.Number, Line: row.Line}, []RowProblem{*p}
	}
	w := &conversion{Converter: c, row: row, record: Record{Row: row.Number, Line: row.Line, Facts: map[string]string{}}}
	w.clean()
	if !w.name() {
		return w.record, w.problems
	}
	w.texts()
	w.codes()
	w.dates()
	w.facts()
	w.identify()
	w.record.Digest = digestOf(w.record.Fields())
	return w.record, w.problems
}

// Refused reports whether one of a row's problems keeps it out.
func Refused(problems []RowProblem) bool {
	return slices.ContainsFunc(problems, func(p RowProblem) bool { return p.Severity == Refuses })
}

func (w *conversion) warn(column string, rule Rule, sentence string) {
	w.problems = append(w.problems, RowProblem{w.row.Number, w.row.Line, column, rule, sentence, Warns})
}

func (w *conversion) clean() {
	w.cells = make([]string, len(w.row.Cells))
	for i, raw := range w.row.Cells {
		text, removed := cleanText(raw)
		switch {
		case removed:
			w.warn(w.columns[i], RuleCleaned, "Invisible or control characters were removed.")
		case strings.ContainsRune(text, '\uFFFD'):
			w.warn(w.columns[i], RuleCleaned, "Some characters could not be read. Is the encoding right?")
		}
		if text = plainCell(text); !w.blank.has(text) {
			w.cells[i] = text
		}
	}
}

// joined is the text of a field's columns, without empty ones and repeats.
func (w *conversion) joined(f Field, separator string) string {
	var parts []string
	for _, i := range w.at[f] {
		if text := w.cells[i]; text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, separator)
}

// line is a field of one line; what is longer than n characters is cut here and kept whole as a fact.
func (w *conversion) line(f Field, separator string, n int) string {
	text := cleanLine(w.joined(f, separator))
	short := cutRunes(text, n)
	if short != text {
		column := w.columns[w.at[f][0]]
		w.record.Facts[column] = cutRunes(text, maxText)
		w.warn(column, RuleCut, fmt.Sprintf("The text is longer than %d characters and was cut; the whole is kept with the source.", n))
	}
	return short
}

func (w *conversion) name() bool {
	w.record.Name = w.line(FieldName, " - ", maxName)
	if len(words(w.record.Name)) > 0 {
		return true
	}
	p := w.row.refuse(RuleNoName, "The row has no name. Fill in the column, or remove the row.")
	p.Column = w.columns[w.at[FieldName][0]]
	w.problems = append(w.problems, *p)
	return false
}

func (w *conversion) texts() {
	r := &w.record
	r.Slug = Slug(r.Name)
	r.Department = w.line(FieldDepartment, " ", maxLine)
	r.Team = w.line(FieldTeam, " / ", maxLine)
	r.Owner = w.line(FieldOwner, " ", maxLine)
	r.Vendor = w.line(FieldVendor, ", ", maxLine)
	if purpose := w.joined(FieldPurpose, "\n\n"); purpose != "" {
		r.Purpose = w.cut(w.columns[w.at[FieldPurpose][0]], purpose)
	}
	for _, i := range w.at[FieldURL] {
		if link := w.cells[i]; isLink(link) {
			r.URL = link
		}
	}
}

func (w *conversion) cut(column, text string) string {
	short := cutRunes(text, maxText)
	if short != text {
		w.warn(column, RuleCut, fmt.Sprintf("The text is longer than %d characters and was cut.", maxText))
	}
	return short
}

func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxLine && !strings.ContainsAny(s, " \n\t") && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// codes reads stage, tier and kind. An unknown stage does not keep a row out: that the system exists is
// worth more than its stage, and the stage can be asked for.
func (w *conversion) codes() {
	r := &w.record
	if column, value := w.coded(FieldStage); column != "" {
		reported, known := w.stages[fold(value)]
		r.Reported, r.ReportedRaw = reported, cutRunes(cleanLine(value), maxLine)
		switch {
		case value == "":
			w.warn(column, RuleStageMissing, "No stage is stated; the record comes in with its stage not stated.")
		case !known:
			w.warn(column, RuleStageUnknown, fmt.Sprintf("The mapping does not say what %q means; the record comes in with its stage not stated.", excerpt(value)))
		}
	}
	if column, value := w.coded(FieldTier); value != "" {
		tier, known := w.tiers[fold(value)]
		r.Tier = tier
		if !known {
			w.warn(column, RuleTierUnknown, fmt.Sprintf("The mapping does not say which tier %q is; the tier stays open.", excerpt(value)))
		}
	}
	r.Kind, r.KindGuessed = w.mapping.DefaultKind, true
	if w.speaksOfGenAI(r.Name) || w.speaksOfGenAI(r.Purpose) {
		r.Kind = registry.GenAI
	}
	if column, value := w.coded(FieldKind); value != "" {
		kind, known := w.kinds[fold(value)]
		if known {
			r.Kind, r.KindGuessed = kind, false
		} else {
			w.warn(column, RuleKindUnknown, fmt.Sprintf("The mapping does not say which kind %q is; taken as %s.", excerpt(value), r.Kind.Title()))
		}
	}
}

// speaksOfGenAI looks for the mapping's words as whole words; the plain search before it is the fast way out.
func (c *Converter) speaksOfGenAI(text string) bool {
	lower := strings.ToLower(text)
	holds := func(word string) bool { return strings.Contains(lower, word) }
	return slices.ContainsFunc(c.genAIWords, holds) && c.genAI.MatchString(lower)
}

func (w *conversion) coded(f Field) (column, value string) {
	if len(w.at[f]) == 0 {
		return "", ""
	}
	return w.columns[w.at[f][0]], w.cells[w.at[f][0]]
}

func (w *conversion) dates() {
	r := &w.record
	r.StartedOn = w.date(FieldStarted)
	r.OperatingSince = w.date(FieldOperating)
	r.RetiredOn = w.date(FieldRetired)
	column, raw := w.coded(FieldRetired)
	switch {
	case r.Reported == Retired && column == "":
	case r.Reported == Retired && raw == "":
		w.warn(column, RuleRetiredWithoutDate, "Reported retired, but no retirement date is given.")
	case r.RetiredOn.Known() && r.Reported != Retired && r.Reported != NotStated:
		w.warn(column, RuleRetiredDateStage, fmt.Sprintf("A retirement date (%s) is given, but the stage is %q.", r.RetiredOn.Human(), r.ReportedRaw))
	case r.RetiredOn.Before(r.StartedOn) || r.RetiredOn.Before(r.OperatingSince):
		w.warn(column, RuleDateOrder, fmt.Sprintf("The retirement date (%s) lies before the beginning.", r.RetiredOn.Human()))
	}
}

func (w *conversion) date(f Field) day.Day {
	column, text := w.coded(f)
	if text == "" {
		return ""
	}
	d, rule, sentence := readDate(text, w.mapping.Dates)
	if rule != "" {
		w.warn(column, rule, sentence)
		w.record.Facts[column] = cutRunes(text, maxText)
	}
	return d
}

// facts keeps every filled column that no field holds in full: the source's own words stay at hand.
func (w *conversion) facts() {
	dated := map[int]bool{}
	for f, at := range w.at {
		if f.Dated() || (f == FieldURL && w.record.URL != "") {
			for _, i := range at {
				dated[i] = true
			}
		}
	}
	total := 0
	for i, text := range w.cells {
		if text == "" || w.copied[i] || dated[i] {
			continue
		}
		if total += len(text); total > maxFactBytes {
			w.warn(w.columns[i], RuleCut, fmt.Sprintf("The row holds more than %d KB of text; this column and those after it were left out.", maxFactBytes>>10))
			return
		}
		w.record.Facts[w.columns[i]] = w.cut(w.columns[i], text)
	}
}

// identify names the record by its identity columns and its order among equals. " / " stands only
// between the parts, so that no name can pass for another's second row.
func (w *conversion) identify() {
	parts := make([]string, len(w.identity))
	for i, column := range w.identity {
		parts[i] = strings.ReplaceAll(fold(w.cells[column]), " / ", "/")
	}
	key := shortKey(strings.Join(parts, " / "))
	w.equals[key]++
	w.record.Identity = numbered(key, w.equals[key])
}
