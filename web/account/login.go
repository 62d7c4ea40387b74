package account

import (
	"net"
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/account"
	"sundial/models/fault"
	"sundial/web/respond"
)

// Login is the page for whoever is not signed in.
func (h Handlers) Login(c echo.Context) error {
	to := auth.ReturnTo(c.QueryParam("return_to"))
	if auth.Actor(c).ID != 0 {
		return c.Redirect(http.StatusSeeOther, to)
	}
	p := respond.Props(c, "Sign in")
	p.NoChrome = true
	if to == "/" {
		to = ""
	}
	return respond.HTML(c, http.StatusOK, views.Login(p, views.LoginView{Provider: h.Provider, ReturnTo: to,
		SignedOut: c.QueryParam("signed_out") != "", Demo: h.Demo}))
}

// Start leaves for the identity provider.
func (h Handlers) Start(c echo.Context) error {
	if elsewhere := h.otherLoopback(c.Request()); elsewhere != "" {
		return c.Redirect(http.StatusSeeOther, elsewhere)
	}
	to := c.QueryParam("return_to")
	address, err := h.Sessions.Start(c, to)
	if err != nil {
		return h.failed(c, err, auth.ReturnTo(to))
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// otherLoopback: somebody who opened localhost where Sundial calls itself 127.0.0.1 would come back
// from the provider without the cookie, so they start under the name they will come back to.
func (h Handlers) otherLoopback(r *http.Request) string {
	if r.Host == h.BaseURL.Host || !loopback(r.Host) || !loopback(h.BaseURL.Host) {
		return ""
	}
	return h.BaseURL.Scheme + "://" + h.BaseURL.Host + r.URL.RequestURI()
}

func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Callback is where the provider sends the browser back to.
func (h Handlers) Callback(c echo.Context) error {
	// The address holds the code: it goes to nobody, not even to our own assets.
	c.Response().Header().Set("Referrer-Policy", "no-referrer")
	to, err := h.Sessions.Finish(c)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, to)
	}
	if f, ok := fault.As(err); ok && f.Kind == fault.Malformed && auth.Actor(c).ID != 0 {
		// A second click on the same answer, by somebody who is in already.
		return c.Redirect(http.StatusSeeOther, to)
	}
	return h.failed(c, err, to)
}

// failed draws why nobody was signed in. It says what the person may know; the cause is in the log.
func (h Handlers) failed(c echo.Context, err error, to string) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	respond.Note(c, err)
	p := respond.Props(c, "You are not signed in")
	p.NoChrome, p.Error = true, true
	return respond.HTML(c, respond.Status(f.Kind), views.Failed(p, views.FailedView{Sentence: f.Sentence, ReturnTo: to,
		RequestID: c.Response().Header().Get(echo.HeaderXRequestID)}))
}
