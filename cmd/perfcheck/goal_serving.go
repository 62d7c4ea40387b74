package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"sundial/models/store"
)

// recordsEach is how many versions of each model served in the database of this goal, one after the other.
const recordsEach = 10

// servingGoal asks how the answer to "what serves, and what did then" grows: with 100,000 models and a
// million serving records it should be no slower than with 1,000 models and their ten thousand.
var servingGoal = goal{names: []string{"SERVING"}, what: "what serves now and then, at full size against 1,000 models", measure: func(ctx context.Context, b *bench) ([]row, error) {
	var stores []*store.Store
	sizes := []int{b.models, min(1000, b.models/2)}
	for _, n := range sizes {
		s, err := b.servingOnly(ctx, n)
		if err != nil {
			return nil, err
		}
		defer s.Close()
		stores = append(stores, s)
	}
	then := servingBegan.AddDate(0, 0, 45)
	var rows []row
	for _, q := range []struct {
		name string
		n    int
		ask  func(s *store.Store, models int) error
	}{
		{"one model now", 500, func(s *store.Store, models int) error {
			_, _, err := s.ProductionAt(ctx, servingSlug(rand.IntN(models)), time.Time{})
			return err
		}},
		{"one model then", 500, func(s *store.Store, models int) error {
			_, _, err := s.ProductionAt(ctx, servingSlug(rand.IntN(models)), then)
			return err
		}},
		{"a page of what serves now", 60, func(s *store.Store, _ int) error {
			_, err := s.Production(ctx, store.ServingFilter{}, "", pageRows)
			return err
		}},
		{"a page of what served then", 60, func(s *store.Store, _ int) error {
			_, err := s.Production(ctx, store.ServingFilter{At: then}, "", pageRows)
			return err
		}},
	} {
		var variants []func() (sample, error)
		for i, s := range stores {
			variants = append(variants, calls(b.calls(q.n), func() error { return q.ask(s, sizes[i]) }))
		}
		got, err := byTurns(b.rounds, variants...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.name, err)
		}
		rows = append(rows, atMost("SERVING", fmt.Sprintf("%s, p50 of that with %d models", q.name, sizes[1]), ratio(got[0], got[1], p50Of), 1.5,
			fmt.Sprintf("%d records: %.3f ms against %.3f ms; CPU %.2f x", recordsEach*sizes[0], middle(got[0], p50Of), middle(got[1], p50Of), ratio(got[0], got[1], cpuOf))))
	}
	return rows, nil
}}

var servingBegan = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func servingSlug(i int) string { return fmt.Sprintf("served-%06d", i+1) }

// servingOnly is a database of models, versions and serving records and nothing else.
func (b *bench) servingOnly(ctx context.Context, models int) (*store.Store, error) {
	path := filepath.Join(b.data, fmt.Sprintf("serving-%d.db", models))
	url := "sqlite:" + path
	if _, err := os.Stat(path); err == nil {
		return store.Open(ctx, url)
	}
	if _, err := seedOf(ctx, url); err != nil { // migrates
		return nil, err
	}
	if err := seedServing(ctx, url, models); err != nil {
		_ = os.Remove(path)
		return nil, fmt.Errorf("seed what serves: %w", err)
	}
	return store.Open(ctx, url)
}

func seedServing(ctx context.Context, url string, models int) error {
	db, err := openToSeed(url)
	if err != nil {
		return err
	}
	defer db.Close()
	began := servingBegan.UnixMilli()
	const day = 24 * 60 * 60 * 1000
	for _, fill := range []struct {
		sql  string
		args []any
	}{
		{`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO models (id, slug, name, kind, stage, stage_rank, serving_version_id, created_at, updated_at)
			SELECT i, printf('served-%06d', i), printf('Served %06d', (i * 7919) % 1000000), 'trained', 'production', 4, i, ?, ? FROM n`, []any{models, began, began}},
		{`INSERT INTO versions (id, model_id, label, kind, stage, digest, stage_since, created_at, updated_at)
			SELECT id, id, 'v1', 'trained', 'production', printf('%064d', id), ?, ?, ? FROM models`, []any{began, began, began}},
		{`WITH RECURSIVE k(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM k WHERE j < ? - 1)
			INSERT INTO serving_records (model_id, version_id, since, until, how, approved_digest, approved_by)
			SELECT m.id, m.id, ? + j * 9 * ?, CASE WHEN j = ? - 1 THEN 0 ELSE ? + (j + 1) * 9 * ? END, 'promotion', '', '[]' FROM k CROSS JOIN models m`,
			[]any{recordsEach, began, day, recordsEach, began, day}},
		{"ANALYZE", nil},
	} {
		if _, err := db.ExecContext(ctx, fill.sql, fill.args...); err != nil {
			return err
		}
	}
	return nil
}
