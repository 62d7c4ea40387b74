package webtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is an answer, read.
type Page struct {
	Status  int
	Header  http.Header
	Body    string
	Address string   // path and query
	Via     []string // the addresses that redirected here
	Queries int      // database statements it took, redirects included

	t   testing.TB
	doc *html.Node
}

func (p *Page) read(part bool) {
	p.t.Helper()
	doc, err := html.Parse(strings.NewReader(p.Body))
	if err != nil {
		p.t.Fatalf("%s is no HTML: %v", p.Address, err)
	}
	p.doc = doc
	for _, problem := range Check(doc, part && !strings.Contains(p.Body, "<html")) {
		p.t.Errorf("page %s (%d): %s", p.Address, p.Status, problem)
	}
}

// Is fails the test unless the page has this status and says all of this.
func (p *Page) Is(status int, says ...string) *Page {
	p.t.Helper()
	if p.Status != status {
		p.t.Fatalf("%s: status %d, want %d\n%s", p.Address, p.Status, status, p.Text())
	}
	for _, s := range says {
		if !strings.Contains(p.Text(), s) {
			p.t.Errorf("%s does not say %q:\n%s", p.Address, s, p.Text())
		}
	}
	return p
}

// Lacks fails the test when the page says any of this, in its text or its markup.
func (p *Page) Lacks(says ...string) *Page {
	p.t.Helper()
	for _, s := range says {
		if strings.Contains(p.Text(), s) || strings.Contains(p.Body, s) {
			p.t.Errorf("%s must not say %q", p.Address, s)
		}
	}
	return p
}

// At fails the test unless the page is the one at this address.
func (p *Page) At(address string) *Page {
	p.t.Helper()
	if p.Address != address {
		p.t.Fatalf("arrived at %s, want %s\n%s", p.Address, address, p.Text())
	}
	return p
}

// Text is what the page says, blanks folded. For other kinds of answers it is the body.
func (p *Page) Text() string {
	if p.doc == nil {
		return p.Body
	}
	return strings.Join(strings.Fields(text(p.doc)), " ")
}

// H1 and PageTitle name the page.
func (p *Page) H1() string { return p.first("h1") }

// PageTitle is what the window is called.
func (p *Page) PageTitle() string { return p.first("title") }

func (p *Page) first(tag string) string {
	if found := all(p.doc, tag); len(found) > 0 {
		return strings.Join(strings.Fields(text(found[0])), " ")
	}
	return ""
}

// Form is the form with this action, nil without one. A form whose every button is off counts as none.
func (p *Page) Form(action string) *html.Node {
	for _, f := range all(p.doc, "form") {
		if attr(f, "action") != action {
			continue
		}
		buttons := all(f, "button")
		if len(buttons) == 0 || slices.ContainsFunc(buttons, func(b *html.Node) bool { return !has(b, "disabled") }) {
			return f
		}
	}
	return nil
}

// Fields are what a browser would send for the form with this action if nobody touched it.
func (p *Page) Fields(action string) url.Values {
	if f := p.Form(action); f != nil {
		return fieldsOf(f)
	}
	p.t.Errorf("%s has no form with action %s", p.Address, action)
	return url.Values{}
}

// Value is what stands in the field of this name, wherever on the page.
func (p *Page) Value(field string) string {
	for _, f := range all(p.doc, "form") {
		if v := fieldsOf(f); v.Has(field) {
			return v.Get(field)
		}
	}
	return ""
}

// ErrorAt is the sentence at a field, "" when the field is fine.
func (p *Page) ErrorAt(field string) string {
	for _, n := range all(p.doc, "input", "select", "textarea", "fieldset") {
		if attr(n, "name") != field && !slices.ContainsFunc(all(n, "input"), func(i *html.Node) bool { return attr(i, "name") == field }) {
			continue
		}
		for _, id := range strings.Fields(attr(n, "aria-describedby")) {
			if strings.HasSuffix(id, "-error") {
				return strings.Join(strings.Fields(text(byID(p.doc, id))), " ")
			}
		}
	}
	return ""
}

// Links are the addresses the page links to.
func (p *Page) Links() []string {
	var out []string
	for _, a := range all(p.doc, "a") {
		out = append(out, attr(a, "href"))
	}
	return out
}

// all finds every element of these kinds below a node, in the order of the page.
func all(n *html.Node, tags ...string) []*html.Node {
	var out []*html.Node
	if n == nil {
		return nil
	}
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (len(tags) == 0 || slices.Contains(tags, d.Data)) {
			out = append(out, d)
		}
	}
	return out
}

func byID(n *html.Node, id string) *html.Node {
	for _, d := range all(n) {
		if attr(d, "id") == id {
			return d
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// text is the words below a node; scripts and templates say nothing.
func text(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "template"):
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if n.Type == html.ElementNode && !inline[n.Data] {
			b.WriteByte(' ')
		}
	}
	walk(n)
	return b.String()
}

// inline elements do not part the words around them.
var inline = map[string]bool{"a": true, "b": true, "code": true, "em": true, "span": true, "strong": true, "time": true, "abbr": true, "ins": true, "del": true, "mark": true, "small": true, "i": true}
