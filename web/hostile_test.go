package web_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/web"
	"sundial/web/webtest"
)

// junk is what strangers type: what no text is, what no number is, and what would be something else in
// SQL, HTML, a path, a header or a spreadsheet.
var junk = []string{
	"", " ", "\x00", "a\x00b", "\xff\xfe\xfd", "\x1b[31m\x07", "a\r\nSet-Cookie: sundial=x", "\u202eevil", "e\u0301\u200d\ufeff", "\U0010ffff",
	"-1", "0", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e999", "NaN", "Inf", "0x10", "१२३", "+1", "1.5", "00012",
	"' OR '1'='1", "%' ESCAPE '\\", "\\", "%", "_%_", "$1", ";--", "{{.}}", "${7*7}",
	`"><script>alert(1)</script>`, "javascript:alert(1)", "//evil.example", "../../etc/passwd", "..", ".", "%2e%2e%2f", "%00", "%zz",
	"=cmd|'/c calc'!A1", "2026-02-30", "0000-01-01", "9999-12-31", "+292278994-08-17", "2026-03-03T14:32:61Z",
	"[]", "{}", "null", "true", "metrics[999999999].name", strings.Repeat("a", 201), strings.Repeat("ß", 4000), strings.Repeat("(", 1000),
	"eyJrIjoxLCJpIjoxfQ", "e30", "bnVsbA", "W10", "////", strings.Repeat("A", 3000),
}

// leaks are pieces of stack traces and of a database's own words: no answer holds any.
var leaks = regexp.MustCompile(`goroutine \d|runtime error|\.go:\d|SQLSTATE|SQL logic error|constraint failed|no such column|ERROR: `)

// hostile is a site with one of everything, so that junk gets as far into it as it can.
type hostile struct {
	*webtest.Site
	values map[string]string // parts of paths that lead to something
	fields []string          // every name that any form or link of any page has
}

func newHostile(t *testing.T, s *store.Store) *hostile {
	h := &hostile{Site: webtest.NewOn(t, s)}
	h.Serve(t, "served", "v1", 2)
	h.Version(t, "served", "v2")
	h.Evidence(t, "served", "v2")
	_, err := h.S.OpenRequest(h.World.As(h.Contributor), "served", "v2", h.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(storetest.Actor(h.Contributor), registry.Registered, "It is ready to be looked at.", now)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Model(t, "vendored", registry.GenAI, 1)
	_, err = h.S.FilePlan(h.World.As(h.Owner), "served", h.Policy, func(v store.PlanView, now time.Time) (*retirement.Plan, error) {
		return v.Plan.NextDraft(storetest.Actor(h.Owner), v.Context, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.upload(t)
	h.values = map[string]string{"model": "served", "version": "v2", "team": "fraud", "department": "risk", "section": "data", "token": strings.TrimPrefix(answerLink(t, h.Site, "ending"), "/answer/"), "evidence": "5", "number": "1",
		"request": fmt.Sprint(h.LastRequest)}
	h.fields = h.namesOnPages(t)
	return h
}

func (h *hostile) upload(t *testing.T) {
	h.As(h.Person("importer", org.Admin)).On(t).Upload("/imports/new", "file", "inventory.csv",
		[]byte("System Name,Department,Purpose,Stage\nParcel router,Logistics,Sends parcels to the right depot.,Operation\n"), "inventory", "Parcels")
}

var nameAttribute = regexp.MustCompile(`(?:name="|[?&](?:amp;)?)([a-z][A-Za-z0-9_.\[\]-]*)(?:"|=)`)

func (h *hostile) namesOnPages(t *testing.T) []string {
	seen := map[string]bool{"after": true, "before": true, "cursor": true, "page": true, "sort": true, "q": true}
	b := h.As(h.everything("reader")).On(t)
	for _, r := range h.Server.Routes() {
		if r.Method != http.MethodGet || strings.HasPrefix(r.Path, "/login") || strings.HasPrefix(r.Path, "/static") {
			continue
		}
		for _, m := range nameAttribute.FindAllStringSubmatch(b.Do(b.Request(http.MethodGet, address(r, h.values), nil, "")).Body, -1) {
			seen[m[1]] = true
		}
	}
	var out []string
	for name := range seen {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// everything is somebody whom no role stops.
func (h *hostile) everything(name string) org.Person {
	return h.Person(name, org.Contributor, org.Reviewer, org.RiskReviewer, org.Auditor, org.Admin)
}

func (h *hostile) roles() map[string]org.Person {
	return map[string]org.Person{"nobody": {}, "viewer": h.Person("junk-viewer", org.Viewer), "everything": h.everything("junk-everything")}
}

func (h *hostile) browser(t *testing.T, who org.Person) *webtest.Browser {
	if who.ID == 0 {
		return h.Nobody().On(t)
	}
	return h.As(who).On(t)
}

// send asks without looking at the page as webtest would: summaries of junk fields link nowhere, and
// half of the requests are for what no page shows.
func (h *hostile) send(t *testing.T, what string, b *webtest.Browser, r *http.Request) *http.Response {
	t.Helper()
	if token := b.Cookie("sundial"); token != "" {
		r.AddCookie(&http.Cookie{Name: "sundial", Value: token})
	}
	w := httptest.NewRecorder()
	h.Server.Handler().ServeHTTP(w, r)
	p := w.Result()
	if p.StatusCode >= 500 {
		t.Errorf("%s: status %d\n%s", what, p.StatusCode, h.logged(p.Header.Get("X-Request-Id")))
	}
	body := w.Body.String()
	if leak := leaks.FindString(body); leak != "" {
		t.Errorf("%s: the answer says %q", what, leak)
	}
	if strings.Contains(p.Header.Get("Content-Type"), "html") && (strings.Contains(body, "<script>alert(1)") || strings.Contains(body, `href="javascript:`)) {
		t.Errorf("%s: junk became script", what)
	}
	if strings.Contains(strings.Join(p.Header.Values("Set-Cookie"), "\n"), "sundial=x") {
		t.Errorf("%s: junk became a cookie", what)
	}
	if to := p.Header.Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "evil.example") && !strings.HasPrefix(to, "/") {
		t.Errorf("%s: leads to %s", what, to)
	}
	return p
}

// logged is what the site wrote about one request.
func (h *hostile) logged(id string) string {
	var out []string
	for line := range strings.Lines(h.Log.String()) {
		if strings.Contains(line, "request_id="+id) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// skips are routes that ask the identity provider, which no test here runs, and files of ours.
func skips(r web.Route) bool {
	return r.Path == "/login/start" || strings.HasPrefix(r.Path, "/static")
}

// Junk in every part of every path and in every query: an answer, and never a fault of ours.
func TestJunkInAddresses(t *testing.T) {
	h := newHostile(t, storetest.New(t))
	rnd := rand.New(rand.NewPCG(1, 2))
	for name, who := range h.roles() {
		b := h.browser(t, who)
		for _, r := range h.Server.Routes() {
			if skips(r) || r.Method != http.MethodGet {
				continue
			}
			for _, to := range h.junkAddresses(r, rnd) {
				h.send(t, name+" GET "+to, b, b.Request(http.MethodGet, to, nil, ""))
			}
		}
	}
}

func (h *hostile) junkAddresses(r web.Route, rnd *rand.Rand) []string {
	var out []string
	pick := func() string { return junk[rnd.IntN(len(junk))] }
	parts := part.FindAllString(r.Path, -1)
	for _, p := range parts {
		for range 8 {
			values := map[string]string{}
			for k, v := range h.values {
				values[k] = v
			}
			values[strings.TrimPrefix(p, ":")] = strings.ReplaceAll(url.PathEscape(pick()), ".", "%2E")
			out = append(out, address(r, values))
		}
	}
	here := address(r, h.values)
	for range 12 {
		q := url.Values{}
		for range 1 + rnd.IntN(3) {
			q.Add(h.fields[rnd.IntN(len(h.fields))], pick())
		}
		out = append(out, here+"?"+q.Encode())
	}
	return append(out, here+"?%zz=%&;=&a=b;c", here+"?"+strings.Repeat("q=1&", 5000), here+"?"+strings.Repeat("a[b]", 300)+"=1")
}

// Junk in every field of every form: a refusal in words, and never a fault of ours.
func TestJunkInForms(t *testing.T) {
	h := newHostile(t, storetest.New(t))
	rnd := rand.New(rand.NewPCG(3, 4))
	for name, who := range h.roles() {
		b := h.browser(t, who)
		for _, r := range h.Server.Routes() {
			if skips(r) || r.Method != http.MethodPost {
				continue
			}
			if strings.HasPrefix(r.Path, "/logout") || strings.HasPrefix(r.Path, "/admin/people") {
				b = h.browser(t, who) // these may end the session
			}
			for i, body := range h.junkBodies(rnd) {
				to := address(r, h.values)
				h.send(t, fmt.Sprintf("%s POST %s %s %.80q (%d)", name, to, body.kind, body.bytes, i), b, b.Request(http.MethodPost, to, body.bytes, body.kind))
			}
		}
	}
}

type junkBody struct {
	kind  string
	bytes []byte
}

func (h *hostile) junkBodies(rnd *rand.Rand) []junkBody {
	const plain, parts = "application/x-www-form-urlencoded", "multipart/form-data"
	out := []junkBody{
		{plain, nil}, {"", nil}, {"", []byte("a=b")}, {plain, []byte("%zz=%")}, {plain, []byte("\x00\xff=\xfe&=&&;")}, {plain, bytes.Repeat([]byte("a=1&"), 5000)},
		{plain, []byte("a[=1&]b=2&c[[d]]=3&" + strings.Repeat("e[", 2000))}, {"application/json", []byte(`{"a":1}`)}, {"text/xml", []byte("<a/>")},
		{parts, []byte("no boundary")}, {parts + "; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"\r\n\r\n")}, {"garbage/;;=", []byte("?")},
	}
	for range 8 {
		v := url.Values{}
		same := junk[rnd.IntN(len(junk))]
		for _, field := range h.fields {
			switch rnd.IntN(4) {
			case 0: // the same everywhere
				v.Set(field, same)
			case 1, 2:
				v.Set(field, junk[rnd.IntN(len(junk))])
			}
		}
		out = append(out, junkBody{plain, []byte(v.Encode())})
	}
	return append(out, multipartJunk(h.fields, rnd))
}

func multipartJunk(fields []string, rnd *rand.Rand) junkBody {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		_ = w.WriteField(f, junk[rnd.IntN(len(junk))])
	}
	if file, err := w.CreateFormFile("file", "..\\..\\\"=cmd\x01.csv"); err == nil {
		_, _ = file.Write([]byte("a,b\n\"unclosed\x00,\xff\n=1+1,@x"))
	}
	_ = w.Close()
	return junkBody{w.FormDataContentType(), b.Bytes()}
}

// A file that came with a form is gone from the disk when the answer is sent, whoever sent it.
func TestNothingOfAnUploadStaysBehind(t *testing.T) {
	dir := t.TempDir()
	site := webtest.New(t)
	t.Setenv("TMPDIR", dir)
	large := bytes.Repeat([]byte("System Name,Purpose\n"), 200_000)
	for name, change := range map[string]func(*webtest.Browser){
		"from our own page":    func(*webtest.Browser) {},
		"from who knows where": func(b *webtest.Browser) { b.Header["Sec-Fetch-Site"] = nil },
		"from another site":    func(b *webtest.Browser) { b.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		for _, who := range []org.Person{site.Viewer, site.Admin} {
			b := site.As(who).On(t)
			change(b)
			b.Upload("/imports/new", "file", "inventory.csv", large)
			if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
				t.Fatalf("%s, by %s: %d files are left, %v", name, who.Name, len(left), err)
			}
		}
	}
}

// More than a route takes is refused in words, whether its size is told or not, and by nobody is it kept.
func TestBodiesThatAreTooLarge(t *testing.T) {
	h := newHostile(t, storetest.New(t))
	large := append([]byte("reason="), bytes.Repeat([]byte("a"), 10<<20)...)
	for name, who := range h.roles() {
		b := h.browser(t, who)
		for _, r := range h.Server.Routes() {
			if skips(r) || r.Method != http.MethodPost || int64(len(large)) < r.Body {
				continue
			}
			for _, told := range []bool{true, false} {
				req := b.Request(http.MethodPost, address(r, h.values), large, "application/x-www-form-urlencoded")
				if !told {
					req.ContentLength = -1
				}
				what := fmt.Sprintf("%s POST %s, size told: %v", name, r.Path, told)
				if p := h.send(t, what, b, req); p.StatusCode < 300 {
					t.Errorf("%s: taken with status %d", what, p.StatusCode)
				}
			}
			if strings.HasPrefix(r.Path, "/logout") {
				b = h.browser(t, who)
			}
		}
	}
}
