package help_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"sundial/auth"
	"sundial/models/org"
	"sundial/web"
	"sundial/web/webtest"
)

func TestHelpTellsThisInstallationsRoles(t *testing.T) {
	site := webtest.New(t, func(c *web.Config) { c.Grants = auth.Grants{"gov-board": org.RiskReviewer} })
	site.As(site.Auditor).Get("/help").Is(200, "Who may do what", "gov-board", "Risk reviewer", "signed in with: Auditor", "Retirement plan")
	site.Nobody().Get("/help").At("/login?return_to=%2Fhelp")
}

func TestHelpNamesWhomToAsk(t *testing.T) {
	site := webtest.New(t)
	p := site.As(site.Viewer).Get("/help").Is(200, "Whom to ask", "Admin admin@example.test")
	if !strings.Contains(p.Body, `href="mailto:admin@example.test"`) {
		t.Error("no way to write to them")
	}
	p.Lacks("owner@example.test")
}

var term = regexp.MustCompile(`(?m)^//\t(\S.*?)  +\S`)

// The glossary of the code is the glossary of the page: nobody should need two.
func TestHelpExplainsEveryWordOfTheGlossary(t *testing.T) {
	source, err := os.ReadFile("../../models/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	terms := term.FindAllStringSubmatch(string(source), -1)
	if len(terms) < 25 {
		t.Fatalf("only %d words found in the glossary", len(terms))
	}
	site := webtest.New(t)
	text := strings.ToLower(site.As(site.Viewer).Get("/help").Text())
	for _, m := range terms {
		for _, word := range strings.Split(m[1], ", ") {
			if !strings.Contains(text, strings.ToLower(word)) {
				t.Errorf("the help does not explain %q", word)
			}
		}
	}
}
