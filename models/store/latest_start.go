package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"sundial/models/lifecycle"
)

// CheckLatestStarts computes of every plan in force by when its retirement must begin, and keeps it where
// the timeline finds it in order. It returns how many moved. A plan's own change keeps it at once, and so
// does a vendor's date; what is left for the night is what moves by itself: a policy, a team's pace, another
// version in production. Pages about one plan never rely on it: they compute it anew.
func (s *Store) CheckLatestStarts(ctx context.Context, p lifecycle.Policy) (moved int, err error) {
	q := s.read.WithContext(ctx)
	for last := int64(0); ; {
		var ids []int64
		if err := q.Table("plans").Where("state = 'approved' AND model_id > ?", last).Order("model_id").Limit(200).Pluck("model_id", &ids).Error; err != nil {
			return moved, fmt.Errorf("latest starts: %w", err)
		}
		if len(ids) == 0 {
			return moved, nil
		}
		last = ids[len(ids)-1]
		changed, err := s.latestStarts(q, ids, p)
		if err != nil {
			return moved, err
		}
		if len(changed) == 0 {
			continue
		}
		if err := s.bookkeep(ctx, func(tx *txn) error { return tx.keepLatestStarts(changed) }); err != nil {
			return moved, err
		}
		moved += len(changed)
	}
}

// latestStarts are the plans in force of these models whose latest start is another than what is kept.
func (s *Store) latestStarts(q *gorm.DB, models []int64, p lifecycle.Policy) (map[int64]string, error) {
	var rows []struct {
		P           planListRow `gorm:"embedded"`
		LatestStart string
	}
	err := q.Table("models m").Select(planListColumns+", a.latest_start").
		Joins("JOIN plans a ON a.model_id = m.id AND a.state = 'approved'").Joins("JOIN plans n ON n.id = a.id").
		Joins("LEFT JOIN teams t ON t.id = m.team_id").Joins("LEFT JOIN people p ON p.id = m.owner_id").
		Where("m.id IN ?", models).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("latest starts: %w", err)
	}
	plans := make([]planned, 0, len(rows))
	for _, r := range rows {
		plans = append(plans, planned{r.P.model(), r.P.Body.V})
	}
	world, err := s.worldOf(q, plans, nil)
	if err != nil {
		return nil, err
	}
	out := map[int64]string{}
	for _, r := range rows {
		body := r.P.Body.V
		if now := string(body.Runway(world.context(r.P.model(), body, p)).LatestStart); now != r.LatestStart {
			out[r.P.PlanID] = now
		}
	}
	return out, nil
}

// keepLatestStarts is bookkeeping: the days follow from plans and facts whose own events tell of them.
func (tx *txn) keepLatestStarts(byPlan map[int64]string) error {
	for _, plan := range slices.Sorted(maps.Keys(byPlan)) { // replicas lock in one order
		if err := tx.Exec("UPDATE plans SET latest_start = ? WHERE id = ?", byPlan[plan], plan).Error; err != nil {
			return fmt.Errorf("latest start: %w", err)
		}
	}
	return nil
}

// moveLatestStarts keeps the latest starts of the plans of these models, after something they follow from
// changed in this transaction.
func (tx *txn) moveLatestStarts(p lifecycle.Policy, models ...int64) error {
	for len(models) > 0 {
		n := min(len(models), 200)
		changed, err := tx.s.latestStarts(tx.DB, models[:n], p)
		if err != nil {
			return err
		}
		if err := tx.keepLatestStarts(changed); err != nil {
			return err
		}
		models = models[n:]
	}
	return nil
}

// moveStartsOf is moveLatestStarts for the models that are built on these vendor models.
func (tx *txn) moveStartsOf(p lifecycle.Policy, keys []vendorKey) error {
	where, args := inKeys("u.catalogue_host, u.key", keys)
	var ids []int64
	err := tx.Raw(`SELECT DISTINCT v.model_id FROM vendor_uses u JOIN versions v ON v.vendor_host = u.host AND v.vendor_model = u.model_id
		JOIN plans p ON p.model_id = v.model_id AND p.state = 'approved' WHERE v.stage <> 'retired' AND `+where+" ORDER BY v.model_id", args...).Scan(&ids).Error
	if err != nil {
		return fmt.Errorf("latest starts: %w", err)
	}
	return tx.moveLatestStarts(p, ids...)
}
