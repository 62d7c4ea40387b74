package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/scorecard"
)

// Scope is what a rolled-up score is of.
type Scope string

// The scopes. The organisation's id is 0, and so is that of the team of models without one.
const (
	ScopeOrg        Scope = "org"
	ScopeDepartment Scope = "department"
	ScopeTeam       Scope = "team"
)

type groupRow struct {
	Scope    string `gorm:"primaryKey"`
	ScopeID  int64  `gorm:"primaryKey;autoIncrement:false"`
	Rules    string
	Score    *float64
	Tier     string
	Models   int64
	Rollup   string
	ScoredAt int64
}

func (groupRow) TableName() string { return "group_scores" }

type groupDayRow struct {
	Scope   string `gorm:"primaryKey"`
	ScopeID int64  `gorm:"primaryKey;autoIncrement:false"`
	OnDay   string `gorm:"primaryKey"`
	Rules   string
	Score   *float64
	Tier    string
	Models  int64
	Rollup  string
}

func (groupDayRow) TableName() string { return "group_score_days" }

// strayDays is how long a stamp that nobody knows counts as a model that is not registered.
const strayDays = 30

// rollUp computes the scores of teams, of the departments they belong to, and of the organisation.
func (tx *txn) rollUp(teams map[int64]bool, p lifecycle.Policy) error {
	if len(teams) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(teams))
	for id := range teams {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	rolled, err := rollUpTeams(tx.DB, ids, tx.s.Now())
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := tx.keepGroup(ScopeTeam, id, rolled[id], p); err != nil {
			return err
		}
	}
	return tx.rollUpAbove(ids, p)
}

// rollUpAbove computes the scores of the departments of teams, and of the organisation, from those of teams.
func (tx *txn) rollUpAbove(teams []int64, p lifecycle.Policy) error {
	var departments []int64
	if err := tx.Table("teams").Where("id IN ?", teams).Distinct().Order("department_id").Pluck("department_id", &departments).Error; err != nil {
		return fmt.Errorf("roll up: %w", err)
	}
	for _, id := range departments {
		parts, err := groupParts(tx.DB, "g.scope = 'team' AND g.scope_id IN (SELECT id FROM teams WHERE department_id = ?)", id)
		if err != nil {
			return err
		}
		if err := tx.keepGroup(ScopeDepartment, id, scorecard.Merge(parts), p); err != nil {
			return err
		}
	}
	parts, err := groupParts(tx.DB, "g.scope = 'department' OR g.scope = 'team' AND g.scope_id = 0")
	if err != nil {
		return err
	}
	return tx.keepGroup(ScopeOrg, 0, scorecard.Merge(parts), p)
}

// rollUpAll is rollUp over every team there is, also those whose models did not change: stamps of unknown
// models come and go, and teams change departments.
func (s *Store) rollUpAll(ctx context.Context, p lifecycle.Policy) error {
	var ids []int64
	if err := s.read.WithContext(ctx).Raw("SELECT id FROM teams UNION SELECT DISTINCT team_id FROM model_scores UNION SELECT 0 ORDER BY id").Scan(&ids).Error; err != nil {
		return fmt.Errorf("roll up: %w", err)
	}
	return s.rollUpTeamsLater(ctx, ids, p)
}

// rollUpLater is rollUp for many teams: their models are read and added up before the database is locked.
func (s *Store) rollUpLater(ctx context.Context, teams map[int64]bool, p lifecycle.Policy) error {
	return s.rollUpTeamsLater(ctx, slices.Sorted(maps.Keys(teams)), p)
}

func (s *Store) rollUpTeamsLater(ctx context.Context, ids []int64, p lifecycle.Policy) error {
	if len(ids) == 0 {
		return nil
	}
	for some := range slices.Chunk(ids, 50) {
		q := s.read.WithContext(ctx)
		seen, err := keptTeams(q, some)
		if err != nil {
			return err
		}
		rolled, err := rollUpTeams(q, some, s.Now())
		if err != nil {
			return err
		}
		err = s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			return (&txn{DB: db, s: s, ctx: ctx}).keepTeams(some, seen, rolled, p)
		})
		if err != nil {
			return err
		}
	}
	return s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		return (&txn{DB: db, s: s, ctx: ctx}).rollUpAbove(ids, p)
	})
}

// keepTeams keeps what was added up of teams. A team that somebody else added up meanwhile is added up anew:
// what they saw may be newer.
func (tx *txn) keepTeams(ids []int64, seen map[int64]string, rolled map[int64]scorecard.Rollup, p lifecycle.Policy) error {
	now, err := keptTeams(tx.DB, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		r := rolled[id]
		if now[id] != seen[id] {
			fresh, err := rollUpTeams(tx.DB, []int64{id}, tx.s.Now())
			if err != nil {
				return err
			}
			r = fresh[id]
		}
		if err := tx.keepGroup(ScopeTeam, id, r, p); err != nil {
			return err
		}
	}
	return nil
}

// keptTeams is what is kept of teams, as text to compare.
func keptTeams(q *gorm.DB, ids []int64) (map[int64]string, error) {
	var rows []groupRow
	if err := q.Select("scope_id, rollup").Where("scope = 'team' AND scope_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("roll up: %w", err)
	}
	out := make(map[int64]string, len(rows))
	for _, r := range rows {
		out[r.ScopeID] = r.Rollup
	}
	return out, nil
}

// groupParts are the rollups that make up a larger one.
func groupParts(q *gorm.DB, where string, args ...any) ([]scorecard.Rollup, error) {
	var rows []struct{ Rollup asJSON[scorecard.Rollup] }
	if err := q.Raw("SELECT g.rollup FROM group_scores g WHERE "+where+" ORDER BY g.scope_id", args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("roll up: %w", err)
	}
	out := make([]scorecard.Rollup, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.Rollup.V)
	}
	return out, nil
}

// rollUpTeams adds up the models of teams as they are scored now.
func rollUpTeams(q *gorm.DB, teams []int64, now time.Time) (map[int64]scorecard.Rollup, error) {
	rows, err := q.Raw(`SELECT s.team_id, s.risk_tier, m.slug, s.phase, s.score, s.raw, s.earned, s.attested, s.sections
		FROM model_scores s JOIN models m ON m.id = s.model_id WHERE s.team_id IN ? AND s.phase <> 'retired'`, teams).Rows()
	if err != nil {
		return nil, fmt.Errorf("roll up teams: %w", err)
	}
	defer rows.Close()
	members := make(map[int64][]scorecard.Member, len(teams))
	for rows.Next() {
		var team int64
		var m scorecard.Member
		var sections sectionSums
		if err := rows.Scan(&team, &m.Risk, &m.Slug, &m.Phase, &m.Score, &m.Raw, &m.Earned, &m.Attested, &sections); err != nil {
			return nil, fmt.Errorf("roll up teams: %w", err)
		}
		m.Sections = sections
		members[team] = append(members[team], m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("roll up teams: %w", err)
	}
	strays, err := straysOf(q, teams, now)
	if err != nil {
		return nil, err
	}
	out := map[int64]scorecard.Rollup{}
	for _, id := range teams {
		for _, name := range strays[id] {
			members[id] = append(members[id], scorecard.MemberOf(name, scorecard.Score(scorecard.AsUnregistered(), now)))
		}
		out[id] = scorecard.RollUp(members[id])
	}
	return out, nil
}

// straysOf are the models that stamps of a team's machines named and that nobody registered, each once.
func straysOf(q *gorm.DB, teams []int64, now time.Time) (map[int64][]string, error) {
	var rows []struct {
		TeamID int64
		Stamp  string
	}
	err := q.Raw("SELECT DISTINCT team_id, stamp FROM unknown_stamps WHERE model_id = 0 AND team_id IN ? AND last_at > ? ORDER BY team_id, stamp",
		teams, ms(now.AddDate(0, 0, -strayDays))).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("unknown stamps: %w", err)
	}
	out := map[int64][]string{}
	for _, r := range rows {
		name, _, _ := strings.Cut(r.Stamp, "@")
		if have := out[r.TeamID]; len(have) == 0 || have[len(have)-1] != name {
			out[r.TeamID] = append(have, name)
		}
	}
	return out, nil
}

// keepGroup keeps a rolled-up score and, where it is another, its day.
func (tx *txn) keepGroup(scope Scope, id int64, r scorecard.Rollup, p lifecycle.Policy) error {
	row := groupRow{Scope: string(scope), ScopeID: id, Rules: ScoringRules(p), Tier: string(r.Tier()), Models: int64(r.Models), Rollup: rollupJSON(r), ScoredAt: ms(tx.s.Now())}
	if score, known := r.Score(); known {
		row.Score = &score
	}
	var was groupRow
	if err := tx.Where("scope = ? AND scope_id = ?", row.Scope, id).Limit(1).Find(&was).Error; err != nil {
		return fmt.Errorf("keep %s score: %w", scope, err)
	}
	if was.Rollup == row.Rollup && was.Rules == row.Rules {
		return nil
	}
	if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("keep %s score: %w", scope, err)
	}
	kept := groupDayRow{Scope: row.Scope, ScopeID: id, OnDay: string(day.Of(tx.s.Now())), Rules: row.Rules, Score: row.Score, Tier: row.Tier, Models: row.Models, Rollup: row.Rollup}
	if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&kept).Error; err != nil {
		return fmt.Errorf("keep %s score by day: %w", scope, err)
	}
	return nil
}
