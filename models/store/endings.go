package store

import (
	"context"
	"fmt"

	"sundial/models/day"
)

// Endings are the days on which what a model serves stops: from when on nobody should rely on it, and
// when it is gone by the plan in force. Both are unknown while nothing serves.
type Endings struct{ Deprecation, Gone day.Day }

// Endings reads them in one look-up, because every answer about a model in production tells them.
func (s *Store) Endings(ctx context.Context, slug string) (Endings, error) {
	var row struct{ DeprecationOn, EndsOn string }
	err := s.read.WithContext(ctx).Raw(`SELECT m.deprecation_on, COALESCE(p.ends_on, '') AS ends_on FROM models m
		LEFT JOIN plans p ON p.model_id = m.id AND p.state = 'approved'
		WHERE m.slug = ? AND m.serving_version_id IS NOT NULL`, slug).Scan(&row).Error
	if err != nil {
		return Endings{}, fmt.Errorf("endings: %w", err)
	}
	return Endings{Deprecation: day.Day(row.DeprecationOn), Gone: day.Day(row.EndsOn)}, nil
}
