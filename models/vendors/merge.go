package vendors

import (
	"fmt"
	"strings"

	"sundial/models/day"
	"sundial/models/fault"
)

// Merge makes one row of two readings of the same (host, id). A later reading of the same source
// replaces the earlier: a date that moved is news, not a conflict. Of two sources, each fills what
// the other leaves open; where they disagree the row says so in Conflict and believes the safer
// of the two: the earlier end, the weaker class, and the successor read last.
func Merge(a, b Entry) (Entry, error) {
	if a.Key() != b.Key() {
		return Entry{}, fault.Newf(fault.Invalid, "%s at %s and %s at %s are two models; their rows cannot be merged.", a.ModelID, a.Host, b.ModelID, b.Host)
	}
	if b.ReadOn.Before(a.ReadOn) {
		a, b = b, a
	}
	if strings.EqualFold(strings.TrimSpace(a.Source), strings.TrimSpace(b.Source)) {
		return b, nil
	}
	m := b
	m.EndOfLife = earlier(a.EndOfLife, b.EndOfLife)
	m.Class = weaker(a.Class, b.Class)
	m.Successor = either(b.Successor, a.Successor)
	m.Note = joined(" ", a.Note, b.Note)
	m.Source = joined("; ", a.Source, b.Source)
	m.Conflict = joined(" ", a.Conflict, b.Conflict, strings.Join(Disagreements(a, b), " "))
	return m, nil
}

// Settle makes one row of any number of readings of the same (host, id). Given again with one
// source corrected, the conflict it had is gone.
func Settle(readings []Entry) (Entry, error) {
	if len(readings) == 0 {
		return Entry{}, fault.New(fault.Invalid, "There is no reading to make a catalogue row of.")
	}
	var latest []Entry
	bySource := map[string]int{}
	for _, r := range readings {
		source := strings.ToLower(strings.TrimSpace(r.Source))
		if i, seen := bySource[source]; !seen {
			bySource[source] = len(latest)
			latest = append(latest, r)
		} else if !r.ReadOn.Before(latest[i].ReadOn) {
			latest[i] = r
		}
	}
	settled := latest[0]
	for _, r := range latest[1:] {
		var err error
		if settled, err = Merge(settled, r); err != nil {
			return Entry{}, err
		}
	}
	return settled, nil
}

// Disagreements says in sentences where two readings contradict each other. What one of them
// leaves open is no contradiction.
func Disagreements(a, b Entry) []string {
	var list []string
	if a.EndOfLife.Known() && b.EndOfLife.Known() && a.EndOfLife != b.EndOfLife {
		list = append(list, fmt.Sprintf("The end is %s by %s, but %s by %s.", a.EndOfLife.Human(), a.cited(), b.EndOfLife.Human(), b.cited()))
	}
	if a.Class != "" && b.Class != "" && a.Class != b.Class && a.Class != Undetermined && b.Class != Undetermined {
		list = append(list, fmt.Sprintf("The id is %s by %s, but %s by %s.", a.Class, a.cited(), b.Class, b.cited()))
	}
	if a.Successor != "" && b.Successor != "" && Normalize(a.Successor) != Normalize(b.Successor) {
		list = append(list, fmt.Sprintf("The successor is %s by %s, but %s by %s.", a.Successor, a.cited(), b.Successor, b.cited()))
	}
	return list
}

func earlier(a, b day.Day) day.Day {
	if !a.Known() || b.Before(a) {
		return b
	}
	if !b.Known() {
		return a
	}
	return a
}

// weaker is the class that promises less, unless one of the sources could not tell.
func weaker(a, b Class) Class {
	switch {
	case a == "" || a == Undetermined:
		return b
	case b == "" || b == Undetermined:
		return a
	case a.firmness() < b.firmness():
		return a
	}
	return b
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

// joined joins what is not blank, each once.
func joined(sep string, list ...string) string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" && !has(out, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, sep)
}
