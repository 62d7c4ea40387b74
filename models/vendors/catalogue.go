package vendors

import (
	"strings"

	"sundial/models/day"
)

// Entry is one row of the catalogue: what one source says of one id at one host. Pinned and alive
// are two facts, and the row keeps both.
type Entry struct {
	Host      Host
	ModelID   string // as the source writes it
	Class     Class
	EndOfLife day.Day // the first day on which the id no longer answers; "" when no source gives one
	Successor string  // the id the vendor recommends instead, on the same host
	Source    string  // page, API or document the row was read from; the citation of a reviewer
	ReadOn    day.Day // the day the source was read; dates move weekly
	Conflict  string  // where sources disagree, in sentences; "" when they do not
	Note      string
}

// Key identifies the row: all ids of a host that Key says are one are one row.
func (e Entry) Key() string { return string(e.Host) + "\x00" + Key(e.Host, e.ModelID) }

// Alive reports whether the id still answers on a day. Without an end-of-life date nothing is
// known: known is false, and unknown is not alive.
func Alive(e Entry, on day.Day) (known, alive bool) {
	if !e.EndOfLife.Known() || !on.Known() {
		return false, false
	}
	return true, on.Before(e.EndOfLife)
}

// DaysLeft counts the days from today to the end, negative when it is past; known is false
// without an end-of-life date.
func DaysLeft(e Entry, today day.Day) (days int, known bool) {
	if !e.EndOfLife.Known() || !today.Known() {
		return 0, false
	}
	return today.Until(e.EndOfLife), true
}

// InsideRunway reports whether the end is so near that the cutover should have begun: no more
// days are left than the runway has. An unknown end is not inside; gates ask for it separately.
func InsideRunway(e Entry, today day.Day, runwayDays int) bool {
	left, known := DaysLeft(e, today)
	return known && left <= runwayDays
}

// LatestStart is the last day on which a cutover of so many days can begin and still finish
// before the end; "" when the end is unknown.
func LatestStart(e Entry, runwayDays int) day.Day { return e.EndOfLife.Add(-runwayDays) }

// cited is a source's name for a sentence.
func (e Entry) cited() string {
	if s := strings.TrimSpace(e.Source); s != "" {
		return s
	}
	return "a source without a name"
}
