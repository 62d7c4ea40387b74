package webtest

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Check says what is wrong with a page for people who do not see it, do not use a mouse or have
// scripts off, and for our Content-Security-Policy. part is a Region alone: it has no head and may
// point at ids elsewhere on its page.
func Check(doc *html.Node, part bool) []string {
	c := &checker{doc: doc, ids: map[string]int{}, part: part}
	for _, n := range all(doc) {
		if id := attr(n, "id"); id != "" {
			c.ids[id]++
		} else if has(n, "id") {
			c.sayf("<%s> has an empty id", n.Data)
		}
	}
	for id, times := range c.ids {
		if times > 1 {
			c.sayf("the id %q is there %d times", id, times)
		}
	}
	if !part {
		c.frame()
	}
	for _, n := range all(doc) {
		c.inline(n)
		c.references(n)
		c.element(n)
	}
	slices.Sort(c.problems)
	return slices.Compact(c.problems)
}

type checker struct {
	doc      *html.Node
	ids      map[string]int
	part     bool
	problems []string
}

func (c *checker) sayf(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// frame checks what a whole page has once.
func (c *checker) frame() {
	if n := len(all(c.doc, "h1")); n != 1 {
		c.sayf("it has %d h1, not one", n)
	}
	if n := len(all(c.doc, "main")); n != 1 {
		c.sayf("it has %d main, not one", n)
	}
	titles := all(c.doc, "title")
	if len(titles) == 0 || strings.TrimSpace(text(titles[0])) == "" {
		c.sayf("it has no title")
	}
	if root := all(c.doc, "html"); len(root) != 1 || attr(root[0], "lang") == "" {
		c.sayf("html has no lang")
	}
	last := 1
	for _, h := range all(c.doc, "h1", "h2", "h3", "h4", "h5", "h6") {
		level := int(h.Data[1] - '0')
		if level > last+1 {
			c.sayf("heading %q skips from h%d to h%d", words(h), last, level)
		}
		last = level
	}
}

// inline finds what the Content-Security-Policy would block, and addresses that are scripts.
func (c *checker) inline(n *html.Node) {
	if n.Data == "style" || n.Data == "script" && (attr(n, "src") == "" || strings.TrimSpace(scriptText(n)) != "") {
		c.sayf("<%s> is inline", n.Data)
	}
	for _, a := range n.Attr {
		value := strings.ToLower(strings.TrimSpace(a.Val))
		switch {
		case a.Key == "style":
			c.sayf("<%s> has a style attribute", n.Data)
		case strings.HasPrefix(a.Key, "on"), strings.HasPrefix(a.Key, "hx-on"):
			c.sayf("<%s> has %s", n.Data, a.Key)
		case a.Key != "value" && strings.HasPrefix(value, "javascript:"), strings.HasPrefix(a.Key, "hx-") && strings.HasPrefix(value, "js:"):
			c.sayf("<%s %s> is a script", n.Data, a.Key)
		case strings.HasPrefix(value, "about:invalid#templ"):
			c.sayf("<%s %s> held an address that was not safe", n.Data, a.Key)
		case (a.Key == "src" || n.Data == "link" && a.Key == "href") && (!strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//")):
			c.sayf("<%s> loads %s from elsewhere", n.Data, a.Val)
		}
	}
}

func scriptText(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return n.FirstChild.Data
}

// references checks that what is pointed at exists.
func (c *checker) references(n *html.Node) {
	if c.part || n.Data == "dialog" && n.FirstChild == nil { // a dialog is named by what will open in it
		return
	}
	for _, name := range []string{"aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "for", "list", "form"} {
		for _, id := range strings.Fields(attr(n, name)) {
			if c.ids[id] == 0 {
				c.sayf("<%s %s> points at %q, which is not there", n.Data, name, id)
			}
		}
	}
	if id, ok := strings.CutPrefix(attr(n, "href"), "#"); ok && n.Data == "a" && c.ids[id] == 0 {
		c.sayf("a link points at #%s, which is not there", id)
	}
}

func (c *checker) element(n *html.Node) {
	switch n.Data {
	case "input", "select", "textarea":
		c.control(n)
	case "form":
		c.form(n)
	case "a":
		c.link(n)
	case "button":
		if words(n) == "" && !named(n) {
			c.sayf("a button says nothing")
		}
		if attr(n, "type") == "" {
			c.sayf("button %q has no type", words(n))
		}
	case "label":
		if words(n) == "" {
			c.sayf("a label for %q is empty", attr(n, "for"))
		}
	case "img":
		if !has(n, "alt") {
			c.sayf("an image has no alt: %s", attr(n, "src"))
		}
	case "svg":
		if attr(n, "aria-hidden") != "true" && (attr(n, "role") != "img" || !named(n) && len(all(n, "title")) == 0) {
			c.sayf("an svg is neither hidden nor a named image")
		}
	case "table":
		if len(all(n, "caption")) == 0 {
			c.sayf("a table has no caption")
		}
	case "th":
		if attr(n, "scope") == "" {
			c.sayf("th %q has no scope", words(n))
		}
		if words(n) == "" && !named(n) {
			c.sayf("a th is empty")
		}
	case "fieldset":
		if len(all(n, "legend")) == 0 && !named(n) {
			c.sayf("a fieldset has no legend")
		}
	}
	if n.Data != "form" && (has(n, "hx-post") || has(n, "hx-put") || has(n, "hx-delete") || has(n, "hx-patch")) {
		c.sayf("<%s> changes something by htmx without being a form", n.Data)
	}
}

func (c *checker) control(n *html.Node) {
	kind := attr(n, "type")
	if n.Data == "input" && (kind == "hidden" || kind == "submit") {
		return
	}
	if !named(n) && !c.labelled(n) {
		c.sayf("<%s name=%q> has no label", n.Data, attr(n, "name"))
	}
	if attr(n, "aria-invalid") == "true" && !described(n) {
		c.sayf("<%s name=%q> is invalid and does not say why", n.Data, attr(n, "name"))
	}
}

// described: a sentence says what is wrong, at the control or, for choices, at the group they are in.
func described(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if attr(n, "aria-describedby") != "" {
			return true
		}
		if n.Data == "fieldset" || n.Data == "form" {
			return false
		}
	}
	return false
}

func (c *checker) labelled(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "label" {
			return true
		}
	}
	id := attr(n, "id")
	return id != "" && slices.ContainsFunc(all(c.doc, "label"), func(l *html.Node) bool { return attr(l, "for") == id })
}

// form: what htmx sends is what the plain form would send, and to the same place.
func (c *checker) form(n *html.Node) {
	method, action := strings.ToLower(attr(n, "method")), attr(n, "action")
	if method != "get" && method != "post" || action == "" {
		c.sayf("a form has method %q and action %q", method, action)
	}
	for _, verb := range []string{"get", "post"} {
		if has(n, "hx-"+verb) && (method != verb || attr(n, "hx-"+verb) != action) {
			c.sayf("form %s: hx-%s=%q does not repeat it", action, verb, attr(n, "hx-"+verb))
		}
	}
	if len(all(n, "button")) == 0 && len(all(n, "input")) > 0 && !slices.ContainsFunc(all(n, "input"), func(i *html.Node) bool { return attr(i, "type") == "submit" }) {
		c.sayf("form %s has no button", action)
	}
}

func (c *checker) link(n *html.Node) {
	href := attr(n, "href")
	if href == "" {
		c.sayf("a link %q leads nowhere", words(n))
	}
	if words(n) == "" && !named(n) {
		c.sayf("a link to %s says nothing", href)
	}
	if get := attr(n, "hx-get"); get != "" && get != href {
		c.sayf("link %s: hx-get=%q does not repeat it", href, get)
	}
}

func named(n *html.Node) bool {
	return strings.TrimSpace(attr(n, "aria-label")) != "" || attr(n, "aria-labelledby") != ""
}

func words(n *html.Node) string { return strings.Join(strings.Fields(text(n)), " ") }
