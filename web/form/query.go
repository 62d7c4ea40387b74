package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/models/day"
	"sundial/models/fault"
)

// Query reads a list's filters, order and place from its address. A missing value is the default;
// one that cannot be meant is a fault with a sentence, told by Err once all are read. Parameters
// nobody asks for are left alone.
type Query struct {
	values url.Values
	err    *fault.Fault
}

// ReadQuery starts reading.
func ReadQuery(c echo.Context) *Query {
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	q := &Query{values: values}
	if err != nil {
		q.refuse("This address is damaged. Start again from the list.")
	}
	return q
}

// Err is the first thing that is wrong with the address.
func (q *Query) Err() error {
	if q.err == nil {
		return nil
	}
	return q.err
}

func (q *Query) refuse(sentence string) {
	if q.err == nil {
		q.err = fault.New(fault.Malformed, sentence)
	}
}

// Has reports whether a parameter is there and not empty.
func (q *Query) Has(name string) bool { return strings.TrimSpace(q.values.Get(name)) != "" }

// Text is one line of at most 200 characters.
func (q *Query) Text(name string) string { return q.text(name, longestLine) }

// Cursor is a place in a list, as a link of ours gave it.
func (q *Query) Cursor(name string) string { return q.text(name, 2000) }

func (q *Query) text(name string, most int) string {
	s, sentence := Clean(q.values.Get(name))
	switch {
	case sentence != "":
		q.refuse("This address holds characters that cannot be searched for.")
		return ""
	case len([]rune(s)) > most:
		q.refuse("These are more than " + strconv.Itoa(most) + " characters to search for. Use fewer words.")
		return ""
	}
	return strings.Join(strings.Fields(s), " ")
}

// Choice is one of the allowed values, the first when nothing is said. Give "" first where nothing is a choice.
func (q *Query) Choice(name string, allowed ...string) string {
	s := q.Text(name)
	switch {
	case s == "" || slices.Contains(allowed, s):
		if s == "" && len(allowed) > 0 {
			return allowed[0]
		}
		return s
	}
	q.refuse("There is no choice " + strconv.Quote(s) + " for " + strconv.Quote(name) + ".")
	return ""
}

// Choices are the allowed values that were chosen, in the order of allowed.
func (q *Query) Choices(name string, allowed ...string) []string {
	var out []string
	for _, a := range allowed {
		if slices.Contains(q.values[name], a) {
			out = append(out, a)
		}
	}
	for _, s := range q.values[name] {
		if s != "" && !slices.Contains(allowed, s) {
			q.refuse("There is no such choice for " + strconv.Quote(name) + ".")
		}
	}
	return out
}

// Int is a whole number from least to most, 0 when nothing is said.
func (q *Query) Int(name string, least, most int64) int64 {
	s := q.Text(name)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < least || n > most {
		q.refuse("The value of " + strconv.Quote(name) + " is not a whole number from " + strconv.FormatInt(least, 10) + " to " + strconv.FormatInt(most, 10) + ".")
		return 0
	}
	return n
}

// Day is a calendar day, unknown when nothing is said.
func (q *Query) Day(name string) day.Day {
	d, err := day.Parse(q.Text(name))
	if err != nil {
		q.refuse("The value of " + strconv.Quote(name) + " is not a date like 2027-03-31.")
	}
	return d
}

// moments are the ways to write one, most exact first. Without a zone it is UTC.
var moments = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly}

// Moment is a point in time, the zero time when nothing is said. A day alone is its last moment, so
// that "on 3 March" includes 3 March.
func (q *Query) Moment(name string) time.Time {
	s := q.Text(name)
	if s == "" {
		return time.Time{}
	}
	for _, layout := range moments {
		// A plus sign that was not encoded arrives as a blank.
		t, err := time.Parse(layout, s)
		if err != nil && layout == time.RFC3339Nano {
			t, err = time.Parse(layout, strings.ReplaceAll(s, " ", "+"))
		}
		if err != nil || t.Year() < 1970 || t.Year() > 2200 {
			continue
		}
		if layout == time.DateOnly {
			t = t.AddDate(0, 0, 1).Add(-time.Millisecond)
		}
		return t.UTC()
	}
	q.refuse("The value of " + strconv.Quote(name) + " is not a moment like 2026-03-03T14:32.")
	return time.Time{}
}

// Param is a part of the path; what cannot be a name of ours is not found.
func Param(c echo.Context, name string) (string, error) {
	s := c.Param(name)
	if clean, sentence := Clean(s); s == "" || len(s) > longestLine || sentence != "" || clean != s {
		return "", fault.New(fault.NotFound, "There is no such page.")
	}
	return s, nil
}

// ID is a number in the path; what is no number is not found.
func ID(c echo.Context, name string) (int64, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != c.Param(name) {
		return 0, fault.New(fault.NotFound, "There is no such page.")
	}
	return n, nil
}
