package store_test

import (
	"testing"
	"time"

	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func TestAVersionGoesToProductionAndIsSuperseded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud-scorer", "v1", 1)
		serving, v, err := s.ProductionAt(t.Context(), "fraud-scorer", time.Time{})
		if err != nil || v.Label != "v1" || len(serving.ApprovedBy) != 2 {
			t.Fatalf("v1 should serve with two approvals, got %q, %v, %v", v.Label, serving.ApprovedBy, err)
		}
		before := s.Now()
		time.Sleep(5 * time.Millisecond) // moments are kept in milliseconds
		w.Version(t, "fraud-scorer", "v2")
		w.Evidence(t, "fraud-scorer", "v2")
		w.ConfirmPlan(t, "fraud-scorer", "v2")
		w.PromoteAll(t, "fraud-scorer", "v2")
		_, v, err = s.ProductionAt(t.Context(), "fraud-scorer", time.Time{})
		if err != nil || v.Label != "v2" {
			t.Fatalf("v2 should serve now, got %q, %v", v.Label, err)
		}
		if _, v, err = s.ProductionAt(t.Context(), "fraud-scorer", before); err != nil || v.Label != "v1" {
			t.Fatalf("v1 should have served then, got %q, %v", v.Label, err)
		}
		if _, old, _ := s.Version(t.Context(), "fraud-scorer", "v1"); old.Stage != registry.Staged || old.RollbackUntil.IsZero() {
			t.Errorf("v1 should be superseded and able to return, is %s until %s", old.Stage, old.RollbackUntil)
		}
		n, broken, err := s.VerifyAudit(t.Context())
		if err != nil || broken != nil || n < 30 {
			t.Errorf("the audit chain should hold over all of it: %d events, %v, %v", n, broken, err)
		}
	})
}
