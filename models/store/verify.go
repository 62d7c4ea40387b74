package store

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"sundial/models/audit"
)

// Break is the first place where the audit chain does not hold.
type Break struct {
	Seq  int64
	What string
}

// VerifyAudit walks the whole chain and returns the number of events and the first broken link, nil
// when every link holds, the head names the last event and carries this instance's seal.
func (s *Store) VerifyAudit(ctx context.Context) (n int64, broken *Break, err error) {
	q := s.read.WithContext(ctx)
	n, broken, err = s.verifyLinks(ctx)
	if err != nil || broken != nil {
		return n, broken, err
	}
	if n == 0 {
		broken, err = emptyTrail(q)
		return 0, broken, err
	}
	var head headRow
	if err := q.Where("id = 1").Take(&head).Error; err != nil {
		return n, nil, fmt.Errorf("verify audit: %w", err)
	}
	switch {
	case head.Seq < n:
		return n, &Break{Seq: head.Seq + 1, What: fmt.Sprintf("the chain goes on to %d, its head says %d", n, head.Seq)}, nil
	case !hmac.Equal([]byte(head.Seal), []byte(s.seal(head))):
		return n, &Break{Seq: head.Seq, What: "the head was not sealed with this instance's key"}, nil
	}
	return n, nil, nil
}

// verifyLinks holds every event against its predecessor, and the last against the head. The head is
// read first: what is written meanwhile is held against the head as it is afterwards.
func (s *Store) verifyLinks(ctx context.Context) (n int64, broken *Break, err error) {
	q := s.read.WithContext(ctx)
	var head headRow
	if err := q.Where("id = 1").Take(&head).Error; err != nil {
		return 0, nil, fmt.Errorf("verify audit: %w", err)
	}
	prev := ""
	for {
		var rows []eventRow
		if err := q.Where("seq > ?", n).Order("seq").Limit(2000).Find(&rows).Error; err != nil {
			return n, nil, fmt.Errorf("verify audit: %w", err)
		}
		for _, r := range rows {
			if b := checkLink(r, n, prev); b != nil {
				return n, b, nil
			}
			if n, prev = r.Seq, r.Hash; n == head.Seq && prev != head.Hash {
				return n, &Break{Seq: n, What: "the head holds another hash"}, nil
			}
		}
		if len(rows) < 2000 {
			break
		}
	}
	if n < head.Seq {
		return n, &Break{Seq: n + 1, What: fmt.Sprintf("the chain ends at %d, its head says %d", n, head.Seq)}, nil
	}
	return n, nil, nil
}

func checkLink(r eventRow, last int64, prev string) *Break {
	switch {
	case r.Seq != last+1:
		return &Break{last + 1, "the event is missing"}
	case r.PrevHash != prev:
		return &Break{r.Seq, "it does not follow its predecessor"}
	case !r.event().Intact() || !canonical(r.BeforeJSON) || !canonical(r.AfterJSON):
		return &Break{r.Seq, "its content is not what was hashed"}
	}
	return nil
}

// canonical reports whether a note is kept byte for byte as it was written. The hash alone would let a
// second key of the same name pass, which another reader may believe.
func canonical(text string) bool {
	if text == "" {
		return true
	}
	b, err := audit.Canonical(json.RawMessage(text))
	return err == nil && string(b) == text
}

// emptyTrail is right only where nothing was ever changed: whoever empties the trail and resets its
// head still leaves records that no event tells of.
func emptyTrail(q *gorm.DB) (*Break, error) {
	for _, table := range []string{"departments", "people", "models"} {
		var one int64
		if err := q.Table(table).Select("id").Limit(1).Scan(&one).Error; err != nil {
			return nil, fmt.Errorf("verify audit: %w", err)
		}
		if one != 0 {
			return &Break{Seq: 1, What: "there is no event, yet there are " + table + " on record"}, nil
		}
	}
	return nil, nil
}

// Verification is what the last walk of the chain found.
type Verification struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Events int64     `json:"events"`
	Head   string    `json:"head"` // hash of the last event the walk saw
	Broken *Break    `json:"broken,omitempty"`
	TookMS int64     `json:"took_ms"`
}

const verificationSetting = "audit.verification"

// RecordVerification walks the chain, keeps what was found for the pages that show it, and writes an
// event of its own: that somebody looked is a fact too.
func (s *Store) RecordVerification(ctx context.Context) (Verification, error) {
	began := time.Now()
	v := Verification{At: s.Now()}
	var err error
	if v.Events, v.Broken, err = s.VerifyAudit(ctx); err != nil {
		return v, err
	}
	v.TookMS = time.Since(began).Milliseconds()
	if err := s.read.WithContext(ctx).Model(&eventRow{}).Where("seq = ?", v.Events).Pluck("hash", &v.Head).Error; err != nil {
		return v, fmt.Errorf("verify audit: %w", err)
	}
	err = s.change(ctx, func(tx *txn) error {
		v.By = tx.src.Actor.Name
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		row := settingRow{Name: verificationSetting, Value: string(raw)}
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return fmt.Errorf("keep verification: %w", err)
		}
		tx.Note("audit.verified", audit.Subject{Kind: "audit", Label: "audit trail"}, nil, map[string]any{"events": v.Events, "holds": v.Broken == nil, "head": v.Head})
		return nil
	})
	return v, err
}

type settingRow struct {
	Name  string `gorm:"primaryKey"`
	Value string
}

func (settingRow) TableName() string { return "settings" }

// AuditStatus is where the chain stands: its head, and what the last walk found.
type AuditStatus struct {
	Events int64
	Head   string
	Last   *Verification // nil when nobody has walked it yet
}

// AuditStatus reads the chain's head and the last verification in one query.
func (s *Store) AuditStatus(ctx context.Context) (AuditStatus, error) {
	var row struct {
		Seq   int64
		Hash  string
		Value string
	}
	err := s.read.WithContext(ctx).Raw(`SELECT h.seq, h.hash, COALESCE(s.value, '') AS value FROM audit_head h
		LEFT JOIN settings s ON s.name = ? WHERE h.id = 1`, verificationSetting).Scan(&row).Error
	if err != nil {
		return AuditStatus{}, fmt.Errorf("audit status: %w", err)
	}
	out := AuditStatus{Events: row.Seq, Head: row.Hash}
	if row.Value != "" {
		out.Last = &Verification{}
		if err := json.Unmarshal([]byte(row.Value), out.Last); err != nil {
			return out, fmt.Errorf("audit status: %w", err)
		}
	}
	return out, nil
}

// EachEvent calls fn for every event of the filtered trail, oldest first, in pages; for exports.
func (s *Store) EachEvent(ctx context.Context, f EventFilter, fn func(audit.Event) error) error {
	f.Before, f.After = 0, -1
	for {
		events, err := s.Events(ctx, f, 1000)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := fn(e); err != nil {
				return err
			}
			f.After = e.Seq
		}
		if len(events) < 1000 {
			return nil
		}
	}
}
