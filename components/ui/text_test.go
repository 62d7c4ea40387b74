package ui

import (
	"testing"
	"time"
)

func TestIDIsSafeInSelectorsAndFragments(t *testing.T) {
	for name, want := range map[string]string{
		"name":              "f-name",
		"consumers[0].name": "f-consumers-0-name",
		"a b":               "f-a_20b",
		"größe":             "f-gr_f6_dfe",
		"":                  "f-",
	} {
		if got := ID(name); got != want {
			t.Errorf("ID(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAgoUsesTheLargestWholeUnit(t *testing.T) {
	now := time.Date(2026, 3, 10, 9, 30, 0, 0, time.UTC)
	for want, d := range map[string]time.Duration{
		"just now":      30 * time.Second,
		"1 minute ago":  time.Minute,
		"23 hours ago":  23*time.Hour + 59*time.Minute,
		"1 day ago":     25 * time.Hour,
		"59 days ago":   59 * 24 * time.Hour,
		"2 months ago":  60 * 24 * time.Hour,
		"24 months ago": 729 * 24 * time.Hour,
		"2 years ago":   730 * 24 * time.Hour,
		"in 3 days":     -3 * 24 * time.Hour,
	} {
		if got := Ago(now.Add(-d), now); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
	if got := Ago(time.Time{}, now); got != "" {
		t.Errorf("the zero time reads %q", got)
	}
}

func TestNumbersReadAsPeopleWriteThem(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{Number(0), "0"},
		{Number(999), "999"},
		{Number(1000), "1,000"},
		{Number(-1234567), "-1,234,567"},
		{Count(1, "model", "models"), "1 model"},
		{Count(0, "model", "models"), "0 models"},
		{CountUpTo(1000, 1000, "model", "models"), "1,000 models"},
		{CountUpTo(1001, 1000, "model", "models"), "1,000+ models"},
		{Decimal(89.96, 1), "89.9"},
		{Decimal(84.68, 1), "84.6"},
		{Decimal(0.3, 1), "0.3"},
		{Short("sha256:0123456789abcdef"), "0123456789ab"},
		{Initials("Ada van Osei"), "AO"},
		{Initials(" "), "?"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestTimesAreUTC(t *testing.T) {
	cet := time.FixedZone("CET", 3600)
	if got := FormatTime(time.Date(2026, 3, 3, 15, 32, 0, 0, cet)); got != "3 Mar 2026, 14:32 UTC" {
		t.Errorf("got %q", got)
	}
	if got := FormatTime(time.Time{}); got != "" {
		t.Errorf("the zero time reads %q", got)
	}
}
