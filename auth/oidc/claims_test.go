package oidc

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Whoever reads a token leniently, as most of Go does, must come to the same person as we do.
func FuzzClaims(f *testing.F) {
	for _, seed := range []string{
		`{"sub":"alice","exp":1,"aud":["a"],"groups":["x"]}`, `{"sub":"a","SUB":"b"}`, `{"sub":"a","s\u0075b":"b"}`, `{"ſub":"b"}`, `{"sub":"\ud800"}`, `{"exp":1e300}`, `{}`, `[`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseClaims([]byte(text))
		if err != nil {
			return
		}
		_, _, _ = c.moment("exp")
		_, _ = c.list("aud")
		_ = c.label("name", 10)
		if groups := c.groups("groups"); len(groups) > mostGroups {
			t.Errorf("%d groups", len(groups))
		}
		sub, err := c.subject()
		if err != nil {
			return
		}
		var lenient struct {
			Sub string `json:"sub"`
		}
		if err := json.Unmarshal([]byte(text), &lenient); err == nil && lenient.Sub != sub {
			t.Errorf("%q reads as %q and as %q", text, sub, lenient.Sub)
		}
		if strings.ContainsAny(sub, "\x00\n\u202e\ufffd") {
			t.Errorf("sub %q", sub)
		}
	})
}

// The authorization answer comes from anybody.
func FuzzAuthorization(f *testing.F) {
	p, err := New(Config{Issuer: "https://login.example", ClientID: "c", RedirectURL: "https://portal.example/callback"})
	if err != nil {
		f.Fatal(err)
	}
	now := time.Now()
	flow := Flow{State: "s", Nonce: "n", Verifier: "v", StartedAt: now}
	for _, seed := range []string{"state=s&code=c", "state=s&state=s&code=c", "state=s&error=x&error_description=%0a", "state=s&code=c&iss=https://login.example"} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, raw string, namesItself bool) {
		query, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		code, err := p.authorization(&metadata{NamesItself: namesItself}, flow, query, now)
		if err != nil {
			if text := err.Error(); len(text) > 600 || strings.ContainsAny(text, "\n\x00\x1b") {
				t.Errorf("the detail %q", text)
			}
			return
		}
		if code == "" || query.Get("state") != "s" || query.Has("error") || namesItself && query.Get("iss") != "https://login.example" {
			t.Errorf("%q was taken", raw)
		}
	})
}
