package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
)

// readsGoal holds the store's hottest reads against the same questions as prepared SQL, scanned by hand.
var readsGoal = goal{names: []string{"P7"}, what: "hot reads against prepared SQL, and queries a page", measure: func(ctx context.Context, b *bench) ([]row, error) {
	rows, err := b.hotReads(ctx, b.sqlite, "P7")
	if err != nil {
		return nil, err
	}
	pages, err := b.queriesOfPages(ctx, b.sqlite, "P7")
	return append(pages, rows...), err
}}

func (b *bench) hotReads(ctx context.Context, url, name string) ([]row, error) {
	s, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := openSession(ctx, s); err != nil {
		return nil, err
	}
	db, err := openToRead(url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	raw, err := prepareReads(ctx, db)
	if err != nil {
		return nil, err
	}
	slug, err := someServing(ctx, s)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, x := range []struct {
		name         string
		n            int
		store, plain func() error
	}{
		{"models list", 200,
			func() error { _, err := s.Models(ctx, registry.Filter{}, "", pageRows); return err },
			func() error { _, err := raw.models(ctx, pageRows+1); return err }},
		{"teams", 100,
			func() error { _, err := s.Teams(ctx); return err },
			func() error { _, err := raw.teams(ctx); return err }},
		{"session", 1000,
			func() error { _, _, err := s.LiveSession(ctx, tokenHash(), time.Now()); return err },
			func() error { return raw.liveSession(ctx, tokenHash(), time.Now()) }},
		{"what served then", 500,
			func() error { _, _, err := s.ProductionAt(ctx, slug, time.Now()); return err },
			func() error { return raw.productionAt(ctx, slug, time.Now()) }},
	} {
		got, err := byTurns(b.rounds, calls(b.calls(x.n), x.store), calls(b.calls(x.n), x.plain))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.name, err)
		}
		rows = append(rows, readRow(name, x.name, isPostgres(url), got[0], got[1]))
	}
	return rows, nil
}

// readRow judges by CPU on SQLite, which works in this process; on PostgreSQL, which does not, by time.
func readRow(name, what string, postgres bool, portal, plain []sample) row {
	of, limit, unit := cpuOf, 1.3, "CPU"
	if postgres {
		of, limit, unit = p50Of, 1.7, "p50"
	}
	return atMost(name, fmt.Sprintf("%s, %s of prepared SQL's", what, unit), ratio(portal, plain, of), limit,
		fmt.Sprintf("%.3f ms against %.3f ms", middle(portal, of), middle(plain, of)))
}

func tokenHash() string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func someServing(ctx context.Context, s *store.Store) (slug string, err error) {
	page, err := s.Models(ctx, registry.Filter{Stage: registry.Production, Kind: registry.Trained}, "", 1)
	if err != nil || len(page.Rows) == 0 {
		return "", fmt.Errorf("no model serves: %w", err)
	}
	return page.Rows[0].Slug, nil
}

func (r *reads) liveSession(ctx context.Context, hash string, now time.Time) error {
	var x store.Session
	var p org.Person
	var created, seen, idle, absolute, checked int64
	var roles, teams string
	err := r.session.QueryRowContext(ctx, hash, now.UnixMilli(), now.UnixMilli()).Scan(&x.ID, &x.PersonID, &created, &seen, &idle, &absolute, &checked,
		&x.UserAgent, &x.Address, &x.Sealed, &p.Issuer, &p.Subject, &p.Email, &p.Name, &roles, &teams)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(roles), &p.Roles); err != nil {
		return err
	}
	return json.Unmarshal([]byte(teams), &p.TeamIDs)
}

func (r *reads) productionAt(ctx context.Context, slug string, now time.Time) error {
	var x store.ServingRow
	var v registry.Version
	var author sql.NullInt64
	var since, until, stage, served, superseded, rollback, created, updated int64
	var by, built, monitoring string
	err := r.production.QueryRowContext(ctx, slug, now.UnixMilli()).Scan(&x.Slug, &x.Model, &since, &until, &x.ApprovedDigest, &by, &v.ID, &v.Label, &v.Kind, &v.Stage,
		&v.Summary, &built, &author, &v.RollbackTarget, &v.RolloutPlan, &monitoring, &stage, &served, &superseded, &rollback, &v.ClosedReason, &v.Revision, &created, &updated)
	if err != nil {
		return err
	}
	for text, to := range map[string]any{by: &x.ApprovedBy, built: &struct{ Lineage *registry.Lineage }{&v.Lineage}, monitoring: &v.Monitoring} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			return err
		}
	}
	return nil
}
