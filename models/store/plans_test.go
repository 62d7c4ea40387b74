package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/retirement/sample"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// planRule is a rule as ChangePlan runs it.
type planRule = func(*retirement.Plan, retirement.Context, time.Time) error

func filePlan(w *storetest.World, slug string, who org.Person) (store.PlanView, error) {
	return w.S.FilePlan(w.As(who), slug, w.Policy, func(v store.PlanView, now time.Time) (*retirement.Plan, error) {
		if v.Plan != nil {
			return v.Plan.NextDraft(storetest.Actor(who), v.Context, now)
		}
		return retirement.NewPlan(v.Context.Model, storetest.Actor(who), now)
	})
}

func editSection(who org.Person, key string, change func(*retirement.Body, retirement.Context)) planRule {
	return func(p *retirement.Plan, c retirement.Context, now time.Time) error {
		body := p.Body
		change(&body, c)
		return p.EditSection(storetest.Actor(who), key, body, c, now)
	}
}

func submitPlan(who org.Person) planRule {
	return func(p *retirement.Plan, c retirement.Context, now time.Time) error {
		return p.Submit(storetest.Actor(who), c, now)
	}
}

func reviewPlan(who org.Person, verdict retirement.Verdict, note string) planRule {
	return func(p *retirement.Plan, c retirement.Context, now time.Time) error {
		return p.Review(storetest.Actor(who), verdict, p.Digest(), note, c, now)
	}
}

// wantState compares the newest number, the number in force and what the models list shows.
func wantState(t *testing.T, w *storetest.World, slug string, number int, state retirement.State, inForce int, listed string) {
	t.Helper()
	v, err := w.S.Plan(t.Context(), slug, w.Policy)
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	if v.InForce != nil {
		got = v.InForce.Number
	}
	page, err := w.S.Models(t.Context(), registry.Filter{Query: slug}, "", 10)
	if err != nil || len(page.Rows) != 1 {
		t.Fatalf("the model should be listed once: %v, %v", page.Rows, err)
	}
	if v.Plan.Number != number || v.Plan.State != state || got != inForce || page.Rows[0].Plan != listed {
		t.Errorf("number %d is %s, in force %d, listed as %q; want %d %s, %d, %q",
			v.Plan.Number, v.Plan.State, got, page.Rows[0].Plan, number, state, inForce, listed)
	}
}

func TestAPlanIsFiledSectionBySectionAndApproved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		m := w.Model(t, "churn", registry.Trained, 2)
		if v, err := s.Plan(t.Context(), "churn", w.Policy); err != nil || v.Plan != nil || v.InForce != nil {
			t.Fatalf("no plan should be on file: %+v, %v", v, err)
		}
		v, err := filePlan(w, "churn", w.Owner)
		if err != nil || v.Plan.ID == 0 || v.Plan.Number != 1 {
			t.Fatalf("the first number should be filed: %+v, %v", v.Plan, err)
		}
		wantState(t, w, "churn", 1, retirement.Draft, 0, "draft")
		want := sample.Body(m, day.Of(s.Now()))
		for _, section := range retirement.Sections {
			rev := v.Plan.Revision
			v, err = s.ChangePlan(w.As(w.Contributor), "churn", rev, w.Policy, editSection(w.Contributor, section.Key,
				func(b *retirement.Body, _ retirement.Context) { *b = want }))
			if err != nil {
				t.Fatalf("section %s: %v", section.Key, err)
			}
			if v.Plan.Revision != rev+1 {
				t.Errorf("section %s: revision %d after %d", section.Key, v.Plan.Revision, rev)
			}
		}
		v, err = s.Plan(t.Context(), "churn", w.Policy)
		if diff := cmp.Diff(want, v.Plan.Body); err != nil || diff != "" {
			t.Errorf("what was written is not what is kept (-want +got):\n%s%v", diff, err)
		}
		must(t, change(w, "churn", w.Contributor, submitPlan(w.Contributor)))
		wantState(t, w, "churn", 1, retirement.Submitted, 0, "submitted")
		must(t, change(w, "churn", w.Reviewer, reviewPlan(w.Reviewer, retirement.Approve, "")))
		wantState(t, w, "churn", 1, retirement.Approved, 1, "approved")
		v, err = s.Plan(t.Context(), "churn", w.Policy)
		if err != nil || v.Plan != v.InForce || !retirement.Living(v.Plan, v.Context, day.Of(s.Now())) {
			t.Errorf("the plan in force should be the newest number, and live: %v, %v", retirement.Stale(v.Plan, v.Context, day.Of(s.Now())), err)
		}
		events, err := s.Events(t.Context(), store.EventFilter{Model: m.ID, Kind: "plan"}, 50)
		if err != nil || len(events) != 3+len(retirement.Sections) || events[0].Verb != "plan.approved" {
			t.Errorf("every change should be told: %d events, %v", len(events), err)
		}
	})
}

func TestTheNextNumberSupersedesTheOneInForce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "churn", registry.Trained, 2)
		w.Plan(t, "churn")
		if _, err := filePlan(w, "churn", w.Owner); err != nil {
			t.Fatal(err)
		}
		wantState(t, w, "churn", 2, retirement.Draft, 1, "approved")
		if _, err := filePlan(w, "churn", w.Owner); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second draft beside the first should be refused: %v", err)
		}
		must(t, change(w, "churn", w.Owner, submitPlan(w.Owner)))
		wantState(t, w, "churn", 2, retirement.Submitted, 1, "approved")
		must(t, change(w, "churn", w.Risk, reviewPlan(w.Risk, retirement.RequestChanges, "Name the fallback.")))
		wantState(t, w, "churn", 2, retirement.ChangesRequested, 1, "approved")
		must(t, change(w, "churn", w.Owner, submitPlan(w.Owner)))
		must(t, change(w, "churn", w.Risk, reviewPlan(w.Risk, retirement.Approve, "")))
		wantState(t, w, "churn", 2, retirement.Approved, 2, "approved")
		old, _, err := s.PlanNumber(t.Context(), "churn", 1, w.Policy)
		if err != nil || old.State != retirement.Superseded {
			t.Errorf("number 1 should be superseded: %+v, %v", old, err)
		}
		if _, _, err := s.PlanNumber(t.Context(), "churn", 3, w.Policy); !fault.Is(err, fault.NotFound) {
			t.Errorf("there is no number 3: %v", err)
		}
	})
}

// However many numbers were rejected since, the one in force is found and superseded.
func TestThePlanInForceIsFoundBehindManyRejectedNumbers(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	w.Model(t, "churn", registry.Trained, 2)
	w.Plan(t, "churn")
	for range 60 {
		if _, err := filePlan(w, "churn", w.Owner); err != nil {
			t.Fatal(err)
		}
		must(t, change(w, "churn", w.Owner, submitPlan(w.Owner)))
		must(t, change(w, "churn", w.Risk, reviewPlan(w.Risk, retirement.Reject, "The data steward does not agree.")))
	}
	wantState(t, w, "churn", 61, retirement.Rejected, 1, "approved")
}

func TestAStalePlanFormIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "churn", registry.Trained, 2)
		v, err := filePlan(w, "churn", w.Owner)
		must(t, err)
		seen := v.Plan.Revision
		rename := func(to string) planRule {
			return editSection(w.Owner, "rollback", func(b *retirement.Body, _ retirement.Context) { b.Rollback.Decides = to })
		}
		_, err = s.ChangePlan(w.As(w.Owner), "churn", seen, w.Policy, rename("The first to save"))
		must(t, err)
		_, err = s.ChangePlan(w.As(w.Owner), "churn", seen, w.Policy, rename("The second to save"))
		if !fault.Is(err, fault.Stale) {
			t.Errorf("the second form should be refused as stale: %v", err)
		}
		v, err = s.Plan(t.Context(), "churn", w.Policy)
		if err != nil || v.Plan.Body.Rollback.Decides != "The first to save" {
			t.Errorf("nothing of the stale form may be saved: %q, %v", v.Plan.Body.Rollback.Decides, err)
		}
	})
}

func TestOfManyReviewersAtOnceExactlyOneDecides(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		for round := range 5 {
			slug := fmt.Sprintf("churn-%d", round)
			m := w.Model(t, slug, registry.Trained, 2)
			w.Plan(t, slug)
			_, err := filePlan(w, slug, w.Owner)
			must(t, err)
			must(t, change(w, slug, w.Owner, submitPlan(w.Owner)))
			outcomes := atOnce(
				func() error { return change(w, slug, w.Risk, reviewPlan(w.Risk, retirement.Approve, "")) },
				func() error {
					return change(w, slug, w.Reviewer, reviewPlan(w.Reviewer, retirement.Reject, "The consumers were not asked."))
				},
				func() error { return change(w, slug, w.Reviewer2, reviewPlan(w.Reviewer2, retirement.Approve, "")) },
			)
			done := 0
			for _, err := range outcomes {
				switch {
				case err == nil:
					done++
				case !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Stale):
					t.Errorf("who comes second should be told of a conflict: %v", err)
				}
			}
			decided := 0
			events, err := s.Events(t.Context(), store.EventFilter{Model: m.ID, Kind: "plan"}, 100)
			must(t, err)
			for _, e := range events {
				if e.Subject.Label == slug+" retirement plan 2" && slices.Contains([]string{"plan.approved", "plan.rejected"}, e.Verb) {
					decided++
				}
			}
			v, err := s.Plan(t.Context(), slug, w.Policy)
			if err != nil || done != 1 || decided != 1 || v.InForce == nil {
				t.Errorf("round %d: %d went through, %d decisions told, in force %v, %v", round, done, decided, v.InForce, err)
			}
		}
	})
}

func TestOfManyFiledAtOnceExactlyOneIsKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "churn", registry.Trained, 2)
		file := func() error { _, err := filePlan(w, "churn", w.Owner); return err }
		done := 0
		for _, err := range atOnce(file, file, file, file) {
			if err == nil {
				done++
			} else if !fault.Is(err, fault.Conflict) {
				t.Errorf("who comes second should be told of a conflict: %v", err)
			}
		}
		if done != 1 {
			t.Errorf("%d plans were filed at once, want one", done)
		}
	})
}

func TestAPlanIsConfirmedForANewVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "churn", registry.Trained, 2)
		w.Plan(t, "churn")
		time.Sleep(3 * time.Millisecond) // moments are kept in milliseconds
		v8 := w.Version(t, "churn", "v8")
		v, err := s.Plan(t.Context(), "churn", w.Policy)
		if err != nil || retirement.ConfirmedFor(v.InForce, v8.BuiltAt) {
			t.Fatalf("a plan approved before the version says nothing about it: %v", err)
		}
		time.Sleep(3 * time.Millisecond)
		w.ConfirmPlan(t, "churn", "v8")
		v, err = s.Plan(t.Context(), "churn", w.Policy)
		if err != nil || v.InForce.ConfirmedFor != "v8" || !retirement.ConfirmedFor(v.InForce, v8.BuiltAt) {
			t.Errorf("the plan should be confirmed for v8: %+v, %v", v.InForce, err)
		}
		if v.Plan.ConfirmedFor != "v8" {
			t.Error("the newest number and the one in force are the same plan")
		}
		time.Sleep(3 * time.Millisecond)
		changed, err := s.ChangeVersion(w.As(w.Owner), "churn", "v8", 0, func(_ *registry.Model, v *registry.Version) error {
			v.Lineage.Parameters = map[string]string{"depth": "12"}
			v.Note("version.edited", v.Subject("churn"), nil, map[string]string{"depth": "12"})
			return nil
		})
		if err != nil || retirement.ConfirmedFor(v.InForce, changed.BuiltAt) {
			t.Errorf("confirmed for v8 as it was, not as it is now: %v", err)
		}
		moved, err := s.ChangeVersion(w.As(w.Owner), "churn", "v8", 0, func(_ *registry.Model, v *registry.Version) error {
			v.Summary = "Said better."
			v.Note("version.edited", v.Subject("churn"), nil, nil)
			return nil
		})
		if err != nil || !moved.BuiltAt.Equal(changed.BuiltAt) && moved.Digest() == changed.Digest() {
			t.Errorf("a version that is the same was not built anew: %v", err)
		}
	})
}

func TestThePlanInForceIsJudgedByItsOwnCandidate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "churn", registry.Trained, 2)
		w.Model(t, "successor", registry.Trained, 2)
		w.Plan(t, "churn")
		_, err := filePlan(w, "churn", w.Owner)
		must(t, err)
		must(t, change(w, "churn", w.Owner, editSection(w.Owner, "candidate", func(b *retirement.Body, _ retirement.Context) {
			b.Candidate = retirement.Candidate{Model: "no-such-model"}
		})))
		v, err := s.Plan(t.Context(), "churn", w.Policy)
		must(t, err)
		if v.Context.Candidate.Found {
			t.Error("the draft's candidate does not exist")
		}
		if found := retirement.Stale(v.InForce, v.InForceContext, day.Of(s.Now())); len(found) > 0 {
			t.Errorf("the plan in force names no candidate and still holds: %v", found)
		}
	})
}

// change runs a rule on the newest number, whatever its revision.
func change(w *storetest.World, slug string, who org.Person, rule planRule) error {
	_, err := w.S.ChangePlan(w.As(who), slug, 0, w.Policy, rule)
	return err
}

func atOnce(calls ...func() error) []error {
	out := make([]error, len(calls))
	var wait sync.WaitGroup
	for i, call := range calls {
		wait.Go(func() { out[i] = call() })
	}
	wait.Wait()
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
