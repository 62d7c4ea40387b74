package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVendorListsComeInByCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if a := sundial(t, nil, "", "migrate", "up", "--data", dir); a.code != exitDone {
		t.Fatal(a.err)
	}
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	catalogue := file("models.csv", "provider,model_id,class,end_of_life\nopenai,gpt-4o-2024-11-20,,2027-01-14\nopenai,gpt-4o,pinned,\nacme,acme-large,pinned,\n")
	run := func(args ...string) answer {
		return sundial(t, nil, "", append(append([]string{"vendors"}, args...), "--data", dir)...)
	}
	count := func(a answer, n, what string) {
		t.Helper()
		for _, line := range strings.Split(a.out, "\n") {
			if f := strings.Fields(line); len(f) > 1 && f[0] == n && strings.Join(f[1:], " ") == what {
				return
			}
		}
		t.Errorf("ended with %d, says not %s %s:\n%s%s", a.code, n, what, a.out, a.err)
	}
	dry := run("import", catalogue, "--source", "https://vendor.example", "--dry-run")
	count(dry, "1", "added")
	if a := run("import", catalogue, "--source", "https://vendor.example"); a.code != exitNo || !strings.Contains(a.err, "line 3 class:") {
		t.Errorf("a row that cannot be used: %d %s", a.code, a.err)
	} else {
		count(a, "1", "added")
		count(a, "1", "to confirm")
	}
	count(run("read", "openai", file("list.json", `{"data": [{"id": "gpt-4o-2024-11-20", "shutdown_date": "2027-02-01"}]}`)), "1", "conflict")

	var asked string
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Get("api-key")
		_, _ = w.Write([]byte(`{"data": [{"id": "gpt-4o-2024-11-20", "lifecycle_status": "deprecating", "deprecation": {"inference": 1801526400}}]}`))
	}))
	defer vendor.Close()
	if a := run("read", "azure", vendor.URL); a.code != exitCouldNot || !strings.Contains(a.err, "https") {
		t.Errorf("an address inside was called: %d %s", a.code, a.err)
	}
	count(run("read", "azure", vendor.URL, "--outgoing-allow", "127.0.0.1", "--key-file", file("key", "canary-key\n")), "1", "added")
	if asked != "canary-key" {
		t.Errorf("the key: %q", asked)
	}
	for name, args := range map[string][]string{"no source": {"import", catalogue}, "no file": {"import"}, "no such file": {"import", filepath.Join(dir, "nowhere.csv"), "--source", "x"},
		"no such list": {"read", "mistral", catalogue}, "a file that is no list": {"read", "bedrock", catalogue}, "a day to come": {"read", "openai", catalogue, "--read-on", "2199-01-01"}} {
		if a := run(args...); a.code != exitCouldNot || a.err == "" {
			t.Errorf("%s: ended with %d and said %q", name, a.code, a.err)
		}
	}
}
