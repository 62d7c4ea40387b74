package web_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"sundial/models/fault"
	"sundial/models/retirement"
	"sundial/web/webtest"
)

// A consumer's link is as good as a signature: no log has it, whatever goes wrong.
func TestNoLogHasAConsumersToken(t *testing.T) {
	site := webtest.New(t)
	key, err := site.Store.LinkKey()
	if err != nil {
		t.Fatal(err)
	}
	token := retirement.AnswerLink{Workflow: 1, Consumer: "checkout", Nonce: "n", Expires: "2100-01-01"}.Sign(key)
	site.Server.Mount("/answer/:token/failing", func(c echo.Context) error {
		return &url.Error{Op: "Get", URL: "https://sundial.example.test" + c.Request().URL.Path, Err: errors.New("broken")}
	})
	site.Server.Mount("/answer/:token/panicking", func(c echo.Context) error { panic("at " + c.Request().URL.Path) })
	site.Server.Mount("/answer/:token/refusing", func(c echo.Context) error {
		return fmt.Errorf("look at %s: %w", c.Request().URL.Path, fault.New(fault.Conflict, "No."))
	})
	for tail, status := range map[string]int{"/failing": 500, "/panicking": 500, "/refusing": 409, "/nowhere?x=1": 404} {
		if p := site.Nobody().Get("/answer/" + token + tail); p.Status != status {
			t.Errorf("%s: %d", tail, p.Status)
		}
	}
	site.Nobody().Get("/answer/" + token)
	site.Nobody().Send("/answer/" + token + "/failing")
	log := site.Log.String()
	if strings.Contains(log, token) || strings.Contains(log, token[len(token)-40:]) {
		t.Errorf("the token is in the log:\n%s", log)
	}
	for _, kept := range []string{"/answer/…/failing", "panic: at /answer/…/panicking", "look at /answer/…/refusing", "route=/answer/:token/failing"} {
		if !strings.Contains(log, kept) {
			t.Errorf("the log lacks %q:\n%s", kept, log)
		}
	}
}
