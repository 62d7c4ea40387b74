package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// What the stories have in common: people, each with a browser of their own, and the parts of a page
// that every story meets.

// The demo's people, one per role.
const (
	owner       = "Mira Meridian"
	contributor = "Dara Dusk"
	reviewer    = "Rowan Reckoner"
	riskOfficer = "Greta Gnomon"
	leader      = "Leo Longshadow"
	auditor     = "Ada Almanac"
	admin       = "Alma Analemma"
)

// person is somebody signed in, in a browser that shares nothing with the others'.
func person(t testing.TB, v view, name string) *page {
	t.Helper()
	p := newPage(t, v)
	signIn(t, p, name)
	return p
}

// named gives each telling of a story a model of its own, since both run against the same portal.
func (v view) named(name string) string {
	if v.JS {
		return name
	}
	return name + " plain"
}

func slugOf(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }

// in is the part of the page under the heading that reads so: a section, a card, a side note.
func (p *page) in(heading string) playwright.Locator {
	return p.Locator("section, .card").Filter(playwright.LocatorFilterOptions{
		Has: p.GetByRole(*playwright.AriaRoleHeading, playwright.PageGetByRoleOptions{Name: regexp.MustCompile("^" + regexp.QuoteMeta(heading))}),
	}).Last()
}

// reads waits until each text stands in the part.
func (p *page) reads(part playwright.Locator, texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if err := expect.Locator(part).ToContainText(text, playwright.LocatorAssertionsToContainTextOptions{Timeout: patience}); err != nil {
			p.t.Fatalf("on %s: %v\nThe page reads:\n%s", p.URL(), err, p.text())
		}
	}
}

// heading waits until the page is the one with this title.
func (p *page) heading(text string) {
	p.t.Helper()
	h1 := p.GetByRole(*playwright.AriaRoleHeading, playwright.PageGetByRoleOptions{Level: playwright.Int(1), Name: text})
	if err := h1.WaitFor(playwright.LocatorWaitForOptions{Timeout: patience}); err != nil {
		p.t.Fatalf("%s is not the page called %q; it reads:\n%s", p.URL(), text, p.text())
	}
}

// refused waits for a form that came back: the summary has the focus, links to the field, and the
// sentence stands at the field as well.
func (p *page) refused(label, sentence string) {
	p.t.Helper()
	p.reads(p.Locator(".error-summary"), sentence)
	must(p.t, "the refusal takes the focus", expect.Locator(p.Locator(".error-summary")).ToBeFocused(playwright.LocatorAssertionsToBeFocusedOptions{Timeout: patience}))
	if title, _ := p.Title(); !strings.HasPrefix(title, "Error:") {
		p.t.Errorf("the title of a refused form is %q, want it to begin with Error:", title)
	}
	field := p.field(label).First()
	must(p.t, label+" is marked as wrong", expect.Locator(field).ToHaveAttribute("aria-invalid", "true"))
	ids, _ := field.GetAttribute("aria-describedby")
	for id := range strings.FieldsSeq(ids) {
		if text, _ := p.Locator("[id=\"" + id + "\"]").InnerText(); strings.Contains(text, sentence) {
			return
		}
	}
	p.t.Errorf("the field %q does not say %q", label, sentence)
}

// keeps looks whether a field still holds what was typed.
func (p *page) keeps(label, value string) {
	p.t.Helper()
	must(p.t, label+" keeps what was typed", expect.Locator(p.field(label)).ToHaveValue(value))
}

// off looks whether a button is off and says why to those who cannot see it too.
func (p *page) off(name, reason string) {
	p.t.Helper()
	b := p.GetByRole(*playwright.AriaRoleButton, playwright.PageGetByRoleOptions{Name: name, Exact: playwright.Bool(true)})
	must(p.t, name+" is off", expect.Locator(b).ToBeDisabled(playwright.LocatorAssertionsToBeDisabledOptions{Timeout: patience}))
	id, err := b.GetAttribute("aria-describedby")
	if err != nil || id == "" {
		p.t.Errorf("the button %q is off and does not say why", name)
		return
	}
	p.reads(p.Locator("[id=\""+id+"\"]"), reason)
}

var expect = playwright.NewPlaywrightAssertions(15_000)

func must(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// post sends a form straight to the portal with the person's own session, past every button. It answers
// with the status and the body.
func (p *page) post(path string, form map[string]any) (int, string) {
	p.t.Helper()
	answer, err := p.Context().Request().Post(p.view.Base+path, playwright.APIRequestContextPostOptions{
		Form: form, MaxRedirects: playwright.Int(0), Headers: map[string]string{"Origin": p.view.Base, "Sec-Fetch-Site": "same-origin"},
	})
	if err != nil {
		p.t.Fatalf("post to %s: %v", path, err)
	}
	text, err := answer.Text()
	if err != nil {
		p.t.Fatalf("the answer of %s: %v", path, err)
	}
	return answer.Status(), text
}

// get fetches a file with the person's own session.
func (p *page) get(path string) string {
	p.t.Helper()
	answer, err := p.Context().Request().Get(p.view.Base + path)
	if err != nil {
		p.t.Fatalf("get %s: %v", path, err)
	}
	text, err := answer.Text()
	if err != nil || answer.Status() != 200 {
		p.t.Fatalf("get %s: status %d, %v\n%.500s", path, answer.Status(), err, text)
	}
	return text
}

func digest(nth int) string { return fmt.Sprintf("sha256:%064x", nth) }
