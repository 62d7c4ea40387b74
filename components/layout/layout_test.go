package layout

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"sundial/components/ui"

	"github.com/a-h/templ"
)

func TestPage(t *testing.T) {
	person := &Person{Name: "Mira Meridian", Email: "ada@example.test", Roles: []string{"owner"}}
	nav := []NavItem{{Label: "My work", Href: "/", Count: 3}, {Label: "Models", Href: "/models", Current: true}}
	tests := map[string]struct {
		props  Props
		has    []string
		hasNot []string
	}{
		"a page names itself before the product": {
			Props{Title: "Models", Nav: nav, Person: person},
			[]string{"<title>Models · Sundial</title>", `href="#main"`, `<main class="main" id="main"`, `aria-current="page"`, `3 <span`},
			[]string{"data-theme", "Error:"},
		},
		"a refused form says so in the title": {
			Props{Title: "Edit", Error: true}, []string{"<title>Error: Edit · Sundial</title>"}, nil,
		},
		"a heading becomes the h1": {
			Props{Heading: "Not found"}, []string{"<h1>Not found</h1>"}, nil,
		},
		"what changed is a status": {
			Props{Flash: "Model registered."}, []string{`class="flash" role="status"`, "Model registered."}, nil,
		},
		"a chosen theme is an attribute": {
			Props{Theme: "dark"}, []string{`data-theme="dark"`}, nil,
		},
		"an invented theme is none": {
			Props{Theme: `x" onload="`}, nil, []string{"data-theme", "onload"},
		},
		"signing in needs no chrome": {
			Props{Title: "Sign in", NoChrome: true, Nav: nav, Person: person},
			[]string{"data-bare", `id="main"`}, []string{"<header", "Sign out", `aria-label="Main"`},
		},
		"nobody signed in, nobody to sign out": {
			Props{Title: "Help", Nav: nav}, nil, []string{"Sign out", `role="search"`},
		},
		"signing out is a change": {
			Props{Person: person}, []string{`action="/logout" method="post"`, `action="/theme" method="post"`}, nil,
		},
		"crumbs lead back": {
			Props{Crumbs: []ui.Crumb{{Label: "Models", Href: "/models"}, {Label: "x"}}}, []string{`aria-label="Breadcrumb"`}, nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			html := render(t, Page(tt.props))
			for _, want := range tt.has {
				if !strings.Contains(html, want) {
					t.Errorf("no %s in\n%s", want, html)
				}
			}
			for _, not := range append(tt.hasNot, " style=", "<style", "onclick") {
				if strings.Contains(html, not) {
					t.Errorf("unwanted %s in\n%s", not, html)
				}
			}
		})
	}
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(templ.WithChildren(context.Background(), templ.Raw("<p>body</p>")), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
