package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sundial/models/fault"
	"sundial/models/org"
)

// LiveToken finds the token with this hash of its secret and the person it stands for, with the roles
// and teams they have at this moment, in one query. A token that opens nothing is not found; whoever
// knows its secret may know why.
func (s *Store) LiveToken(ctx context.Context, secretHash string, now time.Time) (org.Token, org.Person, error) {
	t, p, known, err := s.tokenByHash(ctx, secretHash)
	if err != nil {
		return org.Token{}, org.Person{}, fmt.Errorf("token: %w", err)
	}
	if !known {
		return org.Token{}, org.Person{}, fault.New(fault.NotFound, "There is no such token.")
	}
	switch t.State(now) {
	case org.TokenRevoked:
		err = fault.Newf(fault.NotFound, "This token was revoked on %s. Make a new one.", t.RevokedAt.Format(time.DateOnly))
	case org.TokenExpired:
		err = fault.Newf(fault.NotFound, "This token ended on %s. Make a new one.", t.ExpiresAt.Format(time.DateOnly))
	case org.TokenOwnerOut:
		err = fault.New(fault.NotFound, "The account that this token stands for is disabled.")
	}
	if err != nil {
		return org.Token{}, org.Person{}, err
	}
	return t, p, nil
}

// tokenByHash scans by hand, as liveRow does: every call of a machine begins with this.
func (s *Store) tokenByHash(ctx context.Context, hash string) (t org.Token, p org.Person, known bool, err error) {
	rows, err := s.read.WithContext(ctx).Raw(`SELECT t.id, t.name, t.scopes, t.hint, t.created_at, t.expires_at, t.last_used_at, t.last_used_from, t.revoked_at,
			p.id, p.issuer, p.subject, p.email, p.name, p.roles, p.team_ids, p.disabled, p.last_seen_at
		FROM tokens t JOIN people p ON p.id = t.owner_id WHERE t.secret_hash = ?`, hash).Rows()
	if err != nil {
		return t, p, false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return t, p, false, rows.Err()
	}
	var r tokenRow
	var o personRow
	err = rows.Scan(&r.ID, &r.Name, &r.Scopes, &r.Hint, &r.CreatedAt, &r.ExpiresAt, &r.LastUsedAt, &r.LastUsedFrom, &r.RevokedAt,
		&o.ID, &o.Issuer, &o.Subject, &o.Email, &o.Name, &o.Roles, &o.TeamIDs, &o.Disabled, &o.LastSeenAt)
	t, p = r.token(), o.person()
	t.OwnerID, t.Owner, t.OwnerEmail, t.OwnerDisabled = p.ID, p.Name, p.Email, p.Disabled
	return t, p, true, err
}

// TouchToken keeps when and from where a token was used last, at most once a minute. Like looking at a
// page it decides nothing, so it leaves no audit event; NoteTokenUse does.
func (s *Store) TouchToken(ctx context.Context, id int64, from string, now time.Time) error {
	err := s.write.WithContext(ctx).Table("tokens").Where("id = ? AND last_used_at <= ?", id, ms(now.Add(-time.Minute))).
		Updates(map[string]any{"last_used_at": ms(now), "last_used_from": from}).Error
	if err != nil {
		return fmt.Errorf("touch token: %w", err)
	}
	return nil
}

// mostUses is how many addresses of a day the trail tells of one token. Build machines come from many;
// whoever comes from more is told of by their changes alone.
const mostUses = 100

var errUseNoted = errors.New("store: the use is noted already")

// NoteTokenUse writes into the audit trail that a token was used from an address, the first time on a
// day (UTC). The trail shows every use that way without a write for every call.
func (s *Store) NoteTokenUse(ctx context.Context, t org.Token, from string, now time.Time) error {
	day := now.UTC().Format(time.DateOnly)
	if noted, err := s.useNoted(ctx, t.ID, from, day); err != nil || noted {
		return err
	}
	err := s.change(ctx, func(tx *txn) error {
		var uses []string
		if err := tx.Table("token_uses").Where("day = ? AND token_id = ?", day, t.ID).Limit(mostUses).Pluck("address", &uses).Error; err != nil {
			return fmt.Errorf("uses of a token: %w", err)
		}
		if len(uses) >= mostUses {
			return errUseNoted
		}
		res := tx.Exec("INSERT INTO token_uses (day, token_id, address) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", day, t.ID, from)
		if res.Error != nil {
			return fmt.Errorf("note a token's use: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return errUseNoted
		}
		facts := map[string]any{"day": day, "scopes": t.Scopes}
		if len(uses) == mostUses-1 {
			facts["more"] = "Further addresses of this day are not noted."
		}
		tx.Note("token.used", tokenSubject(t), nil, facts)
		return nil
	})
	if errors.Is(err, errUseNoted) {
		return nil
	}
	return err
}

func (s *Store) useNoted(ctx context.Context, token int64, from, day string) (bool, error) {
	var n int64
	err := s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM token_uses WHERE day = ? AND token_id = ? AND address = ?", day, token, from).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("use of a token: %w", err)
	}
	return n > 0, nil
}

// SweepTokenUses forgets which addresses were noted on days that are over. The trail keeps them.
func (s *Store) SweepTokenUses(ctx context.Context, before time.Time) error {
	err := s.write.WithContext(ctx).Exec("DELETE FROM token_uses WHERE day < ?", before.UTC().Format(time.DateOnly)).Error
	if err != nil {
		return fmt.Errorf("sweep token uses: %w", err)
	}
	return nil
}
