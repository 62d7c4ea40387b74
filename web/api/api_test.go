package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"sundial/web/webtest"
)

// answer is what came back, read as JSON.
type answer struct {
	Status int
	Header http.Header
	Body   map[string]any
	Raw    string
}

// ask sends one request. headers are alternating names and values.
func ask(t *testing.T, b *webtest.Browser, method, path, body string, headers ...string) answer {
	t.Helper()
	kind := ""
	if body != "" {
		kind = "application/json"
	}
	r := b.Request(method, "/api/v1"+path, []byte(body), kind)
	r.Header.Set("Accept", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	p := b.Do(r)
	out := answer{Status: p.Status, Header: p.Header, Raw: p.Body}
	if p.Body != "" {
		if err := json.Unmarshal([]byte(p.Body), &out.Body); err != nil {
			t.Fatalf("%s %s: %d, no JSON: %v\n%s", method, path, p.Status, err, p.Body)
		}
	}
	return out
}

// is holds the status, and that these pieces are in the body.
func (a answer) is(t *testing.T, status int, has ...string) answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, a.Raw)
	}
	for _, s := range has {
		if !strings.Contains(a.Raw, s) {
			t.Errorf("lacks %s: %s", s, a.Raw)
		}
	}
	return a
}

func TestTeamsAreListedAndRead(t *testing.T) {
	site := site(t)
	b := site.As(site.Viewer)
	ask(t, b, "GET", "/teams", "").is(t, 200, `"slug":"fraud"`, `"name":"Credit"`, `"department":"Risk"`)
	one := ask(t, b, "GET", "/teams/fraud", "").is(t, 200, `"slug":"fraud"`)
	if tag := one.Header.Get("ETag"); tag == "" {
		t.Error("no ETag")
	} else {
		ask(t, b, "GET", "/teams/fraud", "", "If-None-Match", tag).is(t, 304)
	}
	ask(t, b, "GET", "/teams/none", "").is(t, 404, "urn:sundial:problem:not-found")
}

func TestModelsAreRegistered(t *testing.T) {
	site := site(t)
	b := site.As(site.Owner)
	made := ask(t, b, "POST", "/models", `{"slug":"churn","name":"Churn","kind":"trained","team":"fraud","owner":"owner@example.test","tier":2}`).is(t, 201, `"slug":"churn"`)
	if made.Header.Get("Location") != "/api/v1/models/churn" {
		t.Errorf("at %q", made.Header.Get("Location"))
	}
	ask(t, b, "POST", "/models", `{"slug":"churn2","name":"Churn","kind":"trained","team":"fraud","nickname":"x"}`).is(t, 422, "body.nickname", `"field":"nickname"`)
	ask(t, b, "POST", "/models", `{"slug":"churn2","name":"Churn","kind":"trained","team":"nowhere","owner":"x@y.z"}`).is(t, 422, `"body.team"`, `"body.owner"`)
	ask(t, site.Nobody(), "GET", "/models", "").is(t, 401, "urn:sundial:problem:nobody")
	ask(t, site.As(site.Viewer), "POST", "/models", `{}`).is(t, 403)
	ask(t, b, "GET", "/models?nonsense=1", "").is(t, 422, "query.nonsense")
	ask(t, b, "DELETE", "/models", "").is(t, 405, "urn:sundial:problem:method")
	ask(t, b, "GET", "/nothing/here", "").is(t, 404, "urn:sundial:problem:not-found")
}
