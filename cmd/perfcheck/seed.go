package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"
	"time"

	"sundial/models/store"
)

// seedVersion grows with every change of what is seeded, so that an older folder is not taken for a
// present one.
const seedVersion = 1

// seeded makes sure that a database holds the organisation of this size.
func (b *bench) seeded(ctx context.Context, url string, models int) error {
	want := fmt.Sprintf("%d models, %d teams, seed %d", models, b.teams(), seedVersion)
	have, err := seedOf(ctx, url)
	switch {
	case err != nil:
		return err
	case have == want:
		b.say("%s found", want)
		return nil
	case have != "":
		return fmt.Errorf("the database holds %s; this run needs %s: give it another", have, want)
	}
	b.say("seeding %d models", models)
	if err := seed(ctx, url, organisation{models: models, teams: b.teams(), now: time.Now().UTC().Truncate(time.Millisecond)}, want); err != nil {
		if !isPostgres(url) {
			_ = os.Remove(strings.TrimPrefix(url, "sqlite:"))
		}
		return fmt.Errorf("seed: %w", err)
	}
	b.say("seeded")
	return nil
}

// teams is how many there are whatever the number of models: a list offers them all to choose from.
func (b *bench) teams() int { return max(5, b.models/200) }

// seedOf migrates a database and says what was seeded into it, "" for nothing.
func seedOf(ctx context.Context, url string) (have string, err error) {
	s, err := store.Open(ctx, url)
	if err != nil {
		return "", err
	}
	defer s.Close()
	if _, err := s.Migrate(ctx); err != nil {
		return "", err
	}
	db, err := openToRead(url)
	if err != nil {
		return "", err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = 'perfcheck'").Scan(&have)
	if !errors.Is(err, sql.ErrNoRows) {
		return have, err
	}
	var models int
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM models").Scan(&models); err != nil || models == 0 {
		return "", err
	}
	return "somebody's models", nil
}

// seed writes every table in one transaction, by statements of many rows.
func seed(ctx context.Context, url string, o organisation, mark string) error {
	db, err := openToSeed(url)
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	s := &seeder{db: db, tx: tx}
	chain := &chain{}
	for _, t := range o.tables(chain) {
		if err := s.fill(ctx, t); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	if _, err := tx.ExecContext(ctx, db.dialect("UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1"), chain.seq, chain.hash); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, db.dialect("INSERT INTO settings (name, value) VALUES ('perfcheck', ?)"), mark); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if db.postgres { // what its autovacuum would do within a minute
		_, err = db.ExecContext(ctx, "VACUUM ANALYZE")
	}
	return err
}

// table is what is seeded into one table.
type table struct {
	name    string
	columns string
	rows    iter.Seq[[]any]
	serial  bool // has an id that PostgreSQL counts
}

type seeder struct {
	db *database
	tx *sql.Tx
}

const rowsAtOnce = 100

// fill makes rows on one core and writes them on another.
func (s *seeder) fill(ctx context.Context, t table) error {
	width := strings.Count(t.columns, ",") + 1
	batches := make(chan []any, 8)
	go func() {
		defer close(batches)
		batch := make([]any, 0, width*rowsAtOnce)
		for r := range t.rows {
			if batch = append(batch, r...); len(batch) == cap(batch) {
				batches <- batch
				batch = make([]any, 0, width*rowsAtOnce)
			}
		}
		if len(batch) > 0 {
			batches <- batch
		}
	}()
	err := s.write(ctx, t, width, batches)
	for range batches { // an error must not leave the maker waiting
	}
	if err == nil && t.serial && s.db.postgres {
		_, err = s.tx.ExecContext(ctx, fmt.Sprintf("SELECT setval(pg_get_serial_sequence('%s', 'id'), (SELECT MAX(id) FROM %s))", t.name, t.name))
	}
	return err
}

func (s *seeder) write(ctx context.Context, t table, width int, batches <-chan []any) error {
	full, err := s.tx.PrepareContext(ctx, s.insert(t, width, rowsAtOnce))
	if err != nil {
		return err
	}
	defer full.Close()
	for batch := range batches {
		if rows := len(batch) / width; rows == rowsAtOnce {
			_, err = full.ExecContext(ctx, batch...)
		} else {
			_, err = s.tx.ExecContext(ctx, s.insert(t, width, rows), batch...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) insert(t table, width, rows int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", width), ", ") + ")"
	return s.db.dialect("INSERT INTO " + t.name + " (" + t.columns + ") VALUES " + strings.TrimSuffix(strings.Repeat(one+", ", rows), ", "))
}
