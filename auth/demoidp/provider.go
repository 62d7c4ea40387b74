package demoidp

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// Config says who may sign in, and where.
type Config struct {
	Issuer         string // http://127.0.0.1:PORT or http://127.0.0.1:PORT/prefix; anything but loopback is refused
	ClientID       string
	ClientSecret   string
	RedirectURLs   []string // the portal's callback
	PostLogoutURLs []string // where signing out may lead; the first is the default
	People         []Person
	Password       string // one for all, shown on the sign-in page
	StylesheetURL  string // the portal's stylesheet; without it the page is plain but works
	KeyFile        string // keeps the key between runs; empty makes a fresh one each time
	Now            func() time.Time
}

// Person is one of the demo people.
type Person struct {
	Subject     string // never changes
	Name        string
	Email       string
	Groups      []string
	Title       string // "Model owner"
	Description string // one line on what this person does
}

// Provider is the demo's identity provider, an http.Handler for everything under its issuer's path.
type Provider struct {
	cfg     Config
	issuer  *url.URL
	storage *storage
	handler http.Handler
}

// New makes a provider. It serves the paths under its issuer, so that it can be mounted beside the portal
// (issuer http://127.0.0.1:8080/idp) or have a listener of its own.
func New(cfg Config) (*Provider, error) {
	issuer, err := cfg.check()
	if err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	key, err := signingKey(cfg.KeyFile)
	if err != nil {
		return nil, err
	}
	sealer := op.NewAES256GCMCrypto(key.secret(), "")
	store := newStorage(cfg, key, sealer)
	protocol, err := op.NewProvider(
		&op.Config{
			CodeMethodS256:           true,
			AuthMethodPost:           true,
			GrantTypeRefreshToken:    true,
			DefaultLogoutRedirectURI: cfg.PostLogoutURLs[0],
			SupportedScopes:          scopes,
		},
		store, op.StaticIssuer(cfg.Issuer),
		op.WithAllowInsecure(), op.WithCrypto(sealer), op.WithCORSOptions(nil),
	)
	if err != nil {
		return nil, fmt.Errorf("demo identity provider: %w", err)
	}
	p := &Provider{cfg: cfg, issuer: issuer, storage: store}
	p.handler = http.StripPrefix(strings.TrimSuffix(issuer.Path, "/"), p.routes(protocol))
	return p, nil
}

func (c Config) check() (*url.URL, error) {
	issuer, err := url.Parse(c.Issuer)
	switch {
	case err != nil || issuer.Scheme != "http" || issuer.RawQuery != "" || issuer.Fragment != "" || strings.HasSuffix(issuer.Path, "/"):
		return nil, fmt.Errorf("the demo's issuer %q must look like http://127.0.0.1:8080/idp", c.Issuer)
	case !loopback(issuer.Hostname()):
		return nil, fmt.Errorf("the demo's identity provider shows its password to everyone and runs on loopback only, not on %q", issuer.Host)
	case c.ClientID == "" || c.ClientSecret == "" || c.Password == "":
		return nil, errors.New("the demo's identity provider needs a client id, a client secret and a password")
	case len(c.RedirectURLs) == 0 || len(c.PostLogoutURLs) == 0 || len(c.People) == 0:
		return nil, errors.New("the demo's identity provider needs redirect URLs, post-logout URLs and people")
	}
	for _, address := range slices.Concat(c.RedirectURLs, c.PostLogoutURLs) {
		if u, err := url.Parse(address); err != nil || !loopback(u.Hostname()) {
			return nil, fmt.Errorf("the demo's identity provider only leads back to loopback, not to %q", address)
		}
	}
	seen := map[string]bool{}
	for _, person := range c.People {
		if person.Subject == "" || strings.Contains(person.Subject, ":") || seen[person.Subject] {
			return nil, fmt.Errorf("the demo person's subject %q is empty, holds a colon or is taken", person.Subject)
		}
		seen[person.Subject] = true
	}
	return issuer, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

//go:embed signin.css
var stylesheet []byte

// routes lets through what a portal and its people need. The protocol library offers more (devices, introspection).
func (p *Provider) routes(protocol http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sign-in", p.showSignIn)
	mux.HandleFunc("POST /sign-in", p.signIn)
	mux.HandleFunc("GET /signin.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(stylesheet)
	})
	for _, path := range []string{
		"/.well-known/openid-configuration", "/authorize", "/authorize/callback", "/oauth/token", "/keys", "/userinfo", "/end_session", "/revoke",
	} {
		mux.Handle(path, protocol)
	}
	return mux
}

// ServeHTTP answers this machine only, and only under the name it was made for: a page elsewhere must not reach it by
// pointing a name of its own at loopback.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !loopback(from) {
		http.Error(w, "The demo's identity provider answers this machine only.", http.StatusForbidden)
		return
	}
	if r.Host != p.issuer.Host {
		http.Error(w, "The demo's identity provider is at "+p.issuer.Host+".", http.StatusMisdirectedRequest)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	p.handler.ServeHTTP(w, r)
}

// SetPerson adds a person or changes one, as an administrator of a real provider would.
func (p *Provider) SetPerson(person Person) { p.storage.setPerson(person) }

// Remove takes a person away: no further sign-in, and what was given out is refused.
func (p *Provider) Remove(subject string) { p.storage.remove(subject) }

// portal is where the page leads back to when a sign-in cannot go on.
func (p *Provider) portal() string {
	return cmp.Or(p.cfg.PostLogoutURLs[0], "/")
}
