package main

import (
	"time"

	"sundial/components/layout"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/fault"
)

// now stands still, so that two screenshots can be compared.
var now = time.Date(2026, 3, 10, 9, 30, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

const days = 24 * time.Hour

var ada = &layout.Person{
	Name: "Mira Meridian", Email: "ada.osei@example.test", Roles: []string{"owner", "reviewer"},
}

func nav(title string) []layout.NavItem {
	items := []layout.NavItem{
		{Label: "My work", Href: "/", Count: 3},
		{Label: "Models", Href: "/list"},
		{Label: "Requests", Href: "/request", Count: 12},
		{Label: "Production", Href: "/model"},
		{Label: "Retirements", Href: "/torture"},
		{Label: "Teams", Href: "/form"},
		{Label: "Imports", Href: "/confirm"},
		{Label: "Audit", Href: "/signin"},
	}
	for i, item := range items {
		items[i].Current = item.Label == title || (title == "fraud-scorer" && item.Label == "Models") ||
			(title == "Request 41" && item.Label == "Requests")
	}
	return items
}

const digest = "sha256:9f2c1a7be04d5566aa0f3c1be9a7710c5d3b0f5b6b0a4a3e2f1d0c9b8a796857"

var stages = []string{"experiment", "registered", "validated", "staged", "production", "retired"}

var tones = []ui.Tone{ui.Neutral, ui.Info, ui.Good, ui.Warn, ui.Bad}

func stageSteps(current string) []ui.Step {
	return ui.StageSteps(stages, current, map[string]string{
		"experiment": "12 Nov 2025", "registered": "2 Dec 2025", "validated": "19 Jan 2026", "staged": "3 Mar 2026",
	})
}

var checks = []ui.CheckItem{
	{Outcome: ui.Fail, Title: "Retirement plan approved and living", Why: "A version may not serve before it is known how it will end.",
		Fact: "The plan is a draft: 2 of 9 sections need attention.", Age: "today", FixHref: "/form", FixLabel: "Finish the plan"},
	{Outcome: ui.UnknownFact, Title: "Monitoring for cost", Why: "Nobody notices a bill that nobody measures.",
		Fact: "No cost report was ever received.", FixHref: "/form", FixLabel: "Set up cost"},
	{Outcome: ui.Pass, Title: "Held-out evaluation over its threshold", Why: "A model that only knows its training data knows nothing.",
		Fact: "AUC 0.943 against 0.92 on payments-2025q4.", Age: "12 days old"},
	{Outcome: ui.Waived, Title: "Fairness check", Fact: "Waived by Rowan Reckoner until 30 Apr 2026: no personal attributes in the data."},
	{Outcome: ui.NotApplicable, Title: "Vendor end-of-life is known"},
}

var diffRows = []ui.DiffRow{
	{Group: "Lineage", Field: "Code commit", Before: "4be19c02", After: "a90f7713", Code: true},
	{Field: "Dataset", Before: "payments-2025q3", After: "payments-2025q4"},
	{Field: "Training window", Before: "180 days", After: "180 days"},
	{Field: "Class weights", Before: "", After: "balanced"},
	{Field: "Early stopping", Before: "20 rounds", After: ""},
	{Group: "Metrics", Field: "AUC", Before: "0.931", After: "0.943"},
	{Field: "Recall at 1 % FPR", Before: "0.612", After: "0.654"},
}

var events = []ui.TimelineEvent{
	{Who: "Greta Gnomon", What: "approved the request for production", At: ago(3 * time.Hour), Icon: "check", Tone: ui.Good,
		Body: ui.Prose("Shadow run looks right, the false positives are the ones we know.\nThe plan's cutover lead is named. Good to go.")},
	{Who: "Rowan Reckoner", What: "asked for changes", At: ago(1 * days), Icon: "edit", Tone: ui.Warn},
	{Who: "Mira Meridian", What: "requested production for v7", At: ago(2 * days), Icon: "up", Tone: ui.Info},
	{Who: "Sundial", What: "noticed that the fairness check is 91 days old", At: ago(9 * days), Icon: "clock"},
	{Who: "Mira Meridian", What: "registered v7", At: ago(41 * days)},
}

var problems = []fault.Problem{
	{Field: "name", Sentence: "Give the model a name."},
	{Field: "deputy", Sentence: "The deputy must be somebody else than the owner."},
	{Field: "consumers[0].contact", Sentence: "Name somebody who answers for Checkout."},
	{Sentence: "A model with this slug already exists."},
}

var tasks = []ui.Task{
	{Label: "Trigger", Hint: "When it ends, and who measures that", Href: "/form", Status: ui.TaskComplete},
	{Label: "Dates", Hint: "Deprecation, review, vendor dates", Href: "/form", Status: ui.TaskComplete},
	{Label: "Replacement", Hint: "What takes over, and how we know it may", Href: "/form", Status: ui.TaskAttention},
	{Label: "Consumers", Href: "/form", Status: ui.TaskInProgress},
	{Label: "Cutover steps", Href: "/form", Status: ui.TaskNotStarted},
	{Label: "Evidence to archive", Href: "/form", Status: ui.TaskOptional},
}

type modelRow struct {
	name, slug, team, owner, stage, kind string
	tier                                 int
	score                                string
	updated                              time.Time
	missing                              bool
}

var modelRows = []modelRow{
	{"Fraud scorer", "fraud-scorer", "Payments risk", "Mira Meridian", "production", "Trained", 1, "84.6", ago(3 * time.Hour), false},
	{"Support assistant", "support-bot", "Service desk", "", "production", "GenAI", 1, "39.0", ago(1 * days), true},
	{"Churn forecast", "churn", "Growth", "Greta Gnomon", "staged", "Trained", 3, "72.0", ago(4 * days), false},
	{"Invoice reader", "invoice-reader", "Back office", "Otto Orrery", "validated", "GenAI", 2, "66.3", ago(6 * days), false},
	{"Route planner", "route-planner", "Logistics", "Dara Dusk", "registered", "Trained", 2, "51.5", ago(20 * days), false},
	{"Demand forecast", "demand", "Logistics", "Dara Dusk", "retired", "Trained", 3, "–", ago(300 * days), false},
	{"Tone checker", "tone-checker", "Service desk", "Alma Analemma", "experiment", "GenAI", 3, "18.2", ago(900 * days), false},
}

var schedule = ui.Schedule{
	ID: "to-come-picture", Title: "The coming 18 months", Desc: "Three models with seven days until August 2027; one of them passed.",
	From: "2026-03-01", To: "2027-08-31", Today: "2026-03-10", Span: "From the latest start to the end", Late: "Passed",
	Kinds: []ui.ScheduleKind{{Key: "own", Label: "Own deprecation", Shape: "square"}, {Key: "trigger", Label: "Trigger", Shape: "diamond"}, {Key: "start", Label: "Latest start", Shape: "start"},
		{Key: "review", Label: "Plan review", Shape: "ring"}, {Key: "vendor", Label: "Vendor's end", Shape: "cross"}},
	Lanes: []ui.ScheduleLane{
		{Label: "Support assistant", Note: "latest start was due 9 days ago", SpanFrom: "2026-03-01", SpanTo: "2026-05-14",
			Marks: []ui.ScheduleMark{{Kind: "start", On: "2026-03-01", Late: true}, {Kind: "vendor", On: "2026-05-14"}}},
		{Label: "Fraud scorer", SpanFrom: "2026-11-01", SpanTo: "2027-01-31",
			Marks: []ui.ScheduleMark{{Kind: "review", On: "2026-08-20"}, {Kind: "start", On: "2026-11-01"}, {Kind: "trigger", On: "2026-12-01"}, {Kind: "own", On: "2027-01-31"}}},
		{Label: "A model whose name somebody wrote as a whole sentence about what it does", Marks: []ui.ScheduleMark{{Kind: "own", On: "2027-08-31"}}},
	},
}

// runways are latest starts: far away, within each warning, passed, and unknown.
var runways = []day.Day{"2026-11-30", "2026-06-01", "2026-05-01", "2026-03-20", "2026-03-10", "2026-02-20", ""}
