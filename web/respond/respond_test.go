package respond_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"sundial/components/layout"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/web/respond"
)

func text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	})
}

func with(parent, child templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return parent.Render(templ.WithChildren(ctx, child), w)
	})
}

// page has two regions, one inside the other.
func page() templ.Component {
	inner := with(ui.Region("inner"), text("deep"))
	outer := with(ui.Region("outer"), templ.Join(text("around "), inner))
	return with(layout.Page(layout.Props{Title: "Test", Heading: "Test"}), templ.Join(text("before "), outer))
}

func ask(headers ...string) (echo.Context, *httptest.ResponseRecorder) {
	r := httptest.NewRequest("GET", "/models?q=x", nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	return echo.New().NewContext(r, w), w
}

func TestOnlyTheRegionAskedFor(t *testing.T) {
	tests := map[string]struct {
		headers     []string
		has, lacks  string
		retargetsTo string
	}{
		"a browser gets the page":        {nil, "before", "HX-none", ""},
		"htmx gets the region":           {[]string{"HX-Request", "true", "HX-Target", "div#outer"}, "around", "before", ""},
		"and regions inside it":          {[]string{"HX-Request", "true", "HX-Target", "div#outer"}, `id="inner"`, "<main", ""},
		"the inner region alone":         {[]string{"HX-Request", "true", "HX-Target", "div#inner"}, "deep", "around", ""},
		"a part brings the title":        {[]string{"HX-Request", "true", "HX-Target", "div#inner"}, "<title>Test", "<main", ""},
		"a part that is not here":        {[]string{"HX-Request", "true", "HX-Target", "div#elsewhere"}, "before", "HX-none", "#main"},
		"going back in history":          {[]string{"HX-Request", "true", "HX-Target", "div#inner", "HX-History-Restore-Request", "true"}, "before", "HX-none", ""},
		"a target without htmx is noise": {[]string{"HX-Target", "div#inner"}, "before", "HX-none", ""},
		"the whole body":                 {[]string{"HX-Request", "true", "HX-Target", "body"}, "before", "HX-none", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, w := ask(tt.headers...)
			if err := respond.HTML(c, http.StatusUnprocessableEntity, page()); err != nil {
				t.Fatal(err)
			}
			body := w.Body.String()
			if w.Code != 422 || !strings.Contains(body, tt.has) || strings.Contains(body, tt.lacks) {
				t.Errorf("%d %s", w.Code, body)
			}
			if got := w.Header().Get("HX-Retarget"); got != tt.retargetsTo {
				t.Errorf("retargets to %q", got)
			}
		})
	}
}

func TestAPageThatBreaksSendsNothing(t *testing.T) {
	broken := templ.Join(text("half a page"), templ.ComponentFunc(func(context.Context, io.Writer) error { return errors.New("broken") }))
	c, w := ask()
	if err := respond.HTML(c, 200, broken); err == nil || w.Body.Len() > 0 || c.Response().Committed {
		t.Errorf("%v, sent %q", err, w.Body)
	}
}

func TestFaultsOneCanMend(t *testing.T) {
	for kind, mend := range map[fault.Kind]bool{fault.Invalid: true, fault.Conflict: true, fault.Stale: true, fault.Forbidden: true,
		fault.NotFound: false, fault.TooLarge: false, fault.TooMany: false, fault.Unavailable: false, fault.Malformed: false} {
		f, status, ok := respond.Fault(fmt.Errorf("doing: %w", fault.New(kind, "x")))
		if ok != mend || ok && (f.Kind != kind || status != respond.Status(kind)) {
			t.Errorf("%v: %v %d", kind, ok, status)
		}
	}
	if _, _, ok := respond.Fault(errors.New("ours")); ok {
		t.Error("an error of ours is nobody's to mend")
	}
}

func TestFlashIsSaidOnce(t *testing.T) {
	c, w := ask()
	respond.SetFrame(c, &respond.Frame{Key: []byte("key")})
	if err := respond.SeeOther(c, "/models/fraud", "Model registered. “Fraud”"); err != nil || w.Code != 303 || w.Header().Get("Location") != "/models/fraud" {
		t.Fatalf("%v %d %v", err, w.Code, w.Header())
	}
	cookie := w.Result().Cookies()[0]
	next := func(key, value string, headers ...string) (string, *httptest.ResponseRecorder) {
		c, w := ask(headers...)
		c.Request().AddCookie(&http.Cookie{Name: cookie.Name, Value: value})
		respond.SetFrame(c, &respond.Frame{Key: []byte(key)})
		return respond.Props(c, "Fraud").Flash, w
	}
	if said, w := next("key", cookie.Value); said != "Model registered. “Fraud”" || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("said %q", said)
	}
	if said, _ := next("another key", cookie.Value); said != "" {
		t.Errorf("a stranger's words were said: %q", said)
	}
	if said, w := next("key", cookie.Value, "HX-Request", "true", "HX-Target", "div#list"); said != "" || len(w.Result().Cookies()) > 0 {
		t.Error("a part of a page took the words")
	}
	for _, bent := range []string{"", ".", "abc", "abc.def", cookie.Value + "x"} {
		if said, _ := next("key", bent); said != "" {
			t.Errorf("%q said %q", bent, said)
		}
	}
}

func TestHtmxIsToldWhereToGo(t *testing.T) {
	tests := map[string]struct{ current, to, redirect, refresh string }{
		"to another page":           {"http://x.test/requests/7", "/models/fraud", "/models/fraud", ""},
		"to the same page":          {"http://x.test/requests/7", "/requests/7", "", "true"},
		"to a place on it":          {"http://x.test/requests/7#a", "/requests/7#b", "", "true"},
		"to it with another query":  {"http://x.test/models?q=a", "/models?q=b", "/models?q=b", ""},
		"from who knows where":      {"", "/models", "/models", ""},
		"to the identity provider":  {"http://x.test/", "https://idp.test/out", "https://idp.test/out", ""},
		"from a damaged address":    {"http://%zz", "/models", "/models", ""},
		"the same path by tab only": {"http://x.test/models/a?tab=b", "/models/a", "/models/a", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, w := ask("HX-Request", "true", "HX-Target", "div#decision", "HX-Current-URL", tt.current)
			if err := respond.SeeOther(c, tt.to); err != nil || w.Code != 200 || w.Header().Get("Location") != "" {
				t.Fatalf("%v %d", err, w.Code)
			}
			if w.Header().Get("HX-Redirect") != tt.redirect || w.Header().Get("HX-Refresh") != tt.refresh {
				t.Errorf("%v", w.Header())
			}
		})
	}
}

func TestCSVRunsNoFormulas(t *testing.T) {
	c, w := ask()
	rows := respond.Rows([][]string{{"=1+1", "-2+3", "-2.5", "+3", "@x", "\tt", "\rr", "plain, with comma", "a\"b"}})
	if err := respond.CSV(c, `mod"els`+"\r\n"+`.csv`, []string{"=head", "b"}, rows); err != nil {
		t.Fatal(err)
	}
	want := "'=head,b\n'=1+1,'-2+3,-2.5,'+3,'@x,'\tt,\"'\rr\",\"plain, with comma\",\"a\"\"b\"\n"
	if w.Body.String() != want {
		t.Errorf("got %q", w.Body)
	}
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="mod-els--.csv"` {
		t.Error(got)
	}
	if got := w.Header().Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Error(got)
	}
}

func failing(after int) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for range after {
			if !yield([]string{"row"}, nil) {
				return
			}
		}
		yield(nil, errors.New("broken"))
	}
}

func TestCSVThatFails(t *testing.T) {
	c, w := ask()
	if err := respond.CSV(c, "x.csv", []string{"a"}, failing(0)); err == nil || c.Response().Committed || w.Header().Get("Content-Type") != "" {
		t.Errorf("failing at once: %v, committed %v", err, c.Response().Committed)
	}
	c, _ = ask()
	if err := respond.CSV(c, "x.csv", []string{"a"}, failing(2)); err == nil || !c.Response().Committed {
		t.Errorf("failing later: %v", err)
	}
	c, w = ask()
	if err := respond.CSV(c, "x.csv", []string{"a"}, respond.Rows(nil)); err != nil || w.Body.String() != "a\n" {
		t.Errorf("empty: %v %q", err, w.Body)
	}
}
