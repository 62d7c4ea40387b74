package oidc_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/auth/oidc"
	"sundial/models/fault"
)

// badAnswer is one way in which a provider, or somebody in its place, answers as it must not.
type badAnswer struct {
	name string
	tell func(*rogue)
}

// Each table is one kind of answer.
var badAnswers = map[string][]badAnswer{
	"discovery":            badDiscovery,
	"authorization answer": badAuthorization,
	"token answer":         badTokenAnswer,
	"claims":               badClaims,
	"signature":            badSignature,
	"userinfo":             badUserinfo,
}

const foul = `<script>alert("provider")</script>`

func TestBadAnswersAreRefused(t *testing.T) {
	total := 0
	for kind, cases := range badAnswers {
		total += len(cases)
		for _, bad := range cases {
			t.Run(kind+"/"+bad.name, func(t *testing.T) {
				t.Parallel()
				r := newRogue(t)
				bad.tell(r)
				who, err := r.signIn()
				if err == nil {
					t.Fatalf("%s was signed in", who)
				}
				if diff := cmp.Diff(oidc.Identity{}, who); diff != "" {
					t.Errorf("a refused answer gives an identity: %s", diff)
				}
				t.Log(err)
				fitForPeople(t, err)
				nothingStrayed(t, r)
			})
		}
	}
	t.Logf("%d bad answers in %d kinds", total, len(badAnswers))
}

// fitForPeople checks what somebody reads, and what the log gets.
func fitForPeople(t *testing.T, err error) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok {
		t.Fatalf("no fault in %v", err)
	}
	if len(f.Sentence) < 20 || len(f.Sentence) > 300 {
		t.Errorf("the sentence has %d bytes: %s", len(f.Sentence), f.Sentence)
	}
	if len(err.Error()) > 600 || strings.ContainsAny(err.Error(), "\n\r\x00\x1b") {
		t.Errorf("the detail is long or holds control characters: %q", err.Error())
	}
	for _, secret := range []string{clientSecret, accessToken, refreshToken, goodCode, "eyJ"} {
		if strings.Contains(f.Sentence, secret) || strings.Contains(err.Error(), secret) {
			t.Errorf("%q leaks in %q / %q", secret, f.Sentence, err)
		}
	}
	if strings.Contains(f.Sentence, "script") {
		t.Errorf("the provider's own text is shown: %q", f.Sentence)
	}
}

func nothingStrayed(t *testing.T, r *rogue) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.strayed) > 0 {
		t.Errorf("another host was asked: %q", r.strayed)
	}
}

func instead(path string, serve http.HandlerFunc) func(*rogue) {
	return func(r *rogue) { r.set(path, serve) }
}

func sendsHTML(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "<!doctype html><title>Sign in</title>"+foul)
}

func sendsSixtyFourMiB(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"x":"`)
	block := []byte(strings.Repeat("a", 1<<20))
	for range 64 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
	_, _ = io.WriteString(w, `"}`)
}

func hangs(_ http.ResponseWriter, q *http.Request) {
	_, _ = io.Copy(io.Discard, q.Body) // only then does the server notice that nobody waits any more
	select {
	case <-q.Context().Done():
	case <-time.After(20 * time.Second):
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func impatient(r *rogue) {
	r.config = func(c *oidc.Config) { c.HTTP = &http.Client{Timeout: 300 * time.Millisecond} }
}

func hanging(path string) func(*rogue) {
	return func(r *rogue) {
		impatient(r)
		r.set(path, hangs)
	}
}

func redirecting(path string, code int) func(*rogue) {
	return func(r *rogue) {
		r.set(path, func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, r.elsewhere+q.URL.Path, code) })
	}
}

const wellKnown = "/.well-known/openid-configuration"

func described(change func(r *rogue, d doc)) func(*rogue) {
	return func(r *rogue) { r.discovery = func(d doc) { change(r, d) } }
}

// secure moves the provider behind TLS, so that plain http stands out.
func secure(change func(r *rogue, d doc)) func(*rogue) {
	return func(r *rogue) {
		s := httptest.NewTLSServer(r.handler())
		plain := r.issuer
		r.issuer = r.listen(s)
		r.config = func(c *oidc.Config) { c.HTTP = s.Client() }
		r.discovery = func(d doc) {
			for name, value := range d {
				if text, ok := value.(string); ok {
					d[name] = strings.Replace(text, plain, r.issuer, 1)
				}
			}
			change(r, d)
		}
	}
}

func plainHTTP(name, path string) func(*rogue) {
	return secure(func(r *rogue, d doc) { d[name] = r.elsewhere + path })
}

var badDiscovery = []badAnswer{
	{"issuer differs", described(func(r *rogue, d doc) { d["issuer"] = r.elsewhere })},
	{"issuer missing", described(func(_ *rogue, d doc) { delete(d, "issuer") })},
	{"issuer with a trailing slash", described(func(r *rogue, d doc) { d["issuer"] = r.issuer + "/" })},
	{"issuer in capitals", described(func(r *rogue, d doc) { d["issuer"] = strings.ToUpper(r.issuer) })},
	{"HTML", instead(wellKnown, sendsHTML)},
	{"not an object", instead(wellKnown, func(w http.ResponseWriter, _ *http.Request) { send(w, []string{"a"}) })},
	{"64 MiB", instead(wellKnown, sendsSixtyFourMiB)},
	{"hangs", hanging(wellKnown)},
	{"500", instead(wellKnown, status(500))},
	{"404", instead(wellKnown, status(404))},
	{"redirects to elsewhere", redirecting(wellKnown, http.StatusFound)},
	{"redirects in a circle", instead(wellKnown, func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, wellKnown, http.StatusFound) })},
	{"plain-http keys", plainHTTP("jwks_uri", "/keys")},
	{"plain-http token endpoint", plainHTTP("token_endpoint", "/token")},
	{"plain-http authorization endpoint", plainHTTP("authorization_endpoint", "/authorize")},
	{"plain-http userinfo", plainHTTP("userinfo_endpoint", "/userinfo")},
	{"plain-http end of session", plainHTTP("end_session_endpoint", "/logout")},
	{"no keys", described(func(_ *rogue, d doc) { delete(d, "jwks_uri") })},
	{"no token endpoint", described(func(_ *rogue, d doc) { delete(d, "token_endpoint") })},
	{"relative token endpoint", described(func(_ *rogue, d doc) { d["token_endpoint"] = "/token" })},
	{"another scheme", described(func(_ *rogue, d doc) { d["authorization_endpoint"] = "javascript:alert(1)" })},
	{"plain-http endpoint off loopback", described(func(_ *rogue, d doc) { d["token_endpoint"] = "http://192.0.2.1/token" })},
}

func brought(change func(r *rogue, q url.Values)) func(*rogue) {
	return func(r *rogue) { r.answer = func(q url.Values) { change(r, q) } }
}

var badAuthorization = []badAnswer{
	{"state missing", brought(func(_ *rogue, q url.Values) { q.Del("state") })},
	{"state empty", brought(func(_ *rogue, q url.Values) { q.Set("state", "") })},
	{"state of another flow", brought(func(_ *rogue, q url.Values) { q.Set("state", "AAAA") })},
	{"code missing", brought(func(_ *rogue, q url.Values) { q.Del("code") })},
	{"code empty", brought(func(_ *rogue, q url.Values) { q.Set("code", "") })},
	{"code of another", brought(func(_ *rogue, q url.Values) { q.Set("code", "stolen") })},
	{"code without end", brought(func(_ *rogue, q url.Values) { q.Set("code", strings.Repeat("a", 1<<20)) })},
	{"error", brought(func(_ *rogue, q url.Values) { q.Del("code"); q.Set("error", "access_denied") })},
	{"error with a code", brought(func(_ *rogue, q url.Values) { q.Set("error", "access_denied") })},
	{"empty error with a code", brought(func(_ *rogue, q url.Values) { q.Set("error", "") })},
	{"error in a foul text", brought(func(_ *rogue, q url.Values) {
		q.Set("error", foul+"\n\x1b[31m")
		q.Set("error_description", strings.Repeat(foul, 5000))
	})},
	{"iss of another issuer", brought(func(r *rogue, q url.Values) { q.Set("iss", r.elsewhere) })},
	{"iss empty", brought(func(_ *rogue, q url.Values) { q.Set("iss", "") })},
	{"iss missing though advertised", described(func(_ *rogue, d doc) { d["authorization_response_iss_parameter_supported"] = true })},
	{"state twice", brought(func(_ *rogue, q url.Values) { q.Add("state", q.Get("state")) })},
	{"code twice", brought(func(_ *rogue, q url.Values) { q.Add("code", "other") })},
	{"iss twice", brought(func(r *rogue, q url.Values) { q["iss"] = []string{r.issuer, r.elsewhere} })},
}

func answered(change func(r *rogue, d doc)) func(*rogue) {
	return func(r *rogue) { r.token = func(d doc) { change(r, d) } }
}

func answeredWith(name string, value any) func(*rogue) {
	return answered(func(_ *rogue, d doc) { d[name] = value })
}

var badTokenAnswer = []badAnswer{
	{"no id_token", answered(func(_ *rogue, d doc) { delete(d, "id_token") })},
	{"id_token empty", answeredWith("id_token", "")},
	{"id_token null", answeredWith("id_token", nil)},
	{"id_token not a string", answeredWith("id_token", doc{"sub": "alice"})},
	{"no access token", answered(func(_ *rogue, d doc) { delete(d, "access_token") })},
	{"no token_type", answered(func(_ *rogue, d doc) { delete(d, "token_type") })},
	{"wrong token_type", answeredWith("token_type", "mac")},
	{"error with tokens", answeredWith("error", "invalid_grant")},
	{"error in a foul text", instead("/token", func(w http.ResponseWriter, q *http.Request) {
		_ = q.ParseForm()
		sendWith(w, http.StatusBadRequest, doc{"error": foul, "error_description": q.PostForm.Get("code") + clientSecret + strings.Repeat(foul, 1000)})
	})},
	{"our secret refused", instead("/token", func(w http.ResponseWriter, _ *http.Request) {
		sendWith(w, http.StatusUnauthorized, doc{"error": "invalid_client"})
	})},
	{"307 elsewhere", redirecting("/token", http.StatusTemporaryRedirect)},
	{"308 elsewhere", redirecting("/token", http.StatusPermanentRedirect)},
	{"302 elsewhere", redirecting("/token", http.StatusFound)},
	{"307 on the same host", instead("/token", func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, "/elsewhere", http.StatusTemporaryRedirect)
	})},
	{"hang", hanging("/token")},
	{"HTML", instead("/token", sendsHTML)},
	{"64 MiB", instead("/token", sendsSixtyFourMiB)},
	{"500", instead("/token", status(500))},
	{"nothing", instead("/token", status(200))},
}

func claimed(change func(r *rogue, c doc)) func(*rogue) {
	return func(r *rogue) { r.claims = func(c doc) { change(r, c) } }
}

func claim(name string, value any) func(*rogue) {
	return claimed(func(_ *rogue, c doc) { c[name] = value })
}

func without(name string) func(*rogue) {
	return claimed(func(_ *rogue, c doc) { delete(c, name) })
}

func written(old, new string) func(*rogue) {
	return func(r *rogue) {
		r.payload = func(text string) string {
			if !strings.Contains(text, old) {
				r.t.Errorf("the payload does not hold %s", old)
			}
			return strings.Replace(text, old, new, 1)
		}
	}
}

func at(name string, from time.Duration) func(*rogue) {
	return claimed(func(_ *rogue, c doc) { c[name] = time.Now().Add(from).Unix() })
}

// everywhere says the same wrong subject at userinfo, so that it does not differ from the ID token's.
func everywhere(sub any) func(*rogue) {
	return func(r *rogue) {
		r.claims = func(c doc) { c["sub"] = sub }
		r.userinfo = func(d doc) { d["sub"] = sub }
	}
}

func withMaxAge(tell func(*rogue)) func(*rogue) {
	return func(r *rogue) {
		r.config = func(c *oidc.Config) { c.MaxAge = time.Hour }
		tell(r)
	}
}

var badClaims = []badAnswer{
	{"iss missing", without("iss")},
	{"iss of another", claimed(func(r *rogue, c doc) { c["iss"] = r.elsewhere })},
	{"iss with a trailing slash", claimed(func(r *rogue, c doc) { c["iss"] = r.issuer + "/" })},
	{"aud missing", without("aud")},
	{"aud of another", claim("aud", "somebody-else")},
	{"aud array of another", claim("aud", []string{"somebody-else"})},
	{"aud empty array", claim("aud", []string{})},
	{"aud in capitals", claim("aud", strings.ToUpper(clientID))},
	{"aud holds a number", claim("aud", []any{clientID, 7})},
	{"several aud without azp", claim("aud", []string{clientID, "somebody-else"})},
	{"several aud and foreign azp", claimed(func(_ *rogue, c doc) { c["aud"], c["azp"] = []string{clientID, "somebody-else"}, "somebody-else" })},
	{"foreign azp", claim("azp", "somebody-else")},
	{"azp not a string", claim("azp", []string{clientID})},
	{"exp missing", without("exp")},
	{"exp null", claim("exp", nil)},
	{"exp past", at("exp", -2*time.Minute)},
	{"exp a string", claim("exp", fmt.Sprint(time.Now().Add(time.Minute).Unix()))},
	{"exp in 100 years", at("exp", 100*365*24*time.Hour)},
	{"exp beyond all time", written(`"exp":`, `"exp":1e300,"was":`)},
	{"exp negative", claim("exp", -1)},
	{"iat missing", without("iat")},
	{"iat in the future", at("iat", 5*time.Minute)},
	{"iat a day old", at("iat", -24*time.Hour)},
	{"iat a string", claim("iat", fmt.Sprint(time.Now().Unix()))},
	{"nbf in the future", at("nbf", 5*time.Minute)},
	{"nbf a string", claim("nbf", "now")},
	{"nonce missing", without("nonce")},
	{"nonce wrong", claim("nonce", "AAAA")},
	{"nonce empty", claim("nonce", "")},
	{"nonce not a string", claim("nonce", []string{"AAAA"})},
	{"sub missing", without("sub")},
	{"sub empty", everywhere("")},
	{"sub blank", everywhere("   ")},
	{"sub huge", everywhere(strings.Repeat("a", 256))},
	{"sub with a control character", everywhere("alice\x00")},
	{"sub with a line break", everywhere("alice\nadmin")},
	{"sub with a change of direction", everywhere("alice\u202e")},
	{"sub with half a character", written(`"sub":"alice"`, `"sub":"\ud800"`)},
	{"sub a number", everywhere(7)},
	{"sub an array", everywhere([]string{"alice"})},
	{"sub null", everywhere(nil)},
	{"sub twice", written(`"sub":"alice"`, `"sub":"mallory","sub":"alice"`)},
	{"sub twice, once escaped", written(`"sub":"alice"`, `"s\u0075b":"mallory","sub":"alice"`)},
	{"SUB beside sub", written(`"sub":"alice"`, `"sub":"alice","SUB":"mallory"`)},
	{"SUB instead of sub", written(`"sub":"alice"`, `"SUB":"alice"`)},
	{"sub with a long s", written(`"sub":"alice"`, `"sub":"alice","ſub":"mallory"`)},
	{"nonce twice", written(`"nonce":`, `"nonce":"AAAA","nonce":`)},
	{"AUD beside aud", written(`"aud":`, `"AUD":"somebody-else","aud":`)},
	{"auth_time missing with max_age", withMaxAge(without("auth_time"))},
	{"auth_time too old with max_age", withMaxAge(at("auth_time", -2*time.Hour))},
	{"auth_time in the future", at("auth_time", time.Hour)},
	{"auth_time a string with max_age", withMaxAge(claim("auth_time", "today"))},
	{"at_hash wrong", claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA")},
	{"at_hash empty", claim("at_hash", "")},
	{"at_hash not a string", claim("at_hash", 7)},
	{"logout token used as id token", claim("events", doc{"http://schemas.openid.net/event/backchannel-logout": doc{}})},
	{"not an object", func(r *rogue) { r.payload = func(string) string { return `["alice"]` } }},
	{"not UTF-8", written(`"sub":"alice"`, "\"sub\":\"alice\",\"x\":\"\xff\"")},
	{"something after the object", func(r *rogue) { r.payload = func(text string) string { return text + `{"sub":"mallory"}` } }},
}

func headed(change func(r *rogue, h doc)) func(*rogue) {
	return func(r *rogue) { r.header = func(h doc) { change(r, h) } }
}

// sealedAs signs the same claims in another way.
func sealedAs(alg string, key func(r *rogue) any) func(*rogue) {
	return func(r *rogue) {
		r.seal = func(token string) string {
			payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
			return r.compact(doc{"alg": alg, "kid": r.kid, "typ": "JWT"}, payload, key(r))
		}
	}
}

func publishing(keys func(r *rogue) []any) func(*rogue) {
	return func(r *rogue) { r.keys = func() []any { return keys(r) } }
}

func publishedWith(name string, value any) func(*rogue) {
	return publishing(func(r *rogue) []any {
		d := r.public("k1", &rsaKey().PublicKey, "RS256")
		d[name] = value
		return []any{d}
	})
}

func signedWith(alg string, key any) func(*rogue) {
	return func(r *rogue) { r.alg, r.key = alg, key }
}

func resealed(change func(parts []string) string) func(*rogue) {
	return func(r *rogue) { r.seal = func(token string) string { return change(strings.Split(token, ".")) } }
}

func both(tells ...func(*rogue)) func(*rogue) {
	return func(r *rogue) {
		for _, tell := range tells {
			tell(r)
		}
	}
}

var badSignature = []badAnswer{
	{"none", sealedAs("none", func(*rogue) any { return nil })},
	{"None", sealedAs("None", func(*rogue) any { return nil })},
	{"none though announced", both(sealedAs("none", func(*rogue) any { return nil }),
		described(func(_ *rogue, d doc) { d["id_token_signing_alg_values_supported"] = []string{"none", "HS256"} }))},
	{"HS256 with the secret", sealedAs("HS256", func(*rogue) any { return []byte(clientSecret) })},
	{"HS256 with the secret though announced", both(sealedAs("HS256", func(*rogue) any { return []byte(clientSecret) }),
		described(func(_ *rogue, d doc) { d["id_token_signing_alg_values_supported"] = []string{"HS256"} }))},
	{"HS256 with the public key", sealedAs("HS256", func(*rogue) any {
		der, _ := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
		return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	})},
	{"HS256 with a published secret", both(sealedAs("HS256", func(*rogue) any { return []byte("published") }), publishing(func(*rogue) []any {
		return []any{doc{"kty": "oct", "kid": "k1", "alg": "HS256", "k": base64.RawURLEncoding.EncodeToString([]byte("published"))}}
	}))},
	{"bit flip in the signature", resealed(func(p []string) string {
		flipped := map[bool]string{true: "B", false: "A"}[p[2][10] == 'A']
		return p[0] + "." + p[1] + "." + p[2][:10] + flipped + p[2][11:]
	})},
	{"claims changed after signing", resealed(func(p []string) string {
		text, _ := base64.RawURLEncoding.DecodeString(p[1])
		return p[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(text), "risk", "root", 1))) + "." + p[2]
	})},
	{"signature missing", resealed(func(p []string) string { return p[0] + "." + p[1] + "." })},
	{"two parts", resealed(func(p []string) string { return p[0] + "." + p[1] })},
	{"five parts", resealed(func(p []string) string { return strings.Join(append(p, "a", "b"), ".") })},
	{"padded header", resealed(func(p []string) string { return p[0] + "==." + p[1] + "." + p[2] })},
	{"another's key under a known id", sealedAs("RS256", func(*rogue) any { return otherRSAKey() })},
	{"embedded jwk", both(sealedAs("RS256", func(*rogue) any { return otherRSAKey() }), func(r *rogue) {
		seal := r.seal
		r.seal = func(token string) string {
			return withHeader(r, seal(token), "jwk", r.public("k1", &otherRSAKey().PublicKey, "RS256"))
		}
	})},
	{"jku", func(r *rogue) {
		r.seal = func(token string) string { return withHeader(r, token, "jku", r.elsewhere+"/keys") }
	}},
	{"x5u", func(r *rogue) {
		r.seal = func(token string) string { return withHeader(r, token, "x5u", r.elsewhere+"/keys") }
	}},
	{"crit", headed(func(_ *rogue, h doc) { h["crit"], h["sundial"] = []string{"sundial"}, true })},
	{"crit empty", headed(func(_ *rogue, h doc) { h["crit"] = []string{} })},
	{"b64 off", headed(func(_ *rogue, h doc) { h["b64"] = false })},
	{"unknown kid", headed(func(_ *rogue, h doc) { h["kid"] = "k2" })},
	{"kid not a string", headed(func(_ *rogue, h doc) { h["kid"] = 7 })},
	{"key for encryption", publishedWith("use", "enc")},
	{"key for other operations", publishedWith("key_ops", []string{"encrypt"})},
	{"key for another alg", publishedWith("alg", "PS256")},
	{"alg that was not announced", both(signedWith("ES256", ecKey()),
		described(func(_ *rogue, d doc) { d["id_token_signing_alg_values_supported"] = []string{"RS256"} }))},
	{"ES256 on another curve", both(signedWith("ES256", ec384Key()), publishing(func(r *rogue) []any {
		d := r.public("k1", &ec384Key().PublicKey, "")
		delete(d, "alg")
		return []any{d}
	}))},
	{"1024-bit RSA", signedWith("RS256", shortRSAKey())},
	{"typ at+jwt", headed(func(_ *rogue, h doc) { h["typ"] = "at+jwt" })},
	{"typ application/at+jwt", headed(func(_ *rogue, h doc) { h["typ"] = "application/at+jwt" })},
	{"typ logout+jwt", headed(func(_ *rogue, h doc) { h["typ"] = "logout+jwt" })},
	{"typ not a string", headed(func(_ *rogue, h doc) { h["typ"] = 7 })},
	{"JSON serialisation", resealed(func(p []string) string {
		text, _ := json.Marshal(doc{"protected": p[0], "payload": p[1], "signature": p[2]})
		return string(text)
	})},
	{"general JSON serialisation", resealed(func(p []string) string {
		text, _ := json.Marshal(doc{"payload": p[1], "signatures": []doc{{"protected": p[0], "signature": p[2]}}})
		return string(text)
	})},
	{"longer than any token", claim("x", strings.Repeat("a", 300<<10))},
	{"empty key set", publishing(func(*rogue) []any { return nil })},
	{"key set that is HTML", instead("/keys", sendsHTML)},
	{"key set of 64 MiB", instead("/keys", sendsSixtyFourMiB)},
	{"key set that hangs", hanging("/keys")},
	{"key set that redirects to elsewhere", redirecting("/keys", http.StatusFound)},
	{"key set with 500", instead("/keys", status(500))},
}

// withHeader adds to a signed token's header and signs again with another's key.
func withHeader(r *rogue, token, name string, value any) string {
	parts := strings.Split(token, ".")
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	return r.compact(doc{"alg": "RS256", "kid": "k1", "typ": "JWT", name: value}, payload, otherRSAKey())
}

func told(change func(r *rogue, d doc)) func(*rogue) {
	return func(r *rogue) { r.userinfo = func(d doc) { change(r, d) } }
}

// signedUserinfo answers with a token made of changed claims.
func signedUserinfo(change func(c doc)) func(*rogue) {
	return func(r *rogue) {
		r.set("/userinfo", func(w http.ResponseWriter, _ *http.Request) {
			claims := doc{"iss": r.issuer, "aud": clientID, "sub": "alice", "groups": []string{"risk"}}
			change(claims)
			payload, _ := json.Marshal(claims)
			w.Header().Set("Content-Type", "application/jwt")
			_, _ = io.WriteString(w, r.compact(doc{"alg": r.alg, "kid": r.kid}, payload, r.key))
		})
	}
}

var badUserinfo = []badAnswer{
	{"sub differs", told(func(_ *rogue, d doc) { d["sub"] = "mallory" })},
	{"sub differs in case", told(func(_ *rogue, d doc) { d["sub"] = "Alice" })},
	{"sub missing", told(func(_ *rogue, d doc) { delete(d, "sub") })},
	{"sub not a string", told(func(_ *rogue, d doc) { d["sub"] = 7 })},
	{"SUB beside sub", told(func(_ *rogue, d doc) { d["SUB"] = "mallory" })},
	{"sub twice", instead("/userinfo", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"sub":"mallory","sub":"alice","groups":["root"]}`)
	})},
	{"HTML", instead("/userinfo", sendsHTML)},
	{"JSON called HTML", instead("/userinfo", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `{"sub":"alice"}`)
	})},
	{"JWT for another", signedUserinfo(func(c doc) { c["aud"] = "somebody-else" })},
	{"JWT of another issuer", signedUserinfo(func(c doc) { c["iss"] = "https://elsewhere.example" })},
	{"JWT about another", signedUserinfo(func(c doc) { c["sub"] = "mallory" })},
	{"JWT with a foreign signature", both(signedUserinfo(func(doc) {}), func(r *rogue) {
		serve := r.serve["/userinfo"]
		r.set("/userinfo", func(w http.ResponseWriter, q *http.Request) {
			answer := httptest.NewRecorder()
			serve(answer, q)
			w.Header().Set("Content-Type", "application/jwt")
			_, _ = io.WriteString(w, withHeader(r, answer.Body.String(), "cty", "JWT"))
		})
	})},
	{"401 though only it tells the groups", both(bare, instead("/userinfo", status(401)))},
	{"403 though only it tells the groups", both(bare, instead("/userinfo", status(403)))},
	{"500", instead("/userinfo", status(500))},
	{"hang", hanging("/userinfo")},
	{"64 MiB", instead("/userinfo", sendsSixtyFourMiB)},
	{"redirect to elsewhere", redirecting("/userinfo", http.StatusFound)},
}
