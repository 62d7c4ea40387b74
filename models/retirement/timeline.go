package retirement

import (
	"slices"

	"sundial/models/day"
	"sundial/models/registry"
)

// DateKind says whose promise a day is, and what ends or begins on it.
type DateKind string

// The kinds of date. Each but the model's own deprecation and the vendor's end comes from the plan in force.
const (
	OwnDeprecation DateKind = "deprecation"
	TriggerDate    DateKind = "trigger"
	StartsLatest   DateKind = "latest_start"
	ReviewDue      DateKind = "review_by"
	VendorEnds     DateKind = "vendor_end"
)

// DateKinds lists the kinds in the order of forms, columns and legends.
var DateKinds = []Choice{
	{"deprecation", "Own deprecation"},
	{"trigger", "Trigger"},
	{"latest_start", "Latest start"},
	{"review_by", "Plan review"},
	{"vendor_end", "Vendor's end"},
}

// Title is the kind as people read it.
func (k DateKind) Title() string { return title(DateKinds, string(k)) }

// TimelineMonths is how far the timeline looks ahead, the present month included.
const TimelineMonths = 18

// TimelineSpan is the first day of the present month and the last day of the 18th.
func TimelineSpan(today day.Day) (from, to day.Day) {
	t := today.Time()
	first := t.AddDate(0, 0, 1-t.Day())
	return day.Of(first), day.Of(first.AddDate(0, TimelineMonths, -1))
}

// TimelineFilter is what the timeline is narrowed by. Empty fields do not narrow.
type TimelineFilter struct {
	Team   string // slug
	Kind   DateKind
	Person int64 // owner or deputy
}

// Kinds are the kinds of date that the filter lets through.
func (f TimelineFilter) Kinds() []DateKind {
	var out []DateKind
	for _, c := range DateKinds {
		if f.Kind == "" || f.Kind == DateKind(c.Value) {
			out = append(out, DateKind(c.Value))
		}
	}
	return out
}

// Dated is a model with the days that count for it. Models that are retired have none.
type Dated struct {
	Model    registry.Row
	Plan     int   // number of the plan in force, 0 for none
	Retiring Phase // of the retirement under way, "" for none
	On       map[DateKind]day.Day
}

// First is the earliest known day of these kinds, "" when there is none.
func (d Dated) First(kinds []DateKind) day.Day {
	var first day.Day
	for _, k := range kinds {
		if on := d.On[k]; on.Known() && (!first.Known() || on < first) {
			first = on
		}
	}
	return first
}

// Late reports whether a day of this kind has passed without what was to happen by then: the model is not
// retired. Once its retirement is under way, only its end can still be missed.
func (d Dated) Late(k DateKind, today day.Day) bool {
	if d.Retiring != "" && k != OwnDeprecation && k != VendorEnds {
		return false
	}
	return d.On[k].Before(today)
}

// Overdue lists the kinds whose day has passed, in the order of DateKinds.
func (d Dated) Overdue(kinds []DateKind, today day.Day) []DateKind {
	return slices.DeleteFunc(slices.Clone(kinds), func(k DateKind) bool { return !d.Late(k, today) })
}

// Ends is the day on which the model is gone at latest: its own or the vendor's, whichever comes first.
func (d Dated) Ends() day.Day { return d.First([]DateKind{OwnDeprecation, VendorEnds}) }
