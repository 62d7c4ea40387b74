package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

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
	db := s.read.WithContext(ctx)
	q := f.cut(db, limit)
	if f.Verb != "" && !strings.Contains(f.Verb, ".") {
		verbs, err := verbsBelow(db, f.Verb)
		if err != nil || len(verbs) == 0 {
			return []audit.Event{}, err
		}
		q = f.cutVerbs(db, verbs, limit)
	}
	var rows []eventRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("audit events: %w", err)
	}
	out := make([]audit.Event, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.event())
	}
	return out, nil
}

// cut is the events of one page.
func (f EventFilter) cut(db *gorm.DB, limit int) *gorm.DB {
	q := f.narrow(db.Model(&eventRow{})).Limit(limit)
	if f.Before > 0 {
		q = q.Where("seq < ?", f.Before)
	}
	if f.After != 0 {
		return q.Where("seq > ?", max(f.After, 0)).Order("seq")
	}
	return q.Order("seq DESC")
}

// cutVerbs is the events of one page with any of these verbs: a page of each, of which one is made.
// Asked for the range of verbs at once, either database would sort every such event there ever was.
func (f EventFilter) cutVerbs(db *gorm.DB, verbs []string, limit int) *gorm.DB {
	parts := make([]string, 0, len(verbs))
	pages := make([]any, 0, len(verbs))
	for _, verb := range verbs {
		f.Verb = verb
		parts = append(parts, "SELECT seq FROM (?) AS page")
		pages = append(pages, f.cut(db, limit).Select("seq"))
	}
	order := "seq DESC"
	if f.After != 0 {
		order = "seq"
	}
	return db.Model(&eventRow{}).Where("seq IN ("+strings.Join(parts, " UNION ALL ")+")", pages...).Order(order).Limit(limit)
}

// verbsBelow are the verbs on record that begin with a word and a dot. Each is one step in the index,
// however many events have it.
func verbsBelow(db *gorm.DB, word string) ([]string, error) {
	from, to := word+".", word+"/"
	var verbs []string
	err := db.Raw(`WITH RECURSIVE known (verb) AS (
			SELECT MIN(verb) FROM audit_events WHERE verb >= ? AND verb < ?
			UNION ALL SELECT (SELECT MIN(e.verb) FROM audit_events e WHERE e.verb > known.verb AND e.verb < ?) FROM known WHERE known.verb IS NOT NULL
		) SELECT verb FROM known WHERE verb IS NOT NULL`, from, to, to).Scan(&verbs).Error
	if err != nil {
		return nil, fmt.Errorf("audit verbs: %w", err)
	}
	return verbs, nil
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
	where(f.Verb != "", "verb = ?", f.Verb)
	where(f.From != 0, "at >= ?", f.From)
	where(f.Until != 0, "at < ?", f.Until)
	return q
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
