package work_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/work"
)

const (
	inventoryFile = "../../../shared/data/federal-ai-inventory/2024.csv"
	inventory     = "AI use cases"
)

var realFile = sync.OnceValues(func() ([]byte, error) { return os.ReadFile(inventoryFile) })

func file(t testing.TB) []byte {
	t.Helper()
	raw, err := realFile()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// bench is a world in which files are imported.
type bench struct {
	*storetest.World
	t      testing.TB
	runner *work.Runner
}

func newBench(t testing.TB, s *store.Store) *bench {
	return &bench{World: storetest.NewWorld(t, s), t: t, runner: runner(s)}
}

func runner(s *store.Store) *work.Runner {
	policy, _ := lifecycle.Profile("standard")
	return work.New(s, policy, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// started uploads, maps by guesses and starts.
func (b *bench) started(name string, raw []byte, change ...func(*intake.Mapping)) intake.Job {
	b.t.Helper()
	ctx := b.As(b.Admin)
	g, err := intake.Detect(raw)
	must(b.t, err)
	job, err := b.S.AddImport(ctx, name, raw, g.Format)
	must(b.t, err)
	columns, rows, err := intake.Sample(raw, g.Format, intake.MaxRows)
	must(b.t, err)
	m, _ := intake.GuessMapping(columns, rows)
	m.Name = "Mapping of " + name
	for _, c := range change {
		c(&m)
	}
	job, err = b.S.MapImport(ctx, job.ID, job.Revision, m, inventory)
	must(b.t, err)
	job, err = b.S.StartImport(ctx, job.ID, job.Revision)
	must(b.t, err)
	return job
}

func (b *bench) imported(name string, raw []byte, change ...func(*intake.Mapping)) intake.Job {
	b.t.Helper()
	job := b.started(name, raw, change...)
	job, err := b.runner.Import(b.t.Context(), job.ID, nil)
	must(b.t, err)
	if job.Progress.State != intake.JobDone {
		b.t.Fatalf("%s: %+v", name, job.Progress)
	}
	return job
}

func counts(p intake.Progress) map[string]int {
	return map[string]int{"total": p.RowsTotal, "done": p.RowsDone, "added": p.Added, "changed": p.Changed, "unchanged": p.Unchanged,
		"refused": p.Refused, "vanished": p.Vanished, "warned": p.Warned, "facts": p.OnlyFacts, "kept": p.Kept}
}

// models counts the models of a filter.
func (b *bench) models(f registry.Filter) int {
	b.t.Helper()
	n := 0
	must(b.t, b.S.EachModel(b.t.Context(), f, func(registry.Row) error { n++; return nil }))
	return n
}

// outcomes counts the rows of an import's report.
func (b *bench) outcomes(id int64) map[intake.Outcome]int {
	b.t.Helper()
	n := map[intake.Outcome]int{}
	seen := map[int64]bool{}
	must(b.t, b.S.EachImportedRow(b.t.Context(), id, store.ImportedFilter{}, func(r store.ImportedRow) error {
		if seen[r.Row] {
			b.t.Errorf("row %d is there twice", r.Row)
		}
		seen[r.Row] = true
		n[r.Outcome]++
		return nil
	}))
	return n
}

// events counts the events of a verb.
func (b *bench) events(verb string) int {
	b.t.Helper()
	n, after := 0, int64(-1)
	for {
		list, err := b.S.Events(b.t.Context(), store.EventFilter{Verb: verb, After: after}, 1000)
		must(b.t, err)
		if len(list) == 0 {
			return n
		}
		n, after = n+len(list), list[len(list)-1].Seq
	}
}

func (b *bench) auditHolds() {
	b.t.Helper()
	if _, broken, err := b.S.VerifyAudit(b.t.Context()); err != nil || broken != nil {
		b.t.Errorf("the audit chain does not hold: %+v, %v", broken, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) model(slug string) registry.Model {
	b.t.Helper()
	m, err := b.S.Model(b.t.Context(), slug)
	must(b.t, err)
	return m
}

func TestARealInventoryComesIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		begun := time.Now()
		job := b.imported("2024.csv", file(t))
		t.Logf("%s: %d rows in %s", s.Engine(), job.Progress.RowsDone, time.Since(begun).Round(time.Millisecond))
		want := map[string]int{"total": 2133, "done": 2133, "added": 2133, "changed": 0, "unchanged": 0, "refused": 0, "vanished": 0, "warned": job.Preview.Warned, "facts": 0, "kept": 0}
		if d := cmp.Diff(want, counts(job.Progress)); d != "" {
			t.Error("progress:", d)
		}
		if d := cmp.Diff(map[intake.Outcome]int{intake.OutcomeAdded: 2133}, b.outcomes(job.ID)); d != "" {
			t.Error("rows:", d)
		}
		stages := map[registry.Stage]int{registry.Experiment: b.models(registry.Filter{Stage: registry.Experiment}), registry.Retired: b.models(registry.Filter{Stage: registry.Retired}),
			registry.Production: b.models(registry.Filter{Stage: registry.Production})}
		if d := cmp.Diff(map[registry.Stage]int{registry.Experiment: 1991, registry.Retired: 142, registry.Production: 0}, stages); d != "" {
			t.Error("stages:", d)
		}
		if n := b.models(registry.Filter{Reported: "operating"}); n != 892 {
			t.Errorf("%d are reported in operation, want 892", n)
		}
		if n := b.events("model.imported"); n != 2133 {
			t.Errorf("%d models have an event, want one each", n)
		}
		if n := b.models(registry.Filter{Missing: "team"}); n != 0 {
			t.Errorf("%d models have no team", n)
		}
		b.auditHolds()
	})
}

func TestASecondImportOfTheSameFileChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		b.imported("2024.csv", file(t))
		before := b.snapshot()
		job := b.imported("2024.csv", file(t))
		if p := job.Progress; p.Unchanged != 2133 || p.Added+p.Changed+p.Refused+p.Vanished != 0 {
			t.Errorf("progress: %+v", p)
		}
		if d := cmp.Diff(before, b.snapshot()); d != "" {
			t.Error("models changed:", d)
		}
		if n := b.events("model"); n != 2133 {
			t.Errorf("%d events of models, want those of the first import", n)
		}
	})
}

func (b *bench) snapshot() []registry.Row {
	var rows []registry.Row
	must(b.t, b.S.EachModel(b.t.Context(), registry.Filter{Sort: "name"}, func(r registry.Row) error { rows = append(rows, r); return nil }))
	return rows
}

// stopping is a context that ends after n steps of an import.
func stopping(ctx context.Context, n int) (context.Context, func(intake.Progress)) {
	ctx, cancel := context.WithCancel(ctx)
	return ctx, func(intake.Progress) {
		if n--; n == 0 {
			cancel()
		}
	}
}

func TestAnImportGoesOnAfterARestart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		job := b.started("many.csv", many())
		ctx, told := stopping(t.Context(), 3)
		if _, err := b.runner.Import(ctx, job.ID, told); err == nil {
			t.Fatal("the first run should have been stopped")
		}
		half, err := s.Import(t.Context(), job.ID)
		must(t, err)
		if half.Progress.State != intake.JobRunning || half.Progress.RowsDone != 600 || b.models(registry.Filter{}) != 600 {
			t.Fatalf("stopped at %+v with %d models", half.Progress, b.models(registry.Filter{}))
		}
		done, err := runner(s).Import(t.Context(), job.ID, nil)
		must(t, err)
		if p := done.Progress; p.State != intake.JobDone || p.RowsDone != 1000 || p.Added != 1000 || p.Unchanged != 0 {
			t.Errorf("resumed to %+v", p)
		}
		if d := cmp.Diff(map[intake.Outcome]int{intake.OutcomeAdded: 1000}, b.outcomes(job.ID)); d != "" {
			t.Error(d)
		}
		if n := b.events("model.imported"); n != 1000 {
			t.Errorf("%d events, want one for each model", n)
		}
		b.auditHolds()
	})
}

func TestTwoRunnersBringEachRowInOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		job := b.started("many.csv", many())
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { runner(s).Once(t.Context()) })
		}
		wg.Wait()
		done, err := s.Import(t.Context(), job.ID)
		must(t, err)
		if done.Progress.State != intake.JobDone || done.Progress.Added != 1000 {
			t.Errorf("%+v", done.Progress)
		}
		if d := cmp.Diff(map[intake.Outcome]int{intake.OutcomeAdded: 1000}, b.outcomes(job.ID)); d != "" {
			t.Error(d)
		}
	})
}

func TestWhoLostTheLeaseChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		job := b.started("many.csv", many())
		old, claimed, err := s.ClaimJob(t.Context(), store.ImportWork(job.ID), "old")
		must(t, err)
		if !claimed {
			t.Fatal("nothing to claim")
		}
		run, err := s.BeginImport(t.Context(), old, job.ID)
		must(t, err)
		if _, again, _ := s.ClaimJob(t.Context(), store.ImportWork(job.ID), "new"); again {
			t.Fatal("a leased job was claimed again")
		}
		must(t, s.DeferJob(t.Context(), old, 0, nil)) // as if the lease had run out
		if _, again, _ := s.ClaimJob(t.Context(), store.ImportWork(job.ID), "new"); !again {
			t.Fatal("a free job was not claimed")
		}
		if _, err := run.Step(); err != store.ErrLeaseLost {
			t.Errorf("the old run went on: %v", err)
		}
		if n := b.models(registry.Filter{}); n != 0 {
			t.Errorf("%d models came in under a lost lease", n)
		}
	})
}

func TestACancelledImportKeepsWhatCameIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		job := b.started("many.csv", many())
		n := 0
		done, err := b.runner.Import(t.Context(), job.ID, func(intake.Progress) {
			if n++; n == 2 {
				_, err := s.ChangeImport(b.As(b.Admin), job.ID, 0, (*intake.Job).Cancel)
				must(t, err)
			}
		})
		must(t, err)
		if done.Progress.State != intake.JobCancelled || b.models(registry.Filter{}) != 400 {
			t.Errorf("%+v with %d models", done.Progress, b.models(registry.Filter{}))
		}
	})
}

func TestOneImportOfAnInventoryAtATime(t *testing.T) {
	b := newBench(t, storetest.New(t))
	b.started("one.csv", small("Risk,Fraud,One,Finds it,Operating,1,"))
	g, _ := intake.Detect(small("Risk,Fraud,Two,Finds it,Operating,1,"))
	job, err := b.S.AddImport(b.As(b.Admin), "two.csv", small("Risk,Fraud,Two,Finds it,Operating,1,"), g.Format)
	must(t, err)
	columns, rows, _ := intake.Sample(small("Risk,Fraud,Two,Finds it,Operating,1,"), g.Format, 10)
	m, _ := intake.GuessMapping(columns, rows)
	m.Name = "small"
	job, err = b.S.MapImport(b.As(b.Admin), job.ID, 0, m, strings.ToUpper(inventory))
	must(t, err)
	if job.Inventory != inventory {
		t.Errorf("the inventory is called %q now", job.Inventory)
	}
	if _, err := b.S.StartImport(b.As(b.Admin), job.ID, 0); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second import was started beside the first: %v", err)
	}
}

func small(rows ...string) []byte {
	return []byte("Department,Team,Name,Purpose,Stage,Risk tier,Owner\n" + strings.Join(rows, "\n") + "\n")
}

// many is a file of several batches.
func many() []byte {
	rows := make([]string, 1000)
	for i := range rows {
		rows[i] = fmt.Sprintf("Risk,Team %d,System %d,Finds it,Operating,2,", i%20, i)
	}
	return small(rows...)
}
