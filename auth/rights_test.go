package auth_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sundial/auth"
	"sundial/models/org"
)

func TestGroupsGrantRoles(t *testing.T) {
	grants := auth.Grants{"ml": org.Contributor, "gov": org.Reviewer, "risk": org.RiskReviewer, "it": org.Admin}
	tests := map[string]struct {
		groups []string
		want   []org.Role
	}{
		"everybody is a viewer":              {nil, []org.Role{org.Viewer}},
		"an unknown group gives nothing":     {[]string{"lunch"}, []org.Role{org.Viewer}},
		"several groups add up, in order":    {[]string{"it", "gov", "ml"}, []org.Role{org.Viewer, org.Contributor, org.Reviewer, org.Admin}},
		"twice is once":                      {[]string{"ml", "ml"}, []org.Role{org.Viewer, org.Contributor}},
		"names are compared as they are":     {[]string{"ML", "admin"}, []org.Role{org.Viewer}},
		"a role's name is no group":          {[]string{"admin", "auditor"}, []org.Role{org.Viewer}},
		"leadership needs a group like each": {[]string{"leadership"}, []org.Role{org.Viewer}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, grants.Roles(tt.groups)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
