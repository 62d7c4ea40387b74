package vendors

import (
	"strings"
	"time"
	"unicode/utf8"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
)

// Reading is what one source said of one id on a day, and who brought it. The catalogue's row is settled
// from the readings that count; the others stay on record.
//
//	a person's reading --counts at once--> counted --a correction sets it aside--> set aside
//	       |                                  ^
//	       | it alters what is not to be      | somebody else confirms it
//	       | altered by one person alone      |
//	       +-----------------------------> proposed --refused or withdrawn--> refused
type Reading struct {
	ID int64
	Entry
	FirstReadOn day.Day // when the source first said so; ReadOn is when it last did
	Times       int     // how often it was read to say so
	State       ReadingState
	Via         Via
	Corrects    bool  // it replaces what the row said, whoever said it
	SetAsideBy  int64 // the reading that corrected this one, 0 for none
	By          int64
	ByName      string
	At          time.Time
	DecidedBy   int64
	DeciderName string
	DecidedAt   time.Time
	Answer      string // what the decider wrote
	Revision    int64
}

// ReadingState says whether a reading counts.
type ReadingState string

// The states of a reading.
const (
	Counted  ReadingState = "counted"
	Proposed ReadingState = "proposed"
	Refused  ReadingState = "refused"
	SetAside ReadingState = "set_aside"
)

// Via is how a reading came in.
type Via string

// A person typed it, a file brought it, or a vendor's own list said it.
const (
	ByForm   Via = "form"
	ByImport Via = "import"
	ByList   Via = "list"
)

// longestAnswer of somebody who decides about a reading, in characters.
const longestAnswer = 2000

// Same reports whether two readings say the same of the id.
func (e Entry) Same(o Entry) bool {
	return e.Class == o.Class && e.EndOfLife == o.EndOfLife && Normalize(e.Successor) == Normalize(o.Successor) && strings.TrimSpace(e.Note) == strings.TrimSpace(o.Note)
}

// SameSource reports whether two rows cite the same source.
func (e Entry) SameSource(o Entry) bool {
	return strings.EqualFold(strings.TrimSpace(e.Source), strings.TrimSpace(o.Source))
}

// MayDecide says whether somebody may confirm or refuse a proposed reading. Who proposed it may take it
// back and not confirm it.
func (r *Reading) MayDecide(a org.Actor, confirm bool) org.Decision {
	if may := org.May(a, org.Catalogue, 0); !may.Allowed {
		return may
	}
	switch {
	case r.State != Proposed:
		return org.Decision{Reason: "This was decided already."}
	case confirm && a.ID != 0 && a.ID == r.By:
		return org.Decision{Reason: "You proposed this. Somebody else has to confirm it."}
	}
	return org.Decision{Allowed: true}
}

// Decide confirms or refuses a proposed reading. A refusal needs a reason.
func (r *Reading) Decide(a org.Actor, confirm bool, answer string, now time.Time) error {
	if may := org.May(a, org.Catalogue, 0); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	if r.State != Proposed {
		return fault.New(fault.Conflict, "This was decided already.")
	}
	if may := r.MayDecide(a, confirm); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	answer = strings.TrimSpace(answer)
	switch n := utf8.RuneCountInString(answer); {
	case !confirm && n < 5:
		return fault.At("answer", "Say why, so that who proposed it can bring a better source.")
	case n > longestAnswer:
		return fault.At("answer", "Use at most 2000 characters.")
	}
	r.State, r.DecidedBy, r.DeciderName, r.DecidedAt, r.Answer = Refused, a.ID, a.Name, now, answer
	if confirm {
		r.State = Counted
	}
	return nil
}

// Effect is what a reading does to the catalogue.
type Effect string

// The effects, as an import's preview counts them.
const (
	Adds      Effect = "added"      // a row that was not there
	Changes   Effect = "changed"    // the row says something else
	Disagrees Effect = "conflict"   // the row says that sources disagree
	Repeats   Effect = "unchanged"  // it says what its source said before, or nothing new
	Waits     Effect = "to confirm" // it counts when somebody else has confirmed it
)

// Outcome is a reading weighed against what is on record.
type Outcome struct {
	Effect Effect
	Known  bool   // there is a row
	Before Entry  // the row, when it is known
	After  Entry  // the row when the reading counts
	Why    string // why it waits
	Repeat int64  // the reading that it repeats, which is only to be dated anew; 0 for none
}

// Moved reports whether the row's class or end of life becomes another.
func (o Outcome) Moved() bool {
	return !o.Known || o.Before.Class != o.After.Class || o.Before.EndOfLife != o.After.EndOfLife
}

// Weigh says what a reading does to a row, have being all readings of that row. alone is whether one
// person may alter what is disputed; a vendor's own list is nobody's claim, and waits for nobody.
func Weigh(have []Reading, r Reading, alone bool) (Outcome, error) {
	var o Outcome
	counted := Counting(have)
	var err error
	if len(counted) > 0 {
		o.Known = true
		if o.Before, err = Settle(counted); err != nil {
			return o, err
		}
	}
	if r.Corrects {
		o.After = r.Entry
	} else if o.After, err = Settle(append(counted, r.Entry)); err != nil {
		return o, err
	}
	if o.Known { // the row keeps the spelling it was added with
		o.After.ModelID, o.After.Host = o.Before.ModelID, o.Before.Host
	}
	o.Repeat = repeats(have, r)
	o.Effect = o.effect()
	if o.Why = mustWait(o, r, alone); o.Why != "" {
		o.Effect = Waits
	}
	return o, nil
}

func (o Outcome) effect() Effect {
	switch {
	case !o.Known:
		return Adds
	case o.After.Conflict != "" && o.After.Conflict != o.Before.Conflict:
		return Disagrees
	case !o.After.Same(o.Before) || o.After.Conflict != o.Before.Conflict:
		return Changes
	}
	return Repeats
}

// repeats finds the newest counted reading of the same source, when it says the same.
func repeats(have []Reading, r Reading) int64 {
	for i := len(have) - 1; i >= 0; i-- {
		if h := have[i]; h.State == Counted && h.SameSource(r.Entry) {
			if h.Same(r.Entry) && !(r.Corrects && len(Counting(have)) > 1) {
				return h.ID
			}
			return 0
		}
	}
	return 0
}

// mustWait is the rule of four eyes: what the id does not tell, and what sources disagree about, one
// person alone does not settle.
func mustWait(o Outcome, r Reading, alone bool) string {
	if alone || r.Via == ByList || o.Known && !o.Moved() && (o.Before.Conflict == "" || o.After.Conflict != "") {
		return ""
	}
	switch {
	case Classify(string(r.Host), r.ModelID).Class == Undetermined && (o.Known || o.After.Class != Undetermined || o.After.EndOfLife.Known()):
		return "The id does not tell what it is, so class and end rest on this source alone: somebody else confirms it."
	case o.Before.Conflict != "":
		return "Sources disagree about this id: somebody else confirms which of them is right."
	}
	return ""
}

// Counting are the rows of the readings that count.
func Counting(have []Reading) []Entry {
	var out []Entry
	for _, r := range have {
		if r.State == Counted {
			out = append(out, r.Entry)
		}
	}
	return out
}

// Latest is what each source says now: its newest reading that counts, in the order in which the sources
// first spoke.
func Latest(have []Reading) []Reading {
	var out []Reading
	at := map[string]int{}
	for _, r := range have {
		if r.State != Counted {
			continue
		}
		source := strings.ToLower(strings.TrimSpace(r.Source))
		if i, seen := at[source]; !seen {
			at[source] = len(out)
			out = append(out, r)
		} else if !r.ReadOn.Before(out[i].ReadOn) {
			out[i] = r
		}
	}
	return out
}
