package e2e

import (
	"encoding/csv"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

// A leader asks which fraud model is in production and how it was built, and what it was before.
func TestLeaderFindsWhatServes(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	both(t, func(t *testing.T, v view) {
		v.Base = demo.URL
		p := person(t, v, leader)
		p.heading("My work")
		axe(t, p)

		// Two clicks: what serves, then the model.
		p.link("What serves now")
		p.heading("In production")
		row := p.row("Fraud scorer")
		p.reads(row, "v7", "fraud-scorer", riskOfficer, reviewer)
		must(t, "open the model", row.GetByRole(*playwright.AriaRoleLink, playwright.LocatorGetByRoleOptions{Name: "Fraud scorer", Exact: playwright.Bool(true)}).Click())
		p.heading("Fraud scorer")
		p.reads(p.in("In production"), "v7", "since", "fraud-scorer-history", "git.gnomon.example/models/fraud-scorer",
			riskOfficer, reviewer, "Retirement plan", "How it ends")

		whatServedThen(p)
		theFileIsTheList(p)
	})
}

// A leader goes from the organisation's number to the one fact that holds a team back in four clicks, and
// finds the way back.
func TestLeaderFindsWhatHoldsATeamBack(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	both(t, func(t *testing.T, v view) {
		v.Base = demo.URL
		p := person(t, v, leader)
		p.heading("My work")

		p.link("Teams") // one: the organisation's number
		p.heading("Maturity")
		p.sees("models count")
		team := p.row("Document Intelligence")
		p.reads(team, "Average", "Corporate")
		axe(t, p)

		followIn(p, team, "Document Intelligence") // two
		p.heading("Document Intelligence")
		p.reads(p.in("The three actions that raise this team most"), "Invoice reader")
		model := p.in("Models").GetByRole(*playwright.AriaRoleRow).Filter(playwright.LocatorFilterOptions{HasText: "capped at 69"}).First()
		p.reads(model, "Invoice reader")
		axe(t, p)

		followIn(p, model, "Invoice reader") // three: every criterion with its fact
		p.heading("Invoice reader")
		p.reads(p.Locator("main"), "Capped: without it the score would be", "At most 69:")
		p.reads(p.row("An approved retirement plan"), "Fail", "0 of 6")
		axe(t, p)

		followIn(p, p.row("An approved retirement plan"), "Get the retirement plan approved") // four: where it is mended
		if got := p.path(); got != "/models/invoice-reader/retirement" {
			t.Errorf("the fourth click leads to %s", got)
		}
		must(t, "back to the criterion", second(p.GoBack()))
		p.heading("Invoice reader")
		followIn(p, p.GetByRole(*playwright.AriaRoleNavigation), "Document Intelligence")
		p.heading("Document Intelligence")

		whatIf(p)
	})
}

// A leader asks how long the way to production takes, what ran past governance, and sees the records behind.
func TestLeaderSeesHowModelsFlow(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	both(t, func(t *testing.T, v view) {
		v.Base = demo.URL
		p := person(t, v, leader)
		p.visit("/teams")
		p.sees("Time to production")
		followIn(p, p.Locator("main"), "Time to production")
		p.heading("How models flow")
		p.sees("so far, counted")
		team := p.in("Teams").GetByRole(*playwright.AriaRoleRow).Filter(playwright.LocatorFilterOptions{HasText: "Payment Fraud"}).First()
		p.reads(team, "days", "Review of")
		axe(t, p)

		followIn(p, team, "Payment Fraud")
		p.reads(p.in("Came to production"), "Fraud scorer v7", "Where the days went", "Review of production")
		p.reads(p.in("Unknown production"), "No version could be named", "Retired and still answering")
		axe(t, p)
		followIn(p, p.in("Unknown production"), "product-rankings@v12")
		if got := p.path(); got != "/stamps" {
			t.Errorf("the incident leads to %s", got)
		}
		p.sees("product-rankings")
		must(t, "back to the team", second(p.GoBack()))
		followIn(p, p.GetByRole(*playwright.AriaRoleNavigation), "Maturity")
		p.heading("Maturity")
	})
}

func second(_ playwright.Response, err error) error { return err }

// followIn clicks a link inside a part of the page.
func followIn(p *page, part playwright.Locator, name string) {
	p.t.Helper()
	link := part.GetByRole(*playwright.AriaRoleLink, playwright.LocatorGetByRoleOptions{Name: name}).First()
	must(p.t, "follow "+name, link.Click(playwright.LocatorClickOptions{Timeout: patience}))
	p.settle()
}

// whatIf ticks the first action and sees the score that it would make, in the address too.
func whatIf(p *page) {
	box := p.in("What if").GetByRole(*playwright.AriaRoleCheckbox).First()
	must(p.t, "tick an action", box.Check(playwright.LocatorCheckOptions{Timeout: patience}))
	p.button("Show the score")
	p.sees("With 1 action done")
	p.reads(p.in("What if"), "would stand at", "would go from")
	if !strings.Contains(p.URL(), "do=") {
		p.t.Errorf("the question is not in the address: %s", p.URL())
	}
	axe(p.t, p)
}

// row is the row of a table that is named so.
func (p *page) row(name string) playwright.Locator {
	return p.GetByRole(*playwright.AriaRoleRow).Filter(playwright.LocatorFilterOptions{
		Has: p.GetByRole(*playwright.AriaRoleRowheader, playwright.PageGetByRoleOptions{Name: name}),
	}).First()
}

func whatServedThen(p *page) {
	then := time.Now().UTC().AddDate(0, 0, -100).Format("2006-01-02T15:04")
	p.visit("/production?at=" + url.QueryEscape(then))
	p.sees("Served on")
	p.reads(p.row("Fraud scorer"), "v6", "until")
	axe(p.t, p)

	p.visit("/production")
	p.fill("At (UTC)", then)
	p.fill("Model", "fraud scorer")
	p.button("Apply")
	p.sees("Served on")
	p.reads(p.row("Fraud scorer"), "v6")
	if !strings.Contains(p.URL(), "at=") {
		p.t.Errorf("the moment is not in the address: %s", p.URL())
	}
	p.expect(422, 400)
	p.visit("/production?at=yesterday")
	p.reads(p.Locator(".error-summary"), "")
	axe(p.t, p)
}

func theFileIsTheList(p *page) {
	p.visit("/production?q=fraud")
	p.sees("Serving now")
	file, err := p.GetByRole(*playwright.AriaRoleLink, playwright.PageGetByRoleOptions{Name: "CSV"}).GetAttribute("href")
	must(p.t, "the list as a file", err)
	lines, err := csv.NewReader(strings.NewReader(p.get(file))).ReadAll()
	must(p.t, "the file is a table", err)
	shown, err := p.Locator("tbody tr").Count()
	must(p.t, "the rows of the page", err)
	if len(lines)-1 != shown || shown == 0 {
		p.t.Errorf("the page lists %d models, its file %d", shown, len(lines)-1)
	}
}
