package vendors

import (
	"slices"
	"time"

	"sundial/models/day"
)

// Move is one change of what the catalogue believed of an id.
type Move struct {
	Before, After Entry // Before is empty for the first
	By            Reading
	At            time.Time // when it began to count
}

// Until is the day on which the catalogue learned that what it believed before no longer held.
func (m Move) Until() day.Day { return m.By.FirstReadOn }

// EndMoved reports whether the end of life is another than before.
func (m Move) EndMoved() bool {
	return m.Before.ModelID != "" && m.Before.EndOfLife != m.After.EndOfLife
}

// ClassMoved reports whether the class is another than before.
func (m Move) ClassMoved() bool { return m.Before.ModelID != "" && m.Before.Class != m.After.Class }

// History replays the readings of one row and tells each time when it came to say something else, oldest
// first: "1 March until read on the 3rd, then 1 June". What never counted is not in it.
func History(readings []Reading) []Move {
	list := slices.DeleteFunc(slices.Clone(readings), func(r Reading) bool { return r.State != Counted && r.State != SetAside })
	slices.SortStableFunc(list, func(a, b Reading) int {
		if c := a.since().Compare(b.since()); c != 0 {
			return c
		}
		return int(a.ID - b.ID)
	})
	var moves []Move
	var now Entry
	for i, r := range list {
		var standing []Entry
		for _, x := range list[:i+1] {
			if x.SetAsideBy == 0 || !before(list[:i+1], x.SetAsideBy) {
				standing = append(standing, x.Entry)
			}
		}
		next, err := Settle(standing)
		if err != nil || now.ModelID != "" && next.Same(withNote(now, next.Note)) && next.Conflict == now.Conflict {
			continue
		}
		moves = append(moves, Move{Before: now, After: next, By: r, At: r.since()})
		now = next
	}
	return moves
}

// since is when a reading began to count.
func (r Reading) since() time.Time {
	if !r.DecidedAt.IsZero() {
		return r.DecidedAt
	}
	return r.At
}

func before(list []Reading, id int64) bool {
	return slices.ContainsFunc(list, func(r Reading) bool { return r.ID == id })
}

func withNote(e Entry, note string) Entry {
	e.Note = note
	return e
}
