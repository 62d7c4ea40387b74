package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store/storetest"
	"sundial/web/api"
	"sundial/web/webtest"
)

const (
	tries = 240 // of every call
	seed  = 20260303
)

// The contract: whatever is sent, by whomever, there is no failure of ours, no answer that the document
// does not know, and no body that is not as the document says.
func TestTheContract(t *testing.T) {
	s := site(t)
	c := &contract{t: t, site: s, rand: rand.New(rand.NewSource(seed)), doc: document(t, s.Server.API().Document())}
	c.prepare()
	for _, op := range s.Server.API().Operations() {
		counts := map[int]int{}
		for i := range tries {
			counts[c.try(op, i)]++
		}
		t.Logf("%-6s %-52s %d requests: %s", op.Method, op.Path, tries, summed(counts))
		if !slices.ContainsFunc(slices.Collect(maps.Keys(counts)), func(status int) bool { return status < 300 }) {
			t.Errorf("%s %s never succeeded: nothing of its answer was held", op.Method, op.Path)
		}
	}
}

func summed(counts map[int]int) string {
	var out []string
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf("%d×%d", counts[status], status))
	}
	return strings.Join(out, ", ")
}

type contract struct {
	t       *testing.T
	site    *webtest.Site
	rand    *rand.Rand
	doc     *openapi3.T
	owner   *webtest.Browser
	callers []*webtest.Browser             // those who may little
	able    map[org.Act][]*webtest.Browser // those who may, by what a call asks
	open    int64                          // a request that can be decided
	whole   []byte                         // a plan that lacks nothing
	ending  string                         // a model whose retirement the call can work on
}

// prepare makes a world in which every kind of thing is in every state that calls care for.
func (c *contract) prepare() {
	s, t := c.site, c.t
	s.Serve(t, "alpha", "v1", 2)
	c.owner = s.As(s.Owner)
	c.whole = encoded(ask(t, c.owner, "GET", "/models/alpha/retirement-plan", "").Body["plan"])
	s.Version(t, "alpha", "v2")
	s.Evidence(t, "alpha", "v2")
	s.Model(t, "beta", registry.Trained, 3)
	s.Version(t, "beta", "v1")
	s.Model(t, "gamma", registry.GenAI, 3)
	s.Model(t, "elsewhere", registry.Trained, 3)
	c.give("elsewhere", s.Other.ID)
	s.Model(t, "ended", registry.Trained, 3)
	s.Version(t, "ended", "v1")
	b := s.As(s.Contributor)
	b.Send("/models/ended/versions/v1/close", "reason", "It was never good enough to go on with.").Is(200)
	ask(t, b, "POST", "/models/beta/versions/v1/transitions", `{"to":"registered","reason":"It is complete now."}`).is(t, 201)
	ask(t, c.owner, "PUT", "/models/beta/retirement-plan", `{"trigger":{"kind":"cost","date":"2030-01-01"}}`).is(t, 200)
	_, err := s.Store.AddAlias(s.World.As(s.Contributor), func(now time.Time) (*registry.Alias, error) {
		return registry.NewAlias(storetest.Actor(s.Contributor), "assistant-default", "What assistants call when they have no reason to differ.", s.Fraud.ID, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.CountFlow(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, scope := range org.Scopes {
		c.callers = append(c.callers, withToken(t, s, s.Owner, scope), withToken(t, s, s.Risk, scope))
	}
	workers := []*webtest.Browser{c.owner, b, withToken(t, s, s.Contributor, org.Scopes...), withToken(t, s, s.Owner, org.ScopeWrite)}
	c.able = map[org.Act][]*webtest.Browser{
		org.Read:      append([]*webtest.Browser{s.As(s.Viewer), withToken(t, s, s.Viewer, org.ScopeRead)}, workers...),
		org.Decide:    {s.As(s.Risk), s.As(s.OtherReviewer), withToken(t, s, s.Risk, org.ScopeApprove)},
		org.ReadAudit: {s.As(s.Auditor), withToken(t, s, s.Admin, org.ScopeRead)},
		org.Register:  workers, org.Edit: workers, org.Request: workers, org.Report: workers,
	}
	c.callers = append(c.callers, s.Nobody(), s.As(s.Viewer), s.As(s.Stranger), s.As(s.Leader), s.As(s.Auditor))
	forged := s.Nobody()
	forged.Header.Set("Authorization", "Bearer sundial_forged")
	c.callers = append(c.callers, forged)
}

func (c *contract) give(slug string, team int64) {
	c.t.Helper()
	_, err := c.site.Store.ChangeModel(c.site.World.As(c.site.Admin), slug, 0, func(m *registry.Model) error {
		m.Note("model.assigned", m.Subject(), map[string]int64{"team": m.TeamID}, map[string]int64{"team": team})
		m.TeamID = team
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// ready makes something that the call can succeed on: others before it have used it up.
func (c *contract) ready(op api.Operation, i int) {
	s, t := c.site, c.t
	c.ending = ""
	switch op.ID {
	case "addReview":
		slug := fmt.Sprintf("ready-%d", i)
		s.Model(t, slug, registry.Trained, 3)
		s.Version(t, slug, "v1")
		s.Evidence(t, slug, "v1")
		s.Plan(t, slug)
		for _, to := range []registry.Stage{registry.Registered, registry.Validated, registry.Staged} {
			s.Promote(t, slug, "v1", to)
		}
		made := ask(t, c.owner, "POST", "/models/"+slug+"/versions/v1/transitions", `{"to":"production","reason":"It is ready to serve."}`).is(t, 201)
		c.open = int64(made.Body["id"].(float64))
	case "triggerRetirement", "completeStep", "retirement":
		c.ending = fmt.Sprintf("ending-%s-%d", strings.ToLower(op.ID), i)
		s.Serve(t, c.ending, "v1", 3)
		if op.ID != "triggerRetirement" {
			s.Trigger(t, c.ending)
			// No days pass on the way, with which every session would end.
			s.Workflow(t, c.ending, s.Owner, func(w *retirement.Workflow, _ *retirement.World) error {
				w.Phase = retirement.Cutover
				w.Note("retirement.advanced", w.Subject(c.ending), nil, map[string]any{"phase": w.Phase})
				return nil
			})
		}
	case "submitPlan", "reviewPlan":
		// Of models, beta's facts and its plan follow those of alpha, whose plan is whole.
		alpha := ask(t, c.owner, "GET", "/models/alpha", "").Body
		ask(t, c.owner, "PATCH", "/models/beta", string(encoded(map[string]any{"consumers": alpha["consumers"], "deprecation_on": alpha["deprecation_on"],
			"owner": "owner@example.test", "deputy": "deputy@example.test"})), "If-Match", "*").is(t, 200)
		plan := c.plan().(map[string]any)
		plan["consumers"] = map[string]any{"list": alpha["consumers"]}
		plan["dates"].(map[string]any)["deprecation"] = alpha["deprecation_on"]
		got := ask(t, c.owner, "PUT", "/models/beta/retirement-plan", string(encoded(plan)), "If-Match", "*")
		if op.ID == "reviewPlan" && got.Status == 200 {
			ask(t, c.owner, "POST", "/models/beta/retirement-plan/submit", "").is(t, 200)
		}
	}
}

// try sends one request and holds the answer against the document.
func (c *contract) try(op api.Operation, i int) int {
	spec := c.doc.Paths.Find(op.Path).GetOperation(op.Method)
	if i%20 == 0 {
		c.ready(op, i)
	}
	r, params := c.request(op, spec, i)
	who := pick(c, c.able[op.Act]...)
	if i%5 == 4 {
		who = c.callers[c.rand.Intn(len(c.callers))]
	}
	if i%40 == 39 {
		c.site.Clock.Add(time.Minute)
	}
	before := c.events()
	w := c.send(who, r)
	c.hold(op, spec, r, params, w)
	// No state changes without its event, at this door as at the other. Counts of stamps are too many for that.
	if op.Method != http.MethodGet && op.ID != "sendStamps" && w.Code < 300 && w.Header().Get("Idempotency-Replayed") == "" && c.events() == before && !c.unchanged(op) {
		c.t.Errorf("%s %s succeeded and the trail does not tell", op.Method, r.URL)
	}
	return w.Code
}

// unchanged: a patch to what is so already changes nothing and is no mistake.
func (c *contract) unchanged(op api.Operation) bool { return op.Method == http.MethodPatch }

func (c *contract) events() int64 {
	status, err := c.site.Store.AuditStatus(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return status.Events
}

func (c *contract) send(b *webtest.Browser, r *http.Request) *httptest.ResponseRecorder {
	if token := b.Cookie("sundial"); token != "" {
		r.AddCookie(&http.Cookie{Name: "sundial", Value: token})
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, values := range b.Header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	c.site.Server.Handler().ServeHTTP(w, r)
	return w
}

func (c *contract) hold(op api.Operation, spec *openapi3.Operation, r *http.Request, params map[string]string, w *httptest.ResponseRecorder) {
	what := fmt.Sprintf("%s %s -> %d", r.Method, r.URL, w.Code)
	if w.Code >= 500 || !slices.Contains(op.Answers, w.Code) {
		c.t.Errorf("%s: %s", what, short(w.Body.String()))
		return
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: &routers.Route{Spec: c.doc, Path: op.Path,
			PathItem: c.doc.Paths.Find(op.Path), Method: op.Method, Operation: spec}},
		Status: w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())), Options: &openapi3filter.Options{IncludeResponseStatus: true}})
	if err != nil {
		c.t.Errorf("%s is not as the document says: %v\n%s", what, err, short(w.Body.String()))
	}
	if w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
		c.t.Errorf("%s is no problem but %s", what, w.Header().Get("Content-Type"))
	}
}

func short(s string) string { return s[:min(len(s), 600)] }

// request is one of the call's, more or less broken: every third is what a caller in their right mind sends.
func (c *contract) request(op api.Operation, spec *openapi3.Operation, i int) (*http.Request, map[string]string) {
	sound := i%3 == 0
	path, params, query, header := op.Path, map[string]string{}, url.Values{}, http.Header{}
	for _, ref := range spec.Parameters {
		p := ref.Value
		value, given := c.param(p, sound)
		switch {
		case p.In == "path":
			params[p.Name] = value
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case !given:
		case p.In == "query":
			query.Set(p.Name, value)
		case p.In == "header":
			header.Set(p.Name, value)
		}
	}
	if !sound && c.rand.Intn(12) == 0 {
		query.Set(pick(c, "nonsense", "limit", "cursor", "at"), c.junk())
	}
	body := c.body(op, spec, sound)
	r := httptest.NewRequest(op.Method, webtest.Base+"/api/v1"+path+"?"+query.Encode(), bytes.NewReader(body))
	r.RemoteAddr, r.Header = "192.0.2.7:4711", header
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
		if !sound && c.rand.Intn(15) == 0 {
			r.Header.Set("Content-Type", pick(c, "text/plain", "application/x-www-form-urlencoded", "application/xml", "", "multipart/form-data; boundary=x"))
		}
	}
	return r, params
}

func pick[T any](c *contract, from ...T) T { return from[c.rand.Intn(len(from))] }

// known are values that exist, or did.
func (c *contract) known(name string) string {
	switch name {
	case "model":
		if c.ending != "" && c.rand.Intn(2) == 0 {
			return c.ending
		}
		return pick(c, "alpha", "alpha", "beta", "gamma", "elsewhere", "ended", "unknown")
	case "version":
		return pick(c, "v1", "v1", "v2", "v9")
	case "step":
		return pick(c, "1", "1", "2", "3", "99")
	case "request":
		return strconv.FormatInt(pick(c, c.open, c.open, 1, 2, 99), 10)
	case "alias":
		return pick(c, "assistant-default", "assistant-default", "none")
	case "team":
		return pick(c, "fraud", "credit", "none")
	case "stamp":
		return pick(c, "alpha@v1", "alpha@v2", "alpha@v9", "nobody@v1", "alpha")
	case "at":
		return pick(c, "2026-03-03T14:32:00Z", "2020-01-01", c.site.Clock.Now().Format(time.RFC3339), "2099-01-01T00:00:00Z")
	case "quarter":
		now := day.QuarterOf(c.site.Clock.Now())
		return pick(c, string(now), string(now), string(now.Add(-1)), "2019-Q1", "2026-Q5", "soon")
	case "owner", "actor":
		return pick(c, "owner@example.test", "me", "1", "99999", "nobody@example.test")
	case "subject":
		return pick(c, "model", "request:1", "request:x")
	case "If-Match":
		return pick(c, "*", "*", `"r1-0"`, `"r99-0"`, "r1", `W/"r1-0"`)
	case "Idempotency-Key":
		return pick(c, "a", "b", strconv.Itoa(c.rand.Int()))
	}
	return ""
}

func (c *contract) param(p *openapi3.Parameter, sound bool) (value string, given bool) {
	given = p.Required || c.rand.Intn(4) == 0 || p.Name == "If-Match" && c.rand.Intn(6) > 0
	if !sound && c.rand.Intn(8) == 0 {
		v := c.junk()
		if p.In == "path" && v == "" {
			v = "x"
		}
		return v, true
	}
	if v := c.known(p.Name); v != "" {
		return v, given
	}
	switch v := c.value(p.Schema, 0, sound).(type) {
	case string:
		return v, given
	default:
		raw, _ := json.Marshal(v)
		return string(raw), given
	}
}

// junk is what no caller in their right mind sends.
func (c *contract) junk() string {
	return pick(c, "", " ", "../../etc/passwd", "\x00", "a\x00b", "\xff\xfe", "é", "\u202eabc", "'; DROP TABLE models; --", "%2e%2e", "a/b", "-1", "0", "99999999999999999999999",
		"1e309", "NaN", "null", "true", "[]", "{}", strings.Repeat("x", 300), strings.Repeat("x", 5000), "<script>", "a@b@c", ".", "..", "\u200b", "2026-13-45T99:99:99Z")
}
