package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// bearer lets a page's route take service tokens too, such as a feed that a program reads. Calls of the
// API take them all.
func bearer(r *Route) { r.Bearer = true }

// takesTokens reports whether a bearer header says anything here. Elsewhere it is as if it were not there:
// pages are for people.
func (s *Server) takesTokens(c echo.Context) bool {
	if forMachine(c) {
		return true
	}
	r, known := s.table.find(c)
	return known && r.Bearer
}

func (s *Server) forNobodyToo(c echo.Context) bool {
	r, known := s.table.find(c)
	return known && r.Public
}

// whereTokens puts a middleware around what takes tokens alone.
func (s *Server) whereTokens(m echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		with := m(next)
		return func(c echo.Context) error {
			if s.takesTokens(c) {
				return with(c)
			}
			return next(c)
		}
	}
}

// find is the line of the table that a request came to.
func (t *table) find(c echo.Context) (Route, bool) {
	method := c.Request().Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	r, known := t.byAddress[method+" "+c.Path()]
	return r, known
}
