// Package storetest makes stores to test with: fresh, migrated databases on SQLite and PostgreSQL, and
// a small world of people and models in them. It holds no tests and no mocks.
package storetest

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"sundial/models/store"
	"sundial/models/store/pgtest"
)

// New is a fresh, migrated SQLite store that is closed when the test ends.
func New(t testing.TB) *store.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sundial.db")
	if err := copyTemplate(path); err != nil {
		t.Fatalf("a fresh SQLite database: %v", err)
	}
	return Open(t, "sqlite:"+path)
}

// NewPostgres is a fresh, migrated PostgreSQL store that is closed when the test ends.
func NewPostgres(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, pgtest.Fresh(t, func(url string) error { return migrated(url) }))
}

// Each runs a test on both databases, side by side.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, New(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, NewPostgres(t)) })
}

// Open opens a migrated database and closes it when the test ends.
func Open(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), url)
	if err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
	s.SetSealKey([]byte("the key of a test"))
	urls.Store(s, url)
	t.Cleanup(func() { urls.Delete(s); _ = s.Close() })
	return s
}

func migrated(url string) error {
	s, err := store.Open(context.Background(), url)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Migrate(context.Background())
	return err
}

// template is one migrated SQLite file per test process; copying it is ten times as fast as migrating.
var template struct {
	once sync.Once
	path string
	err  error
}

func copyTemplate(to string) error {
	template.once.Do(func() {
		dir, err := os.MkdirTemp("", "sundial-template-")
		if err != nil {
			template.err = err
			return
		}
		template.path = filepath.Join(dir, "template.db")
		template.err = migrated("sqlite:" + template.path)
	})
	if template.err != nil {
		return template.err
	}
	from, err := os.Open(template.path)
	if err != nil {
		return err
	}
	defer from.Close()
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, from); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
