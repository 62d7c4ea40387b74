package notice

import "slices"

// Type names what happened, as receivers know it. Types are a promise: verbs of the trail may be
// renamed, types are not.
type Type string

// Test is the type of a message that an administrator sends to try an endpoint. It is in no
// subscription and always goes to the endpoint it was asked for.
const Test Type = "webhook.test"

// TestVerb is the verb of the event behind a Test.
const TestVerb = "webhook.tested"

// Topic is one line of the catalogue.
type Topic struct {
	Type  Type
	Means string   // for people who choose
	Verbs []string // of the audit trail
}

// Group is the part of a type before its dot, for headings.
func (t Topic) Group() string { return group(string(t.Type)) }

func group(s string) string {
	for i := range len(s) {
		if s[i] == '.' {
			return s[:i]
		}
	}
	return s
}

// Catalogue is everything that goes out, in the order of pages. What is not here stays in the trail:
// people, sessions and teams are nobody's business outside, and drafts are not news.
var Catalogue = []Topic{
	{"model.registered", "A model was registered or imported", []string{"model.registered", "model.imported"}},
	{"model.changed", "A model's facts, people, promises or consumers changed",
		[]string{"model.edited", "model.changed", "model.assigned", "model.promised", "model.consumers_changed", "model.renamed", "model.reimported"}},
	{"model.confirmed", "An owner or a deputy confirmed an inventory entry for the quarter", []string{"model.confirmed"}},
	{"model.disputed", "An owner or a deputy said that something is wrong with an entry", []string{"model.disputed"}},
	{"model.unlisted", "An inventory no longer lists a model", []string{"model.vanished", "model.unlisted"}},
	{"version.added", "A version was added", []string{"version.added"}},
	{"version.changed", "A version was changed", []string{"version.edited", "version.changed"}},
	{"version.promoted", "A version reached its next stage", []string{"version.promoted", "version.break_glass"}},
	{"version.rolled_back", "An earlier version serves again", []string{"version.rolled_back_to"}},
	{"version.moved_back", "A version went back to an earlier stage", []string{"version.moved_back"}},
	{"version.superseded", "A version was taken out of production by another", []string{"version.superseded"}},
	{"version.retired", "A version was closed or retired, or its rollback window ended", []string{"version.closed", "version.lapsed", "version.retired"}},
	{"evidence.added", "Evidence was recorded for a version", []string{"evidence.recorded"}},
	{"evidence.withdrawn", "Evidence was withdrawn", []string{"evidence.withdrawn"}},
	{"request.opened", "Somebody asked for a transition", []string{"request.opened"}},
	{"request.decided", "A reviewer approved, asked for changes or rejected; action tells which",
		[]string{"request.approved", "request.changes_requested", "request.rejected"}},
	{"request.commented", "Somebody wrote in a request's conversation", []string{"request.commented"}},
	{"request.closed", "A request was withdrawn or set aside", []string{"request.withdrawn", "request.superseded"}},
	{"request.break_glass", "Somebody broke glass: promoted without a review", []string{"request.break_glass"}},
	{"request.debt_settled", "The review that breaking glass owed was given", []string{"request.debt_settled"}},
	{"waiver.asked", "Somebody asked for a check to be waived", []string{"waiver.asked"}},
	{"waiver.decided", "A waiver was granted or refused; action tells which", []string{"waiver.granted", "waiver.refused"}},
	{"plan.submitted", "A retirement plan was submitted for review", []string{"plan.submitted"}},
	{"plan.approved", "A retirement plan is in force", []string{"plan.approved"}},
	{"plan.refused", "A reviewer rejected a plan or asked for changes; action tells which", []string{"plan.rejected", "plan.changes_requested"}},
	{"plan.confirmed", "A plan was confirmed for a new version", []string{"plan.confirmed"}},
	{"plan.stale", "A plan is no longer true and counts as none", []string{"plan.stale"}},
	{"plan.living", "A stale plan is true again", []string{"plan.living"}},
	{"retirement.triggered", "A retirement began", []string{"retirement.triggered"}},
	{"retirement.announced", "The consumers were told that a model ends", []string{"retirement.announced"}},
	{"retirement.answered", "A consumer answered, or their objection was overruled", []string{"retirement.answered", "retirement.overruled"}},
	{"retirement.advanced", "A retirement reached its next phase", []string{"retirement.advanced"}},
	{"retirement.extended", "Whether a retirement gets more time was decided", []string{"retirement.extension_decided"}},
	{"retirement.rolled_back", "A retirement was rolled back: the old version serves again", []string{"retirement.rolled_back"}},
	{"retirement.aborted", "A retirement was called off", []string{"retirement.aborted"}},
	{"retirement.emergency", "A model was switched off at once", []string{"retirement.emergency"}},
	{"retirement.sealed", "The dossier of a retirement was sealed", []string{"retirement.sealed"}},
	{"retirement.retired", "A retirement has come to its end", []string{"retirement.retired"}},
	{"retirement.reopened", "A sealed retirement was reopened: the version answered somebody", []string{"retirement.reopened"}},
	{"criterion.met", "The criterion for replacing a model is met", []string{"criterion.met"}},
	{"criterion.cleared", "The criterion for replacing a model is no longer met", []string{"criterion.cleared"}},
	{"zombie.seen", "A retired version answered somebody", []string{"zombie.seen"}},
	{"confirmation.asked", "Owners were asked to confirm their entries of a quarter", []string{"confirmation.asked"}},
	{"confirmation.overdue", "Entries of a quarter should have been confirmed and were not", []string{"confirmation.overdue"}},
	{"import.finished", "An import ended, well or not; action tells which", []string{"import.finished", "import.failed"}},
}

// Groups are headings for the types, in the order of the catalogue.
var Groups = []struct{ Name, Title string }{
	{"model", "Models"}, {"version", "Versions"}, {"evidence", "Evidence"}, {"request", "Transition requests"}, {"waiver", "Waivers"},
	{"plan", "Retirement plans"}, {"retirement", "Retirements"}, {"criterion", "Replacement criteria"}, {"zombie", "Retired versions that answer"}, {"confirmation", "Quarterly confirmation"}, {"import", "Imports"},
}

var byVerb = func() map[string]Type {
	m := map[string]Type{TestVerb: Test}
	for _, t := range Catalogue {
		for _, v := range t.Verbs {
			m[v] = t.Type
		}
	}
	return m
}()

// TypeOf is the type under which an event with this verb goes out; false when it stays inside.
func TypeOf(verb string) (Type, bool) {
	t, ok := byVerb[verb]
	return t, ok
}

// Known reports whether a type can be chosen.
func Known(t Type) bool {
	return slices.ContainsFunc(Catalogue, func(x Topic) bool { return x.Type == t })
}
