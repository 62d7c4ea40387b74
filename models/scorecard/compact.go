package scorecard

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/vendors"
)

// Compact writes what Score computes with, and nothing for people, in a line of text: every model is scored
// again each night, and reading sentences would take most of that time. Parts are separated by "|", then one
// part per criterion: strength letter, share in billionths where it is not whole, "~" and the second it holds
// until, "!" and the last day of its waiver.
func (f Facts) Compact() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%d|%s|%t|%t|%s|%s|%d|%s", f.Kind, f.Tier, f.Phase, f.Named, f.CutoverStarted, f.VendorClass, f.VendorEnd, f.RunwayDays,
		strconv.Quote(strings.ReplaceAll(f.VendorID, "|", "/")))
	for _, c := range Criteria {
		b.WriteByte('|')
		r, known := f.Readings[c.Key]
		if !known {
			continue
		}
		b.WriteByte(letterOf(r.Strength))
		if r.Share != 1 {
			b.WriteString(strconv.FormatInt(nano(r.Share), 36))
		}
		if !r.Until.IsZero() {
			b.WriteByte('~')
			b.WriteString(strconv.FormatInt(r.Until.UnixMilli(), 36))
		}
		if r.Waived.Known() {
			b.WriteByte('!')
			b.WriteString(string(r.Waived))
		}
	}
	return b.String()
}

const strengthLetters = "OADXMU"

var strengths = []Strength{Observed, Attested, Declared, Against, Missing, Unmeasured}

func letterOf(s Strength) byte {
	for i, x := range strengths {
		if x == s {
			return strengthLetters[i]
		}
	}
	return 'M'
}

// ParseCompact reads what Compact wrote. Scored, it gives the same numbers; sentences are empty.
func ParseCompact(text string) (Facts, error) {
	next := func() (part string) {
		part, text, _ = strings.Cut(text, "|")
		return part
	}
	var f Facts
	var err, bad error
	f.Kind = registry.Kind(next())
	number := func() int {
		n, err := strconv.Atoi(next())
		if err != nil {
			bad = err
		}
		return n
	}
	f.Tier = registry.Tier(number())
	f.Phase = Phase(next())
	f.Named, f.CutoverStarted = next() == "true", next() == "true"
	f.VendorClass, f.VendorEnd = vendors.Class(next()), day.Day(next())
	f.RunwayDays = number()
	if f.VendorID, err = strconv.Unquote(next()); err != nil || bad != nil {
		return Facts{}, fmt.Errorf("scorecard: facts that cannot be read")
	}
	f.Readings = make(map[string]Reading, len(Criteria))
	for _, c := range Criteria {
		part := next()
		if part == "" {
			continue
		}
		r, err := parseReading(part)
		if err != nil {
			return Facts{}, err
		}
		f.Readings[c.Key] = r
	}
	return f, nil
}

func parseReading(part string) (Reading, error) {
	i := strings.IndexByte(strengthLetters, part[0])
	if i < 0 {
		return Reading{}, fmt.Errorf("scorecard: no strength is written %q", part[0])
	}
	r := Reading{Strength: strengths[i], Share: 1}
	rest, waived, _ := strings.Cut(part[1:], "!")
	r.Waived = day.Day(waived)
	share, until, ages := strings.Cut(rest, "~")
	if share != "" {
		n, err := strconv.ParseInt(share, 36, 64)
		if err != nil {
			return Reading{}, fmt.Errorf("scorecard: a share: %w", err)
		}
		r.Share = float64(n) / 1e9
	}
	if ages {
		n, err := strconv.ParseInt(until, 36, 64)
		if err != nil {
			return Reading{}, fmt.Errorf("scorecard: a moment: %w", err)
		}
		r.Until = time.UnixMilli(n).UTC()
	}
	return r, nil
}
