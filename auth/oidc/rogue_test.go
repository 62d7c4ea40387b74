package oidc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"sundial/auth/oidc"
)

const (
	clientID     = "sundial"
	clientSecret = "portal-secret-5c1f"
	accessToken  = "access-token-9b2e"
	refreshToken = "refresh-token-77d0"
	goodCode     = "code-3a90"
)

// Keys are made once: an RSA key takes longer than all else in these tests together.
var (
	rsaKey      = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	otherRSAKey = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	shortRSAKey = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(1024) })
	ecKey       = sync.OnceValue(func() *ecdsa.PrivateKey { return newEC(elliptic.P256()) })
	ec384Key    = sync.OnceValue(func() *ecdsa.PrivateKey { return newEC(elliptic.P384()) })
	edKey       = sync.OnceValue(func() ed25519.PrivateKey { _, key, _ := ed25519.GenerateKey(rand.Reader); return key })
)

func newRSA(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

func newEC(curve elliptic.Curve) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

type doc = map[string]any

// rogue is a provider that behaves until one of its parts is told not to.
type rogue struct {
	t         *testing.T
	issuer    string // without the trailing slash a test may add
	elsewhere string // another host, which records what reaches it

	config    func(*oidc.Config)
	discovery func(doc)
	answer    func(url.Values)    // what the browser brings back
	token     func(doc)           // the token answer
	claims    func(doc)           // of the ID token
	payload   func(string) string // the claims as text
	header    func(doc)           // of the ID token
	seal      func(token string) string
	userinfo  func(doc)
	keys      func() []any
	serve     map[string]http.HandlerFunc // instead of the usual answer, by path

	alg string
	key any
	kid string

	mu      sync.Mutex
	query   url.Values // of the authorization request
	hits    map[string]int
	strayed []string // what reached elsewhere
}

func newRogue(t *testing.T) *rogue {
	t.Helper()
	r := &rogue{t: t, alg: "RS256", key: rsaKey(), kid: "k1", hits: map[string]int{}, serve: map[string]http.HandlerFunc{}}
	r.issuer = r.listen(httptest.NewServer(r.handler()))
	r.elsewhere = r.listen(httptest.NewServer(http.HandlerFunc(r.stray)))
	return r
}

func (r *rogue) listen(s *httptest.Server) string {
	r.t.Cleanup(s.Close)
	r.t.Cleanup(s.CloseClientConnections) // lets hanging answers end
	return s.URL
}

func (r *rogue) handler() http.Handler {
	usual := map[string]http.HandlerFunc{
		"/.well-known/openid-configuration": r.serveDiscovery, "/keys": r.serveKeys,
		"/token": r.serveToken, "/userinfo": r.serveUserinfo,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		r.hits[q.URL.Path]++
		unusual, told := r.serve[q.URL.Path]
		r.mu.Unlock()
		if told {
			unusual(w, q)
		} else if serve, known := usual[q.URL.Path]; known {
			serve(w, q)
		} else {
			http.NotFound(w, q)
		}
	})
}

// stray answers in the provider's name from another host, and notes what it was told.
func (r *rogue) stray(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	r.strayed = append(r.strayed, q.Method+" "+q.URL.String()+" "+q.Header.Get("Authorization")+" "+string(body))
	r.mu.Unlock()
	switch q.URL.Path {
	case "/.well-known/openid-configuration":
		r.serveDiscovery(w, q)
	case "/keys":
		send(w, doc{"keys": []any{r.public("k1", &otherRSAKey().PublicKey, "RS256")}})
	case "/userinfo":
		send(w, doc{"sub": "alice"})
	default:
		r.serveToken(w, q)
	}
}

func (r *rogue) set(path string, serve http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.serve[path] = serve
}

func (r *rogue) asked(path string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hits[path]
}

func send(w http.ResponseWriter, what any) { sendWith(w, http.StatusOK, what) }

func sendWith(w http.ResponseWriter, status int, what any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(what)
}

func (r *rogue) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	d := doc{
		"issuer": r.issuer, "authorization_endpoint": r.issuer + "/authorize", "token_endpoint": r.issuer + "/token",
		"jwks_uri": r.issuer + "/keys", "userinfo_endpoint": r.issuer + "/userinfo", "end_session_endpoint": r.issuer + "/logout",
		"id_token_signing_alg_values_supported": []string{"RS256", "PS256", "ES256", "EdDSA"},
		"scopes_supported":                      []string{"openid", "profile", "email", "groups", "offline_access"},
		"response_types_supported":              []string{"code"},
	}
	if r.discovery != nil {
		r.discovery(d)
	}
	send(w, d)
}

func (r *rogue) serveKeys(w http.ResponseWriter, _ *http.Request) {
	r.mu.Lock()
	keys := r.keys
	published := []any{r.public(r.kid, r.key.(crypto.Signer).Public(), r.alg)}
	r.mu.Unlock()
	if keys != nil {
		published = keys()
	}
	send(w, doc{"keys": published})
}

// public is a key as it is published.
func (r *rogue) public(kid string, key any, alg string) doc {
	text, err := json.Marshal(jose.JSONWebKey{Key: key, KeyID: kid, Algorithm: alg, Use: "sig"})
	if err != nil {
		r.t.Error(err)
	}
	var d doc
	if err := json.Unmarshal(text, &d); err != nil {
		r.t.Error(err)
	}
	return d
}

// serveToken holds the portal to what it owes: its secret, the code, and the verifier of its challenge.
func (r *rogue) serveToken(w http.ResponseWriter, q *http.Request) {
	_ = q.ParseForm()
	id, secret, basic := q.BasicAuth()
	if !basic {
		id, secret = q.PostForm.Get("client_id"), q.PostForm.Get("client_secret")
	}
	r.mu.Lock()
	asked := r.query
	r.mu.Unlock()
	sum := sha256.Sum256([]byte(q.PostForm.Get("code_verifier")))
	proved := base64.RawURLEncoding.EncodeToString(sum[:]) == asked.Get("code_challenge") && asked.Get("code_challenge_method") == "S256"
	refreshing := q.PostForm.Get("grant_type") == "refresh_token" && q.PostForm.Get("refresh_token") == refreshToken
	if id != clientID || secret != clientSecret || !refreshing && (!proved || q.PostForm.Get("code") != goodCode) {
		sendWith(w, http.StatusBadRequest, doc{"error": "invalid_grant"})
		return
	}
	d := doc{"access_token": accessToken, "token_type": "Bearer", "expires_in": 300, "refresh_token": refreshToken, "id_token": r.idToken()}
	if r.token != nil {
		r.token(d)
	}
	send(w, d)
}

func (r *rogue) serveUserinfo(w http.ResponseWriter, q *http.Request) {
	if q.Header.Get("Authorization") != "Bearer "+accessToken {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	d := doc{"sub": "alice", "email": "alice@corp.example", "email_verified": true, "name": "Alice", "groups": []string{"risk", "fraud"}}
	if r.userinfo != nil {
		r.userinfo(d)
	}
	send(w, d)
}

func (r *rogue) idToken() string {
	now := time.Now().Unix()
	r.mu.Lock()
	nonce, kid, key, alg := r.query.Get("nonce"), r.kid, r.key, r.alg
	r.mu.Unlock()
	sum := sha256.Sum256([]byte(accessToken))
	claims := doc{
		"iss": r.issuer, "sub": "alice", "aud": clientID, "exp": now + 300, "iat": now, "nonce": nonce, "auth_time": now - 5,
		"at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]), "email": "alice@corp.example", "name": "Alice", "groups": []string{"risk", "fraud"},
	}
	if alg == "EdDSA" {
		delete(claims, "at_hash") // of another length there
	}
	if r.claims != nil {
		r.claims(claims)
	}
	payload, _ := json.Marshal(claims)
	if r.payload != nil {
		payload = []byte(r.payload(string(payload)))
	}
	header := doc{"alg": alg, "kid": kid, "typ": "JWT"}
	if r.header != nil {
		r.header(header)
	}
	token := r.compact(header, payload, key)
	if r.seal != nil {
		token = r.seal(token)
	}
	return token
}

// compact signs by hand, since a library would not make most of what is needed here.
func (r *rogue) compact(header doc, payload []byte, key any) string {
	head, _ := json.Marshal(header)
	input := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(payload)
	alg, _ := header["alg"].(string)
	return input + "." + base64.RawURLEncoding.EncodeToString(r.signature(alg, []byte(input), key))
}

func (r *rogue) signature(alg string, input []byte, key any) []byte {
	sum := sha256.Sum256(input)
	var signature []byte
	var err error
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if strings.HasPrefix(alg, "PS") {
			signature, err = rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		} else {
			signature, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		}
	case *ecdsa.PrivateKey:
		a, b, failed := ecdsa.Sign(rand.Reader, key, sum[:])
		size := (key.Curve.Params().BitSize + 7) / 8
		signature, err = append(a.FillBytes(make([]byte, size)), b.FillBytes(make([]byte, size))...), failed
	case ed25519.PrivateKey:
		signature = ed25519.Sign(key, input)
	case []byte:
		mac := hmac.New(sha256.New, key)
		mac.Write(input)
		signature = mac.Sum(nil)
	}
	if err != nil {
		r.t.Error(err)
	}
	return signature
}

// portal is the relying party under test.
func (r *rogue) portal() (*oidc.Provider, error) {
	cfg := oidc.Config{
		Issuer: r.issuer, ClientID: clientID, ClientSecret: clientSecret, AllowHTTP: true,
		RedirectURL: "http://127.0.0.1:8080/callback", PostLogoutURL: "http://127.0.0.1:8080/",
	}
	if r.config != nil {
		r.config(&cfg)
	}
	return oidc.New(cfg)
}

// visit takes the browser through the provider and gives what it brings back.
func (r *rogue) visit(redirect string, flow oidc.Flow) url.Values {
	to, err := url.Parse(redirect)
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	r.query = to.Query()
	r.mu.Unlock()
	back := url.Values{"code": {goodCode}, "state": {flow.State}}
	if r.answer != nil {
		r.answer(back)
	}
	return back
}

// signIn is one whole sign-in.
func (r *rogue) signIn() (oidc.Identity, error) {
	p, err := r.portal()
	if err != nil {
		r.t.Fatal(err)
	}
	return r.signInAt(p)
}

func (r *rogue) signInAt(p *oidc.Provider) (oidc.Identity, error) {
	redirect, flow, err := p.Start(r.t.Context())
	if err != nil {
		return oidc.Identity{}, err
	}
	return p.Finish(r.t.Context(), flow, r.visit(redirect, flow), time.Now())
}
