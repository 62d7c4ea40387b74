package web_test

import (
	"strings"
	"testing"

	"sundial/web/webtest"
)

func TestChangesComeFromOurOwnPages(t *testing.T) {
	site := webtest.New(t)
	tests := map[string]struct {
		headers map[string]string
		want    int
	}{
		"our own page":                         {map[string]string{"Sec-Fetch-Site": "same-origin"}, 303},
		"typed or bookmarked":                  {map[string]string{"Sec-Fetch-Site": "none"}, 303},
		"another site":                         {map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"another site that forges our origin":  {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": webtest.Base}, 403},
		"a sister site":                        {map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		"an unknown word":                      {map[string]string{"Sec-Fetch-Site": "whatever"}, 403},
		"old browser, our origin":              {map[string]string{"Origin": webtest.Base}, 303},
		"old browser, another origin":          {map[string]string{"Origin": "https://evil.example"}, 403},
		"old browser, our host by another way": {map[string]string{"Origin": "https://127.0.0.1:8080"}, 403},
		"old browser, hidden origin":           {map[string]string{"Origin": "null"}, 403},
		"neither header, no token":             {map[string]string{}, 403},
		"neither header, made-up token":        {map[string]string{"X-Csrf-Token": "AAAA"}, 403},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := site.As(site.Owner).On(t)
			r := b.Request("POST", "/theme", []byte("theme=dark"), "application/x-www-form-urlencoded")
			r.Header.Del("Sec-Fetch-Site")
			for k, v := range tt.headers {
				r.Header.Set(k, v)
			}
			if p := b.Do(r); p.Status != tt.want {
				t.Errorf("status %d, want %d", p.Status, tt.want)
			} else if tt.want == 403 && !strings.Contains(p.Text(), "own pages") {
				t.Errorf("it does not say why: %s", p.Text())
			}
		})
	}
}

// A browser that says neither where it comes from nor from which origin carries the page's token.
func TestFormTokenOfSilentBrowsers(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	b.Header["Sec-Fetch-Site"] = nil
	b.Header.Set("Referer", webtest.Base+"/sessions")
	b.Submit(b.Get("/sessions"), "/theme", "theme", "dark").At("/sessions").Is(200)
	if b.Cookie("sundial-theme") != "dark" {
		t.Error("the form with its token was refused")
	}
	other := site.As(site.Viewer)
	other.Header["Sec-Fetch-Site"] = nil
	token := b.Get("/sessions").Value("csrf")
	if token == "" {
		t.Fatal("no token in the form")
	}
	other.Send("/theme", "theme", "dark", "csrf", token).Is(403)

	b.Header.Set("Sec-Fetch-Site", "same-origin")
	if b.Get("/sessions").Value("csrf") != "" {
		t.Error("a token where none is needed")
	}
}
