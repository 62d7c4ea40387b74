package api_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/pb33f/libopenapi"

	"sundial/auth/token"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web"
	"sundial/web/api"
	"sundial/web/webtest"
)

var update = flag.Bool("update", false, "write golden files anew")

// built is the API without a portal around it: what it is made of does not depend on what is kept.
func built(t *testing.T) *api.API {
	t.Helper()
	return site(t).Server.API()
}

func site(t testing.TB) *webtest.Site {
	return webtest.New(t, func(c *web.Config) { c.RateLimit = -1 })
}

func TestCallsAreTheAgreedOnes(t *testing.T) {
	var b strings.Builder
	for _, op := range built(t).Operations() {
		fmt.Fprintln(&b, op)
	}
	const file = "testdata/calls.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the calls changed; look at every line, then run with -update:\n%s", diff)
	}
}

// document is what callers get, read by a parser that is not ours.
func document(t *testing.T, raw []byte) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatalf("kin-openapi: %v", err)
	}
	return doc
}

func TestTwoParsersAcceptTheDocument(t *testing.T) {
	s := site(t)
	got := s.Nobody().Get("/api/v1/openapi.json").Is(200)
	doc := document(t, []byte(got.Body))
	if doc.OpenAPI != "3.1.0" || doc.Paths.Len() == 0 {
		t.Errorf("version %s with %d paths", doc.OpenAPI, doc.Paths.Len())
	}
	other, err := libopenapi.NewDocument([]byte(got.Body))
	if err != nil {
		t.Fatal(err)
	}
	model, err := other.BuildV3Model()
	if err != nil {
		t.Fatalf("libopenapi: %v", err)
	}
	if n := model.Model.Paths.PathItems.Len(); n != doc.Paths.Len() {
		t.Errorf("the parsers read %d and %d paths", n, doc.Paths.Len())
	}
	for _, op := range s.Server.API().Operations() {
		found := doc.Paths.Find(op.Path).GetOperation(op.Method)
		if found == nil || found.Summary == "" || len(found.Tags) != 1 || found.OperationID != op.ID {
			t.Errorf("%s %s is not documented whole", op.Method, op.Path)
		}
	}
}

var part = regexp.MustCompile(`\{([a-z]+)\}`)

// address is a call's path with parts of something that exists.
func address(op api.Operation) string {
	values := map[string]string{"model": "matrix", "version": "v1", "team": "fraud", "alias": "matrix-default", "request": "1", "stamp": "matrix@v1"}
	return part.ReplaceAllStringFunc(op.Path, func(s string) string { return values[strings.Trim(s, "{}")] })
}

// Every role and every scope at every call: what the table denies is denied.
func TestEveryRoleAndScopeAtEveryCall(t *testing.T) {
	s := site(t)
	s.Model(t, "matrix", registry.Trained, 2)
	s.Version(t, "matrix", "v1")
	type caller struct {
		name    string
		actor   org.Actor
		browser *webtest.Browser
	}
	callers := []caller{{"nobody", org.Actor{}, s.Nobody()}}
	for _, role := range org.Roles {
		p := s.Person("calls-"+string(role), role)
		callers = append(callers, caller{string(role), org.Actor{Person: p, Via: "session"}, s.As(p)})
		for _, scope := range org.Scopes {
			callers = append(callers, caller{string(role) + " with the scope " + string(scope),
				org.Actor{Person: p, Via: "token:t", Scopes: []org.Scope{scope}}, withToken(t, s, p, scope)})
		}
	}
	for _, op := range s.Server.API().Operations() {
		for _, who := range callers {
			t.Run(fmt.Sprintf("%s %s as %s", op.Method, op.Path, who.name), func(t *testing.T) {
				got := ask(t, who.browser.On(t), op.Method, address(op), bodyFor(op.Method))
				allowed := org.May(who.actor, op.Act, 0).Allowed
				switch {
				case got.Status >= 500:
					t.Errorf("status %d", got.Status)
				case who.actor.ID == 0 && got.Status != http.StatusUnauthorized:
					t.Errorf("status %d, want 401", got.Status)
				case who.actor.ID != 0 && !allowed && got.Status != http.StatusForbidden:
					t.Errorf("status %d, want 403", got.Status)
				case allowed && got.Status == http.StatusUnauthorized:
					t.Error("status 401 for somebody who is signed in")
				}
				if got.Status != 304 && !slices.Contains(op.Answers, got.Status) {
					t.Errorf("status %d is not in the document", got.Status)
				}
			})
		}
	}
}

func bodyFor(method string) string {
	if method == http.MethodGet {
		return ""
	}
	return "{}"
}

// tokens counts those made, because no two of a person's have one name.
var tokens int

// withToken is a machine with a token of this person's.
func withToken(t testing.TB, s *webtest.Site, p org.Person, scopes ...org.Scope) *webtest.Browser {
	t.Helper()
	secret := token.NewSecret()
	tokens++
	name := fmt.Sprintf("%d", tokens)
	_, err := s.Store.MakeToken(s.World.As(p), org.Token{Name: name, OwnerID: p.ID, Scopes: scopes, Hint: secret.Hint(), ExpiresAt: s.Clock.Now().AddDate(0, 1, 0)}, secret.Hash(), "")
	if err != nil {
		t.Fatal(err)
	}
	b := s.Nobody()
	b.Header.Set("Authorization", "Bearer "+string(secret))
	b.Header.Set("Sec-Fetch-Site", "cross-site") // a token is its own proof of whose request it is
	return b
}
