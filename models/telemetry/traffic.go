package telemetry

import (
	"strings"
	"unicode"

	"sundial/models/day"
	"sundial/models/registry"
)

// Traffic is what was reported of a model on a day.
type Traffic struct {
	Day          day.Day
	Total, Known int64 // predictions, and those with a known stamp
}

// Coverage is the share of a day's reported predictions that carried a known stamp, from 0 to 1; false
// when nothing was reported. What nobody reports cannot be seen here.
func (t Traffic) Coverage() (float64, bool) {
	if t.Total <= 0 {
		return 0, false
	}
	return float64(t.Known) / float64(t.Total), true
}

// Sum adds days up.
func Sum(days []Traffic) (t Traffic) {
	for _, d := range days {
		t.Total += d.Total
		t.Known += d.Known
	}
	return t
}

// Consumers tells which apps a model's consumer list names.
type Consumers struct{ names map[string]bool }

// ConsumersOf reads a model's list. Names are compared without regard to case, blanks and punctuation:
// "Card checkout" in a list is "card-checkout" in a machine's report.
func ConsumersOf(list []registry.Consumer) Consumers {
	c := Consumers{map[string]bool{}}
	for _, x := range list {
		c.names[folded(x.Name)] = true
	}
	return c
}

// Declared reports whether the list names the app.
func (c Consumers) Declared(app string) bool { return c.names[folded(app)] }

func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
