package vendorlist

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sundial/models/connect/outgoing"
	"sundial/models/vendors"
)

func TestAListIsFetchedFromWhereItMayBe(t *testing.T) {
	var seen http.Header
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header
		switch r.URL.Path {
		case "/models":
			_, _ = w.Write([]byte(`{"data": []}`))
		case "/moved":
			http.Redirect(w, r, "/models", http.StatusFound)
		case "/endless":
			for range 6 << 10 {
				_, _ = w.Write(make([]byte, 1<<10))
			}
		default:
			http.Error(w, "canary-answer", http.StatusUnauthorized)
		}
	}))
	defer vendor.Close()
	allowed, err := outgoing.Parse("127.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	openAI, _ := vendors.FindList("openai")
	azure, _ := vendors.FindList("azure")
	if raw, err := Fetch(t.Context(), allowed, openAI, vendor.URL+"/models", "canary-key"); err != nil || string(raw) != `{"data": []}` || seen.Get("Authorization") != "Bearer canary-key" {
		t.Errorf("%q, %v, %v", raw, err, seen)
	}
	if _, err := Fetch(t.Context(), allowed, azure, vendor.URL+"/models", "canary-key"); err != nil || seen.Get("api-key") != "canary-key" || seen.Get("Authorization") != "" {
		t.Errorf("%v, %v", err, seen)
	}
	for address, says := range map[string]string{"/moved": "redirect", "/endless": "4 MiB", "/nothing": "answered 401"} {
		_, err := Fetch(t.Context(), allowed, openAI, vendor.URL+address, "canary-key")
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, inside := range []string{vendor.URL + "/models", "https://169.254.169.254/latest", "ftp://x.example", "nonsense"} {
		if _, err := Fetch(t.Context(), outgoing.Policy{}, openAI, inside, ""); err == nil {
			t.Errorf("%s was called", inside)
		}
	}
}
