package ui

import (
	"strconv"
	"time"

	"sundial/models/day"
)

// Schedule is days to come as a picture: a lane for each thing, a mark for each of its days. It is drawn in
// shares of its width, so that it fits a phone and a wall, with marks and words that keep their size.
// Marks differ by shape and not by colour alone. It is no table: whoever shows one shows the other.
type Schedule struct {
	ID       string
	Title    string
	Desc     string // what it shows, in a sentence or two
	From, To day.Day
	Today    day.Day
	Kinds    []ScheduleKind // in the order of the legend
	Span     string         // what a lane's bar means, "" when no lane has one
	Late     string         // what a red mark at the left edge means
	Lanes    []ScheduleLane
}

// ScheduleKind is what a mark means. Shapes are square, diamond, start, ring and cross.
type ScheduleKind struct{ Key, Label, Shape string }

// ScheduleLane is one thing with its days. Note says what is wrong with it, "" when nothing is.
type ScheduleLane struct {
	Label, Note      string
	Marks            []ScheduleMark
	SpanFrom, SpanTo day.Day // a bar, where both are known
}

// ScheduleMark is one day. A day before the picture begins stands at its edge.
type ScheduleMark struct {
	Kind string
	On   day.Day
	Late bool
}

// Heights in pixels: of the months' names, of a lane, and within one of its words and its line.
const (
	scheduleHead = 26
	scheduleLane = 42
	scheduleWord = 16
	scheduleLine = 30
)

var scheduleShapes = map[string]string{
	"square":  "M-5.5-5.5h11v11h-11z",
	"diamond": "M0-7 7 0 0 7-7 0z",
	"start":   "M-5-6.5 7 0-5 6.5z",
	"ring":    "M0-5.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z",
	"cross":   "M-5-5 5 5M5-5-5 5",
}

// shape draws a kind of mark around its middle.
func (s Schedule) shape(kind string) (name, path string) {
	for _, k := range s.Kinds {
		if k.Key == kind {
			return k.Shape, scheduleShapes[k.Shape]
		}
	}
	return "", scheduleShapes["square"]
}

// x is where a day stands, as a share of the width.
func (s Schedule) x(d day.Day) string { return percents(s.share(d)) }

func (s Schedule) share(d day.Day) float64 {
	span := s.From.Until(s.To)
	if span <= 0 {
		return 0
	}
	return min(max(float64(s.From.Until(d))/float64(span), 0), 1) * 100
}

func percents(share float64) string { return strconv.FormatFloat(share, 'f', 2, 64) + "%" }

// width is how wide a lane's bar is.
func (s Schedule) width(l ScheduleLane) string {
	return percents(max(s.share(l.SpanTo)-s.share(l.SpanFrom), 0))
}

func (l ScheduleLane) spans() bool {
	return l.SpanFrom.Known() && l.SpanTo.Known() && !l.SpanTo.Before(l.SpanFrom)
}

func (s Schedule) height() int { return scheduleHead + len(s.Lanes)*scheduleLane + 4 }

// lane is how far down a lane begins.
func (s Schedule) lane(i int) int { return scheduleHead + i*scheduleLane }

// scheduleMonth is the first day of a month. Every third one has a name, those that there is room for.
type scheduleMonth struct {
	On   day.Day
	Name string
}

func (s Schedule) months() []scheduleMonth {
	var out []scheduleMonth
	from := s.From.Time()
	first := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC)
	year := 0
	for m := first; !m.After(s.To.Time()); m = m.AddDate(0, 1, 0) {
		month := scheduleMonth{On: day.Of(m)}
		if len(out)%3 == 0 && s.share(month.On) < 92 {
			month.Name = m.Format("Jan")
			if m.Year() != year {
				month.Name, year = m.Format("Jan 2006"), m.Year()
			}
		}
		out = append(out, month)
	}
	return out
}

func (s Schedule) late() bool {
	for _, l := range s.Lanes {
		for _, m := range l.Marks {
			if m.Late {
				return true
			}
		}
	}
	return false
}
