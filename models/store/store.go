package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"gorm.io/gorm"

	"sundial/models/fault"
)

// Store is a handle on the database, safe for concurrent use.
type Store struct {
	write, read *gorm.DB
	dialect     dialect
	path        string // of the SQLite file
	release     func() // gives up the serving lock
	clock       func() time.Time
	sealKey     []byte

	medians medians
	rollups readRollups
	names   stampNames  // what stamps name
	stamps  stampWriter // writes counts
}

type dialect string

const (
	sqliteDialect   dialect = "sqlite"
	postgresDialect dialect = "postgres"
)

// Open connects to a database: "sqlite:PATH" or "postgres://...". It changes nothing there; Migrate does.
func Open(ctx context.Context, url string) (*Store, error) {
	s := &Store{clock: time.Now, release: func() {}}
	var err error
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		err = s.openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"))
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		err = s.openPostgres(ctx, url)
	default:
		return nil, errors.New("the database URL is neither sqlite:PATH nor postgres://USER@HOST/NAME")
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// SetClock replaces the clock that stamps records, for tests and demonstrations; nil is the real one.
func (s *Store) SetClock(clock func() time.Time) {
	if clock == nil {
		clock = time.Now
	}
	s.clock = clock
}

// SetSealKey gives the key that seals the head of the audit chain.
func (s *Store) SetSealKey(key []byte) { s.sealKey = key }

// Now is the store's clock.
func (s *Store) Now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// Close lets go of the database.
func (s *Store) Close() error {
	s.stopStamps()
	s.release()
	var errs []error
	for _, g := range []*gorm.DB{s.read, s.write} {
		if g == nil {
			continue
		}
		if db, err := g.DB(); err == nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.read.WithContext(ctx).Raw("SELECT 1").Scan(&one).Error; err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return nil
}

// Engine names the database, for the start-up line and the page footer.
func (s *Store) Engine() string { return string(s.dialect) }

// Hold takes the lock of the one process that serves a SQLite file. PostgreSQL serves several.
func (s *Store) Hold() error {
	if s.dialect != sqliteDialect {
		return nil
	}
	release, err := lockFile(s.path+".lock", false)
	if err != nil {
		return fmt.Errorf("another Sundial already serves %s: %w", s.path, err)
	}
	s.release = release
	return nil
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// found turns "no row" into the fault that says so, in the same words whether the record does not
// exist or may not be seen.
func found(err error, what string) error {
	if errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows) {
		return fault.Newf(fault.NotFound, "There is no such %s.", what)
	}
	return err
}

// ms is a moment as it is kept; the zero time is 0.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// at is a kept moment as a time.
func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// ref is an optional foreign key: 0 is kept as NULL.
func ref(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

func deref(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}
