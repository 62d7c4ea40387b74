package e2e

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// webhookOf adds an endpoint that takes what it is sent, tests it and leaves its number, and that of the
// message, for the routes that need them.
func webhookOf(t *testing.T, p *page, out map[string]string) {
	t.Helper()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	t.Cleanup(receiver.Close)
	p.visit("/admin/webhooks/new")
	p.fill("Address", receiver.URL+"/sundial")
	p.button("Add the endpoint")
	p.link("I have copied it")
	out[":endpoint"] = last(p.path())
	here := p.path()
	p.button("Send a test")
	shape := regexp.MustCompile(`deliveries/(\d+)"`)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		p.visit(here)
		source, err := p.Content()
		must(t, "read the endpoint's page", err)
		if found := shape.FindStringSubmatch(source); found != nil && strings.Contains(source, "Delivered") {
			out[":delivery"] = found[1]
			return
		}
	}
	t.Fatalf("no message arrived; the page reads:\n%s", p.text())
}
