package auth

import (
	"crypto/subtle"
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/models/fault"
)

// FormTokenField is the hidden input by which a form shows that it came from a page of ours.
const FormTokenField = "csrf"

var errCrossSite = fault.New(fault.Forbidden, "This change was not asked for by one of Sundial's own pages, so it was refused. Open the page in Sundial and try again.")

// OwnPagesOnly refuses changes that another site's page asked for. Browsers say where a request comes
// from (Sec-Fetch-Site); older ones name the origin at least; for what says neither, the form must
// carry the session's token.
func (s *Sessions) OwnPagesOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
			return next(c)
		}
		if Actor(c).IsToken() { // no browser adds a bearer token by itself
			return next(c)
		}
		site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
		switch {
		case site == "same-origin" || site == "none":
			return next(c)
		case site != "":
			return errCrossSite
		case origin == s.origin:
			return next(c)
		case origin != "":
			return errCrossSite
		}
		want := s.FormToken(c)
		if want == "" {
			return errCrossSite
		}
		// The token is read after the body's size was bounded, and only here.
		given := r.Header.Get("X-CSRF-Token")
		if given == "" {
			if err := r.ParseMultipartForm(formMemory); err != nil && err != http.ErrNotMultipart {
				return err
			}
			given = r.PostForm.Get(FormTokenField)
		}
		if subtle.ConstantTimeCompare([]byte(given), []byte(want)) != 1 {
			return errCrossSite
		}
		return next(c)
	}
}

// formMemory is how much of a form with files is held in memory, in bytes; the rest goes to a temporary file.
const formMemory = 1 << 20

// FormToken is the token that forms of this session carry, "" when nobody is signed in.
func (s *Sessions) FormToken(c echo.Context) string {
	token, _ := c.Get(tokenKey).(string)
	if token == "" {
		return ""
	}
	return s.seal.token("form", token)
}
