package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/auth/token"
	"sundial/components/link"
	"sundial/models/org"
)

// feedKeys lets calendar programs in, which know neither sessions nor bearer headers: by the password of
// HTTP Basic, whatever the user name, or by ?key= in the address they subscribe to. Addresses end up in
// logs, in backups and with whoever the calendar is shared with. So there only a token opens anything
// that can read the calendar and nothing else.
func (s *Server) feedKeys(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Path() != link.RetirementsFeed() {
			return next(c)
		}
		key, inAddress := takeKey(c.Request())
		_, password, basic := c.Request().BasicAuth()
		var err error
		switch {
		case auth.Actor(c).IsToken(): // the bearer header said enough
		case inAddress:
			err = s.openAddress(c, key)
		case basic:
			err = s.tokens.Open(c, password)
		}
		if err != nil {
			return err
		}
		return next(c)
	}
}

// openAddress is Open for a token that stands in an address.
func (s *Server) openAddress(c echo.Context, key string) error {
	nobodys := c.Request()
	if err := s.tokens.Open(c, key); err != nil {
		return err
	}
	if slices.Equal(auth.Actor(c).Scopes, []org.Scope{org.ScopeCalendar}) {
		return nil
	}
	c.SetRequest(nobodys)
	const sentence = "In an address only a token is taken whose one scope is calendar."
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="Sundial", error="insufficient_scope", error_description="`+sentence+`"`)
	return &token.Refusal{Sentence: sentence}
}

// takeKey reads the key and takes it out of the address, so that nothing behind this repeats it.
func takeKey(r *http.Request) (key string, given bool) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || !q.Has("key") {
		return "", false
	}
	key = q.Get("key")
	q.Del("key")
	r.URL.RawQuery = q.Encode()
	r.RequestURI = r.URL.RequestURI()
	return key, true
}

// feedNobody challenges a program that came with nothing; a browser is led to the sign-in page.
func (s *Server) feedNobody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if c.Path() == link.RetirementsFeed() && auth.Actor(c).ID == 0 && !strings.Contains(r.Header.Get(echo.HeaderAccept), "text/html") {
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Basic realm="Sundial calendar", charset="UTF-8"`)
		}
		return next(c)
	}
}
