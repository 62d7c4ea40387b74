package org

import "slices"

// Act is something a person may or may not do. The route table names one per route.
type Act string

// The acts, from reading to administration.
const (
	Read            Act = "read"            // see everything but secrets
	Register        Act = "register"        // add a model to a team
	Edit            Act = "edit"            // change a model, its versions, evidence, consumers
	Assign          Act = "assign"          // change owner, deputy or team
	Request         Act = "request"         // ask for a transition, file a plan, ask for a waiver
	Comment         Act = "comment"         // take part in a request's conversation
	Decide          Act = "decide"          // review requests and plans, grant waivers
	BreakGlass      Act = "break_glass"     // promote or roll back at once, with a review debt
	Import          Act = "import"          // bring in an inventory
	Catalogue       Act = "catalogue"       // add and correct rows of the catalogue of vendor models
	Answer          Act = "answer"          // answer the questions of a reconciliation
	ReadAudit       Act = "read_audit"      // the whole audit trail and its export
	TryPolicy       Act = "try_policy"      // see what another policy would change
	Administer      Act = "administer"      // people, teams, sessions of others
	ManageOwnThings Act = "manage_own"      // own sessions and settings
	ReadLeadership  Act = "read_leadership" // the leadership figures
	ReadCalendar    Act = "read_calendar"   // the calendar feed
	Report          Act = "report"          // send stamps and monitoring reports
)

// Decision says whether an act is allowed, and the sentence for a disabled button when it is not.
type Decision struct {
	Allowed bool
	Reason  string
}

func allow() Decision             { return Decision{Allowed: true} }
func deny(reason string) Decision { return Decision{Reason: reason} }

// May is the role table: who may do what, on which team's records (team 0: no team in particular).
// What it allows is the most a person can do; a record's own rules may still refuse.
func May(a Actor, act Act, team int64) Decision {
	if a.Via == "system" {
		return allow()
	}
	if a.ID == 0 || a.Disabled {
		return deny("Sign in first.")
	}
	if a.IsToken() {
		if d := mayToken(a.Scopes, act); !d.Allowed {
			return d
		}
	}
	switch act {
	case Read, ManageOwnThings, Comment, ReadLeadership, ReadCalendar:
		return allow()
	case Register, Edit, Request, Answer, Report:
		return mayWork(a, team)
	case Assign:
		if a.Has(Admin) {
			return allow()
		}
		return mayWork(a, team)
	case Decide:
		return need(a, "Only reviewers and risk reviewers decide.", Reviewer, RiskReviewer)
	case BreakGlass:
		return need(a, "Only risk reviewers and administrators may break glass.", RiskReviewer, Admin)
	case Import:
		return need(a, "Only administrators and risk reviewers import inventories.", Admin, RiskReviewer)
	case Catalogue:
		return need(a, "Only reviewers, risk reviewers and administrators write in the catalogue.", Reviewer, RiskReviewer, Admin)
	case ReadAudit:
		return need(a, "Only auditors and administrators read the whole audit trail.", Auditor, Admin)
	case TryPolicy:
		return need(a, "Only reviewers, risk reviewers, auditors and administrators try another policy.", Reviewer, RiskReviewer, Auditor, Admin)
	case Administer:
		return need(a, "Only administrators do this.", Admin)
	}
	return deny("This is not something Sundial knows how to allow.")
}

// ScopesOf are the scopes under which a token may do an act, none for what is done in a browser only.
func ScopesOf(act Act) []Scope { return slices.Clone(scopesOf[act]) }

// mayWork lets contributors change their own teams' models, and administrators everybody's.
func mayWork(a Actor, team int64) Decision {
	switch {
	case a.Has(Auditor) && !a.Has(Contributor, Admin):
		return deny("Auditors read everything and change nothing.")
	case a.Has(Admin):
		return allow()
	case !a.Has(Contributor):
		return deny("Only contributors change models. Ask for the contributor role.")
	case team != 0 && !a.InTeam(team):
		return deny("Only the model's own team changes it.")
	}
	return allow()
}

func need(a Actor, reason string, roles ...Role) Decision {
	if a.Has(roles...) {
		return allow()
	}
	return deny(reason)
}
