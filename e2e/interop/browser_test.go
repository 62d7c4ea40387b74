package interop

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

var nothingThere = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "portal") })

// browser follows links and fills in forms, with cookies and without JavaScript.
type browser struct {
	t        *testing.T
	client   *http.Client
	home     []string // where a walk ends
	patience int      // pages
}

func newBrowser(t *testing.T, home ...string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, client: &http.Client{Jar: jar}, home: home, patience: 8}
}

// walk goes through page after page, submitting the first form of each, until it is back at the portal or runs out of
// patience, and gives where it ended. typed is what to fill in, by the fields' names.
func (b *browser) walk(to string, typed map[string]string) *url.URL {
	b.t.Helper()
	answer, err := b.client.Get(to)
	for range b.patience {
		if err != nil {
			b.t.Fatal(err)
		}
		at := answer.Request.URL
		page := b.read(answer)
		if b.isHome(at) {
			return at
		}
		form := firstForm(page)
		if form == nil {
			b.t.Fatalf("%s (%s) is no page to go on from:\n%s", at, answer.Status, text(page))
		}
		action, err2 := at.Parse(attribute(form, "action"))
		if err2 != nil {
			b.t.Fatal(err2)
		}
		answer, err = b.submit(action, form, typed)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	b.read(answer)
	return answer.Request.URL
}

func (b *browser) isHome(at *url.URL) bool {
	for _, home := range b.home {
		if strings.HasPrefix(at.String(), home) {
			return true
		}
	}
	return false
}

func (b *browser) read(answer *http.Response) *html.Node {
	b.t.Helper()
	defer answer.Body.Close()
	page, err := html.Parse(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page
}

func (b *browser) submit(action *url.URL, form *html.Node, typed map[string]string) (*http.Response, error) {
	values, pressed := url.Values{}, false
	for n := range form.Descendants() {
		name := attribute(n, "name")
		button := n.Data == "button" || n.Data == "input" && attribute(n, "type") == "submit"
		switch {
		case n.Type != html.ElementNode || name == "" || button && pressed:
		case button:
			values.Set(name, attribute(n, "value"))
			pressed = true
		case n.Data == "input" && attribute(n, "type") != "checkbox":
			values.Set(name, attribute(n, "value"))
			if text, ok := typed[name]; ok {
				values.Set(name, text)
			}
		}
	}
	if strings.EqualFold(attribute(form, "method"), "post") {
		return b.client.PostForm(action.String(), values)
	}
	action.RawQuery = values.Encode()
	return b.client.Get(action.String())
}

func firstForm(page *html.Node) *html.Node {
	for n := range page.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" {
			return n
		}
	}
	return nil
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(page *html.Node) string {
	var words []string
	for n := range page.Descendants() {
		if n.Type == html.TextNode {
			words = append(words, strings.TrimSpace(n.Data))
		}
	}
	return strings.Join(words, " ")
}
