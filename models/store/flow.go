package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"sundial/models/day"
	"sundial/models/flow"
)

type flowRow struct {
	Scope     string `gorm:"primaryKey"`
	ScopeID   int64  `gorm:"primaryKey;autoIncrement:false"`
	Quarter   string `gorm:"primaryKey"`
	Figures   asJSON[flow.Figures]
	CountedAt int64
}

func (flowRow) TableName() string { return "flow_quarters" }

// FlowQuarters is how many quarters are shown, and counted when there is nothing yet.
const FlowQuarters = 8

// CountFlow counts the quarter that runs, and those before it that were not counted after their end. A
// quarter that was stays as it was counted then.
func (s *Store) CountFlow(ctx context.Context) error {
	now := s.Now()
	for q := day.QuarterOf(now).Add(1 - FlowQuarters); q <= day.QuarterOf(now); q = q.Add(1) {
		var over int64
		if err := s.read.WithContext(ctx).Table("flow_quarters").Where("quarter = ? AND counted_at >= ?", string(q), ms(q.End())).Limit(1).Count(&over).Error; err != nil {
			return fmt.Errorf("flow: %w", err)
		}
		if over > 0 {
			continue
		}
		if err := s.countQuarter(ctx, q); err != nil {
			return fmt.Errorf("flow of %s: %w", q, err)
		}
	}
	return nil
}

func (s *Store) countQuarter(ctx context.Context, q day.Quarter) error {
	g := gatheringFlow{s: s, q: s.read.WithContext(ctx), from: q.Start(), to: q.End(), now: s.Now(), teams: map[int64]*flow.Gathered{}}
	if err := g.all(); err != nil {
		return err
	}
	rows, err := g.rollUp(q)
	if err != nil {
		return err
	}
	return s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		// A team that is no more has no figures in a quarter that still runs.
		if err := db.Exec("DELETE FROM flow_quarters WHERE quarter = ?", string(q)).Error; err != nil {
			return err
		}
		return db.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(rows, 100).Error
	})
}

// rollUp makes the rows of teams, of their departments and of the organisation, from the records of each.
func (g *gatheringFlow) rollUp(q day.Quarter) ([]flowRow, error) {
	teams, err := teamsWhere(g.q, "1 = 1")
	if err != nil {
		return nil, err
	}
	departmentOf := map[int64]int64{}
	departments := map[int64]*flow.Gathered{}
	for _, t := range teams {
		departmentOf[t.ID] = t.DepartmentID
		g.team(t.ID)
		if departments[t.DepartmentID] == nil {
			departments[t.DepartmentID] = &flow.Gathered{}
		}
	}
	var org flow.Gathered
	var rows []flowRow
	row := func(scope Scope, id int64, of *flow.Gathered) {
		rows = append(rows, flowRow{Scope: string(scope), ScopeID: id, Quarter: string(q), Figures: wrap(of.Figures()), CountedAt: ms(g.now)})
	}
	for id, of := range g.teams {
		row(ScopeTeam, id, of)
		org.Add(of)
		if d := departments[departmentOf[id]]; d != nil {
			d.Add(of)
		}
	}
	for id, of := range departments {
		row(ScopeDepartment, id, of)
	}
	row(ScopeOrg, 0, &org)
	return rows, nil
}

// GroupFlow is the figures of a group in a quarter.
type GroupFlow struct {
	Scope                  Scope
	ID                     int64
	Slug, Name, Department string
	Quarter                day.Quarter
	Figures                flow.Figures
	CountedAt              time.Time
}

// FlowIn is every group's figures in a quarter: the organisation, then departments and teams by name. What
// has no team is a team without a name.
func (s *Store) FlowIn(ctx context.Context, q day.Quarter) ([]GroupFlow, error) {
	return s.flowWhere(ctx, "f.quarter = ? ORDER BY CASE f.scope WHEN 'org' THEN 0 WHEN 'department' THEN 1 ELSE 2 END, CASE WHEN f.scope_id = 0 THEN 1 ELSE 0 END, department, name, f.scope_id", string(q))
}

// FlowOf is a group's figures by quarter, the newest first.
func (s *Store) FlowOf(ctx context.Context, scope Scope, id int64, most int) ([]GroupFlow, error) {
	return s.flowWhere(ctx, "f.scope = ? AND f.scope_id = ? ORDER BY f.quarter DESC LIMIT ?", string(scope), id, most)
}

func (s *Store) flowWhere(ctx context.Context, where string, args ...any) ([]GroupFlow, error) {
	var rows []struct {
		Scope                     string
		ScopeID, CountedAt        int64
		Slug, Name, Department, Q string
		Figures                   asJSON[flow.Figures]
	}
	err := s.read.WithContext(ctx).Raw(`SELECT f.scope, f.scope_id, f.quarter AS q, COALESCE(t.slug, d.slug, '') AS slug, COALESCE(t.name, d.name, '') AS name,
			COALESCE(td.name, '') AS department, f.figures, f.counted_at
		FROM flow_quarters f LEFT JOIN teams t ON f.scope = 'team' AND t.id = f.scope_id LEFT JOIN departments td ON td.id = t.department_id
			LEFT JOIN departments d ON f.scope = 'department' AND d.id = f.scope_id
		WHERE `+where, args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	out := make([]GroupFlow, 0, len(rows))
	for _, r := range rows {
		out = append(out, GroupFlow{Scope: Scope(r.Scope), ID: r.ScopeID, Slug: r.Slug, Name: r.Name, Department: r.Department, Quarter: day.Quarter(r.Q),
			Figures: r.Figures.V, CountedAt: at(r.CountedAt)})
	}
	return out, nil
}
