package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth/oidc"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
)

// ErrNobody says that a route needs somebody who is signed in.
var ErrNobody = errors.New("nobody is signed in")

// Config is what sessions need to know. Zero durations mean the defaults named beside them.
type Config struct {
	Store     *store.Store
	Provider  *oidc.Provider
	BaseURL   *url.URL
	SecretKey []byte // 32 bytes or more
	Grants    Grants
	Idle      time.Duration // 8 hours without a request
	Absolute  time.Duration // 24 hours from signing in
	Recheck   time.Duration // 10 minutes between two questions to the provider
	Clock     func() time.Time
	Logger    *slog.Logger
}

// Sessions opens, finds and ends sessions.
type Sessions struct {
	Config
	seal   *sealer
	origin string
	secure bool
}

// New checks the configuration and fills in defaults.
func New(cfg Config) (*Sessions, error) {
	seal, err := newSealer(cfg.SecretKey)
	if err != nil {
		return nil, err
	}
	for d, usual := range map[*time.Duration]time.Duration{&cfg.Idle: 8 * time.Hour, &cfg.Absolute: 24 * time.Hour, &cfg.Recheck: 10 * time.Minute} {
		if *d <= 0 {
			*d = usual
		}
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	origin := strings.ToLower(cfg.BaseURL.Scheme + "://" + cfg.BaseURL.Host)
	return &Sessions{Config: cfg, seal: seal, origin: origin, secure: cfg.BaseURL.Scheme == "https"}, nil
}

const (
	tokenKey   = "auth.token"
	sessionKey = "auth.session"

	touchEvery   = time.Minute // how exact the idle end is; every touch is a write
	longestAgent = 300
)

// Actor is who is behind the request; the zero Actor when nobody is signed in.
func Actor(c echo.Context) org.Actor { return ActorIn(c.Request().Context()) }

// ActorIn is Actor for code that has only the context.
func ActorIn(ctx context.Context) org.Actor {
	src, _ := store.SourceOf(ctx)
	return src.Actor
}

// Session is the session of the request; its ID is 0 when nobody is signed in.
func Session(c echo.Context) store.Session {
	x, _ := c.Get(sessionKey).(store.Session)
	return x
}

// Load finds the session that a request's cookie names and puts the person into the request's context
// as the source of whatever it changes. A request without a living session goes on as nobody's.
func (s *Sessions) Load(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if Actor(c).IsToken() { // its owner's, whoever this browser belongs to
			return next(c)
		}
		cookie, err := c.Cookie(s.cookieName())
		if err != nil || len(cookie.Value) != tokenLength {
			return next(c)
		}
		now := s.Clock()
		ctx := c.Request().Context()
		x, person, err := s.Store.LiveSession(ctx, hashed(cookie.Value), now)
		if fault.Is(err, fault.NotFound) {
			s.dropCookie(c, s.cookieName(), "/")
			return next(c)
		}
		if err != nil {
			return err
		}
		if x, person, err = s.stillVouchedFor(c, x, person, now); err != nil {
			s.dropCookie(c, s.cookieName(), "/")
			return next(c)
		}
		if now.Sub(x.LastSeenAt) >= touchEvery {
			if err := s.Store.TouchSession(ctx, x.ID, now, now.Add(s.Idle)); err != nil {
				// A database that cannot be written to right now still shows what it has.
				s.Logger.WarnContext(ctx, "session not touched", "error", err)
			}
		}
		s.attach(c, cookie.Value, x, person)
		return next(c)
	}
}

// attach makes the request this person's.
func (s *Sessions) attach(c echo.Context, token string, x store.Session, person org.Person) {
	c.Set(tokenKey, token)
	c.Set(sessionKey, x)
	c.SetRequest(c.Request().WithContext(s.asPerson(c, person)))
}

func (s *Sessions) asPerson(c echo.Context, p org.Person) context.Context {
	return store.WithSource(c.Request().Context(), store.Source{
		Actor:     org.Actor{Person: p, Via: "session"},
		RequestID: c.Response().Header().Get(echo.HeaderXRequestID),
		From:      c.RealIP(),
	})
}

// open begins a session for somebody who just signed in, always with a new token, and ends the one
// this browser had before.
func (s *Sessions) open(c echo.Context, who oidc.Identity) error {
	ctx := s.asPerson(c, org.Person{Name: who.Name})
	person, err := s.Store.SignIn(ctx, store.SignIn{Issuer: who.Issuer, Subject: who.Subject, Email: who.Email,
		Name: nameOf(who), Roles: s.Grants.Roles(who.Groups), Groups: who.Groups})
	if err != nil {
		return err
	}
	ctx = s.asPerson(c, person)
	if old := Session(c); old.ID != 0 {
		if err := s.Store.EndSession(s.asPerson(c, Actor(c).Person), old.PersonID, old.ID, "session.ended"); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	token, now := unguessable(), s.Clock()
	sealed, err := s.sealIdentity(token, who)
	if err != nil {
		return err
	}
	_, err = s.Store.OpenSession(ctx, hashed(token), store.Session{PersonID: person.ID, CreatedAt: now,
		IdleEnd: now.Add(s.Idle), AbsoluteEnd: now.Add(s.Absolute), Sealed: sealed,
		UserAgent: cut(c.Request().UserAgent(), longestAgent), Address: c.RealIP()})
	if err != nil {
		return err
	}
	s.setCookie(c, s.cookieName(), token, "/", s.Absolute)
	return nil
}

// SignOut ends the request's session here and returns where to go so that it ends at the provider too.
func (s *Sessions) SignOut(c echo.Context) (next string, err error) {
	x := Session(c)
	if x.ID == 0 {
		return "/login", nil
	}
	token, _ := c.Get(tokenKey).(string)
	who, known := s.openIdentity(token, x.Sealed)
	err = s.Store.EndSession(c.Request().Context(), x.PersonID, x.ID, "session.ended")
	if err != nil && !fault.Is(err, fault.NotFound) { // ended twice is ended
		return "", err
	}
	s.dropCookie(c, s.cookieName(), "/")
	if known {
		if elsewhere := s.Provider.LogoutURL(who.IDToken, ""); elsewhere != "" {
			return elsewhere, nil
		}
	}
	return "/login?signed_out=yes", nil
}

// sealIdentity keeps what the provider must be asked again with. The seal holds for one session only.
func (s *Sessions) sealIdentity(token string, who oidc.Identity) (string, error) {
	return s.seal.seal("identity "+hashed(token), who)
}

func (s *Sessions) openIdentity(token, sealed string) (oidc.Identity, bool) {
	var who oidc.Identity
	err := s.seal.open("identity "+hashed(token), sealed, &who)
	return who, err == nil
}

// cookieName: the prefix makes browsers refuse the cookie from a subdomain or over plain http.
func (s *Sessions) cookieName() string {
	if s.secure {
		return "__Host-sundial"
	}
	return "sundial"
}

func (s *Sessions) setCookie(c echo.Context, name, value, path string, life time.Duration) {
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: path, MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
}

func (s *Sessions) dropCookie(c echo.Context, name, path string) {
	c.SetCookie(&http.Cookie{Name: name, Path: path, MaxAge: -1, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
}

func nameOf(who oidc.Identity) string {
	switch {
	case who.Name != "":
		return who.Name
	case who.Email != "":
		return who.Email
	}
	return fmt.Sprintf("Person %s", cut(who.Subject, 40))
}

// cut shortens a header of strangers to n bytes of valid text.
func cut(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
