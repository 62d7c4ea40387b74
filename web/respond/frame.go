package respond

import (
	"github.com/labstack/echo/v4"

	"sundial/components/layout"
)

// Frame is what every page of one request has in common. The server fills it in, once a request.
type Frame struct {
	Person  *layout.Person // nil when nobody is signed in
	Nav     []layout.NavItem
	Theme   string
	Version string
	Secure  bool   // cookies travel over https only
	Key     []byte // signs what is said after a redirect
}

const frameKey = "respond.frame"

// SetFrame gives the request its frame.
func SetFrame(c echo.Context, f *Frame) { c.Set(frameKey, f) }

func frame(c echo.Context) *Frame {
	if f, ok := c.Get(frameKey).(*Frame); ok {
		return f
	}
	return &Frame{}
}

// Props is the frame of a page with this title, ready to be changed: crumbs, heading, width.
func Props(c echo.Context, title string) layout.Props {
	f := frame(c)
	return layout.Props{Title: title, Person: f.Person, Nav: f.Nav, Theme: f.Theme, Version: f.Version, Flash: takeFlash(c, f)}
}

// Refused is Props for a page that shows a refused form: its title begins with "Error:".
func Refused(c echo.Context, title string) layout.Props {
	p := Props(c, title)
	p.Error = true
	return p
}
