package e2e

import (
	"regexp"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// A reviewer asks for changes, which stops the request; the owner changes a fact, which voids what was
// approved before; both reviewers read it again and approve.
func TestReviewerRequestsChangesThenApproves(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v view) {
		v.Base = startDemo(t).URL
		mira, greta, rowan := person(t, v, owner), person(t, v, riskOfficer), person(t, v, reviewer)

		request := openFromMyWork(rowan, "Fraud scorer v8")
		rowan.reads(rowan.Locator("main"), "1 of 2 approvals", riskOfficer, "Still missing: 1 approval")
		discuss(rowan, mira, request)
		requestChanges(rowan)

		// While he waits with the page open, the owner changes a fact.
		mend(mira)
		mira.visit(request)
		mira.reads(mira.in("Reviewers"), riskOfficer, "Void")
		mira.reads(mira.Locator("main"), "0 of 2 approvals")
		axe(t, mira)

		tooLate(rowan, request)
		rowan.button("Approve")
		rowan.reads(rowan.Locator("main"), "1 of 2 approvals")
		greta.visit(request)
		greta.button("Approve")
		greta.reads(greta.Locator("main"), "Applied")
		rowan.visit("/models/fraud-scorer")
		rowan.reads(rowan.in("In production"), "v8", riskOfficer, reviewer)
	})
}

// openFromMyWork follows what waits and returns the path of the page.
func openFromMyWork(p *page, title string) string {
	p.visit("/")
	line := p.in("Waits for you").GetByRole(*playwright.AriaRoleLink, playwright.LocatorGetByRoleOptions{Name: title})
	if err := line.First().Click(playwright.LocatorClickOptions{Timeout: patience}); err != nil {
		p.t.Fatalf("%q does not wait on %s, which reads:\n%s", title, p.URL(), p.text())
	}
	p.reads(p.Locator("main"), "Your decision")
	return p.path()
}

func discuss(rowan, mira *page, request string) {
	rowan.fill("Add to the conversation", "Which weeks were in the shadow run?")
	rowan.button("Comment")
	rowan.reads(rowan.in("Conversation"), "Which weeks were in the shadow run?")
	mira.visit(request)
	mira.reads(mira.in("Conversation"), reviewer, "Which weeks were in the shadow run?")
	mira.fill("Add to the conversation", "The first two of November, without the holiday.")
	mira.button("Comment")
	mira.reads(mira.in("Conversation"), "without the holiday")
	rowan.visit(request)
}

// requestChanges needs a comment: without one the form comes back.
func requestChanges(p *page) {
	p.expect(422)
	p.button("Request changes")
	p.refused("Comment", "")
	p.fill("Comment", "The rollout plan must name who stops it at night.")
	p.button("Request changes")
	p.reads(p.in("Reviewers"), reviewer, "Asked for changes")
	p.reads(p.Locator("main"), "Asked for changes", "1 of 2 approvals")
}

// mend changes a fact that the approvals rest on.
func mend(p *page) {
	p.visit("/models/fraud-scorer/versions/v8/edit")
	p.fill("Shadow or canary plan", "Shadow for a week, then 5 % for two days. The fraud desk on call stops it at night.")
	p.button("Save")
	p.heading("Fraud scorer v8")
}

// tooLate sends a verdict about facts that are no more: nothing is decided, and what was typed stays.
func tooLate(p *page, request string) {
	p.expect(409)
	p.fill("Comment", "Read again, all fine.")
	p.button("Approve")
	p.reads(p.Locator(".conflict"), "Facts have changed since you read this", "Nothing was decided")
	p.keeps("Comment", "Read again, all fine.")
	axe(p.t, p)
	if p.path() != request && p.path() != request+"/review" {
		p.t.Errorf("the refusal is shown on %s", p.URL())
	}
}

// Nobody decides on what they asked for: the buttons are off and say why, and the server refuses as well.
func TestRequesterCannotApprove(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	both(t, func(t *testing.T, v view) {
		v.Base = demo.URL

		mira := person(t, v, owner)
		request := findRequest(mira, "all", "Fraud scorer v8")
		for _, verdict := range []string{"Approve", "Request changes", "Reject"} {
			mira.off(verdict, "decide")
		}
		digest, err := mira.Locator("input[name=digest]").First().InputValue()
		must(t, "the digest of the request", err)
		for _, verdict := range []string{"approve", "request_changes", "reject"} {
			if status, _ := mira.post(request+"/review", map[string]any{"verdict": verdict, "digest": digest, "comment": "I know what I did."}); status != 403 {
				t.Errorf("the requester's own %s was answered with %d, want 403", verdict, status)
			}
		}
		mira.visit(request)
		mira.reads(mira.Locator("main"), "1 of 2 approvals", "Your decision")

		// A risk reviewer may decide on anybody's request but the one she made by breaking glass.
		greta := person(t, v, riskOfficer)
		debt := findRequest(greta, "owed", "Arrival time v6")
		greta.off("It was right", "You asked for this; somebody else decides.")
		axe(t, greta)
		if status, _ := greta.post(debt+"/settle", map[string]any{"verdict": "approve", "comment": "It was right."}); status != 403 {
			t.Errorf("who broke the glass settled it: %d, want 403", status)
		}
		greta.visit(debt)
		greta.reads(greta.Locator("main"), "A review is owed")
	})
}

func findRequest(p *page, show, title string) string {
	p.visit("/requests?show=" + show)
	line := p.GetByRole(*playwright.AriaRoleLink, playwright.PageGetByRoleOptions{Name: regexp.MustCompile("^" + regexp.QuoteMeta(title))})
	if err := line.First().Click(playwright.LocatorClickOptions{Timeout: patience}); err != nil {
		p.t.Fatalf("there is no request %q on %s, which reads:\n%s", title, p.URL(), p.text())
	}
	p.reads(p.Locator("h1"), title)
	return p.path()
}
