package account

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/models/fault"
	"sundial/web/form"
	"sundial/web/respond"
)

const themeCookie = "sundial-theme"

// ThemeOf is the look this browser asked for: "light", "dark" or "" to follow the system.
func ThemeOf(c echo.Context) string {
	cookie, err := c.Cookie(themeCookie)
	if err != nil || !slices.Contains([]string{"light", "dark"}, cookie.Value) {
		return ""
	}
	return cookie.Value
}

// Theme keeps the look in this browser and goes back to the page it was chosen on.
func (h Handlers) Theme(c echo.Context) error {
	var in struct {
		Theme string `form:"theme"`
	}
	if _, err := form.Decode(c, &in); err != nil {
		return err
	}
	cookie := &http.Cookie{Name: themeCookie, Value: in.Theme, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: h.BaseURL.Scheme == "https", SameSite: http.SameSiteLaxMode}
	switch in.Theme {
	case "light", "dark":
	case "auto":
		cookie.Value, cookie.MaxAge = "", -1
	default:
		return fault.At("theme", "Choose system, light or dark.")
	}
	c.SetCookie(cookie)
	return respond.SeeOther(c, back(c.Request().Referer()))
}

// back is the path of the page a form was on.
func back(referer string) string {
	u, err := url.Parse(referer)
	if err != nil {
		return "/"
	}
	return auth.ReturnTo(u.RequestURI())
}
