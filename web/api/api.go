// Package api is the machines' door: the JSON API below /api/v1, its document and its problems. It reads
// requests into structs of its own, calls the same rules and store functions as the pages, and draws what
// they say as JSON. It decides nothing: who may and what holds belongs to models, who is asking to auth.
//
//	api.go          the API as a whole: what it is made of, its document
//	operation.go    register: the one way to add a call, with the act it asks for and what it may answer
//	serve.go        one request: its path and body, the call, the answer with its entity tag
//	body.go         what a body may hold
//	idempotency.go  the same key, the same answer
//	problem.go      every refusal as application/problem+json (RFC 9457)
//	etag.go         entity tags, If-Match and If-None-Match
//	models.go ...   the calls, one file per subject
package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sundial/models/lifecycle"
	"sundial/models/store"
)

// Prefix is where the calls are.
const Prefix = "/api/v1"

// Config is what the API needs to answer.
type Config struct {
	Store   *store.Store
	Policy  lifecycle.Policy
	BaseURL *url.URL // where links in answers lead
	Version string
	Clock   func() time.Time
}

// API is every call and its document.
type API struct {
	Config
	huma     huma.API
	mux      *handlers
	ops      []Operation
	document []byte
}

// New builds the API. It panics on a call that is not declared whole: that is a programmer's mistake.
func New(cfg Config) *API {
	shapes.Do(ourShapes)
	a := &API{Config: cfg, mux: &handlers{byPattern: map[string]http.HandlerFunc{}}}
	c := huma.DefaultConfig("Sundial", cfg.Version)
	c.CreateHooks = nil // no $schema in every answer
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	format := huma.Format{Marshal: write, Unmarshal: json.Unmarshal}
	c.Formats = map[string]huma.Format{"application/json": format, "json": format} // the latter for what ends in +json
	c.RejectUnknownQueryParameters = true
	c.Info.Description = "The machines' door to Sundial. Sign in with a service token: Authorization: Bearer TOKEN."
	c.Servers = []*huma.Server{{URL: cfg.BaseURL.String() + Prefix}}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "A service token, made in the browser or with sundial token create."},
		"session": {Type: "apiKey", In: "cookie", Name: "sundial", Description: "The session of somebody who is signed in."},
	}
	a.huma = humago.New(a.mux, c)
	a.models()
	a.versions()
	a.evidence()
	a.gates()
	a.requests()
	a.production()
	a.plans()
	a.retirements()
	a.confirmations()
	a.teams()
	a.aliases()
	a.stamps()
	a.monitoring()
	a.events()
	var err error
	if a.document, err = json.MarshalIndent(a.huma.OpenAPI(), "", " "); err != nil {
		panic("api: the document: " + err.Error())
	}
	return a
}

// Document is the OpenAPI 3.1 document.
func (a *API) Document() []byte { return a.document }

// Operations are all calls, in the order of the document.
func (a *API) Operations() []Operation { return a.ops }

func (a *API) now() time.Time { return a.Clock().UTC().Truncate(time.Millisecond) }

// shapes sets what the framework keeps for the whole process: how refusals look, and that a list is
// never null.
var shapes sync.Once

func ourShapes() {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, said string, causes ...error) huma.StatusError { return refusal(status, said, causes) }
	huma.NewErrorWithContext = func(ctx huma.Context, status int, said string, causes ...error) huma.StatusError {
		p := refusal(status, said, causes)
		if ctx != nil {
			callIn(ctx.Context()).err = p
		}
		return p
	}
}

func write(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// handlers takes the calls from the framework. The server's own table routes: one router, one 404.
type handlers struct{ byPattern map[string]http.HandlerFunc }

// HandleFunc keeps the handler of "METHOD /path".
func (m *handlers) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	m.byPattern[pattern] = h
}

// ServeHTTP is asked for by the framework's adapter and never called.
func (m *handlers) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "", http.StatusNotFound)
}
