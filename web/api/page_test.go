package api_test

import (
	"strings"
	"testing"
)

func TestTheDocumentIsReadable(t *testing.T) {
	s := site(t)
	b := s.As(s.Viewer)
	if help := b.Get("/help").Is(200, "For programs"); !strings.Contains(help.Body, `href="/api"`) {
		t.Error("the help does not lead there")
	}
	page := b.Get("/api").Is(200, "GET /models/{model}/production", "urn:sundial:problem:stale", "the OpenAPI 3.1 document")
	for _, op := range s.Server.API().Operations() {
		if !strings.Contains(page.Body, `id="`+op.ID+`"`) {
			t.Errorf("%s %s is not on the page", op.Method, op.Path)
		}
	}
	page.Lacks("<nil>", "……")
}
