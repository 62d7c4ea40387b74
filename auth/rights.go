package auth

import (
	"slices"

	"sundial/models/org"
)

// Grants says which role each group of the identity provider gives.
type Grants map[string]org.Role

// Roles are what these groups grant, in the order of org.Roles. Everybody who is signed in is a viewer.
func (g Grants) Roles(groups []string) []org.Role {
	has := map[org.Role]bool{org.Viewer: true}
	for _, group := range groups {
		if role, ok := g[group]; ok {
			has[role] = true
		}
	}
	roles := make([]org.Role, 0, len(has))
	for _, role := range org.Roles {
		if has[role] {
			roles = append(roles, role)
		}
	}
	return roles
}

func sameSet[T comparable](a, b []T) bool {
	return !slices.ContainsFunc(a, func(x T) bool { return !slices.Contains(b, x) }) &&
		!slices.ContainsFunc(b, func(x T) bool { return !slices.Contains(a, x) })
}
