package store_test

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sundial/auth/rate"
	"sundial/models/store"
	"sundial/models/store/pgtest"
	"sundial/models/store/storetest"
)

func TestALimitIsGivenOutInBlocks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		noon := time.Date(2026, 3, 3, 12, 0, 12, 0, time.UTC)
		claim := func(key string, at time.Time) store.RateBlock {
			t.Helper()
			b, err := s.ClaimRate(t.Context(), key, time.Minute, 10, 4, at)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		for i, want := range []store.RateBlock{{4, 4, 48 * time.Second}, {4, 8, 48 * time.Second}, {2, 10, 48 * time.Second}, {0, 10, 48 * time.Second}, {0, 10, 48 * time.Second}} {
			if got := claim("token:1", noon); got != want {
				t.Errorf("claim %d: %+v, want %+v", i+1, got, want)
			}
		}
		if got := claim("token:2", noon); got.Granted != 4 {
			t.Errorf("another key: %+v", got)
		}
		if got := claim("token:1", noon.Add(48*time.Second)); got.Granted != 4 || got.Left != time.Minute {
			t.Errorf("the next window: %+v", got)
		}
		b, err := s.ClaimRate(t.Context(), "now", time.Minute, 10, 10, time.Time{})
		if err != nil || b.Granted != 10 || b.Left <= 0 || b.Left > time.Minute {
			t.Errorf("by the database's clock: %+v %v", b, err)
		}
		if b, err = s.ClaimRate(t.Context(), "now", time.Minute, 10, 10, time.Time{}); err != nil || b.Granted != 0 && b.Used != 10 {
			t.Errorf("used up: %+v %v", b, err)
		}
		if err := s.SweepRates(t.Context(), 10*time.Minute); err != nil {
			t.Fatal(err)
		}
		var left int64
		if err := s.DB().Table("rate_windows").Count(&left).Error; err != nil || left < 1 || left > 2 {
			t.Errorf("%d windows are left, %v; those of today alone should be", left, err)
		}
	})
}

// Three replicas of eight busy callers each never let through more than the limit together, and
// together come close to it.
func TestTheLimitHoldsAcrossReplicas(t *testing.T) {
	urls := map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "sundial.db") },
		"postgres": func(t *testing.T) string { return pgtest.Fresh(t, func(string) error { return nil }) },
	}
	for name, url := range urls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := url(t)
			noon := time.Date(2026, 3, 3, 12, 0, 1, 0, time.UTC)
			var minute atomic.Int64
			clock := func() time.Time { return noon.Add(time.Duration(minute.Load()) * time.Minute) }
			var replicas []*rate.Limiter
			for range 3 {
				s := storetest.Open(t, at)
				if _, err := s.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
				replicas = append(replicas, rate.New(s, clock))
			}
			for _, limit := range []int{1, 7, 60, 400} {
				minute.Add(1)
				passed := hammer(t, replicas, "token:1", limit, limit)
				if passed > int64(limit) {
					t.Errorf("limit %d: %d passed", limit, passed)
				}
				// A replica may sit on an unspent part of one block when the others are done.
				if passed < int64(limit-2*max(1, limit/20)) {
					t.Errorf("limit %d: %d passed only", limit, passed)
				}
			}
		})
	}
}

// hammer lets eight callers of each replica ask, and counts who passes.
func hammer(t *testing.T, replicas []*rate.Limiter, key string, limit, asks int) int64 {
	t.Helper()
	var passed atomic.Int64
	var wg sync.WaitGroup
	for _, r := range replicas {
		for range 8 {
			wg.Go(func() {
				for range asks {
					v, err := r.Take(t.Context(), key, limit)
					if err != nil {
						t.Error(err)
						return
					}
					if v.Allowed {
						passed.Add(1)
					}
				}
			})
		}
	}
	wg.Wait()
	return passed.Load()
}
