package store

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/intake"
)

// places finds the teams and people that names in a file stand for. A department and its team become
// ours by name, so that lists can be filtered by them; people are known by their e-mail address alone,
// for two may share a name.
type places struct {
	departments map[string]int64           // by name and by slug
	teams       map[int64]map[string]int64 // of a department, by name and by slug
	anywhere    map[string]map[int64]bool  // teams by name, whatever their department
	owners      map[string]int64           // by address
	names       map[int64]string           // of teams
	slugs       map[string]map[string]bool // taken, by table
}

// unassigned is the team of what a file gives to a department and no team of it.
const unassigned = "Unassigned"

// nowhere is the department of teams that a file names without one.
const nowhere = "No department stated"

func loadPlaces(q *gorm.DB, owners []string) (*places, error) {
	p := &places{departments: map[string]int64{}, teams: map[int64]map[string]int64{}, anywhere: map[string]map[int64]bool{},
		owners: map[string]int64{}, names: map[int64]string{}, slugs: map[string]map[string]bool{"departments": {}, "teams": {}}}
	var departments []departmentRow
	if err := q.Find(&departments).Error; err != nil {
		return nil, fmt.Errorf("departments: %w", err)
	}
	for _, d := range departments {
		p.addDepartment(d)
	}
	var teams []teamRow
	if err := q.Find(&teams).Error; err != nil {
		return nil, fmt.Errorf("teams: %w", err)
	}
	for _, t := range teams {
		p.addTeam(t)
	}
	return p, p.loadOwners(q, owners)
}

func (p *places) addDepartment(d departmentRow) {
	p.slugs["departments"][d.Slug] = true
	p.departments[d.Slug], p.departments[intake.NameKey(d.Name)] = d.ID, d.ID
}

func (p *places) addTeam(t teamRow) {
	p.slugs["teams"][t.Slug] = true
	p.names[t.ID] = t.Name
	if p.teams[t.DepartmentID] == nil {
		p.teams[t.DepartmentID] = map[string]int64{}
	}
	for _, key := range []string{t.Slug, intake.NameKey(t.Name)} {
		p.teams[t.DepartmentID][key] = t.ID
		if p.anywhere[key] == nil {
			p.anywhere[key] = map[int64]bool{}
		}
		p.anywhere[key][t.ID] = true
	}
}

func (p *places) loadOwners(q *gorm.DB, owners []string) error {
	var addresses []string
	for _, owner := range owners {
		if a := address(owner); a != "" {
			addresses = append(addresses, a)
		}
	}
	for len(addresses) > 0 {
		n := min(len(addresses), 500)
		var rows []personRow
		if err := q.Select("id, email").Where("LOWER(email) IN ? AND disabled = ?", addresses[:n], false).Find(&rows).Error; err != nil {
			return fmt.Errorf("owners: %w", err)
		}
		addresses = addresses[n:]
		for _, r := range rows {
			email := strings.ToLower(r.Email)
			if _, two := p.owners[email]; two {
				p.owners[email] = 0 // more than one: nobody in particular
				continue
			}
			p.owners[email] = r.ID
		}
	}
	return nil
}

// address is the e-mail address in a cell such as "Mira Meridian <ada@example.org>", "" without one.
func address(cell string) string {
	a, err := mail.ParseAddress(strings.TrimSpace(cell))
	if err != nil {
		return ""
	}
	return strings.ToLower(a.Address)
}

// of is what the names stand for, 0 for what is not known.
func (p *places) of(department, team, owner string) intake.Places {
	return intake.Places{TeamID: p.team(department, team), OwnerID: p.owners[address(owner)]}
}

func (p *places) ofRecord(r intake.Record) intake.Places { return p.of(r.Department, r.Team, r.Owner) }

func (p *places) ofKnown(k intake.Known) intake.Places {
	return p.of(k.Department(), k.Team(), k.Fields[string(intake.FieldOwner)])
}

func (p *places) team(department, team string) int64 {
	key := intake.NameKey(team)
	switch {
	case department == "" && team == "":
		return 0
	case department == "":
		for id := range p.anywhere[key] {
			if len(p.anywhere[key]) == 1 {
				return id
			}
		}
		department = nowhere
	case team == "":
		key = intake.NameKey(unassigned)
	}
	return p.teams[p.departments[intake.NameKey(department)]][key]
}

// newPlaces says what an import would make, without making it.
func (s *Store) newPlaces(ctx context.Context, names intake.Names) (intake.NewPlaces, error) {
	var out intake.NewPlaces
	p, err := loadPlaces(s.read.WithContext(ctx), names.Owners)
	if err != nil {
		return out, err
	}
	for _, d := range names.Departments {
		if p.departments[intake.NameKey(d)] == 0 {
			out.Departments = append(out.Departments, d)
		}
	}
	for _, t := range names.Teams {
		if p.team(t.Department, t.Team) != 0 {
			continue
		}
		out.TeamCount++
		if len(out.Teams) < 200 {
			out.Teams = append(out.Teams, teamTitle(t))
		}
	}
	for _, o := range names.Owners {
		if p.owners[address(o)] != 0 {
			out.OwnersKnown++
		} else {
			out.OwnersUnknown++
		}
	}
	return out, nil
}

func teamTitle(t intake.TeamName) string {
	switch {
	case t.Department == "":
		return t.Team
	case t.Team == "":
		return t.Department + ": " + unassigned
	}
	return t.Department + ": " + t.Team
}

// ensurePlaces makes the departments and teams that records name and Sundial does not have.
func (s *Store) ensurePlaces(ctx context.Context, names intake.Names) (*places, error) {
	var p *places
	err := s.bookkeep(ctx, func(tx *txn) error {
		var err error
		if p, err = loadPlaces(tx.DB, names.Owners); err != nil {
			return err
		}
		for _, t := range names.Teams {
			if err := tx.ensureTeam(p, t); err != nil {
				return err
			}
		}
		return nil
	})
	return p, err
}

func (tx *txn) ensureTeam(p *places, t intake.TeamName) error {
	if (t.Team == "" && t.Department == "") || p.team(t.Department, t.Team) != 0 {
		return nil
	}
	department, name := t.Department, t.Team
	if department == "" {
		department = nowhere
	}
	if name == "" {
		name = unassigned
	}
	if p.departments[intake.NameKey(department)] == 0 {
		row := departmentRow{Name: department, Slug: p.free("departments", intake.Slug(department))}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("add department: %w", err)
		}
		p.addDepartment(row)
		tx.Note("department.added", audit.Subject{Kind: "department", ID: row.ID, Label: row.Name}, nil, map[string]string{"slug": row.Slug, "by": "import"})
	}
	wish := intake.Slug(name)
	if p.slugs["teams"][wish] || name == unassigned {
		wish = intake.Slug(department + " " + name)
	}
	row := teamRow{DepartmentID: p.departments[intake.NameKey(department)], Name: name, Slug: p.free("teams", wish)}
	if row.DepartmentID == 0 {
		return errors.New("store: a department without an id")
	}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("add team: %w", err)
	}
	p.addTeam(row)
	tx.Note("team.added", audit.Subject{Kind: "team", ID: row.ID, Label: row.Name}, nil, map[string]string{"slug": row.Slug, "department": department, "by": "import"})
	return nil
}

func (p *places) free(table, wish string) string {
	return intake.UniqueSlug(wish, func(slug string) bool { return p.slugs[table][slug] })
}
