package retirement_test

import (
	"testing"

	"sundial/models/day"
	"sundial/models/retirement"
)

func TestRunway(t *testing.T) {
	rows := []struct {
		name                     string
		end                      day.Day
		median, rollback, review int
		want                     day.Day
	}{
		{"median, window and review before the end", "2026-12-31", 20, 14, 5, "2026-11-22"},
		{"30 days for a team without cutovers", "2026-12-31", 0, 0, 0, "2026-12-01"},
		{"over a leap day", "2028-03-01", 1, 0, 0, "2028-02-29"},
		{"no end, no start", "", 20, 14, 5, ""},
	}
	for _, r := range rows {
		if got := retirement.NewRunway(r.end, r.median, r.rollback, r.review).LatestStart; got != r.want {
			t.Errorf("%s: %s, want %s", r.name, got, r.want)
		}
	}
}

func TestRunwayLevels(t *testing.T) {
	r := retirement.NewRunway("2026-12-31", 30, 0, 0) // latest start 2026-12-01
	rows := []struct {
		left int
		want retirement.Level
	}{
		{91, retirement.LevelOK}, {90, retirement.LevelNotice}, {61, retirement.LevelNotice}, {60, retirement.LevelWarn},
		{31, retirement.LevelWarn}, {30, retirement.LevelUrgent}, {0, retirement.LevelUrgent}, {-1, retirement.LevelPast},
	}
	for _, row := range rows {
		at := day.Day("2026-12-01").Add(-row.left)
		if got := r.Level(at); got != row.want || r.DaysLeft(at) != row.left {
			t.Errorf("%d days left: %s and %d", row.left, got, r.DaysLeft(at))
		}
	}
	if got := retirement.NewRunway("", 0, 0, 0).Level(today); got != retirement.LevelUnknown {
		t.Errorf("no end date: %s", got)
	}
}

func TestPlanRunwayCountsToTheEarlierEnd(t *testing.T) {
	b, ctx := body(), world()
	ctx.CutoverMedianDays, ctx.ReviewDays = 10, 6 // and a rollback window of 14
	if got := b.Runway(ctx); got.LatestStart != ends.Add(-30) || got.End != ends {
		t.Errorf("%+v", got)
	}
	ctx.VendorEnd = ends.Add(-100)
	if got := b.Runway(ctx); got.LatestStart != ends.Add(-130) {
		t.Errorf("%+v", got)
	}
	if got := (retirement.Body{}).Runway(ctx); got.End != ctx.VendorEnd {
		t.Errorf("%+v", got)
	}
}

func TestMedianDays(t *testing.T) {
	rows := []struct {
		past []int
		want int
	}{{nil, 30}, {[]int{12}, 12}, {[]int{40, 10, 20}, 20}, {[]int{10, 21}, 16}, {[]int{0, 0}, 1}}
	for _, r := range rows {
		if got := retirement.MedianDays(r.past); got != r.want {
			t.Errorf("%v: %d, want %d", r.past, got, r.want)
		}
	}
}
