package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

// An owner learns why a family name is refused and goes to production on a pinned id. Then the vendor
// brings its end forward: the owner is led to the successor, measures it, and cuts over in time.
func TestOwnerOutlivesAVendorsModel(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	both(t, func(t *testing.T, v view) {
		v.Base = demo.URL
		s := newGenAIStory(v)
		mira, greta, rowan := person(t, v, owner), person(t, v, riskOfficer), person(t, v, reviewer)

		s.announce(greta, in(500))
		s.registerGenAI(mira)
		promise(mira, s.model)
		s.registerParts(mira)
		s.meetsFloating(mira)
		s.pins(mira)
		s.measures(mira, s.version("v1"), "0.97")
		s.reaches(mira, "v1", greta, rowan, "validated", "staged")
		filePlan(mira, s.model, s.plan())
		approvePlan(rowan, s.model, "The vendor ends the model", s.successor)
		s.reaches(mira, "v1", greta, rowan, "production")

		s.announce(greta, in(45))
		s.isTold(mira)
		s.buildsOnSuccessor(mira)
		s.measures(mira, s.version("v2"), "0.98")
		s.comparesWithProduction(mira)
		s.plansAnew(mira)
		approvePlan(rowan, s.model, "Something better replaces it", "claude-sonnet-4-6")
		s.reaches(mira, "v2", greta, rowan, "validated", "staged", "production")
		s.hasCutOver(mira)
	})
}

// genAIStory has ids of its own for each telling, since both read one catalogue.
type genAIStory struct {
	name, model         string
	pinned, successor   string
	prompt, suite, file string
}

func newGenAIStory(v view) genAIStory {
	s := genAIStory{name: v.named("Dispute letters"), pinned: "gpt-5.1-2025-11-13", successor: "gpt-5.2-2025-12-11", file: "announced.csv"}
	if !v.JS {
		s.pinned, s.successor = "gpt-5-2025-08-07", "gpt-5.4-2026-03-05"
	}
	s.model = "/models/" + slugOf(s.name)
	s.prompt, s.suite = slugOf(s.name)+"-system", slugOf(s.name)+"-suite"
	return s
}

func (s genAIStory) version(label string) string { return s.model + "/versions/" + label }

// announce takes in what the vendor's page says of the two models.
func (s genAIStory) announce(p *page, end string) {
	path := filepath.Join(p.t.TempDir(), s.file)
	list := "provider,model_id,end_of_life,successor\nopenai," + s.pinned + "," + end + "," + s.successor + "\nopenai," + s.successor + ",,\n"
	if err := os.WriteFile(path, []byte(list), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.visit("/vendors/import")
	must(p.t, "choose the file", p.field("File").SetInputFiles(path))
	p.fill("Source", "https://vendor.example/deprecations")
	p.button("Upload and look at it")
	p.heading(s.file)
	p.reads(p.Locator("main"), s.pinned)
	p.button("Apply all of it")
	p.sees("2 rows read")
}

func (s genAIStory) registerGenAI(p *page) {
	p.visit("/models/new")
	p.fill("Name", s.name)
	p.fill("Short name", slugOf(s.name))
	p.fill("Purpose", "Drafts the letter that answers a disputed payment. A person reads and sends it.")
	p.check("GenAI")
	p.check("Tier 1")
	p.choose("Team", "Payment Fraud")
	p.choose("Owner", owner)
	p.choose("Deputy", contributor)
	p.button("Register model")
	p.sees(s.name + " is registered.")
}

// registerParts registers the prompt, whose hash the page computes, and the suite.
func (s genAIStory) registerParts(p *page) {
	p.visit("/prompts/new")
	p.fill("Name", s.prompt)
	p.choose("Team", "Payment Fraud")
	p.fill("Text", "Answer the dispute below in one page.\nQuote the payment, never the card number.")
	p.button("Compute the hash")
	p.sees("The hash of what stands here")
	p.fill("Repository", "https://git.gnomon.example/prompts/disputes")
	p.fill("Path", "system.md")
	p.fill("Commit", "9b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c")
	p.button("Register prompt")
	p.heading(s.prompt)

	p.visit("/evaluations/new")
	p.fill("Name", s.suite)
	p.choose("Team", "Payment Fraud")
	p.fill("Version", "1")
	p.fill("SHA-256", digest(len(s.suite))[len("sha256:"):])
	p.fill("Metric 1", "faithful")
	p.fill("Threshold 1", "0.95")
	p.button("Register suite")
	p.heading(s.suite)
}

// meetsFloating tries the family's name, reads why it is refused, and cannot promote it.
func (s genAIStory) meetsFloating(p *page) {
	p.visit(s.model)
	p.link("Add the first version")
	p.fill("Version", "v1")
	p.fill("What is different", "The first.")
	p.choose("Host", "OpenAI")
	tries(p, "gpt-4o", "Floating: not for production", "OpenAI points it at the snapshot of its choice", "Use the id with the date at its end")
	axe(p.t, p)
	p.fill("Registered prompt 1", s.prompt+"@1")
	p.fill("Parameters", "temperature: 0.2")
	p.fill("Why it has no tools", "It drafts, and nothing else.")
	p.choose("Registered suite", s.suite+" 1")
	p.fill("Shadow or canary plan", "Shadow for a week, then 5 % for two days.")
	p.choose("Rollback target", "None: there is nothing to return to")
	p.fill("Why there is none", "The first of its kind")
	p.fill("Quality", "https://metrics.gnomon.example/disputes")
	p.fill("Cost", "https://metrics.gnomon.example/disputes")
	p.button("Add version")
	p.sees("v1 is added.")
	p.reads(p.in("Gate to registered"), "Vendor model id is pinned", "gpt-4o on OpenAI: A bare family name")
	shot(p.t, p, "genai-refused"+suffix(p.view))

	p.expect(403, 409, 422)
	if status, body := p.post(s.version("v1")+"/transitions/new", map[string]any{"to": "registered", "reason": "It is good enough."}); status < 400 || status >= 500 {
		p.t.Errorf("a floating id was promoted: %d\n%.300s", status, body)
	}
	p.visit(s.version("v1"))
	p.reads(p.Locator("main"), "Gate to registered")
}

// tries types an id and reads what Sundial makes of it: at once where there is JavaScript, else by a button.
func tries(p *page, id string, says ...string) {
	p.t.Helper()
	p.fill("Model id", id)
	if p.view.JS {
		must(p.t, "leave the field", p.field("Model id").Blur())
	} else {
		p.button("Check this id")
	}
	p.reads(p.Locator("#vendor-verdict"), says...)
}

// pins corrects the version to the dated id, which the same page confirms.
func (s genAIStory) pins(p *page) {
	p.visit(s.version("v1") + "/edit")
	tries(p, s.pinned, "Pinned", "names one snapshot")
	p.keeps("Parameters", "temperature: 0.2")
	p.button("Save")
	p.reads(p.in("Gate to registered"), s.pinned)
	promoteAlone(p, s.version("v1"), "registered")
}

// measures records a run of the registered suite, which decides itself whether it passed, and the rest.
func (s genAIStory) measures(p *page, version, value string) {
	p.visit(version + "/evidence/new?kind=evaluation")
	p.sees("What " + s.suite + " 1 measured")
	p.fill("faithful", value)
	p.fill("Address", "https://reports.gnomon.example/disputes")
	p.button("Record")
	p.sees("Evaluation recorded: it passed.")
	for _, kind := range []string{"fairness", "security_review", "canary"} {
		p.visit(version + "/evidence/new?kind=" + kind)
		p.check("Passed")
		if kind == "fairness" {
			p.fill("Metric 1", "largest_gap")
			p.fill("Value 1", "0.01")
			p.choose("Must be 1", "at most")
			p.fill("Threshold 1", "0.02")
		}
		p.fill("Address", "https://reports.gnomon.example/disputes")
		p.button("Record")
		p.sees("recorded")
	}
}

// reaches asks for the stages one after the other; the second approval applies each.
func (s genAIStory) reaches(p *page, label string, first, second *page, stages ...string) {
	p.t.Helper()
	if label != "v1" && slices.Contains(stages, "validated") {
		promoteAlone(p, s.version(label), "registered")
	}
	for _, to := range stages {
		request := ask(p, s.version(label), to)
		approve(first, request, "Approved", "1 of 2 approvals")
		approve(second, request, "Applied", "Applied")
	}
}

// plan ends the model with its vendor, and names the vendor's own successor.
func (s genAIStory) plan() []planSection {
	out := slices.Clone(planSections)
	out[0].write = func(p *page) {
		p.choose("What would end this model", "The vendor ends the model")
		p.check("A date comes")
		p.fill("Date", in(350))
		p.fill("Why this ends the model", "Without the vendor's model there is nothing to call.")
	}
	out[2].write = func(p *page) {
		p.check("A vendor's model")
		p.fill("Host", "openai")
		p.fill("Exact model id", s.successor)
		p.fill("Tests that show it is as good", "faithful is at least 0.95 on the suite")
	}
	return out
}

// isTold starts where the owner starts every day, and ends at the form that has the successor filled in.
func (s genAIStory) isTold(p *page) {
	p.visit("/")
	p.reads(p.Locator("main"), s.name+": the vendor ends "+s.pinned, "Make a version from "+s.successor,
		s.name+": the replacement criterion holds", "OpenAI ends "+s.pinned+" on "+human(45))
	shot(p.t, p, "genai-told"+suffix(p.view))
	p.visit(s.model)
	p.reads(p.Locator("main"), "within the runway", "OpenAI recommends "+s.successor)
	axe(p.t, p)
	p.visit("/vendors?q=" + s.pinned)
	p.reads(p.GetByRole(*playwright.AriaRoleTable), s.pinned, s.name, owner, s.successor)
	p.link(s.pinned)
	p.heading(s.pinned)
	p.reads(p.Locator("main"), "The end was", "since then it ends on")
	shot(p.t, p, "genai-moved"+suffix(p.view))
	p.link("Make a version from the successor for " + s.name)
}

func (s genAIStory) buildsOnSuccessor(p *page) {
	p.heading("Add a version")
	p.keeps("Model id", s.successor)
	p.keeps("Parameters", "temperature: 0.2")
	p.fill("Version", "v2")
	p.fill("What is different", "The vendor's successor; everything else as before.")
	p.choose("Rollback target", "v1")
	p.fill("Why there is none", "")
	p.button("Add version")
	p.sees("v2 is added.")
	p.reads(p.in("What is approved"), "Against v1, in production", s.successor, "Changed")
	p.reads(p.in("Evidence"), "No evidence yet") // v1's does not carry over
	shot(p.t, p, "genai-parts"+suffix(p.view))
}

func (s genAIStory) comparesWithProduction(p *page) {
	p.visit(s.version("v2"))
	p.reads(p.in("Beside production"), "faithful", "0.98", "0.97", "0.01 higher, better")
}

// plansAnew files the next number: the plan in force ends with the old model and names what v2 calls now.
func (s genAIStory) plansAnew(p *page) {
	p.visit(s.model + "/retirement")
	p.sees("The vendor ends the model on " + human(45) + ", before the planned end")
	p.button("Mend it in the next plan")
	p.sees("Plan 2 is open")
	p.off("Submit for review", "2 sections are not done: Dates and Replacement.")
	p.visit(s.model + "/retirement?check=yes")
	p.sees("The newest version is built on " + s.successor)
	axe(p.t, p)
	p.visit(s.model + "/retirement/edit/trigger")
	p.choose("What would end this model", "Something better replaces it")
	p.button("Save and continue")
	p.sees("Trigger saved.")
	p.visit(s.model + "/retirement/edit/candidate")
	p.fill("Host", "anthropic")
	p.fill("Exact model id", "claude-sonnet-4-6")
	p.button("Save and continue")
	p.sees("Replacement saved.")
	p.visit(s.model + "/retirement")
	p.button("Submit for review")
	p.sees("Plan 2 is in review.")
}

// hasCutOver looks at what everybody sees: the successor answers, and nothing waits for the vendor's day.
func (s genAIStory) hasCutOver(p *page) {
	p.visit(s.model)
	p.reads(p.in("In production"), "v2", "since", s.successor)
	axe(p.t, p)
	p.visit("/vendors?q=" + s.successor)
	p.reads(p.GetByRole(*playwright.AriaRoleTable), s.successor, s.name)
	p.visit("/")
	p.reads(p.Locator("main"), "My work")
	shot(p.t, p, "genai-after"+suffix(p.view))
	p.seesNot("the vendor ends " + s.pinned)
	p.seesNot(s.name + ": the retirement plan is stale")
}

// human is a day as pages write it.
func human(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format("2 January 2006") }

func suffix(v view) string {
	if v.JS {
		return ""
	}
	return "-plain"
}
