package store_test

import (
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// Whoever owned the model until yesterday, or changed what it promises, does not decide on it today.
func TestHandingAModelOverMakesNoReviewerOfItsOwner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		system := store.WithSource(t.Context(), store.Source{Actor: org.System, RequestID: "test"})
		both, err := s.Refresh(system, w.Owner.ID, []org.Role{org.Contributor, org.Reviewer}, []string{"team-fraud"})
		if err != nil {
			t.Fatal(err)
		}
		w.Model(t, "fraud-scorer", registry.Trained, 3)
		w.Version(t, "fraud-scorer", "v1")
		w.Evidence(t, "fraud-scorer", "v1")
		w.Promote(t, "fraud-scorer", "v1", registry.Registered)
		_, err = s.ChangeModel(w.As(w.Deputy), "fraud-scorer", 0, func(m *registry.Model) error {
			m.OwnerID, m.DeputyID = w.Deputy.ID, w.Contributor.ID
			m.Note("model.assigned", m.Subject(), nil, map[string]int64{"owner": m.OwnerID})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		d, err := s.OpenRequest(w.As(w.Contributor), "fraud-scorer", "v1", w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Propose(storetest.Actor(w.Contributor), registry.Validated, "Ready for the next stage.", now)
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.ChangeDossier(w.As(both), d.ID, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Review(storetest.Actor(both), lifecycle.Approve, d.CurrentDigest(now), "", now)
		})
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("the owner of yesterday decided: %v", err)
		}
	})
}
