package confirmation

import (
	"time"

	"sundial/models/day"
	"sundial/models/registry"
)

// AskDays is how many days there are to answer, the first one included.
const AskDays = 30

// Round is a quarter for which entries are asked. AskedOn is the day on which people were first told of it:
// the quarter's first, unless the portal began to ask later. Before anybody was told it is unknown.
type Round struct {
	Quarter day.Quarter
	AskedOn day.Day
}

// Begins is the quarter's first day, Ends its last.
func (r Round) Begins() day.Day { return day.Of(r.Quarter.Start()) }

// Ends is the quarter's last day.
func (r Round) Ends() day.Day { return day.Of(r.Quarter.End()).Add(-1) }

// Due is the last day on which an answer is in time.
func (r Round) Due() day.Day { return later(r.Begins(), r.AskedOn).Add(AskDays - 1) }

// DueFor is Due for an entry that came in on a day: whoever gets an entry by import has as many days for it
// as everybody else.
func (r Round) DueFor(cameIn day.Day) day.Day { return later(r.Due(), cameIn.Add(AskDays-1)) }

func later(a, b day.Day) day.Day {
	if b.After(a) || !a.Known() {
		return b
	}
	return a
}

// Running reports whether the quarter is the one that a day lies in. Only that one takes answers.
func (r Round) Running(now time.Time) bool { return r.Quarter == day.QuarterOf(now) }

// Asks reports whether an entry is asked for. Every entry is that has not ended, whether it is governed here
// or only reported to be in operation. One that somebody registered by hand in the quarter itself is not:
// they have just written down what it says. One that a file brought in is: nobody has read it yet.
func (r Round) Asks(m registry.Model) bool {
	came := m.CreatedAt
	if m.Stage == registry.Retired || !came.Before(r.Quarter.End()) {
		return false
	}
	return came.Before(r.Quarter.Start()) || m.Source != (registry.Source{})
}
