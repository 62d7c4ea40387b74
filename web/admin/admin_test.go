package admin_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web/webtest"
)

func TestOnlyAdministratorsAreLetIn(t *testing.T) {
	site := webtest.New(t)
	for _, who := range []org.Person{site.Owner, site.Reviewer, site.Risk, site.Leader, site.Auditor, site.Viewer} {
		for _, address := range []string{"/admin", "/admin/people", "/admin/people/1", "/admin/teams", "/admin/teams/new", "/admin/teams/fraud"} {
			site.As(who).Get(address).Is(403, "Only administrators").Lacks("example.test\"")
		}
	}
	site.As(site.Admin).Get("/admin").At("/admin/people")
}

func TestPeopleAreFoundAndFiltered(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	b.Get("/admin/people").Is(200, "12 people", "Owner", "owner@example.test", "Contributor", "Fraud", "reads only")
	b.Get("/admin/people?q=deputy").Is(200, "1 person").Lacks("owner@example.test")
	b.Get("/admin/people?role=auditor").Is(200, "1 person", "auditor@example.test")
	b.Get("/admin/people?team=credit").Is(200, "3 people").Lacks("owner@example.test")
	b.Get("/admin/people?show=no-role").Is(200, "1 person", "viewer@example.test")
	b.Get("/admin/people?show=disabled").Is(200, "No people match")
	b.Get("/admin/people?team=nowhere").Is(200, "No people match")
	for _, bad := range []string{"role=king", "show=all", "after=xx", "q=%01"} {
		b.Get("/admin/people?" + bad).Is(400)
	}
	for i := range 55 {
		site.Person(fmt.Sprintf("extra-%02d", i), org.Viewer)
	}
	p := b.Get("/admin/people").Is(200, "67 people")
	if p.Queries > 6 {
		t.Errorf("%d queries", p.Queries)
	}
	for _, l := range p.Links() {
		if strings.Contains(l, "after=") {
			b.Get(l).Is(200, "67 people", "First page", "Previous")
		}
	}
}

func TestAccessIsTakenAwayAndGivenBack(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 2)
	owner, b := site.As(site.Owner), site.As(site.Admin)
	page := fmt.Sprintf("/admin/people/%d", site.Owner.ID)
	b.Get(page).Is(200, "Owner", "1 model", "Active", "127.0.0.1", "Disable the account")
	ask := b.Get(page+"/disable").Is(200, "Disable the account of Owner?", "They own 1 model")
	owner.Get("/sessions").Is(200)
	b.Submit(ask, page+"/disable").Is(200, "Account disabled.", "Disabled", "Not signed in anywhere now.")
	owner.Get("/sessions").At("/login?return_to=%2Fsessions")
	b.Send(page + "/disable").Is(409)
	b.Submit(b.Get(page), page+"/enable").Is(200, "Account enabled.", "Active")
}

func TestAnAdministratorCannotDisableThemselves(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	page := fmt.Sprintf("/admin/people/%d", site.Admin.ID)
	if p := b.Get(page+"/disable").Is(200, "You cannot disable your own account"); p.Form(page+"/disable") != nil {
		t.Error("the button is on")
	}
	b.Get(page).Is(200, "You cannot disable your own account")
	b.Send(page+"/disable").Is(403, "You cannot disable your own account")
	b.Get("/admin/people").Is(200)
}

func TestSessionsOfOthersAreEnded(t *testing.T) {
	site := webtest.New(t)
	owner, b := site.As(site.Owner), site.As(site.Admin)
	page := fmt.Sprintf("/admin/people/%d", site.Owner.ID)
	ask := b.Get(page+"/end-sessions").Is(200, "End all sessions of Owner?")
	b.Submit(ask, page+"/end-sessions").Is(200, "1 session ended.")
	owner.Get("/sessions").At("/login?return_to=%2Fsessions")
	b.Send(page+"/end-sessions").Is(409, "not signed in anywhere")
	for _, bad := range []string{"/admin/people/999", "/admin/people/x", "/admin/people/0"} {
		b.Get(bad).Is(404)
		b.Send(bad + "/disable").Is(404)
		b.Send(bad + "/end-sessions").Is(404)
	}
}

func TestDepartmentsAndTeamsAreAddedAndChanged(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	b.Submit(b.Get("/admin/departments/new"), "/admin/departments/new", "name", "Operations", "slug", "operations").Is(200, "Department Operations added.", "No team yet.")
	b.Submit(b.Get("/admin/teams/new"), "/admin/teams/new", "name", "Routing", "slug", "routing", "department", "2", "group", "team-routing").Is(200, "Team Routing added.", "team-routing")
	first := b.Get("/admin/teams/routing").Is(200, "Change team")
	b.Submit(first, "/admin/teams/routing", "name", "Route Planning").Is(200, "Team Route Planning saved.")
	p := b.Submit(first, "/admin/teams/routing", "name", "Ways").Is(409, "changed while you were editing", "Route Planning", "Ways")
	b.Submit(p, "/admin/teams/routing").Is(200, "Team Ways saved.")
	b.Submit(b.Get("/admin/departments/operations"), "/admin/departments/operations", "name", "Field").Is(200, "Department Field saved.")
	b.Get("/admin/teams/nowhere").Is(404)
	b.Get("/admin/departments/nowhere").Is(404)
	b.Send("/admin/teams/nowhere", "name", "x").Is(404)
}

func TestABadTeamIsToldAtItsFields(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	good := url.Values{"name": {"Routing"}, "slug": {"routing"}, "department": {"1"}, "group": {"team-routing"}}
	tests := map[string]struct{ field, value, at string }{
		"no name":                   {"name", "", "name"},
		"look-alike letters":        {"name", "p\u0430yments", "name"},
		"control characters":        {"name", "Rou\x00ting", "name"},
		"a name of a thousand":      {"name", strings.Repeat("x", 1000), "name"},
		"a short name with slashes": {"slug", "../x", "slug"},
		"a short name taken":        {"slug", "fraud", "slug"},
		"no department":             {"department", "", "department"},
		"a department that is not":  {"department", "77", "department"},
		"a department of letters":   {"department", "abc", "department"},
		"a group of another team":   {"group", "team-fraud", "group"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := url.Values{}
			for k, x := range good {
				v[k] = x
			}
			v.Set(tt.field, tt.value)
			p := b.On(t).Post("/admin/teams/new", v).Is(422)
			if p.ErrorAt(tt.at) == "" || !strings.HasPrefix(p.PageTitle(), "Error:") {
				t.Errorf("no sentence at %s, title %q:\n%s", tt.at, p.PageTitle(), p.Text())
			}
			if tt.field != "slug" && p.Value("slug") != "routing" {
				t.Error("the other fields were lost")
			}
		})
	}
	if p := b.On(t).Send("/admin/departments/new", "name", "x", "slug", "RISK").Is(422); p.ErrorAt("name") == "" || p.ErrorAt("slug") == "" {
		t.Error("both fields should be told at once")
	}
	b.Get("/admin/teams").Is(200).Lacks("Routing")
}

func TestEverybodyReadsThePolicy(t *testing.T) {
	site := webtest.New(t)
	site.As(site.Viewer).Get("/policy").Is(200, "Policy", site.Policy.Version(), "standard", "2 reviewers, 1 with the risk role, 1 from another team",
		"Owner is active", "locked", "counts for 180 days", "within 14 days", "72 hours")
}
