package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sundial/models/fault"
	"sundial/models/notice"
	"sundial/models/org"
)

// DeliveryState is where one message to one endpoint stands.
type DeliveryState string

// The states. Failed: it was tried as often as it is by itself; somebody may send it again.
const (
	Pending   DeliveryState = "pending"
	Delivered DeliveryState = "delivered"
	Undone    DeliveryState = "failed"
)

// Delivery is one message to one endpoint.
type Delivery struct {
	ID, EndpointID, EventSeq int64
	Type                     notice.Type
	MessageID, Body          string
	State                    DeliveryState
	Attempts                 int // ever
	Failures                 int // since it was last put in the queue
	NextAt                   time.Time
	CreatedAt                time.Time
	Last                     notice.Answer
}

type deliveryRow struct {
	ID         int64
	EndpointID int64
	EventSeq   int64
	Type       string
	MessageID  string
	Body       string
	State      string
	Attempts   int64
	Failures   int64
	NextAt     int64
	LastAt     int64
	LastStatus int64
	LastTook   int64
	LastError  string
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

func (deliveryRow) TableName() string { return "webhook_deliveries" }

func (r deliveryRow) delivery() Delivery {
	return Delivery{ID: r.ID, EndpointID: r.EndpointID, EventSeq: r.EventSeq, Type: notice.Type(r.Type), MessageID: r.MessageID, Body: r.Body,
		State: DeliveryState(r.State), Attempts: int(r.Attempts), Failures: int(r.Failures), NextAt: at(r.NextAt), CreatedAt: at(r.CreatedAt),
		Last: attemptAnswer(r.LastAt, r.LastStatus, r.LastTook, r.LastError)}
}

type attemptRow struct {
	ID         int64
	DeliveryID int64
	At         int64
	Status     int64
	Took       int64
	Error      string
	Excerpt    string
}

func (attemptRow) TableName() string { return "webhook_attempts" }

// Receiver is an endpoint that is to be told now, with the secrets that sign: the present one first.
type Receiver struct {
	ID      int64
	URL     string
	Secrets []string // none when they were sealed under another key
}

// Receivers are the endpoints with messages that are due.
func (s *Store) Receivers(ctx context.Context) ([]Receiver, error) {
	now := s.Now()
	var rows []endpointRow
	err := s.read.WithContext(ctx).Table("webhook_endpoints e").Where(`e.deleted_at = 0 AND e.enabled = TRUE AND EXISTS (
		SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.next_at <= ?)`, ms(now)).Order("e.id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("receivers: %w", err)
	}
	out := make([]Receiver, 0, len(rows))
	for _, r := range rows {
		to := Receiver{ID: r.ID, URL: r.URL}
		if secret, err := s.openText(secretOf(r.ID), r.Sealed); err == nil {
			to.Secrets = append(to.Secrets, secret)
		}
		if r.SealedPrevious != "" && now.Before(at(r.PreviousUntil)) {
			if secret, err := s.openText(secretOf(r.ID), r.SealedPrevious); err == nil {
				to.Secrets = append(to.Secrets, secret)
			}
		}
		out = append(out, to)
	}
	return out, nil
}

// Due are the messages to an endpoint whose time has come, the longest waiting first, without those
// that are under way.
func (s *Store) Due(ctx context.Context, endpoint int64, underWay []int64, limit int) ([]Delivery, error) {
	q := s.read.WithContext(ctx).Where("endpoint_id = ? AND state = 'pending' AND next_at <= ?", endpoint, ms(s.Now()))
	if len(underWay) > 0 {
		q = q.Where("id NOT IN ?", underWay)
	}
	var rows []deliveryRow
	if err := q.Order("next_at, id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("due messages: %w", err)
	}
	out := make([]Delivery, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.delivery())
	}
	return out, nil
}

// Attempted keeps what became of an attempt and says when the next one is due: up to a tenth later than
// it need be, by late from 0 to 1, so that many do not come at once. An attempt of somebody who lost
// the race counts as none: d is the message as it was read before it was sent.
//
// Attempts are high-volume counts and leave no event of their own; an endpoint that is switched off does.
func (s *Store) Attempted(ctx context.Context, d Delivery, a notice.Answer, late float64) error {
	return s.bookkeep(ctx, func(tx *txn) error {
		row := d.after(a, late, s.Now())
		res := tx.Table("webhook_deliveries").Where("id = ? AND attempts = ? AND state = 'pending'", d.ID, d.Attempts).
			Updates(map[string]any{"state": row.State, "attempts": row.Attempts, "failures": row.Failures, "next_at": row.NextAt,
				"last_at": ms(a.At), "last_status": a.Status, "last_took": a.Took.Milliseconds(), "last_error": a.Error})
		if res.Error != nil {
			return fmt.Errorf("keep attempt: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return nil
		}
		try := attemptRow{DeliveryID: d.ID, At: ms(a.At), Status: int64(a.Status), Took: a.Took.Milliseconds(), Error: a.Error, Excerpt: a.Excerpt}
		if err := tx.Create(&try).Error; err != nil {
			return fmt.Errorf("keep attempt: %w", err)
		}
		return tx.answered(d.EndpointID, a)
	})
}

// after is the message as it stands after an attempt.
func (d Delivery) after(a notice.Answer, late float64, now time.Time) deliveryRow {
	row := deliveryRow{State: string(Delivered), Attempts: int64(d.Attempts) + 1}
	if a.Arrived() {
		return row
	}
	row.State, row.Failures = string(Undone), int64(d.Failures)+1
	if wait, more := notice.Wait(int(row.Failures)); more {
		row.State, row.NextAt = string(Pending), ms(now.Add(wait+time.Duration(late*float64(wait)/10)))
	}
	return row
}

// answered keeps how the endpoint does, and switches it off when it asked for that or failed for days.
func (tx *txn) answered(endpoint int64, a notice.Answer) error {
	var row endpointRow
	if err := tx.s.locked(tx.DB).Where("id = ? AND deleted_at = 0", endpoint).Limit(1).Find(&row).Error; err != nil || row.ID == 0 {
		return err
	}
	now := tx.s.Now()
	values := map[string]any{"last_at": ms(a.At), "last_status": a.Status, "last_took": a.Took.Milliseconds(), "last_error": a.Error}
	switch {
	case a.Arrived():
		values["failing_since"] = 0
	case row.FailingSince == 0:
		values["failing_since"] = ms(now)
	}
	why := ""
	switch {
	case a.Gone():
		why = "The receiver answered 410, which asks not to be called again."
	case !a.Arrived() && row.FailingSince != 0 && now.Sub(at(row.FailingSince)) > notice.GiveUpAfter:
		why = "Nothing arrived there for five days."
	}
	if why != "" && row.Enabled {
		values["enabled"], values["why"] = false, why
		tx.src = Source{Actor: org.System, RequestID: tx.src.RequestID}
		tx.Note("webhook.disabled", endpointSubject(row.endpoint()), nil, map[string]string{"why": why})
	}
	return tx.setEndpoint(endpoint, values)
}

// Resend puts a message back in the queue under the name it had, so that a receiver who took it
// already knows it again.
func (s *Store) Resend(ctx context.Context, endpoint, id int64) error {
	return s.onEndpoint(ctx, endpoint, 0, func(tx *txn, e notice.Endpoint) error {
		var row deliveryRow
		if err := s.locked(tx.DB).Where("id = ? AND endpoint_id = ?", id, endpoint).Take(&row).Error; err != nil {
			return found(err, "message")
		}
		switch {
		case !e.Enabled:
			return fault.New(fault.Conflict, "Nothing is sent there now. Resume the endpoint, then send it again.")
		case row.State == string(Pending) && row.NextAt <= ms(s.Now()):
			return fault.New(fault.Conflict, "This message is in the queue and goes out within seconds.")
		}
		err := tx.Table("webhook_deliveries").Where("id = ?", id).Updates(map[string]any{"state": string(Pending), "failures": 0, "next_at": ms(s.Now())}).Error
		if err != nil {
			return fmt.Errorf("resend: %w", err)
		}
		tx.Note("webhook.resent", endpointSubject(e), nil, map[string]any{"message": row.MessageID, "event": row.EventSeq})
		return nil
	})
}

// Deliveries is one page of an endpoint's log, the newest first; state "" is all of them.
func (s *Store) Deliveries(ctx context.Context, endpoint int64, state DeliveryState, after string, limit int) (Page[Delivery], error) {
	q, back := s.narrowDeliveries(s.read.WithContext(ctx), endpoint, state), false
	if after != "" {
		_, id, b, err := decodeCursor[int64](after)
		if err != nil {
			return Page[Delivery]{}, err
		}
		if back = b; back {
			q = q.Where("id > ?", id)
		} else {
			q = q.Where("id < ?", id)
		}
	}
	order := "id DESC"
	if back {
		order = "id"
	}
	var rows []deliveryRow
	if err := q.Omit("body").Order(order).Limit(limit + 1).Find(&rows).Error; err != nil {
		return Page[Delivery]{}, fmt.Errorf("deliveries: %w", err)
	}
	return keysetPage(rows, limit, back, after != "", func(r deliveryRow) (any, int64) { return r.ID, r.ID }, deliveryRow.delivery), nil
}

// CountDeliveries counts what Deliveries lists, up to CountLimit.
func (s *Store) CountDeliveries(ctx context.Context, endpoint int64, state DeliveryState) (Figure, error) {
	var n int64
	inner := s.narrowDeliveries(s.read.WithContext(ctx), endpoint, state).Select("id").Limit(CountLimit + 1)
	if err := s.read.WithContext(ctx).Table("(?) AS bounded", inner).Count(&n).Error; err != nil {
		return Figure{}, fmt.Errorf("count deliveries: %w", err)
	}
	return Figure{N: int(min(n, CountLimit)), More: n > CountLimit}, nil
}

func (s *Store) narrowDeliveries(db *gorm.DB, endpoint int64, state DeliveryState) *gorm.DB {
	q := db.Model(&deliveryRow{}).Where("endpoint_id = ?", endpoint)
	if state != "" {
		q = q.Where("state = ?", string(state))
	}
	return q
}

// Delivery is one message of an endpoint's log with its latest attempts, the last first.
func (s *Store) Delivery(ctx context.Context, endpoint, id int64) (Delivery, []notice.Answer, error) {
	q := s.read.WithContext(ctx)
	var row deliveryRow
	err := q.Where("id = ? AND endpoint_id = ? AND endpoint_id IN (SELECT id FROM webhook_endpoints WHERE deleted_at = 0)", id, endpoint).Take(&row).Error
	if err != nil {
		return Delivery{}, nil, found(err, "message")
	}
	var tries []attemptRow
	if err := q.Where("delivery_id = ?", id).Order("id DESC").Limit(100).Find(&tries).Error; err != nil {
		return Delivery{}, nil, fmt.Errorf("attempts: %w", err)
	}
	answers := make([]notice.Answer, 0, len(tries))
	for _, t := range tries {
		a := attemptAnswer(t.At, t.Status, t.Took, t.Error)
		a.Excerpt = t.Excerpt
		answers = append(answers, a)
	}
	return row.delivery(), answers, nil
}

// SweepDeliveries forgets messages that were made before a moment, and all of endpoints that were
// deleted, in small steps: nobody waits long for the writer's lock. It returns how many went.
func (s *Store) SweepDeliveries(ctx context.Context, before time.Time) (int64, error) {
	var swept int64
	for {
		var ids []int64
		err := s.read.WithContext(ctx).Raw(`SELECT id FROM (SELECT id FROM webhook_deliveries WHERE created_at < ? ORDER BY created_at LIMIT 500) AS old
			UNION SELECT id FROM (SELECT d.id FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id WHERE e.deleted_at > 0 LIMIT 500) AS gone`, ms(before)).Scan(&ids).Error
		if err != nil {
			return swept, fmt.Errorf("sweep deliveries: %w", err)
		}
		if len(ids) == 0 {
			return swept, s.sweepEndpoints(ctx)
		}
		err = s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			if err := tx.Where("delivery_id IN ?", ids).Delete(&attemptRow{}).Error; err != nil {
				return err
			}
			return tx.Where("id IN ?", ids).Delete(&deliveryRow{}).Error
		})
		if err != nil {
			return swept, fmt.Errorf("sweep deliveries: %w", err)
		}
		swept += int64(len(ids))
	}
}

func (s *Store) sweepEndpoints(ctx context.Context) error {
	err := s.write.WithContext(ctx).Exec(`DELETE FROM webhook_endpoints WHERE deleted_at > 0
		AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = webhook_endpoints.id)`).Error
	if err != nil {
		return fmt.Errorf("sweep endpoints: %w", err)
	}
	return nil
}
