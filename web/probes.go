package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/models/store/migrate"
	"sundial/static"
)

// healthy says that the process serves.
func healthy(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// readiness is what /readyz tells whoever asks for JSON.
type readiness struct {
	Ready    bool   `json:"ready"`
	Database string `json:"database"` // ok, or down
	Schema   string `json:"schema"`   // current, pending or unknown
	Jobs     string `json:"jobs"`     // running, late or unknown
	Late     string `json:"late_job,omitempty"`
	Version  string `json:"version"`
}

// ready says that it can answer: its database does, and has the schema that this binary knows. That
// jobs are late is told and turns nobody away: pages work without them.
func (s *Server) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	r := readiness{Database: "ok", Schema: "unknown", Jobs: "unknown", Version: s.cfg.Version}
	why := s.readySchema(ctx, &r)
	asked := strings.Contains(c.Request().Header.Get(echo.HeaderAccept), echo.MIMEApplicationJSON)
	if r.Ready = why == ""; r.Ready && asked {
		s.jobsStand(ctx, &r)
	}
	status := http.StatusOK
	if !r.Ready {
		status = http.StatusServiceUnavailable
	}
	switch {
	case asked:
		return c.JSON(status, r)
	case r.Ready:
		why = "ready"
	}
	return c.String(status, why+"\n")
}

// readySchema says what stands in the way, "" for nothing. A schema that was once current stays so.
func (s *Server) readySchema(ctx context.Context, r *readiness) string {
	if err := s.cfg.Store.Ping(ctx); err != nil {
		s.log.ErrorContext(ctx, "not ready", "error", err)
		r.Database = "down"
		return "the database does not answer"
	}
	if !s.migrated.Load() {
		list, err := s.cfg.Store.Migrations(ctx)
		if err != nil {
			s.log.ErrorContext(ctx, "not ready", "error", err)
			return "the schema could not be read"
		}
		if slices.ContainsFunc(list, func(m migrate.Status) bool { return !m.Applied }) {
			r.Schema = "pending"
			return "the schema is not migrated"
		}
		s.migrated.Store(true)
	}
	r.Schema = "current"
	return ""
}

// lateAfter is how long after its time a job has usually begun.
const lateAfter = 2 * time.Minute

// jobsStand tells whether somebody takes the jobs that are due.
func (s *Server) jobsStand(ctx context.Context, r *readiness) {
	jobs, err := s.cfg.Store.Jobs(ctx)
	if err != nil || len(jobs) == 0 {
		return
	}
	r.Jobs = "running"
	for _, j := range jobs {
		if !j.Held && s.cfg.Store.Now().Sub(j.DueAt) > lateAfter {
			r.Jobs, r.Late = "late", j.Name
		}
	}
}

// favicon is for browsers that ask without reading the page first.
func favicon(c echo.Context) error {
	return c.Redirect(http.StatusMovedPermanently, static.URL("favicon.svg"))
}

// robots keeps an organisation's inventory out of search engines.
func robots(c echo.Context) error {
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /\n")
}
