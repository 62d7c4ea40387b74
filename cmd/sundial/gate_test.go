package main

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// gatePortal answers the one question with a status and a body, and holds the pipeline to how it asks.
func gatePortal(t *testing.T, status int, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer sdl_secret" || r.URL.RequestURI() != "/api/v1/models/fraud-scorer/versions/v7/gate?to=production" {
			t.Errorf("asked %s with %q", r.URL, r.Header.Get("Authorization"))
		}
		if status == http.StatusFound {
			w.Header().Set("Location", "https://elsewhere.example.test/")
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

const (
	greenGate = `{"to":"production","allowed":true,"digest":"ab","checks":[{"key":"owner","title":"Owner","outcome":"pass","why":"w","fact":"Mira."},
		{"key":"canary","title":"Canary","outcome":"waived","fact":"Until May."}],"approvals":{"needed":1,"have":1}}`
	redGate = `{"to":"production","allowed":false,"digest":"ab","checks":[{"key":"owner","title":"Owner","outcome":"pass","fact":"Mira."},
		{"key":"plan","title":"Retirement plan","outcome":"fail","why":"No plan, no production.","fact":"None was filed.","fix_url":"https://sundial.example.test/models/fraud-scorer/retirement"},
		{"key":"fairness","title":"Fairness","outcome":"unknown","fact":"Nothing recorded."}],"approvals":{"needed":2,"have":0}}`
	waitingGate = `{"to":"production","allowed":false,"checks":[{"key":"owner","title":"Owner","outcome":"pass"}],"approvals":{"needed":2,"have":1}}`
)

func TestAGateAnswersAPipeline(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		status   int
		body     string
		flags    []string
		code     int
		out, err string
	}{
		{"it may go", 200, greenGate, nil, exitDone, "fraud-scorer v7 may go to production.\n", ""},
		{"each failing check on a line", 200, redGate, nil, exitNo, "FAIL     Retirement plan: None was filed. Mend it at https://sundial.example.test/models/fraud-scorer/retirement\nUNKNOWN  Fairness: Nothing recorded.\nWAITING  Approvals: 0 of 2.\n", "2 of 3 checks do not pass"},
		{"approvals are awaited", 200, waitingGate, nil, exitNo, "WAITING  Approvals: 1 of 2.\n", "it has 1 of 2 approvals"},
		{"JSON is the portal's own", 200, redGate, []string{"--json"}, exitNo, `{"to":"production"`, "may not go"},
		{"a bad token could not ask", 401, `{}`, nil, exitCouldNot, "", "does not know this token"},
		{"a version nobody knows", 404, `{"title":"Not found","detail":"There is no such version."}`, nil, exitCouldNot, "", "There is no such version."},
		{"a redirect is not followed", 302, "", nil, exitCouldNot, "", "leads elsewhere"},
		{"not well is denied", 503, "", []string{"--timeout", "50ms"}, exitCouldNot, "", "could not be asked"},
		{"not well is let through only when told", 503, "", []string{"--timeout", "50ms", "--if-unreachable", "allow"}, exitDone, "", "WARNING"},
		{"a refusal is never let through", 403, `{"title":"No","detail":"This token lacks the scope read."}`, []string{"--if-unreachable", "allow"}, exitCouldNot, "", "lacks the scope read"},
		{"an answer of something else", 200, "<html>", []string{"--timeout", "2s"}, exitCouldNot, "", "not Sundial's"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			environ := map[string]string{"SUNDIAL_URL": gatePortal(t, c.status, c.body), "SUNDIAL_TOKEN": "sdl_secret"}
			args := append([]string{"gate", "check", "fraud-scorer", "v7", "--to", "production"}, c.flags...)
			a := sundial(t, environ, "", args...)
			if a.code != c.code || !strings.Contains(a.out, c.out) || !strings.Contains(a.err, c.err) {
				t.Errorf("ended with %d\nout: %s\nerr: %s", a.code, a.out, a.err)
			}
			if strings.Contains(a.out+a.err, "sdl_secret") {
				t.Error("the token was printed")
			}
		})
	}
}

func TestAGateIsAskedRightOrNotAtAll(t *testing.T) {
	t.Parallel()
	good := map[string]string{"SUNDIAL_URL": "http://127.0.0.1:1", "SUNDIAL_TOKEN": "x"}
	for name, c := range map[string]struct {
		environ map[string]string
		args    []string
		said    string
	}{
		"no address":           {map[string]string{"SUNDIAL_TOKEN": "x"}, []string{"check", "m", "v", "--to", "production"}, "SUNDIAL_URL"},
		"no token":             {map[string]string{"SUNDIAL_URL": "https://x.example.test"}, []string{"check", "m", "v", "--to", "production"}, "SUNDIAL_TOKEN"},
		"a token in the clear": {map[string]string{"SUNDIAL_URL": "http://x.example.test", "SUNDIAL_TOKEN": "x"}, []string{"check", "m", "v", "--to", "production"}, "https"},
		"no stage":             {good, []string{"check", "m", "v"}, "which stage"},
		"a stage of no kind":   {good, []string{"check", "m", "v", "--to", "prod"}, "which stage"},
		"no version":           {good, []string{"check", "m", "--to", "production"}, "say: sundial gate check"},
		"nobody there":         {good, []string{"check", "m", "v", "--to", "production", "--timeout", "50ms"}, "could not be asked"},
	} {
		if a := sundial(t, c.environ, "", append([]string{"gate"}, c.args...)...); a.code != exitCouldNot || !strings.Contains(a.err, c.said) {
			t.Errorf("%s: ended with %d and said %q", name, a.code, a.err)
		}
	}
}

func TestAGateIsWrittenAsJUnit(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "gate.xml")
	environ := map[string]string{"SUNDIAL_URL": gatePortal(t, 200, redGate), "SUNDIAL_TOKEN": "sdl_secret"}
	sundial(t, environ, "", "gate", "check", "--to", "production", "--junit", file, "fraud-scorer", "v7")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got junitSuite
	if err := xml.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != 4 || got.Failures != 3 || got.Cases[1].Failure == nil || got.Cases[1].Failure.Message != "None was filed." {
		t.Errorf("%s", raw)
	}
}
