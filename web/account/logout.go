package account

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/account"
	"sundial/components/link"
	"sundial/web/respond"
)

// AskLogout asks first: a link alone must not sign anybody out.
func (h Handlers) AskLogout(c echo.Context) error {
	if auth.Actor(c).ID == 0 {
		return c.Redirect(http.StatusSeeOther, link.Login())
	}
	return respond.HTML(c, http.StatusOK, views.Logout(respond.Props(c, "Sign out")))
}

// Logout ends the session here and then at the provider.
func (h Handlers) Logout(c echo.Context) error {
	next, err := h.Sessions.SignOut(c)
	if err != nil {
		return err
	}
	return respond.SeeOther(c, next)
}
