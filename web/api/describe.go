package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	views "sundial/components/api"
	"sundial/models/org"
)

// Describe is the document as its page draws it.
func (a *API) Describe() views.View {
	v := views.View{Document: Prefix + "/openapi.json", Base: a.page(Prefix)}
	for _, op := range a.ops {
		i := slices.IndexFunc(v.Groups, func(g views.Group) bool { return g.Title == op.Group })
		if i < 0 {
			i = len(v.Groups)
			v.Groups = append(v.Groups, views.Group{ID: "group-" + strings.ToLower(op.Group), Title: op.Group})
		}
		v.Groups[i].Calls = append(v.Groups[i].Calls, a.describe(op))
	}
	for _, status := range statusesOf(kinds) {
		k := kinds[status]
		v.Problems = append(v.Problems, views.Problem{Status: strconv.Itoa(status), Type: "urn:sundial:problem:" + k.word, Title: k.title})
	}
	return v
}

func statusesOf[V any](m map[int]V) []int {
	out := make([]int, 0, len(m))
	for status := range m {
		out = append(out, status)
	}
	slices.Sort(out)
	return out
}

func (a *API) describe(op Operation) views.Call {
	doc := a.operation(op)
	out := views.Call{ID: op.ID, Method: op.Method, Path: op.Path, Title: op.Title, About: op.About, Act: strings.ReplaceAll(string(op.Act), "_", " "),
		Scopes: scopeWords(op.Act), Success: fmt.Sprintf("%d %s", op.Status, http.StatusText(op.Status))}
	for _, p := range doc.Parameters {
		out.Params = append(out.Params, views.Field{Name: p.Name, In: p.In, Type: a.typeOf(p.Schema), About: p.Description, Required: p.Required})
	}
	if doc.RequestBody != nil {
		a.fields(doc.RequestBody.Content["application/json"].Schema, "", 0, &out.Body)
	}
	for _, status := range op.Answers[1:] {
		words := http.StatusText(status)
		if k, known := kinds[status]; known {
			words = k.title
		}
		out.Answers = append(out.Answers, views.Answer{Status: strconv.Itoa(status), Words: words})
	}
	out.Curl = a.curl(op, doc)
	return out
}

// operation is the call in the document.
func (a *API) operation(op Operation) *huma.Operation {
	item := a.huma.OpenAPI().Paths[op.Path]
	return map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch}[op.Method]
}

func scopeWords(act org.Act) string {
	scopes := org.ScopesOf(act)
	if len(scopes) == 0 {
		return "none: in a browser only"
	}
	words := make([]string, 0, len(scopes))
	for _, s := range scopes {
		words = append(words, string(s))
	}
	return strings.Join(words, " or ")
}

func (a *API) resolved(s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

func (a *API) typeOf(s *huma.Schema) string {
	s = a.resolved(s)
	switch {
	case s == nil:
		return ""
	case len(s.Enum) > 0:
		values := make([]string, 0, len(s.Enum))
		for _, v := range s.Enum {
			values = append(values, fmt.Sprintf("%q", v))
		}
		return strings.Join(values, ", ")
	case len(s.OneOf) > 0:
		return "text, number or boolean"
	case s.Type == huma.TypeArray:
		return "list of " + a.typeOf(s.Items)
	case s.Format == "date-time":
		return "moment"
	case s.Type == huma.TypeString:
		return "text"
	}
	return s.Type
}

// deepestTold is how far into a body the page goes; the document goes all the way.
const deepestTold = 4

// fields lists a body's fields by their paths.
func (a *API) fields(s *huma.Schema, path string, depth int, out *[]views.Field) {
	s = a.resolved(s)
	if s == nil || depth > deepestTold {
		return
	}
	if s.Type == huma.TypeArray {
		a.fields(s.Items, path+"[]", depth, out)
		return
	}
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	needed := func(name string) bool { return slices.Contains(s.Required, name) }
	slices.SortFunc(names, func(x, y string) int {
		if needed(x) != needed(y) {
			return map[bool]int{true: -1, false: 1}[needed(x)]
		}
		return strings.Compare(x, y)
	})
	for _, name := range names {
		field := strings.TrimPrefix(path+"."+name, ".")
		p := s.Properties[name]
		*out = append(*out, views.Field{Name: field, Type: a.typeOf(p), About: p.Description, Required: needed(name)})
		a.fields(p, field, depth+1, out)
	}
}

// curl is the call as one types it.
func (a *API) curl(op Operation, doc *huma.Operation) string {
	var b strings.Builder
	b.WriteString(`curl -H "Authorization: Bearer $SUNDIAL_TOKEN"`)
	if op.Method != http.MethodGet {
		b.WriteString(" -X " + op.Method)
	}
	path, query := op.Path, ""
	for _, p := range doc.Parameters {
		switch {
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", partOf(p))
		case p.Name == "If-Match":
			b.WriteString(" \\\n  -H 'If-Match: \"r3-0f1e2d3c4b5a6978\"'")
		case p.In == "query" && p.Required:
			query = "?" + p.Name + "=" + fmt.Sprint(a.example(p.Schema, 0))
		}
	}
	if op.Method != http.MethodGet {
		b.WriteString(" \\\n  -H \"Idempotency-Key: $(uuidgen)\"")
	}
	if doc.RequestBody != nil {
		body, _ := json.Marshal(a.example(doc.RequestBody.Content["application/json"].Schema, 0))
		b.WriteString(" \\\n  -H 'Content-Type: application/json' \\\n  -d '" + string(bytes.ReplaceAll(body, []byte("'"), []byte(`'\''`))) + "'")
	}
	b.WriteString(" \\\n  '" + a.page(Prefix+path) + query + "'")
	return b.String()
}

func partOf(p *huma.Param) string {
	if p.Schema != nil && len(p.Schema.Examples) > 0 {
		return fmt.Sprint(p.Schema.Examples[0])
	}
	return map[string]string{"request": "7", "team": "fraud", "stamp": "payment-fraud@v7", "model": "payment-fraud", "version": "v7"}[p.Name]
}

// example is a value of a schema: what the document gives as one, or the least that it allows.
func (a *API) example(s *huma.Schema, depth int) any {
	if s != nil && len(s.Examples) > 0 {
		return s.Examples[0]
	}
	s = a.resolved(s)
	switch {
	case s == nil:
		return nil
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type == huma.TypeObject:
		out := map[string]any{}
		for name, p := range s.Properties {
			if slices.Contains(s.Required, name) || len(s.Required) == 0 && depth == 0 && len(out) == 0 && name == firstOf(s) {
				out[name] = a.example(p, depth+1)
			}
		}
		return out
	case s.Type == huma.TypeArray:
		return []any{a.example(s.Items, depth+1)}
	case s.Type == huma.TypeInteger, s.Type == huma.TypeNumber:
		return 1
	case s.Type == huma.TypeBoolean:
		return true
	case s.Format == "date-time":
		return "2026-03-03T14:32:00Z"
	}
	return "…"
}

// firstOf is the field that an example of a patch changes.
func firstOf(s *huma.Schema) string {
	for _, name := range []string{"purpose", "summary", "trigger"} {
		if _, has := s.Properties[name]; has {
			return name
		}
	}
	return ""
}
