package store

import (
	"context"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/notice"
	"sundial/models/telemetry"
)

// DB is the writing handle, for tests that play somebody who goes around the store.
func (s *Store) DB() *gorm.DB { return s.write }

// Change makes a change that a test writes by hand.
func (s *Store) Change(ctx context.Context, fn func(db *gorm.DB, t *audit.Trail) error) error {
	return s.change(ctx, func(tx *txn) error { return fn(tx.DB, &tx.Trail) })
}

// TakePart writes one part of a call, as a process does that dies before the others.
func (s *Store) TakePart(ctx context.Context, call StampCall, nth int) error {
	rows, err := s.resolveStamps(ctx, telemetry.Aggregate(call.Lines))
	if err != nil {
		return err
	}
	src, _ := SourceOf(ctx)
	_, err = s.writeStamps(ctx, partsOf(src, call, rows)[nth:nth+1])
	return err
}

// PendStamps pretends that so many more keys wait to be written.
func (s *Store) PendStamps(keys int64) { s.stamps.pending.Add(keys) }

// PostLetters makes a change that posts letters.
func (s *Store) PostLetters(ctx context.Context, noted string, letters ...notice.Letter) error {
	return s.change(ctx, func(tx *txn) error {
		for _, l := range letters {
			if err := tx.postLetter(l); err != nil {
				return err
			}
		}
		if noted != "" {
			tx.Note(noted, audit.Subject{Kind: "retirement", ID: 1, Label: "a test"}, nil, nil)
		}
		return nil
	})
}

// PayloadsTo are the payloads of the letters to an address, oldest first.
func (s *Store) PayloadsTo(address string) (out []string, err error) {
	err = s.read.Table("letters").Where("address = ?", address).Order("id").Pluck("payload", &out).Error
	return out, err
}

// KeptScore1 is the number that is kept of a model.
func (s *Store) KeptScore1(slug string) (score float64, err error) {
	err = s.read.Raw("SELECT s.score FROM model_scores s JOIN models m ON m.id = s.model_id WHERE m.slug = ?", slug).Scan(&score).Error
	return score, err
}
