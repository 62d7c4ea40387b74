package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Vitals are what monitoring asks for. Reading them costs a handful of look-ups, each in an index and
// bounded, however large the database is.
type Vitals struct {
	AuditHead int64
	Outbox    int64 // events that the webhook channel has not looked at
	Waiting   int   // messages to endpoints that are switched on, bounded for each
	Oldest    time.Time
	Failing   int // endpoints that do not take what they are sent, or were switched off for it
	Endpoints int
	Sessions  int // live ones, up to mostSessions
	Jobs      []JobStand
}

// mostSessions is how far live sessions are counted.
const mostSessions = 10_000

// Vitals reads them.
func (s *Store) Vitals(ctx context.Context) (Vitals, error) {
	var v Vitals
	var cursor struct{ Head, Behind int64 }
	err := s.read.WithContext(ctx).Raw(`SELECT h.seq AS head, COALESCE((SELECT h.seq - c.seq FROM outbox_cursors c WHERE c.channel = ?
		AND EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.deleted_at = 0)), 0) AS behind FROM audit_head h WHERE h.id = 1`, webhookChannel).Scan(&cursor).Error
	if err != nil {
		return v, fmt.Errorf("vitals: %w", err)
	}
	v.AuditHead, v.Outbox = cursor.Head, cursor.Behind
	endpoints, err := s.Endpoints(ctx)
	if err != nil {
		return v, err
	}
	v.Endpoints = len(endpoints)
	for _, e := range endpoints {
		if !e.FailingSince.IsZero() || e.Why != "" {
			v.Failing++
		}
		if !e.Enabled || e.Waiting == 0 {
			continue
		}
		if v.Waiting += e.Waiting; v.Oldest.IsZero() || e.Oldest.Before(v.Oldest) {
			v.Oldest = e.Oldest
		}
	}
	now := ms(s.Now())
	err = s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM sessions WHERE absolute_end > ? AND idle_end > ? AND revoked_at = 0 LIMIT ?) AS bounded",
		now, now, mostSessions).Scan(&v.Sessions).Error
	if err != nil {
		return v, fmt.Errorf("vitals: %w", err)
	}
	v.Jobs, err = s.Jobs(ctx)
	return v, err
}

// Pools are the connection pools by name; SQLite has one for its writer and one for readers.
func (s *Store) Pools() map[string]sql.DBStats {
	out := map[string]sql.DBStats{}
	if db, err := s.write.DB(); err == nil {
		out["write"] = db.Stats()
	}
	if db, err := s.read.DB(); err == nil && s.read != s.write {
		out["read"] = db.Stats()
	}
	return out
}
