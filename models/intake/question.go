package intake

import (
	"slices"
	"strings"
	"unicode/utf8"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// QuestionState is how far a question about a vanished system is.
type QuestionState string

// The states. A question settles by itself when the system is listed again.
const (
	QuestionOpen     QuestionState = "open"
	QuestionAnswered QuestionState = "answered"
	QuestionSettled  QuestionState = "settled"
)

// Answer is what became of a vanished system.
type Answer string

// The answers.
const (
	AnsweredRetired Answer = "retired" // it ended; the date or the reason is the record of it
	AnsweredRenamed Answer = "renamed" // it is listed under another identity
	AnsweredMerged  Answer = "merged"  // another system took it in
	AnsweredMistake Answer = "mistake" // it still runs and should be listed
)

// Answers lists the answers in the order of the form.
var Answers = []Answer{AnsweredRetired, AnsweredRenamed, AnsweredMerged, AnsweredMistake}

// Title is the answer as people read it.
func (a Answer) Title() string {
	switch a {
	case AnsweredRetired:
		return "It was retired"
	case AnsweredRenamed:
		return "It was renamed"
	case AnsweredMerged:
		return "It was merged into another system"
	case AnsweredMistake:
		return "It is missing by mistake"
	}
	return "Not answered"
}

// Question asks the owner what became of a system that was in operation and is no longer listed.
type Question struct {
	Identity   string
	Name       string
	Department string
	Team       string
	State      QuestionState
	Reply
}

// Reply is an answer with what goes with it.
type Reply struct {
	Answer Answer
	Into   string  // renamed, merged: the identity that is listed now
	On     day.Day // retired: when
	Detail string  // the reason, or how it will be listed again
}

// Ask is the question about a vanished system.
func Ask(k Known) Question {
	return Question{Identity: k.Identity, Name: k.Name(), Department: k.Department(), Team: k.Team(), State: QuestionOpen}
}

// Respond takes the owner's reply. Listed tells which identities are on record now. Faults: Conflict when
// the question is not open, Invalid at answer, into, on and detail.
func (q *Question) Respond(r Reply, today day.Day, listed func(identity string) bool) error {
	if q.State != QuestionOpen {
		return fault.Newf(fault.Conflict, "This question is already %s.", q.State)
	}
	r.Detail, _ = cleanText(r.Detail)
	r.Into = strings.TrimSpace(r.Into)
	var p fault.Problems
	switch r.Answer {
	case AnsweredRetired:
		r.checkRetired(&p, today)
	case AnsweredRenamed, AnsweredMerged:
		r.checkInto(&p, q.Identity, listed)
	case AnsweredMistake:
		if !saysSomething(r.Detail) {
			p.Add("detail", "Say how it will be listed again, or who will see to it.")
		}
	default:
		p.Add("answer", "Choose what became of the system.")
	}
	if utf8.RuneCountInString(r.Detail) > maxDetail {
		p.Addf("detail", "Use at most %d characters.", maxDetail)
	}
	if err := p.Err(); err != nil {
		return err
	}
	q.Reply, q.State = r, QuestionAnswered
	return nil
}

const maxDetail = 2000

func (r *Reply) checkRetired(p *fault.Problems, today day.Day) {
	r.Into = ""
	if _, err := day.Parse(string(r.On)); err != nil {
		p.Add("on", "Enter the date like 2027-03-31.")
		return
	}
	switch {
	case r.On.After(today):
		p.Add("on", "A retirement that is on record cannot lie ahead. Enter the day on which it ended.")
	case !r.On.Known() && !saysSomething(r.Detail):
		p.Add("on", "Enter the day on which it ended, or say below why the day is not known.")
	}
}

func (r *Reply) checkInto(p *fault.Problems, self string, listed func(string) bool) {
	r.On = ""
	switch {
	case r.Into == "":
		p.Add("into", "Choose the system that is listed now.")
	case r.Into == self:
		p.Add("into", "Choose another system than the one that vanished.")
	case !listed(r.Into):
		p.Add("into", "This system is not listed. Choose one that is.")
	}
}

// Settle closes an open question because the system is listed again; it reports whether it did.
func (q *Question) Settle() bool {
	if q.State != QuestionOpen && (q.State != QuestionAnswered || q.Answer != AnsweredMistake) {
		return false
	}
	q.State = QuestionSettled
	return true
}

// placeholders are no answers.
var placeholders = []string{"tbd", "tba", "to be determined", "to be decided", "later", "unknown", "todo", "n/a", "na", "none", "not applicable", "see above", "not sure", "dunno", "asdf"}

// saysSomething asks for a few words that are not a placeholder.
func saysSomething(s string) bool {
	f := strings.Trim(fold(s), " .!?-")
	return utf8.RuneCountInString(f) >= 10 && len(distinct(words(f))) >= 2 && !slices.Contains(placeholders, f)
}

// MayAnswer says whether somebody may answer for a model: its owner and deputy, its team's contributors,
// administrators. A model without a team is nobody's but an administrator's.
func MayAnswer(a org.Actor, m registry.Model) org.Decision {
	switch {
	case a.ID != 0 && !a.Disabled && (a.ID == m.OwnerID || a.ID == m.DeputyID):
		return org.Decision{Allowed: true}
	case m.TeamID == 0 && !a.Has(org.Admin):
		return org.Decision{Reason: "The system has no owner and no team here, so an administrator answers."}
	}
	return org.May(a, org.Answer, m.TeamID)
}
