package retirement

import (
	"slices"

	"sundial/models/day"
)

// UnknownMedianDays is assumed for a team that has not finished a cutover yet.
const UnknownMedianDays = 30

// Runway is the time a retirement needs before its end date.
type Runway struct {
	End         day.Day
	LatestStart day.Day // "" while the end is unknown
	NeedsDays   int
}

// NewRunway computes the latest start: the end date less the median days of the team's last cutovers
// (0 when unknown, then 30), the rollback window and the review time.
func NewRunway(end day.Day, medianDays, rollbackDays, reviewDays int) Runway {
	if medianDays < 1 {
		medianDays = UnknownMedianDays
	}
	needs := medianDays + max(rollbackDays, 0) + max(reviewDays, 0)
	return Runway{End: end, LatestStart: end.Add(-needs), NeedsDays: needs}
}

// Runway is that of the plan: up to its own end or the vendor's, whichever comes first.
func (b Body) Runway(ctx Context) Runway {
	end := b.Ends()
	if vendor := ctx.vendorEnd(b); !end.Known() || vendor.Before(end) {
		end = vendor
	}
	return NewRunway(end, ctx.CutoverMedianDays, b.Rollback.WindowDays, ctx.ReviewDays)
}

// DaysLeft counts the days until the latest start, negative when it has passed; 0 while the end is unknown.
func (r Runway) DaysLeft(today day.Day) int {
	if !r.LatestStart.Known() {
		return 0
	}
	return today.Until(r.LatestStart)
}

// Level is how loudly a runway warns.
type Level string

// The levels. Unknown: there is no end date to count from.
const (
	LevelUnknown Level = "unknown"
	LevelOK      Level = "ok"
	LevelNotice  Level = "notice" // 90 days or fewer
	LevelWarn    Level = "warn"   // 60 days or fewer
	LevelUrgent  Level = "urgent" // 30 days or fewer; the latest start itself is still in time
	LevelPast    Level = "past"
)

// Level says how loudly to warn today. The 90, 60 and 30 days are counted to the latest start, which is
// never after the end, so that no warning comes later than as many days before the end.
func (r Runway) Level(today day.Day) Level {
	if !r.LatestStart.Known() {
		return LevelUnknown
	}
	switch left := r.DaysLeft(today); {
	case left < 0:
		return LevelPast
	case left <= 30:
		return LevelUrgent
	case left <= 60:
		return LevelWarn
	case left <= 90:
		return LevelNotice
	}
	return LevelOK
}

// MedianDays is the median of the days that past cutovers took, rounded up; 30 when there are none.
func MedianDays(past []int) int {
	if len(past) == 0 {
		return UnknownMedianDays
	}
	sorted := slices.Sorted(slices.Values(past))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return max(sorted[mid], 1)
	}
	return max((sorted[mid-1]+sorted[mid]+1)/2, 1)
}
