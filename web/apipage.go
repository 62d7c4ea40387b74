package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	views "sundial/components/api"
	"sundial/web/api"
	"sundial/web/respond"
)

// API is the machines' door, for tests of its document.
func (s *Server) API() *api.API { return s.api }

// document sends the OpenAPI document, which tells nothing that is not in the source.
func (s *Server) document(c echo.Context) error {
	return c.Blob(http.StatusOK, "application/openapi+json", s.api.Document())
}

// showAPI is the same document for people.
func (s *Server) showAPI(c echo.Context) error {
	p := respond.Props(c, "API")
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Page(p, s.api.Describe()))
}
