package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func system() context.Context {
	return store.WithSource(context.Background(), store.Source{Actor: org.System, RequestID: "test"})
}

func plainPrint(c retirement.Certificate) ([]byte, error) {
	return fmt.Appendf(nil, "certificate %d of %s, sealed at %d", c.Number, c.Slug, c.Sealed.Seq), nil
}

func TestAModelIsRetiredFromTriggerToCertificate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 1)
		w.Version(t, "fraud", "v2") // on its way, and never comes to serve
		clock := w.MoveClock()
		w.Trigger(t, "fraud")
		if m, err := s.Model(t.Context(), "fraud"); err != nil || m.Retiring != "triggered" || m.Stage != registry.Production {
			t.Fatalf("listed as %q in %s: %v", m.Retiring, m.Stage, err)
		}
		w.RetireTo(t, "fraud", retirement.Disposition, clock)
		if m, _ := s.Model(t.Context(), "fraud"); m.Stage == registry.Retired || m.Stage == registry.Production {
			t.Errorf("disabled, and the model is %s", m.Stage)
		}
		if _, _, err := s.ProductionAt(t.Context(), "fraud", s.Now()); !fault.Is(err, fault.NotFound) {
			t.Errorf("it still serves: %v", err)
		}
		view := w.RetireTo(t, "fraud", retirement.Sealed, clock)
		raw, err := s.SealedDossier(t.Context(), view.Workflow)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != view.Workflow.DossierSHA || !json.Valid(raw) {
			t.Error("the dossier is not what was hashed")
		}
		for _, part := range []string{`"lineage"`, `"approved_by"`, `"Records archive"`, `"certificate"`, `"answer":"accept"`, `"v2"`} {
			if !strings.Contains(string(raw), part) {
				t.Errorf("the dossier says nothing of %s", part)
			}
		}
		for _, label := range []string{"v1", "v2"} {
			if _, v, err := s.Version(t.Context(), "fraud", label); err != nil || v.Stage != registry.Retired {
				t.Errorf("%s is %s: %v", label, v.Stage, err)
			}
		}
		w.RetireTo(t, "fraud", retirement.Retired, clock)
		wantCertificate(t, w)
	})
}

func wantCertificate(t *testing.T, w *storetest.World) {
	t.Helper()
	s := w.S
	for _, want := range []int{1, 0} { // the second look finds nothing to do
		if n, err := s.IssueCertificates(system(), w.Policy, "https://sundial.example", plainPrint); err != nil || n != want {
			t.Fatalf("issued %d: %v", n, err)
		}
	}
	c, err := s.Certificate(t.Context(), "fraud", w.Policy, "https://sundial.example")
	if err != nil || c.SHA256 == "" || c.Paper.ApprovedBy != "Risk" || c.Paper.ServedFrom.IsZero() || c.Paper.Sealed.Seq == 0 {
		t.Fatalf("%+v: %v", c, err)
	}
	for _, sha := range []string{c.SHA256, c.Workflow.DossierSHA} {
		if p, err := s.ProofOf(t.Context(), sha); err != nil || p.Event.Seq == 0 || p.Subject != "fraud retirement 1" {
			t.Errorf("no proof of %s: %+v, %v", sha, p, err)
		}
	}
	if _, err := s.ProofOf(t.Context(), strings.Repeat("0", 64)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger's file: %v", err)
	}
	if n, broken, err := s.VerifyAudit(t.Context()); err != nil || broken != nil || n == 0 {
		t.Errorf("the chain: %v, %v", broken, err)
	}
}

func TestTheSameStepAtOnceHasOneEffect(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 2)
		w.Trigger(t, "fraud")
		clock := w.MoveClock()
		w.RetireTo(t, "fraud", retirement.Cutover, clock)
		race := func(what string, people []org.Person, fn func(org.Person) func(*retirement.Workflow, *retirement.World) error) {
			t.Helper()
			var wg sync.WaitGroup
			errs := make([]error, 8)
			for i := range errs {
				wg.Go(func() {
					who := people[i%len(people)]
					_, errs[i] = s.ChangeRetirement(w.As(who), "fraud", 0, 0, w.Policy, fn(who))
				})
			}
			wg.Wait()
			done := 0
			for _, err := range errs {
				if err == nil {
					done++
				} else if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Stale) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if done != 1 {
				t.Errorf("%s: %d of 8 had an effect", what, done)
			}
		}
		race("step", []org.Person{w.Contributor, w.Owner}, func(p org.Person) func(*retirement.Workflow, *retirement.World) error {
			return func(r *retirement.Workflow, c *retirement.World) error {
				return r.CompleteStep(storetest.Actor(p), 1, "", c)
			}
		})
		w.RetireTo(t, "fraud", retirement.RollbackWindow, clock)
		clock.Days(30)
		race("phase", []org.Person{w.Owner, w.Deputy}, func(p org.Person) func(*retirement.Workflow, *retirement.World) error {
			return func(r *retirement.Workflow, c *retirement.World) error {
				return r.Advance(storetest.Actor(p), retirement.RollbackWindow, c)
			}
		})
	})
}

func TestTwoTriggersBeginOneRetirement(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 2)
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = s.BeginRetirement(w.As(w.Owner), "fraud", w.Policy, func(st retirement.Start, c *retirement.World) (*retirement.Workflow, error) {
					return retirement.Begin(storetest.Actor(w.Owner), retirement.Ending, retirement.Cause{Kind: "person", Sentence: "It is time."}, st, c)
				})
			})
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			}
		}
		if done != 1 {
			t.Errorf("%d retirements began", done)
		}
	})
}

func TestACriterionThatHoldsTriggersOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 2)
		view, err := s.Plan(t.Context(), "fraud", w.Policy)
		if err != nil {
			t.Fatal(err)
		}
		k := view.InForce.Body.Trigger.Criterion
		clock := w.MoveClock()
		if n, err := s.TriggerMet(system(), w.Policy); err != nil || n != 0 {
			t.Fatalf("began %d: %v", n, err)
		}
		bad := *k.Threshold - 0.1
		if strings.HasPrefix(string(k.Operator), ">") {
			bad = *k.Threshold + 0.1
		}
		for i := k.WindowDays; i >= 0; i-- {
			r := report(clock.Now().AddDate(0, 0, -i), "custom:"+k.Metric, bad, 0)
			r.Source = k.Source
			if _, err := addReports(w, w.Contributor, "fraud", r); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []int{1, 0} {
			if n, err := s.TriggerMet(system(), w.Policy); err != nil || n != want {
				t.Fatalf("began %d, want %d: %v", n, want, err)
			}
		}
		r, err := s.Retirement(t.Context(), "fraud", 0, w.Policy)
		if err != nil || r.Workflow == nil || r.Workflow.Cause.Kind != "criterion" || r.Workflow.Cause.Evidence == "" || r.Workflow.Cause.By != org.System.Name {
			t.Fatalf("%+v: %v", r.Workflow, err)
		}
		// Called off, it does not come back until the criterion is met anew.
		w.Workflow(t, "fraud", w.Owner, func(r *retirement.Workflow, c *retirement.World) error {
			return r.Abort(storetest.Actor(w.Owner), "A broken sensor", c)
		})
		clock.Days(1)
		if n, err := s.TriggerDue(system(), w.Policy); err != nil || n != 0 {
			t.Errorf("began again: %d, %v", n, err)
		}
		if m, _ := s.Model(t.Context(), "fraud"); m.Retiring != "" {
			t.Errorf("listed as %q", m.Retiring)
		}
	})
}

func TestARolledBackRetirementLeavesProductionAsItWas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 2)
		w.Trigger(t, "fraud")
		clock := w.MoveClock()
		w.RetireTo(t, "fraud", retirement.Drain, clock)
		if _, err := s.OpenRequest(w.As(w.Contributor), "fraud", "v1", w.Policy, backTo(w.Contributor)); !fault.Is(err, fault.Conflict) {
			t.Errorf("production was left by another door: %v", err)
		}
		w.Workflow(t, "fraud", w.Owner, func(r *retirement.Workflow, c *retirement.World) error {
			return r.RollBack(storetest.Actor(w.Owner), "Too many declines", c)
		})
		if _, v, err := s.ProductionAt(t.Context(), "fraud", s.Now()); err != nil || v.Label != "v1" || v.Stage != registry.Production {
			t.Errorf("serves %s: %v", v.Label, err)
		}
		if v := w.Trigger(t, "fraud"); v.Workflow.Number != 2 {
			t.Errorf("the next one is number %d", v.Workflow.Number)
		}
	})
}

func TestAZombieReopensWhatWasSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 2)
		w.Trigger(t, "fraud")
		clock := w.MoveClock()
		w.RetireTo(t, "fraud", retirement.Retired, clock)
		if _, err := s.IssueCertificates(system(), w.Policy, "x", plainPrint); err != nil {
			t.Fatal(err)
		}
		clock.Days(3)
		if n, err := s.ReopenForZombies(system(), w.Policy); err != nil || n != 0 {
			t.Fatalf("reopened %d: %v", n, err)
		}
		sendStamps(t, w, "batch-7", "fraud@v1", 12)
		for _, want := range []int{1, 0} {
			if n, err := s.ReopenForZombies(system(), w.Policy); err != nil || n != want {
				t.Fatalf("reopened %d, want %d: %v", n, want, err)
			}
		}
		r, err := s.Retirement(t.Context(), "fraud", 0, w.Policy)
		if err != nil || r.Workflow.Phase != retirement.Sealed || len(r.Workflow.Zombies) != 1 || r.Workflow.Zombies[0].App != "batch-7" {
			t.Fatalf("%+v: %v", r.Workflow, err)
		}
		w.RetireTo(t, "fraud", retirement.Retired, clock)
		if n, err := s.IssueCertificates(system(), w.Policy, "x", plainPrint); err != nil || n != 1 {
			t.Errorf("a second certificate: %d, %v", n, err)
		}
	})
}

func TestConsumersAreToldByLetterAndAnswerByTheirOwnLinkAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 1)
		clock := w.MoveClock()
		w.Trigger(t, "fraud")
		view := w.RetireTo(t, "fraud", retirement.Announced, clock)
		x := view.Workflow.Consumers[0]
		link := store.LinkOf(view.Workflow, x)
		got, err := s.AnswerView(t.Context(), link, w.Policy)
		if err != nil || !got.Open || got.Letter.Consumer != "Checkout" || got.Letter.Model == "" {
			t.Fatalf("%+v: %v", got, err)
		}
		other := link
		other.Consumer = "c2"
		if _, err := s.Answer(w.AsConsumer("x"), other, retirement.Reply{Answer: retirement.Accept, By: "x"}, w.Policy); !fault.Is(err, fault.NotFound) {
			t.Errorf("another consumer: %v", err)
		}
		if _, err := s.Answer(w.AsConsumer("Checkout"), link, retirement.Reply{Answer: retirement.Object, By: "Pia"}, w.Policy); !fault.Is(err, fault.Invalid) {
			t.Errorf("an objection without a reason: %v", err)
		}
		if _, err := s.Answer(w.AsConsumer("Checkout"), link, retirement.Reply{Answer: retirement.Accept, By: "Pia"}, w.Policy); err != nil {
			t.Fatal(err)
		}
		w.RetireTo(t, "fraud", retirement.Cutover, clock)
		if got, err := s.AnswerView(t.Context(), link, w.Policy); err != nil || got.Open || got.Closed == "" {
			t.Errorf("still open: %+v, %v", got, err)
		}
		letters := lettersTo(t, s, "checkout@example.test")
		if len(letters) != 1 || strings.Contains(fmt.Sprint(letters), link.Sign([]byte("x"))[:20]) {
			t.Errorf("letters: %v", letters)
		}
	})
}

func TestSilentConsumersAreRemindedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 2)
		clock := w.MoveClock()
		w.Trigger(t, "fraud")
		w.RetireTo(t, "fraud", retirement.Announced, clock)
		for range 40 {
			clock.Days(1)
			for range 2 {
				if _, err := s.TickRetirements(system(), w.Policy); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n := len(lettersTo(t, s, "checkout@example.test")); n != 4 { // told, a week later, a week before the end, at its end
			t.Errorf("%d letters", n)
		}
		view := w.Workflow(t, "fraud", w.Owner, func(r *retirement.Workflow, c *retirement.World) error {
			return r.Advance(storetest.Actor(w.Owner), retirement.Announced, c)
		})
		if view.Workflow.Phase != retirement.DualRun {
			t.Errorf("silence below tier 1: %s", view.Workflow.Phase)
		}
	})
}

func TestASupersedingRunsBesideAndEndsByItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 3)
		clock := w.MoveClock()
		clock.Days(1)
		w.Version(t, "fraud", "v2")
		w.Evidence(t, "fraud", "v2")
		w.ConfirmPlan(t, "fraud", "v2")
		w.PromoteAll(t, "fraud", "v2")
		view, err := s.Retirement(t.Context(), "fraud", 1, w.Policy)
		if err != nil || view.Workflow.Kind != retirement.Superseding || view.Workflow.VersionLabel != "v1" {
			t.Fatalf("%+v: %v", view.Workflow, err)
		}
		if m, _ := s.Model(t.Context(), "fraud"); m.Retiring != "" {
			t.Errorf("a superseding shows as a retirement: %q", m.Retiring)
		}
		sendStamps(t, w, "checkout", "fraud@v1", 40)
		sendStamps(t, w, "checkout", "fraud@v2", 60)
		clock.Days(w.Policy.RollbackDays)
		sendStamps(t, w, "checkout", "fraud@v1", 40)
		sendStamps(t, w, "checkout", "fraud@v2", 60)
		if n, err := s.TickRetirements(system(), w.Policy); err != nil || n != 0 {
			t.Fatalf("moved %d while v1 answers: %v", n, err)
		}
		if n, err := s.LapseSuperseded(system()); err != nil || n != 0 {
			t.Errorf("lapsed %d by the old way: %v", n, err)
		}
		clock.Days(2)
		sendStamps(t, w, "checkout", "fraud@v2", 100)
		if n, err := s.TickRetirements(system(), w.Policy); err != nil || n != 1 {
			t.Fatalf("moved %d: %v", n, err)
		}
		if _, v, _ := s.Version(t.Context(), "fraud", "v1"); v.Stage != registry.Retired {
			t.Errorf("v1 is %s", v.Stage)
		}
	})
}

func lettersTo(t *testing.T, s *store.Store, address string) []string {
	t.Helper()
	out, err := s.PayloadsTo(address)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sendStamps(t *testing.T, w *storetest.World, app, stamp string, n int) {
	t.Helper()
	c := &counter{w, t, w.As(w.Contributor)}
	c.sent("", app, stamp, n)
}

func backTo(who org.Person) func(*lifecycle.Dossier, time.Time) error {
	return func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(storetest.Actor(who), registry.Staged, "Out of production with it.", now)
	}
}
