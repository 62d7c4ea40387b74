package respond

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

const (
	flashCookie = "sundial-flash"
	flashLife   = 60 // seconds
	flashMost   = 300
)

// SeeOther sends the browser to the page that shows what a change did. said, if given, is told there
// once: "Model registered."
//
// htmx would follow the redirect by itself and put the new page's part where the form was; the window
// would keep its old address and title and the message would be lost. So it is told to go there.
func SeeOther(c echo.Context, to string, said ...string) error {
	if len(said) > 0 && said[0] != "" {
		setFlash(c, frame(c), said[0])
	}
	if !swaps(c.Request()) {
		return c.Redirect(http.StatusSeeOther, to)
	}
	h := c.Response().Header()
	if samePage(c.Request().Header.Get("HX-Current-URL"), to) {
		h.Set("HX-Refresh", "true") // an address that differs by its fragment only would not be loaded
	} else {
		h.Set("HX-Redirect", to)
	}
	return c.NoContent(http.StatusOK)
}

func samePage(current, to string) bool {
	a, err := url.Parse(current)
	if err != nil {
		return false
	}
	b, err := a.Parse(to)
	if err != nil {
		return false
	}
	a.Fragment, b.Fragment = "", ""
	return a.String() == b.String()
}

func setFlash(c echo.Context, f *Frame, text string) {
	if r := []rune(text); len(r) > flashMost {
		text = string(r[:flashMost])
	}
	body := base64.RawURLEncoding.EncodeToString([]byte(text))
	c.SetCookie(&http.Cookie{Name: flashCookie, Value: body + "." + f.sign(body), Path: "/", MaxAge: flashLife,
		HttpOnly: true, Secure: f.Secure, SameSite: http.SameSiteLaxMode})
}

// takeFlash reads what is to be said and forgets it. A part of a page has no place for it.
func takeFlash(c echo.Context, f *Frame) string {
	cookie, err := c.Cookie(flashCookie)
	if err != nil || wanted(c.Request()) != "" {
		return ""
	}
	c.SetCookie(&http.Cookie{Name: flashCookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: f.Secure, SameSite: http.SameSiteLaxMode})
	body, sig, _ := strings.Cut(cookie.Value, ".")
	if !hmac.Equal([]byte(sig), []byte(f.sign(body))) {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return ""
	}
	return string(text)
}

func (f *Frame) sign(body string) string {
	m := hmac.New(sha256.New, f.Key)
	m.Write([]byte("flash\x00" + body))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}
