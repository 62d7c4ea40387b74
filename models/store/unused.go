package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/retirement"
)

type unnoticedRow struct {
	ID                      int64
	Slug, Name, Kind, Stage string
	Tier                    int64
	Team, TeamSlug, Owner   string
	FirstServed             int64
	LastStamp               string
	TeamReports             bool
	PlanState, Retiring     string
}

func (r unnoticedRow) unnoticed() retirement.Unnoticed {
	return retirement.Unnoticed{
		Model: registry.Row{ID: r.ID, Slug: r.Slug, Name: r.Name, Kind: registry.Kind(r.Kind), Stage: registry.Stage(r.Stage),
			Tier: registry.Tier(r.Tier), Team: r.Team, TeamSlug: r.TeamSlug, Owner: r.Owner},
		FirstServed: day.Of(at(r.FirstServed)), LastStamp: day.Day(r.LastStamp), TeamReports: r.TeamReports,
		Plan: r.PlanState, Retiring: retirement.Phase(r.Retiring)}
}

// unclaimed narrows models m to those in production that nobody is declared to use. It is the condition of
// an index, and few models meet it: a gate asks for consumers.
const unclaimed = "m.serving_version_id IS NOT NULL AND m.consumers IN ('[]', 'null')"

// Unnoticed is one page of the models that nobody would miss, by name.
func (s *Store) Unnoticed(ctx context.Context, f retirement.UnnoticedFilter, after string, limit int) (Page[retirement.Unnoticed], error) {
	q, back := s.narrowUnnoticed(s.read.WithContext(ctx), f), false
	cmp, dir := ">", " ASC"
	if after != "" {
		name, id, b, err := decodeCursor[string](after)
		if err != nil {
			return Page[retirement.Unnoticed]{}, err
		}
		if back = b; back {
			cmp, dir = "<", " DESC"
		}
		q = q.Where("(m.name, m.id) "+cmp+" (?, ?)", name, id)
	}
	var rows []unnoticedRow
	err := q.Select(`m.id, m.slug, m.name, m.kind, m.stage, m.tier, COALESCE(t.name, '') AS team, COALESCE(t.slug, '') AS team_slug, COALESCE(p.name, '') AS owner,
			(SELECT MIN(r.since) FROM serving_records r WHERE r.model_id = m.id) AS first_served,
			COALESCE((SELECT MAX(d.on_day) FROM stamp_days d WHERE d.model_id = m.id), '') AS last_stamp,
			`+teamReports+` AS team_reports, m.plan_state, m.retirement_phase AS retiring`, s.unnoticedSince()).
		Joins("LEFT JOIN teams t ON t.id = m.team_id").Joins("LEFT JOIN people p ON p.id = m.owner_id").
		Order("m.name" + dir + ", m.id" + dir).Limit(limit + 1).Scan(&rows).Error
	if err != nil {
		return Page[retirement.Unnoticed]{}, fmt.Errorf("unnoticed models: %w", err)
	}
	key := func(r unnoticedRow) (any, int64) { return r.Name, r.ID }
	return keysetPage(rows, limit, back, after != "", key, unnoticedRow.unnoticed), nil
}

// CountUnnoticed counts what Unnoticed lists, up to CountLimit.
func (s *Store) CountUnnoticed(ctx context.Context, f retirement.UnnoticedFilter) (Figure, error) {
	q := s.read.WithContext(ctx)
	var n int64
	if err := q.Table("(?) AS bounded", s.narrowUnnoticed(q, f).Select("m.id").Limit(CountLimit+1)).Count(&n).Error; err != nil {
		return Figure{}, fmt.Errorf("count unnoticed models: %w", err)
	}
	return Figure{N: int(min(n, CountLimit)), More: n > CountLimit}, nil
}

// EachUnnoticed calls fn for every row of the filtered list, in its order; for exports.
func (s *Store) EachUnnoticed(ctx context.Context, f retirement.UnnoticedFilter, fn func(retirement.Unnoticed) error) error {
	return eachPage(func(after string) (Page[retirement.Unnoticed], error) { return s.Unnoticed(ctx, f, after, 200) }, fn)
}

// teamReports asks whether the model's team reported predictions of any model since a day. It stops at the
// first that did.
const teamReports = `EXISTS (SELECT 1 FROM models x JOIN stamp_days d ON d.model_id = x.id AND d.on_day >= ? WHERE x.team_id = m.team_id)`

// unnoticedSince is the first of the days on which nothing may have been reported.
func (s *Store) unnoticedSince() string {
	return string(day.Of(s.Now()).Add(-retirement.UnnoticedDays))
}

func (s *Store) narrowUnnoticed(db *gorm.DB, f retirement.UnnoticedFilter) *gorm.DB {
	since := s.unnoticedSince()
	q := db.Table("models m").Where(unclaimed).
		Where("NOT EXISTS (SELECT 1 FROM stamp_days d WHERE d.model_id = m.id AND d.on_day >= ?)", since).
		Where("EXISTS (SELECT 1 FROM serving_records r WHERE r.model_id = m.id AND r.since < ?)", ms(day.Day(since).Add(1).Time()))
	if f.Team != "" {
		q = q.Where("m.team_id = (SELECT id FROM teams WHERE slug = ?)", f.Team)
	}
	if f.Person != 0 {
		q = q.Where("(m.owner_id = ? OR m.deputy_id = ?)", f.Person, f.Person)
	}
	switch f.Measured {
	case "yes":
		q = q.Where(teamReports, since)
	case "no":
		q = q.Where("NOT "+teamReports, since)
	}
	return q
}
