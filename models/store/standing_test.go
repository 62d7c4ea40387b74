package store_test

import (
	"testing"
	"time"

	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// A request's body may arrive long after its session was looked up: what counts is who the person is
// when the decision is made.
func TestWhoLosesTheRightOnTheWayDoesNotDecide(t *testing.T) {
	for name, lose := range map[string]func(w *storetest.World, who org.Person) error{
		"the account is disabled": func(w *storetest.World, who org.Person) error { return w.S.SetDisabled(w.As(w.Admin), who.ID, true) },
		"the role is taken away": func(w *storetest.World, who org.Person) error {
			_, err := w.S.Refresh(w.As(w.Admin), who.ID, []org.Role{org.Viewer}, []string{"team-credit"})
			return err
		},
		"the team is taken away": func(w *storetest.World, who org.Person) error {
			_, err := w.S.Refresh(w.As(w.Admin), who.ID, who.Roles, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				w := storetest.NewWorld(t, s)
				id, digest := waiting(t, w, "fraud-scorer", 2)
				if err := lose(w, w.OtherReviewer); err != nil {
					t.Fatal(err)
				}
				if _, err := review(w, w.OtherReviewer, id, lifecycle.Approve, digest); !fault.Is(err, fault.Forbidden) {
					t.Errorf("decided all the same: %v", err)
				}
				if d, _ := s.Dossier(t.Context(), id, w.Policy); d.State != lifecycle.Open || len(d.Reviews) > 0 {
					t.Errorf("the request is %s with %d reviews", d.State, len(d.Reviews))
				}
			})
		})
	}
}

// An approval that waits for a second one goes with its reviewer.
func TestAnApprovalGoesWithItsReviewer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		id, digest := waiting(t, w, "fraud-scorer", 1)
		if _, err := review(w, w.Risk, id, lifecycle.Approve, digest); err != nil {
			t.Fatal(err)
		}
		if err := s.SetDisabled(w.As(w.Admin), w.Risk.ID, true); err != nil {
			t.Fatal(err)
		}
		d, err := review(w, w.OtherReviewer, id, lifecycle.Approve, digest)
		if err != nil {
			t.Fatal(err)
		}
		if have := d.Standings(s.Now()).Have; d.State != lifecycle.Open || have.Count != 1 || have.Risk != 0 {
			t.Errorf("the request is %s on %+v", d.State, have)
		}
	})
}

// However much evidence is recorded after theirs, who recorded some does not decide on the version.
func TestWhoRecordedEvidenceIsNotForgotten(t *testing.T) {
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	both, err := s.SignIn(w.As(w.Admin), store.SignIn{Issuer: "https://idp.test", Subject: "both", Name: "Both", Roles: []org.Role{org.Contributor, org.Reviewer}, Groups: []string{"team-fraud"}})
	if err != nil {
		t.Fatal(err)
	}
	id, _ := waiting(t, w, "fraud-scorer", 2)
	record := func(who org.Person) {
		_, err := s.AddEvidence(w.As(who), "fraud-scorer", "v1", func(m *registry.Model, v *registry.Version, now time.Time) (*evidence.Evidence, error) {
			return evidence.New(storetest.Actor(who), m, v, evidence.Draft{Kind: evidence.Other, Outcome: evidence.Passed, Note: "It was looked at."}, now)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	record(both)
	for range 500 {
		record(w.Contributor)
	}
	if _, err := review(w, both, id, lifecycle.Approve, digestOf(t, w, id)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("they recorded evidence and decide on it: %v", err)
	}
}
