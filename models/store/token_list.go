package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sundial/models/org"
)

// TokenFilter narrows the list of tokens. Zero fields do not narrow.
type TokenFilter struct {
	Owner int64
	Live  bool // neither expired nor revoked, and the owner's account is enabled
	Ended bool // the others
}

type tokenListRow struct {
	Row               tokenRow `gorm:"embedded"`
	Owner, OwnerEmail string
	OwnerDisabled     bool
}

func (r tokenListRow) token() org.Token {
	t := r.Row.token()
	t.Owner, t.OwnerEmail, t.OwnerDisabled = r.Owner, r.OwnerEmail, r.OwnerDisabled
	return t
}

const tokenListColumns = `t.id, t.owner_id, t.name, t.scopes, t.hint, t.created_at, t.expires_at, t.last_used_at, t.last_used_from, t.revoked_at,
	p.name AS owner, p.email AS owner_email, p.disabled AS owner_disabled`

// Tokens is one page of the tokens, the newest first. after is the cursor of another page.
func (s *Store) Tokens(ctx context.Context, f TokenFilter, now time.Time, after string, limit int) (Page[org.Token], error) {
	q, back := narrowTokens(s.read.WithContext(ctx), f, now), false
	cmp, dir := "<", "DESC"
	if after != "" {
		_, id, b, err := decodeCursor[int64](after)
		if err != nil {
			return Page[org.Token]{}, err
		}
		if back = b; back {
			cmp, dir = ">", "ASC"
		}
		q = q.Where("t.id "+cmp+" ?", id)
	}
	var rows []tokenListRow
	if err := q.Select(tokenListColumns).Order("t.id " + dir).Limit(limit + 1).Scan(&rows).Error; err != nil {
		return Page[org.Token]{}, fmt.Errorf("list tokens: %w", err)
	}
	return keysetPage(rows, limit, back, after != "", func(r tokenListRow) (any, int64) { return r.Row.ID, r.Row.ID }, tokenListRow.token), nil
}

// CountTokens counts what Tokens lists, up to CountLimit.
func (s *Store) CountTokens(ctx context.Context, f TokenFilter, now time.Time) (Figure, error) {
	var n int64
	inner := narrowTokens(s.read.WithContext(ctx), f, now).Select("t.id").Limit(CountLimit + 1)
	if err := s.read.WithContext(ctx).Table("(?) AS bounded", inner).Count(&n).Error; err != nil {
		return Figure{}, fmt.Errorf("count tokens: %w", err)
	}
	return Figure{N: int(min(n, CountLimit)), More: n > CountLimit}, nil
}

func narrowTokens(db *gorm.DB, f TokenFilter, now time.Time) *gorm.DB {
	q := db.Table("tokens t").Joins("JOIN people p ON p.id = t.owner_id")
	if f.Owner != 0 {
		q = q.Where("t.owner_id = ?", f.Owner)
	}
	if f.Live {
		q = q.Where("t.revoked_at = 0 AND t.expires_at > ? AND NOT p.disabled", ms(now))
	}
	if f.Ended {
		q = q.Where("(t.revoked_at <> 0 OR t.expires_at <= ? OR p.disabled)", ms(now))
	}
	return q
}

// Token finds one token.
func (s *Store) Token(ctx context.Context, id int64) (org.Token, error) {
	var row tokenListRow
	err := narrowTokens(s.read.WithContext(ctx), TokenFilter{}, time.Time{}).Select(tokenListColumns).Where("t.id = ?", id).Take(&row).Error
	if err != nil {
		return org.Token{}, found(err, "token")
	}
	return row.token(), nil
}
