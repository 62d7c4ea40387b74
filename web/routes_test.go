package web_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web"
	"sundial/web/webtest"
)

var update = flag.Bool("update", false, "write golden files anew")

func TestRouteTableIsTheAgreedOne(t *testing.T) {
	var b strings.Builder
	for _, r := range webtest.New(t).Server.Routes() {
		fmt.Fprintln(&b, strings.TrimRight(r.String(), " "))
	}
	const file = "testdata/routes.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the routes changed; look at every line, then run with -update:\n%s", diff)
	}
}

// samples are values for the parts of a path that lead to something that exists.
func samples(t *testing.T, site *webtest.Site) map[string]string {
	site.Model(t, "matrix", registry.Trained, 2)
	site.Version(t, "matrix", "v1")
	return map[string]string{"model": "matrix", "version": "v1", "label": "v1", "slug": "matrix", "team": "fraud", "section": "people", "verb": "submit"}
}

var part = regexp.MustCompile(`:([a-z_]+)|\*`)

func address(r web.Route, values map[string]string) string {
	return part.ReplaceAllStringFunc(r.Path, func(s string) string {
		if v, ok := values[strings.TrimPrefix(s, ":")]; ok {
			return v
		}
		return "1"
	})
}

// Every role at every route: what the table denies is denied, and nothing anywhere falls over.
func TestEveryRoleAtEveryRoute(t *testing.T) {
	site := webtest.New(t)
	values := samples(t, site)
	people := map[org.Role]org.Person{}
	for _, role := range org.Roles {
		people[role] = site.Person("matrix-"+string(role), role)
	}
	for _, r := range site.Server.Routes() {
		for _, role := range append([]org.Role{""}, org.Roles...) {
			name := string(role)
			if role == "" {
				name = "nobody"
			}
			t.Run(fmt.Sprintf("%s %s as %s", r.Method, r.Path, name), func(t *testing.T) {
				b := site.Nobody()
				if role != "" {
					b = site.As(people[role])
				}
				b.On(t)
				cell(t, r, b, people[role], address(r, values))
			})
		}
	}
}

func cell(t *testing.T, r web.Route, b *webtest.Browser, who org.Person, to string) {
	form := "application/x-www-form-urlencoded"
	if r.Method == http.MethodGet {
		form = ""
	}
	p := b.Do(b.Request(r.Method, to, nil, form))
	allowed := r.Public || org.May(org.Actor{Person: who, Via: "session"}, r.Act, 0).Allowed
	switch {
	case p.Status >= 500 && !(strings.HasPrefix(r.Path, "/login/start") && p.Status == http.StatusServiceUnavailable):
		t.Errorf("status %d", p.Status)
	case r.Public:
	case who.ID == 0 && r.Method == http.MethodGet:
		if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/login") {
			t.Errorf("status %d to %q, want a way to the sign-in page", p.Status, p.Header.Get("Location"))
		}
	case who.ID == 0:
		if p.Status != http.StatusUnauthorized {
			t.Errorf("status %d, want 401", p.Status)
		}
	case !allowed && p.Status != http.StatusForbidden:
		t.Errorf("status %d, want 403", p.Status)
	case allowed && p.Status == http.StatusUnauthorized:
		t.Errorf("status 401 for somebody who is signed in")
	}
}

func TestAllowedMeansNotTurnedAwayAtTheDoor(t *testing.T) {
	site := webtest.New(t)
	for _, role := range org.Roles {
		site.As(site.Person("door-"+string(role), role)).Get("/sessions").Is(200, "Your sessions")
	}
}
