package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/auth/token"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web"
	"sundial/web/webtest"
)

// tokenOf makes a token of somebody, as their command would.
func tokenOf(t *testing.T, s *webtest.Site, who org.Person, name string, life time.Duration, scopes ...org.Scope) (token.Secret, org.Token) {
	t.Helper()
	secret := token.NewSecret()
	made, err := s.Store.MakeToken(s.World.As(who), org.Token{OwnerID: who.ID, Name: name, Scopes: scopes, Hint: secret.Hint(), ExpiresAt: s.Clock.Now().Add(life)}, secret.Hash(), "")
	check(t, err)
	return secret, made
}

// machine is a program with a token: no cookies, no Sec-Fetch-Site.
func machine(s *webtest.Site, secret string) *webtest.Browser {
	b := s.Nobody()
	b.Header = http.Header{"Authorization": {"Bearer " + secret}, "Sec-Fetch-Site": nil, "Accept": {"application/json"}}
	return b
}

func call(t *testing.T, b *webtest.Browser, method, address string, body string) *webtest.Page {
	t.Helper()
	kind := ""
	if body != "" {
		kind = "application/json"
	}
	return b.On(t).Do(b.Request(method, address, []byte(body), kind))
}

const aCall = "/api/v1/models"

func TestABearerTokenIsItsOwner(t *testing.T) {
	s := webtest.New(t)
	secret, _ := tokenOf(t, s, s.Owner, "ci", time.Hour, org.ScopeRead, org.ScopeWrite)
	m := machine(s, string(secret))
	call(t, m, "GET", aCall, "").Is(200)
	call(t, m, "POST", aCall, `{"slug":"by-machine","name":"By machine","kind":"trained","purpose":"Registered by a pipeline.","team":"fraud","tier":3}`).Is(201)
	events, err := s.Store.Events(t.Context(), store.EventFilter{Verb: "model.registered"}, 1)
	if err != nil || len(events) != 1 || events[0].ActorID != s.Owner.ID || events[0].Via != "token:ci" || events[0].From != "192.0.2.7" || events[0].RequestID == "" {
		t.Errorf("the trail should name owner and token: %+v %v", events, err)
	}
	used, err := s.Store.Events(t.Context(), store.EventFilter{Verb: "token.used"}, 10)
	if err != nil || len(used) != 1 || used[0].ActorID != s.Owner.ID || used[0].Via != "token:ci" {
		t.Errorf("uses: %+v %v", used, err)
	}
	readOnly, _ := tokenOf(t, s, s.Owner, "reader", time.Hour, org.ScopeRead)
	call(t, machine(s, string(readOnly)), "POST", aCall, `{"slug":"x"}`).Is(403, "lacks the scope write")
}

// A bad token is 401 with a reason, and never taken for the session that the same browser has.
func TestABadTokenOpensNothing(t *testing.T) {
	s := webtest.New(t)
	good, _ := tokenOf(t, s, s.Owner, "good", time.Hour, org.ScopeRead)
	short, _ := tokenOf(t, s, s.Owner, "short", time.Second, org.ScopeRead)
	gone, row := tokenOf(t, s, s.Owner, "gone", time.Hour, org.ScopeRead)
	if _, err := s.Store.RevokeToken(s.World.As(s.Owner), row.ID); err != nil {
		t.Fatal(err)
	}
	out, _ := tokenOf(t, s, s.Deputy, "out", time.Hour, org.ScopeRead)
	check(t, s.Store.SetDisabled(s.World.As(s.Admin), s.Deputy.ID, true))
	s.Clock.Add(2 * time.Second)
	for name, tt := range map[string]struct{ header, says string }{
		"made up":                {"Bearer " + string(token.NewSecret()), "There is no such token"},
		"cut off":                {"Bearer " + string(good[:40]), "only a part of one"},
		"empty":                  {"Bearer", "no token"},
		"expired":                {"Bearer " + string(short), "ended on"},
		"revoked":                {"Bearer " + string(gone), "revoked on"},
		"of a disabled account":  {"Bearer " + string(out), "disabled"},
		"its hash":               {"Bearer " + good.Hash(), "no token"},
		"in lower case, made up": {"bearer " + string(token.NewSecret()), "There is no such token"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, b := range []*webtest.Browser{s.Nobody(), s.As(s.Owner)} {
				b.Header = http.Header{"Authorization": {tt.header}}
				p := call(t, b, "GET", aCall, "").Is(401, tt.says)
				if !strings.HasPrefix(p.Header.Get("WWW-Authenticate"), `Bearer realm="Sundial", error="invalid_token"`) || p.Header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("%v", p.Header)
				}
				var problem struct{ Status int }
				if err := json.Unmarshal([]byte(p.Body), &problem); err != nil || problem.Status != 401 {
					t.Errorf("%v in %s", err, p.Body)
				}
			}
		})
	}
	two := s.Nobody()
	two.Header = http.Header{"Authorization": {"Bearer " + string(good), "Bearer " + string(good)}}
	call(t, two, "GET", aCall, "").Is(401)
	if p := call(t, s.Nobody(), "GET", aCall, "").Is(401); p.Header.Get("WWW-Authenticate") != `Bearer realm="Sundial"` {
		t.Errorf("nothing was sent: %v", p.Header)
	}
}

func TestASessionAndATokenAreTheToken(t *testing.T) {
	s := webtest.New(t)
	secret, _ := tokenOf(t, s, s.Viewer, "read", time.Hour, org.ScopeRead)
	b := s.As(s.Owner)
	b.Header = http.Header{"Authorization": {"Bearer " + string(secret)}}
	call(t, b, "POST", aCall, `{"slug":"x"}`).Is(403)
	b.Header = http.Header{"Authorization": {"Basic c2VjcmV0"}}
	call(t, b, "GET", aCall, "").Is(200)
}

// A page is for people: there a token says nothing, wherever it stands.
func TestATokenSaysNothingOnPages(t *testing.T) {
	s := webtest.New(t)
	secret, _ := tokenOf(t, s, s.Owner, "ci", time.Hour, org.Scopes...)
	m := machine(s, string(secret))
	call(t, m, "GET", "/models", "").Is(303)
	call(t, m, "POST", "/models/new", "").Is(401)
	call(t, m, "GET", "/tokens", "").Is(303)
	b := s.Nobody()
	for _, at := range []string{aCall + "?token=", aCall + "?access_token=", aCall + "?bearer=", "/models?access_token="} {
		if p := b.Do(b.Request("GET", at+string(secret), nil, "")); p.Status != 401 && p.Status != 303 {
			t.Errorf("%s: %d", at, p.Status)
		}
	}
	b.SetCookie("sundial", string(secret))
	call(t, b, "GET", aCall, "").Is(401)
	signedIn := s.As(s.Viewer)
	signedIn.Header = http.Header{"Authorization": {"Bearer " + string(secret)}}
	signedIn.Get("/sessions").Is(200, "viewer@example.test")
	signedIn.Header = http.Header{"Authorization": {"Bearer nonsense"}}
	signedIn.Get("/sessions").Is(200, "viewer@example.test")
}

// The export of the audit trail is a file that machines fetch, so its route takes tokens too.
func TestARouteMayTakeTokens(t *testing.T) {
	s := webtest.New(t, limited(100))
	secret, _ := tokenOf(t, s, s.Auditor, "archive", time.Hour, org.ScopeRead)
	p := call(t, machine(s, string(secret)), "GET", "/audit.jsonl", "").Is(200, "token.used").Lacks(string(secret))
	if p.Header.Get("RateLimit") == "" {
		t.Errorf("%v", p.Header)
	}
	bad := s.As(s.Auditor)
	bad.Header = http.Header{"Authorization": {"Bearer " + string(token.NewSecret())}}
	p = call(t, bad, "GET", "/audit.jsonl", "").Is(401, "There is no such token")
	if p.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("%v", p.Header)
	}
	call(t, s.Nobody(), "GET", "/audit.jsonl", "").Is(303)
	few, _ := tokenOf(t, s, s.Owner, "few", time.Hour, org.ScopeRead)
	call(t, machine(s, string(few)), "GET", "/audit.jsonl", "").Is(403, "Only auditors")
}

func TestTheOwnersPresentRightsCount(t *testing.T) {
	s := webtest.New(t)
	who := s.Person("changing", org.Viewer, org.Auditor)
	secret, _ := tokenOf(t, s, who, "audit", time.Hour, org.ScopeRead)
	s.Server.Mount("/api/whoami", func(c echo.Context) error {
		return c.String(200, fmt.Sprint(auth.Actor(c).Name, " ", org.May(auth.Actor(c), org.ReadAudit, 0).Allowed, " ", auth.Session(c).ID))
	})
	m := machine(s, string(secret))
	call(t, m, "GET", "/api/whoami", "").Is(200, "changing true 0")
	s.Person("changing", org.Viewer)
	call(t, m, "GET", "/api/whoami", "").Is(200, "changing false 0")
	check(t, s.Store.SetDisabled(s.World.As(s.Admin), who.ID, true))
	call(t, m, "GET", "/api/whoami", "").Is(401)
}

func TestATokenNeedsNoPageToAskForAChange(t *testing.T) {
	s := webtest.New(t)
	secret, _ := tokenOf(t, s, s.Owner, "ci", time.Hour, org.ScopeWrite)
	body := `{"slug":"crossed","name":"Crossed","kind":"trained","purpose":"Asked for from elsewhere.","team":"fraud","tier":3}`
	m := machine(s, string(secret))
	m.Header.Set("Origin", "https://elsewhere.example")
	call(t, m, "POST", aCall, body).Is(201)
	b := s.As(s.Owner)
	b.Header = http.Header{"Sec-Fetch-Site": {"cross-site"}}
	call(t, b, "POST", aCall, body).Is(403)
}

func limited(perMinute int) func(*web.Config) {
	return func(c *web.Config) { c.RateLimit = perMinute }
}

func TestTokensAreLimited(t *testing.T) {
	s := webtest.New(t, limited(40))
	first, _ := tokenOf(t, s, s.Owner, "first", time.Hour, org.ScopeRead)
	second, _ := tokenOf(t, s, s.Owner, "second", time.Hour, org.ScopeRead)
	m := machine(s, string(first))
	for i := range 40 {
		p := call(t, m, "GET", aCall, "").Is(200)
		if want := fmt.Sprintf(`"minute";r=%d;`, 39-i); !strings.HasPrefix(p.Header.Get("RateLimit"), want) || p.Header.Get("RateLimit-Policy") != `"minute";q=40;w=60` {
			t.Fatalf("%v", p.Header)
		}
	}
	p := call(t, m, "GET", aCall, "").Is(429, "more than 40 requests a minute")
	if p.Header.Get("Retry-After") == "" || p.Header.Get("Retry-After") == "0" || p.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%v", p.Header)
	}
	call(t, machine(s, string(second)), "GET", aCall, "").Is(200)
	call(t, s.As(s.Owner), "GET", aCall, "").Is(200)
	s.Clock.Add(time.Minute)
	call(t, m, "GET", aCall, "").Is(200)
}

// Whoever fails all the time is told to wait, and nobody else at their address is.
func TestFailuresAreLimitedByAddress(t *testing.T) {
	s := webtest.New(t, limited(100))
	good, _ := tokenOf(t, s, s.Owner, "good", time.Hour, org.ScopeRead)
	bad := machine(s, string(token.NewSecret()))
	for range 3 {
		call(t, bad, "GET", aCall, "").Is(401)
	}
	for range 2 {
		call(t, s.Nobody(), "GET", aCall, "").Is(401)
	}
	call(t, bad, "GET", aCall, "").Is(429)
	call(t, s.Nobody(), "GET", aCall, "").Is(429)
	call(t, machine(s, string(good)), "GET", aCall, "").Is(200)
	call(t, s.As(s.Owner), "GET", aCall, "").Is(200)
	call(t, s.Nobody(), "GET", "/api/v1/openapi.json", "").Is(200)
	s.Nobody().Get("/login").Is(200)
	elsewhere := s.Nobody().Request("GET", aCall, nil, "")
	elsewhere.RemoteAddr = "198.51.100.9:1"
	s.Nobody().Do(elsewhere).Is(401)
}

// The page a token is shown on is the only one, and a form sent twice makes one token.
func TestATokenIsMadeAndShownOnce(t *testing.T) {
	s := webtest.New(t)
	b := s.As(s.Contributor)
	b.Get("/tokens").Is(200, "You have no tokens")
	asked := b.Get("/tokens/new").Is(200, "Only reviewers and risk reviewers decide.", "pipelines")
	if asked.Value("days") != "90" {
		t.Errorf("preset: %q days", asked.Value("days"))
	}
	values := asked.Fields("/tokens/new")
	values.Set("name", "nightly training")
	values["scopes"] = []string{"read", "write"}
	shown := b.Post("/tokens/new", values).Is(200, "not shown again", "nightly training").At("/tokens/new")
	secret := regexp.MustCompile(token.Pattern).FindString(shown.Text())
	if secret == "" || shown.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%v %s", shown.Header, shown.Text())
	}
	call(t, machine(s, secret), "GET", aCall, "").Is(200)
	b.Post("/tokens/new", values).Is(409, "made already", "nightly training").Lacks(secret)
	list := b.Get("/tokens").Is(200, "nightly training", "1 token", "Live", "just now from 192.0.2.7", secret[:10]).Lacks(secret)
	if got, err := s.Store.Tokens(t.Context(), store.TokenFilter{}, s.Clock.Now(), "", 10); err != nil || len(got.Rows) != 1 || got.Rows[0].ExpiresAt.Sub(s.Clock.Now()) != 90*24*time.Hour {
		t.Errorf("%+v %v", got, err)
	}
	var revoke string
	for _, l := range list.Links() {
		if strings.HasSuffix(l, "/revoke") {
			revoke = l
		}
	}
	for _, other := range []org.Person{s.Owner, s.Admin} {
		s.As(other).Get(revoke).Is(404)
		s.As(other).Send(revoke).Is(404)
		s.As(other).Get("/tokens").Is(200, "You have no tokens")
	}
	b.Submit(b.Get(revoke).Is(200, "Revoke the token nightly training?"), revoke).At("/tokens").Is(200, "Token nightly training revoked.", "Revoked")
	call(t, machine(s, secret), "GET", aCall, "").Is(401)
	b.Send(revoke).Is(200)
	for _, odd := range []string{"/tokens/0/revoke", "/tokens/99/revoke", "/tokens/x/revoke"} {
		b.Get(odd).Is(404)
	}
	b.Get("/sessions").Is(200, "Tokens")
}

func TestSendingAFormAtOnceMakesOneToken(t *testing.T) {
	s := webtest.New(t)
	b := s.As(s.Owner)
	values := b.Get("/tokens/new").Fields("/tokens/new")
	values.Set("name", "twice")
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 6 {
		wg.Go(func() {
			p := b.Do(b.Request("POST", "/tokens/new", []byte(values.Encode()), "application/x-www-form-urlencoded"))
			mu.Lock()
			defer mu.Unlock()
			statuses[p.Status]++
		})
	}
	wg.Wait()
	if statuses[200] != 1 || statuses[409] != 5 {
		t.Errorf("%v", statuses)
	}
}

func TestABadTokenFormIsToldAtItsFields(t *testing.T) {
	s := webtest.New(t)
	b := s.As(s.Owner)
	tokenOf(t, s, s.Owner, "taken", time.Hour, org.ScopeRead)
	for name, tt := range map[string]struct {
		at    string
		pairs []string
	}{
		"no name":               {"name", []string{"name", "", "scopes", "read", "days", "90"}},
		"a name that is taken":  {"name", []string{"name", "taken", "scopes", "read", "days", "90"}},
		"a name of 61":          {"name", []string{"name", strings.Repeat("x", 61), "scopes", "read", "days", "90"}},
		"control characters":    {"name", []string{"name", "a\x01b", "scopes", "read", "days", "90"}},
		"no scope":              {"scopes", []string{"name", "ci", "days", "90"}},
		"a scope that is not":   {"scopes", []string{"name", "ci", "scopes", "root", "days", "90"}},
		"no days":               {"days", []string{"name", "ci", "scopes", "read", "days", ""}},
		"no days at all":        {"days", []string{"name", "ci", "scopes", "read", "days", "0"}},
		"days of another kind":  {"days", []string{"name", "ci", "scopes", "read", "days", "soon"}},
		"more than a year":      {"days", []string{"name", "ci", "scopes", "read", "days", "367"}},
		"more than numbers can": {"days", []string{"name", "ci", "scopes", "read", "days", "99999999999999999999"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := b.On(t).Send("/tokens/new", append(tt.pairs, "form_key", "k-"+name)...).Is(422)
			if p.ErrorAt(tt.at) == "" || !strings.HasPrefix(p.PageTitle(), "Error:") || p.Value("form_key") != "k-"+name {
				t.Errorf("no sentence at %s:\n%s", tt.at, p.Text())
			}
		})
	}
	b.On(t).Send("/tokens/new", "name", "ci", "scopes", "read", "days", "366").Is(422, "not whole")
	b.Send("/tokens/new", "name", "a year", "scopes", "read", "days", "366", "form_key", "k").Is(200, "not shown again")
}

func TestAdministratorsSeeAndRevokeEverybodysTokens(t *testing.T) {
	s := webtest.New(t)
	secret, made := tokenOf(t, s, s.Owner, "ci", time.Hour, org.ScopeRead)
	tokenOf(t, s, s.Deputy, "=HYPERLINK(1)", time.Minute, org.ScopeStamps)
	s.Clock.Add(2 * time.Minute)
	b := s.As(s.Admin)
	b.Get("/admin/tokens").Is(200, "2 tokens", "ci", "Owner", "Live", "Expired").Lacks(string(secret), secret.Hash())
	b.Get("/admin/tokens?show=live").Is(200, "1 token").Lacks("HYPERLINK")
	b.Get("/admin/tokens?show=ended").Is(200, "1 token", "HYPERLINK")
	b.Get(fmt.Sprintf("/admin/tokens?owner=%d", s.Owner.ID)).Is(200, "1 token").Lacks("HYPERLINK")
	b.Get("/admin/tokens?owner=9999").Is(200, "No tokens match")
	for _, bad := range []string{"show=all", "owner=x", "after=xx"} {
		b.Get("/admin/tokens?" + bad).Is(400)
	}
	b.Get("/admin/tokens.csv?show=ended").Is(200, "'=HYPERLINK(1)", "deputy@example.test", "expired").Lacks(secret.Hash())
	revoke := fmt.Sprintf("/admin/tokens/%d/revoke", made.ID)
	b.Submit(b.Get(revoke).Is(200, "Revoke the token ci of Owner?"), revoke).At("/admin/tokens").Is(200, "Token ci revoked.")
	call(t, machine(s, string(secret)), "GET", aCall, "").Is(401)
	for _, odd := range []string{"/admin/tokens/0/revoke", "/admin/tokens/99/revoke"} {
		b.Get(odd).Is(404)
		b.Send(odd).Is(404)
	}
	s.As(s.Owner).Get("/admin/tokens").Is(403)
	events, err := s.Store.Events(context.Background(), store.EventFilter{Verb: "token.revoked"}, 1)
	if err != nil || len(events) != 1 || events[0].ActorID != s.Admin.ID || events[0].Subject.ID != made.ID {
		t.Errorf("%+v %v", events, err)
	}
}

func TestOneCallCostsOneQueryForItsToken(t *testing.T) {
	s := webtest.New(t)
	s.Model(t, "counted", registry.Trained, 2)
	secret, _ := tokenOf(t, s, s.Owner, "ci", time.Hour, org.ScopeRead)
	s.Server.Mount("/api/nothing", func(c echo.Context) error { return c.NoContent(204) })
	m := machine(s, string(secret))
	call(t, m, "GET", "/api/nothing", "").Is(204)
	if p := call(t, m, "GET", "/api/nothing", "").Is(204); p.Queries != 1 {
		t.Errorf("%d queries", p.Queries)
	}
}
