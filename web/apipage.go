package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/web/api"
)

// API is the machines' door, for tests of its document.
func (s *Server) API() *api.API { return s.api }

// document sends the OpenAPI document, which tells nothing that is not in the source.
func (s *Server) document(c echo.Context) error {
	return c.Blob(http.StatusOK, "application/openapi+json", s.api.Document())
}
