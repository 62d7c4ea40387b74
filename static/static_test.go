package static

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestAssetsAreServedForEverUnderTheirHash(t *testing.T) {
	for name, kind := range map[string]string{
		"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8",
		"htmx.min.js": "text/javascript; charset=utf-8", "favicon.svg": "image/svg+xml",
	} {
		w := get(http.MethodGet, URL(name))
		if w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: %d, %d bytes", name, w.Code, w.Body.Len())
		}
		if got := w.Header().Get("Content-Type"); got != kind {
			t.Errorf("%s is %s, want %s", name, got, kind)
		}
		if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
	}
}

func TestOnlyHashedNamesAreServed(t *testing.T) {
	for _, path := range []string{"", "app.css", "css/base/base.css", "vendor/README.md", "../static.go", "app.000000000000.css"} {
		if w := get(http.MethodGet, Prefix+path); w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "" {
			t.Errorf("%q: %d", path, w.Code)
		}
	}
	if w := get(http.MethodPost, URL("app.css")); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
	if w := get(http.MethodHead, URL("app.css")); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestLayersComeInOrder(t *testing.T) {
	css, at := Stylesheet(), -1
	for _, layer := range layers {
		next := strings.Index(css, "@layer "+layer+" {")
		if next <= at {
			t.Errorf("layer %s is out of order", layer)
		}
		at = next
	}
	if open, shut := strings.Count(css, "{"), strings.Count(css, "}"); open != shut {
		t.Errorf("%d braces open, %d close", open, shut)
	}
}

func TestStylesheetKeepsItsHabits(t *testing.T) {
	banned := map[string]*regexp.Regexp{
		"!important":                    regexp.MustCompile(`!important`),
		"an id selector":                regexp.MustCompile(`(?m)^\s*#[a-z]`),
		"something from elsewhere":      regexp.MustCompile(`url\(|@import`),
		"a palette name in a component": regexp.MustCompile(`var\(--(paper|ink|night|green|amber|red|brass)-\d+`),
	}
	err := fs.WalkDir(files, "css", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		for what, re := range banned {
			if strings.HasPrefix(path, "css/tokens/") && strings.Contains(what, "palette") {
				continue
			}
			if found := re.FindString(string(body)); found != "" {
				t.Errorf("%s has %s: %s", path, what, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestVendoredScriptIsTheOneNoted(t *testing.T) {
	body, err := files.ReadFile("vendor/htmx.min.js")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("vendor/README.md")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	if !strings.Contains(string(readme), hex.EncodeToString(sum[:])) {
		t.Errorf("vendor/README.md does not name %x", sum)
	}
}

func TestAnUnknownAssetIsAMistakeInATemplate(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	URL("nothing.css")
}

func get(method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, "/", nil)
	r.URL.Path = path
	Handler().ServeHTTP(w, r)
	return w
}
