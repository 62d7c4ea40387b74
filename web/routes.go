package web

import (
	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/models/org"
	"sundial/static"
	"sundial/web/account"
	"sundial/web/help"
)

// routes is every address of the portal and who may use it, one line each. A line asks coarsely, by
// role; the record's own rule asks again. testdata/routes.golden is this table as people read it.
func (s *Server) routes(r *table) {
	me := account.Handlers{Sessions: s.sessions, Store: s.cfg.Store, BaseURL: s.cfg.BaseURL, Provider: s.cfg.ProviderName, Demo: s.cfg.Demo, Clock: s.cfg.Clock}

	// Assets and probes.
	r.asset(static.Prefix+"*", echo.WrapHandler(static.Handler()))
	r.asset("/favicon.ico", favicon)
	r.asset("/robots.txt", robots)
	r.asset("/healthz", healthy)
	r.asset("/readyz", s.ready)

	// Signing in and out, and one's own things.
	r.GET("/login", me.Login, public)
	r.GET("/login/start", me.Start, public)
	r.GET(auth.CallbackPath, me.Callback, public)
	r.GET("/logout", me.AskLogout, public)
	r.POST("/logout", me.Logout, public)
	r.GET("/sessions", me.List, may(org.ManageOwnThings))
	r.POST("/sessions/:session/revoke", me.Revoke, may(org.ManageOwnThings))
	r.POST("/theme", me.Theme, public)
	r.GET("/help", help.Handlers{Grants: s.cfg.Grants}.Show, may(org.Read))
}
