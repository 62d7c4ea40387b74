package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func propose(w *storetest.World, who org.Person, slug, label string, to registry.Stage) (*lifecycle.Dossier, error) {
	return w.S.OpenRequest(w.As(who), slug, label, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(storetest.Actor(who), to, "It is time for the next stage.", now)
	})
}

func review(w *storetest.World, who org.Person, id int64, v lifecycle.Verdict, digest string) (*lifecycle.Dossier, error) {
	return w.S.ChangeDossier(w.As(who), id, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Review(storetest.Actor(who), v, digest, "For the reasons that I read.", now)
	})
}

// waiting is an open request of a tier for the stage validated, with the digest that a reviewer reads.
func waiting(t *testing.T, w *storetest.World, slug string, tier registry.Tier) (int64, string) {
	t.Helper()
	w.Model(t, slug, registry.Trained, tier)
	w.Version(t, slug, "v1")
	w.Evidence(t, slug, "v1")
	w.Promote(t, slug, "v1", registry.Registered)
	d, err := propose(w, w.Owner, slug, "v1", registry.Validated)
	if err != nil {
		t.Fatal(err)
	}
	return d.ID, digestOf(t, w, d.ID)
}

func digestOf(t *testing.T, w *storetest.World, id int64) string {
	t.Helper()
	d, err := w.S.Dossier(t.Context(), id, w.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return d.CurrentDigest(w.S.Now())
}

// together runs n calls that wait for each other first, and returns what each came to.
func together(n int, call func(i int) error) []error {
	var wg sync.WaitGroup
	gate, errs := make(chan struct{}), make([]error, n)
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-gate
			errs[i] = call(i)
		}()
	}
	close(gate)
	wg.Wait()
	return errs
}

// outcomes counts calls that went through, and fails the test on a refusal that is no conflict.
func outcomes(t *testing.T, errs []error) (through int) {
	t.Helper()
	for _, err := range errs {
		switch {
		case err == nil:
			through++
		case fault.Is(err, fault.Conflict), fault.Is(err, fault.Stale):
		default:
			t.Errorf("refused by something else than the other: %v", err)
		}
	}
	return through
}

func manyReviewers(t *testing.T, w *storetest.World, n int) []org.Person {
	t.Helper()
	out := make([]org.Person, 0, n)
	for i := range n {
		name := fmt.Sprintf("reviewer-%d", i)
		p, err := w.S.SignIn(w.As(w.Admin), store.SignIn{Issuer: "https://idp.test", Subject: name, Name: name, Roles: []org.Role{org.Reviewer}, Groups: []string{"team-credit"}})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func TestReviewersAtOnceComeToOneOutcome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		people := manyReviewers(t, w, 50)
		for _, n := range []int{2, 8, 50} {
			for round := range 4 {
				slug := fmt.Sprintf("race-%d-%d", n, round)
				id, digest := waiting(t, w, slug, 2)
				errs := together(n, func(i int) error {
					verdict := lifecycle.Approve
					if round%2 == 1 && i%2 == 1 {
						verdict = lifecycle.Reject
					}
					_, err := review(w, people[i], id, verdict, digest)
					return err
				})
				if through := outcomes(t, errs); through != 1 {
					t.Errorf("%d at once: %d went through", n, through)
				}
				d, err := s.Dossier(t.Context(), id, w.Policy)
				if err != nil || len(d.Reviews) != 1 || (d.State == lifecycle.Applied) != (d.Facts.Version.Stage == registry.Validated) || d.State == lifecycle.Open {
					t.Errorf("%d at once: %d reviews, the request %s, the version %s, %v", n, len(d.Reviews), d.State, d.Facts.Version.Stage, err)
				}
			}
		}
		sound(t, s)
	})
}

func sound(t *testing.T, s *store.Store) {
	t.Helper()
	if _, broken, err := s.VerifyAudit(t.Context()); err != nil || broken != nil {
		t.Errorf("the audit chain: %v %v", broken, err)
	}
}

func TestADoubleClickIsOneApproval(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		id, digest := waiting(t, w, "fraud-scorer", 1)
		if through := outcomes(t, together(8, func(int) error {
			_, err := review(w, w.Risk, id, lifecycle.Approve, digest)
			return err
		})); through != 1 {
			t.Errorf("%d of 8 clicks went through", through)
		}
		d, _ := s.Dossier(t.Context(), id, w.Policy)
		if len(d.Reviews) != 1 || d.State != lifecycle.Open || d.Standings(s.Now()).Have.Count != 1 {
			t.Errorf("one person's clicks are one approval: %d reviews, %s", len(d.Reviews), d.State)
		}
	})
}

func TestTwoRequestsForOneVersionCannotBe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "fraud-scorer", registry.Trained, 2)
		w.Version(t, "fraud-scorer", "v1")
		w.Promote(t, "fraud-scorer", "v1", registry.Registered)
		people := []org.Person{w.Owner, w.Contributor, w.Deputy}
		if through := outcomes(t, together(9, func(i int) error {
			_, err := propose(w, people[i%3], "fraud-scorer", "v1", registry.Validated)
			return err
		})); through != 1 {
			t.Errorf("%d requests were opened", through)
		}
		if n, _, err := s.CountRequests(t.Context(), store.RequestFilter{State: lifecycle.Open}); n != 1 || err != nil {
			t.Errorf("%d are open, %v", n, err)
		}
	})
}

func TestAnApprovalNeverRestsOnAFactThatChangesBesideIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		for round := range 12 {
			slug := fmt.Sprintf("model-%d", round)
			id, digest := waiting(t, w, slug, 2)
			change := changes(w, slug)[round%3]
			errs := together(2, func(i int) error {
				if i == 0 {
					return change()
				}
				_, err := review(w, w.OtherReviewer, id, lifecycle.Approve, digest)
				return err
			})
			if errs[0] != nil {
				t.Fatalf("the change itself: %v", errs[0])
			}
			d, err := s.Dossier(t.Context(), id, w.Policy)
			if err != nil {
				t.Fatal(err)
			}
			if errs[1] != nil { // refused, because it came second
				if !fault.Is(errs[1], fault.Stale) || d.State != lifecycle.Open {
					t.Errorf("refused as %v, the request is %s", errs[1], d.State)
				}
				continue
			}
			approved, changed := seqOf(t, s, d.ModelID, "request.approved"), seqOf(t, s, d.ModelID, "model.edited", "evidence.recorded", "version.edited")
			if d.State != lifecycle.Applied || approved > changed {
				t.Errorf("approved at %d what had changed at %d: %s", approved, changed, d.State)
			}
		}
	})
}

// changes are three doors by which a fact changes: the model, its evidence, the version.
func changes(w *storetest.World, slug string) []func() error {
	return []func() error{
		func() error {
			_, err := w.S.ChangeModel(w.As(w.Owner), slug, 0, func(m *registry.Model) error {
				m.Purpose = "Something else from now on."
				m.Note("model.edited", m.Subject(), nil, nil)
				return nil
			})
			return err
		},
		func() error {
			_, err := w.S.AddEvidence(w.As(w.Owner), slug, "v1", func(m *registry.Model, v *registry.Version, now time.Time) (*evidence.Evidence, error) {
				return evidence.New(storetest.Actor(w.Owner), m, v, evidence.Draft{Kind: evidence.Other, Outcome: evidence.Failed, Note: "It fails on refunds."}, now)
			})
			return err
		},
		func() error {
			_, err := w.S.ChangeVersion(w.As(w.Owner), slug, "v1", 0, func(m *registry.Model, v *registry.Version) error {
				v.Lineage.Code.Commit = "0123456789abcdef"
				v.Note("version.edited", v.Subject(m.Slug), nil, nil)
				return nil
			})
			return err
		},
	}
}

// seqOf is the place of a model's last event of one of the verbs in the audit chain.
func seqOf(t *testing.T, s *store.Store, model int64, verbs ...string) int64 {
	t.Helper()
	events, err := s.Events(t.Context(), store.EventFilter{Model: model}, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events { // newest first
		if slices.Contains(verbs, e.Verb) {
			return e.Seq
		}
	}
	t.Fatalf("no event of %v", verbs)
	return 0
}

func TestAVersionReturnsWithinItsWindowAndLapsesAfterIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Now().UTC()
		s.SetClock(func() time.Time { return now })
		tick := func(d time.Duration) { now = now.Add(d) }
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud-scorer", "v1", 1)
		tick(time.Hour)
		w.Version(t, "fraud-scorer", "v2")
		w.Evidence(t, "fraud-scorer", "v2")
		w.ConfirmPlan(t, "fraud-scorer", "v2")
		stuck := mustOpen(t, w, "v1", registry.Staged) // v1 waits to leave production when v2 takes over
		w.PromoteAll(t, "fraud-scorer", "v2")
		if d, _ := s.Dossier(t.Context(), stuck, w.Policy); d.State != lifecycle.Superseded {
			t.Errorf("a request for what has moved by another door is %s", d.State)
		}

		tick(time.Hour)
		back := mustOpen(t, w, "v1", registry.Production)
		d, err := review(w, w.Reviewer, back, lifecycle.Approve, digestOf(t, w, back))
		if err != nil || d.Move != lifecycle.Rollback || d.State != lifecycle.Applied {
			t.Fatalf("one review brings v1 back, also at tier 1: %v %+v", err, d)
		}
		serving, v, err := s.ProductionAt(t.Context(), "fraud-scorer", time.Time{})
		if err != nil || v.Label != "v1" || serving.How != "rollback" || serving.AskedBy != "Owner" || serving.ApprovedBy[0].Name != "Reviewer" {
			t.Errorf("v1 serves again: %v %+v", err, serving)
		}
		for at, want := range map[time.Duration]string{0: "v1", -time.Minute: "v2", -90 * time.Minute: "v1"} {
			if _, v, err := s.ProductionAt(t.Context(), "fraud-scorer", now.Add(at)); err != nil || v.Label != want {
				t.Errorf("%s ago %s served, want %s, %v", -at, v.Label, want, err)
			}
		}

		tick(15 * 24 * time.Hour)
		ctx := store.WithSource(t.Context(), store.Source{Actor: org.System})
		if n, err := s.TickRetirements(ctx, w.Policy); n != 1 || err != nil {
			t.Errorf("%d supersedings ended, %v", n, err)
		}
		if _, v, _ := s.Version(t.Context(), "fraud-scorer", "v2"); v.Stage != registry.Retired {
			t.Errorf("v2 should have lapsed, is %s", v.Stage)
		}
		sound(t, s)
	})
}

func mustOpen(t *testing.T, w *storetest.World, label string, to registry.Stage) int64 {
	t.Helper()
	d, err := propose(w, w.Owner, "fraud-scorer", label, to)
	if err != nil {
		t.Fatal(err)
	}
	return d.ID
}

func TestBrokenGlassOverrulesAnOpenRequestAndKeepsItsDebt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "fraud-scorer", registry.Trained, 1)
		w.Version(t, "fraud-scorer", "v1")
		w.Evidence(t, "fraud-scorer", "v1")
		for _, to := range []registry.Stage{registry.Registered, registry.Validated, registry.Staged} {
			w.Promote(t, "fraud-scorer", "v1", to)
		}
		open := mustOpen(t, w, "v1", registry.Production)
		smash := func(who org.Person) (*lifecycle.Dossier, error) {
			return s.BreakGlass(w.As(who), "fraud-scorer", "v1", w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
				return d.BreakGlass(storetest.Actor(who), registry.Production, "Checkout is down.", now)
			})
		}
		if _, err := smash(w.Admin); !fault.Is(err, fault.Invalid) {
			t.Fatalf("no plan, no production, broken glass or not: %v", err)
		}
		if d, _ := s.Dossier(t.Context(), open, w.Policy); d.State != lifecycle.Open {
			t.Errorf("what was refused ended the open request: %s", d.State)
		}
		w.Plan(t, "fraud-scorer")
		d, err := smash(w.Admin)
		if err != nil {
			t.Fatal(err)
		}
		if d, _ := s.Dossier(t.Context(), open, w.Policy); d.State != lifecycle.Superseded {
			t.Errorf("the open request is %s", d.State)
		}
		if n, _, _ := s.CountRequests(t.Context(), store.RequestFilter{Owed: true}); n != 1 {
			t.Errorf("%d reviews are owed", n)
		}
		serving, _, err := s.ProductionAt(t.Context(), "fraud-scorer", time.Time{})
		if err != nil || serving.How != "break-glass" || serving.AskedBy != "Admin" || len(serving.ApprovedBy) != 0 {
			t.Errorf("who broke it is named, nobody approved: %v %+v", err, serving)
		}
		settle := func(who org.Person) error {
			_, err := s.ChangeDossier(w.As(who), d.ID, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
				return d.Settle(storetest.Actor(who), lifecycle.Approve, "It was right to do so.", now)
			})
			return err
		}
		if through := outcomes(t, together(6, func(int) error { return settle(w.Risk) })); through != 1 {
			t.Errorf("the review owed was given %d times", through)
		}
		if n, _, _ := s.CountRequests(t.Context(), store.RequestFilter{Owed: true}); n != 0 {
			t.Errorf("%d reviews are still owed", n)
		}
	})
}

func TestWithoutAPlanNoDoorLeadsToProduction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "fraud-scorer", registry.Trained, 2)
		w.Version(t, "fraud-scorer", "v1")
		w.Evidence(t, "fraud-scorer", "v1")
		for _, to := range []registry.Stage{registry.Registered, registry.Validated, registry.Staged} {
			w.Promote(t, "fraud-scorer", "v1", to)
		}
		id := mustOpen(t, w, "v1", registry.Production)
		if _, err := review(w, w.OtherReviewer, id, lifecycle.Approve, digestOf(t, w, id)); !fault.Is(err, fault.Invalid) {
			t.Errorf("by approval: %v", err)
		}
		_, err := s.AddVersion(w.As(w.Owner), "fraud-scorer", func(m *registry.Model) (*registry.Version, error) {
			v := &registry.Version{ModelID: m.ID, Label: "v2", Kind: m.Kind, Stage: registry.Production}
			v.Note("version.added", v.Subject(m.Slug), nil, nil)
			return v, nil
		})
		if err == nil {
			t.Error("by adding a version that is there already")
		}
		_, err = s.ChangeVersion(w.As(w.Owner), "fraud-scorer", "v1", 0, func(m *registry.Model, v *registry.Version) error {
			v.Stage = registry.Production
			v.Note("version.edited", v.Subject(m.Slug), nil, nil)
			return nil
		})
		if err == nil {
			t.Error("by editing a version")
		}
		if _, _, err := s.ProductionAt(t.Context(), "fraud-scorer", time.Time{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("something serves: %v", err)
		}
	})
}

func TestWhoWithdrawsEvidenceDoesNotDecideOnWhatIsLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		both, err := s.SignIn(w.As(w.Admin), store.SignIn{Issuer: "https://idp.test", Subject: "both", Name: "Both", Roles: []org.Role{org.Contributor, org.Reviewer}, Groups: []string{"team-fraud"}})
		if err != nil {
			t.Fatal(err)
		}
		id, _ := waiting(t, w, "fraud-scorer", 2)
		d, _ := s.Dossier(t.Context(), id, w.Policy)
		if may := d.MayApprove(storetest.Actor(both), s.Now()); !may.Allowed {
			t.Fatal(may.Reason)
		}
		last := d.Facts.Evidence[0]
		if err := s.WithdrawEvidence(w.As(both), "fraud-scorer", "v1", last.ID, func(m *registry.Model, e *evidence.Evidence) error {
			return e.Withdraw(storetest.Actor(both), m, "It ran on the wrong traffic.")
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := review(w, both, id, lifecycle.Approve, digestOf(t, w, id)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("they chose what counts and decide on it: %v", err)
		}
		if err := s.WithdrawEvidence(w.As(both), "fraud-scorer", "v1", last.ID+1000, func(*registry.Model, *evidence.Evidence) error { return nil }); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown evidence: %v", err)
		}
	})
}

func TestWhatWaitsForAReviewer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		id, digest := waiting(t, w, "fraud-scorer", 1)
		count := func(who org.Person) int {
			n, _, err := s.CountRequests(t.Context(), store.RequestFilter{Decider: who.ID})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for who, want := range map[string]int{"Owner": 0, "Contributor": 0, "Reviewer": 1, "Risk": 1} {
			p := map[string]org.Person{"Owner": w.Owner, "Contributor": w.Contributor, "Reviewer": w.Reviewer, "Risk": w.Risk}[who]
			if got := count(p); got != want {
				t.Errorf("%d wait for %s, want %d", got, who, want)
			}
		}
		time.Sleep(3 * time.Millisecond)
		if _, err := review(w, w.Risk, id, lifecycle.Approve, digest); err != nil {
			t.Fatal(err)
		}
		if got := count(w.Risk); got != 0 {
			t.Errorf("%d wait for who has approved", got)
		}
		time.Sleep(3 * time.Millisecond)
		if err := changes(w, "fraud-scorer")[0](); err != nil {
			t.Fatal(err)
		}
		if got := count(w.Risk); got != 1 {
			t.Errorf("%d wait for who approved what has changed since", got)
		}
	})
}

func TestAWaiverTravelsThroughTheStore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "fraud-scorer", registry.Trained, 2)
		w.Version(t, "fraud-scorer", "v1")
		ask := func() (lifecycle.Waiver, error) {
			return s.AskWaiver(w.As(w.Owner), "fraud-scorer", "v1", w.Policy, func(f *lifecycle.Facts, now time.Time) (*lifecycle.Waiver, error) {
				return lifecycle.AskWaiver(storetest.Actor(w.Owner), f, w.Policy, "fairness", "The check runs next week.", day.Of(now).Add(30), now)
			})
		}
		var waiver lifecycle.Waiver
		var mu sync.Mutex
		errs := together(5, func(int) error {
			x, err := ask()
			if err == nil {
				mu.Lock()
				waiver = x
				mu.Unlock()
			}
			return err
		})
		through := 0
		for _, err := range errs {
			if err == nil {
				through++
			} else if !fault.Is(err, fault.Invalid) {
				t.Errorf("refused as %v", err)
			}
		}
		if through != 1 {
			t.Fatalf("%d waivers were asked for", through)
		}
		if list, err := s.AskedWaivers(t.Context(), 10); err != nil || len(list) != 1 || list[0].Waiver.Asker != "Owner" {
			t.Errorf("it waits for a decision: %v %+v", err, list)
		}
		decide := func(who org.Person) error {
			_, err := s.ChangeWaiver(w.As(who), waiver.ID, w.Policy, func(x *lifecycle.Waiver, f *lifecycle.Facts, now time.Time) error {
				return x.Decide(storetest.Actor(who), f, true, "Once, and not again.", now)
			})
			return err
		}
		if err := decide(w.Owner); !fault.Is(err, fault.Forbidden) {
			t.Errorf("by who asked: %v", err)
		}
		if through := outcomes(t, together(6, func(int) error { return decide(w.Risk) })); through != 1 {
			t.Errorf("it was granted %d times", through)
		}
		got, f, err := s.Waiver(t.Context(), waiver.ID, w.Policy)
		if err != nil || got.State != lifecycle.WaiverGranted || got.Decider != "Risk" || len(f.Waivers) != 1 {
			t.Errorf("granted by Risk: %v %+v", err, got)
		}
		if _, _, err := s.Waiver(t.Context(), 999, w.Policy); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown waiver: %v", err)
		}
	})
}
