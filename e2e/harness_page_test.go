package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// view says how a test looks at the portal. The zero value is a desktop without JavaScript.
type view struct {
	Base     string // what paths are relative to, without a slash at the end
	JS       bool
	Dark     bool
	Width    int   // CSS pixels, 1280 when 0
	Statuses []int // answers of 400 and more that belong to the story
}

// both tells a story twice: with JavaScript and without.
func both(t *testing.T, story func(t *testing.T, v view)) {
	t.Helper()
	t.Run("with JavaScript", func(t *testing.T) { t.Parallel(); story(t, view{JS: true}) })
	t.Run("without JavaScript", func(t *testing.T) { t.Parallel(); story(t, view{}) })
}

// page is a browser page that remembers whatever went wrong on it and fails its test with that
// at the end. All of playwright's own methods are there; those below fail the test themselves.
type page struct {
	playwright.Page
	t    testing.TB
	view view

	mu       sync.Mutex // events arrive on the driver's goroutine
	expected []int
	problems []string
}

// newPage opens a page in a context of its own: no cookie and no cache is shared with another test.
func newPage(t testing.TB, v view) *page {
	t.Helper()
	context, err := newContext(v)
	if err != nil {
		t.Fatalf("no new browser context: %v", err)
	}
	p := &page{t: t, view: v, expected: slices.Clone(v.Statuses)}
	context.OnConsole(p.onConsole)
	context.OnWebError(func(e playwright.WebError) { p.note("page error: %v", e.Error()) })
	context.OnResponse(p.onResponse)
	t.Cleanup(func() { p.close(context) })
	if p.Page, err = context.NewPage(); err != nil {
		t.Fatalf("no new page: %v", err)
	}
	return p
}

func newContext(v view) (playwright.BrowserContext, error) {
	width, scheme := v.Width, playwright.ColorSchemeLight
	if width == 0 {
		width = 1280
	}
	if v.Dark {
		scheme = playwright.ColorSchemeDark
	}
	options := playwright.BrowserNewContextOptions{
		Viewport:          &playwright.Size{Width: width, Height: 900},
		JavaScriptEnabled: playwright.Bool(v.JS),
		ColorScheme:       scheme,
		ReducedMotion:     playwright.ReducedMotionReduce,
		Locale:            playwright.String("en-GB"),
		TimezoneId:        playwright.String("UTC"),
	}
	if v.Base != "" {
		options.BaseURL = playwright.String(v.Base)
	}
	return browser.NewContext(options)
}

// patience is how many milliseconds a step may take; shared machines are slow at times. Each step
// passes it, because this playwright-go sends its own 30 seconds whatever a context's default says.
var patience = playwright.Float(15_000)

// close fails the test with what was noted. The last question makes sure that nothing is on its
// way any more: the driver answers in order.
func (p *page) close(context playwright.BrowserContext) {
	for _, open := range context.Pages() {
		_, _ = open.Evaluate("0")
	}
	if err := context.Close(); err != nil {
		p.t.Errorf("the browser context does not close: %v", err)
	}
	for _, problem := range p.noted() {
		p.t.Error(problem)
	}
}

// failedLoad is how Chromium repeats a status on the console; onResponse has judged it already.
var failedLoad = regexp.MustCompile(`^Failed to load resource: the server responded with a status of \d+`)

// onConsole also hears of content that the security policy blocked. It must not ask the driver
// anything: the driver waits for it to return.
func (p *page) onConsole(m playwright.ConsoleMessage) {
	if m.Type() != "error" || failedLoad.MatchString(m.Text()) {
		return
	}
	where := ""
	if at := m.Location(); at != nil && at.URL != "" {
		where = fmt.Sprintf(" (%s:%d)", at.URL, at.LineNumber+1)
	}
	p.note("console error: %s%s", m.Text(), where)
}

func (p *page) onResponse(r playwright.Response) {
	p.mu.Lock()
	known := slices.Contains(p.expected, r.Status())
	p.mu.Unlock()
	if r.Status() >= 400 && !known {
		p.note("unexpected status: %d %s for %s %s", r.Status(), http.StatusText(r.Status()), r.Request().Method(), r.URL())
	}
}

func (p *page) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

func (p *page) noted() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.problems)
}

// expect allows answers of 400 and more from here on, where a refusal is the story.
func (p *page) expect(statuses ...int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = append(p.expected, statuses...)
}

// visit opens a path of the portal, or a whole URL.
func (p *page) visit(path string) {
	p.t.Helper()
	p.settle()
	if _, err := p.Goto(path, playwright.PageGotoOptions{Timeout: patience}); err != nil {
		p.t.Fatalf("visit %s: %v", path, err)
	}
}

// settle waits until nothing is being fetched: leaving a page that still waits for a part of itself is an
// error on its console.
func (p *page) settle() {
	if !p.view.JS {
		return
	}
	_ = p.Locator(".htmx-request").First().WaitFor(playwright.LocatorWaitForOptions{State: playwright.WaitForSelectorStateDetached, Timeout: patience})
}

// button presses the button that is called so; with JavaScript off this sends the form as well.
func (p *page) button(name string) {
	p.t.Helper()
	p.click(*playwright.AriaRoleButton, name)
}

// link follows the link that is called so.
func (p *page) link(name string) {
	p.t.Helper()
	p.click(*playwright.AriaRoleLink, name)
}

func (p *page) click(role playwright.AriaRole, name string) {
	p.t.Helper()
	options := playwright.PageGetByRoleOptions{Name: name, Exact: playwright.Bool(true)}
	if err := p.GetByRole(role, options).Click(playwright.LocatorClickOptions{Timeout: patience}); err != nil {
		p.t.Fatalf("click the %s %q on %s: %v", role, name, p.URL(), err)
	}
}

// fill types into the field with this label.
func (p *page) fill(label, value string) {
	p.t.Helper()
	if err := p.field(label).Fill(value, playwright.LocatorFillOptions{Timeout: patience}); err != nil {
		p.t.Fatalf("fill %q on %s: %v", label, p.URL(), err)
	}
}

// check sets the checkbox or radio button with this label.
func (p *page) check(label string) {
	p.t.Helper()
	if err := p.field(label).Check(playwright.LocatorCheckOptions{Timeout: patience}); err != nil {
		p.t.Fatalf("check %q on %s: %v", label, p.URL(), err)
	}
}

// choose takes the option that reads so from the list with this label.
func (p *page) choose(label, option string) {
	p.t.Helper()
	values := playwright.SelectOptionValues{Labels: &[]string{option}}
	if _, err := p.field(label).SelectOption(values, playwright.LocatorSelectOptionOptions{Timeout: patience}); err != nil {
		p.t.Fatalf("choose %q in %q on %s: %v", option, label, p.URL(), err)
	}
}

// field finds a field by its label as people read it: "(optional)" beside it is a mark, not its name.
// Forms have names too, and are no fields.
func (p *page) field(label string) playwright.Locator {
	name := regexp.MustCompile(`^\s*` + regexp.QuoteMeta(label) + `(\s*\(optional\))?\s*$`)
	return p.Locator("input, textarea, select").And(p.GetByLabel(name))
}

// sees waits until the text stands somewhere on the page.
func (p *page) sees(text string) {
	p.t.Helper()
	if err := p.GetByText(text).First().WaitFor(playwright.LocatorWaitForOptions{Timeout: patience}); err != nil {
		p.t.Fatalf("%q does not appear on %s, which reads:\n%s", text, p.URL(), p.text())
	}
}

// seesNot looks once: say first what must be there, so that the page has arrived.
func (p *page) seesNot(text string) {
	p.t.Helper()
	if strings.Contains(strings.ToLower(p.text()), strings.ToLower(text)) {
		p.t.Errorf("%q stands on %s and must not", text, p.URL())
	}
}

func (p *page) text() string {
	text, err := p.Locator("body").InnerText(playwright.LocatorInnerTextOptions{Timeout: patience})
	if err != nil {
		return "(no text: " + err.Error() + ")"
	}
	return text
}

// shot keeps a picture of the whole page in e2e/shots, when SUNDIAL_SHOTS is set.
func shot(t testing.TB, p *page, name string) {
	t.Helper()
	if os.Getenv("SUNDIAL_SHOTS") == "" {
		return
	}
	if err := os.MkdirAll("shots", 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("shots", name+".png")
	if _, err := p.Screenshot(playwright.PageScreenshotOptions{Path: &path, FullPage: playwright.Bool(true)}); err != nil {
		t.Errorf("picture %s: %v", name, err)
	}
}

// path is where the page is, without the portal's address and without a query.
func (p *page) path() string {
	u, err := url.Parse(p.URL())
	if err != nil {
		p.t.Fatal(err)
	}
	return u.Path
}
