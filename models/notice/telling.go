package notice

import (
	"encoding/json"
	"maps"
	"slices"

	"sundial/models/audit"
)

// Part is what somebody is to an event: people hear of it for one reason each.
type Part string

// The parts. Who plays them, the store knows; each leaves out whoever did it.
const (
	Owner      Part = "owner"      // of the model, also a retired one
	Deputy     Part = "deputy"     // of the model
	Requester  Part = "requester"  // of the request, the waiver or the alias's proposal
	Authors    Part = "authors"    // whoever wrote or submitted the plan
	Reviewers  Part = "reviewers"  // who may decide it: the four-eyes rule is kept
	Starter    Part = "starter"    // of the import
	Lead       Part = "lead"       // the plan's cutover lead
	Steward    Part = "steward"    // the plan's data steward
	Named      Part = "named"      // owners of steps, performers and verifiers that the plan names
	Above      Part = "above"      // who may decide over the heads of those who carry the retirement: reviewers without a part in it
	Cataloguer Part = "cataloguer" // who may confirm a reading of a vendor's model
	Team       Part = "team"       // members of the model's team
	Leadership Part = "leadership"
	RiskDesk   Part = "risk_desk"  // risk reviewers
	Answerable Part = "answerable" // for entries that nobody confirmed in the quarter: the owner, or the deputy where the owner has left
	StandIns   Part = "stand_ins"  // deputies of such entries
)

// Hearer is a part with what it should do now.
type Hearer struct {
	Part Part
	Todo string // a sentence, "" when there is nothing to do
}

// Telling is who hears of a verb, as which matter. Whoever plays several parts hears as the first.
type Telling struct {
	Matter string
	Hears  []Hearer
}

func (t Telling) and(part Part, todo string) Telling {
	t.Hears = append(t.Hears[:len(t.Hears):len(t.Hears)], Hearer{part, todo})
	return t
}

func tell(matter, todo string, parts ...Part) Telling {
	t := Telling{Matter: matter}
	for _, p := range parts {
		t.Hears = append(t.Hears, Hearer{p, todo})
	}
	return t
}

var (
	owners  = []Part{Owner, Deputy}
	crew    = []Part{Owner, Deputy, Lead, Steward, Named} // whoever takes part in a retirement
	leaders = []Part{Lead, Owner, Deputy}                 // whoever carries it
)

// tellings is who hears of what. A verb that is not here is nobody's mail; the trail has it.
var tellings = map[string]Telling{
	"request.opened":            tell("decide.review", "Read it and approve, ask for changes or reject.", Reviewers),
	"plan.submitted":            tell("decide.review", "Read the plan and approve, ask for changes or reject.", Reviewers),
	"waiver.asked":              tell("decide.review", "Grant the waiver or refuse it.", Reviewers),
	"alias.proposed":            tell("decide.review", "Approve the proposal or reject it.", Reviewers),
	"vendors.proposed":          tell("decide.reading", "Read the source and confirm or refuse.", Cataloguer),
	"request.approved":          tell("asked.decided", "", Requester, Owner),
	"request.changes_requested": tell("asked.decided", "Mend what the reviewer asks for; the request stays open.", Requester, Owner),
	"request.rejected":          tell("asked.decided", "Read why before you ask again.", Requester, Owner),
	"request.withdrawn":         tell("asked.decided", "", Requester, Owner),
	"request.superseded":        tell("asked.decided", "Ask again if it is still wanted.", Requester, Owner),
	"request.debt_settled":      tell("asked.decided", "", Requester, Owner),
	"request.commented":         tell("asked.talk", "Answer in the conversation.", Requester, Owner),
	"waiver.granted":            tell("asked.decided", "Mend the check before the waiver ends.", Requester, Owner),
	"waiver.refused":            tell("asked.decided", "Mend the check; it holds the version back.", Requester, Owner),
	"plan.approved":             tell("asked.decided", "", Authors, Owner, Deputy),
	"plan.changes_requested":    tell("asked.decided", "Mend the plan and submit it again.", Authors, Owner, Deputy),
	"plan.rejected":             tell("asked.decided", "Start the plan's next version.", Authors, Owner, Deputy),
	"alias.moved":               tell("asked.decided", "", Requester),
	"alias.rejected":            tell("asked.decided", "Read why before you propose again.", Requester),
	"import.finished":           tell("asked.import", "Look at the rows that were left out and at what vanished.", Starter),
	"import.failed":             tell("asked.import", "Read what went wrong, mend the file and import it again.", Starter),

	"model.assigned":          tell("mine.people", "See what you answer for now.", owners...),
	"model.disputed":          tell("mine.changed", "Mend the entry and confirm it then.", owners...),
	"confirmation.asked":      tell("mine.confirm", "Read them on one page and say of each whether it is as it says.", Answerable),
	"confirmation.overdue":    tell("mine.confirm", "Read them on one page and say of each whether it is as it says.", Answerable, StandIns),
	"plan.stale":              tell("mine.warning", "Mend the plan: a stale plan counts as none.", owners...).and(Lead, ""),
	"plan.living":             tell("mine.warning", "", owners...).and(Lead, ""),
	"criterion.met":           tell("mine.warning", "Look at the evidence and begin the retirement.", owners...).and(Lead, ""),
	"criterion.cleared":       tell("mine.warning", "", owners...).and(Lead, ""),
	"vendor.end_in_runway":    tell("mine.warning", "Begin the cutover now: later does not end in time.", owners...).and(Lead, "Begin the cutover now: later does not end in time."),
	"zombie.seen":             tell("mine.zombie", "Find the caller and point it at what took over.", owners...).and(Lead, "Find the caller and point it at what took over."),
	"version.promoted":        tell("mine.stage", "", owners...),
	"version.break_glass":     tell("mine.stage", "", owners...),
	"version.rolled_back_to":  tell("mine.stage", "", owners...),
	"version.moved_back":      tell("mine.stage", "", owners...),
	"version.superseded":      tell("mine.stage", "", owners...),
	"version.closed":          tell("mine.stage", "", owners...),
	"version.lapsed":          tell("mine.stage", "", owners...),
	"version.disabled":        tell("mine.stage", "", owners...),
	"model.edited":            tell("mine.changed", "", owners...),
	"model.changed":           tell("mine.changed", "", owners...),
	"model.promised":          tell("mine.changed", "", owners...),
	"model.consumers_changed": tell("mine.changed", "", owners...),
	"model.renamed":           tell("mine.changed", "", owners...),
	"model.vanished":          tell("mine.warning", "Say what became of it.", owners...),
	"evidence.withdrawn":      tell("mine.changed", "See whether the version still passes its gate.", owners...),

	"retirement.triggered":             tell("end.course", "See what is next and which part is yours.", crew...),
	"retirement.announced":             tell("end.course", "Watch for the consumers' answers.", leaders...).and(Steward, "").and(Named, ""),
	"retirement.advanced":              tell("end.course", "See what is next and which part is yours.", crew...),
	"retirement.extension_decided":     tell("end.course", "", crew...),
	"retirement.rolled_back":           tell("end.course", "The old version serves again: see why.", crew...),
	"retirement.aborted":               tell("end.course", "Read why; the plan stays on file.", crew...),
	"retirement.reopened":              tell("end.course", "Find the caller and point it at what took over.", crew...),
	"retirement.sealed":                tell("end.course", "", crew...),
	"retirement.retired":               tell("end.course", "The certificate is ready to print.", crew...),
	"retirement.answered":              tell("end.answer", "Read the answer, and settle what stands in the way.", leaders...),
	"retirement.consumer_found":        tell("end.answer", "Find out who it is and announce the end to them.", leaders...),
	"retirement.overruled":             tell("end.answer", "", leaders...),
	"retirement.reminded":              tell("end.step", "", leaders...),
	"retirement.step_done":             tell("end.step", "See whether the next step is yours.", Lead, Owner, Named),
	"retirement.step_undone":           tell("end.step", "See why it was taken back.", Lead, Owner, Named),
	"retirement.hold_cleared":          tell("end.step", "", Steward, Lead, Owner),
	"retirement.certificate_verified":  tell("end.step", "", Steward, Lead, Owner),
	"retirement.attestation_confirmed": tell("end.step", "", leaders...),
	"retirement.attested":              tell("decide.second", "Look at the artefact and confirm it, if it is so.", leaders...).and(Steward, "Look at the artefact and confirm it, if it is so."),
	"retirement.certified":             tell("decide.second", "Look for yourself that the data is gone, and verify the certificate.", Named).and(Lead, "See that somebody else verifies it.").and(Steward, ""),
	"retirement.extension_asked":       tell("decide.second", "Grant the extension or refuse it.", Above, Leadership).and(Owner, "").and(Lead, ""),
	"retirement.debt_settled":          tell("end.course", "", crew...),

	"retirement.escalated": tell("alarm.team", "Reach the consumer, or let their objection be overruled.", Lead, Owner, Deputy, Team, Leadership),
	"retirement.emergency": tell("alarm.team", "The version answers no more. A review is owed within 72 hours.", Lead, Owner, Deputy, Steward, Team, RiskDesk, Leadership),
	"request.break_glass":  tell("alarm.team", "A review is owed within 72 hours.", Owner, Deputy, RiskDesk, Leadership),
}

// Tells is who hears of an event; false when nobody does. A rehearsal has no effect, so nobody hears of it.
func Tells(e audit.Event) (Telling, bool) {
	t, ok := tellings[e.Verb]
	return t, ok && !Rehearsed(e)
}

// Parts are the parts of a telling, in order.
func (t Telling) Parts() []Part {
	out := make([]Part, len(t.Hears))
	for i, h := range t.Hears {
		out[i] = h.Part
	}
	return out
}

// Rehearsed reports whether an event belongs to a rehearsal of a retirement: it looks like the real one
// and nothing happened.
func Rehearsed(e audit.Event) bool {
	if e.Subject.Kind != "retirement" || len(e.After) == 0 {
		return false
	}
	var after struct {
		Rehearsal bool `json:"rehearsal"`
	}
	return json.Unmarshal(e.After, &after) == nil && after.Rehearsal
}

// Circle is who plays which part in an event.
type Circle map[Part][]int64

// Recipient is somebody who hears of an event, and what they should do now.
type Recipient struct {
	Person int64
	Todo   string
}

// For is who hears of an event, each once and in the order of the telling; never who did it.
func For(e audit.Event, c Circle) []Recipient {
	t, tells := Tells(e)
	if !tells {
		return nil
	}
	heard := map[int64]bool{0: true, e.ActorID: true}
	var out []Recipient
	for _, h := range t.Hears {
		for _, person := range c[h.Part] {
			if !heard[person] {
				heard[person] = true
				out = append(out, Recipient{person, h.Todo})
			}
		}
	}
	return out
}

// ToldVerbs lists every verb that somebody hears of, in order.
func ToldVerbs() []string { return slices.Sorted(maps.Keys(tellings)) }
