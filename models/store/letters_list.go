package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/notice"
)

// LetterFilter narrows the list of letters; the zero value is all of them.
type LetterFilter struct {
	State LetterState
	Kind  notice.LetterKind
}

type letterListRow struct {
	L               letterRow `gorm:"embedded;embeddedPrefix:l_"`
	Name, ModelSlug string
}

func (r letterListRow) letter() Letter {
	l := r.L.letter()
	l.Name, l.ModelSlug = r.Name, r.ModelSlug
	return l
}

func letterColumns() string {
	return columnsOf("l", letterRow{}) + ", COALESCE(p.name, '') AS name, COALESCE(m.slug, '') AS model_slug"
}

const letterJoins = " LEFT JOIN people p ON p.id = l.person_id LEFT JOIN models m ON m.id = l.model_id"

func narrowLetters(q *gorm.DB, f LetterFilter) *gorm.DB {
	if f.State != "" {
		q = q.Where("l.state = ?", string(f.State))
	}
	if f.Kind != "" {
		q = q.Where("l.kind = ?", string(f.Kind))
	}
	return q
}

// Letters is one page of the letters, the newest first.
func (s *Store) Letters(ctx context.Context, f LetterFilter, after string, limit int) (Page[Letter], error) {
	q, back, order := narrowLetters(s.read.WithContext(ctx).Table("letters l"), f), false, "l.id DESC"
	if after != "" {
		_, id, b, err := decodeCursor[int64](after)
		if err != nil {
			return Page[Letter]{}, err
		}
		if back = b; back {
			q, order = q.Where("l.id > ?", id), "l.id"
		} else {
			q = q.Where("l.id < ?", id)
		}
	}
	var rows []letterListRow
	if err := q.Select(letterColumns()).Joins(letterJoins).Order(order).Limit(limit + 1).Scan(&rows).Error; err != nil {
		return Page[Letter]{}, fmt.Errorf("letters: %w", err)
	}
	return keysetPage(rows, limit, back, after != "", func(r letterListRow) (any, int64) { return r.L.ID, r.L.ID }, letterListRow.letter), nil
}

// CountLetters counts what Letters lists, up to CountLimit.
func (s *Store) CountLetters(ctx context.Context, f LetterFilter) (Figure, error) {
	var n int64
	inner := narrowLetters(s.read.WithContext(ctx).Table("letters l"), f).Select("l.id").Limit(CountLimit + 1)
	if err := s.read.WithContext(ctx).Table("(?) AS bounded", inner).Count(&n).Error; err != nil {
		return Figure{}, fmt.Errorf("count letters: %w", err)
	}
	return Figure{N: int(min(n, CountLimit)), More: n > CountLimit}, nil
}

// EachLetter hands over every letter of the list, in pages.
func (s *Store) EachLetter(ctx context.Context, f LetterFilter, fn func(Letter) error) error {
	for after := ""; ; {
		p, err := s.Letters(ctx, f, after, 500)
		if err != nil {
			return err
		}
		for _, l := range p.Rows {
			if err := fn(l); err != nil {
				return err
			}
		}
		if after = p.Next; after == "" {
			return nil
		}
	}
}

// Letter finds one letter.
func (s *Store) Letter(ctx context.Context, id int64) (Letter, error) {
	var row letterListRow
	res := s.read.WithContext(ctx).Table("letters l").Select(letterColumns()).Joins(letterJoins).Where("l.id = ?", id).Limit(1).Scan(&row)
	if res.Error != nil {
		return Letter{}, fmt.Errorf("letter: %w", res.Error)
	}
	if row.L.ID == 0 {
		return Letter{}, fault.New(fault.NotFound, "There is no such letter.")
	}
	return row.letter(), nil
}

// MayResend says why a letter cannot be put back in the queue now, "" when it can.
func (l Letter) MayResend() string {
	switch {
	case l.State == LetterSkipped:
		return "There is no e-mail address to send it to."
	case l.State == LetterWaiting && l.Failures == 0:
		return "It is in the queue already."
	}
	return ""
}

// ResendLetter puts a letter back in the queue, and has the mail server asked at once. It keeps its key
// and so its Message-ID, by which mail programs know it again; one that was sent goes out once more,
// because somebody wants it to.
func (s *Store) ResendLetter(ctx context.Context, id int64) error {
	return s.change(ctx, func(tx *txn) error {
		var row letterRow
		if err := s.locked(tx.DB).Where("id = ?", id).Take(&row).Error; err != nil {
			return found(err, "letter")
		}
		l := row.letter()
		if why := l.MayResend(); why != "" {
			return fault.New(fault.Conflict, why)
		}
		err := tx.Table("letters").Where("id = ?", id).Updates(map[string]any{"state": string(LetterWaiting), "failures": 0, "next_at": ms(s.Now()), "sent_at": 0}).Error
		if err != nil {
			return fmt.Errorf("resend letter: %w", err)
		}
		if err := tx.Exec("UPDATE mail_server SET next_at = 0 WHERE id = 1").Error; err != nil {
			return fmt.Errorf("resend letter: %w", err)
		}
		tx.Note("letter.resent", audit.Subject{Kind: "letter", ID: id, Label: fmt.Sprintf("%s, number %d", l.Kind.Title(), id), Model: l.Model}, nil,
			map[string]any{"kind": l.Kind, "was": l.State, "person": l.Person})
		return nil
	})
}
