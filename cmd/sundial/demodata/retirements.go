package demodata

import (
	"fmt"
	"strings"
	"time"

	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/models/store"
)

// retirements plays how some models end: one honourably and long ago, one whose consumer objects, one
// whose last callers do not leave, one that was rolled back, and a rehearsal.
func (f *filler) retirements() {
	f.retired("spell-fixer", "lena", "marlow", "rowan")
	f.begin("chargeback-ranker", 12, 300, "mira", retirement.Ending, "The dispute desk's new tool ranks by itself.")
	f.deed("chargeback-ranker", 11, 310, "mira", func(w *retirement.Workflow, a org.Actor, c *retirement.World) error { return w.Announce(a, c) })
	f.answer("chargeback-ranker", 6, 320, retirement.Reply{Answer: retirement.Object, Reason: "Our quarter closes in three weeks; the new tool is not trained on it yet.", By: "Dispute desk, shift lead"})

	f.begin("ticket-router", 46, 330, "otto", retirement.Ending, "The contact centre's telephony routes tickets itself now.")
	f.deed("ticket-router", 45, 331, "otto", func(w *retirement.Workflow, a org.Actor, c *retirement.World) error { return w.Announce(a, c) })
	f.answer("ticket-router", 40, 332, retirement.Reply{Answer: retirement.Accept, By: "Contact centre, operations"})
	f.advance("ticket-router", 38, 333, "otto", retirement.Announced, retirement.DualRun)
	f.steps("ticket-router", 20, 334, "otto", 0)
	f.advance("ticket-router", 9, 340, "otto", retirement.Cutover)

	f.begin("demand-weekly", 15, 350, "quinn", retirement.Ending, "Purchasing buys the forecast from its supplier portal.")
	f.deed("demand-weekly", 15, 352, "quinn", func(w *retirement.Workflow, a org.Actor, c *retirement.World) error { return w.Announce(a, c) })
	f.deed("demand-weekly", 13, 353, "quinn", func(w *retirement.Workflow, a org.Actor, c *retirement.World) error {
		return w.Abort(a, "The supplier's forecast has no articles of our own brand.", c)
	})

	f.begin("weld-inspector", 30, 360, "yara", retirement.Rehearsal, "Yearly rehearsal, before the new line is built.")
	f.walk("weld-inspector", 29, 361, "yara")
}

// retired plays a whole retirement, from the trigger a third of a year ago to the clean watch.
func (f *filler) retired(slug, lead, helper, second string) {
	f.begin(slug, 150, 300, lead, retirement.Ending, "The query rewriter does this better.")
	f.deed(slug, 149, 301, lead, func(w *retirement.Workflow, a org.Actor, c *retirement.World) error { return w.Announce(a, c) })
	f.answer(slug, 140, 302, retirement.Reply{Answer: retirement.Accept, By: "Web shop, search page"})
	f.advance(slug, 130, 303, lead, retirement.Announced, retirement.DualRun)
	f.steps(slug, 125, 304, helper, 0)
	f.advance(slug, 120, 310, lead, retirement.Cutover)
	f.vouch(slug, 110, 311, helper, second, "The search page's log names no corrector since last Monday.")
	f.advance(slug, 110, 313, lead, retirement.Drain)
	f.advance(slug, 92, 314, lead, retirement.RollbackWindow)
	f.vouch(slug, 90, 315, helper, second, "Revoked; a call with the old key is refused.")
	f.advance(slug, 90, 317, lead, retirement.Disabled)
	f.dispose(slug, 70, 318, helper, second)
	f.advance(slug, 65, 330, lead, retirement.Disposition)
}

// deed is one act on the model's running retirement.
func (f *filler) deed(slug string, daysAgo, minute int, who string, do func(*retirement.Workflow, org.Actor, *retirement.World) error) {
	f.at(daysAgo, minute, "retirement of "+slug, func(time.Time) error {
		_, err := f.s.ChangeRetirement(f.as(who), slug, 0, 0, f.policy, func(w *retirement.Workflow, c *retirement.World) error { return do(w, f.actor(who), c) })
		return err
	})
}

func (f *filler) begin(slug string, daysAgo, minute int, who string, kind retirement.WorkflowKind, why string) {
	f.at(daysAgo, minute, "retirement of "+slug, func(time.Time) error {
		_, err := f.s.BeginRetirement(f.as(who), slug, f.policy, func(s retirement.Start, c *retirement.World) (*retirement.Workflow, error) {
			return retirement.Begin(f.actor(who), kind, retirement.Cause{Kind: "person", Sentence: why}, s, c)
		})
		return err
	})
}

func (f *filler) advance(slug string, daysAgo, minute int, who string, phases ...retirement.Phase) {
	for i, p := range phases {
		f.deed(slug, daysAgo, minute+i, who, func(w *retirement.Workflow, a org.Actor, c *retirement.World) error { return w.Advance(a, p, c) })
	}
}

// answer is what the first consumer says through their link.
func (f *filler) answer(slug string, daysAgo, minute int, r retirement.Reply) {
	f.at(daysAgo, minute, "an answer about "+slug, func(time.Time) error {
		view, err := f.s.Retirement(f.ctx, slug, 0, f.policy)
		if err != nil {
			return err
		}
		for _, x := range view.Workflow.Consumers {
			as := store.WithSource(f.ctx, store.Source{Actor: org.Actor{Person: org.Person{Name: x.Name}, Via: "link"}, RequestID: "demo", From: "127.0.0.1"})
			if _, err := f.s.Answer(as, store.LinkOf(view.Workflow, x), r, f.policy); err != nil {
				return err
			}
		}
		return nil
	})
}

// steps does the plan's cutover steps, but the last few.
func (f *filler) steps(slug string, daysAgo, minute int, who string, but int) {
	f.at(daysAgo, minute, "steps of "+slug, func(time.Time) error {
		view, err := f.s.Retirement(f.ctx, slug, 0, f.policy)
		if err != nil {
			return err
		}
		list := view.Workflow.StepsInOrder()
		for _, s := range list[:len(list)-but] {
			_, err := f.s.ChangeRetirement(f.as(who), slug, 0, 0, f.policy, func(w *retirement.Workflow, c *retirement.World) error {
				return w.CompleteStep(f.actor(who), s.Order, "Done as planned.", c)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// vouch gives one person's word and another's for what no machine reports.
func (f *filler) vouch(slug string, daysAgo, minute int, one, two, saw string) {
	f.at(daysAgo, minute, "facts of "+slug, func(time.Time) error {
		view, err := f.s.Retirement(f.ctx, slug, 0, f.policy)
		if err != nil {
			return err
		}
		for _, x := range view.Workflow.Blockers(view.World) {
			if !x.Attestable {
				continue
			}
			for _, do := range []struct {
				who string
				fn  func(*retirement.Workflow, org.Actor, *retirement.World) error
			}{
				{one, func(w *retirement.Workflow, a org.Actor, c *retirement.World) error {
					return w.Attest(a, x.Key, saw, "https://wiki.gnomon.example/retirements/"+slug, c)
				}},
				{two, func(w *retirement.Workflow, a org.Actor, c *retirement.World) error {
					return w.ConfirmAttestation(a, x.Key, c)
				}},
			} {
				_, err := f.s.ChangeRetirement(f.as(do.who), slug, 0, 0, f.policy, func(w *retirement.Workflow, c *retirement.World) error { return do.fn(w, f.actor(do.who), c) })
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// dispose certifies and verifies what becomes of each part of the data.
func (f *filler) dispose(slug string, daysAgo, minute int, performer, verifier string) {
	f.at(daysAgo, minute, "data of "+slug, func(now time.Time) error {
		view, err := f.s.Retirement(f.ctx, slug, 0, f.policy)
		if err != nil {
			return err
		}
		for i, a := range view.Workflow.Plan.Assets {
			err := f.disposeOf(slug, i, a, performer, verifier)
			if err != nil {
				return fmt.Errorf("%s: %w", a.Name, err)
			}
		}
		return nil
	})
}

func (f *filler) disposeOf(slug string, i int, a retirement.DataAsset, performer, verifier string) error {
	change := func(who string, fn func(*retirement.Workflow, org.Actor, *retirement.World) error) error {
		_, err := f.s.ChangeRetirement(f.as(who), slug, 0, 0, f.policy, func(w *retirement.Workflow, c *retirement.World) error { return fn(w, f.actor(who), c) })
		return err
	}
	if a.Decision == retirement.KeepUntil {
		return change(performer, func(w *retirement.Workflow, who org.Actor, c *retirement.World) error {
			return w.Keep(who, i, "Records archive", c)
		})
	}
	err := change(performer, func(w *retirement.Workflow, who org.Actor, c *retirement.World) error {
		return w.Certify(who, i, retirement.DeletionCertificate{
			Method: a.Method, Tool: "Storage lifecycle job", Performer: who.Name, PerformedOn: c.Today(), Probe: "Listed the bucket with all versions.",
			Result: "Nothing is listed.", DigestBefore: "sha256:" + strings.Repeat("5d1e", 16), LegalBasis: a.LegalBasis,
		}, c)
	})
	if err != nil {
		return err
	}
	return change(verifier, func(w *retirement.Workflow, who org.Actor, c *retirement.World) error {
		return w.Verify(who, i, "Listed it again from another account: empty.", c)
	})
}

// walk takes a rehearsal to its end.
func (f *filler) walk(slug string, daysAgo, minute int, who string) {
	for i, p := range retirement.Way(retirement.Rehearsal, retirement.Full)[:7] {
		finding, works := "Asked those who would do it; the plan names the right people.", true
		if p == retirement.Drain {
			finding, works = "Nobody knows who calls on Sundays. The batch team is to be asked.", false
		}
		f.deed(slug, daysAgo, minute+i, who, func(w *retirement.Workflow, a org.Actor, c *retirement.World) error {
			return w.Walk(a, p, works, finding, c)
		})
	}
}
