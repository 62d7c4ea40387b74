package web_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"sundial/auth"
	"sundial/auth/demoidp"
	"sundial/models/org"
	"sundial/web"
	"sundial/web/webtest"
)

const demoPassword = "a password of the demonstration"

// idp is a real identity provider on loopback whose people can be changed, and which can go away.
type idp struct {
	mu     sync.Mutex
	now    http.Handler
	config demoidp.Config
	server *httptest.Server
}

func startIDP(t *testing.T) *idp {
	t.Helper()
	p := &idp{}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		h := p.now
		p.mu.Unlock()
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(p.server.Close)
	p.config = demoidp.Config{Issuer: p.server.URL, ClientID: "sundial", ClientSecret: "secret", KeyFile: filepath.Join(t.TempDir(), "key"),
		RedirectURLs: []string{webtest.Base + auth.CallbackPath}, PostLogoutURLs: []string{webtest.Base + "/login"}, Password: demoPassword,
		StylesheetURL: "/static/app.css",
		People: []demoidp.Person{
			{Subject: "olive", Name: "Olive Owner", Email: "olive@demo.example", Groups: []string{"ml", "team-fraud"}, Title: "Owner"},
			{Subject: "rex", Name: "Rex Reviewer", Email: "rex@demo.example", Groups: []string{"gov"}, Title: "Reviewer"},
		}}
	p.serve(t)
	return p
}

// serve starts the provider anew with the people it has now; signing keys and tokens stay good.
func (p *idp) serve(t *testing.T) {
	t.Helper()
	h, err := demoidp.New(p.config)
	if err != nil {
		t.Fatal(err)
	}
	p.set(h)
}

func (p *idp) set(h http.Handler) { p.mu.Lock(); defer p.mu.Unlock(); p.now = h }

func (p *idp) site(t *testing.T, options ...func(*web.Config)) *webtest.Site {
	t.Helper()
	use := func(c *web.Config) {
		c.Provider = webtest.Provider(t, p.server.URL)
		c.Grants = auth.Grants{"ml": org.Contributor, "gov": org.Reviewer}
	}
	return webtest.New(t, append([]func(*web.Config){use}, options...)...)
}

// person goes through the provider's pages and returns the address it sends the browser back to.
func (p *idp) person(t *testing.T, to, subject string) string {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	back := ""
	client := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), webtest.Base) {
			back = r.URL.RequestURI()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	answer, err := client.Get(to)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	doc, err := html.Parse(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	action, values := "", url.Values{}
	for n := range doc.Descendants() {
		a := map[string]string{}
		for _, x := range n.Attr {
			a[x.Key] = x.Val
		}
		switch {
		case n.Data == "form":
			action = a["action"]
		case n.Data == "input" && a["type"] == "hidden":
			values.Set(a["name"], a["value"])
		}
	}
	values.Set("person", subject)
	values.Set("password", demoPassword)
	form, err := answer.Request.URL.Parse(action)
	if err != nil {
		t.Fatal(err)
	}
	answer, err = client.PostForm(form.String(), values)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if back == "" {
		t.Fatalf("the provider did not send %s back: %d at %s", subject, answer.StatusCode, answer.Request.URL)
	}
	return back
}

func start(t *testing.T, b *webtest.Browser, returnTo string) string {
	t.Helper()
	p := b.Do(b.Request("GET", "/login/start?return_to="+url.QueryEscape(returnTo), nil, "")).Is(303)
	return p.Header.Get("Location")
}

func (p *idp) signIn(t *testing.T, b *webtest.Browser, subject, returnTo string) *webtest.Page {
	t.Helper()
	return b.Get(p.person(t, start(t, b, returnTo), subject))
}

func TestSigningIn(t *testing.T) {
	p := startIDP(t)
	site := p.site(t)
	b := site.Nobody()
	asked := b.Get("/sessions").At("/login?return_to=%2Fsessions").Is(200, "Sign in with Example SSO")
	if !strings.Contains(strings.Join(asked.Links(), " "), "/login/start?return_to=%2Fsessions") {
		t.Error("the page forgets where one wanted to go")
	}
	p.signIn(t, b, "olive", "/sessions").At("/sessions").Is(200, "Olive Owner", "olive@demo.example", "Contributor").Lacks("Reviewer")
	b.Get("/login?return_to=/sessions").At("/sessions")
	if strings.Contains(site.Log.String(), b.Cookie("sundial")) || strings.Contains(site.Log.String(), "code=") {
		t.Error("the log holds what nobody may know")
	}
}

func TestSessionIDChangesAtLogin(t *testing.T) {
	p := startIDP(t)
	site := p.site(t)
	b := site.Nobody()
	planted := strings.Repeat("p", 43)
	b.SetCookie("sundial", planted)
	p.signIn(t, b, "olive", "/sessions").At("/sessions")
	first := b.Cookie("sundial")
	if first == planted || len(first) != 43 {
		t.Fatalf("session %q", first)
	}
	p.signIn(t, b, "rex", "/sessions").At("/sessions").Is(200, "Rex Reviewer").Lacks("Olive")
	old := site.Nobody()
	old.SetCookie("sundial", first)
	old.Get("/sessions").At("/login?return_to=%2Fsessions")
}

func TestCallbackInAnotherBrowserIsRefused(t *testing.T) {
	p := startIDP(t)
	site := p.site(t)
	here, there := site.Nobody(), site.Nobody()
	back := p.person(t, start(t, here, "/sessions"), "olive")
	there.Get(back).Is(400, "not started in this browser", "Try again")
	there.Get("/sessions").At("/login?return_to=%2Fsessions")
	start(t, there, "/") // an attempt of one's own does not help
	there.Get(back).Is(400)
	here.Get(back).At("/sessions").Is(200)
}

func TestSameCallbackTwice(t *testing.T) {
	p := startIDP(t)
	site := p.site(t)
	b := site.Nobody()
	back := p.person(t, start(t, b, "/sessions"), "olive")
	b.Get(back).At("/sessions")
	if again := b.Do(b.Request("GET", back, nil, "")); again.Status != 303 || again.Header.Get("Location") != "/" {
		t.Errorf("signed in already: %d to %q", again.Status, again.Header.Get("Location"))
	}
	b.SetCookie("sundial", "")
	b.Get(back).Is(400, "Start it again", "Try again")
}

func TestTwentyTabs(t *testing.T) {
	p := startIDP(t)
	site := p.site(t)
	b := site.Nobody()
	var backs []string
	for range 20 {
		backs = append(backs, p.person(t, start(t, b, "/sessions"), "olive"))
	}
	for i, back := range backs {
		if page := b.Get(back); page.Address != "/sessions" {
			t.Fatalf("tab %d ended at %s (%d): %s", i, page.Address, page.Status, page.Text())
		}
	}
}

func TestAnAttemptLastsTenMinutes(t *testing.T) {
	p := startIDP(t)
	site := p.site(t)
	b := site.Nobody()
	back := p.person(t, start(t, b, "/sessions"), "olive")
	site.Clock.Add(11 * time.Minute)
	b.Get(back).Is(400, "longer than ten minutes")
}

func TestFlowCookieIsOfNoUseToOthers(t *testing.T) {
	p := startIDP(t)
	site := p.site(t, func(c *web.Config) { c.BaseURL, _ = url.Parse("https://127.0.0.1:8080") })
	b := site.Nobody()
	answer := b.Do(b.Request("GET", "/login/start", nil, ""))
	cookies := (&http.Response{Header: answer.Header}).Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	c := cookies[0]
	if !strings.HasPrefix(c.Name, "__Secure-sundial-flow-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/login" || c.MaxAge != 600 {
		t.Errorf("cookie %s", c)
	}
	back := p.person(t, answer.Header.Get("Location"), "olive")
	session := b.Do(b.Request("GET", back, nil, "")).Is(303)
	for _, c := range (&http.Response{Header: session.Header}).Cookies() {
		if c.MaxAge > 0 && (c.Name != "__Host-sundial" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "") {
			t.Errorf("session cookie %s", c)
		}
	}
	if b.Cookie("__Host-sundial") == "" {
		t.Error("no session cookie")
	}
	for _, bent := range []string{"", "AAAA", c.Value[:len(c.Value)-4] + "AAAA"} {
		other := site.Nobody()
		other.SetCookie(c.Name, bent)
		other.Get(back).Is(400)
	}
}

func TestReturnToThroughTheWholeSignIn(t *testing.T) {
	p := startIDP(t)
	site := p.site(t)
	for _, wish := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "/%2Fevil.example", "/login"} {
		b := site.Nobody()
		back := p.person(t, start(t, b, wish), "olive")
		if page := b.Do(b.Request("GET", back, nil, "")); page.Header.Get("Location") != "/" {
			t.Errorf("%q led to %q", wish, page.Header.Get("Location"))
		}
	}
}

func TestDisabledPersonStaysDisabled(t *testing.T) {
	p := startIDP(t)
	site := p.site(t)
	b := site.Nobody()
	p.signIn(t, b, "olive", "/sessions").At("/sessions")
	people, err := site.Store.People(t.Context(), "olive@demo.example", "", 0, 1)
	if err != nil || len(people) != 1 {
		t.Fatalf("%v %v", people, err)
	}
	if err := site.Store.SetDisabled(site.World.As(site.Admin), people[0].ID, true); err != nil {
		t.Fatal(err)
	}
	p.signIn(t, b, "olive", "/sessions").Is(403, "Your account is disabled.")
	if b.Cookie("sundial") != "" {
		t.Error("a session for somebody disabled")
	}
}

// soon makes the provider be asked again after a second.
func soon(c *web.Config) { c.Recheck = time.Second }

func TestGroupTakenAwayTakesItsRights(t *testing.T) {
	p := startIDP(t)
	site := p.site(t, soon)
	b := site.Nobody()
	p.signIn(t, b, "olive", "/sessions").Is(200, "Contributor")
	p.config.People[0].Groups = []string{"gov"}
	p.serve(t)
	b.Get("/sessions").Is(200, "Contributor")
	site.Clock.Add(2 * time.Second)
	b.Get("/sessions").Is(200, "Reviewer").Lacks("Contributor")
	people, _ := site.Store.People(t.Context(), "olive@demo.example", "", 0, 1)
	if len(people) != 1 || len(people[0].TeamIDs) != 0 {
		t.Errorf("still in a team: %v", people)
	}
}

func TestPersonRemovedAtTheProviderIsOut(t *testing.T) {
	p := startIDP(t)
	site := p.site(t, soon)
	b := site.Nobody()
	p.signIn(t, b, "olive", "/sessions").At("/sessions")
	p.config.People = p.config.People[1:]
	p.serve(t)
	site.Clock.Add(2 * time.Second)
	b.Get("/sessions").At("/login?return_to=%2Fsessions")
}

func TestSessionsLiveOnWhileTheProviderIsDown(t *testing.T) {
	p := startIDP(t)
	site := p.site(t, soon)
	b := site.Nobody()
	p.signIn(t, b, "olive", "/sessions").At("/sessions")
	p.set(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "down", http.StatusBadGateway) }))
	for range 3 {
		site.Clock.Add(2 * time.Second)
		b.Get("/sessions").At("/sessions").Is(200, "Contributor")
	}
	fresh := site.Nobody()
	if to := start(t, fresh, "/"); to == "" { // what is known of the provider serves on
		t.Error("no way to the provider")
	}
}

func TestNobodySignsInWhileTheProviderIsDown(t *testing.T) {
	site := webtest.New(t) // its provider does not run
	site.Nobody().Get("/login/start?return_to=/sessions").Is(503, "You are not signed in", "cannot be reached", "Try again")
}

func TestManyRequestsAskTheProviderOnce(t *testing.T) {
	p := startIDP(t)
	site := p.site(t, soon)
	b := site.Nobody()
	p.signIn(t, b, "olive", "/sessions").At("/sessions")
	token := b.Cookie("sundial")
	site.Clock.Add(2 * time.Second)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			tab := site.Nobody()
			tab.SetCookie("sundial", token)
			if page := tab.Do(tab.Request("GET", "/sessions", nil, "")); page.Status != 200 {
				t.Errorf("status %d", page.Status)
			}
		})
	}
	wg.Wait()
	site.Clock.Add(2 * time.Second)
	b.Get("/sessions").At("/sessions") // a refresh token used twice would have ended the session
}

func TestSignOutAtTheProviderToo(t *testing.T) {
	p := startIDP(t)
	site := p.site(t)
	b := site.Nobody()
	p.signIn(t, b, "olive", "/sessions").At("/sessions")
	token := b.Cookie("sundial")
	out := b.Send("/logout").Is(303)
	to, _ := url.Parse(out.Header.Get("Location"))
	if !strings.HasPrefix(to.String(), p.server.URL) || to.Query().Get("id_token_hint") == "" || to.Query().Get("post_logout_redirect_uri") != webtest.Base+"/login" {
		t.Errorf("signed out at %s", to)
	}
	if !strings.Contains(out.Header.Get("Content-Security-Policy"), "form-action 'self' "+p.server.URL) {
		t.Error("the browser would block the way there")
	}
	b.SetCookie("sundial", token)
	b.Get("/sessions").At("/login?return_to=%2Fsessions")
}

func TestLocalhostStartsUnderTheNameItComesBackTo(t *testing.T) {
	p := startIDP(t)
	b := p.site(t).Nobody()
	r := b.Request("GET", "http://localhost:8080/login/start?return_to=%2Fsessions", nil, "")
	if to := b.Do(r).Header.Get("Location"); to != webtest.Base+"/login/start?return_to=%2Fsessions" {
		t.Errorf("started at %q", to)
	}
	r = b.Request("GET", "http://sundial.internal:9000/login/start", nil, "") // a proxy may use another name
	if to := b.Do(r).Header.Get("Location"); !strings.HasPrefix(to, p.server.URL) {
		t.Errorf("started at %q", to)
	}
}

func TestCallbackOfABadAnswer(t *testing.T) {
	p := startIDP(t)
	site := p.site(t)
	for query, want := range map[string]int{
		"":                    400,
		"state=x&code=y":      400,
		"error=access_denied": 400,
		"code=<script>":       400,
	} {
		site.Nobody().Get("/login/callback?"+query).Is(want, "You are not signed in").Lacks("<script>")
	}
	b := site.Nobody()
	to, _ := url.Parse(start(t, b, "/sessions"))
	page := b.Get("/login/callback?error=access_denied&error_description=secret+words&state=" + url.QueryEscape(to.Query().Get("state")))
	page.Is(403, "cancelled").Lacks("secret words")
	if !strings.Contains(strings.Join(page.Links(), " "), "return_to=%2Fsessions") {
		t.Error("another try forgets where one wanted to go")
	}
	if page.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Error("the code may travel on in a Referer")
	}
}
