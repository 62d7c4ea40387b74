package storetest

import (
	"database/sql"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the drivers of both databases
	_ "modernc.org/sqlite"

	"sundial/models/notice"
	"sundial/models/store"
)

var urls sync.Map // of a *store.Store, to where its database is

// around is a connection of its own to a store's database, for tests that play somebody who goes around
// the store.
func around(t testing.TB, s *store.Store) *sql.DB {
	t.Helper()
	kept, known := urls.Load(s)
	if !known {
		t.Fatal("storetest: not a store that was opened here")
	}
	driver, source := "pgx", kept.(string)
	if path, lite := strings.CutPrefix(source, "sqlite:"); lite {
		driver, source = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, source)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Post puts letters in the queue as a change of the store would. A letter without an address is none.
func Post(t testing.TB, s *store.Store, letters ...notice.Letter) {
	t.Helper()
	db := around(t, s)
	for _, l := range letters {
		payload, err := l.Encode()
		must(t, err)
		now := s.Now().UnixMilli()
		_, err = db.Exec(`INSERT INTO letters (key, kind, address, model_id, payload, state, next_at, created_at) VALUES ($1, $2, $3, NULLIF($4, 0), $5, 'pending', $6, $7)`,
			l.Key, string(l.Kind), l.To, l.Model, payload, now, now)
		must(t, err)
	}
}
