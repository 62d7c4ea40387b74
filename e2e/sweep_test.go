package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// Every page of the route table, as somebody who may see it, in both colour schemes, on a desk and on
// a phone: no violation of WCAG 2.2 A and AA, one h1, nothing that scrolls sideways, nothing the content
// policy blocked. A route that is added is visited or this test fails.
func TestEveryPagePassesAxe(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	routes := pagesByPerson(t, fixturesOf(t, demo))
	for name, paths := range routes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := view{Base: demo.URL, JS: true, Statuses: []int{400, 403, 404, 409, 422}}
			p := newPage(t, v)
			if name != nobody {
				signIn(t, p, name)
			}
			for _, path := range paths {
				p.visit(path)
				sweep(p)
			}
			for _, form := range emptyForms[name] {
				p.visit(form.path)
				if form.empty != "" {
					p.fill(form.empty, "")
				}
				p.button(form.button)
				must(t, "the refusal of "+form.path, p.Locator("[aria-invalid=true], .error-summary, .conflict").First().WaitFor(playwright.LocatorWaitForOptions{Timeout: patience}))
				sweep(p)
			}
			if name == owner {
				sweepDialog(p)
			}
		})
	}
}

const nobody = "nobody"

// pagesByPerson reads the route table and says who visits what.
func pagesByPerson(t *testing.T, fixtures map[string]string) map[string][]string {
	t.Helper()
	table, err := os.ReadFile(filepath.Join("..", "web", "testdata", "routes.golden"))
	if err != nil {
		t.Fatal(err)
	}
	visits := map[string][]string{}
	for who, paths := range besides {
		visits[who] = slices.Clone(paths)
	}
	for line := range strings.Lines(string(table)) {
		cells := strings.Fields(line)
		if len(cells) < 3 || cells[0] != "GET" || slices.Contains(noPages, cells[1]) || strings.Contains(filepath.Base(cells[1]), ".") {
			continue
		}
		who, known := visitors[cells[2]]
		if !known {
			t.Fatalf("nobody in this test may %s, which %s asks for", cells[2], cells[1])
		}
		visits[who] = append(visits[who], filled(t, cells[1], fixtures))
	}
	return visits
}

// noPages answer with a file, a redirect or for machines.
var noPages = []string{"/static/*", "/healthz", "/readyz", "/metrics", "/login/start", "/login/callback", "/models/:model/retirement/edit"}

// visitors say who sees the routes of an act.
var visitors = map[string]string{
	"public": nobody, "read": reviewer, "manage_own": reviewer, "read_audit": auditor, "administer": admin, "import": riskOfficer,
	"edit": owner, "request": owner, "assign": owner, "register": owner, "comment": owner, "decide": riskOfficer, "catalogue": riskOfficer, "try_policy": riskOfficer, "read_leadership": leader,
}

var parameter = regexp.MustCompile(`:[a-z]+`)

// filled puts a record of the demo where the route has a parameter.
func filled(t *testing.T, route string, fixtures map[string]string) string {
	t.Helper()
	if path, known := fixtures[route]; known {
		return path
	}
	return parameter.ReplaceAllStringFunc(route, func(name string) string {
		value, known := fixtures[name]
		if !known {
			t.Errorf("this test knows no %s to visit %s with", name, route)
		}
		return value
	})
}

// besides are pages in states that a plain visit does not show.
var besides = map[string][]string{
	nobody: {"/models/fraud-scorer", "/no-such-page"},
	reviewer: {"/models?q=zzzz", "/models?stage=production&sort=-name", "/models/support-bot", "/models/early-arrears/retirement", "/models/cash-forecast",
		"/models/loyalty-tiers", "/models/eta/versions/v6", "/models/support-bot/versions/v2", "/models/label-reader/retirement", "/no-such-page", "/admin",
		"/requests?show=waiting", "/requests?show=all&state=rejected", "/requests?show=owed", "/production?at=2000-01-01T00:00", "/production?at=yesterday",
		"/retirements/plans?state=stale", "/retirements/timeline?kind=vendor_end", "/retirements/timeline?team=none", "/retirements/unused?measured=no", "/models/fraud-scorer/diff?a=v7&b=v8", "/models/reply-drafter/diff?a=v1&b=v2",
		"/prompts?q=zzzz", "/prompts/support-bot-system/versions/3", "/aliases?show=red", "/aliases/assistant-default", "/models/reply-drafter/versions/v2"},
	riskOfficer: {"/", "/policy", "/policy/dry-run?profile=strict", "/policy/dry-run?profile=light", "/policy/dry-run?profile=none", "/models/chargeback-ranker/retirement/do/overrule?key=c1", "/models/chargeback-ranker/retirement/do/emergency", "/models/ticket-router/retirement/workflow", "/aliases/document-reader", "/models/promo-uplift/retirement", "/imports/questions?state=answered"},
	owner: {"/", "/confirm", "/confirm?show=confirmed", "/models/merchant-risk/retirement?check=yes", "/models/merchant-risk/retirement/edit/assets?check=yes", "/models/merchant-risk/retirement/edit/dates",
		"/models/merchant-risk/retirement/edit/candidate", "/models/merchant-risk/retirement/edit/consumers", "/models/merchant-risk/retirement/edit/steps",
		"/models/merchant-risk/retirement/edit/rollback", "/models/merchant-risk/retirement/edit/access", "/models/merchant-risk/retirement/edit/archive",
		"/models/merchant-risk/retirement/edit/people", "/models/chargeback-ranker/versions/v2/evidence/new?kind=fairness",
		"/models/chargeback-ranker/retirement/workflow", "/models/chargeback-ranker/retirement/do/record?key=c1", "/models/chargeback-ranker/retirement/do/extend",
		"/models/chargeback-ranker/retirement/do/abort", "/models/fraud-scorer/retirement/do/trigger", "/models/spell-fixer/retirement/workflow",
		"/retirements?phase=ended", "/retirements?kind=rehearsal", "/retirements?team=none"},
	"Otto Orrery": {"/", "/confirm", "/models/support-bot/versions/new", "/models/support-bot/versions/v2/edit", "/models/reply-drafter/versions/v2/evidence/new",
		"/models/reply-drafter/versions/v2/evidence/new?suite=0", "/prompts/support-bot-system/versions/new", "/evaluations/support-bot-suite/versions/new"},
	auditor: {"/", "/audit?verb=request.approved"},
	admin:   {"/", "/imports", "/admin/plan-templates/unused-model?number=1", "/admin/plan-templates/replaced/edit/assets", "/admin/plan-templates/replaced/edit/candidate"},
	leader: {"/", "/confirmations?show=all", "/confirmations?team=nothing", "/confirmations?quarter=2001-Q1", "/confirmations?quarter=x", "/teams?sort=-score", "/teams?department=nothing", "/teams/talent-analytics", "/teams/payment-fraud?do=fraud-scorer:consumers&do=fraud-scorer:rehearsal",
		"/models/support-bot/maturity", "/models/cv-screening/maturity", "/models/spell-fixer/maturity", "/teams?sort=nonsense", "/flow?quarter=2026-Q3", "/flow?department=nothing", "/teams/talent-analytics/flow"},
	"Vic Vernal": {"/", "/models"},
}

// emptyForm is a form and the button that sends it; with a field, after that one was emptied.
type emptyForm struct{ path, button, empty string }

// emptyForms are sent as they are, to see the pages of their refusals.
var emptyForms = map[string][]emptyForm{
	owner: {
		{"/models/new", "Register model", ""},
		{"/models/fraud-scorer/versions/new", "Add version", "Version"},
		{"/models/fraud-scorer/edit", "Save", "Name"},
		{"/confirm", "Send my answers", ""},
		{"/prompts/new", "Register prompt", ""},
		{"/evaluations/new", "Register suite", ""},
		{"/aliases/new", "Add alias", ""},
		{"/models/merchant-risk/retirement/edit/rollback", "Save and continue", ""},
		{"/models/merchant-risk/retirement/edit/steps", "Save and continue", ""},
		{"/models/chargeback-ranker/retirement/do/record?key=c1", "Record the answer", ""},
		{"/models/chargeback-ranker/retirement/do/extend", "Ask for it", ""},
		{"/models/merchant-risk/versions/v1/evidence/new", "Record", ""},
		{"/models/chargeback-ranker/versions/v2/transitions/new?to=staged", "Ask to move it back", ""},
		{"/models/merchant-risk/versions/v1/close", "Close v1 for good", ""},
	},
	reviewer:    {{"/tokens/new", "Make the token", ""}},
	riskOfficer: {{"/imports/new", "Upload and look at it", ""}, {"/models/fraud-scorer/versions/v8/break-glass", "Break glass: put v8 into production", ""}, {"/policy/dry-run", "Compare this policy", ""}},
	admin:       {{"/admin/teams/new", "Add the team", ""}, {"/admin/plan-templates/new", "Add the template", ""}, {"/admin/webhooks/new", "Add the endpoint", ""}, {"/admin/departments/new", "Add the department", ""}},
}

// sweep looks at the page as it stands, four times.
func sweep(p *page) {
	source, err := axeSource()
	if err != nil {
		p.t.Fatalf("%v; run ./test e2e, which fetches it", err)
	}
	if n, _ := p.Locator("h1:visible").Count(); n != 1 {
		p.t.Errorf("%s has %d headings of level 1, want one", p.URL(), n)
	}
	if _, err := p.Evaluate(source); err != nil {
		p.t.Fatalf("axe on %s: %v", p.URL(), err)
	}
	look := func(name, rules string, scheme *playwright.ColorScheme, width int) {
		must(p.t, "colours", p.EmulateMedia(playwright.PageEmulateMediaOptions{ColorScheme: scheme}))
		must(p.t, "width", p.SetViewportSize(width, 900))
		found, err := askAxe(p.Page, rules)
		must(p.t, "axe on "+p.URL(), err)
		for _, v := range found {
			p.t.Errorf("accessibility on %s (%s): %s", p.URL(), name, v)
		}
		if wide, err := p.Evaluate(widest); err != nil || wide != "" {
			p.t.Errorf("%s scrolls sideways (%s): %v %v", p.URL(), name, wide, err)
		}
		for screen, pattern := range mainScreens {
			if pattern.MatchString(strings.TrimPrefix(p.URL(), p.view.Base)) {
				shot(p.t, p, screen+", "+strings.ToLower(strings.Fields(p.t.Name())[0][len("TestEveryPagePassesAxe/"):])+" "+name)
			}
		}
	}
	// The dark page is the light one in other colours, so there the colours alone are looked at again.
	look("light, 1280 px", allRules, playwright.ColorSchemeLight, 1280)
	look("dark, 1280 px", colourRules, playwright.ColorSchemeDark, 1280)
	look("dark, 320 px", colourRules, playwright.ColorSchemeDark, 320)
	look("light, 320 px", allRules, playwright.ColorSchemeLight, 320)
	must(p.t, "width", p.SetViewportSize(1280, 900))
}

// mainScreens are those of which pictures are kept, where SUNDIAL_SHOTS asks for them.
var mainScreens = map[string]*regexp.Regexp{
	"my work":    regexp.MustCompile(`^/$`),
	"models":     regexp.MustCompile(`^/models$`),
	"model":      regexp.MustCompile(`^/models/fraud-scorer$`),
	"version":    regexp.MustCompile(`^/models/fraud-scorer/versions/v8$`),
	"request":    regexp.MustCompile(`^/requests/\d+$`),
	"production": regexp.MustCompile(`^/production$`),
	"plan":       regexp.MustCompile(`^/models/fraud-scorer/retirement$`),
	"section":    regexp.MustCompile(`^/models/merchant-risk/retirement/edit/trigger$`),
	"import":     regexp.MustCompile(`^/imports/\d+/mapping$`),
	"audit":      regexp.MustCompile(`^/audit$`),
}

// widest names what is wider than the window, "" when nothing is.
const widest = `() => {
	const wide = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= wide) return "";
	const guilty = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > wide + 1 && !e.querySelector("*"));
	return document.documentElement.scrollWidth + "px: " + (guilty.at(-1)?.outerHTML.slice(0, 200) ?? "?");
}`

// sweepDialog opens a question over its page.
func sweepDialog(p *page) {
	findRequest(p, "all", "Fraud scorer v8")
	p.link("Withdraw")
	dialog := p.Locator("dialog[open]")
	p.reads(dialog, "Withdraw this request?")
	must(p.t, "the question has the focus", expect.Locator(dialog.Locator("h2")).ToBeFocused())
	sweep(p)
	must(p.t, "Escape closes it", p.Keyboard().Press("Escape"))
	must(p.t, "the dialog is closed", expect.Locator(dialog).ToHaveCount(0))
	must(p.t, "the focus is back", expect.Locator(p.GetByRole(*playwright.AriaRoleLink, playwright.PageGetByRoleOptions{Name: "Withdraw", Exact: playwright.Bool(true)})).ToBeFocused())
}
