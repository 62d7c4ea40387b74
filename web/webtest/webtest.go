// Package webtest is a browser without a screen for HTTP tests: it goes through the whole router,
// keeps cookies, follows redirects, fills in forms, and checks every page it gets for what a person
// with a keyboard, a screen reader or a strict Content-Security-Policy needs (check.go).
//
// It owns a portal to test (Site) with a real database and a clock that stands still. It leaves what
// a page should say to the tests.
package webtest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"sundial/auth/oidc"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/web"
)

// Site is a portal of its own, with a small world of people in its database.
type Site struct {
	*storetest.World
	Server *web.Server
	Store  *store.Store
	Clock  *Clock
	Log    *Log

	t        testing.TB
	mu       sync.Mutex
	sessions int
}

// Clock is a time that moves only when told to.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the present.
func (c *Clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// Add moves the present ahead.
func (c *Clock) Add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

// Days moves the present ahead by whole days.
func (c *Clock) Days(n int) { c.Add(time.Duration(n) * 24 * time.Hour) }

// Log collects what the server logs.
type Log struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *Log) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *Log) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// Base is where the site believes it is.
const Base = "http://127.0.0.1:8080"

// New makes a site on SQLite. Options change its configuration before it is built.
func New(t testing.TB, options ...func(*web.Config)) *Site {
	t.Helper()
	return NewOn(t, storetest.New(t), options...)
}

// NewOn makes a site on a store of the caller's.
func NewOn(t testing.TB, s *store.Store, options ...func(*web.Config)) *Site {
	t.Helper()
	clock := &Clock{now: time.Now().UTC().Truncate(time.Second)}
	s.SetClock(clock.Now)
	site := &Site{World: storetest.NewWorld(t, s), Store: s, Clock: clock, Log: &Log{}, t: t}
	base, _ := url.Parse(Base)
	policy, _ := lifecycle.Profile("standard")
	cfg := web.Config{Store: s, Provider: Provider(t, "http://127.0.0.1:9"), ProviderName: "Example SSO", BaseURL: base, Policy: policy,
		SecretKey: []byte("a secret of thirty-two bytes ....."), Version: "test", Clock: clock.Now,
		RateLimit: -1, // time stands still here, and with it a minute would never end
		Logger:    slog.New(slog.NewTextHandler(site.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, change := range options {
		change(&cfg)
	}
	server, err := web.New(cfg)
	if err != nil {
		t.Fatalf("build the site: %v", err)
	}
	site.Server = server
	return site
}

// Provider is a client of an identity provider that nobody needs to run.
func Provider(t testing.TB, issuer string) *oidc.Provider {
	t.Helper()
	p, err := oidc.New(oidc.Config{Issuer: issuer, ClientID: "sundial", ClientSecret: "secret", RedirectURL: Base + "/login/callback",
		PostLogoutURL: Base + "/login", AllowHTTP: true})
	if err != nil {
		t.Fatalf("identity provider: %v", err)
	}
	return p
}

// Nobody is a browser in which nobody is signed in.
func (s *Site) Nobody() *Browser {
	return &Browser{site: s, t: s.t, cookies: map[string]string{}, Header: map[string][]string{}}
}

// As is a browser in which this person has just signed in.
func (s *Site) As(p org.Person) *Browser {
	s.t.Helper()
	s.mu.Lock()
	s.sessions++
	token := fmt.Sprintf("%-43s", fmt.Sprintf("token-%d-of-person-%d", s.sessions, p.ID))
	s.mu.Unlock()
	token = strings.ReplaceAll(token, " ", "x")
	sum := sha256.Sum256([]byte(token))
	now := s.Clock.Now()
	_, err := s.Store.OpenSession(s.World.As(p), hex.EncodeToString(sum[:]), store.Session{PersonID: p.ID, CreatedAt: now,
		IdleEnd: now.Add(8 * time.Hour), AbsoluteEnd: now.Add(24 * time.Hour), UserAgent: "webtest", Address: "127.0.0.1"})
	if err != nil {
		s.t.Fatalf("sign in %s: %v", p.Name, err)
	}
	b := s.Nobody()
	b.cookies["sundial"] = token
	return b
}

// Person makes somebody with exactly these roles and the team Fraud.
func (s *Site) Person(name string, roles ...org.Role) org.Person {
	s.t.Helper()
	p, err := s.Store.SignIn(s.World.As(s.Admin), store.SignIn{Issuer: "https://idp.test", Subject: "webtest-" + name, Name: name,
		Email: name + "@example.test", Roles: roles, Groups: []string{"team-fraud"}})
	if err != nil {
		s.t.Fatalf("person %s: %v", name, err)
	}
	return p
}
