package store

import (
	"context"
	"fmt"
	"time"

	"sundial/models/day"
)

// Alert is what machines reported of a model that its people should look at.
type Alert struct {
	ModelID  int64
	Breaches int // monitoring reports beyond their limit in the last seven days, counted to 100
	Zombies  int // retired versions that answered in the last seven days
	Met      string
	MetAt    time.Time // since when the replacement criterion Met holds, zero while it does not
}

// Alerts asks of models whether anything was reported that should be looked at; those without are left
// out.
func (s *Store) Alerts(ctx context.Context, models []int64) (map[int64]Alert, error) {
	out := map[int64]Alert{}
	week := s.Now().AddDate(0, 0, -7)
	err := inChunks(models, func(ids []int64) error {
		var rows []struct {
			ID, Breaches, Zombies, MetAt int64
			Met                          string
		}
		err := s.read.WithContext(ctx).Raw(`SELECT m.id,
			(SELECT COUNT(*) FROM (SELECT r.id FROM monitoring_reports r WHERE r.model_id = m.id AND r.window_end > ? AND r.breach LIMIT 100) AS b) AS breaches,
			(SELECT COUNT(DISTINCT z.version_id) FROM zombie_sightings z WHERE z.model_id = m.id AND z.on_day > ?) AS zombies,
			COALESCE(c.met_at, 0) AS met_at, COALESCE(c.criterion, '') AS met
			FROM models m LEFT JOIN criterion_states c ON c.model_id = m.id AND c.met_at > 0 WHERE m.id IN ?`, ms(week), string(day.Of(week)), ids).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("alerts: %w", err)
		}
		for _, r := range rows {
			if r.Breaches+r.Zombies+r.MetAt > 0 {
				out[r.ID] = Alert{ModelID: r.ID, Breaches: int(r.Breaches), Zombies: int(r.Zombies), Met: r.Met, MetAt: at(r.MetAt)}
			}
		}
		return nil
	})
	return out, err
}
