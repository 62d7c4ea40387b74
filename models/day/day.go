// Package day is a calendar day without a clock: dates that people promise (deprecation,
// review-by, vendor end-of-life) have no hour and no time zone, and must not gain one on the way.
package day

import (
	"fmt"
	"strings"
	"time"
)

// Day is a calendar day as YYYY-MM-DD, "" when unknown. Days compare as strings.
type Day string

// Of is the UTC day of a moment.
func Of(t time.Time) Day { return Day(t.UTC().Format(time.DateOnly)) }

// Parse reads YYYY-MM-DD; blank is the unknown day.
func Parse(s string) (Day, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return "", fmt.Errorf("%q is not a date like 2027-03-31", s)
	}
	return Day(s), nil
}

// Known reports whether there is a day at all.
func (d Day) Known() bool { return d != "" }

// Time is midnight UTC at the start of the day; the zero time when unknown.
func (d Day) Time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d))
	return t
}

// Add is the day n days later (earlier when n is negative).
func (d Day) Add(n int) Day {
	if d == "" {
		return ""
	}
	return Of(d.Time().AddDate(0, 0, n))
}

// Until counts the days from d to end: negative when end is past.
func (d Day) Until(end Day) int {
	return int(end.Time().Sub(d.Time()).Hours() / 24)
}

// Before reports whether d is a known day earlier than other.
func (d Day) Before(other Day) bool { return d != "" && other != "" && d < other }

// After reports whether d is a known day later than other.
func (d Day) After(other Day) bool { return d != "" && other != "" && d > other }

// Human is "31 March 2027", or "" when unknown.
func (d Day) Human() string {
	if d == "" {
		return ""
	}
	return d.Time().Format("2 January 2006")
}
