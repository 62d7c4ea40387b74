package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/org"
)

// Source is who asks for a change, under which request id, from which address. It travels in the
// context and ends in the audit trail.
type Source struct {
	Actor     org.Actor
	RequestID string
	From      string
}

type sourceKey struct{}

// WithSource says on whose behalf the changes under this context are made.
func WithSource(ctx context.Context, src Source) context.Context {
	return context.WithValue(ctx, sourceKey{}, src)
}

// SourceOf is who WithSource named.
func SourceOf(ctx context.Context) (Source, bool) {
	src, ok := ctx.Value(sourceKey{}).(Source)
	return src, ok
}

// txn is one transaction with the trail of what it changes.
type txn struct {
	*gorm.DB
	s   *Store
	ctx context.Context
	src Source
	audit.Trail
}

var errNoTrail = errors.New("store: a change without an audit event")

// change runs fn in a transaction and writes the events it noted before the commit: either both
// happen or neither.
func (s *Store) change(ctx context.Context, fn func(*txn) error) error {
	src, ok := SourceOf(ctx)
	if !ok {
		return errors.New("store: a change without a source")
	}
	return s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		tx := &txn{DB: db, s: s, ctx: ctx, src: src}
		if err := fn(tx); err != nil {
			return err
		}
		if len(tx.Notes()) == 0 {
			return errNoTrail
		}
		if err := tx.markKey(); err != nil {
			return err
		}
		if err := tx.markChanged(); err != nil {
			return err
		}
		return s.appendEvents(tx)
	})
}

// actorStands refuses a decision by somebody whose account was disabled, or who lost a role or a team,
// after the request began: a body may take its time to arrive. Those who gained one are let through.
func (tx *txn) actorStands() error {
	a := tx.src.Actor
	if a.ID == 0 {
		return nil
	}
	now, err := personByID(tx.DB, a.ID)
	if err != nil {
		return err
	}
	return stands(a, now)
}

func stands(a org.Actor, now org.Person) error {
	if a.ID == 0 {
		return nil
	}
	if now.Disabled {
		return fault.New(fault.Forbidden, "Your account is disabled. Nothing was saved.")
	}
	for _, r := range a.Roles {
		if !slices.Contains(now.Roles, r) {
			return fault.New(fault.Forbidden, "Your rights have changed since you sent this. Nothing was saved; reload the page.")
		}
	}
	for _, team := range a.TeamIDs {
		if !slices.Contains(now.TeamIDs, team) {
			return fault.New(fault.Forbidden, "Your teams have changed since you sent this. Nothing was saved; reload the page.")
		}
	}
	return nil
}

// take moves a record's notes into the transaction's trail.
func (tx *txn) take(t *audit.Trail) {
	for _, n := range t.Notes() {
		tx.Note(n.Verb, n.Subject, n.Before, n.After)
	}
	*t = audit.Trail{}
}

// swap updates one row if its revision is still the one that was read, and counts it up.
func (tx *txn) swap(table string, id, revision int64, values map[string]any) error {
	values["revision"] = revision + 1
	res := tx.Table(table).Where("id = ? AND revision = ?", id, revision).Updates(values)
	if res.Error != nil {
		return fmt.Errorf("save %s: %w", table, res.Error)
	}
	if res.RowsAffected == 0 {
		return stale()
	}
	return nil
}

// lockModelOf locks the model that a record belongs to. The model is the lock of everything about it:
// evidence, plan, versions and requests of one model change one after the other, so a decision never
// rests on facts that change beside it. SQLite's one writer does the same for all.
func (tx *txn) lockModelOf(table string, id int64, what string) error {
	if tx.s.dialect == sqliteDialect {
		return nil
	}
	res := tx.Exec("SELECT 1 FROM models WHERE id = (SELECT model_id FROM "+table+" WHERE id = ?) FOR UPDATE", id)
	if res.Error != nil {
		return fmt.Errorf("lock %s: %w", what, res.Error)
	}
	if res.RowsAffected == 0 {
		return fault.Newf(fault.NotFound, "There is no such %s.", what)
	}
	return nil
}

func stale() error {
	return fault.New(fault.Stale, "Somebody else has changed this since you opened it. Nothing was saved.")
}
