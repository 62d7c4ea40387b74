package web_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth/oidc"
	"sundial/auth/token"
	"sundial/models/audit"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web"
	"sundial/web/webtest"
)

const (
	canaryClient = "canary-of-the-client-secret-4711"
	canaryKey    = "canary-of-the-secret-key-of-32-bytes-or-more"
)

// Every secret that passes through the portal is followed to wherever words leave it: pages, error
// pages, the log, the audit trail and its export, files.
func TestSecretsNeverComeOut(t *testing.T) {
	p := startIDP(t)
	p.config.ClientSecret = canaryClient
	p.serve(t)
	site := p.site(t, func(c *web.Config) {
		c.SecretKey = []byte(canaryKey)
		var err error
		c.Provider, err = oidc.New(oidc.Config{Issuer: p.server.URL, ClientID: "sundial", ClientSecret: canaryClient,
			RedirectURL: webtest.Base + "/login/callback", PostLogoutURL: webtest.Base + "/login", AllowHTTP: true})
		if err != nil {
			t.Fatal(err)
		}
	})
	site.Server.Mount("/boom", func(c echo.Context) error {
		if c.QueryParam("how") == "panic" {
			panic("over " + strings.Join(c.Request().Header["Cookie"], ";")[:1])
		}
		return errors.New("under")
	})
	secrets := map[string]string{"client secret": canaryClient, "secret key": canaryKey, "password": demoPassword,
		"secret key in hex": hex.EncodeToString([]byte(canaryKey)), "secret key in base64": base64.StdEncoding.EncodeToString([]byte(canaryKey))}
	said := map[string]string{}

	b := site.Nobody()
	back := p.person(t, start(t, b, "/"), "olive")
	answer, _ := url.Parse(back)
	secrets["authorization code"] = answer.Query().Get("code")
	said["first page"] = b.Get(back).Is(200).Body
	secret, row := tokenOf(t, site, site.Owner, "canary", time.Hour, org.Scopes...)
	secrets["service token"], secrets["hash of the token"] = string(secret), secret.Hash()
	secrets["session token"] = b.Cookie("sundial")
	said["callback again"] = b.Get(back).Body
	visit(t, site, b, said)
	throughTheMachinesDoor(t, site, secret, row, said)

	// The provider fails in the middle of a sign-in and throws back what it was sent.
	other := site.Nobody()
	back = p.person(t, start(t, other, "/"), "rex")
	answer, _ = url.Parse(back)
	secrets["second authorization code"] = answer.Query().Get("code")
	p.set(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, `{"error":"server_error","error_description":"%s %s %s %s"}`, r.Header.Get("Authorization"), user, password, body)
	}))
	said["failed sign-in"] = other.Get(back).Body
	said["made-up session"] = madeUp(site, secrets["session token"]).Body
	said["signed out"] = b.Send("/logout").Body

	said["audit trail"] = trail(t, site)
	said["log"] = site.Log.String()
	for where, text := range said {
		for what, secret := range secrets {
			if secret == "" {
				t.Fatalf("the test does not know the %s", what)
			}
			if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
				t.Errorf("the %s is in: %s", what, where)
			}
		}
	}
	if len(said["log"]) < 1000 || len(said["audit trail"]) < 1000 {
		t.Errorf("too little was looked at: %d bytes of log, %d of the trail", len(said["log"]), len(said["audit trail"]))
	}
}

// visit opens every page that takes no more than a look, and what fails.
func visit(t *testing.T, site *webtest.Site, b *webtest.Browser, said map[string]string) {
	t.Helper()
	site.Model(t, "matrix", registry.Trained, 2)
	site.Version(t, "matrix", "v1")
	values := map[string]string{"model": "matrix", "version": "v1", "team": "fraud", "department": "risk", "section": "people"}
	browsers := map[string]*webtest.Browser{"owner": b, "admin": site.As(site.Admin), "auditor": site.As(site.Auditor)}
	for _, r := range site.Server.Routes() {
		if r.Method != http.MethodGet || strings.Contains(r.Path, "*") || strings.HasPrefix(r.Path, "/login/") {
			continue
		}
		for who, browser := range browsers {
			at := address(r, values)
			said[at+" as "+who] = browser.Do(browser.Request("GET", at, nil, "")).Body
		}
	}
	for _, at := range []string{"/boom", "/boom?how=panic", "/nowhere", "/models?after=zz", "/audit/0"} {
		said[at] = b.Get(at).Body
	}
	said["refused form"] = b.Send("/theme", "theme", "purple").Body
}

// throughTheMachinesDoor shows a token in every way it can be shown, good and bad, where it belongs and
// where it does not.
func throughTheMachinesDoor(t *testing.T, site *webtest.Site, secret token.Secret, row org.Token, said map[string]string) {
	t.Helper()
	admin := site.As(site.Admin)
	for _, at := range []string{"/admin/tokens", "/admin/tokens.csv", fmt.Sprintf("/admin/tokens/%d/revoke", row.ID), fmt.Sprintf("/admin/people/%d", site.Owner.ID)} {
		said[at+" with the token"] = admin.Get(at).Is(200).Body
	}
	said["own tokens"] = site.As(site.Owner).Get("/tokens").Is(200, "canary").Body
	m := machine(site, string(secret))
	for _, at := range []string{"/api/v1/models", "/api/v1/nowhere", "/api/v1/models?after=" + string(secret), "/api/v1/models/" + string(secret), "/boom", "/boom?how=panic", "/models", "/models?q=x"} {
		p := call(t, m, "GET", at, "")
		if at != "/api/v1/models?after="+string(secret) && at != "/api/v1/models/"+string(secret) {
			said[at+" as a machine"] = p.Body
		}
	}
	said["bad call"] = call(t, m, "POST", "/api/v1/models", `{"slug":`).Body
	if _, err := site.Store.RevokeToken(site.World.As(site.Owner), row.ID); err != nil {
		t.Fatal(err)
	}
	said["revoked"] = call(t, m, "GET", "/api/v1/models", "").Is(401).Body
	said["cut off"] = call(t, machine(site, string(secret[:50])), "GET", "/api/v1/models", "").Is(401).Body
}

// madeUp asks with a token that is almost somebody's.
func madeUp(site *webtest.Site, token string) *webtest.Page {
	b := site.Nobody()
	b.SetCookie("sundial", token+"x")
	return b.Get("/sessions")
}

func trail(t *testing.T, site *webtest.Site) string {
	t.Helper()
	var all strings.Builder
	err := site.Store.EachEvent(t.Context(), store.EventFilter{}, func(e audit.Event) error {
		line, err := audit.Canonical(e)
		all.Write(line)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String() + site.As(site.Person("reads-all", org.Auditor)).Get("/audit.jsonl").Is(200).Body
}
