package admin

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	views "sundial/components/admin"
	"sundial/components/layout"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/web/form"
	"sundial/web/respond"
)

// Teams lists departments and teams.
func (h Handlers) Teams(c echo.Context) error {
	ctx := c.Request().Context()
	v := views.TeamsView{Teams: map[int64][]org.Team{}}
	var err error
	if v.Departments, err = h.Store.Departments(ctx); err != nil {
		return err
	}
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return err
	}
	for _, t := range teams {
		v.Teams[t.DepartmentID] = append(v.Teams[t.DepartmentID], t)
	}
	v.Count = ui.Count(int64(len(v.Departments)), "department", "departments") + ", " + ui.Count(int64(len(teams)), "team", "teams")
	return respond.HTML(c, http.StatusOK, views.Teams(respond.Props(c, "Teams"), v))
}

type teamInput struct {
	Name       string `form:"name"`
	Slug       string `form:"slug"`
	Group      string `form:"group"`
	Department int64  `form:"department"`
	Was        string `form:"was" max:"600"`
}

// NewTeam is the empty form.
func (h Handlers) NewTeam(c echo.Context) error {
	return h.teamForm(c, http.StatusOK, respond.Props(c, "Add a team"), views.FormView{}, "")
}

// AddTeam adds a team.
func (h Handlers) AddTeam(c echo.Context) error {
	var in teamInput
	values, err := form.Decode(c, &in)
	team := org.Team{DepartmentID: in.Department, Name: in.Name, Slug: in.Slug, Group: in.Group}
	if err = both(err, team.Check(), form.Name(in.Name)); err == nil {
		_, err = h.Store.AddTeam(c.Request().Context(), team)
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.teamForm(c, status, respond.Refused(c, "Add a team"), typed(values, f), "")
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.AdminTeams(), "Team "+team.Name+" added.")
}

// EditTeam shows a team as it is kept.
func (h Handlers) EditTeam(c echo.Context) error {
	slug, err := form.Param(c, "team")
	if err != nil {
		return err
	}
	t, err := h.Store.TeamBySlug(c.Request().Context(), slug)
	if err != nil {
		return err
	}
	v := views.FormView{Name: t.Name, Group: t.Group, Department: strconv.FormatInt(t.DepartmentID, 10), Stamp: t.Stamp()}
	return h.teamForm(c, http.StatusOK, respond.Props(c, "Change team "+t.Name), v, slug)
}

// ChangeTeam changes a team's name, department or group.
func (h Handlers) ChangeTeam(c echo.Context) error {
	slug, err := form.Param(c, "team")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	now, err := h.Store.TeamBySlug(ctx, slug)
	if err != nil {
		return err
	}
	var in teamInput
	values, err := form.Decode(c, &in)
	to := org.Team{DepartmentID: in.Department, Slug: slug, Name: in.Name, Group: in.Group}
	if err = both(err, to.Check(), form.Name(in.Name)); err == nil {
		err = h.Store.ChangeTeam(ctx, slug, in.Was, to)
	}
	if f, status, ok := respond.Fault(err); ok {
		v := typed(values, f)
		if f.Kind == fault.Stale {
			v.Stamp, v.Clashes = now.Stamp(), clashes([3]string{"Name", in.Name, now.Name}, [3]string{"Group", in.Group, now.Group})
		}
		return h.teamForm(c, status, respond.Refused(c, "Change team "+now.Name), v, slug)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.AdminTeams(), "Team "+to.Name+" saved.")
}

func (h Handlers) teamForm(c echo.Context, status int, p layout.Props, v views.FormView, slug string) error {
	departments, err := h.Store.Departments(c.Request().Context())
	if err != nil {
		return err
	}
	for _, d := range departments {
		v.Departments = append(v.Departments, ui.Option{Value: strconv.FormatInt(d.ID, 10), Label: d.Name})
	}
	return respond.HTML(c, status, views.TeamForm(p, v, slug))
}

type departmentInput struct {
	Name string `form:"name"`
	Slug string `form:"slug"`
	Was  string `form:"was"`
}

// NewDepartment is the empty form.
func (h Handlers) NewDepartment(c echo.Context) error {
	return respond.HTML(c, http.StatusOK, views.DepartmentForm(respond.Props(c, "Add a department"), views.FormView{}, ""))
}

// AddDepartment adds a department.
func (h Handlers) AddDepartment(c echo.Context) error {
	var in departmentInput
	values, err := form.Decode(c, &in)
	d := org.Department{Name: in.Name, Slug: in.Slug}
	if err = both(err, d.Check(), form.Name(in.Name)); err == nil {
		_, err = h.Store.AddDepartment(c.Request().Context(), d)
	}
	if f, status, ok := respond.Fault(err); ok {
		return respond.HTML(c, status, views.DepartmentForm(respond.Refused(c, "Add a department"), typed(values, f), ""))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.AdminTeams(), "Department "+d.Name+" added.")
}

// EditDepartment shows a department as it is kept.
func (h Handlers) EditDepartment(c echo.Context) error {
	d, err := h.department(c)
	if err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.DepartmentForm(respond.Props(c, "Rename department "+d.Name), views.FormView{Name: d.Name, Stamp: d.Name}, d.Slug))
}

func (h Handlers) department(c echo.Context) (org.Department, error) {
	slug, err := form.Param(c, "department")
	if err != nil {
		return org.Department{}, err
	}
	return h.Store.DepartmentBySlug(c.Request().Context(), slug)
}

// RenameDepartment gives a department another name.
func (h Handlers) RenameDepartment(c echo.Context) error {
	now, err := h.department(c)
	if err != nil {
		return err
	}
	var in departmentInput
	values, err := form.Decode(c, &in)
	if err = both(err, org.Department{Slug: now.Slug, Name: in.Name}.Check(), form.Name(in.Name)); err == nil {
		err = h.Store.RenameDepartment(c.Request().Context(), now.Slug, in.Was, in.Name)
	}
	if f, status, ok := respond.Fault(err); ok {
		v := typed(values, f)
		if f.Kind == fault.Stale {
			v.Stamp, v.Clashes = now.Name, clashes([3]string{"Name", in.Name, now.Name})
		}
		return respond.HTML(c, status, views.DepartmentForm(respond.Refused(c, "Rename department "+now.Name), v, now.Slug))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.AdminTeams(), "Department "+in.Name+" saved.")
}

// typed is a form as it was sent, with what was refused.
func typed(values form.Values, f *fault.Fault) views.FormView {
	return views.FormView{Name: values.Get("name"), Slug: values.Get("slug"), Group: values.Get("group"), Department: values.Get("department"),
		Stamp: values.Get("was"), Fault: f}
}

func clashes(fields ...[3]string) []ui.Clash {
	var out []ui.Clash
	for _, f := range fields {
		if f[1] != f[2] {
			out = append(out, ui.Clash{Label: f[0], Yours: f[1], Theirs: f[2]})
		}
	}
	return out
}

// both joins what the form could not read with what the rule refuses, one sentence a field. An error
// that is no refusal of fields stands alone.
func both(read, rule error, name string) error {
	var p fault.Problems
	seen := map[string]bool{}
	for _, err := range []error{read, rule} {
		if err == nil {
			continue
		}
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.Invalid {
			return err
		}
		for _, x := range f.Problems {
			if !seen[x.Field] {
				seen[x.Field] = true
				p.Add(x.Field, x.Sentence)
			}
		}
	}
	if name != "" && !seen["name"] {
		p.Add("name", name)
	}
	return p.Err()
}
