package store

import (
	"context"
	"sync/atomic"

	"gorm.io/gorm"
)

type counterKey struct{}

// CountQueries returns a context under which every statement is counted, for tests that hold pages to
// a number of queries that does not grow with the rows.
func CountQueries(ctx context.Context) (context.Context, *atomic.Int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, counterKey{}, n), n
}

// Statements is how many statements were sent since the process began, by all its stores together.
func Statements() int64 { return statements.Load() }

var statements atomic.Int64

func countQueries(g *gorm.DB) error {
	count := func(tx *gorm.DB) {
		if tx.DryRun { // a subquery is built this way, and sent with the query around it
			return
		}
		statements.Add(1)
		if n, ok := tx.Statement.Context.Value(counterKey{}).(*atomic.Int64); ok {
			n.Add(1)
		}
	}
	cb := g.Callback()
	for _, err := range []error{
		cb.Query().After("gorm:query").Register("sundial:count", count),
		cb.Row().After("gorm:row").Register("sundial:count", count),
		cb.Raw().After("gorm:raw").Register("sundial:count", count),
		cb.Create().After("gorm:create").Register("sundial:count", count),
		cb.Update().After("gorm:update").Register("sundial:count", count),
		cb.Delete().After("gorm:delete").Register("sundial:count", count),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}
