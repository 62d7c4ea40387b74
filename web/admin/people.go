package admin

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/admin"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

const pageSize = 50

// People lists everybody who has signed in.
func (h Handlers) People(c echo.Context) error {
	ctx := c.Request().Context()
	q := form.ReadQuery(c)
	v := views.PeopleView{Query: q.Text("q"), Role: q.Choice("role", roleChoices()...), Team: q.Text("team"), Show: q.Choice("show", "", "no-role", "disabled"), Now: h.Clock()}
	after := q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return err
	}
	filter := store.PeopleFilter{Query: v.Query, Role: org.Role(v.Role), NoRole: v.Show == "no-role", Disabled: v.Show == "disabled"}
	v.TeamNames = namesOf(teams)
	for _, t := range teams {
		v.Teams = append(v.Teams, ui.Option{Value: t.Slug, Label: t.Name, Group: t.Department})
		if t.Slug == v.Team {
			filter.Team = t.ID
		}
	}
	if v.Team != "" && filter.Team == 0 {
		filter.Team = -1 // a team that is not there has no members
	}
	page, err := h.Store.PeoplePage(ctx, filter, after, pageSize)
	if err != nil {
		return err
	}
	count, err := h.Store.CountPeople(ctx, filter)
	if err != nil {
		return err
	}
	v.Rows, v.Count = page.Rows, countWords(count)
	v.Older, v.Newer = follow(v.Address(), page.Next), follow(v.Address(), page.Prev)
	if after != "" {
		v.First = v.Address()
	}
	return respond.HTML(c, http.StatusOK, views.People(respond.Props(c, "People"), v))
}

func countWords(f store.Figure) string {
	if f.More {
		return ui.Number(int64(f.N)) + "+ people"
	}
	return ui.Count(int64(f.N), "person", "people")
}

func follow(address, cursor string) string {
	if cursor == "" {
		return ""
	}
	return link.With(address, "after", cursor)
}

func roleChoices() []string {
	out := []string{""}
	for _, r := range org.Roles {
		out = append(out, string(r))
	}
	return out
}

func namesOf(teams []org.Team) map[int64]string {
	out := map[int64]string{}
	for _, t := range teams {
		out[t.ID] = t.Name
	}
	return out
}

// person reads the person of the path with what their pages show.
func (h Handlers) person(c echo.Context) (views.PersonView, error) {
	ctx, v := c.Request().Context(), views.PersonView{Now: h.Clock()}
	id, err := form.ID(c, "person")
	if err != nil {
		return v, err
	}
	if v.Person, err = h.Store.Person(ctx, id); err != nil {
		return v, err
	}
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return v, err
	}
	v.TeamNames, v.MayDisable = namesOf(teams), org.MayDisable(auth.Actor(c), v.Person)
	sessions, err := h.Store.SessionsOf(ctx, id, v.Now)
	if err != nil {
		return v, err
	}
	for _, s := range sessions {
		v.Sessions = append(v.Sessions, views.SessionLine{Browser: auth.Browser(s.UserAgent), Address: s.Address, Since: s.CreatedAt, LastUsed: s.LastSeenAt})
	}
	v.Models, err = h.owned(ctx, id)
	return v, err
}

func (h Handlers) owned(ctx context.Context, id int64) (string, error) {
	n, more, err := h.Store.CountModels(ctx, registry.Filter{Owner: id})
	switch {
	case n == 0:
		return "no models", err
	case more:
		return ui.Number(int64(n)) + "+ models", err
	}
	return ui.Count(int64(n), "model", "models"), err
}

// Person shows what is known of somebody.
func (h Handlers) Person(c echo.Context) error {
	v, err := h.person(c)
	if err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.Person(respond.Props(c, v.Person.Name), v))
}

// AskDisable asks before access is taken away.
func (h Handlers) AskDisable(c echo.Context) error {
	v, err := h.person(c)
	if err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.AskDisable(respond.Props(c, "Disable the account of "+v.Person.Name), v))
}

// Disable takes somebody's access away; Enable gives it back.
func (h Handlers) Disable(c echo.Context) error { return h.setDisabled(c, true, "Account disabled.") }
func (h Handlers) Enable(c echo.Context) error  { return h.setDisabled(c, false, "Account enabled.") }

func (h Handlers) setDisabled(c echo.Context, disabled bool, said string) error {
	id, err := form.ID(c, "person")
	if err != nil {
		return err
	}
	if err := h.Store.SetDisabled(c.Request().Context(), id, disabled); err != nil {
		return err
	}
	return respond.SeeOther(c, link.AdminPerson(id), said)
}

// AskEndSessions asks before somebody is signed out everywhere.
func (h Handlers) AskEndSessions(c echo.Context) error {
	v, err := h.person(c)
	if err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.AskEndSessions(respond.Props(c, "End all sessions of "+v.Person.Name), v))
}

// EndSessions signs somebody out everywhere.
func (h Handlers) EndSessions(c echo.Context) error {
	id, err := form.ID(c, "person")
	if err != nil {
		return err
	}
	n, err := h.Store.EndSessionsOf(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.AdminPerson(id), ui.Count(n, "session", "sessions")+" ended.")
}
