package audit

import "strings"

// told is each verb as the rest of a sentence that begins with a person. %s is the subject.
var told = map[string]string{
	"audit.verified":            "verified the audit trail",
	"department.added":          "added the department %s",
	"department.renamed":        "renamed the department %s",
	"evidence.recorded":         "recorded evidence: %s",
	"evidence.withdrawn":        "withdrew evidence: %s",
	"import.cancelled":          "cancelled the import %s",
	"import.failed":             "saw the import %s fail",
	"import.finished":           "finished the import %s",
	"import.format_chosen":      "chose how to read %s",
	"import.mapped":             "mapped the columns of %s",
	"import.started":            "started the import %s",
	"import.uploaded":           "uploaded %s",
	"mapping.kept":              "kept the mapping %s",
	"model.assigned":            "changed who answers for %s",
	"model.changed":             "changed the model %s",
	"model.consumers_changed":   "changed the consumers of %s",
	"model.promised":            "changed what is promised of %s",
	"model.relisted":            "found %s listed again",
	"model.renamed":             "renamed %s",
	"model.unlisted":            "took %s off the list",
	"model.vanished":            "found %s no longer listed",
	"model.edited":              "changed the model %s",
	"model.imported":            "imported the model %s",
	"model.registered":          "registered the model %s",
	"model.reimported":          "imported the model %s again",
	"people.moved":              "moved everybody to another identity provider",
	"person.disabled":           "disabled the account of %s",
	"person.enabled":            "enabled the account of %s",
	"person.refreshed":          "had roles and teams read again: %s",
	"person.refused":            "was refused: the account of %s is disabled",
	"person.sessions_ended":     "ended the sessions of %s",
	"person.signed_in":          "signed in",
	"plan.approved":             "approved %s",
	"plan.changes_requested":    "asked for changes to %s",
	"plan.confirmed":            "confirmed %s",
	"plan.edited":               "wrote on %s",
	"plan.filed":                "filed %s",
	"plan.living":               "found %s true again",
	"plan.rejected":             "rejected %s",
	"plan.stale":                "found %s no longer true",
	"plan.submitted":            "submitted %s for review",
	"plan.superseded":           "replaced %s",
	"question.answered":         "answered what became of %s",
	"question.settled":          "settled what became of %s",
	"request.approved":          "approved the request %s",
	"request.break_glass":       "broke glass: %s",
	"request.changes_requested": "asked for changes to the request %s",
	"request.commented":         "commented on the request %s",
	"request.debt_settled":      "gave the review that breaking glass owed: %s",
	"request.edited":            "changed the request %s",
	"request.opened":            "asked for %s",
	"request.rejected":          "rejected the request %s",
	"request.superseded":        "set the request %s aside",
	"request.withdrawn":         "withdrew the request %s",
	"session.ended":             "signed out",
	"session.opened":            "opened a session",
	"session.refused":           "lost a session: the identity provider no longer vouches",
	"session.revoked":           "ended a session",
	"team.added":                "added the team %s",
	"team.edited":               "changed the team %s",
	"token.created":             "made the token %s",
	"token.revoked":             "revoked the token %s",
	"token.used":                "used the token %s",
	"vendors.edited":            "corrected the catalogue's row %s",
	"vendors.added":             "added %s to the catalogue of vendor models",
	"vendors.saved":             "read the catalogue of vendor models",
	"version.added":             "added the version %s",
	"version.break_glass":       "promoted %s by breaking glass",
	"version.changed":           "changed the version %s",
	"version.closed":            "closed the version %s",
	"version.edited":            "changed the version %s",
	"version.lapsed":            "let the rollback window of %s end",
	"version.moved_back":        "moved %s back",
	"version.promoted":          "promoted %s",
	"version.rolled_back_to":    "rolled back to %s",
	"version.superseded":        "took %s out of production",
	"waiver.asked":              "asked for a waiver for %s",
	"waiver.granted":            "granted a waiver for %s",
	"waiver.refused":            "refused a waiver for %s",
	"webhook.added":             "added a webhook to %s",
	"webhook.deleted":           "deleted the webhook to %s",
	"webhook.disabled":          "switched off the webhook to %s",
	"webhook.edited":            "changed the webhook to %s",
	"webhook.paused":            "paused the webhook to %s",
	"webhook.resent":            "sent a message again to %s",
	"webhook.resumed":           "resumed the webhook to %s",
	"webhook.rotated":           "gave the webhook to %s another secret",
	"webhook.tested":            "sent a test message to %s",
}

// Sentence is what happened, to be read after the actor's name: "approved the request fraud@v3 to
// production". A verb nobody wrote words for is told by its own.
func (e Event) Sentence() string {
	words, known := told[e.Verb]
	if !known {
		what, verb, _ := strings.Cut(e.Verb, ".")
		words = strings.ReplaceAll(verb, "_", " ") + " the " + what + " %s"
	}
	return strings.TrimSuffix(strings.Replace(words, "%s", e.Subject.Label, 1), " ")
}

// Groups are the parts of verbs before the dot, which the trail can be narrowed to, as people read them.
var Groups = []struct{ Verb, Title string }{
	{"model", "Models"}, {"version", "Versions"}, {"evidence", "Evidence"}, {"request", "Transition requests"}, {"waiver", "Waivers"},
	{"plan", "Retirement plans"}, {"vendors", "Vendor catalogue"}, {"import", "Imports"}, {"mapping", "Import mappings"},
	{"question", "Reconciliation"}, {"person", "People"}, {"session", "Sessions"}, {"token", "Service tokens"}, {"team", "Teams"}, {"department", "Departments"},
	{"webhook", "Webhooks"}, {"audit", "Verifications"},
}
