package intake

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sundial/models/day"
)

// DateOrder says which number comes first in 10/1/2023.
type DateOrder string

// The two orders. Dates with dots are day first, dates that begin with a year need no order.
const (
	MonthFirst DateOrder = "mdy"
	DayFirst   DateOrder = "dmy"
)

// Inventories reach back to the first systems and forward to plans; outside of this a date is a slip.
const (
	firstYear = 1950
	lastYear  = 2100
)

// readDate reads a date as people write them. A known day with a rule is a day that was completed
// or cut from a remark; no day with a rule means that the text stays text, and the sentence says why.
func readDate(s string, order DateOrder) (d day.Day, rule Rule, sentence string) {
	text := fold(s)
	if d, rule, sentence, ok := readExact(text, order); ok {
		if y := d.Time().Year(); d.Known() && (y < firstYear || y > lastYear) {
			return "", RuleDateAsText, implausible(s, d)
		}
		return d, rule, sentence
	}
	if d, ok := readPartial(text); ok {
		return d, RuleDatePartial, fmt.Sprintf("%q names no day; taken as %s.", excerpt(s), d.Human())
	}
	if m := leadingDate.FindStringSubmatch(text); m != nil && len(fourDigits.FindAllString(text, -1)) == 1 {
		if d, err := day.Parse(m[1]); err == nil && plausible(d) {
			return d, RuleDatePartial, fmt.Sprintf("%q is more than a date; taken as %s, the rest is kept as text.", excerpt(s), d.Human())
		}
	}
	if shortMonth.MatchString(text) {
		return "", RuleDateAsText, fmt.Sprintf("%q may be a day or a year of that month; kept as text.", excerpt(s))
	}
	return "", RuleDateAsText, fmt.Sprintf("%q is not a date; kept as text.", excerpt(s))
}

var (
	timeOfDay   = regexp.MustCompile(`(?:t| )\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?(?:z|[+-]\d{2}:?\d{2})?$`)
	numbers     = regexp.MustCompile(`^(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d{2})$`)
	yearFirst   = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	monthYear   = regexp.MustCompile(`^(\d{1,2})[/.-](\d{4})$`)
	yearMonth   = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})$`)
	yearOnly    = regexp.MustCompile(`^\d{4}$`)
	serial      = regexp.MustCompile(`^\d{5}$`)
	leadingDate = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[ ,;(]`)
	fourDigits  = regexp.MustCompile(`\d{4}`)
	shortMonth  = regexp.MustCompile(`^(\d{1,2}-[a-z]{3}|[a-z]{3}-\d{2})$`)
)

// readExact knows the forms that name one day.
func readExact(text string, order DateOrder) (d day.Day, rule Rule, sentence string, ok bool) {
	text = timeOfDay.ReplaceAllString(text, "")
	if m := yearFirst.FindStringSubmatch(text); m != nil {
		d, ok = civil(m[1], m[2], m[3])
		return d, "", "", ok
	}
	if m := numbers.FindStringSubmatch(text); m != nil {
		month, dayOf := m[1], m[3]
		if order == DayFirst || m[2] == "." {
			month, dayOf = dayOf, month
		}
		year, short := fullYear(m[4])
		d, ok = civil(year, month, dayOf)
		if ok && short {
			rule, sentence = RuleDatePartial, fmt.Sprintf("%q has a year of two digits; taken as %s.", text, d.Human())
		}
		return d, rule, sentence, ok
	}
	for _, layout := range []string{"2 January 2006", "2 Jan 2006", "January 2 2006", "Jan 2 2006", "2-Jan-2006", "2-January-2006", "2-Jan-06", "2/Jan/2006"} {
		if t, err := time.Parse(layout, ordinal(text)); err == nil {
			return day.Of(t), "", "", true
		}
	}
	if serial.MatchString(text) {
		if d, ok := fromSerial(text); ok && plausible(d) {
			return d, RuleDatePartial, fmt.Sprintf("%q is a spreadsheet's number of a day; taken as %s.", text, d.Human()), true
		}
	}
	return "", "", "", false
}

// readPartial knows the forms that name a month or a year; its first day stands for it.
func readPartial(text string) (day.Day, bool) {
	var d day.Day
	ok := false
	if m := monthYear.FindStringSubmatch(text); m != nil {
		d, ok = civil(m[2], m[1], "1")
	} else if m := yearMonth.FindStringSubmatch(text); m != nil {
		d, ok = civil(m[1], m[2], "1")
	} else if yearOnly.MatchString(text) {
		d, ok = civil(text, "1", "1")
	} else {
		for _, layout := range []string{"January 2006", "Jan 2006", "January-2006", "Jan-2006"} {
			if t, err := time.Parse(layout, ordinal(text)); err == nil {
				d, ok = day.Of(t), true
			}
		}
	}
	return d, ok && plausible(d)
}

var ordinals = regexp.MustCompile(`\b(\d{1,2})(st|nd|rd|th)\b`)

// ordinal turns "october 1st, 2023" into "october 1 2023".
func ordinal(text string) string {
	text = ordinals.ReplaceAllString(text, "$1")
	text = strings.NewReplacer(",", " ", ".", " ", " of ", " ", "sept ", "sep ").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}

func civil(year, month, dayOf string) (day.Day, bool) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(dayOf)
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if m < 1 || m > 12 || t.Day() != d || t.Month() != time.Month(m) {
		return "", false
	}
	return day.Of(t), true
}

func fullYear(s string) (year string, short bool) {
	if len(s) == 4 {
		return s, false
	}
	if s >= "70" {
		return "19" + s, true
	}
	return "20" + s, true
}

// spreadsheetEpoch is day 0 of spreadsheets' day numbers, for days after February 1900.
var spreadsheetEpoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

func fromSerial(s string) (day.Day, bool) {
	n, err := strconv.Atoi(s)
	return day.Of(spreadsheetEpoch.AddDate(0, 0, n)), err == nil
}

func plausible(d day.Day) bool {
	y := d.Time().Year()
	return y >= firstYear && y <= lastYear
}

// implausible says why a date is not believed. 7/15/1905 is what a spreadsheet makes of the year 2023
// in a column of dates: its day number 2023.
func implausible(s string, d day.Day) string {
	n := int(d.Time().Sub(spreadsheetEpoch).Hours() / 24)
	if n >= firstYear && n <= lastYear {
		return fmt.Sprintf("%q is what a spreadsheet makes of the year %d; kept as text.", excerpt(s), n)
	}
	return fmt.Sprintf("%q is not a plausible date; kept as text.", excerpt(s))
}

// excerpt is the beginning of a cell, for sentences.
func excerpt(s string) string { return cutRunes(cleanLine(s), 80) }
