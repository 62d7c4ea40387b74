package store

import (
	"context"
	"fmt"

	"sundial/models/fault"
	"sundial/models/lifecycle"
)

// LapseSuperseded retires superseded versions whose rollback window is over, and says how many. A version
// with a superseding under way is left to that, which looks at stamps as well.
func (s *Store) LapseSuperseded(ctx context.Context) (int, error) {
	var ids []int64
	err := s.read.WithContext(ctx).Table("versions").
		Where("rollback_until > 0 AND rollback_until <= ? AND stage = 'staged' AND superseded_at > 0", ms(s.Now())).
		Where("NOT EXISTS (SELECT 1 FROM retirements r WHERE r.version_id = versions.id AND r.is_open AND r.kind = 'superseding')").Limit(500).Pluck("id", &ids).Error
	if err != nil {
		return 0, fmt.Errorf("lapsed versions: %w", err)
	}
	n := 0
	for _, id := range ids {
		done, err := s.lapse(ctx, id)
		if err != nil {
			return n, err
		}
		if done {
			n++
		}
	}
	return n, nil
}

func (s *Store) lapse(ctx context.Context, id int64) (done bool, err error) {
	err = s.change(ctx, func(tx *txn) error {
		if err := tx.lockModelOf("versions", id, "version"); err != nil {
			return err
		}
		var row versionRow
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return found(err, "version")
		}
		m, err := modelByID(tx.DB, row.ModelID)
		if err != nil {
			return err
		}
		v := row.version()
		if done = lifecycle.Lapse(&m, &v, s.Now()); !done {
			return fault.New(fault.Conflict, "Somebody else was faster.")
		}
		if err := tx.saveVersion(&v, nil); err != nil {
			return err
		}
		if err := tx.supersedeRequests(&m, &v); err != nil {
			return err
		}
		return tx.touchModel(m.ID)
	})
	if fault.Is(err, fault.Conflict) {
		return false, nil
	}
	return done, err
}
