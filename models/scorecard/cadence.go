package scorecard

import (
	"fmt"
	"math"
	"slices"
	"time"

	"sundial/models/day"
	"sundial/models/telemetry"
)

// Fit is how a retraining cadence compares with the drift.
type Fit string

// The fits. Unknown is neither.
const (
	FitUnknown Fit = "unknown"
	TooRarely  Fit = "too_rarely"
	Fits       Fit = "fits"
	TooOften   Fit = "too_often"
)

// Title is the fit as people read it.
func (f Fit) Title() string {
	return map[Fit]string{TooRarely: "Too rarely", Fits: "Fits", TooOften: "Too often"}[f]
}

// Cadence advice of a trained model.
type Cadence struct {
	Fit          Fit
	PerWeek      float64 // by how much drift grows in a week; 0 when it does not grow
	Limit        float64 // at which the model has to be trained again
	DeclaredDays int     // 0: none is declared
	NeedsDays    int     // what the drift asks for, 7 to 91; 0 while it is not known
	Reports      int     // that it rests on
	Sentence     string
	At           time.Time // the end of the newest report
}

const (
	weekly    = 7
	quarterly = 91
	yearly    = 366

	// usualLimit is where drift is called significant when nobody set a limit: 0.25 is the customary
	// threshold of the population stability index.
	usualLimit = 0.25

	leastReports = 3
	leastDays    = 6 // between the first and the last report
	driftDays    = 180
)

// AdviseCadence compares the retraining cadence that a team declared with how fast the drift grows since
// the version began to serve. Drift per week is the slope of the least-squares line through the reports of
// the source with the most of them. The model should be trained again when half of the way to the limit is
// gone: weekly at most, and quarterly is fine where drift hardly grows.
func AdviseCadence(reports []telemetry.Report, declaredDays int, since, now time.Time) Cadence {
	c := Cadence{Fit: FitUnknown, DeclaredDays: declaredDays, Limit: usualLimit}
	list := driftSeries(reports, since, now)
	c.Reports = len(list)
	if len(list) < leastReports || list[len(list)-1].To.Sub(list[0].To) < leastDays*24*time.Hour {
		c.Sentence = fmt.Sprintf("Drift since this version serves was reported %s; %d reports over a week are needed to see how fast it grows.", times(len(list)), leastReports)
		return c
	}
	last := list[len(list)-1]
	c.At = last.To
	for _, r := range list {
		if r.Limit != nil && r.Limit.Operator == "<=" && r.Limit.Value > 0 {
			c.Limit = r.Limit.Value
		}
	}
	c.PerWeek = max(0, slope(list))
	c.judge()
	return c
}

func (c *Cadence) judge() {
	reach := math.Inf(1) // days until drift gets from nothing to the limit
	if c.PerWeek > 0 {
		reach = 7 * c.Limit / c.PerWeek
	}
	needs := math.Min(math.Max(reach/2, weekly), quarterly)
	c.NeedsDays = int(math.Floor(needs))
	pace := fmt.Sprintf("Drift grows by %s a week: at the limit of %s after %s.", figure(c.PerWeek), figure(c.Limit), weeks(reach))
	if math.IsInf(reach, 1) || reach > 10*yearly {
		pace = "Drift does not grow."
	}
	declared := float64(c.DeclaredDays)
	switch {
	case c.DeclaredDays == 0:
		c.Sentence = pace + fmt.Sprintf(" No retraining cadence is declared; every %s would fit.", span(c.NeedsDays))
	case declared > yearly, declared > needs*1.15 && declared > reach/2:
		c.Fit = TooRarely
		c.Sentence = pace + fmt.Sprintf(" Retraining every %s is too rarely; every %s would fit.", span(c.DeclaredDays), span(c.NeedsDays))
	case declared < needs/4:
		c.Fit = TooOften
		c.Sentence = pace + fmt.Sprintf(" Retraining every %s is more often than it needs; every %s is fine.", span(c.DeclaredDays), span(c.NeedsDays))
	default:
		c.Fit = Fits
		c.Sentence = pace + fmt.Sprintf(" Retraining every %s fits.", span(c.DeclaredDays))
	}
}

// Kept reports whether the declared cadence was kept: the version that serves is no older than it, with a
// quarter of it as grace.
func (c Cadence) Kept(builtAt, now time.Time) bool {
	return c.DeclaredDays > 0 && now.Sub(builtAt) <= time.Duration(float64(c.DeclaredDays)*1.25*24)*time.Hour
}

// driftSeries are the reports of the source that tells most, oldest first, since the version serves.
func driftSeries(reports []telemetry.Report, since, now time.Time) []telemetry.Report {
	from := now.AddDate(0, 0, -driftDays)
	if since.After(from) {
		from = since
	}
	bySource := map[string][]telemetry.Report{}
	var best string
	for _, r := range reports {
		if r.Metric == telemetry.Drift && r.To.After(from) && !r.To.After(now.Add(telemetry.Skew)) {
			bySource[r.Source] = append(bySource[r.Source], r)
			if n := len(bySource[r.Source]); n > len(bySource[best]) || n == len(bySource[best]) && r.Source < best {
				best = r.Source
			}
		}
	}
	list := bySource[best]
	slices.SortFunc(list, func(a, b telemetry.Report) int { return a.To.Compare(b.To) })
	return list
}

// slope is that of the least-squares line through the values, in value per week.
func slope(list []telemetry.Report) float64 {
	var sx, sy, sxx, sxy float64
	for _, r := range list {
		x := r.To.Sub(list[0].To).Hours() / 24 / 7
		sx, sy, sxx, sxy = sx+x, sy+r.Value, sxx+x*x, sxy+x*r.Value
	}
	n := float64(len(list))
	if d := n*sxx - sx*sx; d != 0 {
		return clean((n*sxy - sx*sy) / d)
	}
	return 0
}

func figure(v float64) string { return fmt.Sprintf("%.3g", v) }

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func weeks(days float64) string {
	if n := int(math.Round(days / 7)); n != 1 {
		return fmt.Sprintf("%d weeks", max(n, 0))
	}
	return "1 week"
}

// span is a number of days as people plan: week, quarter, or days.
func span(days int) string {
	switch {
	case days == weekly:
		return "week"
	case days == 90, days == quarterly, days == 92:
		return "quarter"
	}
	return fmt.Sprintf("%d days", days)
}

// dated is the day of a moment for a sentence.
func dated(t time.Time) string { return day.Of(t).Human() }
