package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/models/retirement/paper"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// retired makes a folder with a database in which a model was retired, and the files that prove it.
func retired(t *testing.T) (dir, certificate, dossier string) {
	t.Helper()
	dir = t.TempDir()
	if a := sundial(t, nil, "", "migrate", "up", "--data", dir); a.code != exitDone {
		t.Fatalf("migrate: %s", a.err)
	}
	s := storetest.Open(t, "sqlite:"+filepath.Join(dir, "sundial.db"))
	key, err := demoKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.SetSealKey(sealKey(key))
	w := storetest.NewWorld(t, s)
	w.Serve(t, "fraud-scorer", "v1", 2)
	clock := w.MoveClock()
	w.Trigger(t, "fraud-scorer")
	view := w.RetireTo(t, "fraud-scorer", retirement.Retired, clock)
	ctx := store.WithSource(t.Context(), store.Source{Actor: org.System, RequestID: "test"})
	if n, err := s.IssueCertificates(ctx, w.Policy, "https://sundial.example.org", paper.Print); err != nil || n != 1 {
		t.Fatalf("%d certificates: %v", n, err)
	}
	c, err := s.Certificate(ctx, "fraud-scorer", w.Policy, "https://sundial.example.org")
	if err != nil {
		t.Fatal(err)
	}
	keep := func(name, sha string) string {
		raw, err := s.Blob(ctx, sha)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	certificate, dossier = keep("certificate.pdf", c.SHA256), keep("dossier.json", view.Workflow.DossierSHA)
	// What was printed is what the page would print, byte for byte.
	if again, err := paper.Print(c.Paper); err != nil || !bytes.Equal(again, mustRead(t, certificate)) {
		t.Errorf("the certificate on record is not the one that is shown: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, certificate, dossier
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestAuditVerifyProvesACertificate(t *testing.T) {
	t.Parallel()
	dir, certificate, dossier := retired(t)
	verify := func(file string) answer {
		return sundial(t, nil, "", "audit", "verify", "--certificate", file, "--data", dir)
	}
	for file, what := range map[string]string{certificate: "the certificate of fraud-scorer retirement 1: event ", dossier: "the sealed dossier of fraud-scorer retirement 1: event "} {
		if a := verify(file); a.code != exitDone || !strings.Contains(a.out, what) || !strings.Contains(a.out, "every link holds") {
			t.Errorf("%s ended with %d and said %q%s", file, a.code, a.out, a.err)
		}
	}
	flipped := mustRead(t, certificate)
	flipped[len(flipped)/2] ^= 1
	for name, raw := range map[string][]byte{"flipped.pdf": flipped, "foreign.pdf": []byte("%PDF-1.7 of somebody else"), "empty.pdf": nil} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if a := verify(file); a.code != exitNo || !strings.Contains(a.err, "knows no such file") || strings.Contains(a.out, "every link") {
			t.Errorf("%s ended with %d and said %q%s", name, a.code, a.out, a.err)
		}
	}
	for _, file := range []string{filepath.Join(dir, "nowhere.pdf"), dir} {
		if a := verify(file); a.code != exitCouldNot || !strings.Contains(a.err, "--certificate") {
			t.Errorf("%s ended with %d and said %q", file, a.code, a.err)
		}
	}
	breakEvent(t, dir, 7)
	if a := verify(certificate); a.code != exitNo || !strings.Contains(a.err, "broken at event 7") || strings.Contains(a.out, "certificate of") {
		t.Errorf("the chain is broken: %d %s%s", a.code, a.out, a.err)
	}
}

// breakEvent changes an event behind the portal's back.
func breakEvent(t *testing.T, dir string, seq int) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "sundial.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("DROP TRIGGER audit_events_no_update"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE audit_events SET actor = 'Nobody' WHERE seq = ?", seq); err != nil {
		t.Fatal(err)
	}
}
