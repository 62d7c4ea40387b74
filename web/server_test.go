package web_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"sundial/models/fault"
	"sundial/web"
	"sundial/web/form"
	"sundial/web/webtest"
)

func TestHeadersOfEveryPage(t *testing.T) {
	site := webtest.New(t)
	for _, path := range []string{"/login", "/sessions", "/nothing-here", "/healthz"} {
		p := site.As(site.Owner).Get(path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self' http://127.0.0.1:9",
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "same-origin",
		} {
			if got := p.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if p.Header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: HSTS over plain http", path)
		}
		if p.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", path)
		}
	}
	p := site.As(site.Owner).Get("/sessions")
	if p.Header.Get("Cache-Control") != "no-store" || !strings.Contains(strings.Join(p.Header.Values("Vary"), ", "), "HX-Request, HX-Target") {
		t.Errorf("a signed-in page may be kept: %v %v", p.Header.Get("Cache-Control"), p.Header.Values("Vary"))
	}
}

func TestHTTPSTellsBrowsersToStay(t *testing.T) {
	site := webtest.New(t, func(c *web.Config) { c.BaseURL, _ = url.Parse("https://sundial.example.test") })
	if h := site.Nobody().Get("/login").Header.Get("Strict-Transport-Security"); h == "" {
		t.Error("no HSTS")
	}
}

func TestAStrangersRequestIDIsNotTaken(t *testing.T) {
	b := webtest.New(t).Nobody()
	b.Header.Set("X-Request-Id", "forged")
	if got := b.Get("/login").Header.Get("X-Request-Id"); got == "forged" || got == "" {
		t.Errorf("request id %q", got)
	}
}

func TestClientAddress(t *testing.T) {
	proxy := func(c *web.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} }
	tests := map[string]struct {
		options []func(*web.Config)
		want    string
	}{
		"a header is not believed":           {nil, "192.0.2.7"},
		"unless a trusted proxy speaks":      {[]func(*web.Config){proxy}, "203.0.113.9"},
		"an untrusted hop is where it stops": {[]func(*web.Config){func(c *web.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }}, "192.0.2.7"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			site := webtest.New(t, tt.options...)
			site.Server.Mount("/address", func(c echo.Context) error { return c.String(200, c.RealIP()) })
			b := site.Nobody()
			b.Header.Set("X-Forwarded-For", "198.51.100.1, 203.0.113.9")
			b.Header.Set("X-Real-Ip", "198.51.100.2")
			if got := b.Get("/address").Body; got != tt.want {
				t.Errorf("address %s, want %s", got, tt.want)
			}
		})
	}
}

func TestPanicIsAPageWithARequestIDAndNoDetail(t *testing.T) {
	site := webtest.New(t)
	site.Server.Mount("/boom", func(echo.Context) error { panic("secret detail") })
	site.Server.Mount("/broken", func(echo.Context) error { return fmt.Errorf("query: %w", errors.New("secret detail")) })
	for _, path := range []string{"/boom", "/broken"} {
		p := site.As(site.Owner).Get(path).Is(500, "Something went wrong on our side", "Nothing was changed.").Lacks("secret", "goroutine", ".go:")
		id := p.Header.Get("X-Request-Id")
		p.Is(500, id)
		if log := site.Log.String(); !strings.Contains(log, "secret detail") || !strings.Contains(log, id) {
			t.Errorf("the log does not tell about it: %s", log)
		}
	}
}

func TestStatusOfEachFault(t *testing.T) {
	site := webtest.New(t)
	for kind, want := range map[fault.Kind]int{
		fault.Invalid: 422, fault.NotFound: 404, fault.Forbidden: 403, fault.Conflict: 409, fault.Stale: 409,
		fault.TooLarge: 413, fault.TooMany: 429, fault.Unavailable: 503, fault.Malformed: 400,
	} {
		path := fmt.Sprintf("/fault-%d", kind)
		site.Server.Mount(path, func(echo.Context) error { return fmt.Errorf("wrapped: %w", fault.New(kind, "The sentence.")) })
		p := site.As(site.Owner).Get(path).Is(want).Lacks("wrapped")
		if kind != fault.NotFound {
			p.Is(want, "The sentence.")
		}
		if (want == 503 || want == 429) && p.Header.Get("Retry-After") == "" {
			t.Errorf("%d without Retry-After", want)
		}
	}
}

// What one may not see cannot be told from what does not exist.
func TestNotFoundIsTheSameEverywhere(t *testing.T) {
	site := webtest.New(t)
	site.Server.Mount("/hidden/:id", func(echo.Context) error {
		return fault.New(fault.NotFound, "There is no such model in the team Fraud.")
	})
	b := site.As(site.Owner)
	unknown := b.Get("/no/such/address").Is(404, "Page not found")
	for _, path := range []string{"/hidden/1", "/hidden/9", "/sessionsx", "/hidden/%2e%2e", "/hidden/a%2Fb"} {
		if got := b.Get(path).Is(404); got.Body != unknown.Body {
			t.Errorf("%s differs from an unknown address", path)
		}
	}
}

func TestWrongMethodIsAPageOfItsOwn(t *testing.T) {
	site := webtest.New(t)
	p := site.As(site.Owner).Send("/sessions").Is(405, "does not work that way")
	if !strings.Contains(p.Header.Get("Allow"), "GET") {
		t.Errorf("Allow is %q", p.Header.Get("Allow"))
	}
}

func TestHeadAnswersLikeGet(t *testing.T) {
	b := webtest.New(t).Nobody()
	for path, want := range map[string]int{"/login": 200, "/healthz": 200, "/nothing": 404} {
		if p := b.Do(b.Request(http.MethodHead, path, nil, "")); p.Status != want {
			t.Errorf("HEAD %s is %d, want %d", path, p.Status, want)
		}
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	site := webtest.New(t)
	site.Server.Mount("/eat", func(c echo.Context) error {
		var in struct {
			Name string `form:"name"`
		}
		_, err := form.Decode(c, &in)
		return err
	})
	b := site.As(site.Owner)
	large := []byte("name=" + strings.Repeat("x", 10<<20))
	const kind = "application/x-www-form-urlencoded"
	p := b.Do(b.Request("POST", "/eat", large, kind))
	p.Is(413, "the limit is 1 MiB")

	r := b.Request("POST", "/eat", large, kind)
	r.ContentLength = -1 // nothing announced: what is read is counted
	b.Do(r).Is(413, "the limit is 1 MiB")

	b.Upload("/eat", "file", "big.csv", bytes.Repeat([]byte("x"), 10<<20)).Is(413)
	b.Do(b.Request("POST", "/theme", large, kind)).Is(413)
}

func TestProbes(t *testing.T) {
	site := webtest.New(t)
	site.Nobody().Get("/healthz").Is(200, "ok")
	site.Nobody().Get("/readyz").Is(200, "ready")
	site.Nobody().Get("/robots.txt").Is(200, "Disallow: /")
	if err := site.Store.Close(); err != nil {
		t.Fatal(err)
	}
	site.Nobody().Get("/healthz").Is(200, "ok")
	site.Nobody().Get("/readyz").Is(503, "database")
	b := site.Nobody()
	b.SetCookie("sundial", strings.Repeat("x", 43))
	b.Get("/sessions").Is(500, "Something went wrong on our side").Lacks("sql:", "database") // with the colon: a request id may hold the three letters
}

func TestAssetsAreKeptAndNeedNoSession(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	login := b.Get("/sessions")
	for _, path := range []string{"/favicon.ico"} {
		p := b.Get(path).Is(200)
		if !strings.Contains(p.Header.Get("Cache-Control"), "immutable") || p.Queries != 0 {
			t.Errorf("%s: %q, %d queries", p.Address, p.Header.Get("Cache-Control"), p.Queries)
		}
	}
	if !strings.Contains(login.Body, `/static/app.`) {
		t.Error("pages do not link the stylesheet")
	}
}

func TestPagesAreCompressed(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	b.Header.Set("Accept-Encoding", "gzip")
	if p := b.Get("/sessions"); p.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("encoding %q", p.Header.Get("Content-Encoding"))
	}
}

func TestAPageTakesOneQueryForItsSession(t *testing.T) {
	site := webtest.New(t)
	if p := site.As(site.Viewer).Get("/logout"); p.Queries != 1 {
		t.Errorf("%d queries", p.Queries)
	}
}
