package oidc_test

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/auth/oidc"
)

// legalAnswer is an answer that some good provider gives. want says what is special about the identity, if anything.
type legalAnswer struct {
	name string
	tell func(*rogue)
	want func(oidc.Identity) bool
}

func nothing(*rogue) {}

func inGroups(groups ...string) func(oidc.Identity) bool {
	return func(who oidc.Identity) bool { return slices.Equal(who.Groups, groups) }
}

// quiet userinfo tells the subject alone, so that the ID token's claims count.
func quietUserinfo(r *rogue) {
	r.userinfo = func(d doc) {
		for name := range d {
			if name != "sub" {
				delete(d, name)
			}
		}
	}
}

// bare leaves only the claims that an ID token must have.
func bare(r *rogue) {
	r.claims = func(c doc) {
		for _, name := range []string{"email", "name", "groups", "at_hash", "auth_time"} {
			delete(c, name)
		}
	}
}

func contentType(path, kind string) func(*rogue) {
	return func(r *rogue) {
		r.set(path, func(w http.ResponseWriter, q *http.Request) {
			kept := keepType{w, kind}
			map[string]http.HandlerFunc{"/token": r.serveToken, "/keys": r.serveKeys, "/userinfo": r.serveUserinfo, wellKnown: r.serveDiscovery}[path](kept, q)
		})
	}
}

type keepType struct {
	http.ResponseWriter
	kind string
}

func (k keepType) WriteHeader(status int) {
	k.Header().Set("Content-Type", k.kind)
	k.ResponseWriter.WriteHeader(status)
}

func moved(path, to string) func(*rogue) {
	return func(r *rogue) {
		serve := map[string]http.HandlerFunc{wellKnown: r.serveDiscovery, "/keys": r.serveKeys}[path]
		r.set(path, func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, to, http.StatusFound) })
		r.set(to, serve)
	}
}

var legalAnswers = []legalAnswer{
	{"as usual", nothing, func(who oidc.Identity) bool {
		return who.Subject == "alice" && who.Email == "alice@corp.example" && who.EmailVerified && who.Name == "Alice" && !who.GroupsOnlyInIDToken &&
			who.AccessToken == accessToken && who.RefreshToken == refreshToken && who.IDToken != "" && !who.Expiry.IsZero() && !who.AuthTime.IsZero()
	}},
	{"RS256 without a key id", headed(func(_ *rogue, h doc) { delete(h, "kid") }), nil},
	{"ES256", signedWith("ES256", ecKey()), nil},
	{"PS256", signedWith("PS256", rsaKey()), nil},
	{"EdDSA", signedWith("EdDSA", edKey()), nil},
	{"EdDSA with at_hash", both(signedWith("EdDSA", edKey()), func(r *rogue) {
		sum := sha512.Sum512([]byte(accessToken))
		r.claims = func(c doc) { c["at_hash"] = base64.RawURLEncoding.EncodeToString(sum[:32]) }
	}), nil},
	{"no algorithms announced", described(func(_ *rogue, d doc) { delete(d, "id_token_signing_alg_values_supported") }), nil},
	{"no typ", headed(func(_ *rogue, h doc) { delete(h, "typ") }), nil},
	{"typ in small letters", headed(func(_ *rogue, h doc) { h["typ"] = "jwt" }), nil},
	{"header with x5t", headed(func(_ *rogue, h doc) { h["x5t"] = "AAAA" }), nil},
	{"key without use and alg", publishing(func(r *rogue) []any {
		d := r.public("k1", &rsaKey().PublicKey, "")
		delete(d, "use")
		delete(d, "alg")
		return []any{d}
	}), nil},
	{"keys of kinds nobody knows", publishing(func(r *rogue) []any {
		return []any{doc{"kty": "NEW", "kid": "n"}, doc{"kty": "RSA"}, "nonsense", doc{"kty": "oct", "k": "AAAA", "kid": "k1"}, r.public("k1", &rsaKey().PublicKey, "RS256")}
	}), nil},
	{"another key under the same id", publishing(func(r *rogue) []any {
		return []any{r.public("k1", &otherRSAKey().PublicKey, "RS256"), r.public("k1", &rsaKey().PublicKey, "RS256")}
	}), nil},
	{"key for verifying", publishedWith("key_ops", []string{"verify"}), nil},
	{"aud array of one", claim("aud", []string{clientID}), nil},
	{"azp = client", claim("azp", clientID), nil},
	{"several aud and azp = client", claimed(func(_ *rogue, c doc) { c["aud"], c["azp"] = []string{"api", clientID}, clientID }), nil},
	{"groups as string", both(claim("groups", "risk"), told(func(_ *rogue, d doc) { d["groups"] = "risk" })), inGroups("risk")},
	{"groups only at userinfo", bare, inGroups("risk", "fraud")},
	{"groups only in the ID token", quietUserinfo, func(who oidc.Identity) bool {
		return who.GroupsOnlyInIDToken && slices.Equal(who.Groups, []string{"risk", "fraud"})
	}},
	{"userinfo knows the groups better", told(func(_ *rogue, d doc) { d["groups"] = []string{"fraud"} }), inGroups("fraud")},
	{"groups nowhere", both(bare, quietUserinfo), inGroups()},
	{"groups of a wrong kind give no rights", both(bare, told(func(_ *rogue, d doc) { d["groups"] = doc{"risk": true} })), inGroups()},
	{"groups with a number give no rights", both(bare, told(func(_ *rogue, d doc) { d["groups"] = []any{"risk", 7} })), inGroups()},
	{"each group once", both(bare, told(func(_ *rogue, d doc) { d["groups"] = []string{"risk", "", "risk"} })), inGroups("risk")},
	{"groups under another name", both(func(r *rogue) {
		r.config = func(c *oidc.Config) { c.GroupsClaim = "https://corp.example/roles" }
	}, told(func(_ *rogue, d doc) { d["https://corp.example/roles"] = []string{"owners"} })), inGroups("owners")},
	{"missing email and name", both(bare, quietUserinfo), func(who oidc.Identity) bool { return who.Email == "" && who.Name == "" }},
	{"email_verified as a string", told(func(_ *rogue, d doc) { d["email_verified"] = "true" }), func(who oidc.Identity) bool { return who.EmailVerified }},
	{"email that is not verified", told(func(_ *rogue, d doc) { delete(d, "email_verified") }), func(who oidc.Identity) bool { return !who.EmailVerified }},
	{"name of a wrong kind", both(bare, told(func(_ *rogue, d doc) { d["name"] = 7 })), func(who oidc.Identity) bool { return who.Name == "" }},
	{"name with control characters", told(func(_ *rogue, d doc) { d["name"] = " Al\x00ice\u202e\n" }), func(who oidc.Identity) bool { return who.Name == "Alice" }},
	{"very long name", told(func(_ *rogue, d doc) { d["name"] = strings.Repeat("é", 5000) }), func(who oidc.Identity) bool { return who.Name == strings.Repeat("é", 200) }},
	{"only a preferred_username", both(bare, told(func(_ *rogue, d doc) { delete(d, "name"); d["preferred_username"] = "ali" })), func(who oidc.Identity) bool { return who.Name == "ali" }},
	{"extra claims", claim("https://corp.example/x", doc{"sub": "mallory", "a": []int{1}}), nil},
	{"distributed claims are not followed", claimed(func(r *rogue, c doc) {
		c["_claim_names"], c["_claim_sources"] = doc{"roles": "s"}, doc{"s": doc{"endpoint": r.elsewhere + "/claims", "access_token": "x"}}
	}), nil},
	{"sub of 255 bytes", everywhere(strings.Repeat("a", 255)), nil},
	{"sub with unusual characters", everywhere("auth0|Ålice @corp/7"), func(who oidc.Identity) bool { return who.Subject == "auth0|Ålice @corp/7" }},
	{"iat 50 seconds ahead", at("iat", 50*time.Second), nil},
	{"iat some minutes ago", at("iat", -4*time.Minute), nil},
	{"nbf 50 seconds ahead", at("nbf", 50*time.Second), nil},
	{"nbf past", at("nbf", -time.Hour), nil},
	{"exp 50 seconds ago", at("exp", -50*time.Second), nil},
	{"exp tomorrow", at("exp", 24*time.Hour), nil},
	{"exp with a fraction", claim("exp", float64(time.Now().Unix())+300.5), nil},
	{"at_hash missing", without("at_hash"), nil},
	{"auth_time within max_age", withMaxAge(at("auth_time", -30*time.Minute)), nil},
	{"auth_time long ago without max_age", at("auth_time", -30*24*time.Hour), nil},
	{"claims with blanks", func(r *rogue) {
		r.payload = func(text string) string { return "\n " + strings.ReplaceAll(text, `":`, `" :  `) + " \n" }
	}, nil},
	{"iss in the answer", brought(func(r *rogue, q url.Values) { q.Set("iss", r.issuer) }), nil},
	{"iss in the answer as advertised", both(brought(func(r *rogue, q url.Values) { q.Set("iss", r.issuer) }),
		described(func(_ *rogue, d doc) { d["authorization_response_iss_parameter_supported"] = true })), nil},
	{"more in the answer", brought(func(_ *rogue, q url.Values) { q["session_state"] = []string{"a", "b"} }), nil},
	{"charset in content types", both(contentType("/token", "application/json; charset=utf-8"), contentType("/userinfo", "application/json;charset=UTF-8"),
		contentType("/keys", "application/jwk-set+json; charset=utf-8"), contentType(wellKnown, "application/json; charset=utf-8")), nil},
	{"token_type in small letters", answeredWith("token_type", "bearer"), nil},
	{"expires_in as a string", answeredWith("expires_in", "300"), nil},
	{"no expires_in, no refresh token", answered(func(_ *rogue, d doc) { delete(d, "expires_in"); delete(d, "refresh_token") }), func(who oidc.Identity) bool {
		return who.RefreshToken == "" && who.AccessExpiry.IsZero()
	}},
	{"more in the token answer", answeredWith("scope", "openid email"), nil},
	{"no userinfo", described(func(_ *rogue, d doc) { delete(d, "userinfo_endpoint") }), inGroups("risk", "fraud")},
	{"userinfo refuses while the ID token tells all", instead("/userinfo", status(403)), inGroups("risk", "fraud")},
	{"userinfo as a JWT for us", signedUserinfo(func(c doc) { c["groups"] = []string{"signed"} }), inGroups("signed")},
	{"more in discovery", described(func(_ *rogue, d doc) { d["x"], d["mtls_endpoint_aliases"] = 1, doc{} }), nil},
	{"authorization endpoint with a query", described(func(r *rogue, d doc) { d["authorization_endpoint"] = r.issuer + "/authorize?tenant=7" }), nil},
	{"discovery moved on the same host", moved(wellKnown, "/moved"), nil},
	{"keys moved on the same host", moved("/keys", "/moved"), nil},
	{"secret in the body", described(func(_ *rogue, d doc) { d["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"} }), nil},
	{"issuer with a trailing slash on both sides", func(r *rogue) {
		r.config = func(c *oidc.Config) { c.Issuer = r.issuer + "/" }
		r.discovery = func(d doc) { d["issuer"] = r.issuer + "/" }
		r.claims = func(c doc) { c["iss"] = r.issuer + "/" }
	}, nil},
	{"behind TLS", func(r *rogue) { secure(func(*rogue, doc) {})(r) }, nil},
}

func TestLegalAnswersAreAccepted(t *testing.T) {
	for _, legal := range legalAnswers {
		t.Run(legal.name, func(t *testing.T) {
			t.Parallel()
			r := newRogue(t)
			legal.tell(r)
			who, err := r.signIn()
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSuffix(who.Issuer, "/") != r.issuer || who.Subject == "" {
				t.Errorf("signed in as %q of %q", who.Subject, who.Issuer)
			}
			if legal.want != nil && !legal.want(who) {
				text, _ := json.Marshal(who)
				t.Errorf("not as wanted: %s", text)
			}
			nothingStrayed(t, r)
		})
	}
	t.Logf("%d legal answers", len(legalAnswers))
}

func TestStartAsksAsItShould(t *testing.T) {
	r := newRogue(t)
	r.config = func(c *oidc.Config) { c.MaxAge = time.Hour }
	p, err := r.portal()
	if err != nil {
		t.Fatal(err)
	}
	first, flow, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if flow.State == other.State || flow.Nonce == other.Nonce || flow.Verifier == other.Verifier || flow.State == flow.Nonce {
		t.Error("two flows share what must be theirs alone")
	}
	u, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if len(q.Get("state")) < 40 || len(q.Get("nonce")) < 40 || len(q.Get("code_challenge")) != 43 {
		t.Errorf("too little to guess in %s", first)
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		q.Del(name)
	}
	want := url.Values{
		"client_id": {clientID}, "redirect_uri": {"http://127.0.0.1:8080/callback"}, "response_type": {"code"}, "max_age": {"3600"},
		"scope": {"openid profile email groups offline_access"}, "code_challenge_method": {"S256"},
	}
	if diff := cmp.Diff(want, q); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(first, flow.Verifier) || strings.Contains(first, clientSecret) {
		t.Error("the address holds a secret")
	}
}

func TestFlowHasAnEnd(t *testing.T) {
	r := newRogue(t)
	p, err := r.portal()
	if err != nil {
		t.Fatal(err)
	}
	redirect, flow, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	back := r.visit(redirect, flow)
	if _, err := p.Finish(t.Context(), oidc.Flow{}, back, time.Now()); err == nil {
		t.Error("an empty flow was finished")
	}
	if _, err := p.Finish(t.Context(), oidc.Flow{}, url.Values{"state": {""}, "code": {goodCode}}, time.Now()); err == nil {
		t.Error("an empty state matched an empty flow")
	}
	if _, err := p.Finish(t.Context(), flow, back, time.Now().Add(time.Hour)); err == nil {
		t.Error("a flow of an hour ago was finished")
	}
	if n := r.asked("/token"); n > 0 {
		t.Errorf("the token endpoint was asked %d times", n)
	}
	if _, err := p.Finish(t.Context(), flow, back, time.Now()); err != nil {
		t.Error(err)
	}
}

func TestConfiguration(t *testing.T) {
	good := oidc.Config{Issuer: "https://login.corp.example/realm", ClientID: "sundial", RedirectURL: "https://sundial.corp.example/callback"}
	for name, change := range map[string]func(*oidc.Config){
		"no issuer":                   func(c *oidc.Config) { c.Issuer = "" },
		"relative issuer":             func(c *oidc.Config) { c.Issuer = "login" },
		"issuer with a query":         func(c *oidc.Config) { c.Issuer += "?a=b" },
		"plain-http issuer":           func(c *oidc.Config) { c.Issuer, c.AllowHTTP = "http://login.corp.example", true },
		"plain-http loopback unasked": func(c *oidc.Config) { c.Issuer = "http://127.0.0.1:1" },
		"no client":                   func(c *oidc.Config) { c.ClientID = "" },
		"no redirect URL":             func(c *oidc.Config) { c.RedirectURL = "" },
		"relative redirect URL":       func(c *oidc.Config) { c.RedirectURL = "/callback" },
	} {
		c := good
		change(&c)
		if _, err := oidc.New(c); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	p, err := oidc.New(good)
	if err != nil {
		t.Fatal(err)
	}
	if p.Origin() != "https://login.corp.example" {
		t.Errorf("origin %q", p.Origin())
	}
}

func TestLogoutURL(t *testing.T) {
	r := newRogue(t)
	p, err := r.portal()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(p.LogoutURL("eyJ.hint.x", "bye"))
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"client_id": {clientID}, "id_token_hint": {"eyJ.hint.x"}, "post_logout_redirect_uri": {"http://127.0.0.1:8080/"}, "state": {"bye"}}
	if diff := cmp.Diff(want, u.Query()); diff != "" || u.Path != "/logout" {
		t.Errorf("%s %s", u.Path, diff)
	}
	if long := p.LogoutURL(strings.Repeat("a", 9000), ""); len(long) > 2000 {
		t.Error("a hint too long for an address is sent")
	}
	silent := newRogue(t)
	silent.discovery = func(d doc) { delete(d, "end_session_endpoint") }
	if p, err = silent.portal(); err != nil {
		t.Fatal(err)
	}
	if got := p.LogoutURL("hint", ""); got != "" {
		t.Errorf("signs out at %q, which nobody offered", got)
	}
}

func TestIdentityDoesNotPrintItsTokens(t *testing.T) {
	r := newRogue(t)
	who, err := r.signIn()
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	printTo(&printed, who)
	for _, secret := range []string{accessToken, refreshToken, who.IDToken} {
		if strings.Contains(printed.String(), secret) {
			t.Errorf("%q is printed", secret)
		}
	}
	if !strings.Contains(printed.String(), "alice") {
		t.Error("nothing of use is printed")
	}
}
