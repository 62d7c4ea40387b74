package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/store"
)

// scoresGoal holds a full re-score against the bare select of what it reads, and the re-score after one
// change against the full one.
var scoresGoal = goal{names: []string{"P13", "P14"}, what: "every model scored again, and one", measure: func(ctx context.Context, b *bench) ([]row, error) {
	s, err := store.Open(ctx, b.sqlite)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	first, err := b.scored(ctx, s, b.sqlite)
	if err != nil {
		return nil, err
	}
	db, err := openToWrite(b.sqlite)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	m := scoring{b: b, s: s, db: db}
	m.policy, _ = lifecycle.Profile("standard")
	rows := []row{first}
	for _, part := range []func(context.Context) ([]row, error){m.unchanged, m.one, m.changed} {
		got, err := part(ctx)
		if err != nil {
			return nil, err
		}
		rows = append(rows, got...)
	}
	return rows, nil
}}

// scored makes sure that every model has its score: facts of all are read, which a seeded database lets do
// once, and what other goals changed is read anew.
func (b *bench) scored(ctx context.Context, s *store.Store, url string) (row, error) {
	db, err := openToRead(url)
	if err != nil {
		return row{}, err
	}
	defer db.Close()
	policy, _ := lifecycle.Profile("standard")
	told := row{"P13", "every fact read anew and scored, as at night", "", "-", none, "done by an earlier run"}
	var n int
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM model_scores").Scan(&n); err != nil {
		return row{}, err
	}
	if n < b.models {
		b.say("scoring %d models", b.models)
		began, cpu := time.Now(), cpuTime()
		if _, err := s.ScoreAll(ctx, policy); err != nil {
			return row{}, err
		}
		took := time.Since(began)
		told.figure = fmt.Sprintf("%.0f s", took.Seconds())
		told.raw = fmt.Sprintf("%.2f ms a model, CPU %.2f ms; in steps, nobody waits for it", took.Seconds()*1000/float64(b.models), (cpuTime()-cpu).Seconds()*1000/float64(b.models))
		if db.postgres {
			if _, err := db.ExecContext(ctx, "VACUUM ANALYZE"); err != nil {
				return row{}, err
			}
		}
	}
	_, err = s.ScoreDue(ctx, policy)
	return told, err
}

type scoring struct {
	b      *bench
	s      *store.Store
	db     *database
	policy lifecycle.Policy
}

func (m scoring) again(ctx context.Context, want int) error {
	n, changed, err := m.s.ScoreAgain(ctx, m.policy)
	if err == nil && (n != m.b.models || changed != want) {
		err = fmt.Errorf("%d models were scored and %d are others, not %d and %d", n, changed, m.b.models, want)
	}
	return err
}

// selected reads what a re-score reads, and does nothing with it.
func (m scoring) selected(ctx context.Context) error {
	rows, err := m.db.QueryContext(ctx, `SELECT model_id, team_id, phase, rules, score, raw, cap, earned, attested, compact, changes_at, scored_at FROM model_scores ORDER BY model_id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id, team, limit, changes, at int64
	var phase, rules, compact string
	var score, raw, earned, attested float64
	for rows.Next() {
		if err := rows.Scan(&id, &team, &phase, &rules, &score, &raw, &limit, &earned, &attested, &compact, &changes, &at); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (m scoring) unchanged(ctx context.Context) ([]row, error) {
	got, err := byTurns(m.b.rounds, calls(1, func() error { return m.again(ctx, 0) }), calls(1, func() error { return m.selected(ctx) }))
	if err != nil {
		return nil, err
	}
	p, f := got[0], got[1]
	took := middle(p, p50Of)
	return []row{
		atMost("P13", "full re-score, nothing changed, CPU of the bare select's", ratio(p, f, cpuOf), 2,
			fmt.Sprintf("CPU %.0f ms against %.0f ms; %.0f ms against %.0f ms by the clock", middle(p, cpuOf), middle(f, cpuOf), took, middle(f, p50Of))),
		{"P13", "full re-score, nothing changed", "< 2 s", fmt.Sprintf("%.2f s", took/1000), judged(took < 2000), fmt.Sprintf("%d models", m.b.models)},
	}, nil
}

// one changes a fact of a model that serves and lets the score, the team, the department and the
// organisation follow, by turns with a full re-score.
func (m scoring) one(ctx context.Context) ([]row, error) {
	var ids []int64
	rows, err := m.db.QueryContext(ctx, m.db.dialect("SELECT id FROM models WHERE stage = 'production' AND deputy_id IS NOT NULL ORDER BY id LIMIT ?"), m.b.rounds)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, errors.New("no model serves")
	}
	round := 0
	change := calls(1, func() error {
		n, err := m.s.ScoreDue(ctx, m.policy)
		if err == nil && n != 1 {
			err = fmt.Errorf("%d models were scored after one change", n)
		}
		return err
	})
	got, err := byTurns(m.b.rounds, func() (sample, error) {
		id := ids[round%len(ids)]
		round++
		for _, sql := range []string{"UPDATE models SET deputy_id = CASE WHEN deputy_id IS NULL THEN owner_id - 1 ELSE NULL END WHERE id = ?", "INSERT INTO score_marks (model_id) VALUES (?)"} {
			if _, err := m.db.ExecContext(ctx, m.db.dialect(sql), id); err != nil {
				return sample{}, err
			}
		}
		return change()
	}, calls(1, func() error { return m.again(ctx, 0) }))
	if err != nil {
		return nil, err
	}
	p, f := got[0], got[1]
	share := ratio(p, f, cpuOf)
	return []row{{"P14", "re-score after one change, CPU of a full one's in which nothing changed", "<= 3 %", fmt.Sprintf("%.1f %%", 100*share), judged(share <= 0.03),
		fmt.Sprintf("CPU %.1f ms against %.0f ms; %.1f ms against %.0f ms by the clock; every fact of the model is read anew, and its team, department and organisation follow",
			middle(p, cpuOf), middle(f, cpuOf), middle(p, p50Of), middle(f, p50Of))}}, nil
}

// changed scores under other rules than what is kept, so that every score, its day and every team are
// written, while somebody else wants to write.
func (m scoring) changed(ctx context.Context) ([]row, error) {
	var waits []time.Duration
	var all []sample
	for range m.b.rounds {
		if _, err := m.db.ExecContext(ctx, "UPDATE model_scores SET rules = 'score-0/' || SUBSTR(rules, 9), score = score * 0.99, raw = raw * 0.99"); err != nil {
			return nil, err
		}
		// What the line above left in the log is not for the pass to bring into the file.
		if _, err := m.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			return nil, err
		}
		stop := m.beside(ctx)
		got, err := calls(1, func() error { return m.again(ctx, m.b.models) })()
		waited, failed := stop()
		if err := errors.Join(err, failed); err != nil {
			return nil, err
		}
		all, waits = append(all, got), append(waits, waited...)
		if _, err := m.db.ExecContext(ctx, "DELETE FROM score_marks"); err != nil {
			return nil, err
		}
	}
	took := middle(all, p50Of)
	slices.Sort(waits)
	held := quantile(waits, 1).Seconds() * 1000
	return []row{
		{"P13", "full re-score, all changed", "< 4 s", fmt.Sprintf("%.2f s", took/1000), judged(took < 4000), fmt.Sprintf("CPU %.2f s; rules are others: every score and its day are written, all teams added up", middle(all, cpuOf)/1000)},
		{"P13", "longest wait for the write lock meanwhile", "<= 150 ms", fmt.Sprintf("%.0f ms", held), judged(held <= 150), fmt.Sprintf("of %d writes over %d rounds, one every 2 ms; p99 %.0f ms, median %.1f ms", len(waits), m.b.rounds, quantile(waits, 0.99).Seconds()*1000, quantile(waits, 0.5).Seconds()*1000)},
	}, nil
}

// beside writes next to nothing again and again, and says how long each had to wait.
func (m scoring) beside(ctx context.Context) (stop func() ([]time.Duration, error)) {
	done := make(chan struct{})
	var waits []time.Duration
	var failed error
	var wait sync.WaitGroup
	wait.Go(func() {
		for failed == nil {
			t := time.Now()
			failed = m.s.RouseJob(ctx, "perfcheck")
			waits = append(waits, time.Since(t))
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	})
	return func() ([]time.Duration, error) {
		close(done)
		wait.Wait()
		return waits, failed
	}
}
