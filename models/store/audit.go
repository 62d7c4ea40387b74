package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"sundial/models/audit"
)

type eventRow struct {
	Seq          int64 `gorm:"primaryKey;autoIncrement:false"`
	At           int64
	ActorID      int64
	Actor        string
	Via          string
	Verb         string
	SubjectKind  string
	SubjectID    int64
	SubjectLabel string
	ModelID      int64
	BeforeJSON   string `gorm:"column:before_json"`
	AfterJSON    string `gorm:"column:after_json"`
	RequestID    string
	Address      string
	PrevHash     string
	Hash         string
}

func (eventRow) TableName() string { return "audit_events" }

type headRow struct {
	ID   int64
	Seq  int64
	Hash string
	Seal string // HMAC of seq and hash under the instance's key, so that a chain rewritten whole is found
}

func (headRow) TableName() string { return "audit_head" }

// appendEvents seals the transaction's notes onto the chain. The head row is locked until the commit,
// and prev_hash is unique: two writers cannot both follow the same event.
func (s *Store) appendEvents(tx *txn) error {
	var head headRow
	if err := s.locked(tx.DB).Where("id = 1").Take(&head).Error; err != nil {
		return fmt.Errorf("audit head: %w", err)
	}
	rows := make([]eventRow, 0, len(tx.Notes()))
	for _, n := range tx.Notes() {
		e, err := s.event(tx.src, n)
		if err != nil {
			return err
		}
		e.Seq = head.Seq + 1
		if err := e.Seal(head.Hash); err != nil {
			return err
		}
		head.Seq, head.Hash = e.Seq, e.Hash
		rows = append(rows, eventToRow(e))
	}
	if err := tx.DB.CreateInBatches(rows, 200).Error; err != nil {
		return fmt.Errorf("write audit events: %w", err)
	}
	if err := tx.DB.Table("audit_head").Where("id = 1").Updates(map[string]any{"seq": head.Seq, "hash": head.Hash, "seal": s.seal(head)}).Error; err != nil {
		return fmt.Errorf("audit head: %w", err)
	}
	return nil
}

func (s *Store) event(src Source, n audit.Note) (audit.Event, error) {
	e := audit.Event{At: s.Now(), ActorID: src.Actor.ID, Actor: src.Actor.Name, Via: src.Actor.Via, Verb: n.Verb,
		Subject: n.Subject, RequestID: src.RequestID, From: src.From}
	var err error
	if e.Before, err = plainJSON(n.Before); err != nil {
		return e, err
	}
	e.After, err = plainJSON(n.After)
	return e, err
}

// plainJSON writes a note canonically, so that what is kept is byte for byte what was hashed.
func plainJSON(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	return audit.Canonical(v)
}

func eventToRow(e audit.Event) eventRow {
	return eventRow{Seq: e.Seq, At: ms(e.At), ActorID: e.ActorID, Actor: e.Actor, Via: e.Via, Verb: e.Verb,
		SubjectKind: e.Subject.Kind, SubjectID: e.Subject.ID, SubjectLabel: e.Subject.Label, ModelID: e.Subject.Model,
		BeforeJSON: string(e.Before), AfterJSON: string(e.After), RequestID: e.RequestID, Address: e.From,
		PrevHash: e.PrevHash, Hash: e.Hash}
}

func (r eventRow) event() audit.Event {
	e := audit.Event{Seq: r.Seq, At: at(r.At), ActorID: r.ActorID, Actor: r.Actor, Via: r.Via, Verb: r.Verb,
		Subject:   audit.Subject{Kind: r.SubjectKind, ID: r.SubjectID, Label: r.SubjectLabel, Model: r.ModelID},
		RequestID: r.RequestID, From: r.Address, PrevHash: r.PrevHash, Hash: r.Hash}
	if r.BeforeJSON != "" {
		e.Before = json.RawMessage(r.BeforeJSON)
	}
	if r.AfterJSON != "" {
		e.After = json.RawMessage(r.AfterJSON)
	}
	return e
}

// EventFilter narrows the audit trail. Zero fields do not narrow.
type EventFilter struct {
	Before  int64 // older than this sequence number: the page's cursor
	After   int64 // newer than this one, oldest first: for export
	Model   int64
	Kind    string // of the subject
	Subject int64  // its id, with Kind
	Actor   int64
	Verb    string // a verb, or the part before its dot
	From    int64  // not before this moment, in milliseconds
	Until   int64  // before this moment, in milliseconds
}

// Events lists events, newest first, or oldest first when After is given (also when it is -1: from
// the start).
func (s *Store) Events(ctx context.Context, f EventFilter, limit int) ([]audit.Event, error) {
	q := f.narrow(s.read.WithContext(ctx).Model(&eventRow{}))
	if f.After != 0 {
		q = q.Where("seq > ?", max(f.After, 0)).Order("seq")
	} else {
		q = q.Order("seq DESC")
	}
	if f.Before > 0 {
		q = q.Where("seq < ?", f.Before)
	}
	var rows []eventRow
	if err := q.Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("audit events: %w", err)
	}
	out := make([]audit.Event, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.event())
	}
	return out, nil
}

func (f EventFilter) narrow(q *gorm.DB) *gorm.DB {
	where := func(on bool, cond string, arg any) {
		if on {
			q = q.Where(cond, arg)
		}
	}
	where(f.Model != 0, "model_id = ?", f.Model)
	where(f.Kind != "", "subject_kind = ?", f.Kind)
	where(f.Subject != 0, "subject_id = ?", f.Subject)
	where(f.Actor != 0, "actor_id = ?", f.Actor)
	if f.Verb != "" {
		q = q.Where("(verb = ? OR (verb >= ? AND verb < ?))", f.Verb, f.Verb+".", f.Verb+"/")
	}
	where(f.From != 0, "at >= ?", f.From)
	where(f.Until != 0, "at < ?", f.Until)
	return q
}

// Break is the first place where the audit chain does not hold.
type Break struct {
	Seq  int64
	What string
}

// VerifyAudit walks the whole chain and returns the number of events and the first broken link, nil
// when every link holds, the head names the last event and carries this instance's seal.
func (s *Store) VerifyAudit(ctx context.Context) (n int64, broken *Break, err error) {
	n, broken, err = s.verifyLinks(ctx)
	if err != nil || broken != nil || n == 0 {
		return n, broken, err
	}
	var head headRow
	if err := s.read.WithContext(ctx).Where("id = 1").Take(&head).Error; err != nil {
		return n, nil, fmt.Errorf("verify audit: %w", err)
	}
	if !hmac.Equal([]byte(head.Seal), []byte(s.seal(head))) {
		return n, &Break{Seq: head.Seq, What: "the head was not sealed with this instance's key"}, nil
	}
	return n, nil, nil
}

// verifyLinks holds every event against its predecessor, and the last against the head. The head is
// read first: events that are written meanwhile belong to the next walk.
func (s *Store) verifyLinks(ctx context.Context) (n int64, broken *Break, err error) {
	var head headRow
	if err := s.read.WithContext(ctx).Where("id = 1").Take(&head).Error; err != nil {
		return 0, nil, fmt.Errorf("verify audit: %w", err)
	}
	prev := ""
	for {
		var rows []eventRow
		if err := s.read.WithContext(ctx).Where("seq > ?", n).Order("seq").Limit(2000).Find(&rows).Error; err != nil {
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

// seal binds the head of the chain to the instance's secret key: whoever can write the database but
// does not hold the key cannot make a rewritten or shortened chain look whole.
func (s *Store) seal(head headRow) string {
	if len(s.sealKey) == 0 {
		return ""
	}
	mac := hmac.New(sha256.New, s.sealKey)
	fmt.Fprintf(mac, "audit head %d %s", head.Seq, head.Hash)
	return hex.EncodeToString(mac.Sum(nil))
}

func checkLink(r eventRow, last int64, prev string) *Break {
	switch {
	case r.Seq != last+1:
		return &Break{last + 1, "the event is missing"}
	case r.PrevHash != prev:
		return &Break{r.Seq, "it does not follow its predecessor"}
	case !r.event().Intact():
		return &Break{r.Seq, "its content is not what was hashed"}
	}
	return nil
}
