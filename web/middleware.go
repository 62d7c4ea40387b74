package web

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/web/respond"
)

// requestID names a request in logs, audit events and on error pages. It is always ours: a caller's
// own could be made to look like somebody else's.
func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		b := make([]byte, 10)
		rand.Read(b)
		c.Response().Header().Set(echo.HeaderXRequestID, strings.ToLower(base32.StdEncoding.EncodeToString(b)))
		return next(c)
	}
}

func requestIDOf(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// callerKey keeps the context as it came, which ends when the caller hangs up.
const callerKey = "web.caller"

// accessLog writes one line a request, after failures have become answers. It names the route and not
// the address, whose query may hold what no log should.
func (s *Server) accessLog(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		c.Set(callerKey, c.Request().Context())
		if err := next(c); err != nil {
			c.Error(err)
		}
		level := slog.LevelInfo
		if s.isBare(c) {
			level = slog.LevelDebug
		}
		r := c.Request()
		facts := []slog.Attr{
			slog.String("request_id", requestIDOf(c)),
			slog.String("method", r.Method),
			slog.String("route", withoutTokens(c.Path())),
			slog.Int("status", c.Response().Status),
			slog.Int64("bytes", c.Response().Size),
			slog.Duration("took", time.Since(start)),
			slog.Int64("actor", auth.Actor(c).ID),
			slog.String("from", c.RealIP()),
		}
		if err := respond.Noted(c); err != nil {
			facts = append(facts, slog.String("refused", withoutTokens(err.Error())))
		}
		s.log.LogAttrs(r.Context(), level, "request", facts...)
		return nil
	}
}

// panicked is a panic as an error.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func (s *Server) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch value := recover(); value {
			case nil:
			case http.ErrAbortHandler:
				panic(value)
			default:
				err = &panicked{value, debug.Stack()}
			}
		}()
		return next(c)
	}
}

// securityHeaders are the same on every answer. Sign-out is a form whose redirect leads to the
// identity provider, and Chromium holds redirects to form-action too.
func securityHeaders(base *url.URL, issuer string) map[string]string {
	h := map[string]string{
		"Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self' " + issuer,
		"X-Content-Type-Options":  "nosniff",
		"X-Frame-Options":         "DENY",
		"Referrer-Policy":         "same-origin",

		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), microphone=(), geolocation=()",
	}
	if base.Scheme == "https" {
		h["Strict-Transport-Security"] = "max-age=31536000"
	}
	return h
}

func (s *Server) protect(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		for name, value := range s.headers {
			h.Set(name, value)
		}
		if !s.isBare(c) {
			// Pages tell what somebody may see now; the back button after signing out must not.
			h.Set(echo.HeaderCacheControl, "no-store")
			h.Add(echo.HeaderVary, "HX-Request, HX-Target")
		}
		return next(c)
	}
}

// isBare: assets and probes need neither session nor frame.
func (s *Server) isBare(c echo.Context) bool { return s.table.bare[c.Path()] }

func (s *Server) unlessBare(m echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		full := m(next)
		return func(c echo.Context) error {
			if s.isBare(c) {
				return next(c)
			}
			return full(c)
		}
	}
}
