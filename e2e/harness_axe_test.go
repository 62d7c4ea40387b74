package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// axeSource is read once; it is half a megabyte.
var axeSource = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile(os.Getenv("SUNDIAL_TEST_AXE"))
	return string(source), err
})

// The text goes back as JSON: a plain string survives the driver whatever axe puts into it.
const runAxe = `rules => axe.run(document, {
	runOnly: rules.split(' '),
	resultTypes: ['violations'],
}).then(r => JSON.stringify({ran: r.passes.length + r.violations.length, violations: r.violations}))`

const (
	allRules    = "wcag2a wcag2aa wcag21a wcag21aa wcag22aa"
	colourRules = "color-contrast link-in-text-block"
)

type axeResult struct {
	Ran        int
	Violations []violation
}

type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string
		FailureSummary string
		Target         []any
	}
}

// axe fails the test with every violation of WCAG 2.2 A and AA on the page as it stands, dialogs
// and errors included. The script is evaluated, not added: the portal's policy forbids the latter.
func axe(t testing.TB, p *page) {
	t.Helper()
	violations, err := violationsOn(p)
	if err != nil {
		t.Fatalf("axe on %s: %v", p.URL(), err)
	}
	for _, v := range violations {
		t.Errorf("accessibility on %s: %s", p.URL(), v)
	}
}

func violationsOn(p *page) ([]violation, error) {
	source, err := axeSource()
	if err != nil {
		return nil, fmt.Errorf("%w; run ./test e2e, which fetches it", err)
	}
	subject := p.Page
	if !p.view.JS {
		if subject, err = copyWithScripts(p); err != nil {
			return nil, fmt.Errorf("copy the page: %w", err)
		}
		defer subject.Context().Close()
	}
	if _, err := subject.Evaluate(source); err != nil {
		return nil, err
	}
	return askAxe(subject, allRules)
}

// askAxe runs the rules on a page that the script is on already; a page keeps it while its colours and
// its width change.
func askAxe(subject playwright.Page, rules string) ([]violation, error) {
	answer, err := subject.Evaluate(runAxe, rules)
	if err != nil {
		return nil, err
	}
	var result axeResult
	if err := json.Unmarshal([]byte(fmt.Sprint(answer)), &result); err != nil {
		return nil, err
	}
	if result.Ran == 0 {
		return nil, fmt.Errorf("no rule applied, so the page says nothing; has it loaded?")
	}
	return result.Violations, nil
}

// copyWithScripts draws the same HTML where axe can run: its promises never settle on a page
// without JavaScript. Styles come from the portal, the portal's own scripts stay away.
func copyWithScripts(p *page) (playwright.Page, error) {
	html, err := p.Content()
	if err != nil {
		return nil, err
	}
	view := p.view
	view.JS = true
	context, err := newContext(view)
	if err != nil {
		return nil, err
	}
	err = context.Route("**/*", func(r playwright.Route) {
		switch r.Request().ResourceType() {
		case "document":
			_ = r.Fulfill(playwright.RouteFulfillOptions{Body: html, ContentType: playwright.String("text/html; charset=utf-8")})
		case "script":
			_ = r.Abort()
		default:
			_ = r.Continue()
		}
	})
	if err != nil {
		return nil, err
	}
	twin, err := context.NewPage()
	if err != nil {
		return nil, err
	}
	_, err = twin.Goto(p.URL())
	return twin, err
}

// String is what a person needs to mend it: the rule, each place, what is wrong there.
func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.ID, v.Impact, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "\n  at %v\n    %s\n    %s", n.Target, n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n    "))
	}
	return b.String()
}
