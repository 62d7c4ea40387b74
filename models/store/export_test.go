package store

import (
	"context"

	"gorm.io/gorm"

	"sundial/models/audit"
)

// DB is the writing handle, for tests that play somebody who goes around the store.
func (s *Store) DB() *gorm.DB { return s.write }

// Change makes a change that a test writes by hand.
func (s *Store) Change(ctx context.Context, fn func(db *gorm.DB, t *audit.Trail) error) error {
	return s.change(ctx, func(tx *txn) error { return fn(tx.DB, &tx.Trail) })
}
