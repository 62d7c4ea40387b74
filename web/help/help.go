// Package help serves the page that explains Sundial. What it says about roles is asked of the same
// table that every request is held to, so that it cannot be wrong.
package help

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/help"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/web/respond"
)

// Handlers answers for this subject.
type Handlers struct {
	Grants auth.Grants
	Store  *store.Store
}

// mostAdmins is how many people one is told to ask.
const mostAdmins = 10

// rights are the acts worth telling, in the words of people.
var rights = []struct {
	act  org.Act
	what string
}{
	{org.Read, "See models, requests, plans and what serves"},
	{org.Comment, "Take part in a request's conversation"},
	{org.Edit, "Register and change models, versions and evidence"},
	{org.Request, "Ask for a stage, file a retirement plan"},
	{org.Decide, "Review requests and plans, grant waivers"},
	{org.Catalogue, "Write in the catalogue of vendor models"},
	{org.BreakGlass, "Promote or roll back at once (break-glass)"},
	{org.TryPolicy, "See what another policy would change"},
	{org.Import, "Import an inventory"},
	{org.ReadAudit, "Read and export the whole audit trail"},
	{org.Administer, "Administer people and teams"},
}

// Show is the help page.
func (h Handlers) Show(c echo.Context) error {
	v := h.view(auth.Actor(c))
	admins, err := h.Store.Administrators(c.Request().Context(), mostAdmins)
	if err != nil {
		return err
	}
	for _, a := range admins {
		v.Admins = append(v.Admins, views.Admin{Name: a.Name, Email: a.Email})
	}
	return respond.HTML(c, http.StatusOK, views.Page(respond.Props(c, "Help"), v))
}

func (h Handlers) view(actor org.Actor) views.View {
	var v views.View
	for _, role := range org.Roles {
		v.Roles = append(v.Roles, role.Title())
	}
	for _, r := range rights {
		right := views.Right{What: r.what}
		for _, role := range org.Roles {
			somebody := org.Actor{Person: org.Person{ID: 1, Roles: []org.Role{role}}, Via: "session"}
			right.May = append(right.May, org.May(somebody, r.act, 0).Allowed)
		}
		v.Rights = append(v.Rights, right)
	}
	for group, role := range h.Grants {
		v.Grants = append(v.Grants, views.Grant{Group: group, Role: role.Title()})
	}
	slices.SortFunc(v.Grants, func(a, b views.Grant) int { return strings.Compare(a.Role+a.Group, b.Role+b.Group) })
	for _, role := range actor.Roles {
		v.Mine = append(v.Mine, role.Title())
	}
	return v
}
