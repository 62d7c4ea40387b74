package store_test

import (
	"testing"
	"time"

	"sundial/models/store"
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
