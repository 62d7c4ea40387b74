package storetest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/models/store"
)

// Clock is a clock that a test moves.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// MoveClock gives the store a clock that stands still until it is moved.
func (w *World) MoveClock() *Clock {
	c := &Clock{at: w.S.Now()}
	w.S.SetClock(c.Now)
	return c
}

// Now is the moment the clock stands at.
func (c *Clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

// Days moves the clock forward.
func (c *Clock) Days(n int) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.AddDate(0, 0, n) }

// Mover lets days pass.
type Mover interface{ Days(n int) }

// Trigger begins the retirement of a model on its owner's word.
func (w *World) Trigger(t testing.TB, slug string) store.RetirementView {
	t.Helper()
	v, err := w.S.BeginRetirement(w.As(w.Owner), slug, w.Policy, func(s retirement.Start, c *retirement.World) (*retirement.Workflow, error) {
		return retirement.Begin(Actor(w.Owner), retirement.Ending, retirement.Cause{Kind: "person", Sentence: "Something better is there."}, s, c)
	})
	must(t, err)
	return v
}

// Workflow runs a rule on the model's retirement as this person.
func (w *World) Workflow(t testing.TB, slug string, who org.Person, fn func(*retirement.Workflow, *retirement.World) error) store.RetirementView {
	t.Helper()
	v, err := w.S.ChangeRetirement(w.As(who), slug, 0, 0, w.Policy, fn)
	must(t, err)
	return v
}

// RetireTo leads the retirement of a model to a phase, letting the days pass that it needs.
func (w *World) RetireTo(t testing.TB, slug string, phase retirement.Phase, clock Mover) store.RetirementView {
	t.Helper()
	view, err := w.S.Retirement(t.Context(), slug, 0, w.Policy)
	must(t, err)
	for range 12 {
		was := view.Workflow.Phase
		if was == phase {
			return view
		}
		if was == retirement.Sealed {
			clock.Days(retirement.WatchDays)
			_, err := w.S.TickRetirements(w.As(org.Person{}), w.Policy)
			must(t, err)
			view, err = w.S.Retirement(t.Context(), slug, 0, w.Policy)
			must(t, err)
			continue
		}
		w.meet(t, slug, was, clock)
		view = w.Workflow(t, slug, w.Owner, func(r *retirement.Workflow, c *retirement.World) error { return r.Advance(Actor(w.Owner), was, c) })
	}
	t.Fatalf("%s did not come to %s: it is %s", slug, phase, view.Workflow.Phase)
	return view
}

// meet makes the conditions of a phase hold.
func (w *World) meet(t testing.TB, slug string, phase retirement.Phase, clock Mover) {
	t.Helper()
	type rule = func(*retirement.Workflow, *retirement.World) error
	as := func(who org.Person, fn rule) { t.Helper(); w.Workflow(t, slug, who, fn) }
	view, err := w.S.Retirement(t.Context(), slug, 0, w.Policy)
	must(t, err)
	switch phase {
	case retirement.Announced:
		for _, x := range view.Workflow.Consumers {
			_, err := w.S.Answer(w.AsConsumer(x.Name), store.LinkOf(view.Workflow, x), retirement.Reply{Answer: retirement.Accept, By: "Pia of " + x.Name}, w.Policy)
			must(t, err)
		}
	case retirement.DualRun:
		clock.Days(40)
	case retirement.Cutover:
		for _, step := range view.Workflow.StepsInOrder() {
			if _, done := view.Workflow.Done(step.Order); done {
				continue
			}
			as(w.Contributor, func(r *retirement.Workflow, c *retirement.World) error {
				return r.CompleteStep(Actor(w.Contributor), step.Order, "", c)
			})
		}
	case retirement.RollbackWindow:
		clock.Days(view.Workflow.Plan.Rollback.WindowDays)
	case retirement.Disposition:
		clock.Days(200)
		for i := range view.Workflow.Plan.Assets {
			switch d, begun := view.Workflow.Disposal(i); { // whoever led this before may have been killed anywhere
			case begun && (d.Certificate.Verified() || d.Keeper != ""):
			case begun && d.Certificate != nil:
				w.verify(t, slug, i)
			default:
				w.dispose(t, slug, i, clock)
			}
		}
	}
	view, err = w.S.Retirement(t.Context(), slug, 0, w.Policy)
	must(t, err)
	for _, x := range view.Workflow.Blockers(view.World) {
		if !x.Attestable {
			continue
		}
		as(w.Contributor, func(r *retirement.Workflow, c *retirement.World) error {
			return r.Attest(Actor(w.Contributor), x.Key, "Seen on the dashboard this morning", "", c)
		})
		as(w.Reviewer, func(r *retirement.Workflow, c *retirement.World) error {
			return r.ConfirmAttestation(Actor(w.Reviewer), x.Key, c)
		})
	}
}

func (w *World) dispose(t testing.TB, slug string, i int, clock Mover) {
	t.Helper()
	var asset retirement.DataAsset
	w.Workflow(t, slug, w.Contributor, func(r *retirement.Workflow, c *retirement.World) error {
		asset = r.Plan.Assets[i]
		if asset.Decision == retirement.KeepUntil {
			return r.Keep(Actor(w.Contributor), i, "Records archive", c)
		}
		if d, _ := r.Disposal(i); asset.Hold != retirement.HoldNone && d.HoldAnswer == "" {
			if err := r.ClearHold(Actor(w.Contributor), i, "Legal was asked and knows of none", c); err != nil {
				return err
			}
		}
		return r.Certify(Actor(w.Contributor), i, retirement.DeletionCertificate{
			Method: "Objects and their versions removed", Tool: "storage job 114", Performer: w.Contributor.Name, PerformedOn: c.Today(),
			Probe: "Listing the bucket", Result: "No object is listed", DigestBefore: "sha256:" + strings.Repeat("ab", 32), LegalBasis: "Art. 17 GDPR",
		}, c)
	})
	if asset.Decision != retirement.KeepUntil {
		w.verify(t, slug, i)
	}
}

func (w *World) verify(t testing.TB, slug string, i int) {
	t.Helper()
	w.Workflow(t, slug, w.Reviewer, func(r *retirement.Workflow, c *retirement.World) error {
		return r.Verify(Actor(w.Reviewer), i, fmt.Sprintf("Listed asset %d again: empty", i+1), c)
	})
}

// Hold makes it unknown whether a hold forbids the deletion of an asset, as in a plan that left it open.
func (w *World) Hold(t testing.TB, slug string, asset int) {
	t.Helper()
	w.Workflow(t, slug, w.Owner, func(r *retirement.Workflow, c *retirement.World) error {
		r.Plan.Assets[asset].Hold = retirement.HoldUnknown
		r.Note("retirement.test", r.Subject(slug), nil, nil)
		return nil
	})
}
