package auth

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth/oidc"
	"sundial/models/fault"
)

const (
	// CallbackPath is where the identity provider sends the browser back to.
	CallbackPath = "/login/callback"

	flowPath  = "/login" // the only paths that ever see a flow's cookie
	flowLife  = 10 * time.Minute
	mostFlows = 24 // tabs that sign in at once; a browser's header must stay small
)

// attempt is one sign-in between leaving and coming back, sealed in a cookie of this browser.
type attempt struct {
	Flow     oidc.Flow
	ReturnTo string
}

// Start begins a sign-in and returns the provider's address to go to.
func (s *Sessions) Start(c echo.Context, returnTo string) (redirect string, err error) {
	redirect, flow, err := s.Provider.Start(c.Request().Context())
	if err != nil {
		return "", err
	}
	name := s.flowName(flow.State)
	sealed, err := s.seal.seal("flow "+name, attempt{flow, ReturnTo(returnTo)})
	if err != nil {
		return "", err
	}
	s.dropOldFlows(c)
	s.setCookie(c, name, sealed, flowPath, flowLife)
	return redirect, nil
}

// Finish ends a sign-in: the browser is back from the provider. It returns where the person wanted to
// go. The attempt is forgotten whatever the outcome.
func (s *Sessions) Finish(c echo.Context) (returnTo string, err error) {
	q := c.QueryParams()
	name := s.flowName(q.Get("state"))
	cookie, err := c.Cookie(name)
	if err != nil {
		return "/", errNoAttempt
	}
	s.dropCookie(c, name, flowPath)
	var a attempt
	if err := s.seal.open("flow "+name, cookie.Value, &a); err != nil {
		return "/", errNoAttempt
	}
	returnTo = ReturnTo(a.ReturnTo)
	now := s.Clock()
	if now.Sub(a.Flow.StartedAt) > flowLife {
		return returnTo, fault.New(fault.Malformed, "This sign-in took longer than ten minutes. Start it again.")
	}
	who, err := s.Provider.Finish(c.Request().Context(), a.Flow, q, now)
	if err != nil {
		return returnTo, err
	}
	return returnTo, s.open(c, who)
}

var errNoAttempt = fault.New(fault.Malformed, "This sign-in was not started in this browser, or it is finished already. Start it again.")

// flowName gives every attempt its own cookie, so that twenty tabs can sign in at once.
func (s *Sessions) flowName(state string) string {
	name := "sundial-flow-" + hashed(state)[:16]
	if s.secure {
		return "__Secure-" + name
	}
	return name
}

func (s *Sessions) dropOldFlows(c echo.Context) {
	var flows []*http.Cookie
	for _, cookie := range c.Cookies() {
		if strings.Contains(cookie.Name, "sundial-flow-") {
			flows = append(flows, cookie)
		}
	}
	for len(flows) >= mostFlows {
		s.dropCookie(c, flows[0].Name, flowPath)
		flows = flows[1:]
	}
}
