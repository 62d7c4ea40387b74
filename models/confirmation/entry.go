package confirmation

import (
	"strings"
	"time"
	"unicode/utf8"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// Reply is what somebody says of an entry.
type Reply string

// The replies.
const (
	AsItSays Reply = "as_it_says"
	Wrong    Reply = "wrong"
)

// Standing is where an entry stands in a quarter.
type Standing string

// The standings. Only Confirmed counts as confirmed; NotAsked belongs to nobody's figures.
const (
	Open      Standing = "open"
	Confirmed Standing = "confirmed"
	Disputed  Standing = "disputed"
	NotAsked  Standing = "not_asked"
)

// Standings lists those that lists are narrowed to.
var Standings = []Standing{Open, Disputed, Confirmed}

// Title is the standing as people read it.
func (s Standing) Title() string {
	switch s {
	case Open:
		return "Not answered"
	case Confirmed:
		return "Confirmed"
	case Disputed:
		return "Something is wrong"
	case NotAsked:
		return "Not asked this quarter"
	}
	return "Unknown"
}

// Answer is one person's word on an entry, for what was read. Number counts the answers of a quarter from 1.
type Answer struct {
	Number int
	Reply  Reply
	What   string // what is wrong, "" when nothing is
	Digest string // of the facts that were read
	By     int64
	ByName string
	At     time.Time
}

// Entry is a model in one quarter.
type Entry struct {
	Facts
	Round Round
	Last  *Answer // the latest of the quarter, nil for none

	audit.Trail
}

// Seen is what a form was drawn from: the digest of the facts, and how many answers there were.
type Seen struct {
	Digest string
	Number int
}

// Seen is what a form for the entry is drawn from now.
func (e *Entry) Seen() Seen { return Seen{e.Facts.Digest(), e.answers()} }

func (e *Entry) answers() int {
	if e.Last == nil {
		return 0
	}
	return e.Last.Number
}

// Standing is where the entry stands.
func (e *Entry) Standing() Standing {
	switch {
	case e.Last != nil && e.Last.Reply == AsItSays:
		return Confirmed
	case e.Last != nil:
		return Disputed
	case !e.Round.Asks(e.Model):
		return NotAsked
	}
	return Open
}

// ChangedSince reports whether the entry says something else than when it was last answered for. It stays
// confirmed for the quarter all the same: who changed it, and what, is in the trail, and the next quarter
// asks again. To ask anew after every change would only teach people to press the button.
func (e *Entry) ChangedSince() bool { return e.Last != nil && e.Last.Digest != e.Facts.Digest() }

// Due is the last day on which an answer is in time.
func (e *Entry) Due() day.Day { return e.Round.DueFor(day.Of(e.Model.CreatedAt)) }

// Overdue reports whether the entry should have been confirmed and was not.
func (e *Entry) Overdue(today day.Day) bool {
	s := e.Standing()
	return (s == Open || s == Disputed) && e.Due().Before(today)
}

// May says whether somebody answers for the entry: its owner or its deputy and nobody else, whatever their
// role. An administrator who could confirm everything would make the word worth nothing.
func (e *Entry) May(a org.Actor) org.Decision {
	switch {
	case a.ID == 0 || a.Disabled:
		return org.Decision{Reason: "Sign in first."}
	case a.Via != "session":
		return org.Decision{Reason: "A person confirms what they have read. Do it in the browser."}
	case a.ID != e.Model.OwnerID && a.ID != e.Model.DeputyID:
		return org.Decision{Reason: "Only the owner and the deputy confirm an entry."}
	case a.Has(org.Auditor) && !a.Has(org.Contributor, org.Admin):
		return org.Decision{Reason: "Auditors read everything and change nothing."}
	}
	return org.Decision{Allowed: true}
}

// Nobody says why there is nobody who could answer, "" when there is somebody.
func (e *Entry) Nobody() string {
	switch owner, deputy := e.Owner, e.Deputy; {
	case owner.Active() || deputy.Active():
		return ""
	case owner.ID == 0 && deputy.ID == 0:
		return "It has no owner."
	case owner.ID == 0:
		return "It has no owner, and its deputy " + deputy.Name + " has left."
	case deputy.ID == 0:
		return "Its owner " + owner.Name + " has left, and it has no deputy."
	default:
		return "Its owner " + owner.Name + " and its deputy " + deputy.Name + " have left."
	}
}

const (
	shortestWhat = 10
	longestWhat  = 2000
)

// Answer takes somebody's word. Faults are Forbidden, Invalid at reply or what, Conflict for an answer that
// would say nothing new or for a quarter that is over, and Stale at reply when the entry or its answers are
// not as they were read.
func (e *Entry) Answer(a org.Actor, reply Reply, what string, seen Seen, now time.Time) error {
	if d := e.May(a); !d.Allowed {
		return fault.New(fault.Forbidden, d.Reason)
	}
	if err := e.stale(seen); err != nil {
		return err
	}
	what = strings.TrimSpace(what)
	if err := check(reply, what); err != nil {
		return err
	}
	if reply == AsItSays {
		what = ""
	}
	switch last := e.Last; {
	case e.Model.Stage == registry.Retired:
		return at(fault.Conflict, "reply", "This model is retired. Nothing is left to confirm.")
	case !e.Round.Running(now):
		return at(fault.Conflict, "reply", e.Round.Quarter.Human()+" is over. Answers are for the quarter that runs.")
	case e.Standing() == NotAsked:
		return at(fault.Conflict, "reply", "This entry was registered this quarter. It is asked for the first time in the next one.")
	case last != nil && last.Reply == reply && last.What == what && last.Digest == seen.Digest:
		return at(fault.Conflict, "reply", last.ByName+" has said the same already.")
	}
	before := map[string]any(nil)
	if e.Last != nil {
		before = e.Last.facts()
	}
	e.Last = &Answer{Number: e.answers() + 1, Reply: reply, What: what, Digest: seen.Digest, By: a.ID, ByName: a.Name, At: now}
	verb := "model.confirmed"
	if reply == Wrong {
		verb = "model.disputed"
	}
	after := e.Last.facts()
	after["quarter"], after["digest"] = string(e.Round.Quarter), seen.Digest
	e.Note(verb, e.Model.Subject(), before, after)
	return nil
}

func (a Answer) facts() map[string]any {
	out := map[string]any{"reply": string(a.Reply)}
	if a.What != "" {
		out["note"] = a.What
	}
	return out
}

// stale compares with what was read. Who answered in between is named, for that is the likely case of two
// people who answer for one model.
func (e *Entry) stale(seen Seen) error {
	switch {
	case e.answers() != seen.Number && e.Last != nil && e.Last.Reply == Wrong:
		return at(fault.Stale, "reply", e.Last.ByName+" said meanwhile that something is wrong here. Read it and choose again.")
	case e.answers() != seen.Number && e.Last != nil:
		return at(fault.Stale, "reply", e.Last.ByName+" confirmed this entry meanwhile.")
	case e.answers() != seen.Number || e.Facts.Digest() != seen.Digest:
		return at(fault.Stale, "reply", "This entry has changed since you opened the page. Read it as it is now and choose again.")
	}
	return nil
}

func check(reply Reply, what string) error {
	switch n := utf8.RuneCountInString(what); {
	case reply != AsItSays && reply != Wrong:
		return at(fault.Invalid, "reply", "Choose whether it is as it says or something is wrong.")
	case reply == Wrong && n < shortestWhat:
		return at(fault.Invalid, "what", "Say in a sentence what is wrong, so that somebody can mend it.")
	case n > longestWhat:
		return at(fault.Invalid, "what", "Use at most 2,000 characters.")
	}
	return nil
}

func at(kind fault.Kind, field, sentence string) error {
	f := fault.New(kind, sentence)
	f.Problems = []fault.Problem{{Field: field, Sentence: sentence}}
	return f
}
