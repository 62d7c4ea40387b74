package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/notice"
)

// The audit trail is the outbox: its numbers have no gaps, because its head is locked until a change
// commits, so a cursor that moves over them misses nothing. What was committed goes out; what was
// rolled back was never there.

type cursorRow struct {
	Channel string `gorm:"primaryKey"`
	Seq     int64
	MovedAt int64
}

func (cursorRow) TableName() string { return "outbox_cursors" }

// webhookChannel is one channel; another has its own cursor.
const webhookChannel = "webhook"

// WebhooksWait reports whether there is something to do: events after the cursor that somebody is to
// be told of, or messages that are due. Looking costs one read, so that an idle portal stays idle.
func (s *Store) WebhooksWait(ctx context.Context) (bool, error) {
	var n int
	err := s.read.WithContext(ctx).Raw(`SELECT COUNT(*) FROM (SELECT 1 FROM webhook_endpoints e WHERE e.deleted_at = 0 AND (
			(SELECT h.seq FROM audit_head h WHERE h.id = 1) > (SELECT c.seq FROM outbox_cursors c WHERE c.channel = ?)
			OR (e.enabled = TRUE AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.next_at <= ?))
		) LIMIT 1) AS one`, webhookChannel, ms(s.Now())).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look for messages: %w", err)
	}
	return n > 0, nil
}

// MoveOutbox makes messages of the events after the cursor, at most limit of them, and returns how far
// it moved: 0 when it is at the end. An event makes one message for an endpoint, however often and by
// however many replicas it is looked at. How far the cursor has come is no record of governance, so it
// leaves no event; one that did would be looked at in turn, for ever.
func (s *Store) MoveOutbox(ctx context.Context, portal string, limit int) (int, error) {
	if behind, err := s.outboxBehind(ctx); err != nil || !behind {
		return 0, err
	}
	moved := 0
	err := s.bookkeep(ctx, func(tx *txn) error {
		var cursor cursorRow
		if err := s.locked(tx.DB).Where("channel = ?", webhookChannel).Limit(1).Find(&cursor).Error; err != nil || cursor.Channel == "" {
			return err
		}
		var events []eventRow
		if err := tx.Where("seq > ?", cursor.Seq).Order("seq").Limit(limit).Find(&events).Error; err != nil {
			return fmt.Errorf("read outbox: %w", err)
		}
		if moved = len(events); moved == 0 {
			return nil
		}
		rows, err := tx.messages(events, portal)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			if err := tx.Clauses(onConflictNothing).CreateInBatches(rows, 200).Error; err != nil {
				return fmt.Errorf("write messages: %w", err)
			}
		}
		return tx.Exec("UPDATE outbox_cursors SET seq = ?, moved_at = ? WHERE channel = ?", events[moved-1].Seq, ms(s.Now()), webhookChannel).Error
	})
	return moved, err
}

// outboxBehind looks before a writer's lock is taken.
func (s *Store) outboxBehind(ctx context.Context) (bool, error) {
	var n int
	err := s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM outbox_cursors c JOIN audit_head h ON h.id = 1 WHERE c.channel = ? AND c.seq < h.seq", webhookChannel).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look at the outbox: %w", err)
	}
	return n > 0, nil
}

// messages are what these events become for each endpoint that asked for them.
func (tx *txn) messages(events []eventRow, portal string) ([]deliveryRow, error) {
	var endpoints []endpointRow
	if err := tx.Where("deleted_at = 0").Order("id").Find(&endpoints).Error; err != nil {
		return nil, fmt.Errorf("endpoints: %w", err)
	}
	var out []deliveryRow
	for _, row := range events {
		t, goes := notice.TypeOf(row.Verb)
		if !goes || !slices.ContainsFunc(endpoints, func(e endpointRow) bool { return e.hears(row, t) }) {
			continue
		}
		e := row.event()
		facts, err := factsOf(tx.DB, e.Subject)
		if err != nil {
			return nil, err
		}
		facts.Portal = portal
		m, goes := notice.Of(e, facts)
		if !goes { // a rehearsal looks like the real one
			continue
		}
		body, err := m.Body()
		if err != nil {
			return nil, err
		}
		for _, to := range endpoints {
			if to.hears(row, t) {
				now := ms(tx.s.Now())
				out = append(out, deliveryRow{EndpointID: to.ID, EventSeq: e.Seq, Type: string(t), MessageID: notice.ID(e.Seq, e.Hash), Body: body,
					State: string(Pending), NextAt: now, CreatedAt: now})
			}
		}
	}
	return out, nil
}

// hears reports whether the endpoint is told of an event. A test is for the one it was asked for.
func (r endpointRow) hears(e eventRow, t notice.Type) bool {
	if t == notice.Test {
		return e.SubjectID == r.ID
	}
	return e.Seq > r.FromSeq && r.endpoint().Wants(t)
}

// versionOf finds the version behind what an event is about. A kind that is not here belongs to none.
var versionOf = map[string]string{
	"version":  "SELECT label FROM versions WHERE id = ?",
	"evidence": "SELECT v.label FROM evidence x JOIN versions v ON v.id = x.version_id WHERE x.id = ?",
	"request":  "SELECT v.label FROM requests x JOIN versions v ON v.id = x.version_id WHERE x.id = ?",
	"waiver":   "SELECT v.label FROM waivers x JOIN versions v ON v.id = x.version_id WHERE x.id = ?",
}

// factsOf are the names of what an event is about, as they are now.
func factsOf(q *gorm.DB, about audit.Subject) (notice.Facts, error) {
	var f notice.Facts
	if about.Model != 0 {
		if err := q.Raw("SELECT slug FROM models WHERE id = ?", about.Model).Scan(&f.Model).Error; err != nil {
			return f, fmt.Errorf("model of an event: %w", err)
		}
	}
	if sql := versionOf[about.Kind]; sql != "" && about.ID != 0 {
		if err := q.Raw(sql, about.ID).Scan(&f.Version).Error; err != nil {
			return f, fmt.Errorf("version of an event: %w", err)
		}
	}
	if about.Kind == "request" {
		f.Request = about.ID
	}
	return f, nil
}
