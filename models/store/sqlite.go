package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/jackc/pgx/v5/pgconn"
	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"modernc.org/sqlite"
)

// oldestSQLite is the first version without the WAL corruption bug.
const oldestSQLite = "3.51.3"

// openSQLite opens two pools: one writer, whose transactions take the write lock at once (deferred
// locks end in busy errors), and readers that cannot write.
func (s *Store) openSQLite(ctx context.Context, path string) error {
	if path == "" {
		return errors.New("sqlite: needs a path, as in sqlite:/var/lib/sundial/sundial.db")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("sqlite path: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return fmt.Errorf("sqlite folder: %w", err)
	}
	s.dialect, s.path = sqliteDialect, abs
	if s.write, err = openPool(sql.OpenDB(preparing{sqliteDSN(abs, false)}), 1, false); err != nil {
		return err
	}
	if err := checkSQLite(ctx, s.write); err != nil {
		return err
	}
	readers, err := sql.Open("sqlite", sqliteDSN(abs, true))
	if err != nil {
		return fmt.Errorf("open sqlite: %w", err)
	}
	s.read, err = openPool(readers, max(2, runtime.GOMAXPROCS(0)), true)
	return err
}

func sqliteDSN(path string, readOnly bool) string {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_time_format=sqlite"
	if readOnly {
		return dsn + "&_pragma=query_only(1)"
	}
	return dsn + "&_pragma=synchronous(FULL)&_txlock=immediate"
}

func openPool(db *sql.DB, size int, prepare bool) (*gorm.DB, error) {
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	g, err := gorm.Open(gormsqlite.Dialector{DriverName: "sqlite", Conn: db}, gormConfig(prepare))
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	return g, countQueries(g)
}

func gormConfig(prepare bool) *gorm.Config {
	return &gorm.Config{SkipDefaultTransaction: true, PrepareStmt: prepare, Logger: logger.Discard}
}

func checkSQLite(ctx context.Context, g *gorm.DB) error {
	var version string
	if err := g.WithContext(ctx).Raw("SELECT sqlite_version()").Scan(&version).Error; err != nil {
		return fmt.Errorf("open sqlite: %w", err)
	}
	if !atLeast(version, oldestSQLite) {
		return fmt.Errorf("this binary holds SQLite %s; %s or newer is needed", version, oldestSQLite)
	}
	return nil
}

func atLeast(version, oldest string) bool {
	var a, b [3]int
	fmt.Sscanf(version, "%d.%d.%d", &a[0], &a[1], &a[2])
	fmt.Sscanf(oldest, "%d.%d.%d", &b[0], &b[1], &b[2])
	for i := range a {
		if a[i] != b[i] {
			return a[i] > b[i]
		}
	}
	return true
}

// duplicate reports whether an error says that a unique key is taken, on either database.
func duplicate(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == 1555 || lite.Code() == 2067
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}
