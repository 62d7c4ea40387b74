package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ID is the DOM id of the form field with this name: "f-" and the name made safe for ids, fragments
// and selectors. consumers[0].name becomes f-consumers-0-name.
func ID(name string) string {
	var b strings.Builder
	b.WriteString("f-")
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			b.WriteRune(r)
		case r == '.' || r == '[':
			b.WriteByte('-')
		case r == ']':
		default:
			fmt.Fprintf(&b, "_%x", r)
		}
	}
	return b.String()
}

// FormatTime is "3 Mar 2026, 14:32 UTC", "" for the zero time. Always UTC: a record of who approved
// what when must read the same in every office.
func FormatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 Jan 2006, 15:04 UTC")
}

// FormatDate is "3 Mar 2026" in UTC, "" for the zero time.
func FormatDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 Jan 2006")
}

// Ago says how far t is from now: "3 days ago", "in 2 hours", "just now"; "" for the zero time.
func Ago(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := now.Sub(t)
	span := Span(d)
	switch {
	case span == "":
		return "just now"
	case d < 0:
		return "in " + span
	default:
		return span + " ago"
	}
}

// Span is a duration in its largest whole unit ("3 days", "1 hour"), "" under a minute.
func Span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return ""
	case d < time.Hour:
		return Count(int64(d/time.Minute), "minute", "minutes")
	case d < day:
		return Count(int64(d/time.Hour), "hour", "hours")
	case d < 60*day:
		return Count(int64(d/day), "day", "days")
	case d < 730*day:
		return Count(int64(d/(30*day)), "month", "months")
	default:
		return Count(int64(d/(365*day)), "year", "years")
	}
}

// Count is a number with its noun: "1 model", "1,204 models".
func Count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// CountUpTo is Count for a bounded count: at the limit it says "1,000+ models", since a list counts
// at most limit+1 rows.
func CountUpTo(n, limit int64, one, many string) string {
	if n > limit {
		return Number(limit) + "+ " + many
	}
	return Count(n, one, many)
}

// Number groups thousands: 1,204,500.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Decimal rounds down to a number of places, so that 89.96 never reads as 90.0, the next tier.
func Decimal(x float64, places int) string {
	p := math.Pow10(places)
	return strconv.FormatFloat(math.Floor(x*p+1e-9)/p, 'f', places, 64)
}

// Short is the first 12 characters of a digest, after any "sha256:".
func Short(digest string) string {
	digest = strings.TrimPrefix(digest, "sha256:")
	if len(digest) > 12 {
		return digest[:12]
	}
	return digest
}

// Initials are the first letters of the first and last word of a name, "?" of none.
func Initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	first := []rune(words[0])[:1]
	if len(words) == 1 {
		return strings.ToUpper(string(first))
	}
	last := []rune(words[len(words)-1])[:1]
	return strings.ToUpper(string(first) + string(last))
}
