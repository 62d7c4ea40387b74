package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"sundial/models/fault"
	"sundial/models/notice"
)

type choiceRow struct {
	PersonID  int64  `gorm:"primaryKey;autoIncrement:false"`
	Topic     string `gorm:"primaryKey"`
	Choice    string
	ChangedAt int64
}

func (choiceRow) TableName() string { return "notice_choices" }

// choicesOf adds what these people chose.
func choicesOf(q *gorm.DB, people []int64, to map[int64]notice.Choices) error {
	var rows []choiceRow
	if err := q.Where("person_id IN ?", people).Find(&rows).Error; err != nil {
		return fmt.Errorf("choices: %w", err)
	}
	for _, r := range rows {
		if to[r.PersonID] == nil {
			to[r.PersonID] = notice.Choices{}
		}
		to[r.PersonID][r.Topic] = notice.Choice(r.Choice)
	}
	return nil
}

// Choices is what a person chose to hear of by mail.
func (s *Store) Choices(ctx context.Context, person int64) (notice.Choices, error) {
	all := map[int64]notice.Choices{}
	err := choicesOf(s.read.WithContext(ctx), []int64{person}, all)
	return all[person], err
}

// Choose keeps what a person wants to hear of. Matters that are not named keep what was chosen.
func (s *Store) Choose(ctx context.Context, person int64, c notice.Choices) error {
	return s.change(ctx, func(tx *txn) error {
		if err := tx.actorStands(); err != nil {
			return err
		}
		p, err := personByID(tx.DB, person)
		if err != nil {
			return err
		}
		was := map[int64]notice.Choices{}
		if err := choicesOf(tx.DB, []int64{person}, was); err != nil {
			return err
		}
		before, after := map[string]any{}, map[string]any{}
		now := ms(s.Now())
		for _, key := range slices.Sorted(maps.Keys(c)) {
			m, known := notice.MatterOf(key)
			if !known || !slices.Contains(notice.ChoiceList, c[key]) {
				return fault.At(key, "Choose at once, in the daily digest, or never.")
			}
			if old := was[person].Of(m); old != c[key] {
				before[key], after[key] = old, c[key]
			}
			row := choiceRow{PersonID: person, Topic: key, Choice: string(c[key]), ChangedAt: now}
			if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
				return fmt.Errorf("keep choice: %w", err)
			}
		}
		tx.Note("notices.chosen", personSubject(p), before, after)
		return nil
	})
}

// testEvery keeps somebody from being sent tests without end.
const testEvery = time.Minute

// PostTest queues a test mail to a person's own address.
func (s *Store) PostTest(ctx context.Context, person int64) error {
	return s.change(ctx, func(tx *txn) error {
		p, err := personByID(tx.DB, person)
		if err != nil {
			return err
		}
		if _, ok := notice.Address(p.Email); !ok {
			return fault.New(fault.Conflict, "There is no e-mail address of yours to send to. It comes from the identity provider.")
		}
		now := s.Now()
		l := notice.Letter{Key: fmt.Sprintf("test:%d:%d", person, now.Truncate(testEvery).Unix()), Kind: notice.TestLetter, Person: person, To: p.Email}
		row, err := tx.letterRow(l)
		if err != nil {
			return err
		}
		res := tx.Clauses(onConflictNothing).Create(&row)
		if res.Error != nil {
			return fmt.Errorf("post test: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.TooMany, "A test mail was sent within the last minute. Wait a moment before the next one.")
		}
		tx.Note("notices.tested", personSubject(p), nil, nil)
		return nil
	})
}
