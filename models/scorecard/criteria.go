package scorecard

import "sundial/models/registry"

// Section is one of the seven parts of the score.
type Section string

// The sections.
const (
	Inventory  Section = "A"
	Lineage    Section = "B"
	Validation Section = "C"
	Operation  Section = "D"
	Monitoring Section = "E"
	Ending     Section = "F"
	Control    Section = "G"
)

// Sections lists all seven in the order of pages.
var Sections = []Section{Inventory, Lineage, Validation, Operation, Monitoring, Ending, Control}

// Title is the section as people read it.
func (s Section) Title() string {
	return map[Section]string{Inventory: "Inventory", Lineage: "Lineage", Validation: "Validation", Operation: "Production",
		Monitoring: "Monitoring", Ending: "Retirement", Control: "Control"}[s]
}

// Criterion is one line of the score. Its points differ by kind; 0 means that it is not asked of that kind.
type Criterion struct {
	Key     string
	Section Section
	Title   string
	Why     string
	Mend    string // where it is mended, as with checks: model, version, evidence, plan, consumers, vendor, monitoring, stamps, requests
	Action  string // what would mend it, as an instruction
	Trained int
	GenAI   int
	// Serving criteria do not apply before production.
	Serving bool
	// Checks of the gate whose waiver sets this criterion aside.
	Checks []string
}

// Points are what the criterion is worth to a kind of model.
func (c Criterion) Points(k registry.Kind) int {
	if k == registry.GenAI {
		return c.GenAI
	}
	return c.Trained
}

// Criteria is the table of product: 100 points for either kind.
var Criteria = []Criterion{
	{Key: "owner", Section: Inventory, Trained: 4, GenAI: 4, Mend: "model", Title: "An active owner",
		Why: "Somebody must answer for the model when it fails.", Action: "Name an owner with an active account"},
	{Key: "deputy", Section: Inventory, Trained: 2, GenAI: 2, Mend: "model", Title: "An active deputy", Checks: []string{"deputy"},
		Why: "Owners go on holiday and change jobs.", Action: "Name a deputy who is not the owner"},
	{Key: "basics", Section: Inventory, Trained: 3, GenAI: 3, Mend: "model", Title: "Team, tier and purpose, agreed", Checks: []string{"purpose", "team", "tier"},
		Why: "What a model is for and how risky it is must not be one person's word.", Action: "Have team, tier and purpose reviewed with a request"},
	{Key: "consumers", Section: Inventory, Trained: 3, GenAI: 3, Mend: "consumers", Title: "Consumers are known", Checks: []string{"consumers"},
		Why: "Whoever depends on it must hear when it changes or ends.", Action: "Declare every app that calls the model"},

	{Key: "run", Section: Lineage, Trained: 4, Mend: "version", Title: "The training run is named",
		Why: "The run holds what the record leaves out.", Action: "Let the pipeline report the run"},
	{Key: "code", Section: Lineage, Trained: 4, Mend: "version", Title: "Code and commit", Checks: []string{"code"},
		Why: "Without the commit nobody can rebuild or debug it.", Action: "Let the pipeline report repository and commit"},
	{Key: "dataset", Section: Lineage, Trained: 4, Mend: "version", Title: "Training data has a digest", Checks: []string{"dataset"},
		Why: "Data changes under its name; a digest says which data it was.", Action: "Let the pipeline report the digest of the training data"},
	{Key: "recipe", Section: Lineage, Trained: 3, Mend: "version", Title: "Parameters and environment", Checks: []string{"parameters", "environment"},
		Why: "The same code with other settings is another model.", Action: "Let the pipeline report parameters and environment"},
	{Key: "pin", Section: Lineage, GenAI: 6, Mend: "version", Title: "The vendor's id is pinned", Checks: []string{"pin"},
		Why: "A floating id changes the model under you, without a review.", Action: "Move to a pinned id that is alive"},
	{Key: "prompt", Section: Lineage, GenAI: 5, Mend: "version", Title: "The prompt's hash is registered", Checks: []string{"prompt"},
		Why: "The prompt is half of the model: its hash says which one.", Action: "Register every prompt with hash, repository and commit"},
	{Key: "config", Section: Lineage, GenAI: 2, Mend: "version", Title: "Parameters and tools are bound", Checks: []string{"release_parameters", "tools"},
		Why: "What it may call and how it answers is part of what is approved.", Action: "Let the pipeline report parameters and tools"},
	{Key: "vendor_end", Section: Lineage, GenAI: 2, Mend: "vendor", Title: "The vendor's end of life is known", Checks: []string{"vendor_end"},
		Why: "The vendor's date does not wait.", Action: "Look up when the vendor ends the model"},

	{Key: "evaluation", Section: Validation, Trained: 5, Mend: "evidence", Title: "Evaluation on held-out data", Checks: []string{"evaluation"},
		Why: "Results on data it was trained on say nothing.", Action: "Let the pipeline report an evaluation on held-out data"},
	{Key: "release_evaluation", Section: Validation, GenAI: 6, Mend: "evidence", Title: "Evaluation of exactly this release", Checks: []string{"release_evaluation"},
		Why: "A changed prompt or model makes old results void.", Action: "Let the pipeline run the suite on this release"},
	{Key: "fairness", Section: Validation, Trained: 4, GenAI: 3, Mend: "evidence", Title: "Fairness and safety", Checks: []string{"fairness"},
		Why: "People whom the model treats worse will not file a ticket.", Action: "Record a fairness or safety check that a machine measured"},
	{Key: "security_review", Section: Validation, Trained: 3, GenAI: 3, Mend: "evidence", Title: "Security review", Checks: []string{"security_review"},
		Why: "Models leak data and take orders from strangers.", Action: "Record a security review that a machine reports"},
	{Key: "approval", Section: Validation, Trained: 4, GenAI: 4, Mend: "requests", Title: "Independent approval",
		Why: "Whoever made it does not judge it.", Action: "Have this version approved by somebody who did not make it"},

	{Key: "serving", Section: Operation, Trained: 6, GenAI: 5, Mend: "stamps", Serving: true, Title: "The serving version can be named",
		Why: "Without it no prediction can be explained.", Action: "Send stamps from where the model serves"},
	{Key: "coverage", Section: Operation, Trained: 7, GenAI: 8, Mend: "stamps", Serving: true, Title: "Stamp coverage",
		Why: "Predictions without a stamp come from nobody knows what.", Action: "Stamp every prediction"},
	{Key: "rollout", Section: Operation, Trained: 3, GenAI: 3, Mend: "evidence", Serving: true, Title: "Shadow or canary ran", Checks: []string{"rollout_evidence"},
		Why: "The last chance to fail where nobody is hurt.", Action: "Let the pipeline report a shadow or canary run"},

	{Key: "drift", Section: Monitoring, Trained: 4, Mend: "monitoring", Serving: true, Title: "Drift is measured", Checks: []string{"monitoring"},
		Why: "Models decay quietly.", Action: "Report drift at least every five weeks"},
	{Key: "quality", Section: Monitoring, Trained: 4, GenAI: 5, Mend: "monitoring", Serving: true, Title: "Quality is measured", Checks: []string{"monitoring"},
		Why: "Everything else is a proxy.", Action: "Report quality at least every five weeks"},
	{Key: "sla", Section: Monitoring, Trained: 3, GenAI: 4, Mend: "monitoring", Serving: true, Title: "The SLA is measured",
		Why: "A promise that nobody measures is kept by luck.", Action: "Report everything that the SLA promises"},
	{Key: "cost", Section: Monitoring, Trained: 2, GenAI: 3, Mend: "monitoring", Serving: true, Title: "Cost is measured", Checks: []string{"monitoring"},
		Why: "What a model costs decides whether it stays.", Action: "Report cost at least every five weeks"},
	{Key: "cadence", Section: Monitoring, Trained: 3, Mend: "monitoring", Serving: true, Title: "Retraining fits the drift",
		Why: "Too rarely is neglect, too often is waste and risk.", Action: "Declare a retraining cadence that fits the drift, and keep it"},
	{Key: "reevaluation", Section: Monitoring, GenAI: 4, Mend: "evidence", Serving: true, Title: "Evaluated again when it changes",
		Why: "Prompt and vendor model move; old results do not follow.", Action: "Run the evaluation suite again"},

	{Key: "plan", Section: Ending, Trained: 6, GenAI: 6, Mend: "plan", Title: "An approved retirement plan",
		Why: "No plan, no production.", Action: "Get the retirement plan approved and confirmed for this version"},
	{Key: "criterion", Section: Ending, Trained: 3, GenAI: 2, Mend: "plan", Title: "What ends it can be measured",
		Why: "An end that nobody can see coming does not come.", Action: "Give the plan a criterion that can be evaluated"},
	{Key: "candidate", Section: Ending, Trained: 3, GenAI: 4, Mend: "plan", Title: "The candidate is alive",
		Why: "A replacement that is gone replaces nothing.", Action: "Name a replacement candidate that is alive"},
	{Key: "data", Section: Ending, Trained: 3, GenAI: 3, Mend: "plan", Title: "The data plan is complete",
		Why: "Data outlives models unless somebody decides.", Action: "Decide for every data asset what happens to it"},
	{Key: "rehearsal", Section: Ending, Trained: 2, GenAI: 2, Mend: "plan", Serving: true, Title: "Rehearsed in the last 12 months",
		Why: "A plan that was never tried is a hope.", Action: "Rehearse the retirement"},

	{Key: "four_eyes", Section: Control, Trained: 3, GenAI: 3, Mend: "requests", Title: "Four eyes on every move",
		Why: "Nobody promotes alone.", Action: "Have the move reviewed by somebody else"},
	{Key: "break_glass", Section: Control, Trained: 3, GenAI: 3, Mend: "requests", Title: "No open break-glass",
		Why: "An emergency is over when somebody has looked at it.", Action: "Give the review that the break-glass owes"},
	{Key: "timely", Section: Control, Trained: 2, GenAI: 2, Mend: "requests", Title: "Reviews are on time",
		Why: "Slow reviews teach people to go round them.", Action: "Decide the requests that are late"},
}

var places = func() map[string]int {
	out := make(map[string]int, len(Criteria))
	for i, c := range Criteria {
		out[c.Key] = i
	}
	return out
}()

// CriterionOf finds a criterion by its key.
func CriterionOf(key string) (Criterion, bool) {
	i, ok := places[key]
	if !ok {
		return Criterion{}, false
	}
	return Criteria[i], true
}
