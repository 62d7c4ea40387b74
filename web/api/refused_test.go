package api_test

import (
	"strings"
	"sync"
	"testing"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web/webtest"
)

type (
	siteOf         = *webtest.Site
	webtestBrowser = webtest.Browser
)

func TestUpdatesNameWhatWasRead(t *testing.T) {
	s := site(t)
	s.Model(t, "tagged", registry.Trained, 2)
	s.Version(t, "tagged", "v1")
	b := s.As(s.Owner)
	for _, path := range []string{"/models/tagged", "/models/tagged/versions/v1"} {
		change := func(text string) string {
			if strings.HasSuffix(path, "v1") {
				return `{"summary":"` + text + `"}`
			}
			return `{"purpose":"` + text + `"}`
		}
		tag := ask(t, b, "GET", path, "").is(t, 200).Header.Get("ETag")
		ask(t, b, "PATCH", path, change("Once.")).is(t, 428, "urn:sundial:problem:precondition")
		ask(t, b, "PATCH", path, change("Once."), "If-Match", "garbage").is(t, 412)
		next := ask(t, b, "PATCH", path, change("Once."), "If-Match", tag).is(t, 200, "Once.").Header.Get("ETag")
		ask(t, b, "PATCH", path, change("Twice."), "If-Match", tag).is(t, 412, "urn:sundial:problem:stale")
		ask(t, b, "GET", path, "", "If-None-Match", tag).is(t, 200)
		ask(t, b, "GET", path, "", "If-None-Match", `"x", W/`+next).is(t, 304)
		ask(t, b, "PATCH", path, change("Once."), "If-Match", next).is(t, 200) // everything is so already
		ask(t, b, "PATCH", path, change("Anyhow."), "If-Match", "*").is(t, 200, "Anyhow.")
		ask(t, b, "PATCH", path, `{}`, "If-Match", "*")
	}
	ask(t, s.As(s.Stranger), "PATCH", "/models/tagged", `{"name":"Mine now"}`, "If-Match", "*").is(t, 403)
	ask(t, b, "PATCH", "/models/tagged", `{"tier":3,"sla":{"availability_percent":0.5}}`, "If-Match", "*").is(t, 422, "body.tier", "body.sla.availability_percent")
	ask(t, b, "PATCH", "/models/tagged/versions/v1", `{"release":{"host":"openai"}}`, "If-Match", "*").is(t, 422, "body.release")
	ask(t, b, "PATCH", "/models/tagged/versions/v1", `{"lineage":{"code":{"commit":"main"}}}`, "If-Match", "*").is(t, 422, "body.lineage.code.commit")
}

// A pipeline that was refused runs again under the same key when what was missing is there.
func TestARefusalIsNotKeptUnderItsKey(t *testing.T) {
	s := site(t)
	b := s.As(s.Owner)
	body := `{"version":"v1"}`
	ask(t, b, "POST", "/models/later/versions", body, "Idempotency-Key", "build-1").is(t, 404)
	s.Model(t, "later", registry.Trained, 3)
	first := ask(t, b, "POST", "/models/later/versions", body, "Idempotency-Key", "build-1").is(t, 201)
	if again := ask(t, b, "POST", "/models/later/versions", body, "Idempotency-Key", "build-1").is(t, 201); again.Raw != first.Raw {
		t.Errorf("another answer: %s", again.Raw)
	}
}

func TestTheSameKeyTheSameAnswer(t *testing.T) {
	s := site(t)
	b := s.As(s.Owner)
	body := `{"slug":"keyed","name":"Keyed","kind":"trained","team":"fraud"}`
	first := ask(t, b, "POST", "/models", body, "Idempotency-Key", "k1").is(t, 201)
	again := ask(t, b, "POST", "/models", body, "Idempotency-Key", "k1").is(t, 201)
	if again.Raw != first.Raw || again.Header.Get("ETag") != first.Header.Get("ETag") || again.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("another answer: %s", again.Raw)
	}
	ask(t, b, "POST", "/models", strings.Replace(body, "Keyed", "Other", 1), "Idempotency-Key", "k1").is(t, 422, "header.Idempotency-Key")
	ask(t, b, "POST", "/models", body).is(t, 422, "body.slug")
	ask(t, b, "POST", "/models", body, "Idempotency-Key", "k2").is(t, 422, "body.slug")
	ask(t, b, "POST", "/models", body, "Idempotency-Key", "k2").is(t, 422, "body.slug")
	ask(t, s.As(s.Deputy), "POST", "/models", strings.Replace(body, "keyed", "theirs", 1), "Idempotency-Key", "k1").is(t, 201)
	ask(t, b, "POST", "/models", body, "Idempotency-Key", strings.Repeat("x", 201)).is(t, 422, "header.Idempotency-Key")

	var wait sync.WaitGroup
	var mu sync.Mutex
	made := map[int]int{}
	machine := withToken(t, s, s.Owner, org.ScopeWrite)
	for range 12 {
		one := s.Nobody()
		one.Header = machine.Header.Clone()
		wait.Go(func() {
			got := ask(t, one, "POST", "/models", strings.Replace(body, "keyed", "raced", 1), "Idempotency-Key", "race")
			mu.Lock()
			defer mu.Unlock()
			made[got.Status]++
		})
	}
	wait.Wait()
	if made[201] == 0 || made[201]+made[409] != 12 {
		t.Errorf("12 at once: %v", made)
	}
}

// What one may not have and what is not there are told in the same words.
func TestProblemsAreProblems(t *testing.T) {
	s := site(t)
	b := s.As(s.Owner)
	s.Model(t, "there", registry.Trained, 2)
	big := `{"slug":"` + strings.Repeat("x", 2<<20) + `"}`
	tests := map[string]struct {
		method, path, body string
		headers            []string
		status             int
		says               string
	}{
		"an unknown model":            {"GET", "/models/none", "", nil, 404, "urn:sundial:problem:not-found"},
		"an unknown address":          {"GET", "/nothing", "", nil, 404, "urn:sundial:problem:not-found"},
		"above the calls":             {"GET", "/../elsewhere", "", nil, 404, "urn:sundial:problem:not-found"},
		"a method that is not there":  {"DELETE", "/models/there", "", nil, 405, "urn:sundial:problem:method"},
		"an unknown field":            {"POST", "/models", `{"slug":"aa","name":"A model","kind":"trained","team":"fraud","id":7}`, nil, 422, "body.id"},
		"a wrong type":                {"POST", "/models", `{"slug":7,"name":[],"kind":"trained","team":"fraud"}`, nil, 422, "body.slug"},
		"an unknown parameter":        {"GET", "/models?colour=red", "", nil, 422, "query.colour"},
		"a parameter twice":           {"GET", "/models?q=a&q=b", "", nil, 400, ""},
		"more than a page":            {"GET", "/models?limit=201", "", nil, 422, "query.limit"},
		"a damaged cursor":            {"GET", "/models?cursor=zzz", "", nil, 400, ""},
		"a damaged escape":            {"GET", "/models?q=%zz", "", nil, 400, ""},
		"a zero byte in the query":    {"GET", "/models?q=%00", "", nil, 400, "query.q"},
		"a zero byte in the path":     {"GET", "/models/%00", "", nil, 404, ""},
		"a zero byte in the body":     {"POST", "/models", `{"slug":"aa","name":"A\u0000B","kind":"trained","team":"fraud"}`, nil, 422, "body.name"},
		"no JSON":                     {"POST", "/models", `{"slug":`, nil, 400, "urn:sundial:problem:malformed"},
		"two bodies":                  {"POST", "/models", `{}{}`, nil, 400, ""},
		"no body":                     {"POST", "/models", "", nil, 400, ""},
		"bytes that are no text":      {"POST", "/models", "{\"slug\":\"\xff\xfe\"}", nil, 400, "UTF-8"},
		"objects in one another":      {"POST", "/models", strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), nil, 400, "in one another"},
		"more than a mebibyte":        {"POST", "/models", big, nil, 413, "urn:sundial:problem:too-large"},
		"another media type":          {"POST", "/models", "slug=aa", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "urn:sundial:problem:media-type"},
		"no number where one is":      {"GET", "/requests/abc", "", nil, 422, "path.request"},
		"a request that is not there": {"GET", "/requests/99", "", nil, 404, "urn:sundial:problem:not-found"},
		"another site's page":         {"POST", "/models", `{}`, []string{"Sec-Fetch-Site", "cross-site"}, 403, "urn:sundial:problem:forbidden"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ask(t, b.On(t), tt.method, tt.path, tt.body, tt.headers...).is(t, tt.status, tt.says)
			for _, field := range []string{"type", "title", "status", "detail", "instance"} {
				if got.Body[field] == nil || got.Body[field] == "" {
					t.Errorf("no %s: %s", field, got.Raw)
				}
			}
			if got.Body["instance"] != got.Header.Get("X-Request-Id") || got.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%v %s", got.Header, got.Raw)
			}
		})
	}
	unknown := ask(t, b, "GET", "/models/none", "")
	elsewhere := ask(t, b, "GET", "/models/there/versions/v9", "")
	without := func(a answer) string { return strings.ReplaceAll(a.Raw, a.Body["instance"].(string), "") }
	if without(unknown) != without(elsewhere) {
		t.Errorf("told apart:\n%s%s", unknown.Raw, elsewhere.Raw)
	}
}

func TestListsGoOn(t *testing.T) {
	s := site(t)
	for _, slug := range []string{"aa", "bb", "cc"} {
		s.Model(t, slug, registry.Trained, 2)
		s.Version(t, "aa", "v-"+slug)
	}
	b := s.As(s.Auditor)
	for _, path := range []string{"/models", "/models/aa/versions", "/audit"} {
		seen, cursor := 0, ""
		for range 100 {
			got := ask(t, b, "GET", path+"?limit=1&cursor="+cursor, "").is(t, 200)
			items := got.Body["items"].([]any)
			if len(items) > 1 {
				t.Fatalf("%s: %d on a page of one", path, len(items))
			}
			seen += len(items)
			next, more := got.Body["next"].(string)
			if cursor = next; !more {
				break
			}
		}
		if seen < 3 {
			t.Errorf("%s: %d of 3 seen", path, seen)
		}
	}
	ask(t, b, "GET", "/models?owner=owner@example.test&team=fraud&kind=trained&tier=2&stage=experiment&q=aa", "").is(t, 200, `"slug":"aa"`)
	ask(t, b, "GET", "/models?owner=nobody@example.test", "").is(t, 422, "query.owner")
}
