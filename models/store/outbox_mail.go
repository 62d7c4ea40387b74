package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sundial/models/audit"
	"sundial/models/notice"
	"sundial/models/org"
)

// mailChannel is the outbox channel of letters to people. It exists from the first migration on: letters
// are made also while there is no mail server, and wait for one.
const mailChannel = "mail"

// MoveMail makes letters of the events after the cursor, and puts aside what people want in their digest.
// It looks at most at limit events and returns how many; 0 at the end. An event makes one letter for a
// person, however often and by however many replicas it is looked at.
func (s *Store) MoveMail(ctx context.Context, limit int) (int, error) {
	if behind, err := s.LettersWait(ctx, false); err != nil || !behind {
		return 0, err
	}
	moved := 0
	err := s.bookkeep(ctx, func(tx *txn) error {
		var cursor cursorRow
		if err := s.locked(tx.DB).Where("channel = ?", mailChannel).Limit(1).Find(&cursor).Error; err != nil || cursor.Channel == "" {
			return err
		}
		var events []eventRow
		if err := tx.Where("seq > ?", cursor.Seq).Order("seq").Limit(limit).Find(&events).Error; err != nil {
			return fmt.Errorf("read outbox: %w", err)
		}
		if moved = len(events); moved == 0 {
			return nil
		}
		n := newsroom{tx: tx}
		for _, row := range events {
			if err := n.report(row.event()); err != nil {
				return err
			}
		}
		if err := n.publish(); err != nil {
			return err
		}
		return tx.Exec("UPDATE outbox_cursors SET seq = ?, moved_at = ? WHERE channel = ?", events[moved-1].Seq, ms(s.Now()), mailChannel).Error
	})
	return moved, err
}

// SkipMail moves the cursor to the newest event: nobody is told of what was. It is for data that was
// filled in, as a demonstration's.
func (s *Store) SkipMail(ctx context.Context) error {
	err := s.write.WithContext(ctx).Exec("UPDATE outbox_cursors SET seq = (SELECT seq FROM audit_head WHERE id = 1), moved_at = ? WHERE channel = ?", ms(s.Now()), mailChannel).Error
	if err != nil {
		return fmt.Errorf("skip mail: %w", err)
	}
	return nil
}

type digestRow struct {
	ID        int64
	PersonID  int64
	EventSeq  int64
	Payload   asJSON[notice.Item]
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (digestRow) TableName() string { return "digest_items" }

// newsroom is one step of the outbox: what it found out is asked once.
type newsroom struct {
	tx       *txn
	people   map[int64]org.Person
	choices  map[int64]notice.Choices
	reviewer []int64
	letters  []notice.Letter
	digest   []digestRow
}

// report finds who hears of an event, and how each of them wants to.
func (n *newsroom) report(e audit.Event) error {
	telling, tells := notice.Tells(e)
	if !tells {
		return nil
	}
	circle, err := n.circle(e, telling.Parts())
	if err != nil {
		return err
	}
	hear := notice.For(e, circle.found)
	if len(hear) == 0 {
		return nil
	}
	facts, err := factsOf(n.tx.DB, e.Subject)
	if err != nil {
		return err
	}
	var name string
	if err := n.tx.Raw("SELECT name FROM models WHERE id = ?", e.Subject.Model).Scan(&name).Error; err != nil {
		return fmt.Errorf("model of an event: %w", err)
	}
	ids := make([]int64, len(hear))
	for i, r := range hear {
		ids[i] = r.Person
	}
	if err := n.meet(ids); err != nil {
		return err
	}
	matter, _ := notice.MatterOf(telling.Matter)
	for _, r := range hear {
		todo := r.Todo
		if waiting := circle.entries[r.Person]; waiting > 0 {
			todo = notice.Waiting(waiting, todo)
		}
		n.tell(e, r, matter, notice.Tell(e, facts, name, todo))
	}
	return nil
}

func (n *newsroom) tell(e audit.Event, r notice.Recipient, matter notice.Matter, item notice.Item) {
	p := n.people[r.Person]
	if !p.Active() {
		return
	}
	switch n.choices[p.ID].Of(matter) {
	case notice.AtOnce:
		n.letters = append(n.letters, notice.Letter{Key: fmt.Sprintf("event:%s:%d", notice.ID(e.Seq, e.Hash), p.ID), Kind: notice.EventLetter,
			Person: p.ID, To: p.Email, Model: e.Subject.Model, Event: e.Seq, Payload: item})
	case notice.Daily:
		n.digest = append(n.digest, digestRow{PersonID: p.ID, EventSeq: e.Seq, Payload: wrap(item), CreatedAt: ms(n.tx.s.Now())})
	}
}

// meet reads people and what they chose, once.
func (n *newsroom) meet(ids []int64) error {
	if n.people == nil {
		n.people, n.choices = map[int64]org.Person{}, map[int64]notice.Choices{}
	}
	var fresh []int64
	for _, id := range ids {
		if _, known := n.people[id]; !known && !slices.Contains(fresh, id) {
			fresh = append(fresh, id)
		}
	}
	for chunk := range slices.Chunk(fresh, 500) {
		var rows []personRow
		if err := n.tx.Where("id IN ?", chunk).Find(&rows).Error; err != nil {
			return fmt.Errorf("people who hear: %w", err)
		}
		for _, r := range rows {
			n.people[r.ID] = r.person()
		}
		if err := choicesOf(n.tx.DB, chunk, n.choices); err != nil {
			return err
		}
	}
	return nil
}

func (n *newsroom) publish() error {
	if err := n.tx.postLetters(n.letters); err != nil {
		return err
	}
	if len(n.digest) == 0 {
		return nil
	}
	if err := n.tx.Clauses(onConflictNothing).CreateInBatches(n.digest, 200).Error; err != nil {
		return fmt.Errorf("put aside for digests: %w", err)
	}
	return nil
}

// PostDigests makes a letter for each person of what waited for their digest until a moment, and returns
// how many. Items and letter change in one transaction: a digest is made once, by however many replicas.
func (s *Store) PostDigests(ctx context.Context, until time.Time) (int, error) {
	posted := 0
	for {
		var people []int64
		err := s.read.WithContext(ctx).Raw("SELECT DISTINCT person_id FROM (SELECT person_id FROM digest_items WHERE created_at < ? ORDER BY created_at LIMIT 2000) AS due ORDER BY person_id", ms(until)).Scan(&people).Error
		if err != nil {
			return posted, fmt.Errorf("people with a digest: %w", err)
		}
		if len(people) == 0 {
			return posted, nil
		}
		for _, id := range people {
			made, err := s.postDigest(ctx, id, until)
			if err != nil {
				return posted, err
			}
			if made {
				posted++
			}
		}
	}
}

func (s *Store) postDigest(ctx context.Context, person int64, until time.Time) (made bool, err error) {
	err = s.bookkeep(ctx, func(tx *txn) error {
		var rows []digestRow
		if err := s.locked(tx.DB).Where("person_id = ? AND created_at < ?", person, ms(until)).Order("event_seq").Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		ids, g := make([]int64, len(rows)), notice.Digest{}
		for i, r := range rows {
			ids[i] = r.ID
			if len(g.Items) < notice.MostDigested {
				g.Items = append(g.Items, r.Payload.V)
			} else {
				g.More++
			}
		}
		for chunk := range slices.Chunk(ids, 500) {
			if err := tx.Where("id IN ?", chunk).Delete(&digestRow{}).Error; err != nil {
				return fmt.Errorf("take for digest: %w", err)
			}
		}
		p, err := personByID(tx.DB, person)
		if err != nil || !p.Active() {
			return err
		}
		made = true
		last := rows[len(rows)-1].EventSeq
		return tx.postLetter(notice.Letter{Key: fmt.Sprintf("digest:%s:%d:%d", until.Format(time.DateOnly), person, last), Kind: notice.DigestLetter,
			Person: person, To: p.Email, Event: last, Payload: g})
	})
	return made, err
}
