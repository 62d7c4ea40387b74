package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/pgtest"
	"sundial/models/store/storetest"
)

// A process that leads retirements is killed in the middle of a step, again and again. What it said was
// done is there; what it was at is whole or not begun; and whoever comes next leads it to its end.
func TestAKilledRetirementGoesOnAndNothingIsDoubled(t *testing.T) {
	t.Parallel()
	urls := map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "crash.db") },
		"postgres": func(t *testing.T) string { return pgtest.URL(t) },
	}
	for name, make := range urls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := make(t)
			prepareCrash(t, url)
			total := 0
			for round := range crashes(t) / 2 {
				said := killWhileRetiring(t, url, round)
				total += len(said)
				wholeAfterCrash(t, url, said)
			}
			if total == 0 {
				t.Error("nothing was done before any of the crashes, so nothing was tried")
			}
			resumeAfterCrash(t, url)
		})
	}
}

// killWhileRetiring returns the phases that the process said were reached, by model.
func killWhileRetiring(t *testing.T, url string, round int) map[string]retirement.Phase {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestRetiringProcessToBeKilled$", "-test.v")
	cmd.Env = append(os.Environ(), "SUNDIAL_TEST_CRASH_URL="+url, fmt.Sprintf("SUNDIAL_TEST_CRASH_ROUND=%d", round))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, steps, waitFor := map[string]retirement.Phase{}, 0, 1+rand.IntN(8)
	var kill *time.Timer
	for lines := bufio.NewScanner(out); lines.Scan(); {
		slug, phase, did := strings.Cut(strings.TrimPrefix(lines.Text(), "reached "), " ")
		if !did || !strings.HasPrefix(lines.Text(), "reached ") {
			continue
		}
		said[slug] = retirement.Phase(phase)
		if steps++; kill == nil && steps >= waitFor {
			kill = time.AfterFunc(time.Duration(rand.IntN(150))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait()
	return said
}

// TestRetiringProcessToBeKilled is that process; run by itself it has nothing to do.
func TestRetiringProcessToBeKilled(t *testing.T) {
	url := os.Getenv("SUNDIAL_TEST_CRASH_URL")
	if url == "" {
		return
	}
	w := storetest.NewWorld(t, storetest.Open(t, url))
	clock := w.MoveClock()
	for i := range 50 {
		slug := fmt.Sprintf("m-%s-%d", os.Getenv("SUNDIAL_TEST_CRASH_ROUND"), i)
		w.Serve(t, slug, "v1", registry.Tier(3))
		w.Trigger(t, slug)
		for _, p := range retirement.Phases {
			w.RetireTo(t, slug, p, clock)
			fmt.Printf("reached %s %s\n", slug, p)
		}
	}
}

// wholeAfterCrash holds every retirement against what was said, its version and the trail.
func wholeAfterCrash(t *testing.T, url string, said map[string]retirement.Phase) {
	t.Helper()
	s := storetest.Open(t, url)
	defer s.Close()
	ctx := context.Background()
	if _, broken, err := s.VerifyAudit(ctx); err != nil || broken != nil {
		t.Fatalf("after a crash the chain is broken: %v %v", broken, err)
	}
	p, _ := lifecycle.Profile("standard")
	for slug, phase := range said {
		view, err := s.Retirement(ctx, slug, 0, p)
		if err != nil || view.Workflow == nil {
			t.Fatalf("%s was acknowledged and is lost: %v", slug, err)
		}
		w := view.Workflow
		if slices.Index(retirement.Phases, w.Phase) < slices.Index(retirement.Phases, phase) {
			t.Errorf("%s was in %s and is back in %s", slug, phase, w.Phase)
		}
		stage := view.World.Version.Stage
		if served, sealed := !w.Phase.Past(retirement.RollbackWindow), w.Closed(); served != (stage == registry.Production) || sealed != (stage == registry.Retired) {
			t.Errorf("%s is in %s and its version %s", slug, w.Phase, stage)
		}
		if n, want := phaseEvents(t, s, w), len(w.History); n != want {
			t.Errorf("%s passed %d phases and the trail tells of %d", slug, want, n)
		}
		if _, err := s.SealedDossier(ctx, w); w.Closed() && err != nil {
			t.Errorf("%s is sealed without its dossier: %v", slug, err)
		}
	}
}

// phaseEvents counts the events by which a workflow came into its phases.
func phaseEvents(t *testing.T, s *store.Store, w *retirement.Workflow) int {
	t.Helper()
	events, err := s.Events(context.Background(), store.EventFilter{Kind: "retirement", Subject: w.ID}, 500)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range events {
		if slices.Contains([]string{"retirement.triggered", "retirement.announced", "retirement.advanced", "retirement.retired"}, e.Verb) {
			n++
		}
	}
	return n
}

// resumeAfterCrash leads whatever the crashes left to its end.
func resumeAfterCrash(t *testing.T, url string) {
	t.Helper()
	s := storetest.Open(t, url)
	defer s.Close()
	w := storetest.NewWorld(t, s)
	at := map[string]time.Time{} // the killed processes had clocks of their own, ahead of this one
	err := s.EachRetirement(t.Context(), retirement.BoardFilter{}, func(r retirement.BoardRow) error {
		at[r.Slug] = r.Workflow.UpdatedAt
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for slug, moment := range at {
		s.SetClock(func() time.Time { return moment })
		w.RetireTo(t, slug, retirement.Retired, w.MoveClock())
	}
}
