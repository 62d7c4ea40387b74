package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/models/fault"
	"sundial/web/form"
	"sundial/web/respond"
)

// call is what one request leaves behind besides its answer.
type call struct{ err error }

type callKey struct{}

func callIn(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// refuse keeps the error as it is and gives the framework something to draw, which nobody will read.
func (c *call) refuse(err error) error {
	c.err = err
	return ProblemOf(err)
}

// recorded is an answer before it is sent: it may have to be kept under its key, or not be sent at all.
type recorded struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header { return r.header }
func (r *recorded) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}
func (r *recorded) Write(b []byte) (int, error) { r.WriteHeader(http.StatusOK); return r.body.Write(b) }

// Handler answers requests of one call. The server has asked for the act and bounded size and time.
func (a *API) Handler(op Operation) echo.HandlerFunc {
	handle := a.mux.byPattern[op.Method+" "+op.Path]
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "private, no-cache")
		c.Response().Header().Set(echo.HeaderVary, "Authorization, Cookie")
		r := c.Request()
		if err := a.readable(c, r); err != nil {
			return err
		}
		body, err := readBody(r)
		if err != nil {
			return err
		}
		do := func(ctx context.Context) (*recorded, error) { return perform(ctx, c, handle, body) }
		var out *recorded
		if key := r.Header.Values(keyHeader); op.changes() && !op.OwnKeys && len(key) > 0 {
			out, err = a.once(c, key, body, do)
		} else {
			out, err = do(r.Context())
		}
		if err != nil {
			return err
		}
		return send(c, out)
	}
}

// perform runs the call and gives its answer, which may be a refusal. Only what is ours to mend comes
// back as an error.
func perform(ctx context.Context, c echo.Context, handle http.HandlerFunc, body []byte) (*recorded, error) {
	state := &call{}
	r := c.Request().WithContext(context.WithValue(ctx, callKey{}, state))
	r.Body = io.NopCloser(bytes.NewReader(body))
	for i, name := range c.ParamNames() {
		r.SetPathValue(name, c.ParamValues()[i])
	}
	out := &recorded{header: http.Header{}}
	handle(out, r)
	if state.err == nil {
		out.tag()
		return out, nil
	}
	p := ProblemOf(state.err)
	if p.Status >= http.StatusInternalServerError || p.Status == http.StatusTooManyRequests {
		return nil, state.err
	}
	respond.Note(c, state.err)
	return p.recorded(c)
}

// readable refuses an address that no call could mean.
func (a *API) readable(c echo.Context, r *http.Request) error {
	for _, v := range c.ParamValues() {
		if clean, said := form.Clean(v); v == "" || len(v) > 200 || said != "" || clean != v {
			return fault.New(fault.NotFound, "There is no such thing.")
		}
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return fault.New(fault.Malformed, "The query of this address cannot be read.")
	}
	for name, list := range values {
		for _, v := range list {
			if _, said := form.Clean(v); said != "" || len(v) > 4000 {
				p := problem(http.StatusBadRequest, "A value of the query holds characters that cannot be read, or too many.")
				p.Errors = []Wrong{wrong("query."+strings.ToValidUTF8(name, ""), "This holds characters that cannot be read, or too many.")}
				return p
			}
		}
		if len(list) > 1 {
			return fault.Newf(fault.Malformed, "The query gives %d values where one is meant.", len(list))
		}
	}
	return nil
}

func send(c echo.Context, out *recorded) error {
	h := c.Response().Header()
	for name, values := range out.header {
		h[name] = values
	}
	if unchanged(c.Request(), out) {
		h.Del(echo.HeaderContentType)
		return c.NoContent(http.StatusNotModified)
	}
	c.Response().WriteHeader(out.status)
	_, err := c.Response().Write(out.body.Bytes())
	return err
}
