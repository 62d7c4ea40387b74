package retirement

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sundial/components/ui"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// TriggerSentence says in words what ends the model: "When auc falls below 0.78 for 30 days, read from
// the weekly monitoring report."
func TriggerSentence(t retirement.Trigger) string {
	switch k := t.Criterion; {
	case k.Measurable():
		return fmt.Sprintf("When %s %s %s for %s, read from %s.", k.Metric, moves[k.Operator],
			strconv.FormatFloat(*k.Threshold, 'g', -1, 64), ui.Count(int64(k.WindowDays), "day", "days"), k.Source)
	case t.Date.Known():
		return "On " + t.Date.Human() + "."
	}
	return ""
}

var moves = map[retirement.Operator]string{"<": "falls below", "<=": "falls to", ">": "rises above", ">=": "reaches"}

// runwayFloor says which warning the runway has reached.
func runwayFloor(level retirement.Level) string {
	switch level {
	case retirement.LevelPast:
		return "It is too late to finish in time. Begin now, or agree on a later end."
	case retirement.LevelUrgent:
		return "No more than 30 days: begin now."
	case retirement.LevelWarn:
		return "No more than 60 days: announce it to the consumers."
	case retirement.LevelNotice:
		return "No more than 90 days: make sure that everybody named is ready."
	}
	return ""
}

// begun says that a model's retirement is under way, "" when it is not.
func begun(m registry.Model) string {
	if m.Retiring == "" {
		return ""
	}
	return "under way: " + strings.ToLower(retirement.Phase(m.Retiring).Title())
}

func stateBadge(s retirement.State) (ui.Tone, string) {
	switch s {
	case retirement.Approved:
		return ui.Good, "check"
	case retirement.Submitted:
		return ui.Info, "clock"
	case retirement.ChangesRequested:
		return ui.Warn, "edit"
	case retirement.Rejected:
		return ui.Bad, "cross"
	}
	return ui.Neutral, "dash"
}

// ordered are the steps as they are done.
func ordered(steps []retirement.Step) []retirement.Step {
	return slices.SortedStableFunc(slices.Values(steps), func(a, b retirement.Step) int { return cmp.Compare(a.Order, b.Order) })
}

func days(n int) string {
	if n == 0 {
		return ""
	}
	return ui.Count(int64(n), "day", "days")
}

// money is a cost without its currency, which the plan does not name.
func money(x float64) string {
	if x == float64(int64(x)) {
		return ui.Number(int64(x))
	}
	whole := int64(x)
	return ui.Number(whole) + strings.TrimPrefix(strconv.FormatFloat(x-float64(whole), 'f', 2, 64), "0")
}

// monthly is what all access costs together.
func monthly(list []retirement.Access) string {
	sum := 0.0
	for _, a := range list {
		sum += a.MonthlyCost
	}
	return money(sum)
}

// disposition says what happens to a data asset and when.
func disposition(a retirement.DataAsset) string {
	what := a.Decision.Title()
	switch {
	case a.Decision == retirement.KeepUntil && a.KeepUntil.Known():
		return "Keep until " + a.KeepUntil.Human()
	case a.Decision == retirement.Delete || a.Decision == retirement.Anonymise:
		switch {
		case a.DeleteOn.Known():
			return what + " on " + a.DeleteOn.Human()
		case a.DeleteAfterDays > 0:
			return what + " " + days(a.DeleteAfterDays) + " after the end"
		}
	}
	return what
}

// kept says how long a record is kept.
func kept(a retirement.Archive) string {
	if a.Until.Known() {
		return "until " + a.Until.Human()
	}
	if a.Years > 0 {
		return ui.Count(int64(a.Years), "year", "years")
	}
	return ""
}

func yes(b bool, words string) string {
	if b {
		return words
	}
	return ""
}

func holdTone(h retirement.Hold) ui.Tone {
	if h == retirement.HoldNone {
		return ui.Neutral
	}
	return ui.Warn
}

// sentenceList joins names: "Trigger, Dates and People".
func sentenceList(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
