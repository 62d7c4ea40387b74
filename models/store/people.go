package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/org"
)

type personRow struct {
	ID         int64
	Issuer     string
	Subject    string
	Email      string
	Name       string
	Roles      asJSON[[]org.Role]
	TeamIDs    asJSON[[]int64]
	Disabled   bool
	LastSeenAt int64
	CreatedAt  int64
}

func (personRow) TableName() string { return "people" }

func (r personRow) person() org.Person {
	return org.Person{ID: r.ID, Issuer: r.Issuer, Subject: r.Subject, Email: r.Email, Name: r.Name,
		Roles: r.Roles.V, TeamIDs: r.TeamIDs.V, Disabled: r.Disabled, LastSeenAt: at(r.LastSeenAt)}
}

func personSubject(p org.Person) audit.Subject {
	return audit.Subject{Kind: "person", ID: p.ID, Label: p.Name}
}

// SignIn is a verified identity with what its groups grant.
type SignIn struct {
	Issuer, Subject string
	Email, Name     string
	Roles           []org.Role
	Groups          []string // matched with the teams' groups
}

// SignIn finds or makes the person behind a verified identity and replaces their roles and teams by
// what the provider says now. A disabled person stays disabled.
func (s *Store) SignIn(ctx context.Context, in SignIn) (org.Person, error) {
	p, err := s.signIn(ctx, in)
	if duplicate(err) { // their first time, in two browsers at once: by now they are known
		return s.signIn(ctx, in)
	}
	return p, err
}

func (s *Store) signIn(ctx context.Context, in SignIn) (org.Person, error) {
	var p org.Person
	err := s.change(ctx, func(tx *txn) error {
		teams, err := tx.teamsOfGroups(in.Groups)
		if err != nil {
			return err
		}
		var row personRow
		err = s.locked(tx.DB).Where("issuer = ? AND subject = ?", in.Issuer, in.Subject).Take(&row).Error
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return fmt.Errorf("sign in: %w", err)
		}
		before := row.person()
		fresh := row.ID == 0
		now := ms(s.Now())
		row.Issuer, row.Subject, row.Email, row.Name = in.Issuer, in.Subject, in.Email, in.Name
		row.Roles, row.TeamIDs, row.LastSeenAt = wrap(in.Roles), wrap(teams), now
		if fresh {
			row.CreatedAt = now
		}
		if err := tx.Save(&row).Error; err != nil {
			return fmt.Errorf("sign in: %w", err)
		}
		p = row.person()
		tx.src.Actor = org.Actor{Person: p, Via: "session"}
		verb := "person.signed_in"
		if p.Disabled {
			verb = "person.refused"
		}
		tx.Note(verb, personSubject(p), rights(before), rights(p))
		return nil
	})
	if err == nil && p.Disabled {
		return p, fault.New(fault.Forbidden, "Your account is disabled. An administrator can enable it again.")
	}
	return p, err
}

// Refresh replaces what a person's groups grant without signing them in, after the provider was asked again.
func (s *Store) Refresh(ctx context.Context, id int64, roles []org.Role, groups []string) (org.Person, error) {
	var p org.Person
	err := s.change(ctx, func(tx *txn) error {
		teams, err := tx.teamsOfGroups(groups)
		if err != nil {
			return err
		}
		var row personRow
		if err := s.locked(tx.DB).Where("id = ?", id).Take(&row).Error; err != nil {
			return found(err, "person")
		}
		before := row.person()
		row.Roles, row.TeamIDs = wrap(roles), wrap(teams)
		if err := tx.Save(&row).Error; err != nil {
			return fmt.Errorf("refresh person: %w", err)
		}
		p = row.person()
		tx.Note("person.refreshed", personSubject(p), rights(before), rights(p))
		return nil
	})
	return p, err
}

func rights(p org.Person) map[string]any {
	if p.ID == 0 {
		return nil
	}
	return map[string]any{"roles": p.Roles, "teams": p.TeamIDs}
}

func (tx *txn) teamsOfGroups(groups []string) ([]int64, error) {
	ids := []int64{}
	if len(groups) == 0 {
		return ids, nil
	}
	err := tx.Table("teams").Where("oidc_group IN ? AND oidc_group <> ''", groups).Order("id").Pluck("id", &ids).Error
	return ids, err
}

// SetDisabled takes away or gives back a person's access. Their sessions end with it.
func (s *Store) SetDisabled(ctx context.Context, id int64, disabled bool) error {
	return s.change(ctx, func(tx *txn) error {
		var row personRow
		if err := s.locked(tx.DB).Where("id = ?", id).Take(&row).Error; err != nil {
			return found(err, "person")
		}
		if may := org.MayDisable(tx.src.Actor, row.person()); disabled && !may.Allowed {
			return fault.New(fault.Forbidden, may.Reason)
		}
		if row.Disabled == disabled {
			return fault.New(fault.Conflict, "Nothing to change: the account is in that state already.")
		}
		if err := tx.Table("people").Where("id = ?", id).Update("disabled", disabled).Error; err != nil {
			return fmt.Errorf("disable person: %w", err)
		}
		if disabled {
			if err := tx.Table("sessions").Where("person_id = ? AND revoked_at = 0", id).Update("revoked_at", ms(s.Now())).Error; err != nil {
				return fmt.Errorf("end sessions: %w", err)
			}
		}
		verb := "person.enabled"
		if disabled {
			verb = "person.disabled"
		}
		tx.Note(verb, personSubject(row.person()), map[string]bool{"disabled": row.Disabled}, map[string]bool{"disabled": disabled})
		return nil
	})
}

// Person finds somebody by id; the zero Person and no error for id 0.
func (s *Store) Person(ctx context.Context, id int64) (org.Person, error) {
	return personByID(s.read.WithContext(ctx), id)
}

func personByID(q *gorm.DB, id int64) (org.Person, error) {
	if id == 0 {
		return org.Person{}, nil
	}
	var row personRow
	if err := q.Where("id = ?", id).Take(&row).Error; err != nil {
		return org.Person{}, found(err, "person")
	}
	return row.person(), nil
}

// PeopleByID finds several people at once, keyed by id; unknown ids are left out.
func (s *Store) PeopleByID(ctx context.Context, ids []int64) (map[int64]org.Person, error) {
	return peopleByID(s.read.WithContext(ctx), ids)
}

func peopleByID(q *gorm.DB, ids []int64) (map[int64]org.Person, error) {
	out := map[int64]org.Person{}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []personRow
	if err := q.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	for _, r := range rows {
		out[r.ID] = r.person()
	}
	return out, nil
}

// People lists people by name after the given one, at most limit of them; query is part of a name or e-mail.
func (s *Store) People(ctx context.Context, query, afterName string, afterID int64, limit int) ([]org.Person, error) {
	q := s.read.WithContext(ctx).Model(&personRow{}).Order("name, id").Limit(limit)
	if query != "" {
		like := "%" + escapeLike(strings.ToLower(query)) + "%"
		q = q.Where(`(LOWER(name) LIKE ? ESCAPE '\' OR LOWER(email) LIKE ? ESCAPE '\')`, like, like)
	}
	if afterID != 0 {
		q = q.Where("(name, id) > (?, ?)", afterName, afterID)
	}
	var rows []personRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	out := make([]org.Person, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.person())
	}
	return out, nil
}

// PersonByEmail finds the one active person with this address, for assigning an owner by address.
// It never serves to sign anybody in: identity is issuer and subject.
func (s *Store) PersonByEmail(ctx context.Context, email string) (org.Person, error) {
	var rows []personRow
	if err := s.read.WithContext(ctx).Where("email = ? AND disabled = ?", email, false).Limit(2).Find(&rows).Error; err != nil {
		return org.Person{}, fmt.Errorf("person by e-mail: %w", err)
	}
	if len(rows) != 1 {
		return org.Person{}, fault.New(fault.NotFound, "Nobody, or more than one, has this e-mail address.")
	}
	return rows[0].person(), nil
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// MoveIssuer gives everybody the identity provider's new address. Only the demo may do that, whose
// provider moves with its own port; elsewhere another issuer means other people.
func (s *Store) MoveIssuer(ctx context.Context, issuer string) error {
	var n int64
	if err := s.read.WithContext(ctx).Table("people").Where("issuer <> ?", issuer).Count(&n).Error; err != nil || n == 0 {
		return err
	}
	return s.change(ctx, func(tx *txn) error {
		if err := tx.Table("people").Where("issuer <> ?", issuer).Update("issuer", issuer).Error; err != nil {
			return fmt.Errorf("move issuer: %w", err)
		}
		tx.Note("people.moved", audit.Subject{Kind: "person", Label: "everybody"}, nil, map[string]any{"issuer": issuer, "people": n})
		return nil
	})
}
