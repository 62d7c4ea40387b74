package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sundial/models/org"
	"sundial/web"
	"sundial/web/webtest"
)

func TestSessionEnds(t *testing.T) {
	tests := map[string]struct {
		idle, times time.Duration // pauses between requests, and how many
		want        int
	}{
		"used within eight hours":               {7*time.Hour + 59*time.Minute, 1, 200},
		"eight hours without a request":         {8 * time.Hour, 1, 303},
		"use moves the idle end ahead":          {5 * time.Hour, 4, 200},
		"a day after signing in, however often": {5 * time.Hour, 5, 303},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			site := webtest.New(t)
			b := site.As(site.Owner)
			var p *webtest.Page
			for range tt.times {
				site.Clock.Add(tt.idle)
				p = b.Do(b.Request("GET", "/sessions", nil, ""))
			}
			if p.Status != tt.want {
				t.Errorf("status %d, want %d", p.Status, tt.want)
			}
			if tt.want == 303 && b.Cookie("sundial") != "" {
				t.Error("the cookie of a session that ended stays")
			}
		})
	}
}

func TestEndsAreConfigurable(t *testing.T) {
	site := webtest.New(t, func(c *web.Config) { c.Idle = time.Hour })
	b := site.As(site.Owner)
	site.Clock.Add(2 * time.Minute)
	b.Get("/sessions").At("/sessions") // from here on the configured hour counts
	site.Clock.Add(61 * time.Minute)
	b.Get("/sessions").At("/login?return_to=%2Fsessions")
}

func TestRevokingASession(t *testing.T) {
	site := webtest.New(t)
	here, there, stranger := site.As(site.Owner), site.As(site.Owner), site.As(site.Viewer)
	page := here.Get("/sessions").Is(200, "this browser")
	var revoke string
	for _, f := range []int{1, 2, 3} {
		if at := fmt.Sprintf("/sessions/%d/revoke", f); page.Form(at) != nil {
			if revoke != "" {
				t.Fatal("more than one session can be ended")
			}
			revoke = at
		}
	}
	stranger.Send(revoke).Is(404)
	there.Get("/sessions").At("/sessions")
	here.Submit(page, revoke).At("/sessions").Is(200, "Session ended.")
	here.Get("/sessions").Lacks("Session ended.")
	there.Get("/sessions").At("/login?return_to=%2Fsessions")
	here.Send(revoke).Is(404)
	for _, odd := range []string{"/sessions/0/revoke", "/sessions/-1/revoke", "/sessions/01/revoke", "/sessions/x/revoke", "/sessions/99999999999999999999/revoke"} {
		here.Send(odd).Is(404)
	}
}

func TestSignOutKillsTheSessionOnTheServer(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	token := b.Cookie("sundial")
	b.Submit(b.Get("/logout").Is(200, "Sign out of Sundial?"), "/logout").Is(200, "You are signed out.")
	b.SetCookie("sundial", token)
	b.Get("/sessions").At("/login?return_to=%2Fsessions")
	b.Send("/logout").At("/login")
}

func TestDisabledPersonIsOutAtOnce(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Contributor)
	b.Get("/sessions").Is(200)
	if err := site.Store.SetDisabled(site.World.As(site.Admin), site.Contributor.ID, true); err != nil {
		t.Fatal(err)
	}
	b.Get("/sessions").At("/login?return_to=%2Fsessions")
}

func TestRightsAreReadAnewWithEveryRequest(t *testing.T) {
	site := webtest.New(t)
	p := site.Person("Changing", org.Viewer)
	b := site.As(p)
	b.Get("/sessions").Is(200).Lacks("Auditor")
	site.Person("Changing", org.Viewer, org.Auditor)
	b.Get("/sessions").Is(200, "Auditor")
}

func TestCookiesCannotBeReadOrSentElsewhere(t *testing.T) {
	for base, want := range map[string]struct {
		theme  string
		secure bool
	}{"http://127.0.0.1:8080": {"sundial-theme", false}, "https://sundial.example.test": {"sundial-theme", true}} {
		site := webtest.New(t, func(c *web.Config) { c.BaseURL, _ = url.Parse(base) })
		b := site.Nobody()
		p := b.Do(b.Request("POST", "/theme", []byte("theme=dark"), "application/x-www-form-urlencoded"))
		for _, c := range (&http.Response{Header: p.Header}).Cookies() {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure != want.secure {
				t.Errorf("%s: cookie %s", base, c)
			}
		}
		if b.Cookie(want.theme) != "dark" {
			t.Errorf("%s: no theme", base)
		}
	}
}

func TestTheme(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	b.Header.Set("Referer", webtest.Base+"/sessions?x=1")
	if p := b.Send("/theme", "theme", "dark").At("/sessions?x=1"); !strings.Contains(p.Body, `data-theme="dark"`) {
		t.Error("the page is not dark")
	}
	if p := b.Send("/theme", "theme", "auto").At("/sessions?x=1"); strings.Contains(p.Body, "data-theme") {
		t.Error("the page does not follow the system")
	}
	b.Send("/theme", "theme", "pink").Is(422, "Choose system, light or dark.")
	b.Header.Set("Referer", "https://evil.example//x")
	b.Send("/theme", "theme", "dark").At("/")
	b.SetCookie("sundial-theme", "solarized")
	b.Get("/sessions").Is(200).Lacks("solarized")
}

func TestHtmxGoesToTheSignInPage(t *testing.T) {
	p := webtest.New(t).Nobody().Swap("GET", "/sessions", "list", nil)
	if p.Header.Get("HX-Redirect") != "/login?return_to=%2Fsessions" || p.Body != "" {
		t.Errorf("%d %v", p.Status, p.Header)
	}
}
