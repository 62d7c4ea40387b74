package web_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"sundial/models/notice"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/work"
	"sundial/web"
	"sundial/web/webtest"
)

const scrapeToken = "canary-of-the-metrics-token"

func measured(t *testing.T) *webtest.Site {
	return webtest.New(t, func(c *web.Config) { c.MetricsToken = scrapeToken })
}

func scrape(t *testing.T, s *webtest.Site) string {
	t.Helper()
	b := s.Nobody()
	b.Header.Set("Authorization", "Bearer "+scrapeToken)
	return b.Get("/metrics").Is(200).Body
}

func TestMetricsAreForWhoeverHoldsTheToken(t *testing.T) {
	site := measured(t)
	for _, wrong := range []string{"", "Bearer", "Bearer ", "Bearer x", "Bearer " + scrapeToken + "x", "Basic " + scrapeToken, scrapeToken, "bearer " + scrapeToken} {
		b := site.As(site.Admin)
		if wrong != "" {
			b.Header.Set("Authorization", wrong)
		}
		p := b.Get("/metrics").Is(401).Lacks("sundial_", scrapeToken)
		if p.Header.Get("WWW-Authenticate") == "" {
			t.Error("no challenge")
		}
	}
	if body := scrape(t, site); !strings.Contains(body, "sundial_database_up 1") || strings.Contains(body, scrapeToken) {
		t.Errorf("it reads\n%s", body)
	}
	if strings.Contains(site.Log.String(), scrapeToken) {
		t.Error("the log holds the token")
	}
}

// Without a token: this machine alone, and only where nobody else is meant to come at all.
func TestMetricsWithoutATokenStayOnLoopback(t *testing.T) {
	near, far := webtest.New(t), webtest.New(t, func(c *web.Config) {
		u := *c.BaseURL
		u.Scheme, u.Host = "https", "sundial.example.org"
		c.BaseURL = &u
	})
	tests := map[string]struct {
		site   *webtest.Site
		peer   string
		header string
		status int
	}{
		"this machine":                        {near, "127.0.0.1:1", "", 200},
		"this machine, by the other protocol": {near, "[::1]:1", "", 200},
		"another":                             {near, "192.0.2.7:1", "", 404},
		"another that claims to be this":      {near, "192.0.2.7:1", "127.0.0.1", 404},
		"a proxy beside a public portal":      {far, "127.0.0.1:1", "", 404},
		"a proxy that says for whom":          {far, "127.0.0.1:1", "198.51.100.9", 404},
	}
	for name, tt := range tests {
		b := tt.site.Nobody()
		r := b.Request("GET", "/metrics", nil, "")
		r.RemoteAddr = tt.peer
		if tt.header != "" {
			r.Header.Set("X-Forwarded-For", tt.header)
			r.Header.Set("X-Real-IP", tt.header)
		}
		if p := b.Do(r); p.Status != tt.status {
			t.Errorf("%s: %d, want %d", name, p.Status, tt.status)
		}
	}
}

func TestMetricsTellHowItGoes(t *testing.T) {
	site := measured(t)
	site.Serve(t, "fraud", "v1", 2)
	_, _, err := site.Store.AddEndpoint(site.World.As(site.Admin), notice.Endpoint{URL: "https://hooks.example.test/in?key=canary-of-the-path"})
	check(t, err)
	site.Model(t, "told", registry.Trained, 2)
	b := site.As(site.Owner)
	b.Get("/models/fraud").Is(200)
	b.Get("/models/none").Is(404)
	b.Send("/models/new", "name", "").Is(422)
	check(t, site.Store.EnsureJob(t.Context(), "nightly"))
	body := scrape(t, site)
	for _, want := range []string{
		`sundial_http_requests_total{method="GET",route="/models/:model",status="2xx"} 1`,
		`sundial_http_requests_total{method="GET",route="/models/:model",status="4xx"} 1`,
		`sundial_http_requests_total{method="POST",route="/models/new",status="4xx"} 1`,
		`sundial_http_request_seconds_count{route="/models/:model"} 2`,
		`sundial_audit_head_seq`, `sundial_database_connections{pool="read",state="idle"}`, `sundial_database_statements_total`,
		`sundial_sessions 1`, `sundial_outbox_events`, `sundial_webhook_endpoints{health="ok"} 1`, `sundial_webhook_queue_oldest_seconds 0`,
		`sundial_job_runs_total{job="nightly"} 0`, `sundial_build_info{database="sqlite",version="test"} 1`, `go_goroutines`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, never := range []string{"fraud", "none", "canary", "hooks.example.test", "@"} {
		if strings.Contains(body, never) {
			t.Errorf("the metrics hold %q", never)
		}
	}
}

// However strange the addresses and methods, the figures stay as many.
func TestLabelsAreBounded(t *testing.T) {
	site := measured(t)
	series := func() int {
		return len(regexp.MustCompile(`(?m)^sundial_http_requests_total\{`).FindAllString(scrape(t, site), -1))
	}
	site.Model(t, "tested", registry.Trained, 2)
	b := site.As(site.Owner)
	odd := func(n int) {
		for _, address := range []string{"/models/m%d", "/nothing/%d", "/static/x%d", "/%%0a%d", "/models?q=%d", "/api/v1/models/m%d", "/api/v1/nothing%d"} {
			b.Do(b.Request("GET", fmt.Sprintf(address, n), nil, ""))
			b.Do(b.Request(fmt.Sprintf("BREW%d", n), fmt.Sprintf(address, n), nil, ""))
			b.Do(b.Request("DELETE", fmt.Sprintf(address, n), nil, ""))
		}
	}
	odd(0)
	scrape(t, site)
	before := series()
	for n := range 40 {
		odd(n + 1)
	}
	if after := series(); after != before {
		t.Errorf("%d series grew to %d", before, after)
	}
}

func TestAScrapeCostsLittle(t *testing.T) {
	site := measured(t)
	for i := range 5 {
		_, _, err := site.Store.AddEndpoint(site.World.As(site.Admin), notice.Endpoint{URL: fmt.Sprintf("https://h%d.example.test/", i)})
		check(t, err)
	}
	before := store.Statements()
	scrape(t, site)
	first := store.Statements() - before
	for range 10 {
		scrape(t, site)
	}
	if all := store.Statements() - before; first > 6 || all > 2*first {
		t.Errorf("%d statements for the first, %d for eleven", first, all)
	}
}

func TestMetricsGoOnWhileTheDatabaseIsAway(t *testing.T) {
	s := storetest.New(t)
	site := webtest.NewOn(t, s, func(c *web.Config) { c.MetricsToken = scrapeToken })
	check(t, s.Close())
	if body := scrape(t, site); !strings.Contains(body, "sundial_database_up 0") || strings.Contains(body, "sundial_audit_head_seq ") {
		t.Errorf("it reads\n%s", body)
	}
}

func TestReadinessTellsMachinesMore(t *testing.T) {
	site := webtest.New(t)
	read := func() (status int, got map[string]any) {
		t.Helper()
		b := site.Nobody()
		r := b.Request("GET", "/readyz", nil, "")
		r.Header.Set("Accept", "application/json")
		p := b.Do(r)
		if err := json.Unmarshal([]byte(p.Body), &got); err != nil {
			t.Fatalf("%v: %s", err, p.Body)
		}
		return p.Status, got
	}
	status, got := read()
	if status != 200 || got["ready"] != true || got["database"] != "ok" || got["schema"] != "current" || got["jobs"] != "unknown" || got["version"] != "test" {
		t.Errorf("%d %v", status, got)
	}
	work.New(site.Store, site.Policy, slog.New(slog.NewTextHandler(io.Discard, nil))).Once(t.Context())
	if _, got = read(); got["jobs"] != "running" {
		t.Errorf("after the jobs ran: %v", got)
	}
	site.Clock.Add(time.Hour)
	if status, got = read(); got["jobs"] != "late" || got["ready"] != true || status != 200 || got["late_job"] == "" {
		t.Errorf("an hour later: %d %v", status, got)
	}
	check(t, site.Store.Close())
	if status, got = read(); status != 503 || got["ready"] != false || got["database"] != "down" {
		t.Errorf("without its database: %d %v", status, got)
	}
}
