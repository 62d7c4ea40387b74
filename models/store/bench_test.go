package store_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// Small and quick, to see whether a change made something slower. What counts is measured at full size
// and against prepared SQL by cmd/perfcheck.

func BenchmarkModels(b *testing.B) {
	s := storetest.New(b)
	w := storetest.NewWorld(b, s)
	for i := range 120 {
		w.Model(b, fmt.Sprintf("scorer-%d", i), registry.Trained, registry.Tier(1+i%3))
	}
	first, err := s.Models(b.Context(), registry.Filter{}, "", 50)
	if err != nil {
		b.Fatal(err)
	}
	for name, list := range map[string]func() error{
		"first page": func() error { _, err := s.Models(b.Context(), registry.Filter{}, "", 50); return err },
		"next page":  func() error { _, err := s.Models(b.Context(), registry.Filter{}, first.Next, 50); return err },
		"search":     func() error { _, err := s.Models(b.Context(), registry.Filter{Query: "scorer-11"}, "", 50); return err },
		"count":      func() error { _, _, err := s.CountModels(b.Context(), registry.Filter{}); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := list(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkProductionAt(b *testing.B) {
	s := storetest.New(b)
	storetest.NewWorld(b, s).Serve(b, "fraud-scorer", "v1", 3)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.ProductionAt(b.Context(), "fraud-scorer", time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTransition times the approval that takes a version to production; what leads there is not timed.
func BenchmarkTransition(b *testing.B) {
	s := storetest.New(b)
	w := storetest.NewWorld(b, s)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		b.StopTimer()
		id := waitsForProduction(b, w, "scorer-"+strconv.Itoa(i))
		b.StartTimer()
		d, err := s.ChangeDossier(w.As(w.Risk), id, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Review(storetest.Actor(w.Risk), lifecycle.Approve, d.CurrentDigest(now), "", now)
		})
		if err != nil || d.State != lifecycle.Applied {
			b.Fatalf("not applied: %v", err)
		}
	}
}

// waitsForProduction makes a model whose version needs one more approval.
func waitsForProduction(b *testing.B, w *storetest.World, slug string) int64 {
	b.Helper()
	w.Model(b, slug, registry.Trained, 3)
	w.Version(b, slug, "v1")
	w.Evidence(b, slug, "v1")
	w.Plan(b, slug)
	for _, to := range []registry.Stage{registry.Registered, registry.Validated, registry.Staged} {
		w.Promote(b, slug, "v1", to)
	}
	d, err := w.S.OpenRequest(w.As(w.Contributor), slug, "v1", w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(storetest.Actor(w.Contributor), registry.Production, "Ready.", now)
	})
	if err != nil {
		b.Fatal(err)
	}
	return d.ID
}

// BenchmarkLiveSession is the one query that every page begins with.
func BenchmarkLiveSession(b *testing.B) {
	s := storetest.New(b)
	w := storetest.NewWorld(b, s)
	now := time.Now()
	if _, err := s.OpenSession(w.As(w.Owner), "hash", store.Session{PersonID: w.Owner.ID, CreatedAt: now, IdleEnd: now.Add(time.Hour), AbsoluteEnd: now.Add(time.Hour)}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, p, err := s.LiveSession(b.Context(), "hash", now); err != nil || !p.Has(org.Contributor) {
			b.Fatal(err)
		}
	}
}
