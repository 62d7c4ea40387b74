package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/org"
)

type departmentRow struct {
	ID         int64
	Slug, Name string
}

func (departmentRow) TableName() string { return "departments" }

type teamRow struct {
	ID           int64
	DepartmentID int64
	Slug         string
	Name         string
	OIDCGroup    string `gorm:"column:oidc_group"`
}

func (teamRow) TableName() string { return "teams" }

// Teams lists every team with its department's name, by department and name. An organisation has
// hundreds of teams, not millions: selects need them all.
func (s *Store) Teams(ctx context.Context) ([]org.Team, error) {
	return teamsWhere(s.read.WithContext(ctx), "1 = 1")
}

// TeamBySlug finds one team.
func (s *Store) TeamBySlug(ctx context.Context, slug string) (org.Team, error) {
	teams, err := teamsWhere(s.read.WithContext(ctx), "t.slug = ?", slug)
	if err != nil {
		return org.Team{}, err
	}
	if len(teams) == 0 {
		return org.Team{}, fault.New(fault.NotFound, "There is no such team.")
	}
	return teams[0], nil
}

// teamIsThere refuses a team that somebody made up, or that is no more: who may register for every team can
// name any number.
func (tx *txn) teamIsThere(id int64) error {
	var n int64
	if err := tx.Table("teams").Where("id = ?", id).Count(&n).Error; err != nil {
		return fmt.Errorf("team: %w", err)
	}
	if n == 0 {
		return fault.At("team", "There is no such team. Choose one of the list.")
	}
	return nil
}

func teamByID(q *gorm.DB, id int64) (org.Team, error) {
	if id == 0 {
		return org.Team{}, nil
	}
	teams, err := teamsWhere(q, "t.id = ?", id)
	if err != nil || len(teams) == 0 {
		return org.Team{}, err
	}
	return teams[0], nil
}

// teamsWhere scans by hand: every list offers all teams to choose from, and with hundreds of them finding
// the fields by name was two fifths of the page.
func teamsWhere(q *gorm.DB, cond string, args ...any) ([]org.Team, error) {
	rows, err := q.Table("teams t").Joins("JOIN departments d ON d.id = t.department_id").
		Select("t.id, t.department_id, t.slug, t.name, d.name, t.oidc_group").Where(cond, args...).Order("d.name, t.name, t.id").Rows()
	if err != nil {
		return nil, fmt.Errorf("teams: %w", err)
	}
	defer rows.Close()
	var out []org.Team
	for rows.Next() {
		var t org.Team
		if err := rows.Scan(&t.ID, &t.DepartmentID, &t.Slug, &t.Name, &t.Department, &t.Group); err != nil {
			return nil, fmt.Errorf("teams: %w", err)
		}
		out = append(out, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("teams: %w", err)
	}
	return out, nil
}

// Departments lists the departments by name.
func (s *Store) Departments(ctx context.Context) ([]org.Department, error) {
	var out []org.Department
	if err := s.read.WithContext(ctx).Table("departments").Order("name, id").Scan(&out).Error; err != nil {
		return nil, fmt.Errorf("departments: %w", err)
	}
	return out, nil
}

// EnsureDepartment finds a department by slug or makes it.
func (s *Store) EnsureDepartment(ctx context.Context, slug, name string) (org.Department, error) {
	row := departmentRow{}
	if err := s.read.WithContext(ctx).Where("slug = ?", slug).Limit(1).Find(&row).Error; err != nil || row.ID != 0 {
		return org.Department(row), err
	}
	err := s.change(ctx, func(tx *txn) error {
		row = departmentRow{Slug: slug, Name: name}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("add department: %w", err)
		}
		tx.Note("department.added", audit.Subject{Kind: "department", ID: row.ID, Label: name}, nil, map[string]string{"slug": slug})
		return nil
	})
	return org.Department(row), err
}

// EnsureTeam finds a team by slug or makes it.
func (s *Store) EnsureTeam(ctx context.Context, t org.Team) (org.Team, error) {
	if have, err := s.TeamBySlug(ctx, t.Slug); !fault.Is(err, fault.NotFound) {
		return have, err
	}
	err := s.change(ctx, func(tx *txn) error {
		row := teamRow{DepartmentID: t.DepartmentID, Slug: t.Slug, Name: t.Name, OIDCGroup: t.Group}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("add team: %w", err)
		}
		t.ID = row.ID
		tx.Note("team.added", audit.Subject{Kind: "team", ID: t.ID, Label: t.Name}, nil, map[string]string{"slug": t.Slug, "group": t.Group})
		return nil
	})
	return t, err
}
