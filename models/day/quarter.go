package day

import (
	"fmt"
	"strconv"
	"time"
)

// Quarter is a calendar quarter as 2026-Q4, "" when unknown. Quarters compare as strings.
type Quarter string

// QuarterOf is the UTC quarter of a moment.
func QuarterOf(t time.Time) Quarter {
	t = t.UTC()
	return quarter(t.Year(), (int(t.Month())-1)/3)
}

func quarter(year, zeroBased int) Quarter {
	return Quarter(fmt.Sprintf("%04d-Q%d", year, zeroBased+1))
}

// ParseQuarter reads 2026-Q4.
func ParseQuarter(s string) (Quarter, error) {
	q := Quarter(s)
	if year, n := q.parts(); year < 1900 || year > 2200 || n < 0 || n > 3 || q != quarter(year, n) {
		return "", fmt.Errorf("%q is not a quarter like 2026-Q4", s)
	}
	return q, nil
}

func (q Quarter) parts() (year, zeroBased int) {
	if len(q) != len("2026-Q4") {
		return 0, -1
	}
	year, errYear := strconv.Atoi(string(q[:4]))
	n, errN := strconv.Atoi(string(q[6:]))
	if errYear != nil || errN != nil {
		return 0, -1
	}
	return year, n - 1
}

// Add is the quarter n quarters later (earlier when n is negative).
func (q Quarter) Add(n int) Quarter {
	return QuarterOf(q.Start().AddDate(0, 3*n, 0))
}

// Start is the moment the quarter begins; the zero time when unknown.
func (q Quarter) Start() time.Time {
	year, n := q.parts()
	if n < 0 {
		return time.Time{}
	}
	return time.Date(year, time.Month(3*n+1), 1, 0, 0, 0, 0, time.UTC)
}

// End is the moment the next quarter begins.
func (q Quarter) End() time.Time { return q.Start().AddDate(0, 3, 0) }

// Human is "Q4 2026", or "" when unknown.
func (q Quarter) Human() string {
	year, n := q.parts()
	if n < 0 {
		return ""
	}
	return fmt.Sprintf("Q%d %d", n+1, year)
}
