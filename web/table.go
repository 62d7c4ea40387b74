package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/models/org"
	"sundial/web/api"
	"sundial/web/form"
)

const (
	usualBody  = 1 << 20 // bytes
	promptBody = 2 << 20 // of a form with the longest text of a prompt, in wide letters
	usualTime  = 30 * time.Second
)

// access says who may use a route: somebody whose roles allow an act, or anybody at all.
type access struct {
	act    org.Act
	public bool
}

// public routes are for those who are not signed in too.
var public = access{public: true}

// may asks for an act that org.May knows.
func may(act org.Act) access { return access{act: act} }

func (a access) String() string {
	if a.public {
		return "public"
	}
	return string(a.act)
}

// Route is one line of the route table.
type Route struct {
	Method, Path string
	Act          org.Act // "" when Public
	Public       bool
	Bearer       bool          // takes service tokens, though it is no call of the API
	Paced        bool          // asked too often from one address, it waits
	Body         int64         // the most bytes it takes
	Time         time.Duration // the longest it works

	who     access
	handler echo.HandlerFunc
}

func (r Route) String() string {
	s := fmt.Sprintf("%-6s %-60s %s", r.Method, r.Path, r.who)
	if r.Body != usualBody {
		s += " body=" + strings.ReplaceAll(form.Bytes(r.Body), " ", "")
	}
	if r.Time != usualTime {
		s += " time=" + r.Time.String()
	}
	if r.Bearer {
		s += " bearer"
	}
	if r.Paced {
		s += " paced"
	}
	return s
}

type option func(*Route)

// body lets a route take more than a form's worth, such as a file.
func body(bytes int64) option { return func(r *Route) { r.Body = bytes } }

// longer lets a route work longer than a page may, such as an export.
func longer(d time.Duration) option { return func(r *Route) { r.Time = d } }

// paced limits how often one address may ask, as often as those who come without a token: for doors that
// strangers may knock at and that change something.
func paced(r *Route) { r.Paced = true }

// table holds every route. Its methods ask for an access, so a route without one does not build.
type table struct {
	list  []Route
	calls []Route         // of the JSON API, which has a table and tests of its own
	bare  map[string]bool // routes without session and frame

	byAddress map[string]Route // by "METHOD /path", once mounted
}

func (t *table) GET(path string, h echo.HandlerFunc, who access, opts ...option) {
	t.add(http.MethodGet, path, h, who, opts)
}

func (t *table) POST(path string, h echo.HandlerFunc, who access, opts ...option) {
	t.add(http.MethodPost, path, h, who, opts)
}

// call adds a call of the JSON API, which says by itself who may use it.
func (t *table) call(op api.Operation, h echo.HandlerFunc) {
	t.calls = append(t.calls, route(op.Method, op.Address(), h, may(op.Act), []option{body(op.Body), longer(op.Time)}))
}

// asset is a public GET that needs neither session nor frame.
func (t *table) asset(path string, h echo.HandlerFunc) {
	if t.bare == nil {
		t.bare = map[string]bool{}
	}
	t.bare[path] = true
	t.add(http.MethodGet, path, h, public, nil)
}

func (t *table) add(method, path string, h echo.HandlerFunc, who access, opts []option) {
	t.list = append(t.list, route(method, path, h, who, opts))
}

func route(method, path string, h echo.HandlerFunc, who access, opts []option) Route {
	if who == (access{}) {
		panic("web: nobody is said to be allowed " + method + " " + path)
	}
	r := Route{Method: method, Path: path, Act: who.act, Public: who.public, Body: usualBody, Time: usualTime, who: who, handler: h}
	for _, o := range opts {
		o(&r)
	}
	return r
}

// Routes is the table of pages, as it was written.
func (s *Server) Routes() []Route { return s.table.list }

// mount gives every route to the router, with what its line says around its handler.
func (s *Server) mount() {
	if s.table.byAddress == nil {
		s.table.byAddress = map[string]Route{}
	}
	for _, r := range slices.Concat(s.table.list, s.table.calls) {
		s.table.byAddress[r.Method+" "+r.Path] = r
		h := r.handler
		h = s.sessions.OwnPagesOnly(h) // reads the body of some, so only after it is known who may send one
		if !r.Public {
			h = auth.Require(r.Act)(h)
		}
		if r.Paced {
			h = s.tokens.Pace(func(echo.Context) bool { return false })(h)
		}
		h = params(r.bounded(h))
		s.echo.Add(r.Method, r.Path, h)
		if r.Method == http.MethodGet {
			s.echo.Add(http.MethodHead, r.Path, h)
		}
	}
}

// bounded limits how much a request may bring and how long it may take.
func (r Route) bounded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		req := c.Request()
		if req.ContentLength > r.Body {
			return form.TooLarge(&http.MaxBytesError{Limit: r.Body})
		}
		ctx, cancel := context.WithTimeout(req.Context(), r.Time)
		defer cancel()
		req = req.WithContext(ctx)
		req.Body = http.MaxBytesReader(c.Response(), req.Body, r.Body)
		c.SetRequest(req)
		defer forgetFiles(c)
		return next(c)
	}
}

// forgetFiles removes the temporary files of a form. The server does so only for the request that it
// made itself, and ours is a copy of that.
func forgetFiles(c echo.Context) {
	if f := c.Request().MultipartForm; f != nil {
		_ = f.RemoveAll()
	}
}

// params decodes the parts of a path: where a path holds an encoded slash the router leaves them encoded.
func params(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().URL.RawPath == "" {
			return next(c)
		}
		values := c.ParamValues()
		for i, v := range values {
			plain, err := url.PathUnescape(v)
			if err != nil {
				return echo.ErrNotFound
			}
			values[i] = plain
		}
		c.SetParamValues(values...)
		return next(c)
	}
}
