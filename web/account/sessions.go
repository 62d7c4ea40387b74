package account

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/account"
	"sundial/components/link"
	"sundial/web/form"
	"sundial/web/respond"
)

// List shows the browsers one is signed in with.
func (h Handlers) List(c echo.Context) error {
	now := h.Clock()
	list, err := h.Store.SessionsOf(c.Request().Context(), auth.Actor(c).ID, now)
	if err != nil {
		return err
	}
	view := views.SessionsView{Now: now}
	for _, x := range list {
		view.Rows = append(view.Rows, views.SessionRow{ID: x.ID, Browser: auth.Browser(x.UserAgent), Address: x.Address,
			Since: x.CreatedAt, LastSeen: x.LastSeenAt, Ends: x.AbsoluteEnd, Current: x.ID == auth.Session(c).ID})
	}
	return respond.HTML(c, http.StatusOK, views.Sessions(respond.Props(c, "Your sessions"), view))
}

// Revoke ends one of one's own sessions; somebody else's does not exist.
func (h Handlers) Revoke(c echo.Context) error {
	id, err := form.ID(c, "session")
	if err != nil {
		return err
	}
	if err := h.Store.EndSession(c.Request().Context(), auth.Actor(c).ID, id, "session.revoked"); err != nil {
		return err
	}
	return respond.SeeOther(c, link.Sessions(), "Session ended.")
}
