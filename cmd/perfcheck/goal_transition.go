package main

import (
	"context"
	"fmt"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store"
)

// transitionGoal holds the approval that takes a version to production against the bare writes of it.
var transitionGoal = goal{names: []string{"P8"}, what: "a stage transition against the same writes in prepared SQL", measure: func(ctx context.Context, b *bench) ([]row, error) {
	return b.transitions(ctx, b.sqlite, "P8")
}}

func (b *bench) transitions(ctx context.Context, url, name string) ([]row, error) {
	s, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	db, err := openToWrite(url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	each := max(1, min(20, b.models/(200*b.rounds)))
	waiting, err := openRequests(ctx, s, 2*b.rounds*each+1)
	if err != nil {
		return nil, err
	}
	next := func() int64 { id := waiting[0]; waiting = waiting[1:]; return id }
	approve := func() error { return approve(ctx, s, next()) }
	if err := approve(); err != nil {
		return nil, err
	}
	raw, err := prepareTransition(ctx, db)
	if err != nil {
		return nil, err
	}
	got, err := byTurns(b.rounds, calls(each, approve), calls(each, func() error { return raw.run(ctx, next()) }))
	if err != nil {
		return nil, err
	}
	p, f := got[0], got[1]
	return []row{atLeast(name, "transition to production, transactions a second of prepared SQL's", ratio(p, f, perSecond), 0.6,
		fmt.Sprintf("%.0f/s against %.0f/s, %.2f ms against %.2f ms, CPU %.2f ms against %.2f ms; the portal's reads everything its rule looks at, the other nothing",
			middle(p, perSecond), middle(f, perSecond), middle(p, p50Of), middle(f, p50Of), middle(p, cpuOf), middle(f, cpuOf)))}, nil
}

// openRequests asks for production for versions that may go there and need one approval.
func openRequests(ctx context.Context, s *store.Store, n int) ([]int64, error) {
	policy, _ := lifecycle.Profile("standard")
	asker := store.WithSource(ctx, store.Source{Actor: visitor(), RequestID: "perfcheck"})
	var out []int64
	after := ""
	for {
		page, err := s.Models(ctx, registry.Filter{Stage: registry.Staged, Kind: registry.Trained}, after, 200)
		if err != nil {
			return nil, err
		}
		for _, m := range page.Rows {
			if m.Tier == 1 || len(out) == n {
				continue
			}
			id, err := openRequest(asker, s, m, policy)
			if err != nil {
				return nil, err
			}
			if id != 0 {
				out = append(out, id)
			}
		}
		if len(out) == n {
			return out, nil
		}
		if after = page.Next; after == "" {
			return nil, fmt.Errorf("%d versions wait for production, %d are needed: seed more models or a fresh folder", len(out), n)
		}
	}
}

// openRequest returns 0 for a version whose gate is red or that somebody has asked for already.
func openRequest(ctx context.Context, s *store.Store, m registry.Row, policy lifecycle.Policy) (int64, error) {
	versions, err := s.Versions(ctx, m.ID, 0, 1)
	if err != nil || len(versions) == 0 {
		return 0, err
	}
	d, err := s.Prospect(ctx, m.Slug, versions[0].Label, policy)
	if err != nil || !lifecycle.GateTo(&d.Facts, registry.Production, policy, s.Now()).Green() {
		return 0, err
	}
	d, err = s.OpenRequest(ctx, m.Slug, versions[0].Label, policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(visitor(), registry.Production, "Better on the holdout.", now)
	})
	if err != nil {
		return 0, nil // asked for by an earlier run that was stopped
	}
	return d.ID, nil
}

func approve(ctx context.Context, s *store.Store, id int64) error {
	policy, _ := lifecycle.Profile("standard")
	ctx = store.WithSource(ctx, store.Source{Actor: reviewer(), RequestID: "perfcheck", From: "127.0.0.1"})
	d, err := s.ChangeDossier(ctx, id, policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Review(reviewer(), lifecycle.Approve, d.CurrentDigest(now), "", now)
	})
	if err == nil && d.State != lifecycle.Applied {
		return fmt.Errorf("request %d is %s after its approval", id, d.State)
	}
	return err
}
