// Package link is every URL as a function, so that a page cannot point at a path that was renamed.
// It owns the shape of paths and their escaping; which of them exist is web/routes.go, and a test
// there compares the two.
package link

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// path joins segments and escapes each, so that a slug with a slash stays one segment.
func path(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String()
}

// With adds query parameters to a path; pairs with an empty value are left out.
func With(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Add(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + q.Encode()
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

// MyWork is the page one lands on.
func MyWork() string { return "/" }

// Help explains words and rules.
func Help() string { return "/help" }

// Login, Logout, Sessions and Theme belong to whoever is signed in.
func Login() string { return "/login" }

// LoginTo comes back to a page of ours after signing in.
func LoginTo(returnTo string) string { return With("/login", "return_to", returnTo) }

// LoginStart leaves for the identity provider.
func LoginStart(returnTo string) string { return With("/login/start", "return_to", returnTo) }

func Logout() string   { return "/logout" }
func Sessions() string { return "/sessions" }
func Theme() string    { return "/theme" }

// RevokeSession ends one of one's own sessions.
func RevokeSession(session string) string { return path("sessions", session, "revoke") }

// Models is the inventory.
func Models() string    { return "/models" }
func ModelsCSV() string { return "/models.csv" }
func NewModel() string  { return "/models/new" }

// Search is the inventory filtered by words.
func Search(q string) string { return With("/models", "q", q) }

func Model(slug string) string        { return path("models", slug) }
func EditModel(slug string) string    { return path("models", slug, "edit") }
func EditPeople(slug string) string   { return path("models", slug, "edit", "people") }
func EditPromises(slug string) string { return path("models", slug, "edit", "promises") }
func ModelHistory(slug string) string { return path("models", slug, "history") }
func Consumers(slug string) string    { return path("models", slug, "consumers") }

func Versions(slug string) string   { return path("models", slug, "versions") }
func NewVersion(slug string) string { return path("models", slug, "versions", "new") }

func Version(slug, label string) string     { return path("models", slug, "versions", label) }
func EditVersion(slug, label string) string { return path("models", slug, "versions", label, "edit") }

// Evidence adds a fact to a version.
func Evidence(slug, label string) string { return path("models", slug, "versions", label, "evidence") }

// NewEvidence is the form for Evidence.
func NewEvidence(slug, label string) string {
	return path("models", slug, "versions", label, "evidence", "new")
}

// Close retires a version that never served.
func Close(slug, label string) string { return path("models", slug, "versions", label, "close") }

// Diff sets version a beside version b.
func Diff(slug, a, b string) string { return With(path("models", slug, "diff"), "a", a, "b", b) }

// DiffForm is where the two versions of Diff are chosen.
func DiffForm(slug string) string { return path("models", slug, "diff") }

// Gate is the checks a version meets on its way to its next stage, on its page.
func Gate(slug, label string) string { return Version(slug, label) + "#gate" }

// Transitions is where a request to move a version is made.
func Transitions(slug, label string) string {
	return path("models", slug, "versions", label, "transitions")
}

// NewTransition is the form for Transitions.
func NewTransition(slug, label, stage string) string {
	return With(path("models", slug, "versions", label, "transitions", "new"), "to", stage)
}

// Rollback asks for the previous version back.
func Rollback(slug string) string { return path("models", slug, "rollback") }

// Retirement is a model's plan, workflow and certificate.
func Retirement(slug string) string     { return path("models", slug, "retirement") }
func EditRetirement(slug string) string { return path("models", slug, "retirement", "edit") }

// RetirementSection is one section of the plan's form.
func RetirementSection(slug, section string) string {
	return path("models", slug, "retirement", "edit", section)
}

// RetirementAct is a verb on the plan: submit, approve, reject, confirm.
func RetirementAct(slug, verb string) string { return path("models", slug, "retirement", verb) }

// Retirements is where everything about how models end begins; its tabs are the pages below it.
func Retirements() string { return "/retirements" }

// Requests are transition requests.
func Requests() string    { return "/requests" }
func RequestsCSV() string { return "/requests.csv" }

func Request(n int64) string { return path("requests", id(n)) }

// RequestAct is a verb on a request: approve, reject, request-changes, comment, withdraw, apply.
func RequestAct(n int64, verb string) string { return path("requests", id(n), verb) }

// Production is what serves now.
func Production() string    { return "/production" }
func ProductionCSV() string { return "/production.csv" }

// ProductionAt is what served then.
func ProductionAt(at time.Time) string {
	return With("/production", "at", at.UTC().Format(time.RFC3339))
}

// Imports are jobs that bring an inventory in.
func Imports() string          { return "/imports" }
func NewImport() string        { return "/imports/new" }
func Import(n int64) string    { return path("imports", id(n)) }
func Reconciliation() string   { return Questions() }
func ImportCSV(n int64) string { return path("imports", id(n)+".csv") }
func ImportStep(n int64, step string) string {
	return path("imports", id(n), step)
}

// Audit is the chain of events.
func Audit() string      { return "/audit" }
func AuditJSONL() string { return "/audit.jsonl" }

// AuditOf is the events about one subject.
func AuditOf(subject string) string { return With("/audit", "subject", subject) }

// AuditEvent is one event.
func AuditEvent(seq int64) string { return path("audit", id(seq)) }

func Teams() string            { return "/teams" }
func Team(slug string) string  { return path("teams", slug) }
func Person(n int64) string    { return path("people", id(n)) }
func Vendors() string          { return "/vendors" }
func Stamps() string           { return "/stamps" }
func Stamp(text string) string { return With("/stamps", "stamp", text) }

// StampsCSV is one of the lists of the page of stamps: zombies, unknown or coverage.
func StampsCSV(list string) string { return With("/stamps.csv", "list", list) }

// Monitoring is a model's traffic and monitoring.
func Monitoring(slug string) string    { return path("models", slug, "monitoring") }
func MonitoringCSV(slug string) string { return path("models", slug, "monitoring.csv") }

func Policy() string { return "/policy" }

// PolicyDryRun is where another policy is tried out; with a profile's name, that profile.
func PolicyDryRun(profile string) string    { return With("/policy/dry-run", "profile", profile) }
func PolicyDryRunCSV(profile string) string { return With("/policy/dry-run.csv", "profile", profile) }

func Admin() string   { return "/admin" }
func APIDocs() string { return "/api/v1" }
