// Package token lets machines in: the shape of service tokens, who stands behind one, and how often
// they may call. It owns the bearer header; what a token may do belongs to models/org, keeping tokens to
// models/store, and making and showing them to web/account.
//
//	secret.go  what a token looks like, and how it is known again
//	token.go   a request with a bearer token
//	pace.go    how often a token, and an address without one, may call
package token

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/auth/rate"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
)

// Config is what tokens need to know.
type Config struct {
	Store  *store.Store
	Clock  func() time.Time // nil: the real one, and the database's for limits
	Limits Limits
	Logger *slog.Logger
}

// Tokens finds who stands behind bearer tokens.
type Tokens struct {
	Config
	limiter *rate.Limiter

	mu    sync.Mutex
	noted map[use]bool // of noteDay
	day   string
}

// New fills in defaults.
func New(cfg Config) *Tokens {
	t := &Tokens{Config: cfg, limiter: rate.New(cfg.Store, cfg.Clock), noted: map[use]bool{}}
	if t.Clock == nil {
		t.Clock = time.Now
	}
	if t.Logger == nil {
		t.Logger = slog.Default()
	}
	return t
}

// Refusal is a bearer token that opens nothing. It is auth.ErrNobody with a reason.
type Refusal struct{ Sentence string }

func (r *Refusal) Error() string { return r.Sentence }

// Unwrap makes a refusal what it is to everybody else: a request of nobody's.
func (r *Refusal) Unwrap() error { return auth.ErrNobody }

// Load makes a request with a bearer token that of the token's owner. One without goes on as it came,
// and one whose token opens nothing is refused here: it is never taken for that of the browser's session.
// Routes that take no tokens must not use it: there a bearer header says nothing.
func (t *Tokens) Load(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		text, given := bearer(c.Request().Header)
		if !given {
			return next(c)
		}
		if err := t.Open(c, text); err != nil {
			return err
		}
		return next(c)
	}
}

// Open makes the request that of the owner of this token, wherever it was found.
func (t *Tokens) Open(c echo.Context, text string) error {
	secret, whole := Parse(text)
	if !whole {
		return t.refuse(c, "This is no token of Sundial, or only a part of one.")
	}
	now := t.Clock()
	kept, owner, err := t.Store.LiveToken(c.Request().Context(), secret.Hash(), now)
	if f, ok := fault.As(err); ok {
		return t.refuse(c, f.Sentence)
	}
	if err != nil {
		return err
	}
	if err := t.pace(c, "token:"+decimal(kept.ID), t.Limits.Token); err != nil {
		return err
	}
	r := c.Request()
	c.SetRequest(r.WithContext(store.WithSource(r.Context(), store.Source{
		Actor:     org.Actor{Person: owner, Via: "token:" + kept.Name, Scopes: kept.Scopes},
		RequestID: c.Response().Header().Get(echo.HeaderXRequestID),
		From:      c.RealIP(),
	})))
	return t.note(c, kept, now)
}

// refuse counts the failure and says no, as RFC 6750 has it.
func (t *Tokens) refuse(c echo.Context, sentence string) error {
	if err := t.pace(c, "failed:"+network(c.RealIP()), t.Limits.Failed); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="Sundial", error="invalid_token", error_description="`+sentence+`"`)
	return &Refusal{sentence}
}

// bearer is the token of the header. Other schemes are not for us: a proxy may have its own.
func bearer(h http.Header) (text string, given bool) {
	for _, value := range h.Values(echo.HeaderAuthorization) {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			continue
		}
		if given { // two tokens: whose request is this?
			return "", true
		}
		text, given = strings.TrimSpace(rest), true
	}
	return text, given
}

// use is a token at an address.
type use struct {
	token int64
	from  string
}

const mostNoted = 10_000

// note keeps when and from where the token was used. That the audit trail tells of it is a condition
// of being let in; the time of the last use is not.
func (t *Tokens) note(c echo.Context, kept org.Token, now time.Time) error {
	ctx, from := c.Request().Context(), network(c.RealIP())
	this, day := use{kept.ID, from}, now.UTC().Format(time.DateOnly)
	if !t.isNoted(this, day) {
		if err := t.Store.NoteTokenUse(ctx, kept, from, now); err != nil {
			return err
		}
		t.setNoted(this, day)
	}
	if now.Sub(kept.LastUsedAt) >= time.Minute {
		if err := t.Store.TouchToken(ctx, kept.ID, from, now); err != nil {
			t.Logger.WarnContext(ctx, "token not touched", "token", kept.ID, "error", err)
		}
	}
	return nil
}

func (t *Tokens) isNoted(u use, day string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.day == day && t.noted[u]
}

// setNoted remembers what the database knows too, so forgetting costs a read and no more.
func (t *Tokens) setNoted(u use, day string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.day != day || len(t.noted) >= mostNoted {
		t.day, t.noted = day, map[use]bool{}
	}
	t.noted[u] = true
}

// network is an address as it is counted: of IPv6, the /64 that one household or machine has.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	p, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return "unknown"
	}
	return p.String()
}
