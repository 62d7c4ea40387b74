package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"runtime"
	"strconv"
	"strings"
)

// database is a handle below the portal's own: database/sql with the same driver and PRAGMAs and
// nothing in between. It is what the floor stands on.
type database struct {
	*sql.DB
	postgres bool
}

func isPostgres(url string) bool { return strings.HasPrefix(url, "postgres") }

// openToRead is the floor's reading pool, of the portal's size.
func openToRead(url string) (*database, error) {
	if isPostgres(url) {
		return openPostgres(url)
	}
	return openSQLite(url, max(2, runtime.GOMAXPROCS(0)), "&_pragma=query_only(1)")
}

// openToWrite is the floor's one writer.
func openToWrite(url string) (*database, error) {
	if isPostgres(url) {
		return openPostgres(url)
	}
	return openSQLite(url, 1, "&_pragma=synchronous(FULL)&_txlock=immediate")
}

// openToSeed gives up safety for speed: what is lost by a crash is seeded again.
func openToSeed(url string) (*database, error) {
	if isPostgres(url) {
		return openPostgres(url)
	}
	path := strings.TrimPrefix(url, "sqlite:")
	return openFile(path, 1, "?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=foreign_keys(0)&_pragma=cache_size(-600000)")
}

func openSQLite(url string, size int, more string) (*database, error) {
	return openFile(strings.TrimPrefix(url, "sqlite:"), size,
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_time_format=sqlite"+more)
}

func openFile(path string, size int, pragmas string) (*database, error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+pragmas)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return &database{DB: db}, nil
}

func openPostgres(url string) (*database, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	db.SetMaxOpenConns(20)
	db.SetMaxIdleConns(20)
	return &database{DB: db, postgres: true}, nil
}

// dialect turns question marks into what the database understands. No query here has one in a text.
func (d *database) dialect(query string) string {
	if !d.postgres {
		return query
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(query, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}

func (d *database) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	s, err := d.PrepareContext(ctx, d.dialect(query))
	if err != nil {
		return nil, fmt.Errorf("prepare %.40q: %w", query, err)
	}
	return s, nil
}
