package demodata

import (
	"slices"
	"time"

	"sundial/models/confirmation"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/store"
)

// disputes are entries of the running quarter with which something is wrong, and what.
var disputes = map[string]string{
	"ticket-router": "The queues moved to the contact centre in the summer. Its people answer for it now, and the entry still names us.",
}

// leftOpen are entries of the running quarter that nobody has answered for yet, besides those without anybody
// who could.
var leftOpen = []string{"fraud-scorer", "chargeback-ranker", "merchant-risk", "early-arrears", "churn", "cash-forecast"}

// confirmations plays the running quarter's confirmation and the one before. Of that one nearly all was
// confirmed.
func (f *filler) confirmations() {
	now := day.QuarterOf(f.present)
	for _, q := range []day.Quarter{now.Add(-1), now} {
		since := day.Of(q.Start()).Until(day.Of(f.present))
		for _, days := range []int{0, confirmation.AskDays} {
			if since >= days {
				f.at(since-days, -300, "entries are asked for", func(time.Time) error { _, err := f.s.AskConfirmations(f.ctx); return err })
			}
		}
		for i, sp := range specs {
			if sp.owner == "" || q == now && slices.Contains(leftOpen, sp.slug) || q != now && i%9 == 4 {
				continue
			}
			reply, what := confirmation.AsItSays, ""
			if q == now && disputes[sp.slug] != "" {
				reply, what = confirmation.Wrong, disputes[sp.slug]
			}
			f.at(max(since-3-i%20, 0), 400+i, "confirm "+sp.slug, func(time.Time) error { return f.confirmEntry(sp, reply, what) })
		}
	}
}

// confirmEntry gives the owner's word, where it is asked for.
func (f *filler) confirmEntry(sp spec, reply confirmation.Reply, what string) error {
	m, err := f.s.Model(f.ctx, sp.slug)
	if fault.Is(err, fault.NotFound) { // it came later
		return nil
	}
	if err != nil {
		return err
	}
	e, err := f.s.ConfirmationOf(f.ctx, m.ID)
	if err != nil || e.Standing() != confirmation.Open || m.OwnerID != f.people[sp.owner].ID {
		return err
	}
	return f.s.AnswerEntries(f.as(sp.owner), []store.EntryReply{{Model: m.ID, Seen: e.Seen(), Reply: reply, What: what}})
}
