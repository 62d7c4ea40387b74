package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver behind database/sql
	gormpostgres "gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// openPostgres opens one pool for both: PostgreSQL has many writers. pgx caches statements itself;
// gorm's cache on top only costs.
func (s *Store) openPostgres(ctx context.Context, url string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return fmt.Errorf("open postgres: %w", err)
	}
	db.SetMaxOpenConns(20)
	db.SetMaxIdleConns(20)
	db.SetConnMaxIdleTime(5 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return fmt.Errorf("open postgres: %w", err)
	}
	g, err := gorm.Open(gormpostgres.New(gormpostgres.Config{Conn: db}), gormConfig(false))
	if err != nil {
		return fmt.Errorf("open postgres: %w", err)
	}
	s.dialect, s.write, s.read = postgresDialect, g, g
	return countQueries(g)
}

// locked reads rows for change: PostgreSQL locks them until the transaction ends; on SQLite the one
// writer holds the lock on everything already.
func (s *Store) locked(tx *gorm.DB) *gorm.DB {
	if s.dialect == postgresDialect {
		return tx.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	return tx
}
