// Package org knows who people are to each other: departments, teams, roles, and the one table that
// says which role may do what. Who somebody is (sign-in) belongs to auth; which record may be touched
// in which state belongs to the record's own rules.
package org

import (
	"slices"
	"strings"
	"time"
)

// Role is what an organisation lets a person do, granted by OIDC groups through configuration.
type Role string

// The roles. Everybody signed in is a Viewer; Owner follows from being named on a model.
const (
	Viewer       Role = "viewer"
	Contributor  Role = "contributor"
	Reviewer     Role = "reviewer"
	RiskReviewer Role = "risk_reviewer"
	Leadership   Role = "leadership"
	Auditor      Role = "auditor"
	Admin        Role = "admin"
)

// Roles lists every role that configuration may grant, in the order of pages.
var Roles = []Role{Viewer, Contributor, Reviewer, RiskReviewer, Leadership, Auditor, Admin}

// Title is the role as people read it.
func (r Role) Title() string {
	s := strings.ReplaceAll(string(r), "_", " ")
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// ParseRole reads a role's name; ok is false for anything that is not one.
func ParseRole(s string) (Role, bool) {
	r := Role(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "-", "_"))
	return r, slices.Contains(Roles, r)
}

// Department groups teams.
type Department struct {
	ID         int64
	Slug, Name string
}

// Team owns models. Group is the OIDC group whose members belong to it.
type Team struct {
	ID           int64
	DepartmentID int64
	Slug, Name   string
	Department   string // the department's name, for lists
	Group        string
}

// Person is somebody who signed in once or was named by an administrator.
// Identity is (Issuer, Subject), never the e-mail address.
type Person struct {
	ID              int64
	Issuer, Subject string
	Email, Name     string
	Roles           []Role
	TeamIDs         []int64
	Disabled        bool
	LastSeenAt      time.Time
}

// Active reports whether the person can answer for a model.
func (p Person) Active() bool { return p.ID != 0 && !p.Disabled }

// Has reports whether the person was granted any of the roles.
func (p Person) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(p.Roles, r) })
}

// Actor is the person behind a request, and by which door they came.
type Actor struct {
	Person
	Via    string  // "session", "token:NAME" or "system"
	Scopes []Scope // of the token; none of a session, which may do all that its person may
}

// IsToken reports whether a service token stands for the person.
func (a Actor) IsToken() bool { return strings.HasPrefix(a.Via, "token:") }

// System acts where nobody asked: nightly checks and imports that resume after a restart.
var System = Actor{Person: Person{Name: "Sundial"}, Via: "system"}

// InTeam reports whether the actor is a member of the team.
func (a Actor) InTeam(team int64) bool { return team != 0 && slices.Contains(a.TeamIDs, team) }
