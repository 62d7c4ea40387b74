package day

import (
	"testing"
	"time"
)

func TestQuarterOfAMoment(t *testing.T) {
	for moment, want := range map[string]Quarter{
		"2026-01-01T00:00:00Z":      "2026-Q1",
		"2026-03-31T23:59:59Z":      "2026-Q1",
		"2026-04-01T00:00:00Z":      "2026-Q2",
		"2026-12-31T23:59:59Z":      "2026-Q4",
		"2027-01-01T00:30:00+01:00": "2026-Q4",
	} {
		at, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		if got := QuarterOf(at); got != want {
			t.Errorf("%s is in %s, want %s", moment, got, want)
		}
	}
}

func TestQuarterBeginsAndEnds(t *testing.T) {
	q := Quarter("2026-Q4")
	if got := q.Start().Format(time.DateOnly) + " " + q.End().Format(time.DateOnly); got != "2026-10-01 2027-01-01" {
		t.Error(got)
	}
	if q.Add(1) != "2027-Q1" || q.Add(-4) != "2025-Q4" || q.Add(-7) != "2025-Q1" {
		t.Error(q.Add(1), q.Add(-4), q.Add(-7))
	}
	if q.Human() != "Q4 2026" || Quarter("").Human() != "" {
		t.Error(q.Human())
	}
}

func TestParseQuarter(t *testing.T) {
	if q, err := ParseQuarter("2026-Q4"); err != nil || q != "2026-Q4" {
		t.Error(q, err)
	}
	for _, bad := range []string{"", "2026", "2026-Q0", "2026-Q5", "2026-q4", "2026/Q4", "1-Q1", "20260-Q1", "-026-Q1", "2026-Q٤"} {
		if q, err := ParseQuarter(bad); err == nil {
			t.Errorf("%q was read as %s", bad, q)
		}
	}
}
