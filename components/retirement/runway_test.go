package retirement

import (
	"testing"

	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/retirement"
)

// The kit colours by days alone and knows no rules: it must warn exactly where they do.
func TestTheBarWarnsWhereTheRulesDo(t *testing.T) {
	const today = day.Day("2026-11-30")
	tones := map[retirement.Level]ui.Tone{retirement.LevelOK: ui.Good, retirement.LevelNotice: ui.Warn, retirement.LevelWarn: ui.Warn, retirement.LevelUrgent: ui.Bad, retirement.LevelPast: ui.Bad}
	seen := map[retirement.Level]bool{}
	for left := -40; left <= 200; left++ {
		level := retirement.Runway{LatestStart: today.Add(left)}.Level(today)
		if seen[level] = true; ui.RunwayTone(left) != tones[level] {
			t.Errorf("%d days left are %s by the rules and %s on the bar", left, level, ui.RunwayTone(left))
		}
	}
	if len(seen) != len(tones) {
		t.Errorf("levels met: %v", seen)
	}
}
