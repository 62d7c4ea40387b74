package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store/pgtest"
	"sundial/models/store/storetest"
)

// crashes is how often the process is killed on each database; SUNDIAL_TEST_CRASHES raises it.
func crashes(t *testing.T) int {
	if s := os.Getenv("SUNDIAL_TEST_CRASHES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("SUNDIAL_TEST_CRASHES: %v", err)
		}
		return n
	}
	return 12
}

// A process that approves and promotes as fast as it can is killed at a random moment, again and
// again. What it said was done must be there, whole; what it did not say may be there, but whole too.
func TestAKilledProcessLosesNothingAndHalvesNothing(t *testing.T) {
	t.Parallel()
	urls := map[string]func(t *testing.T) (url, driver, dsn string){
		"sqlite": func(t *testing.T) (string, string, string) {
			path := filepath.Join(t.TempDir(), "crash.db")
			return "sqlite:" + path, "sqlite", "file:" + path
		},
		"postgres": func(t *testing.T) (string, string, string) {
			url := pgtest.URL(t)
			return url, "pgx", url
		},
	}
	for name, make := range urls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, driver, dsn := make(t)
			prepareCrash(t, url)
			total := 0
			for round := range crashes(t) {
				acknowledged := killWhileApproving(t, url, round)
				verifyAfterCrash(t, url, driver, dsn, acknowledged)
				total += len(acknowledged)
			}
			if total == 0 {
				t.Error("no approval was acknowledged before any of the crashes, so nothing was tried")
			}
			t.Logf("%d transitions acknowledged before %d crashes, none lost", total, crashes(t))
		})
	}
}

func prepareCrash(t *testing.T, url string) {
	t.Helper()
	s := storetest.Open(t, url)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	storetest.NewWorld(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// killWhileApproving starts this test binary as the process to be killed and returns the requests it
// had acknowledged. The moment is counted in acknowledgements, not in time alone: on a slow machine
// it still falls into the work, and every round but those that wait for none has something to lose.
func killWhileApproving(t *testing.T, url string, round int) []int64 {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestProcessToBeKilled$", "-test.v")
	cmd.Env = append(os.Environ(), "SUNDIAL_TEST_CRASH_URL="+url, fmt.Sprintf("SUNDIAL_TEST_CRASH_ROUND=%d", round))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []int64
	var kill *time.Timer
	waitFor := (round + rand.IntN(3)) % 12
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		text := lines.Text()
		if id, ok := strings.CutPrefix(text, "applied "); ok {
			n, _ := strconv.ParseInt(id, 10, 64)
			acknowledged = append(acknowledged, n)
		} else if !strings.HasPrefix(text, "begun") {
			continue
		}
		if kill == nil && len(acknowledged) >= waitFor {
			kill = time.AfterFunc(time.Duration(rand.IntN(200))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait()
	if kill == nil {
		t.Fatal("the process to be killed never began")
	}
	return acknowledged
}

// TestProcessToBeKilled is that process; run by itself it has nothing to do.
func TestProcessToBeKilled(t *testing.T) {
	url := os.Getenv("SUNDIAL_TEST_CRASH_URL")
	if url == "" {
		return
	}
	w := storetest.NewWorld(t, storetest.Open(t, url))
	fmt.Println("begun")
	for i := 0; i < 1000; i++ {
		slug := fmt.Sprintf("m-%s-%d", os.Getenv("SUNDIAL_TEST_CRASH_ROUND"), i)
		w.Model(t, slug, registry.Trained, 3)
		w.Version(t, slug, "v1")
		w.Evidence(t, slug, "v1")
		w.Plan(t, slug)
		for _, to := range []registry.Stage{registry.Registered, registry.Validated, registry.Staged, registry.Production} {
			w.Promote(t, slug, "v1", to)
			fmt.Printf("applied %d\n", w.LastRequest)
		}
	}
}

func verifyAfterCrash(t *testing.T, url, driver, dsn string, acknowledged []int64) {
	t.Helper()
	s := storetest.Open(t, url)
	defer s.Close()
	ctx := context.Background()
	if n, broken, err := s.VerifyAudit(ctx); err != nil || broken != nil {
		t.Fatalf("after a crash the chain of %d events is broken: %v %v", n, broken, err)
	}
	p, _ := lifecycle.Profile("standard")
	for _, id := range acknowledged {
		d, err := s.Dossier(ctx, id, p)
		if err != nil || d.State != lifecycle.Applied {
			t.Fatalf("request %d was acknowledged and is lost: %v", id, err)
		}
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for what, query := range map[string]string{
		"requests applied without their version": `SELECT COUNT(*) FROM requests r JOIN versions v ON v.id = r.version_id WHERE r.state = 'applied'
			AND NOT EXISTS (SELECT 1 FROM requests l WHERE l.version_id = r.version_id AND l.state = 'applied' AND l.id > r.id) AND v.stage <> r.to_stage`,
		"promotions without a serving record": `SELECT COUNT(*) FROM requests r WHERE r.state = 'applied' AND r.to_stage = 'production'
			AND NOT EXISTS (SELECT 1 FROM serving_records s WHERE s.request_id = r.id)`,
		"applied requests without an event": `SELECT COUNT(*) FROM requests r WHERE r.state = 'applied'
			AND NOT EXISTS (SELECT 1 FROM audit_events e WHERE e.subject_kind = 'request' AND e.subject_id = r.id)`,
		"models whose stage is not their version's": `SELECT COUNT(*) FROM models m JOIN versions v ON v.model_id = m.id WHERE m.stage <> v.stage`,
	} {
		var n int
		if err := db.QueryRowContext(ctx, query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != 0 {
			t.Errorf("after a crash: %d %s", n, what)
		}
	}
}
