package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sundial/models/org"
)

const (
	usualBody = 1 << 20 // bytes
	usualTime = 30 * time.Second
)

// Operation is one call of the API.
type Operation struct {
	ID     string // of the document, such as addModel
	Method string
	Path   string // below Prefix, with {parts}
	Group  string // the heading it stands under
	Title  string
	About  string

	Status int   // of success; 200 when not given
	May    []int // what else it may answer, besides what every call of its kind may
	Body   int64 // the most bytes it takes; a mebibyte when not given
	Time   time.Duration

	// OwnKeys: the call keeps its Idempotency-Keys itself, in the transaction that does what it does.
	OwnKeys bool
	// OwnBody: the call reads its body itself; the document tells its shape all the same.
	OwnBody bool

	Act     org.Act // set by register
	Answers []int   // every status it may answer, set by register
}

// Address is the call's path as the server's table of routes writes it.
func (o Operation) Address() string {
	return Prefix + strings.NewReplacer("{", ":", "}", "").Replace(o.Path)
}

func (o Operation) changes() bool { return o.Method != http.MethodGet }

// String is the call's line in the golden file: who may, and what may come back.
func (o Operation) String() string {
	answers := make([]string, 0, len(o.Answers))
	for _, s := range o.Answers {
		answers = append(answers, strconv.Itoa(s))
	}
	return fmt.Sprintf("%-6s %-52s %-10s %s", o.Method, o.Path, o.Act, strings.Join(answers, " "))
}

// register adds a call. It asks for the act first, so that a call which nobody said who may use does not
// build. What the call may answer is part of its declaration: a test holds it to that.
func register[I, O any](a *API, act org.Act, op Operation, h func(context.Context, *I) (*O, error)) {
	if act == "" || op.ID == "" || op.Group == "" || op.Title == "" {
		panic("api: " + op.Method + " " + op.Path + " is not declared whole")
	}
	for f := range reflect.TypeFor[I]().Fields() {
		if f.Anonymous && !f.IsExported() {
			panic("api: " + op.ID + " embeds " + f.Name + ", which the framework would pass over")
		}
	}
	op.Act = act
	if op.Status == 0 {
		op.Status = http.StatusOK
	}
	if op.Body == 0 {
		op.Body = usualBody
	}
	if op.Time == 0 {
		op.Time = usualTime
	}
	doc := huma.Operation{OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Title, Description: op.About,
		Tags: []string{op.Group}, DefaultStatus: op.Status, MaxBodyBytes: -1, BodyReadTimeout: -1, SkipValidateBody: op.OwnBody,
		Security:   []map[string][]string{{"token": {}}, {"session": {}}},
		Extensions: map[string]any{"x-act": string(act), "x-scopes": org.ScopesOf(act)}}
	if op.changes() {
		doc.Parameters = []*huma.Param{idempotencyParam()}
	}
	huma.Register(a.huma, doc, func(ctx context.Context, in *I) (*O, error) {
		if err := tidy(in); err != nil {
			return nil, callIn(ctx).refuse(err)
		}
		out, err := h(ctx, in)
		if err != nil {
			return nil, callIn(ctx).refuse(err)
		}
		return out, nil
	})
	a.tellAnswers(&op)
	a.ops = append(a.ops, op)
}

// tellAnswers writes into the document what the call may answer.
func (a *API) tellAnswers(op *Operation) {
	doc := a.operation(*op)
	statuses := append([]int{400, 401, 403, 422, 429, 500, 503}, op.May...)
	if strings.Contains(op.Path, "{") {
		statuses = append(statuses, 404)
	}
	if doc.RequestBody != nil {
		statuses = append(statuses, 413, 415)
	}
	if op.changes() {
		statuses = append(statuses, 409)
	}
	success := doc.Responses[strconv.Itoa(op.Status)]
	if _, tagged := success.Headers["ETag"]; tagged && !op.changes() {
		statuses = append(statuses, 304)
		doc.Parameters = append(doc.Parameters, noneMatchParam())
	}
	if slices.ContainsFunc(doc.Parameters, func(p *huma.Param) bool { return p.Name == "If-Match" }) {
		statuses = append(statuses, 412, 428)
	}
	slices.Sort(statuses)
	statuses = slices.Compact(statuses)
	delete(doc.Responses, "default")
	for _, s := range statuses {
		doc.Responses[strconv.Itoa(s)] = answer(s)
	}
	op.Answers = append([]int{op.Status}, statuses...)
}

// answer is a refusal in the document.
func answer(status int) *huma.Response {
	r := &huma.Response{Description: http.StatusText(status)}
	if status == http.StatusNotModified {
		return r
	}
	r.Content = map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		r.Headers = map[string]*huma.Header{"Retry-After": {Description: "Seconds to wait.", Schema: &huma.Schema{Type: "integer"}}}
	}
	return r
}
