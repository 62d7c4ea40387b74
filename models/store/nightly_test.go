package store_test

import (
	"testing"
	"time"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func TestThePlanOfAnOwnerWhoLeftGoesStaleOvernight(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud-scorer", "v1", 3)
		system := store.WithSource(t.Context(), store.Source{Actor: org.System, RequestID: "work"})
		check := func(want int, plan string) {
			t.Helper()
			if n, err := s.CheckPlans(system, w.Policy); err != nil || n != want {
				t.Fatalf("%d plans should change, %d did: %v", want, n, err)
			}
			page, err := s.Models(t.Context(), registry.Filter{}, "", 10)
			if err != nil || page.Rows[0].Plan != plan {
				t.Fatalf("the list should say %q, says %q: %v", plan, page.Rows[0].Plan, err)
			}
		}
		check(0, "approved")
		if err := s.SetDisabled(w.As(w.Admin), w.Owner.ID, true); err != nil {
			t.Fatal(err)
		}
		check(1, "stale")
		check(0, "stale")
		if err := s.SetDisabled(w.As(w.Admin), w.Owner.ID, false); err != nil {
			t.Fatal(err)
		}
		check(1, "approved")
		s.SetClock(func() time.Time { return time.Now().AddDate(1, 0, 0) })
		check(1, "stale")
	})
}
