package e2e

import (
	"strings"
	"testing"

	"sundial/models/org"
	"sundial/models/retirement"
)

const retiring = "fraud"

// A model of tier 1 is retired from trigger to certificate: four people of the portal and two consumers
// outside it, over the months that it takes.
func TestATier1ModelIsRetired(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v view) {
		m := startMovable(t)
		m.serves(t, retiring)
		story := &retiringStory{m: m, t: t, v: v}

		story.triggersAndTells()
		story.consumersAnswer()
		story.stepsAreDone()
		story.callersLeave()
		story.accessIsRevoked()
		story.dataIsDisposedOf()
		story.certified()
	})
}

type retiringStory struct {
	m *movable
	t *testing.T
	v view
}

func (s *retiringStory) as(who org.Person) *page { s.t.Helper(); return s.m.person(s.t, s.v, who) }

const workflowPath = "/models/" + retiring + "/retirement/workflow"

func (s *retiringStory) triggersAndTells() {
	p := s.as(s.m.Owner)
	p.visit("/models/" + retiring + "/retirement")
	p.link("Retirement")
	p.link("Trigger the retirement")
	p.heading("Trigger the retirement")
	p.expect(422)
	p.button("Trigger the retirement")
	p.refused("Why it ends now", "Say why the model ends now.")
	axe(p.t, p)
	p.fill("Why it ends now", "The rules desk decides these cases faster.")
	p.button("Trigger the retirement")
	p.sees("The retirement is triggered.")
	p.sees("The rules desk decides these cases faster.")
	axe(p.t, p)
	p.button("Tell the consumers")
	p.sees("0 of 2 done.")
	p.off("On to: dual run", "Not yet: checkout answers. And 1 more condition.")
}

func (s *retiringStory) consumersAnswer() {
	m, t := s.m, s.t
	checkout := m.stranger(t, s.v)
	checkout.visit(m.letter(t, retiring, "Checkout"))
	checkout.heading("Model " + retiring + " is being retired")
	checkout.seesNot("Ledger")
	axe(t, checkout)
	checkout.expect(422)
	checkout.check("We object")
	checkout.fill("Who answers", "Pia of Checkout")
	checkout.button("Send the answer")
	checkout.refused("Why", "Say why you object")
	checkout.keeps("Who answers", "Pia of Checkout")
	checkout.fill("Why", "Month-end closing needs it.")
	checkout.button("Send the answer")
	checkout.sees("Thank you. Your answer is recorded.")

	p := s.as(m.Owner)
	p.visit(workflowPath)
	p.sees("They object: Month-end closing needs it.")
	ledger := m.stranger(t, s.v)
	ledger.visit(m.letter(t, retiring, "Ledger"))
	ledger.check("We will have moved by then")
	ledger.fill("Who answers", "Lou of Ledger")
	ledger.button("Send the answer")
	ledger.sees("Thank you. Your answer is recorded.")

	checkout.visit(m.letter(t, retiring, "Checkout"))
	checkout.check("We will have moved by then")
	checkout.button("Send the answer")
	checkout.sees("Thank you. Your answer is recorded.")
	p.visit(workflowPath)
	p.sees("Everything this phase waits for is done.")
	p.button("On to: dual run")
	p.sees("Nothing takes over")
	p.button("On to: cutover")
	p.sees("Now: Cutover")
}

func (s *retiringStory) stepsAreDone() {
	view, err := s.m.Store.Retirement(s.t.Context(), retiring, 0, s.m.Policy)
	if err != nil {
		s.t.Fatal(err)
	}
	p := s.as(s.m.Contributor)
	for _, step := range view.Workflow.StepsInOrder() {
		p.visit(workflowPath)
		p.link("Do it " + step.Title)
		p.fill("Note", "As planned.")
		p.button("The step is done")
		p.sees("The step is done.")
	}
	lead := s.as(s.m.Deputy)
	lead.visit(workflowPath)
	lead.button("On to: drain")
	lead.sees("Now: Drain")
}

// attested gives one person's word and a second person's for every open fact of the phase.
func (s *retiringStory) attested(titles ...string) {
	one, two := s.as(s.m.Contributor), s.as(s.m.Reviewer)
	for _, title := range titles {
		one.visit(workflowPath)
		one.link("Attest " + title)
		one.fill("What you saw, and when", "Seen on the gateway's dashboard at noon.")
		one.button("Give my word")
		one.sees("Attested. A second person confirms it now.")
		one.seesNot("Confirm " + title)
		two.visit(workflowPath)
		two.link("Confirm " + title)
		two.sees("Seen on the gateway's dashboard at noon.")
		two.button("Confirm it")
		two.sees("Confirmed.")
	}
}

func (s *retiringStory) callersLeave() {
	s.attested("No stamp of the old version for 7 days")
	lead := s.as(s.m.Owner)
	lead.visit(workflowPath)
	lead.button("On to: rollback window")
	lead.sees("the old version may return")
	lead.off("On to: disabled", "Not yet: the rollback window is over.")
	s.m.Clock.Days(15)
	lead = s.as(s.m.Owner)
	lead.visit(workflowPath)
	lead.button("On to: disabled")
	lead.sees("Now: Disabled")
	lead.visit("/production")
	lead.seesNot("Model " + retiring)
}

func (s *retiringStory) accessIsRevoked() {
	view, err := s.m.Store.Retirement(s.t.Context(), retiring, 0, s.m.Policy)
	if err != nil {
		s.t.Fatal(err)
	}
	var titles []string
	for _, a := range view.Workflow.Plan.Access {
		titles = append(titles, a.What)
	}
	s.attested(titles...)
	lead := s.as(s.m.Owner)
	lead.visit(workflowPath)
	lead.button("On to: data disposition")
	lead.sees("Now: Data disposition")
}

func (s *retiringStory) dataIsDisposedOf() {
	s.m.Clock.Days(200)
	view, err := s.m.Store.Retirement(s.t.Context(), retiring, 0, s.m.Policy)
	if err != nil {
		s.t.Fatal(err)
	}
	steward, verifier := s.as(s.m.Contributor), s.as(s.m.OtherReviewer)
	for _, x := range view.Workflow.Conditions(view.World) {
		steward.visit(workflowPath)
		if strings.Contains(x.Title, "keep until") {
			steward.link("Hand it over " + x.Title)
			steward.fill("Who owns it from now on", "Records archive")
			steward.button("Hand it over")
			steward.sees("Recorded.")
			continue
		}
		steward.link("Certify " + x.Title)
		steward.fill("How it was done", "Every object and its versions removed.")
		steward.fill("With which tool or job", "Storage job 114")
		steward.fill("Who did it", "Contributor")
		steward.fill("On which day", string(view.World.Today()))
		steward.fill("How one looked for what should be gone", "Listed the bucket with versions.")
		steward.fill("What the probe found", "Empty")
		steward.fill("Digest of what was there", digest(7))
		steward.fill("Legal basis", "Art. 17 GDPR")
		steward.button("File the certificate")
		steward.sees("Filed. Somebody else verifies it now.")
		verifier.visit(workflowPath)
		verifier.link("Verify " + x.Title)
		verifier.fill("How you looked and what you found", "Listed it again, from another account: empty.")
		verifier.button("I looked, and it is so")
		verifier.sees("Verified.")
	}
	lead := s.as(s.m.Owner)
	lead.visit(workflowPath)
	axe(lead.t, lead)
	lead.button("On to: sealed")
	lead.sees("Now: Sealed")
}

func (s *retiringStory) certified() {
	m := s.m
	m.Clock.Days(retirement.WatchDays)
	if n, err := m.Store.TickRetirements(m.World.As(org.Person{}), m.Policy); err != nil || n != 1 {
		s.t.Fatalf("the watch: %d, %v", n, err)
	}
	reader := s.as(m.Viewer)
	reader.visit(workflowPath)
	reader.link("To the certificate")
	reader.reads(reader.Locator("main"), "Model "+retiring, "Records archive", "Pia of Checkout", "Seen on the gateway's dashboard at noon.")
	axe(reader.t, reader)
	if pdf := reader.get("/models/" + retiring + "/retirement/certificate.pdf"); !strings.HasPrefix(pdf, "%PDF-") || pdf != reader.get("/models/"+retiring+"/retirement/certificate.pdf") {
		s.t.Error("the certificate is no file, or not the same twice")
	}
}

// A retirement is rolled back while the window is open: the old version serves on.
func TestARetirementIsRolledBack(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v view) {
		m := startMovable(t)
		m.serves(t, retiring)
		m.Trigger(t, retiring)
		m.RetireTo(t, retiring, retirement.RollbackWindow, m.Clock)
		lead := m.person(t, v, m.Owner)
		lead.visit(workflowPath)
		lead.link("Roll back")
		lead.heading("Roll back")
		lead.expect(422)
		lead.button("Roll back")
		lead.refused("Why", "Give the reason.")
		lead.fill("Why", "Twice as many good payments are declined.")
		lead.button("Roll back")
		lead.sees("Rolled back. The old version stays in production.")
		lead.visit("/production")
		lead.sees("Model " + retiring)
		lead.visit("/retirements?phase=ended")
		lead.sees("Twice as many good payments are declined.")
	})
}

// An emergency switches a model off at once; its review and its data's protections remain.
func TestAnEmergencyEndsAModelAtOnce(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v view) {
		m := startMovable(t)
		m.serves(t, retiring)
		m.Trigger(t, retiring)
		risk := m.person(t, v, m.Risk)
		risk.visit(workflowPath)
		risk.link("Order an emergency")
		risk.fill("What the emergency is", "It answers with other customers' names.")
		risk.button("Switch it off now")
		risk.sees("It is switched off. A review of that is owed.")
		risk.visit("/production")
		risk.seesNot("Model " + retiring)
		risk.visit("/retirements")
		risk.sees("Emergency")

		m.RetireTo(t, retiring, retirement.Disposition, m.Clock)
		steward := m.person(t, v, m.Contributor)
		steward.visit(workflowPath)
		steward.sees("the rollback window ends then")
		reviewer := m.person(t, v, m.OtherReviewer)
		reviewer.visit(workflowPath)
		reviewer.sees("An emergency, and its review is owed")
		reviewer.link("Give the review The emergency was reviewed")
		reviewer.check("It was right")
		reviewer.fill("What you found", "The names were real; switching it off was right.")
		reviewer.button("Give the review")
		reviewer.sees("Reviewed.")
		m.RetireTo(t, retiring, retirement.Sealed, m.Clock)
		reviewer = m.person(t, v, m.OtherReviewer)
		reviewer.visit(workflowPath)
		reviewer.sees("Now: Sealed")
	})
}
