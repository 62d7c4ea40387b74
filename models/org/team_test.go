package org

import (
	"strings"
	"testing"

	"sundial/models/fault"
)

func TestTeamsAreCheckedAtTheirFields(t *testing.T) {
	good := Team{DepartmentID: 1, Name: "Payment Fraud", Slug: "payment-fraud", Group: "team-payment-fraud"}
	if err := good.Check(); err != nil {
		t.Fatalf("a good team is refused: %v", err)
	}
	tests := map[string]struct {
		change func(*Team)
		field  string
	}{
		"no name":                  {func(x *Team) { x.Name = " " }, "name"},
		"a name of one character":  {func(x *Team) { x.Name = "A" }, "name"},
		"a long name":              {func(x *Team) { x.Name = strings.Repeat("ä", 81) }, "name"},
		"no short name":            {func(x *Team) { x.Slug = "" }, "slug"},
		"capitals in a short name": {func(x *Team) { x.Slug = "Fraud" }, "slug"},
		"a slash in a short name":  {func(x *Team) { x.Slug = "a/b" }, "slug"},
		"a long short name":        {func(x *Team) { x.Slug = strings.Repeat("a", 65) }, "slug"},
		"no department":            {func(x *Team) { x.DepartmentID = 0 }, "department"},
		"a long group":             {func(x *Team) { x.Group = strings.Repeat("g", 201) }, "group"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			team := good
			tt.change(&team)
			f, ok := fault.As(team.Check())
			if !ok || len(f.Problems) != 1 || f.Problems[0].Field != tt.field {
				t.Errorf("want one sentence at %s, got %v", tt.field, team.Check())
			}
		})
	}
}

func TestNobodyDisablesThemselves(t *testing.T) {
	admin := Actor{Person: Person{ID: 1, Roles: []Role{Admin}}, Via: "session"}
	if MayDisable(admin, admin.Person).Allowed {
		t.Error("an administrator may disable themselves")
	}
	if d := MayDisable(admin, Person{ID: 2}); !d.Allowed {
		t.Errorf("an administrator may not disable others: %s", d.Reason)
	}
	if MayDisable(Actor{Person: Person{ID: 3, Roles: []Role{Auditor}}, Via: "session"}, Person{ID: 2}).Allowed {
		t.Error("an auditor may disable somebody")
	}
}
