package scorecard

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sundial/models/day"
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
	f, text, err := parseHead(text)
	if err != nil {
		return Facts{}, err
	}
	f.Readings = make(map[string]Reading, len(Criteria))
	for _, c := range Criteria {
		var part string
		part, text, _ = strings.Cut(text, "|")
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
	numbers, waived, _ := strings.Cut(part, "!")
	n, err := parseNumbers(numbers)
	if err != nil {
		return Reading{}, err
	}
	r := Reading{Strength: n.strength, Share: n.share, Waived: day.Day(waived)}
	if n.until != 0 {
		r.Until = time.UnixMilli(n.until).UTC()
	}
	return r, nil
}

// CompactSections writes what sections earned: "A9.5/12 B13/15".
func CompactSections(list []SectionSum) string {
	b := make([]byte, 0, 80)
	for i, s := range list {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, s.Section...)
		b = strconv.AppendFloat(b, s.Earned, 'f', -1, 64)
		b = append(b, '/')
		b = strconv.AppendInt(b, int64(s.Applicable), 10)
	}
	return string(b)
}

// ParseSections reads what CompactSections wrote.
func ParseSections(text string) ([]SectionSum, error) {
	if text == "" {
		return nil, nil
	}
	out := make([]SectionSum, 0, len(Sections))
	for part := range strings.SplitSeq(text, " ") {
		earned, applicable, cut := strings.Cut(part, "/")
		if !cut || len(earned) < 2 {
			return nil, fmt.Errorf("scorecard: no section is written %q", part)
		}
		s := SectionSum{Section: Section(earned[:1])}
		var err error
		if s.Earned, err = strconv.ParseFloat(earned[1:], 64); err != nil {
			return nil, fmt.Errorf("scorecard: a section: %w", err)
		}
		if s.Applicable, err = strconv.Atoi(applicable); err != nil {
			return nil, fmt.Errorf("scorecard: a section: %w", err)
		}
		out = append(out, s)
	}
	return out, nil
}
