package intake

import (
	"fmt"
	"slices"
	"strings"

	"sundial/models/registry"
)

// Confidence says how much a guess can be trusted.
type Confidence string

// The confidences. NoGuess means that no column looks like the field.
const (
	Sure     Confidence = "sure"
	Likely   Confidence = "likely"
	Unsure   Confidence = "unsure"
	NoGuess  Confidence = "none"
	manySeen            = 200 // distinct values after which a column holds text, not codes
)

// FieldGuess is which columns a field seems to be filled by, and why.
type FieldGuess struct {
	Field      Field
	Columns    []string
	Confidence Confidence
	Why        string
	Values     []ValueGuess // for coded fields: every value of the column, the most frequent first
}

// ValueGuess is what one value of a coded column seems to mean. Meaning is the value of the form's
// field: a Reported, a tier's digit or a registry.Kind, "" when the person must choose.
type ValueGuess struct {
	Value   string
	Count   int
	Meaning string
}

// GuessMapping proposes a mapping for a table from its titles and rows. The more rows it sees the
// better: the values of coded columns and the order of dates are taken from them.
func GuessMapping(columns []string, rows [][]string) (Mapping, []FieldGuess) {
	m := Mapping{
		Columns: map[Field][]string{}, Stages: map[string]Reported{}, Tiers: map[string]registry.Tier{},
		Kinds: map[string]registry.Kind{}, DefaultKind: registry.Trained, Dates: MonthFirst,
		GenAIWords: slices.Clone(genAIWords), Nothing: slices.Clone(nothingWords),
	}
	taken := map[string]bool{}
	var guesses []FieldGuess
	for _, h := range hints {
		g := guessField(h, columns, rows, taken)
		for _, c := range g.Columns {
			taken[c] = true
		}
		if len(g.Columns) > 0 {
			m.Columns[h.field] = g.Columns
		}
		guesses = append(guesses, g)
	}
	for i := range guesses {
		if g := &guesses[i]; g.Field.Coded() && len(g.Columns) > 0 {
			g.Values = m.guessValues(g.Field, columnOf(columns, g.Columns[0]), rows)
		}
	}
	m.Identity = guessIdentity(m)
	m.Dates = guessOrder(m, columns, rows)
	return m, guesses
}

// guessField takes the free column whose title speaks most for the field.
func guessField(h hint, columns []string, rows [][]string, taken map[string]bool) FieldGuess {
	g := FieldGuess{Field: h.field, Confidence: NoGuess, Why: "No title looks like it."}
	best := 0
	for i, c := range columns {
		if taken[c] {
			continue
		}
		score, why := titleScore(h, c)
		if score == 0 {
			continue
		}
		if h.field.Coded() {
			switch known, seen := codedShare(h.field, i, rows); {
			case seen && known >= 0.5:
				score, why = score+20, why+" Its values are known."
			case seen:
				score -= 30
			}
		}
		if score > best {
			best = score
			g.Columns, g.Why, g.Confidence = []string{c}, why, confidence(score)
		}
	}
	return g
}

func confidence(score int) Confidence {
	switch {
	case score >= 80:
		return Sure
	case score >= 50:
		return Likely
	}
	return Unsure
}

// titleScore is 0 to 100. Earlier entries of a hint weigh more, long questions a little less.
func titleScore(h hint, column string) (int, string) {
	title := strings.TrimRight(fold(column), " ?:*")
	for i, x := range h.exact {
		if title == strings.TrimRight(x, "?") || foldTitle(column) == foldTitle(x) {
			return 100 - i, "The title says so."
		}
	}
	for _, x := range h.never {
		if strings.Contains(title+" ", x) {
			return 0, ""
		}
	}
	for i, x := range h.phrases {
		if strings.Contains(title, x) {
			return max(40, 70-i-len(title)/20), fmt.Sprintf("The title mentions %q.", x)
		}
	}
	return 0, ""
}

// codedShare is the share of a column's filled cells whose value is a known word for the field.
func codedShare(f Field, column int, rows [][]string) (share float64, seen bool) {
	nothing := newVoid(nothingWords)
	filled, known := 0, 0
	for _, row := range rows {
		if column >= len(row) || nothing.has(row[column]) {
			continue
		}
		filled++
		if meaning(f, row[column]) != "" {
			known++
		}
	}
	if filled == 0 {
		return 0, false
	}
	return float64(known) / float64(filled), true
}

// meaning is what a value of a coded field seems to mean, as the form writes it.
func meaning(f Field, value string) string {
	switch f {
	case FieldStage:
		r, _ := guessStage(value)
		return string(r)
	case FieldTier:
		if t, ok := guessTier(value); ok {
			return fmt.Sprint(int(t))
		}
	case FieldKind:
		k, _ := guessKind(value)
		return string(k)
	}
	return ""
}

// guessValues lists a column's distinct values with their meaning and puts the known ones in the mapping.
func (m *Mapping) guessValues(f Field, column int, rows [][]string) []ValueGuess {
	values := countValues(column, rows, m.Nothing)
	for i := range values {
		v := &values[i]
		v.Meaning = meaning(f, v.Value)
		if v.Meaning == "" {
			continue
		}
		switch f {
		case FieldStage:
			m.Stages[v.Value], _ = guessStage(v.Value)
		case FieldTier:
			m.Tiers[v.Value], _ = guessTier(v.Value)
		case FieldKind:
			m.Kinds[v.Value], _ = guessKind(v.Value)
		}
	}
	return values
}

// Values counts the distinct values of a column, the most frequent first, for the page that maps them.
// Values that differ only in case, blanks or kinds of quotes are one.
func Values(columns []string, column string, rows [][]string, m Mapping) []ValueGuess {
	i := columnOf(columns, column)
	if i < 0 {
		return nil
	}
	return countValues(i, rows, m.Nothing)
}

func countValues(column int, rows [][]string, nothing []string) []ValueGuess {
	blank, at := newVoid(nothing), map[string]int{}
	var values []ValueGuess
	for _, row := range rows {
		if column >= len(row) || blank.has(row[column]) {
			continue
		}
		key := fold(row[column])
		i, ok := at[key]
		if !ok {
			if len(values) == manySeen {
				continue
			}
			i = len(values)
			at[key] = i
			values = append(values, ValueGuess{Value: cleanLine(row[column])})
		}
		values[i].Count++
	}
	slices.SortStableFunc(values, func(a, b ValueGuess) int { return b.Count - a.Count })
	return values
}

// guessIdentity is department, team and name: names alone repeat within an organisation.
func guessIdentity(m Mapping) []string {
	var id []string
	for _, f := range []Field{FieldDepartment, FieldTeam, FieldName} {
		id = append(id, m.Columns[f]...)
	}
	return id
}

// guessOrder looks for a number above 12, which can only be a day.
func guessOrder(m Mapping, columns []string, rows [][]string) DateOrder {
	first, second := 0, 0
	for _, f := range Fields {
		if !f.Dated() || len(m.Columns[f]) == 0 {
			continue
		}
		c := columnOf(columns, m.Columns[f][0])
		for _, row := range rows {
			if c >= len(row) {
				continue
			}
			if parts := numbers.FindStringSubmatch(fold(row[c])); parts != nil && parts[2] != "." {
				if len(parts[1]) == 2 && parts[1] > "12" {
					first++
				}
				if len(parts[3]) == 2 && parts[3] > "12" {
					second++
				}
			}
		}
	}
	if first > second {
		return DayFirst
	}
	return MonthFirst
}

func columnOf(columns []string, column string) int { return slices.Index(columns, column) }

// void is the set of ways to write "no value", folded.
type void struct {
	words   map[string]bool
	longest int
}

func newVoid(words []string) void {
	v := void{words: map[string]bool{}}
	for _, w := range words {
		w = fold(w)
		v.words[w] = true
		v.longest = max(v.longest, len(w))
	}
	return v
}

// has reports whether a cell says that there is no value. Long cells are not worth folding.
func (v void) has(cell string) bool {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return true
	}
	if len(cell) > 4*v.longest+16 {
		return false
	}
	text := fold(cell)
	return text == "" || v.words[text]
}

// MeaningOf is what a value of a coded field seems to mean, as forms write it: a Reported, a tier's digit
// or a registry.Kind, "" when nobody can tell.
func MeaningOf(f Field, value string) string { return meaning(f, value) }
