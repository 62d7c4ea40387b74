package org

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"sundial/models/fault"
)

// longestName is that of a team or department, in characters.
const longestName = 80

var slugShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Check says what is wrong with a department, at the fields name and slug.
func (d Department) Check() error {
	var p fault.Problems
	checkName(&p, d.Slug, d.Name)
	return p.Err()
}

// Check says what is wrong with a team, at the fields name, slug, department and group.
func (t Team) Check() error {
	var p fault.Problems
	checkName(&p, t.Slug, t.Name)
	if t.DepartmentID == 0 {
		p.Add("department", "Choose the department that the team belongs to.")
	}
	if n := utf8.RuneCountInString(t.Group); n > 200 {
		p.Addf("group", "Use at most 200 characters; this has %d.", n)
	}
	return p.Err()
}

func checkName(p *fault.Problems, slug, name string) {
	switch n := utf8.RuneCountInString(strings.TrimSpace(name)); {
	case n < 2:
		p.Add("name", "Enter a name of two characters or more.")
	case n > longestName:
		p.Addf("name", "Use at most %d characters; this has %d.", longestName, n)
	}
	switch {
	case slug == "":
		p.Add("slug", "Enter a short name for addresses, such as payment-fraud.")
	case len(slug) > 64:
		p.Addf("slug", "Use at most 64 characters; this has %d.", len(slug))
	case !slugShape.MatchString(slug):
		p.Add("slug", "Use lower-case letters a to z, digits and single dashes, such as payment-fraud.")
	}
}

// Stamp changes whenever one of the facts a form shows does, so that a form made from older ones is
// noticed: teams and departments are too few and too still to count revisions.
func (t Team) Stamp() string { return fmt.Sprintf("%d|%s|%s", t.DepartmentID, t.Name, t.Group) }

// MayDisable says whether this person may take away somebody's access.
func MayDisable(a Actor, who Person) Decision {
	if d := May(a, Administer, 0); !d.Allowed {
		return d
	}
	if a.ID == who.ID {
		return deny("You cannot disable your own account: then nobody might be left to enable it. Ask another administrator.")
	}
	return allow()
}
