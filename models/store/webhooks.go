package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"time"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/notice"
)

type endpointRow struct {
	ID             int64
	URL            string `gorm:"column:url"`
	Description    string
	Types          asJSON[[]notice.Type]
	Sealed         string
	SealedPrevious string
	PreviousUntil  int64
	Enabled        bool
	Why            string
	FailingSince   int64
	LastAt         int64
	LastStatus     int64
	LastTook       int64
	LastError      string
	FromSeq        int64 // it is told of what came after this event
	CreatedBy      *int64
	CreatedAt      int64 `gorm:"autoCreateTime:false"`
	DeletedAt      int64
	Revision       int64
}

func (endpointRow) TableName() string { return "webhook_endpoints" }

func (r endpointRow) endpoint() notice.Endpoint {
	return notice.Endpoint{ID: r.ID, URL: r.URL, Description: r.Description, Types: r.Types.V, Enabled: r.Enabled, Why: r.Why,
		FailingSince: at(r.FailingSince), PreviousUntil: at(r.PreviousUntil), CreatedBy: deref(r.CreatedBy), CreatedAt: at(r.CreatedAt), Revision: r.Revision}
}

// endpointSubject names an endpoint by its host: the rest of an address may be as good as a password.
func endpointSubject(e notice.Endpoint) audit.Subject {
	return audit.Subject{Kind: "webhook", ID: e.ID, Label: hostOf(e.URL)}
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address"
	}
	return u.Host
}

func endpointFacts(e notice.Endpoint) map[string]any {
	return map[string]any{"host": hostOf(e.URL), "description": e.Description, "types": e.Types}
}

// AddEndpoint keeps an address that is to be told and returns the secret that signs what it is told:
// this once, for it is kept sealed. Only what happens from now on goes there.
func (s *Store) AddEndpoint(ctx context.Context, e notice.Endpoint) (added notice.Endpoint, secret string, err error) {
	secret = newSecret()
	err = s.change(ctx, func(tx *txn) error {
		head, err := tx.startOutbox(e.URL)
		if err != nil {
			return err
		}
		row := endpointRow{URL: e.URL, Description: e.Description, Types: wrap(e.Types), Enabled: true, FromSeq: head,
			CreatedBy: ref(tx.src.Actor.ID), CreatedAt: ms(s.Now()), Revision: 1}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("add endpoint: %w", err)
		}
		sealed, err := s.sealText(secretOf(row.ID), secret)
		if err != nil {
			return err
		}
		if err := tx.Table("webhook_endpoints").Where("id = ?", row.ID).Update("sealed", sealed).Error; err != nil {
			return fmt.Errorf("keep secret: %w", err)
		}
		e = row.endpoint()
		tx.Note("webhook.added", endpointSubject(e), nil, endpointFacts(e))
		return nil
	})
	return e, secret, err
}

// newSecret is a secret as the Standard Webhooks specification writes it.
func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b)
	return "whsec_" + base64.StdEncoding.EncodeToString(b)
}

func secretOf(endpoint int64) string { return fmt.Sprintf("webhook secret %d", endpoint) }

// startOutbox returns the newest event. Where nobody was told before, the channel begins there. The
// head is locked, so that the same form sent twice finds the endpoint it made.
func (tx *txn) startOutbox(address string) (int64, error) {
	var head headRow
	if err := tx.s.locked(tx.DB).Where("id = 1").Take(&head).Error; err != nil {
		return 0, fmt.Errorf("audit head: %w", err)
	}
	var others []string
	if err := tx.Raw("SELECT url FROM webhook_endpoints WHERE deleted_at = 0").Scan(&others).Error; err != nil {
		return 0, fmt.Errorf("other endpoints: %w", err)
	}
	switch {
	case slices.Contains(others, address):
		return 0, fault.At("url", "This address is told already.")
	case len(others) >= notice.MostEndpoints:
		return 0, fault.Newf(fault.Conflict, "There are %d endpoints already, which is the most. Delete one that is no longer needed.", len(others))
	}
	keep := " DO NOTHING"
	if len(others) == 0 {
		keep = " DO UPDATE SET seq = excluded.seq, moved_at = excluded.moved_at"
	}
	err := tx.Exec("INSERT INTO outbox_cursors (channel, seq, moved_at) VALUES (?, ?, ?) ON CONFLICT (channel)"+keep, webhookChannel, head.Seq, ms(tx.s.Now())).Error
	if err != nil {
		return 0, fmt.Errorf("start outbox: %w", err)
	}
	return head.Seq, nil
}

// ChangeEndpoint changes address, description and types; the rest stays.
func (s *Store) ChangeEndpoint(ctx context.Context, id, revision int64, to notice.Endpoint) error {
	return s.onEndpoint(ctx, id, revision, func(tx *txn, e notice.Endpoint) error {
		before := endpointFacts(e)
		e.URL, e.Description, e.Types = to.URL, to.Description, to.Types
		err := tx.swap("webhook_endpoints", id, revision, map[string]any{"url": e.URL, "description": e.Description, "types": wrap(e.Types)})
		if err != nil {
			return err
		}
		tx.Note("webhook.edited", endpointSubject(e), before, endpointFacts(e))
		return nil
	})
}

// PauseEndpoint stops telling; what happens meanwhile waits. ResumeEndpoint sends it.
func (s *Store) PauseEndpoint(ctx context.Context, id int64) error {
	return s.onEndpoint(ctx, id, 0, func(tx *txn, e notice.Endpoint) error {
		if !e.Enabled {
			return fault.New(fault.Conflict, "Nothing is sent there already.")
		}
		tx.Note("webhook.paused", endpointSubject(e), nil, nil)
		return tx.setEndpoint(id, map[string]any{"enabled": false, "why": ""})
	})
}

// ResumeEndpoint begins to tell again.
func (s *Store) ResumeEndpoint(ctx context.Context, id int64) error {
	return s.onEndpoint(ctx, id, 0, func(tx *txn, e notice.Endpoint) error {
		if e.Enabled {
			return fault.New(fault.Conflict, "Messages are sent there already.")
		}
		tx.Note("webhook.resumed", endpointSubject(e), nil, nil)
		return tx.setEndpoint(id, map[string]any{"enabled": true, "why": "", "failing_since": 0})
	})
}

// RotateSecret gives the endpoint another secret and returns it, this once. The one it had signs too,
// for notice.OldSecret; one before that no longer does, so a form that is sent twice rotates once.
func (s *Store) RotateSecret(ctx context.Context, id, revision int64) (string, error) {
	secret := newSecret()
	err := s.onEndpoint(ctx, id, revision, func(tx *txn, e notice.Endpoint) error {
		var now string
		if err := tx.Raw("SELECT sealed FROM webhook_endpoints WHERE id = ?", id).Scan(&now).Error; err != nil {
			return fmt.Errorf("read secret: %w", err)
		}
		sealed, err := s.sealText(secretOf(id), secret)
		if err != nil {
			return err
		}
		until := s.Now().Add(notice.OldSecret)
		tx.Note("webhook.rotated", endpointSubject(e), nil, map[string]any{"previous_until": until})
		return tx.swap("webhook_endpoints", id, revision, map[string]any{"sealed": sealed, "sealed_previous": now, "previous_until": ms(until)})
	})
	return secret, err
}

// TestEndpoint asks for a test message. The event itself is the message: it goes out as all do.
func (s *Store) TestEndpoint(ctx context.Context, id int64) error {
	return s.onEndpoint(ctx, id, 0, func(tx *txn, e notice.Endpoint) error {
		if !e.Enabled {
			return fault.New(fault.Conflict, "Nothing is sent there now. Resume the endpoint, then test it.")
		}
		tx.Note(notice.TestVerb, endpointSubject(e), nil, nil)
		return nil
	})
}

// DeleteEndpoint forgets the address and its secrets at once; the sweep of the night removes its log.
func (s *Store) DeleteEndpoint(ctx context.Context, id int64) error {
	return s.onEndpoint(ctx, id, 0, func(tx *txn, e notice.Endpoint) error {
		tx.Note("webhook.deleted", endpointSubject(e), endpointFacts(e), nil)
		return tx.setEndpoint(id, map[string]any{"enabled": false, "url": "", "sealed": "", "sealed_previous": "", "deleted_at": ms(s.Now())})
	})
}

func (s *Store) onEndpoint(ctx context.Context, id, revision int64, fn func(*txn, notice.Endpoint) error) error {
	return s.change(ctx, func(tx *txn) error {
		var row endpointRow
		if err := s.locked(tx.DB).Where("id = ? AND deleted_at = 0", id).Take(&row).Error; err != nil {
			return found(err, "endpoint")
		}
		if revision != 0 && row.Revision != revision {
			return stale()
		}
		return fn(tx, row.endpoint())
	})
}

func (tx *txn) setEndpoint(id int64, values map[string]any) error {
	if err := tx.Table("webhook_endpoints").Where("id = ?", id).Updates(values).Error; err != nil {
		return fmt.Errorf("change endpoint: %w", err)
	}
	return nil
}

// EndpointStand is an endpoint with how it does.
type EndpointStand struct {
	notice.Endpoint
	Waiting int       // messages that were not taken yet, up to CountLimit + 1
	Oldest  time.Time // since when the oldest of them waits
	Last    notice.Answer
}

type standRow struct {
	E               endpointRow `gorm:"embedded"`
	Creator         string
	Waiting, Oldest int64
}

func (r standRow) stand() EndpointStand {
	e := EndpointStand{Endpoint: r.E.endpoint(), Waiting: int(r.Waiting), Oldest: at(r.Oldest), Last: attemptAnswer(r.E.LastAt, r.E.LastStatus, r.E.LastTook, r.E.LastError)}
	e.Creator = r.Creator
	return e
}

func attemptAnswer(when, status, took int64, sentence string) notice.Answer {
	return notice.Answer{At: at(when), Status: int(status), Took: time.Duration(took) * time.Millisecond, Error: sentence}
}

// standQuery looks at every endpoint's queue through its own end of the index.
const standQuery = `SELECT e.*, COALESCE(p.name, '') AS creator,
		(SELECT COUNT(*) FROM (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.state = 'pending' LIMIT 1001) AS bounded) AS waiting,
		COALESCE((SELECT MIN(d.created_at) FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.state = 'pending'), 0) AS oldest
	FROM webhook_endpoints e LEFT JOIN people p ON p.id = e.created_by WHERE e.deleted_at = 0`

// Endpoints lists every endpoint, the oldest first. There are at most notice.MostEndpoints.
func (s *Store) Endpoints(ctx context.Context) ([]EndpointStand, error) {
	var rows []standRow
	if err := s.read.WithContext(ctx).Raw(standQuery + " ORDER BY e.id").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("endpoints: %w", err)
	}
	out := make([]EndpointStand, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.stand())
	}
	return out, nil
}

// Endpoint finds one endpoint.
func (s *Store) Endpoint(ctx context.Context, id int64) (EndpointStand, error) {
	var row standRow
	res := s.read.WithContext(ctx).Raw(standQuery+" AND e.id = ?", id).Scan(&row)
	if res.Error != nil {
		return EndpointStand{}, fmt.Errorf("endpoint: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return EndpointStand{}, fault.New(fault.NotFound, "There is no such endpoint.")
	}
	return row.stand(), nil
}
