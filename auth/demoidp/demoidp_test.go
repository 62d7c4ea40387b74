package demoidp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"sundial/auth/demoidp"
	"sundial/auth/oidc"
)

const password = "sunny-afternoon"

var people = []demoidp.Person{
	{Subject: "demo-owner", Name: "Olive Owner", Email: "olive@demo.example", Groups: []string{"sundial-contributors", "team-fraud"}, Title: "Model owner", Description: "Registers models & files plans."},
	{Subject: "demo-reviewer", Name: "Rex Reviewer", Email: "rex@demo.example", Groups: []string{"sundial-reviewers"}, Title: "Reviewer"},
	{Subject: "demo-guest", Name: "Gus Guest", Email: "gus@demo.example", Title: "Viewer"},
}

// demo is a provider mounted beside a portal that only knows how to sign in.
type demo struct {
	idp    *demoidp.Provider
	portal *oidc.Provider
	base   string
	config demoidp.Config
}

func start(t *testing.T, prefix, keyFile string) *demo {
	t.Helper()
	d := &demo{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/callback") || r.URL.Path == "/" {
			_, _ = io.WriteString(w, "portal")
			return
		}
		d.idp.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	d.base = server.URL
	d.config = demoidp.Config{
		Issuer: d.base + prefix, ClientID: "sundial", ClientSecret: "portal & secret", KeyFile: keyFile,
		RedirectURLs: []string{d.base + "/callback"}, PostLogoutURLs: []string{d.base + "/"},
		People: people, Password: password, StylesheetURL: "/static/sundial.css",
	}
	var err error
	if d.idp, err = demoidp.New(d.config); err != nil {
		t.Fatal(err)
	}
	d.portal, err = oidc.New(oidc.Config{
		Issuer: d.config.Issuer, ClientID: "sundial", ClientSecret: "portal & secret",
		RedirectURL: d.base + "/callback", PostLogoutURL: d.base + "/", AllowHTTP: true, MaxAge: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// page is what a browser would show.
type page struct {
	status int
	url    *url.URL
	header http.Header
	body   string
}

func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func read(t *testing.T, answer *http.Response, err error) page {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{answer.StatusCode, answer.Request.URL, answer.Header, string(body)}
}

// fields are a form's action and what it would send untouched.
func fields(t *testing.T, p page) (action string, values url.Values) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	values = url.Values{}
	for n := range root.Descendants() {
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		_, checked := attr["checked"]
		switch {
		case n.Data == "form":
			action = attr["action"]
		case n.Data == "input" && (attr["type"] != "radio" || checked):
			values.Set(attr["name"], attr["value"])
		}
	}
	return action, values
}

// signIn goes through the page as a person does and gives what came back to the portal.
func (d *demo) signIn(t *testing.T, subject string) (oidc.Identity, oidc.Flow, url.Values) {
	t.Helper()
	client := browser(t)
	to, flow, err := d.portal.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shown := visit(t, client, to)
	action, values := fields(t, shown)
	values.Set("person", subject)
	answer, err := client.PostForm(action, values)
	back := read(t, answer, err)
	if back.status != http.StatusOK || back.url.Path != "/callback" {
		t.Fatalf("signing in ended with %d at %s:\n%s", back.status, back.url, back.body)
	}
	who, err := d.portal.Finish(t.Context(), flow, back.url.Query(), time.Now())
	if err != nil {
		t.Fatalf("the portal refused: %v", err)
	}
	return who, flow, back.url.Query()
}

func visit(t *testing.T, client *http.Client, address string) page {
	t.Helper()
	answer, err := client.Get(address)
	return read(t, answer, err)
}

func TestWholeSignIn(t *testing.T) {
	for name, prefix := range map[string]string{"beside the portal": "/idp", "on its own": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := start(t, prefix, "")
			who, flow, query := d.signIn(t, "demo-owner")
			got := []any{who.Issuer, who.Subject, who.Name, who.Email, who.EmailVerified, who.Groups, who.GroupsOnlyInIDToken}
			want := []any{d.config.Issuer, "demo-owner", "Olive Owner", "olive@demo.example", true, []string{"sundial-contributors", "team-fraud"}, false}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if who.RefreshToken == "" || who.AuthTime.IsZero() || who.AccessExpiry.IsZero() {
				t.Error("no refresh token, auth_time or access expiry")
			}
			if _, err := d.portal.Finish(t.Context(), flow, query, time.Now()); err == nil {
				t.Error("the same code was good for a second sign-in")
			}
		})
	}
}

func TestSignInPage(t *testing.T) {
	d := start(t, "/idp", "")
	to, _, err := d.portal.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shown := visit(t, browser(t), to)
	for _, want := range []string{
		"<h1>Sign in as one of the demo people</h1>", password, "Olive Owner", "Registers models &amp; files plans.", "Rex Reviewer",
		`<label for="person-1">`, `for="password"`, `href="/static/sundial.css"`,
	} {
		if !strings.Contains(shown.body, want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
	for _, unwanted := range []string{"<script", "style=", "onclick", "portal &amp; secret"} {
		if strings.Contains(shown.body, unwanted) {
			t.Errorf("the page holds %q", unwanted)
		}
	}
	policy := shown.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "form-action 'self' " + d.base, "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("Content-Security-Policy %q lacks %q", policy, want)
		}
	}
	if shown.header.Get("Cache-Control") != "no-store" || shown.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("the page may be kept, or read from elsewhere")
	}
}

func TestWrongPassword(t *testing.T) {
	d := start(t, "/idp", "")
	client := browser(t)
	to, flow, err := d.portal.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	action, values := fields(t, visit(t, client, to))
	values.Set("person", "demo-reviewer")
	values.Set("password", "guess<b>")
	answer, err := client.PostForm(action, values)
	refused := read(t, answer, err)
	if refused.status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d, want 422", refused.status)
	}
	for _, want := range []string{
		"<title>Error: ", `role="alert"`, `href="#password"`, `aria-describedby="password-hint password-error"`, `aria-invalid="true"`, "This is not the password.",
	} {
		if !strings.Contains(refused.body, want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
	if strings.Contains(refused.body, "guess") {
		t.Error("the wrong password comes back")
	}
	again, kept := fields(t, refused)
	if kept.Get("person") != "demo-reviewer" || kept.Get("password") != "" {
		t.Errorf("the form holds %v, want the chosen person and no password", kept)
	}
	kept.Set("password", password)
	answer, err = client.PostForm(again, kept)
	back := read(t, answer, err)
	who, err := d.portal.Finish(t.Context(), flow, back.url.Query(), time.Now())
	if err != nil || who.Subject != "demo-reviewer" {
		t.Errorf("after mending: %v, %v", who, err)
	}
}

func TestRefusedForms(t *testing.T) {
	d := start(t, "/idp", "")
	client := browser(t)
	to, _, err := d.portal.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	action, values := fields(t, visit(t, client, to))
	for _, c := range []struct {
		name, field, value string
		status             int
		sentence           string
	}{
		{"nobody chosen", "person", "", 422, "Choose one of the demo people."},
		{"a stranger chosen", "person", "demo-nobody", 422, "Choose one of the demo people."},
		{"an unknown request", "request", "AAAA", 410, "This sign-in has ended"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sent := url.Values{}
			for name := range values {
				sent.Set(name, values.Get(name))
			}
			sent.Set(c.field, c.value)
			answer, err := client.PostForm(action, sent)
			got := read(t, answer, err)
			if got.status != c.status || !strings.Contains(got.body, c.sentence) {
				t.Errorf("%d, want %d with %q:\n%s", got.status, c.status, c.sentence, got.body)
			}
		})
	}
}

func TestPKCEIsRequired(t *testing.T) {
	d := start(t, "/idp", "")
	to, _, err := d.portal.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(url.Values){
		"no challenge": func(q url.Values) { q.Del("code_challenge"); q.Del("code_challenge_method") },
		"plain":        func(q url.Values) { q.Set("code_challenge_method", "plain") },
		"no person":    func(q url.Values) { q.Set("prompt", "none") },
	} {
		q := u.Query()
		change(q)
		back := visit(t, browser(t), u.Scheme+"://"+u.Host+u.Path+"?"+q.Encode())
		if back.url.Path != "/callback" || back.url.Query().Get("error") == "" || back.url.Query().Has("code") {
			t.Errorf("%s: ended at %s", name, back.url)
		}
	}
}

func TestGroupTakenAway(t *testing.T) {
	d := start(t, "/idp", "")
	who, _, _ := d.signIn(t, "demo-owner")
	changed := people[0]
	changed.Groups = []string{"team-fraud"}
	d.idp.SetPerson(changed)
	fresh, valid, err := d.portal.Revalidate(t.Context(), who, time.Now())
	if err != nil || !valid {
		t.Fatalf("valid %v, error %v", valid, err)
	}
	if diff := cmp.Diff([]string{"team-fraud"}, fresh.Groups); diff != "" {
		t.Error(diff)
	}
	if fresh.AccessToken == who.AccessToken || fresh.RefreshToken == "" {
		t.Error("the tokens were not renewed")
	}
	changed.Groups = nil
	d.idp.SetPerson(changed)
	if fresh, valid, err = d.portal.Revalidate(t.Context(), fresh, time.Now()); err != nil || !valid || len(fresh.Groups) > 0 {
		t.Errorf("the last group stays: %v, valid %v, error %v", fresh.Groups, valid, err)
	}
}

func TestPersonRemoved(t *testing.T) {
	d := start(t, "/idp", "")
	who, _, _ := d.signIn(t, "demo-guest")
	d.idp.Remove("demo-guest")
	if _, valid, err := d.portal.Revalidate(t.Context(), who, time.Now()); valid || err != nil {
		t.Errorf("valid %v, error %v, want a plain no", valid, err)
	}
	who.RefreshToken = ""
	if _, valid, err := d.portal.Revalidate(t.Context(), who, time.Now()); valid || err != nil {
		t.Errorf("by the access token: valid %v, error %v, want a plain no", valid, err)
	}
}

func TestSignOut(t *testing.T) {
	d := start(t, "/idp", "")
	who, _, _ := d.signIn(t, "demo-owner")
	other, _, _ := d.signIn(t, "demo-owner")
	to := d.portal.LogoutURL(who.IDToken, "bye")
	if to == "" {
		t.Fatal("the provider offers no place to sign out")
	}
	back := visit(t, browser(t), to)
	if back.url.Path != "/" || back.url.Query().Get("state") != "bye" || back.body != "portal" {
		t.Errorf("signing out ended at %s", back.url)
	}
	if _, valid, err := d.portal.Revalidate(t.Context(), who, time.Now()); valid || err != nil {
		t.Errorf("after signing out: valid %v, error %v", valid, err)
	}
	if _, valid, err := d.portal.Revalidate(t.Context(), other, time.Now()); !valid || err != nil {
		t.Errorf("the same person's other session: valid %v, error %v", valid, err)
	}
}

func TestSessionsSurviveARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "demo.key")
	d := start(t, "/idp", file)
	who, _, _ := d.signIn(t, "demo-owner")
	var err error
	if d.idp, err = demoidp.New(d.config); err != nil {
		t.Fatal(err)
	}
	if _, valid, err := d.portal.Revalidate(t.Context(), who, time.Now()); !valid || err != nil {
		t.Errorf("with the key kept: valid %v, error %v", valid, err)
	}
	d.config.KeyFile = ""
	if d.idp, err = demoidp.New(d.config); err != nil {
		t.Fatal(err)
	}
	if _, valid, err := d.portal.Revalidate(t.Context(), who, time.Now()); valid || err != nil {
		t.Errorf("with a fresh key: valid %v, error %v", valid, err)
	}
}

func TestLoopbackOnly(t *testing.T) {
	d := start(t, "/idp", "")
	for _, issuer := range []string{"http://192.0.2.7:8080/idp", "https://127.0.0.1:8080", "http://demo.example", "http://0.0.0.0:8080", "http://127.0.0.1:8080/idp/", ""} {
		config := d.config
		config.Issuer = issuer
		if _, err := demoidp.New(config); err == nil {
			t.Errorf("the issuer %q was taken", issuer)
		}
	}
	config := d.config
	config.RedirectURLs = []string{"http://elsewhere.example/callback"}
	if _, err := demoidp.New(config); err == nil {
		t.Error("a redirect to elsewhere was taken")
	}
	request := httptest.NewRequest("GET", d.config.Issuer+"/.well-known/openid-configuration", nil)
	for name, change := range map[string]func(*http.Request){
		"from another machine": func(*http.Request) {},
		"under another name":   func(r *http.Request) { r.RemoteAddr, r.Host = "127.0.0.1:999", "rebound.example" },
	} {
		change(request)
		answer := httptest.NewRecorder()
		d.idp.ServeHTTP(answer, request)
		if answer.Code < 400 {
			t.Errorf("%s: %d", name, answer.Code)
		}
	}
}

func TestPeopleMustDiffer(t *testing.T) {
	d := start(t, "", "")
	d.config.People = slices.Concat(people, people[:1])
	if _, err := demoidp.New(d.config); err == nil {
		t.Error("two people have one subject")
	}
}

func TestProviderDown(t *testing.T) {
	d := start(t, "/idp", "")
	who, _, _ := d.signIn(t, "demo-owner")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	// Another portal's view of a provider that is gone: the same issuer, nobody listening.
	gone, err := oidc.New(oidc.Config{Issuer: "http://127.0.0.1:1/idp", ClientID: "sundial", ClientSecret: "x", RedirectURL: d.base + "/callback", AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	who.Issuer = "http://127.0.0.1:1/idp"
	if _, valid, err := gone.Revalidate(ctx, who, time.Now()); !valid || !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("valid %v, error %v, want the session to live on", valid, err)
	}
}
