package respond

import (
	"bytes"
	"net/http"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// PageTitle names the fragment that holds a page's title, so that a swapped part renames the window too.
const PageTitle = "page-title"

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// HTML sends a page, or only the Region of it that htmx wants to replace. The page is drawn in memory
// first: a mistake on the way becomes an error page and not half a page.
func HTML(c echo.Context, status int, page templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	defer buffers.Put(b)
	if err := draw(c, b, page); err != nil {
		return err
	}
	return c.HTMLBlob(status, b.Bytes())
}

func draw(c echo.Context, b *bytes.Buffer, page templ.Component) error {
	ctx := c.Request().Context()
	if region := wanted(c.Request()); region != "" {
		if err := templ.RenderFragments(ctx, b, page, PageTitle, region); err != nil {
			return err
		}
		if drew := bytes.TrimSpace(b.Bytes()); len(drew) > 0 && !bytes.HasSuffix(drew, []byte("</title>")) {
			return nil
		}
		// The page has no such part, because it is another page than was expected: show its whole middle.
		b.Reset()
		h := c.Response().Header()
		h.Set("HX-Retarget", "#main")
		h.Set("HX-Reselect", "#main")
		h.Set("HX-Reswap", "outerHTML")
	}
	return page.Render(ctx, b)
}

// wanted is the Region that htmx is going to replace, "" for a whole page. htmx names its target as
// "div#decision".
func wanted(r *http.Request) string {
	if !swaps(r) {
		return ""
	}
	_, id, _ := strings.Cut(r.Header.Get("HX-Target"), "#")
	return id
}

// swaps reports whether htmx will put the answer into the page that is open. Going back in history
// asks for whole pages.
func swaps(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-History-Restore-Request") != "true"
}
