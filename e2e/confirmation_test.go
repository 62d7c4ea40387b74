package e2e

import (
	"testing"

	"github.com/playwright-community/playwright-go"

	"sundial/models/day"
	"sundial/models/registry"
)

// A new quarter begins. The owner of three models confirms two on one page and says what is wrong with the
// third; a leader sees that one and the one that has nobody; the deputy mends it and gives their word.
func TestOwnersConfirmTheirEntries(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v view) {
		m := startMovable(t)
		for _, slug := range []string{"alpha", "beta", "gamma"} {
			m.Model(t, slug, registry.Trained, 2)
		}
		end := day.QuarterOf(m.Clock.Now()).End()
		m.Clock.Add(end.AddDate(0, 0, 4).Sub(m.Clock.Now()))

		owner := m.person(t, v, m.Owner)
		owner.visit("/")
		owner.link("3 entries to confirm for " + day.QuarterOf(m.Clock.Now()).Human())
		owner.heading("Confirm your entries")
		axe(t, owner)
		owner.answer("Model alpha", "It is as it says")
		owner.answer("Model beta", "It is as it says")
		owner.answer("Model gamma", "Something is wrong")
		owner.expect(422)
		owner.button("Send my answers")
		owner.refused("What is wrong with Model gamma", "Say in a sentence what is wrong")
		axe(t, owner)
		owner.fill("What is wrong with Model gamma", "It scores refunds as well since May.")
		owner.button("Send my answers")
		owner.sees("2 entries are confirmed. 1 entry waits to be mended.")
		owner.seesNot("Model alpha")
		owner.reads(owner.in("Model gamma"), "Owner said", "It scores refunds as well since May.")
		axe(t, owner)
		owner.visit("/models/alpha")
		owner.sees("Confirmed by Owner")

		leader := m.person(t, v, m.Leader)
		leader.visit("/confirmations")
		leader.heading("Quarterly confirmation")
		leader.reads(leader.row("Model gamma"), "Something is wrong", "It scores refunds as well since May.", "Deputy")
		leader.seesNot("Model alpha")
		leader.reads(leader.row("Fraud"), "2 of 3")
		axe(t, leader)

		deputy := m.person(t, v, m.Deputy)
		deputy.visit("/confirm")
		followIn(deputy, deputy.in("Model gamma"), "Mend the entry")
		deputy.fill("Purpose", "Scores payments and refunds.")
		deputy.button("Save")
		deputy.visit("/confirm")
		deputy.reads(deputy.in("Model gamma"), "It was changed after that. Is it right now?", "Scores payments and refunds.")
		deputy.answer("Model gamma", "It is as it says")
		deputy.button("Send my answers")
		deputy.sees("All confirmed")

		leader.visit("/confirmations")
		leader.sees("Everything is confirmed")
	})
}

// answer chooses what to say of one entry.
func (p *page) answer(entry, choice string) {
	p.t.Helper()
	radio := p.in(entry).GetByRole(*playwright.AriaRoleRadio, playwright.LocatorGetByRoleOptions{Name: choice, Exact: playwright.Bool(true)})
	must(p.t, "choose "+choice+" for "+entry, radio.Check(playwright.LocatorCheckOptions{Timeout: patience}))
}
