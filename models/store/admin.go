package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/org"
)

// PeopleFilter narrows the list of people. Zero fields do not narrow.
type PeopleFilter struct {
	Query    string // part of a name or e-mail
	Role     org.Role
	Team     int64
	NoRole   bool // they can only read
	Disabled bool
}

// PeoplePage is one page of people by name. after is the cursor of another page.
func (s *Store) PeoplePage(ctx context.Context, f PeopleFilter, after string, limit int) (Page[org.Person], error) {
	q, back := s.narrowPeople(s.read.WithContext(ctx), f), false
	cmp, dir := ">", "ASC"
	if after != "" {
		name, id, b, err := decodeCursor[string](after)
		if err != nil {
			return Page[org.Person]{}, err
		}
		if back = b; back {
			cmp, dir = "<", "DESC"
		}
		q = q.Where("(p.name, p.id) "+cmp+" (?, ?)", name, id)
	}
	var rows []personRow
	if err := q.Select("p.*").Order("p.name " + dir + ", p.id " + dir).Limit(limit + 1).Scan(&rows).Error; err != nil {
		return Page[org.Person]{}, fmt.Errorf("list people: %w", err)
	}
	return keysetPage(rows, limit, back, after != "", func(r personRow) (any, int64) { return r.Name, r.ID }, personRow.person), nil
}

// CountPeople counts what PeoplePage lists, up to CountLimit.
func (s *Store) CountPeople(ctx context.Context, f PeopleFilter) (Figure, error) {
	var n int64
	inner := s.narrowPeople(s.read.WithContext(ctx), f).Select("p.id").Limit(CountLimit + 1)
	if err := s.read.WithContext(ctx).Table("(?) AS bounded", inner).Count(&n).Error; err != nil {
		return Figure{}, fmt.Errorf("count people: %w", err)
	}
	return Figure{N: int(min(n, CountLimit)), More: n > CountLimit}, nil
}

func (s *Store) narrowPeople(db *gorm.DB, f PeopleFilter) *gorm.DB {
	q := db.Table("people p")
	if f.Query != "" {
		like := "%" + escapeLike(strings.ToLower(f.Query)) + "%"
		q = q.Where(`(LOWER(p.name) LIKE ? ESCAPE '\' OR LOWER(p.email) LIKE ? ESCAPE '\')`, like, like)
	}
	if f.Role != "" {
		q = q.Where("p.roles LIKE ?", `%"`+string(f.Role)+`"%`)
	}
	if f.Team != 0 {
		q = q.Where("NOT ("+notIn("p.team_ids")+")", member(f.Team))
	}
	if f.NoRole {
		q = q.Where(noRole)
	}
	if f.Disabled {
		q = q.Where("p.disabled = TRUE")
	}
	return q
}

// Administrators are the people who can help: active and with the admin role, by name.
func (s *Store) Administrators(ctx context.Context, limit int) ([]org.Person, error) {
	page, err := s.PeoplePage(ctx, PeopleFilter{Role: org.Admin}, "", limit)
	var out []org.Person
	for _, p := range page.Rows {
		if p.Active() {
			out = append(out, p)
		}
	}
	return out, err
}

// EndSessionsOf ends every live session of somebody and says how many there were.
func (s *Store) EndSessionsOf(ctx context.Context, person int64) (int64, error) {
	var n int64
	err := s.change(ctx, func(tx *txn) error {
		p, err := personByID(tx.DB, person)
		if err != nil {
			return err
		}
		now := ms(s.Now())
		res := tx.Table("sessions").Where("person_id = ? AND revoked_at = 0 AND idle_end > ? AND absolute_end > ?", person, now, now).
			Updates(map[string]any{"revoked_at": now, "sealed": ""})
		if res.Error != nil {
			return fmt.Errorf("end sessions: %w", res.Error)
		}
		if n = res.RowsAffected; n == 0 {
			return fault.Newf(fault.Conflict, "%s is not signed in anywhere.", p.Name)
		}
		tx.Note("person.sessions_ended", personSubject(p), nil, map[string]any{"sessions": n})
		return nil
	})
	return n, err
}

// AddDepartment adds a department.
func (s *Store) AddDepartment(ctx context.Context, d org.Department) (org.Department, error) {
	err := s.change(ctx, func(tx *txn) error {
		row := departmentRow{Slug: d.Slug, Name: d.Name}
		if err := tx.Create(&row).Error; err != nil {
			return taken(err, "department")
		}
		d.ID = row.ID
		tx.Note("department.added", departmentSubject(d), nil, map[string]string{"slug": d.Slug, "name": d.Name})
		return nil
	})
	return d, err
}

// RenameDepartment gives a department another name; was is the one the form showed.
func (s *Store) RenameDepartment(ctx context.Context, slug, was, name string) error {
	return s.change(ctx, func(tx *txn) error {
		var row departmentRow
		if err := s.locked(tx.DB).Where("slug = ?", slug).Take(&row).Error; err != nil {
			return found(err, "department")
		}
		if row.Name != was {
			return stale()
		}
		if row.Name == name {
			return fault.New(fault.Conflict, "Nothing to change: the department has this name already.")
		}
		if err := tx.Table("departments").Where("id = ?", row.ID).Update("name", name).Error; err != nil {
			return fmt.Errorf("rename department: %w", err)
		}
		tx.Note("department.renamed", departmentSubject(org.Department(row)), map[string]string{"name": row.Name}, map[string]string{"name": name})
		return nil
	})
}

func departmentSubject(d org.Department) audit.Subject {
	return audit.Subject{Kind: "department", ID: d.ID, Label: d.Name}
}

// DepartmentBySlug finds one department.
func (s *Store) DepartmentBySlug(ctx context.Context, slug string) (org.Department, error) {
	var row departmentRow
	if err := s.read.WithContext(ctx).Where("slug = ?", slug).Take(&row).Error; err != nil {
		return org.Department{}, found(err, "department")
	}
	return org.Department(row), nil
}

// AddTeam adds a team to a department.
func (s *Store) AddTeam(ctx context.Context, t org.Team) (org.Team, error) {
	err := s.change(ctx, func(tx *txn) error {
		if err := tx.fits(t); err != nil {
			return err
		}
		row := teamRow{DepartmentID: t.DepartmentID, Slug: t.Slug, Name: t.Name, OIDCGroup: t.Group}
		if err := tx.Create(&row).Error; err != nil {
			return taken(err, "team")
		}
		t.ID = row.ID
		tx.Note("team.added", teamSubject(t), nil, teamFacts(t))
		return nil
	})
	return t, err
}

// ChangeTeam changes a team's name, department or group; was is the Stamp of the form. The short name
// stays: links carry it.
func (s *Store) ChangeTeam(ctx context.Context, slug, was string, to org.Team) error {
	return s.change(ctx, func(tx *txn) error {
		var row teamRow
		if err := s.locked(tx.DB).Where("slug = ?", slug).Take(&row).Error; err != nil {
			return found(err, "team")
		}
		now := org.Team{ID: row.ID, DepartmentID: row.DepartmentID, Slug: row.Slug, Name: row.Name, Group: row.OIDCGroup}
		to.ID, to.Slug = now.ID, now.Slug
		switch {
		case now.Stamp() != was:
			return stale()
		case now.Stamp() == to.Stamp():
			return fault.New(fault.Conflict, "Nothing was changed.")
		}
		if err := tx.fits(to); err != nil {
			return err
		}
		err := tx.Table("teams").Where("id = ?", row.ID).Updates(map[string]any{"name": to.Name, "department_id": to.DepartmentID, "oidc_group": to.Group}).Error
		if err != nil {
			return taken(err, "team")
		}
		tx.Note("team.edited", teamSubject(to), teamFacts(now), teamFacts(to))
		return nil
	})
}

// fits refuses a department that is not there, and a group that gives membership of another team
// already: whoever joins it would join both.
func (tx *txn) fits(t org.Team) error {
	var department int64
	if err := tx.Table("departments").Select("id").Where("id = ?", t.DepartmentID).Scan(&department).Error; err != nil {
		return fmt.Errorf("department of a team: %w", err)
	}
	if department == 0 {
		return fault.At("department", "There is no such department.")
	}
	if t.Group == "" {
		return nil
	}
	var name string
	err := tx.Table("teams").Select("name").Where("oidc_group = ? AND id <> ?", t.Group, t.ID).Limit(1).Scan(&name).Error
	if err != nil {
		return fmt.Errorf("group of a team: %w", err)
	}
	if name != "" {
		return fault.At("group", "This group makes people members of "+name+" already.")
	}
	return nil
}

func teamSubject(t org.Team) audit.Subject {
	return audit.Subject{Kind: "team", ID: t.ID, Label: t.Name}
}

func teamFacts(t org.Team) map[string]any {
	return map[string]any{"slug": t.Slug, "name": t.Name, "group": t.Group, "department": t.DepartmentID}
}

// taken tells whose short name it is.
func taken(err error, what string) error {
	if duplicate(err) {
		return fault.At("slug", "Another "+what+" has this short name already.")
	}
	return fmt.Errorf("save %s: %w", what, err)
}
