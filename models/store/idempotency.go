package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"sundial/models/fault"
)

// Keyed is a request that its caller named with a key: sent twice, it has one effect.
//
// The key is reserved before anything else happens, and the transaction that makes the change marks it,
// so whatever the process was doing when it died, the same request later finds one of three things:
//
//   - reserved and not marked: nothing was changed. Once the lease is over, the request runs again.
//   - marked: the change was made and its answer was lost. The request is refused with a sentence that
//     says so; nothing is done twice.
//   - answered: the answer is given again.
type Keyed struct {
	Caller, Key string
	Hash        string // of the request: another one under the same key is a mistake
	epoch       int64  // when this attempt reserved the key; a later attempt has another
}

// Kept is how a keyed request was answered.
type Kept struct {
	Status int
	Header map[string][]string
	Body   string
}

// What keys are kept for, and how long an attempt that is not heard of keeps others out: longer than any
// request may take.
const (
	keyLife  = 24 * time.Hour
	keyLease = 5 * time.Minute
)

// The states of a key.
const (
	keyReserved = "reserved"
	keyChanged  = "changed"
	keyAnswered = "answered"
)

type keyRow struct {
	Caller      string `gorm:"primaryKey"`
	Key         string `gorm:"primaryKey"`
	RequestHash string
	State       string
	ReservedAt  int64
	LeaseUntil  int64
	Status      int64
	Header      asJSON[map[string][]string]
	Body        string
}

func (keyRow) TableName() string { return "idempotency_keys" }

// The refusals of keys. The first is the caller's mistake, the others pass or have to be looked into.
var (
	ErrKeyReused = errors.New("store: the key was used for another request")
	errKeyBusy   = fault.New(fault.Conflict, "A request with this Idempotency-Key is still running. Ask again in a moment.")
	errKeyLost   = fault.New(fault.Conflict, "The change under this Idempotency-Key was made, but its answer was lost. Read what it changed; it is not made again.")
)

// ReserveKey takes the key for one attempt, or gives the answer of an earlier one.
func (s *Store) ReserveKey(ctx context.Context, k *Keyed) (*Kept, error) {
	now := ms(s.Now())
	row := keyRow{Caller: k.Caller, Key: k.Key, RequestHash: k.Hash, State: keyReserved, ReservedAt: now, LeaseUntil: now + keyLease.Milliseconds(), Header: wrap(map[string][]string{})}
	k.epoch = now
	res := s.write.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if res.Error != nil {
		return nil, fmt.Errorf("reserve key: %w", res.Error)
	}
	if res.RowsAffected == 1 {
		return nil, nil
	}
	return s.earlier(ctx, k, now)
}

// earlier looks at the attempt that holds the key.
func (s *Store) earlier(ctx context.Context, k *Keyed, now int64) (*Kept, error) {
	var row keyRow
	if err := s.write.WithContext(ctx).Where("caller = ? AND key = ?", k.Caller, k.Key).Take(&row).Error; err != nil {
		return nil, found(err, "key") // it was swept just now: the caller tries again
	}
	old := row.ReservedAt < now-keyLife.Milliseconds()
	switch {
	case old, row.State == keyReserved && row.LeaseUntil <= now && row.RequestHash == k.Hash:
		return nil, s.takeOver(ctx, k, row, now)
	case row.RequestHash != k.Hash:
		return nil, ErrKeyReused
	case row.State == keyAnswered:
		return &Kept{Status: int(row.Status), Header: row.Header.V, Body: row.Body}, nil
	case row.State == keyChanged && row.LeaseUntil <= now:
		return nil, errKeyLost
	}
	return nil, errKeyBusy
}

// takeOver reserves the key of an attempt that died, or is forgotten by now. Of several who try, one does.
func (s *Store) takeOver(ctx context.Context, k *Keyed, was keyRow, now int64) error {
	k.epoch = max(now, was.ReservedAt+1)
	res := s.write.WithContext(ctx).Model(&keyRow{}).Where("caller = ? AND key = ? AND reserved_at = ? AND state = ?", k.Caller, k.Key, was.ReservedAt, was.State).
		Updates(map[string]any{"request_hash": k.Hash, "state": keyReserved, "reserved_at": k.epoch, "lease_until": now + keyLease.Milliseconds(), "status": 0, "body": "", "header": wrap(map[string][]string{})})
	if res.Error != nil {
		return fmt.Errorf("reserve key: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return errKeyBusy
	}
	return nil
}

// AnswerKey keeps the answer of the attempt that reserved the key.
func (s *Store) AnswerKey(ctx context.Context, k *Keyed, a Kept) error {
	err := s.write.WithContext(ctx).Model(&keyRow{}).Where("caller = ? AND key = ? AND reserved_at = ?", k.Caller, k.Key, k.epoch).
		Updates(map[string]any{"state": keyAnswered, "status": a.Status, "header": wrap(a.Header), "body": a.Body}).Error
	if err != nil {
		return fmt.Errorf("answer key: %w", err)
	}
	return nil
}

// ReleaseKey gives a key back whose request changed nothing, so that it can be sent again.
func (s *Store) ReleaseKey(ctx context.Context, k *Keyed) error {
	err := s.write.WithContext(ctx).Where("caller = ? AND key = ? AND reserved_at = ? AND state = ?", k.Caller, k.Key, k.epoch, keyReserved).Delete(&keyRow{}).Error
	if err != nil {
		return fmt.Errorf("release key: %w", err)
	}
	return nil
}

// SweepKeys forgets keys that nobody has to remember any more, and says how many.
func (s *Store) SweepKeys(ctx context.Context) (int64, error) {
	res := s.write.WithContext(ctx).Where("reserved_at < ?", ms(s.Now().Add(-keyLife))).Delete(&keyRow{})
	if res.Error != nil {
		return 0, fmt.Errorf("sweep keys: %w", res.Error)
	}
	return res.RowsAffected, nil
}

type keyedContext struct{}

// WithKey makes the changes under this context mark the key that their request reserved.
func WithKey(ctx context.Context, k *Keyed) context.Context {
	return context.WithValue(ctx, keyedContext{}, k)
}

// markKey says, in the transaction of a change, that the request under the key has had its effect. An
// attempt whose key was taken over in the meantime changes nothing any more.
func (tx *txn) markKey() error {
	k, keyed := tx.ctx.Value(keyedContext{}).(*Keyed)
	if !keyed {
		return nil
	}
	res := tx.Model(&keyRow{}).Where("caller = ? AND key = ? AND reserved_at = ?", k.Caller, k.Key, k.epoch).Update("state", keyChanged)
	if res.Error != nil {
		return fmt.Errorf("mark key: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return errKeyBusy
	}
	return nil
}
