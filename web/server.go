package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"sundial/auth"
	"sundial/auth/oidc"
	"sundial/auth/token"
	"sundial/models/connect/outgoing"
	"sundial/models/lifecycle"
	"sundial/models/store"
	"sundial/web/api"
)

// Config is what the portal needs to serve.
type Config struct {
	Store          *store.Store
	Provider       *oidc.Provider
	ProviderName   string // as people know it, on the sign-in page
	BaseURL        *url.URL
	Policy         lifecycle.Policy
	SecretKey      []byte // 32 bytes or more
	Grants         auth.Grants
	Version        string
	Demo           bool
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed; nobody's when empty
	Clock          func() time.Time
	Logger         *slog.Logger

	// Idle, Absolute and Recheck are those of auth.Config; zero means its defaults.
	Idle, Absolute, Recheck time.Duration

	// Outgoing is what the operator allows webhooks to call; zero is public https addresses alone.
	Outgoing outgoing.Policy
	// MailServer names the server that takes mail, "" when there is none and letters wait.
	MailServer string
	// MetricsToken opens /metrics; without it they are not there, but for a portal on loopback.
	MetricsToken string

	// RateLimit is how many calls a minute one token may make, over all replicas: token.LimitsOf says what
	// follows from it. 0 is its default, below that there is no limit.
	RateLimit int
}

// Server answers requests.
type Server struct {
	cfg      Config
	log      *slog.Logger
	echo     *echo.Echo
	sessions *auth.Sessions
	tokens   *token.Tokens
	table    *table
	api      *api.API
	headers  map[string]string
	metrics  *metrics
	migrated atomic.Bool // the schema is the one this binary knows
	flashKey []byte
}

// New builds the portal. It asks nothing of the network.
func New(cfg Config) (*Server, error) {
	if cfg.Store == nil || cfg.Provider == nil || cfg.BaseURL == nil {
		return nil, errors.New("web: store, identity provider and base URL are needed")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	tokens := token.New(token.Config{Store: cfg.Store, Clock: cfg.Clock, Limits: token.LimitsOf(cfg.RateLimit), Logger: cfg.Logger})
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	sessions, err := auth.New(auth.Config{Store: cfg.Store, Provider: cfg.Provider, BaseURL: cfg.BaseURL, SecretKey: cfg.SecretKey,
		Grants: cfg.Grants, Idle: cfg.Idle, Absolute: cfg.Absolute, Recheck: cfg.Recheck, Clock: cfg.Clock, Logger: cfg.Logger})
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	s := &Server{cfg: cfg, log: cfg.Logger, echo: echo.New(), sessions: sessions, tokens: tokens, table: &table{}}
	s.metrics = newMetrics(cfg)
	s.headers = securityHeaders(cfg.BaseURL, cfg.Provider.Origin())
	s.flashKey = sessions.Key("flash")
	s.api = api.New(api.Config{Store: cfg.Store, Policy: cfg.Policy, BaseURL: cfg.BaseURL, Version: cfg.Version, Clock: cfg.Clock})
	s.echo.HTTPErrorHandler = s.fail
	s.echo.IPExtractor = clientAddress(cfg.TrustedProxies)
	// The order a request is looked at. What depends on the route (size, time, who may) is in mount.
	s.echo.Use(
		requestID,
		s.measure,
		s.accessLog,
		s.recoverPanics,
		s.protect,
		middleware.GzipWithConfig(middleware.GzipConfig{Level: 1, MinLength: 1000, Skipper: s.isBare}),
		s.whereTokens(s.tokens.Load),
		s.feedKeys,
		s.unlessBare(s.sessions.Load),
		s.feedNobody,
		s.whereTokens(s.tokens.Pace(s.forNobodyToo)),
		s.unlessBare(s.frame),
	)
	s.routes(s.table)
	s.mount()
	return s, nil
}

// Handler answers every request.
func (s *Server) Handler() http.Handler { return s.echo }

// Sessions opens and ends sessions; tests sign people in with it.
func (s *Server) Sessions() *auth.Sessions { return s.sessions }

// clientAddress never believes a header unless the connection comes from a proxy that is trusted.
func clientAddress(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		bits := p.Addr().BitLen()
		options = append(options, echo.TrustIPRange(&net.IPNet{IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), bits)}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}
