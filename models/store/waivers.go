package store

import (
	"context"
	"fmt"
	"time"

	"sundial/models/lifecycle"
)

// AskWaiver records a waiver that the rule makes from a version's facts.
func (s *Store) AskWaiver(ctx context.Context, slug, label string, p lifecycle.Policy, fn func(*lifecycle.Facts, time.Time) (*lifecycle.Waiver, error)) (lifecycle.Waiver, error) {
	var out lifecycle.Waiver
	err := s.change(ctx, func(tx *txn) error {
		m, row, err := tx.lockVersion(slug, label)
		if err != nil {
			return err
		}
		f, err := s.facts(tx.DB, m, row, p)
		if err != nil {
			return err
		}
		w, err := fn(&f, s.Now())
		if err != nil {
			return err
		}
		r := waiverRow{ModelID: w.ModelID, VersionID: w.VersionID, VersionDigest: w.Digest, CheckKey: w.Key, Reason: w.Reason, Until: string(w.Until),
			State: string(w.State), AskedBy: w.AskedBy, AskedAt: ms(w.AskedAt), Revision: 1}
		if err := tx.Create(&r).Error; err != nil {
			return fmt.Errorf("ask waiver: %w", err)
		}
		w.ID = r.ID
		w.Fill("waiver", w.ID)
		tx.take(&w.Trail)
		out = *w
		return nil
	})
	return out, err
}

// ChangeWaiver runs the rule that grants or refuses a waiver.
func (s *Store) ChangeWaiver(ctx context.Context, id int64, p lifecycle.Policy, fn func(*lifecycle.Waiver, *lifecycle.Facts, time.Time) error) (lifecycle.Waiver, error) {
	var w lifecycle.Waiver
	err := s.change(ctx, func(tx *txn) error {
		if err := tx.lockModelOf("waivers", id, "waiver"); err != nil {
			return err
		}
		if err := tx.actorStands(); err != nil {
			return err
		}
		var r waiverRow
		if err := tx.Where("id = ?", id).Take(&r).Error; err != nil {
			return found(err, "waiver")
		}
		m, err := modelByID(tx.DB, r.ModelID)
		if err != nil {
			return err
		}
		row, err := versionByID(tx.DB, r.VersionID)
		if err != nil {
			return err
		}
		f, err := s.facts(tx.DB, m, row, p)
		if err != nil {
			return err
		}
		people, err := peopleByID(tx.DB, []int64{r.AskedBy})
		if err != nil {
			return err
		}
		w = r.waiver(people)
		if err := fn(&w, &f, s.Now()); err != nil {
			return err
		}
		err = tx.swap("waivers", id, r.Revision, map[string]any{"state": string(w.State), "decided_by": ref(w.DecidedBy), "decided_at": ms(w.DecidedAt), "answer": w.Answer})
		tx.take(&w.Trail)
		return err
	})
	return w, err
}

// Waiver reads a waiver with the facts it is decided on.
func (s *Store) Waiver(ctx context.Context, id int64, p lifecycle.Policy) (lifecycle.Waiver, lifecycle.Facts, error) {
	q := s.read.WithContext(ctx)
	var r waiverRow
	if err := q.Where("id = ?", id).Take(&r).Error; err != nil {
		return lifecycle.Waiver{}, lifecycle.Facts{}, found(err, "waiver")
	}
	m, err := modelByID(q, r.ModelID)
	if err != nil {
		return lifecycle.Waiver{}, lifecycle.Facts{}, err
	}
	row, err := versionByID(q, r.VersionID)
	if err != nil {
		return lifecycle.Waiver{}, lifecycle.Facts{}, err
	}
	f, err := s.facts(q, m, row, p)
	if err != nil {
		return lifecycle.Waiver{}, f, err
	}
	people, err := peopleByID(q, []int64{r.AskedBy, deref(r.DecidedBy)})
	return r.waiver(people), f, err
}

// WaiverRow is a waiver that waits for a decision, in a list.
type WaiverRow struct {
	Waiver      lifecycle.Waiver
	Model, Slug string
	Version     string
}

// AskedWaivers lists waivers that wait for a decision, oldest first.
func (s *Store) AskedWaivers(ctx context.Context, limit int) ([]WaiverRow, error) {
	var rows []struct {
		Row                         waiverRow `gorm:"embedded"`
		Model, Slug, Version, Asker string
	}
	err := s.read.WithContext(ctx).Table("waivers w").Joins("JOIN models m ON m.id = w.model_id").Joins("JOIN versions v ON v.id = w.version_id").
		Joins("JOIN people p ON p.id = w.asked_by").Select("w.*, m.name AS model, m.slug, v.label AS version, p.name AS asker").
		Where("w.state = 'asked'").Order("w.id").Limit(limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("asked waivers: %w", err)
	}
	out := make([]WaiverRow, 0, len(rows))
	for _, r := range rows {
		w := r.Row.waiver(nil)
		w.Asker = r.Asker
		out = append(out, WaiverRow{Waiver: w, Model: r.Model, Slug: r.Slug, Version: r.Version})
	}
	return out, nil
}
