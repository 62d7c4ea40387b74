package telemetry

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Criterion is the predicate of a retirement plan: the metric, from the source, over the window.
type Criterion struct {
	Metric     string
	Operator   string // <, <=, > or >=
	Threshold  float64
	WindowDays int
	Source     string
}

// enough of a window must be reported before it counts: a night without a report does not hide a
// month, and one bad day is none.
const enough = 0.8

// Standing is how a criterion does on the reports there are.
type Standing struct {
	Met      bool      `json:"met"`
	Sentence string    `json:"sentence"`          // for people, whichever way it stands
	Reports  int       `json:"reports,omitempty"` // that fall into the window
	Value    float64   `json:"value,omitempty"`   // the newest
	Until    time.Time `json:"until,omitzero"`    // the end of the newest
}

// About reports whether a report counts for the criterion: the metric by its name, custom: or not, from
// the source the plan names. Names are compared without regard to case.
func (c Criterion) About(r Report) bool {
	metric := canonicalMetric(c.Metric)
	return (r.Metric == metric || r.Metric == customPrefix+strings.TrimPrefix(metric, customPrefix)) &&
		folded(r.Source) == folded(c.Source)
}

// Metrics are the names under which reports about the criterion are kept.
func (c Criterion) Metrics() []string {
	metric := canonicalMetric(c.Metric)
	return slices.Compact([]string{metric, customPrefix + strings.TrimPrefix(metric, customPrefix)})
}

// Evaluate says whether the criterion holds: every report that reaches into the window compares, and
// together they cover four fifths of it. The window ends with the newest report, and counts only while
// that is no older than the window is long.
func (c Criterion) Evaluate(reports []Report, now time.Time) Standing {
	list := slices.DeleteFunc(slices.Clone(reports), func(r Report) bool { return !c.About(r) })
	if len(list) == 0 {
		return Standing{Sentence: fmt.Sprintf("Nobody has reported %s from %s yet.", c.Metric, c.Source)}
	}
	slices.SortFunc(list, func(a, b Report) int { return b.To.Compare(a.To) })
	newest := list[0]
	length := time.Duration(c.WindowDays) * 24 * time.Hour
	start := newest.To.Add(-length)
	s := Standing{Value: newest.Value, Until: newest.To}
	if newest.To.Before(now.Add(-length)) {
		s.Sentence = fmt.Sprintf("The newest report of %s is of %s: too old to tell.", c.Metric, newest.To.Format("2 January 2006"))
		return s
	}
	crossed := 0
	var spans []span
	for _, r := range list {
		if !r.To.After(start) {
			continue
		}
		s.Reports++
		if compares(r.Value, c.Operator, c.Threshold) {
			crossed++
		}
		from := r.From
		if from.Before(start) {
			from = start
		}
		spans = append(spans, span{from, r.To})
	}
	covered := covers(spans)
	switch {
	case crossed < s.Reports:
		s.Sentence = fmt.Sprintf("It was so in %d of %d reports of the last %s; the newest is %s.", crossed, s.Reports, daysText(c.WindowDays), trimmed(newest.Value))
	case covered < time.Duration(enough*float64(length)):
		s.Sentence = fmt.Sprintf("It was so in every report, the newest is %s; but they cover %s of %s so far.", trimmed(newest.Value),
			strconv.FormatFloat(covered.Hours()/24, 'f', 1, 64), daysText(c.WindowDays))
	default:
		s.Met = true
		s.Sentence = fmt.Sprintf("It holds: %s was %s %s in every report of %s.", c.Metric, c.Operator, trimmed(c.Threshold), daysText(c.WindowDays))
	}
	return s
}

type span struct{ from, to time.Time }

// covers is how long the spans are together, counting no moment twice.
func covers(spans []span) (total time.Duration) {
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	var end time.Time
	for _, s := range spans {
		if s.from.Before(end) {
			s.from = end
		}
		if s.to.After(s.from) {
			total += s.to.Sub(s.from)
			end = s.to
		}
	}
	return total
}

func daysText(n int) string {
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}

func trimmed(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
