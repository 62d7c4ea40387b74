package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sundial/models/store/migrate"
)

// Migrate brings the schema up to date. On SQLite it runs alone, keeps a copy of a database that
// already holds something, and checks the foreign keys afterwards.
func (s *Store) Migrate(ctx context.Context) (steps int, err error) {
	if s.dialect == postgresDialect {
		db, err := s.write.DB()
		if err != nil {
			return 0, err
		}
		return migrate.Up(ctx, db, "postgres")
	}
	release, err := lockFile(s.path+".migrate.lock", true)
	if err != nil {
		return 0, err
	}
	defer release()
	db, err := sql.Open("sqlite", "file:"+s.path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	pending, err := migrate.Pending(ctx, db, "sqlite")
	if err != nil || !pending {
		return 0, err
	}
	if err := backupBefore(ctx, db, s.path); err != nil {
		return 0, err
	}
	if steps, err = migrate.Up(ctx, db, "sqlite"); err != nil {
		return steps, err
	}
	return steps, foreignKeysHold(ctx, db)
}

// Migrations tells of every migration whether it was applied.
func (s *Store) Migrations(ctx context.Context) ([]migrate.Status, error) {
	db, err := s.write.DB()
	if err != nil {
		return nil, err
	}
	return migrate.List(ctx, db, string(s.dialect))
}

func backupBefore(ctx context.Context, db *sql.DB, path string) error {
	var tables int
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'models'").Scan(&tables); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if tables == 0 {
		return nil
	}
	copyPath := path + ".before-" + time.Now().UTC().Format("20060102T150405")
	if fileExists(copyPath) {
		return nil
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", copyPath); err != nil {
		return fmt.Errorf("copy the database before migrating: %w", err)
	}
	return nil
}

func foreignKeysHold(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return fmt.Errorf("foreign key check: %w", err)
	}
	defer rows.Close()
	if rows.Next() {
		return fmt.Errorf("after migrating, a record points to one that does not exist")
	}
	return rows.Err()
}
