package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sundial/models/store/storetest"
)

// answer is what a command said and how it ended.
type answer struct {
	code     int
	out, err string
}

// sundial runs a command as main does, with its own environment.
func sundial(t *testing.T, environ map[string]string, in string, args ...string) answer {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), env{args: args, getenv: func(k string) string { return environ[k] },
		all: func() []string {
			var pairs []string
			for k, v := range environ {
				pairs = append(pairs, k+"="+v)
			}
			return pairs
		}, in: strings.NewReader(in), out: &out, err: &errs})
	return answer{code, out.String(), errs.String()}
}

func TestEveryCommandShowsAnExample(t *testing.T) {
	t.Parallel()
	for _, c := range commands() {
		a := sundial(t, nil, "", c.name, "--help")
		if c.name == "version" {
			continue
		}
		if a.code != exitDone || !strings.Contains(a.err, "Example:\n  ") || !strings.Contains(a.err, "sundial "+c.name) {
			t.Errorf("%s --help ended with %d and said %q", c.name, a.code, a.err)
		}
	}
}

func TestWhatCannotBeDoneEndsWithTwo(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"an unknown command":        {"sing"},
		"an unknown flag":           {"serve", "--louder"},
		"no database named":         {"audit", "verify"},
		"a database of no kind":     {"migrate", "up", "--database", "mysql://x"},
		"a verb that is missing":    {"audit"},
		"a demo for the network":    {"demo", "--addr", "0.0.0.0:0"},
		"a demo by name":            {"demo", "--addr", "sundial.example.org:80"},
		"a policy that is no file":  {"policy", "dry-run", "nowhere.yaml", "--database", "sqlite:nowhere.db"},
		"a classify without an id":  {"vendors", "classify", "openai"},
		"a backup without a target": {"backup", "--database", "sqlite:x.db"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := sundial(t, nil, "", args...)
			if a.code != exitCouldNot || a.err == "" {
				t.Errorf("ended with %d and said %q", a.code, a.err)
			}
		})
	}
}

func goodConfig() map[string]string {
	return map[string]string{
		"SUNDIAL_BASE_URL": "https://sundial.example.org", "SUNDIAL_DATABASE_URL": "sqlite:/nowhere/sundial.db",
		"SUNDIAL_OIDC_ISSUER": "https://id.example.org", "SUNDIAL_OIDC_CLIENT_ID": "sundial", "SUNDIAL_OIDC_CLIENT_SECRET": "canary-client-secret",
		"SUNDIAL_SECRET_KEY": strings.Repeat("ab", 32), "SUNDIAL_ROLES": "ml-reviewers=reviewer, ml-risk=risk-reviewer",
	}
}

func TestAWrongConfigurationNamesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	a := sundial(t, map[string]string{"SUNDIAL_ADDR": "8080", "SUNDIAL_BASE_URL": "http://sundial.example.org", "SUNDIAL_DATABASE_URL": "mysql://x",
		"SUNDIAL_ROLES": "x=king", "SUNDIAL_SECRET_KEY": "short", "SUNDIAL_POLICY": "gentle", "SUNDIAL_LOG_FORMAT": "xml", "SUNDIAL_RATE_LIMIT": "many", "SUNDIAL_SMTP_URL": "smtp://u:p@mail.example.test", "SUNDIAL_TRUSTED_PROXIES": "10.0.0.0/99"}, "", "serve")
	if a.code != exitCouldNot {
		t.Fatalf("serve ended with %d", a.code)
	}
	for _, name := range []string{"SUNDIAL_ADDR", "SUNDIAL_BASE_URL", "SUNDIAL_DATABASE_URL", "SUNDIAL_OIDC_ISSUER", "SUNDIAL_OIDC_CLIENT_ID",
		"SUNDIAL_ROLES", "SUNDIAL_SECRET_KEY", "SUNDIAL_POLICY", "SUNDIAL_LOG_FORMAT", "SUNDIAL_RATE_LIMIT", "SUNDIAL_SMTP_URL", "SUNDIAL_TRUSTED_PROXIES"} {
		if !strings.Contains(a.err, name+":") {
			t.Errorf("%s is wrong and not named in:\n%s", name, a.err)
		}
	}
}

func TestAMisspeltVariableStopsTheStart(t *testing.T) {
	t.Parallel()
	environ := goodConfig()
	environ["SUNDIAL_OIDC_CLIENTID"] = "sundial"
	if a := sundial(t, environ, "", "serve"); a.code != exitCouldNot || !strings.Contains(a.err, "SUNDIAL_OIDC_CLIENTID") {
		t.Errorf("ended with %d and said %q", a.code, a.err)
	}
}

func TestSecretsAreMaskedInTheLog(t *testing.T) {
	t.Parallel()
	environ := goodConfig()
	environ["SUNDIAL_DATABASE_URL"] = "postgres://sundial:canary-db-password@127.0.0.1:1/sundial"
	a := sundial(t, environ, "", "serve")
	if a.code != exitCouldNot || !strings.Contains(a.err, "SUNDIAL_OIDC_ISSUER") {
		t.Fatalf("the configuration should be told before the database fails: %d %q", a.code, a.err)
	}
	for _, secret := range []string{"canary-client-secret", "canary-db-password", strings.Repeat("ab", 32)} {
		if strings.Contains(a.err+a.out, secret) {
			t.Errorf("%s stands in the output:\n%s", secret, a.err)
		}
	}
}

func TestClassifyReadsAndWritesCSV(t *testing.T) {
	t.Parallel()
	ids, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "vendor-model-ids", "ids.csv"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := csv.NewReader(bytes.NewReader(ids)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	a := sundial(t, nil, string(ids), "vendors", "classify", "--csv")
	got, err := csv.NewReader(strings.NewReader(a.out)).ReadAll()
	if a.code != exitDone || err != nil || len(got) != len(want) {
		t.Fatalf("ended with %d, %d rows of %d, %v", a.code, len(got), len(want), err)
	}
	for i := range want {
		if got[i][0] != want[i][0] || got[i][1] != want[i][1] || got[i][2] != want[i][2] || got[i][3] == "" {
			t.Errorf("row %d: want %v, got %v", i, want[i][:3], got[i])
		}
	}
}

// kept makes a folder with a filled database, as `demo --data` keeps one.
func kept(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if a := sundial(t, nil, "", "migrate", "up", "--data", dir); a.code != exitDone {
		t.Fatalf("migrate: %s", a.err)
	}
	s := storetest.Open(t, "sqlite:"+filepath.Join(dir, "sundial.db"))
	key, err := demoKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.SetSealKey(sealKey(key))
	storetest.NewWorld(t, s).Serve(t, "fraud-scorer", "v1", 3)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAuditVerifyFindsAChangedEvent(t *testing.T) {
	t.Parallel()
	dir := kept(t)
	if a := sundial(t, nil, "", "audit", "verify", "--data", dir); a.code != exitDone || !strings.Contains(a.out, "every link holds") {
		t.Fatalf("the chain should hold: %d %s%s", a.code, a.out, a.err)
	}
	breakEvent(t, dir, 7)
	if a := sundial(t, nil, "", "audit", "verify", "--data", dir); a.code != exitNo || !strings.Contains(a.err, "broken at event 7") {
		t.Errorf("event 7 was changed: %d %s%s", a.code, a.out, a.err)
	}
}

func TestABackupIsRestoredWhole(t *testing.T) {
	t.Parallel()
	dir, file := kept(t), filepath.Join(t.TempDir(), "copy.db")
	if a := sundial(t, nil, "", "backup", file, "--data", dir); a.code != exitDone {
		t.Fatalf("backup: %s", a.err)
	}
	if a := sundial(t, nil, "", "backup", file, "--data", dir); a.code != exitCouldNot {
		t.Error("a backup should never overwrite")
	}
	if a := sundial(t, nil, "", "restore", file, "--data", dir); a.code != exitCouldNot || !strings.Contains(a.err, "--replace") {
		t.Errorf("restoring over a database should need a word: %d %s", a.code, a.err)
	}
	if a := sundial(t, nil, "", "restore", file, "--data", dir, "--replace"); a.code != exitDone {
		t.Fatalf("restore: %s", a.err)
	}
	if a := sundial(t, nil, "", "audit", "verify", "--data", dir); a.code != exitDone {
		t.Errorf("after restoring: %s", a.err)
	}
}
