package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"sundial/models/store"
)

// The servers that are measured are this binary again; under test that is the test binary.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-role" {
		main()
		return
	}
	os.Exit(m.Run())
}

// Nothing is timed here: that every goal is measured and printed is all. P20 builds a release first,
// which no test should wait for.
func TestEveryGoalIsInTheTable(t *testing.T) {
	var out, progress bytes.Buffer
	names := []string{"P1", "P2", "P4", "P5", "P6", "P7", "P8", "P13", "P14", "P15", "P16", "P17", "P18", "P21"}
	args := []string{"-models", "300", "-rounds", "1", "-seconds", "0.02", "-data", t.TempDir(), "-only", strings.Join(names, ",")}
	if err := run(t.Context(), args, strings.NewReader(""), &out, &progress); err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	lines := strings.Split(out.String(), "\n")
	for _, name := range names {
		found := false
		for _, line := range lines {
			fields := strings.Fields(line)
			found = found || len(fields) > 3 && fields[0] == name
		}
		if !found {
			t.Errorf("the table has no line for %s:\n%s", name, out.String())
		}
	}
}

func TestTheSeededAuditTrailHolds(t *testing.T) {
	url := "sqlite:" + t.TempDir() + "/seed.db"
	b := &bench{options: options{models: 150}, progress: new(bytes.Buffer)}
	if err := b.seeded(t.Context(), url, b.models); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n, broken, err := s.VerifyAudit(t.Context())
	if err != nil || broken != nil || n != 1500 {
		t.Errorf("of 1500 events %d hold: %v, %v", n, broken, err)
	}
}

func TestAnUnknownGoalIsRefused(t *testing.T) {
	if _, err := chosen("P1,P99"); err == nil || !strings.Contains(err.Error(), "P99") {
		t.Errorf("P99 is no goal, got %v", err)
	}
}

func TestTheMedianOfRatiosIsTakenRoundByRound(t *testing.T) {
	a := []sample{{perSecond: 50}, {perSecond: 8}, {perSecond: 100}}
	b := []sample{{perSecond: 100}, {perSecond: 10}, {perSecond: 100}}
	if got := ratio(a, b, perSecond); got != 0.8 {
		t.Errorf("got %v, want 0.8", got)
	}
}
