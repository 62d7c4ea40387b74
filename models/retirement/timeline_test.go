package retirement

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sundial/models/day"
)

func TestTheTimelineLooksEighteenMonthsAhead(t *testing.T) {
	for today, want := range map[day.Day][2]day.Day{
		"2026-11-30": {"2026-11-01", "2028-04-30"},
		"2026-11-01": {"2026-11-01", "2028-04-30"},
		"2027-08-31": {"2027-08-01", "2029-01-31"},
		"2028-02-29": {"2028-02-01", "2029-07-31"},
	} {
		if from, to := TimelineSpan(today); from != want[0] || to != want[1] {
			t.Errorf("on %s it shows %s to %s, want %v", today, from, to, want)
		}
	}
}

func TestWhatADatedModelSays(t *testing.T) {
	const today = day.Day("2026-11-30")
	d := Dated{On: map[DateKind]day.Day{OwnDeprecation: "2027-06-30", StartsLatest: "2026-11-29", ReviewDue: today, VendorEnds: "2027-02-05"}}
	every := TimelineFilter{}.Kinds()
	if len(every) != len(DateKinds) {
		t.Errorf("no filter, but only %v", every)
	}
	if diff := cmp.Diff([]DateKind{StartsLatest}, d.Overdue(every, today)); diff != "" {
		t.Errorf("a day is late from the day after (-want +got):\n%s", diff)
	}
	d.Retiring = DualRun
	if got := d.Overdue(every, today); len(got) > 0 {
		t.Errorf("what has begun cannot begin too late: %v", got)
	}
	if got := d.Overdue(every, "2027-07-01"); len(got) != 2 {
		t.Errorf("its ends can still be missed: %v", got)
	}
	for name, x := range map[string]struct{ got, want day.Day }{
		"the first of all":       {d.First(every), "2026-11-29"},
		"the first of one kind":  {d.First(TimelineFilter{Kind: VendorEnds}.Kinds()), "2027-02-05"},
		"of a kind it lacks":     {d.First([]DateKind{TriggerDate}), ""},
		"the vendor ends sooner": {d.Ends(), "2027-02-05"},
		"its own end alone":      {Dated{On: map[DateKind]day.Day{OwnDeprecation: "2027-06-30"}}.Ends(), "2027-06-30"},
		"no end at all":          {Dated{On: map[DateKind]day.Day{ReviewDue: today}}.Ends(), ""},
	} {
		if x.got != x.want {
			t.Errorf("%s: %q, want %q", name, x.got, x.want)
		}
	}
	for _, c := range DateKinds {
		if DateKind(c.Value).Title() == "" {
			t.Errorf("%s has no title", c.Value)
		}
	}
}
