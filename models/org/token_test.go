package org

import (
	"testing"
	"time"
)

// A token does what its scopes and its owner both may: neither alone is enough.
func TestATokenDoesWhatItsScopesAndItsOwnerBothMay(t *testing.T) {
	owner := Person{ID: 1, Roles: []Role{Contributor}, TeamIDs: []int64{7}}
	reviewer := Person{ID: 2, Roles: []Role{Reviewer}}
	admin := Person{ID: 3, Roles: []Role{Admin}}
	for _, c := range []struct {
		name   string
		who    Person
		scopes []Scope
		act    Act
		team   int64
		want   bool
	}{
		{"read reads", owner, []Scope{ScopeRead}, Read, 0, true},
		{"read does not write", owner, []Scope{ScopeRead}, Edit, 7, false},
		{"write edits the owner's team", owner, []Scope{ScopeWrite}, Edit, 7, true},
		{"write does not edit another team", owner, []Scope{ScopeWrite}, Edit, 8, false},
		{"write does not decide", reviewer, []Scope{ScopeWrite}, Decide, 0, false},
		{"approve decides for a reviewer", reviewer, []Scope{ScopeApprove}, Decide, 0, true},
		{"approve does not make a reviewer", owner, []Scope{ScopeApprove}, Decide, 0, false},
		{"stamps reports and no more", owner, []Scope{ScopeStamps}, Report, 7, true},
		{"stamps does not read", owner, []Scope{ScopeStamps}, Read, 0, false},
		{"calendar reads the feed", owner, []Scope{ScopeCalendar}, ReadCalendar, 0, true},
		{"calendar reads nothing else", owner, []Scope{ScopeCalendar}, Read, 0, false},
		{"no scope, nothing", owner, nil, Read, 0, false},
		{"nobody administers by token", admin, Scopes, Administer, 0, false},
		{"nobody manages tokens by token", admin, Scopes, ManageOwnThings, 0, false},
		{"the auditor's token reads the trail", Person{ID: 4, Roles: []Role{Auditor}}, []Scope{ScopeRead}, ReadAudit, 0, true},
		{"a viewer's token does not", Person{ID: 4, Roles: []Role{Viewer}}, []Scope{ScopeRead}, ReadAudit, 0, false},
		{"a disabled owner's token does nothing", Person{ID: 1, Disabled: true}, Scopes, Read, 0, false},
	} {
		a := Actor{Person: c.who, Via: "token:ci", Scopes: c.scopes}
		if got := May(a, c.act, c.team); got.Allowed != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestATokenNeedsANameAScopeAndAnEndWithinAYear(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	good := Token{Name: "ci", Scopes: []Scope{ScopeRead}, ExpiresAt: now.Add(24 * time.Hour)}
	if err := good.Check(now); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Token){
		"no name":        func(x *Token) { x.Name = " " },
		"a line break":   func(x *Token) { x.Name = "a\nb" },
		"no scope":       func(x *Token) { x.Scopes = nil },
		"an end past":    func(x *Token) { x.ExpiresAt = now },
		"an end too far": func(x *Token) { x.ExpiresAt = now.Add(LongestToken + time.Second) },
	} {
		bad := good
		spoil(&bad)
		if bad.Check(now) == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
