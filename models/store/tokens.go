package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/org"
)

type tokenRow struct {
	ID           int64
	OwnerID      int64
	Name         string
	Scopes       asJSON[[]org.Scope]
	SecretHash   string
	Hint         string
	FormKey      string // of the form that made it, so that a form sent twice makes one
	CreatedAt    int64  `gorm:"autoCreateTime:false"`
	ExpiresAt    int64
	LastUsedAt   int64
	LastUsedFrom string
	RevokedAt    int64
}

func (tokenRow) TableName() string { return "tokens" }

func (r tokenRow) token() org.Token {
	return org.Token{ID: r.ID, OwnerID: r.OwnerID, Name: r.Name, Scopes: r.Scopes.V, Hint: r.Hint, CreatedAt: at(r.CreatedAt),
		ExpiresAt: at(r.ExpiresAt), LastUsedAt: at(r.LastUsedAt), LastUsedBy: r.LastUsedFrom, RevokedAt: at(r.RevokedAt)}
}

func tokenSubject(t org.Token) audit.Subject {
	return audit.Subject{Kind: "token", ID: t.ID, Label: t.Name}
}

func tokenFacts(t org.Token) map[string]any {
	return map[string]any{"owner": t.OwnerID, "scopes": t.Scopes, "hint": t.Hint, "expires": t.ExpiresAt.Format(time.RFC3339)}
}

// mostTokens is how many living tokens a person may have: more are a leak in some pipeline.
const mostTokens = 100

// MakeToken keeps a new token under the hash of its secret, which the caller made and alone knows.
// formKey names the form it was asked for with, "" for a command. The same form again makes nothing:
// it is a Conflict, and the token that comes with it is the one made before.
func (s *Store) MakeToken(ctx context.Context, t org.Token, secretHash, formKey string) (org.Token, error) {
	err := s.change(ctx, func(tx *txn) error {
		owner, err := tx.lockOwner(t.OwnerID)
		if err != nil {
			return err
		}
		if may := org.MayMakeToken(tx.src.Actor, owner.ID); !may.Allowed {
			return fault.New(fault.Forbidden, may.Reason)
		}
		if made, err := tokenOfForm(tx.DB, owner.ID, formKey); err != nil || made.ID != 0 {
			t = made
			return errors.Join(err, errTokenMade)
		}
		t.CreatedAt, t.Owner, t.OwnerEmail = s.Now(), owner.Name, owner.Email
		if err := t.Check(t.CreatedAt); err != nil {
			return err
		}
		if err := tx.roomForToken(t); err != nil {
			return err
		}
		row := tokenRow{OwnerID: t.OwnerID, Name: t.Name, Scopes: wrap(t.Scopes), SecretHash: secretHash, Hint: t.Hint, FormKey: formKey,
			CreatedAt: ms(t.CreatedAt), ExpiresAt: ms(t.ExpiresAt)}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("make token: %w", err)
		}
		t.ID = row.ID
		tx.Note("token.created", tokenSubject(t), nil, tokenFacts(t))
		return nil
	})
	if errors.Is(err, errTokenMade) {
		err = errTokenMade
	}
	return t, err
}

var errTokenMade = fault.New(fault.Conflict, "This form was sent before, and the token was made then.")

// lockOwner finds who a token is to stand for. Their row is the lock of their tokens.
func (tx *txn) lockOwner(id int64) (org.Person, error) {
	var row personRow
	if err := tx.s.locked(tx.DB).Where("id = ?", id).Take(&row).Error; err != nil {
		return org.Person{}, found(err, "person")
	}
	if row.Disabled {
		return org.Person{}, fault.Newf(fault.Conflict, "The account of %s is disabled, so no token can stand for them.", row.Name)
	}
	return row.person(), nil
}

func tokenOfForm(db *gorm.DB, owner int64, formKey string) (org.Token, error) {
	var row tokenRow
	if formKey == "" {
		return org.Token{}, nil
	}
	if err := db.Where("owner_id = ? AND form_key = ?", owner, formKey).Limit(1).Find(&row).Error; err != nil {
		return org.Token{}, fmt.Errorf("token of a form: %w", err)
	}
	return row.token(), nil
}

// roomForToken refuses a second living token of one name: the audit trail tells tokens by it.
func (tx *txn) roomForToken(t org.Token) error {
	var names []string
	err := tx.Table("tokens").Where("owner_id = ? AND revoked_at = 0 AND expires_at > ?", t.OwnerID, ms(t.CreatedAt)).
		Limit(mostTokens).Pluck("name", &names).Error
	if err != nil {
		return fmt.Errorf("tokens of a person: %w", err)
	}
	if len(names) >= mostTokens {
		return fault.Newf(fault.Conflict, "%s has %d tokens that live. Revoke those that nobody needs first.", t.Owner, mostTokens)
	}
	for _, name := range names {
		if name == t.Name {
			return fault.At("name", "There is a living token of this name already. Choose another name, or revoke that one first.")
		}
	}
	return nil
}

// RevokeToken ends a token for good; one that was revoked before stays as it is. Whoever may not revoke
// it hears that there is none.
func (s *Store) RevokeToken(ctx context.Context, id int64) (org.Token, error) {
	var t org.Token
	err := s.change(ctx, func(tx *txn) error {
		var row tokenRow
		if err := s.locked(tx.DB).Where("id = ?", id).Take(&row).Error; err != nil {
			return found(err, "token")
		}
		if t = row.token(); !org.MayRevokeToken(tx.src.Actor, t).Allowed {
			return found(gorm.ErrRecordNotFound, "token")
		}
		if row.RevokedAt != 0 {
			return errRevoked
		}
		t.RevokedAt = s.Now()
		if err := tx.Table("tokens").Where("id = ?", id).Update("revoked_at", ms(t.RevokedAt)).Error; err != nil {
			return fmt.Errorf("revoke token: %w", err)
		}
		tx.Note("token.revoked", tokenSubject(t), nil, map[string]any{"owner": t.OwnerID})
		return nil
	})
	if errors.Is(err, errRevoked) {
		err = nil
	}
	return t, err
}

var errRevoked = errors.New("store: the token is revoked already")
