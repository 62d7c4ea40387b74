package store

import (
	"context"
	"fmt"
	"time"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/org"
)

// Session is one browser somebody signed in with. Its token is known to that browser only; here is its hash.
type Session struct {
	ID, PersonID int64
	CreatedAt    time.Time
	LastSeenAt   time.Time
	IdleEnd      time.Time // moves ahead with use
	AbsoluteEnd  time.Time // does not
	CheckedAt    time.Time // when the identity provider was last asked about the person
	UserAgent    string
	Address      string
	Sealed       string // what to ask the provider again with, sealed by auth
}

type sessionRow struct {
	ID          int64
	TokenHash   string
	PersonID    int64
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
	LastSeenAt  int64
	IdleEnd     int64
	AbsoluteEnd int64
	CheckedAt   int64
	RevokedAt   int64
	UserAgent   string
	Address     string
	Sealed      string
}

func (sessionRow) TableName() string { return "sessions" }

func (r sessionRow) session() Session {
	return Session{ID: r.ID, PersonID: r.PersonID, CreatedAt: at(r.CreatedAt), LastSeenAt: at(r.LastSeenAt), IdleEnd: at(r.IdleEnd),
		AbsoluteEnd: at(r.AbsoluteEnd), CheckedAt: at(r.CheckedAt), UserAgent: r.UserAgent, Address: r.Address, Sealed: r.Sealed}
}

func sessionSubject(id int64) audit.Subject {
	return audit.Subject{Kind: "session", ID: id, Label: fmt.Sprintf("Session %d", id)}
}

// OpenSession keeps a new session under its token's hash.
func (s *Store) OpenSession(ctx context.Context, tokenHash string, x Session) (Session, error) {
	row := sessionRow{TokenHash: tokenHash, PersonID: x.PersonID, CreatedAt: ms(x.CreatedAt), LastSeenAt: ms(x.CreatedAt),
		IdleEnd: ms(x.IdleEnd), AbsoluteEnd: ms(x.AbsoluteEnd), CheckedAt: ms(x.CreatedAt),
		UserAgent: x.UserAgent, Address: x.Address, Sealed: x.Sealed}
	err := s.change(ctx, func(tx *txn) error {
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("open session: %w", err)
		}
		tx.Note("session.opened", sessionSubject(row.ID), nil, map[string]any{"person": x.PersonID})
		return nil
	})
	return row.session(), err
}

type liveRow struct {
	ID, PersonID                   int64
	CreatedAt, LastSeenAt, IdleEnd int64
	AbsoluteEnd, CheckedAt         int64
	UserAgent, Address, Sealed     string
	Issuer, Subject, Email, Name   string
	Roles                          asJSON[[]org.Role]
	TeamIDs                        asJSON[[]int64]
}

// LiveSession finds the session of a token and the person behind it, with the roles and teams they
// have at this moment, in one query. A session that ended in any way, and one of a disabled person,
// does not exist.
func (s *Store) LiveSession(ctx context.Context, tokenHash string, now time.Time) (Session, org.Person, error) {
	row, found, err := s.liveRow(ctx, tokenHash, ms(now))
	if err != nil {
		return Session{}, org.Person{}, fmt.Errorf("session: %w", err)
	}
	if !found {
		return Session{}, org.Person{}, fault.New(fault.NotFound, "There is no such session.")
	}
	p := org.Person{ID: row.PersonID, Issuer: row.Issuer, Subject: row.Subject, Email: row.Email, Name: row.Name,
		Roles: row.Roles.V, TeamIDs: row.TeamIDs.V, LastSeenAt: at(row.LastSeenAt)}
	x := Session{ID: row.ID, PersonID: row.PersonID, CreatedAt: at(row.CreatedAt), LastSeenAt: at(row.LastSeenAt), IdleEnd: at(row.IdleEnd),
		AbsoluteEnd: at(row.AbsoluteEnd), CheckedAt: at(row.CheckedAt), UserAgent: row.UserAgent, Address: row.Address, Sealed: row.Sealed}
	return x, p, nil
}

// liveRow scans by hand: every page begins with this, and finding the fields by name would double it.
func (s *Store) liveRow(ctx context.Context, tokenHash string, now int64) (r liveRow, found bool, err error) {
	rows, err := s.read.WithContext(ctx).Raw(`SELECT s.id, s.person_id, s.created_at, s.last_seen_at, s.idle_end, s.absolute_end,
			s.checked_at, s.user_agent, s.address, s.sealed, p.issuer, p.subject, p.email, p.name, p.roles, p.team_ids
		FROM sessions s JOIN people p ON p.id = s.person_id
		WHERE s.token_hash = ? AND s.revoked_at = 0 AND s.idle_end > ? AND s.absolute_end > ? AND NOT p.disabled`, tokenHash, now, now).Rows()
	if err != nil {
		return r, false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return r, false, rows.Err()
	}
	return r, true, rows.Scan(&r.ID, &r.PersonID, &r.CreatedAt, &r.LastSeenAt, &r.IdleEnd, &r.AbsoluteEnd, &r.CheckedAt, &r.UserAgent,
		&r.Address, &r.Sealed, &r.Issuer, &r.Subject, &r.Email, &r.Name, &r.Roles, &r.TeamIDs)
}

// TouchSession moves a session's idle end ahead. Being looked at changes nothing anybody decided, so
// it leaves no audit event.
func (s *Store) TouchSession(ctx context.Context, id int64, now, idleEnd time.Time) error {
	err := s.write.WithContext(ctx).Table("sessions").Where("id = ? AND revoked_at = 0", id).
		Updates(map[string]any{"last_seen_at": ms(now), "idle_end": ms(idleEnd)}).Error
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	return nil
}

// ClaimCheck lets exactly one request ask the identity provider about a session: a refresh token is
// often good for one use. seen is CheckedAt as that request read it.
func (s *Store) ClaimCheck(ctx context.Context, id int64, seen, now time.Time) (bool, error) {
	res := s.write.WithContext(ctx).Table("sessions").Where("id = ? AND checked_at = ? AND revoked_at = 0", id, ms(seen)).
		Update("checked_at", ms(now))
	if res.Error != nil {
		return false, fmt.Errorf("claim session check: %w", res.Error)
	}
	return res.RowsAffected == 1, nil
}

// KeepSealed replaces what to ask the provider with, and when it was last asked.
func (s *Store) KeepSealed(ctx context.Context, id int64, sealed string, checked time.Time) error {
	err := s.write.WithContext(ctx).Table("sessions").Where("id = ?", id).
		Updates(map[string]any{"sealed": sealed, "checked_at": ms(checked)}).Error
	if err != nil {
		return fmt.Errorf("keep session: %w", err)
	}
	return nil
}

// SessionsOf lists a person's live sessions, the latest first, without what is sealed.
func (s *Store) SessionsOf(ctx context.Context, person int64, now time.Time) ([]Session, error) {
	var rows []sessionRow
	err := s.read.WithContext(ctx).Omit("token_hash", "sealed").
		Where("person_id = ? AND revoked_at = 0 AND idle_end > ? AND absolute_end > ?", person, ms(now), ms(now)).
		Order("id DESC").Limit(200).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	out := make([]Session, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.session())
	}
	return out, nil
}

// EndSession ends one live session of this person; verb says how: "session.ended" by signing out,
// "session.revoked" from the list, "session.refused" when the provider no longer vouches. The session
// of somebody else does not exist.
func (s *Store) EndSession(ctx context.Context, person, id int64, verb string) error {
	return s.change(ctx, func(tx *txn) error {
		res := tx.Table("sessions").Where("id = ? AND person_id = ? AND revoked_at = 0", id, person).
			Updates(map[string]any{"revoked_at": ms(s.Now()), "sealed": ""})
		if res.Error != nil {
			return fmt.Errorf("end session: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.NotFound, "There is no such session.")
		}
		tx.Note(verb, sessionSubject(id), nil, nil)
		return nil
	})
}

// SweepSessions forgets sessions that ended before a moment, and returns how many.
func (s *Store) SweepSessions(ctx context.Context, before time.Time) (int64, error) {
	res := s.write.WithContext(ctx).Where("absolute_end < ?", ms(before)).Delete(&sessionRow{})
	if res.Error != nil {
		return 0, fmt.Errorf("sweep sessions: %w", res.Error)
	}
	return res.RowsAffected, nil
}
