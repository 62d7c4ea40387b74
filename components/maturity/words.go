package maturity

import (
	"strings"

	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/scorecard"
)

// heat is a score as a cell or a badge.
func heat(score float64, known bool, href string, firm bool) ui.Heat {
	if !known {
		return ui.Heat{Word: "No models"}
	}
	t := scorecard.TierOf(score)
	return ui.Heat{Text: scorecard.Text(score), Word: string(t), Level: strings.ToLower(string(t)), Href: href, Firm: firm}
}

// Heat is a model's or group's score beside a heading.
func Heat(score float64, known bool) ui.Heat { return heat(score, known, "", true) }

// part is the cell of a section; what does not apply says so.
func part(score float64, known bool, href string) ui.Heat {
	if !known {
		return ui.Heat{Word: "Not asked"}
	}
	return heat(score, true, href, false)
}

// Trend is a change of a score in words: "up 3.2 in 90 days".
func Trend(change float64, known bool) string {
	switch n := scorecard.Text(max(change, -change)); {
	case !known:
		return "no trend yet"
	case n == "0.0":
		return "unchanged in 90 days"
	case change > 0:
		return "up " + n + " in 90 days"
	default:
		return "down " + n + " in 90 days"
	}
}

// signed is a gain in a table.
func signed(v float64) string {
	if v < 0 {
		return "−" + scorecard.Text(-v)
	}
	return "+" + scorecard.Text(v)
}

func phaseWord(p scorecard.Phase) string {
	switch p {
	case scorecard.Serving:
		return "In production"
	case scorecard.Zombie:
		return "Retired, still answering"
	case scorecard.Unregistered:
		return "Seen, never registered"
	case scorecard.Before:
		return "Before production"
	}
	return "Retired"
}

func phaseTone(p scorecard.Phase) ui.Tone {
	switch p {
	case scorecard.Serving:
		return ui.Good
	case scorecard.Zombie, scorecard.Unregistered:
		return ui.Bad
	}
	return ui.Neutral
}

func outcomeTone(o scorecard.Outcome) ui.Tone {
	switch o {
	case scorecard.Pass:
		return ui.Good
	case scorecard.Fail:
		return ui.Bad
	case scorecard.Skipped:
		return ui.Neutral
	}
	return ui.Warn
}

func outcomeWord(o scorecard.Outcome) string {
	switch o {
	case scorecard.Pass:
		return "Pass"
	case scorecard.Fail:
		return "Fail"
	case scorecard.Skipped:
		return "Skipped"
	}
	return "Not measured"
}

func strengthWord(l scorecard.Line) string {
	switch {
	case l.Outcome == scorecard.Skipped:
		return "–"
	case l.Evidence == scorecard.Attested && l.Strength > 0:
		return "attested"
	case l.Strength > 0:
		return "observed"
	}
	return "none"
}

// points are earned points without needless decimals.
func points(v float64) string { return ui.ChartNumber(v) }

// TrendChart draws a score over days; a score that did not change on a day is drawn as it stood.
func TrendChart(id, title string, days []DayScore, from, to day.Day) ui.Chart {
	c := ui.Chart{ID: id, Title: title, From: from.Time(), To: to.Add(1).Time(), Zero: true, Top: 100, Days: true, Value: "Score"}
	var last *DayScore
	i := 0
	for d := from; d <= to; d = d.Add(1) {
		changed := false
		for i < len(days) && days[i].Day <= d {
			last, changed = &days[i], days[i].Day == d
			i++
		}
		if last == nil || !last.Known {
			continue
		}
		note := ""
		if changed {
			note = last.Note
		}
		c.Points = append(c.Points, ui.ChartPoint{At: d.Time(), Value: scorecard.Shown(last.Score), Note: note})
	}
	c.Desc = "No score was kept yet."
	if n := len(c.Points); n > 0 {
		c.Desc = "From " + ui.ChartNumber(c.Points[0].Value) + " on " + ui.FormatDate(c.Points[0].At) + " to " + ui.ChartNumber(c.Points[n-1].Value) + " on " + ui.FormatDate(c.Points[n-1].At) + "."
	}
	return c
}

// DayScore is a score from a day on.
type DayScore struct {
	Day   day.Day
	Score float64
	Known bool
	Note  string
}
