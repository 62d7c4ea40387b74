package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/static"
)

// healthy says that the process serves.
func healthy(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// ready says that it can answer: its database does.
func (s *Server) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if err := s.cfg.Store.Ping(ctx); err != nil {
		s.log.ErrorContext(ctx, "not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "the database does not answer\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// favicon is for browsers that ask without reading the page first.
func favicon(c echo.Context) error {
	return c.Redirect(http.StatusMovedPermanently, static.URL("favicon.svg"))
}

// robots keeps an organisation's inventory out of search engines.
func robots(c echo.Context) error {
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /\n")
}
