package webtest

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"sundial/models/store"
)

// Browser keeps cookies and goes from page to page.
type Browser struct {
	Header http.Header // sent with every request

	site    *Site
	t       testing.TB
	cookies map[string]string
	at      string // the address of the page that is open
}

// On is the same browser reporting to another test, for subtests.
func (b *Browser) On(t testing.TB) *Browser {
	b.t = t
	return b
}

// Get opens a page and follows redirects.
func (b *Browser) Get(address string) *Page {
	b.t.Helper()
	return b.follow(b.Do(b.request(http.MethodGet, address, nil, "")))
}

// Post sends a form as one of our own pages would, and follows the redirect of its success.
func (b *Browser) Post(address string, values url.Values) *Page {
	b.t.Helper()
	r := b.request(http.MethodPost, address, []byte(values.Encode()), "application/x-www-form-urlencoded")
	return b.follow(b.Do(r))
}

// Send is Post of alternating names and values.
func (b *Browser) Send(address string, pairs ...string) *Page {
	b.t.Helper()
	return b.Post(address, Pairs(pairs...))
}

// Upload sends a form with one file.
func (b *Browser) Upload(address, field, name string, content []byte, pairs ...string) *Page {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1])
	}
	part, err := w.CreateFormFile(field, name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err != nil || w.Close() != nil {
		b.t.Fatalf("build upload: %v", err)
	}
	return b.follow(b.Do(b.request(http.MethodPost, address, body.Bytes(), w.FormDataContentType())))
}

// Swap is what htmx does: ask for one Region of a page.
func (b *Browser) Swap(method, address, region string, values url.Values) *Page {
	b.t.Helper()
	r := b.request(method, address, []byte(values.Encode()), "application/x-www-form-urlencoded")
	if method == http.MethodGet {
		r = b.request(method, address, nil, "")
	}
	r.Header.Set("HX-Request", "true")
	r.Header.Set("HX-Target", "div#"+region)
	r.Header.Set("HX-Current-URL", Base+b.at)
	return b.Do(r)
}

// Pairs makes form values of alternating names and values.
func Pairs(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// Request makes a request that Do sends as it is, for tests about headers.
func (b *Browser) Request(method, address string, body []byte, contentType string) *http.Request {
	return b.request(method, address, body, contentType)
}

func (b *Browser) request(method, address string, body []byte, contentType string) *http.Request {
	b.t.Helper()
	target := address
	if strings.HasPrefix(address, "/") {
		target = Base + address
	}
	r := httptest.NewRequest(method, target, bytes.NewReader(body))
	r.RemoteAddr = "192.0.2.7:4711"
	r.Header.Set("User-Agent", "webtest")
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for name, values := range b.Header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	return r
}

// Do sends one request with the browser's cookies, checks the page that comes back and follows nothing.
func (b *Browser) Do(r *http.Request) *Page {
	b.t.Helper()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	ctx, queries := store.CountQueries(r.Context())
	w := httptest.NewRecorder()
	b.site.Server.Handler().ServeHTTP(w, r.WithContext(ctx))
	answer := w.Result()
	for _, c := range answer.Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c.Value
	}
	p := &Page{Status: answer.StatusCode, Header: answer.Header, Body: w.Body.String(), Address: r.URL.RequestURI(), Queries: int(queries.Load()), t: b.t}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") && p.Body != "" && answer.Header.Get("Content-Encoding") == "" {
		p.read(r.Header.Get("HX-Request") == "true")
	}
	return p
}

// Cookie is the value of a cookie, "" without one.
func (b *Browser) Cookie(name string) string { return b.cookies[name] }

// SetCookie puts a cookie into the browser, or takes it out when value is "".
func (b *Browser) SetCookie(name, value string) {
	if value == "" {
		delete(b.cookies, name)
		return
	}
	b.cookies[name] = value
}

const mostRedirects = 5

func (b *Browser) follow(p *Page) *Page {
	b.t.Helper()
	for range mostRedirects {
		to, _, _ := strings.Cut(p.Header.Get("Location"), "#") // a fragment stays in the browser
		if p.Status < 300 || p.Status > 399 || !strings.HasPrefix(to, "/") {
			b.at = p.Address
			return p
		}
		before := p
		p = b.Do(b.request(http.MethodGet, to, nil, ""))
		p.Via = append(before.Via, before.Address)
		p.Queries += before.Queries
	}
	b.t.Fatalf("more than %d redirects, last to %s", mostRedirects, p.Address)
	return nil
}

// Submit sends the form of a page whose action is given, with what stands in its fields, changed by
// pairs. It fails when the page has no such form, so a button that is off cannot be pressed.
func (b *Browser) Submit(p *Page, action string, pairs ...string) *Page {
	b.t.Helper()
	form := p.Form(action)
	if form == nil {
		b.t.Fatalf("%s has no form with action %s", p.Address, action)
	}
	values := fieldsOf(form)
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	if strings.EqualFold(attr(form, "method"), "get") {
		return b.Get(action + "?" + values.Encode())
	}
	return b.Post(action, values)
}

// fieldsOf is what a browser would send for a form nobody touched. Buttons are not pressed.
func fieldsOf(form *html.Node) url.Values {
	v := url.Values{}
	for _, n := range all(form, "input", "textarea", "select") {
		name := attr(n, "name")
		if name == "" || has(n, "disabled") {
			continue
		}
		switch {
		case n.Data == "textarea":
			v.Add(name, strings.TrimPrefix(text(n), "\n"))
		case n.Data == "select":
			options := all(n, "option")
			for i, o := range options {
				if has(o, "selected") || i == 0 && !anySelected(options) {
					v.Add(name, optionValue(o))
					break
				}
			}
		case attr(n, "type") == "checkbox" || attr(n, "type") == "radio":
			if has(n, "checked") {
				v.Add(name, orOn(attr(n, "value")))
			}
		case attr(n, "type") == "submit" || attr(n, "type") == "file":
		default:
			v.Add(name, attr(n, "value"))
		}
	}
	return v
}

func anySelected(options []*html.Node) bool {
	for _, o := range options {
		if has(o, "selected") {
			return true
		}
	}
	return false
}

func optionValue(o *html.Node) string {
	if has(o, "value") {
		return attr(o, "value")
	}
	return text(o)
}

func orOn(s string) string {
	if s == "" {
		return "on"
	}
	return s
}
