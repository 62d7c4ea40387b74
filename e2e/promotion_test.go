package e2e

import (
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

// An owner registers a model and takes its first version to production: no plan, no production.
func TestOwnerTakesAModelToProduction(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	both(t, func(t *testing.T, v view) {
		v.Base = demo.URL
		name := v.named("Card testing detector")
		model := "/models/" + slugOf(name)
		version := model + "/versions/v1"
		mira, greta, rowan := person(t, v, owner), person(t, v, riskOfficer), person(t, v, reviewer)

		registerModel(mira, name)
		promise(mira, model)
		addVersion(mira, model)
		promoteAlone(mira, version, "registered")
		recordEvidence(mira, version)
		for _, to := range []string{"validated", "staged"} {
			request := ask(mira, version, to)
			approve(greta, request, "Approved", "1 of 2 approvals")
			approve(rowan, request, "Applied", "Applied")
		}
		noPlanNoProduction(mira, version, greta)
		filePlan(mira, model, planSections)
		approvePlan(rowan, model, "When auc falls below 0.8 for 30 days", "Data protection office verifies it")
		request := ask(mira, version, "production")
		approve(rowan, request, "Approved", "1 of 2 approvals")
		approve(greta, request, "Applied", "Applied")
		answersInOneLook(mira, model)
	})
}

// registerModel first sends the form with a mistake, as people do.
func registerModel(p *page, name string) {
	p.visit("/models")
	p.link("Register a model")
	p.heading("Register a model")
	p.expect(422)
	const purpose = "Finds runs of small payments that try out stolen cards."
	p.fill("Name", name)
	p.fill("Short name", "Not a short name!")
	p.fill("Purpose", purpose)
	p.check("Trained")
	p.check("Tier 1")
	p.choose("Team", "Payment Fraud")
	p.button("Register model")
	p.refused("Short name", "lower-case")
	p.keeps("Short name", "Not a short name!")
	p.keeps("Purpose", purpose)
	axe(p.t, p)

	p.fill("Short name", slugOf(name))
	p.choose("Owner", owner)
	p.choose("Deputy", contributor)
	p.button("Register model")
	p.sees(name + " is registered.")
	p.heading(name)
	p.sees("Nothing of this model is in production.")
}

// promise sets what consumers may expect, and says who they are.
func promise(p *page, model string) {
	p.visit(model + "/edit/promises")
	p.fill("Availability", "99.5")
	p.fill("Latency, 95 of 100 answers within", "200")
	p.button("Save")
	p.sees("Saved.")
	p.visit(model + "/consumers")
	p.fill("Person, team or system", "Payment gateway")
	p.fill("Contact", "gateway@gnomon.example")
	p.choose("Depends on it", "Critically")
	p.fill("How it calls", "HTTP API")
	p.fill("Notice it needs", "30")
	p.button("Save")
	p.sees("Saved.")
}

func addVersion(p *page, model string) {
	p.visit(model)
	p.link("Add the first version")
	p.heading("Add a version")
	p.fill("Version", "v1")
	p.fill("What is different", "The first: gradient boosting on 60 days of declined payments.")
	p.fill("Repository", "https://git.gnomon.example/models/card-testing")
	p.fill("Commit", "4f1c2d9e8b7a6c5d4e3f2a1b0c9d8e7f6a5b4c3d")
	p.fill("Dataset 1", "declined-payments")
	p.fill("Digest", digest(1))
	p.choose("Used for", "Training")
	p.fill("Hyperparameters", "max_depth: 6\nrounds: 400")
	p.fill("Metrics", "auc: 0.94")
	p.fill("Environment", "python: 3.12")
	p.fill("Run id", "run-4711")
	p.fill("Shadow or canary plan", "Shadow on all traffic for a week, then 5 % for two days.")
	p.choose("Rollback target", "None: there is nothing to return to")
	p.fill("Why there is none", "The first of its kind")
	for _, what := range []string{"Drift", "Quality", "Cost"} {
		p.fill(what, "https://metrics.gnomon.example/card-testing")
	}
	p.button("Add version")
	p.sees("v1 ")
}

// promoteAlone takes the step that needs no review under the usual policy.
func promoteAlone(p *page, version, to string) {
	p.visit(version + "/transitions/new?to=" + to)
	p.fill("Why now", "Its lineage is on record.")
	p.button("Promote to " + to)
	p.reads(p.Locator("main"), "Gate to validated")
}

// recordEvidence writes down what was measured, each kind on its own form.
func recordEvidence(p *page, version string) {
	for _, kind := range []string{"Evaluation", "Fairness and safety check", "Security review", "Canary run"} {
		p.visit(version + "/evidence/new")
		p.link(kind)
		p.check("Passed")
		switch kind {
		case "Evaluation":
			p.fill("Metric 1", "auc")
			p.fill("Value 1", "0.94")
			p.fill("Threshold 1", "0.9")
			p.fill("Digest of the data it ran on", digest(2))
		case "Fairness and safety check":
			p.fill("Metric 1", "largest_gap")
			p.fill("Value 1", "0.01")
			p.choose("Must be 1", "at most")
			p.fill("Threshold 1", "0.02")
		}
		p.fill("Address", "https://reports.gnomon.example/card-testing")
		p.button("Record")
		p.reads(p.in("Evidence"), kind)
	}
}

// ask requests a stage and returns the path of the request.
func ask(p *page, version, to string) string {
	p.visit(version)
	p.visit(version + "/transitions/new?to=" + to)
	p.fill("Why now", "The week in shadow was quiet; every check passes.")
	p.button("Ask for promotion")
	p.sees("of 2 approvals")
	return p.path()
}

// approve reads a request and approves it; afterwards the page says so.
func approve(p *page, request string, says ...string) {
	p.visit(request)
	p.reads(p.in("Why"), "The week in shadow was quiet")
	p.button("Approve")
	p.reads(p.Locator("main"), says...)
}

// noPlanNoProduction meets the gate that gives the product its sentence.
func noPlanNoProduction(p *page, version string, reviewer *page) {
	p.visit(version)
	p.reads(p.in("Gate to production"), "An approved, living retirement plan", "No plan, no production", "No retirement plan is on file.")
	p.visit(version + "/transitions/new?to=production")
	p.fill("Why now", "It should begin before the holidays.")
	p.button("Ask for promotion")
	p.sees("of 2 approvals")
	request := p.path()

	reviewer.visit(request)
	reviewer.off("Approve", "The gate holds this back")
	reviewer.expect(403, 409, 422)
	digest, err := reviewer.Locator("input[name=digest]").First().InputValue()
	must(p.t, "the digest of the request", err)
	if status, _ := reviewer.post(request+"/review", map[string]any{"verdict": "approve", "digest": digest}); status != 409 && status != 422 {
		p.t.Errorf("an approval past the gate was answered with %d, want 409 or 422", status)
	}
	reviewer.visit(version)
	reviewer.reads(reviewer.Locator("main"), "Gate to production")

	p.visit(request + "/withdraw")
	p.fill("Why", "The plan comes first.")
	p.button("Withdraw it")
	p.sees("Withdrawn")
}

// filePlan writes the plan section by section, with a placeholder that is refused on the way.
func filePlan(p *page, model string, sections []planSection) {
	p.visit(model + "/retirement")
	p.sees("No plan, no production")
	p.button("File the retirement plan")
	p.sees("Plan 1 is open")
	p.off("Submit for review", "not done")
	p.link("Trigger")
	p.heading("Trigger")
	for _, s := range sections {
		p.heading(s.title)
		s.write(p)
		p.button("Save and continue")
		p.sees(s.title + " saved.")
	}
	p.sees("10 of 10 done")
	p.button("Submit for review")
	p.sees("Plan 1 is in review.")
}

func in(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }

// planSection is a form of the plan and what is written into it.
type planSection struct {
	title string
	write func(p *page)
}

var planSections = []planSection{
	{"Trigger", func(p *page) {
		p.choose("What would end this model", "Performance falls below a threshold")
		p.check("A metric crosses a threshold")
		p.fill("Metric", "auc")
		p.choose("Compared", "is below")
		p.fill("Threshold", "0.8")
		p.fill("Measured over", "30")
		p.fill("Read from", "Weekly monitoring report")
		p.fill("Why this ends the model", "Below this the rule of thumb is as good.")
	}},
	{"Dates", func(p *page) {
		p.fill("Gone on", in(400))
		p.fill("Look at this plan again by", in(180))
	}},
	{"Replacement", func(p *page) {
		p.check("Nothing replaces it")
		p.fill("Where the decision goes", "The fraud desk reads declined payments by hand.")
	}},
	{"Consumers", func(p *page) { p.keeps("Name", "Payment gateway") }}, // taken from the model
	{"Cutover steps", func(p *page) {
		p.fill("What is done", "Tell everybody and turn it off")
		p.fill("Who does it", "Model owner")
		p.fill("Takes", "14")
		p.fill("What must be true before", "None")
		p.fill("How one sees that it worked", "No request for seven days")
		p.choose("Moves traffic by", "Big bang: all at once")
		p.check("It can be taken back")
	}},
	{"Rollback", rollback},
	{"Data", func(p *page) {
		p.fill("Name", "Weights of all versions")
		p.choose("Kind", "Weights")
		p.fill("Where it lies", "s3://gnomon-models/card-testing/")
		p.choose("What happens to it", "Delete")
		p.choose("Legal hold", "No hold")
		p.fill("Or days after the end", "30")
		p.fill("How it is done", "Delete all object versions, then list to prove it")
		p.fill("Who does it", "Platform operations")
		p.fill("Who verifies it", "Data protection office")
	}},
	{"Access and cost", func(p *page) {
		p.fill("What is released", "Serving endpoint and its service account")
		p.fill("Costs a month", "840")
		p.fill("What is done with it", "Scale to zero, then delete")
	}},
	{"Archive", func(p *page) {
		p.fill("What is kept", "Approvals, evaluations and this plan")
		p.fill("Where", "Records archive, section models")
		p.fill("Years", "7")
	}},
	{"People", func(p *page) {
		p.choose("Owner", owner)
		p.choose("Deputy", contributor)
		p.choose("Cutover lead", contributor)
		p.choose("Data steward", owner)
	}},
}

// rollback tries a placeholder first.
func rollback(p *page) {
	p.fill("The old version may return for", "14")
	p.fill("Its capacity is held for", "21")
	p.fill("After what there is no way back", "When the endpoint's capacity is given back")
	p.fill("Who decides to roll back", "TBD")
	p.expect(422)
	p.button("Save and continue")
	p.refused("Who decides to roll back", "only holds the place of an answer")
	p.keeps("Its capacity is held for", "21")
	p.fill("Who decides to roll back", "The owner, after a call with the cutover lead")
}

func approvePlan(p *page, model string, says ...string) {
	p.visit(model + "/retirement")
	p.reads(p.Locator("main"), says...)
	p.button("Approve")
	p.sees("Plan approved. It is in force.")
}

// answersInOneLook is what the model's page owes everybody.
func answersInOneLook(p *page, model string) {
	p.visit(model)
	p.reads(p.in("In production"), "v1", "since", "4f1c2d9e", "declined-payments",
		riskOfficer, reviewer, "Retirement plan", "Its retirement must begin by")
	p.sees("v1 serves and passes every check.")
	axe(p.t, p)
	p.visit("/production?q=" + slugOf(model[len("/models/"):]))
	p.reads(p.GetByRole(*playwright.AriaRoleTable), "v1", "Payment Fraud")
}
