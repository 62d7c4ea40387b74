package demodata

import "sundial/models/registry"

// spec is one invented model and how far it came.
type spec struct {
	slug, name    string
	kind          registry.Kind
	team          string
	owner, deputy string // subjects; "" for nobody
	tier          registry.Tier
	purpose       string
	consumers     []string
	plan          planStory
	planAge       int // days ago the plan was approved
	versions      []versionSpec
}

// planStory is how far a model's retirement plan is.
type planStory string

const (
	noPlan        planStory = ""
	draftPlan     planStory = "draft"
	submittedPlan planStory = "submitted"
	returnedPlan  planStory = "returned"
	approvedPlan  planStory = "approved"
)

// versionSpec is one version: when it was made, how far it came and what is the matter with it.
type versionSpec struct {
	label   string
	age     int // days ago it was made
	reach   registry.Stage
	host    string // GenAI: where the model is served
	id      string // GenAI: the vendor's id
	summary string
	story   story
}

// story is what happens to a version after it reached its stage.
type story string

const (
	nothingMore   story = ""
	waiting       story = "a request waits for its reviewers"
	halfApproved  story = "one of two approvals is there"
	changesAsked  story = "a reviewer asked for changes"
	rejected      story = "the request was rejected"
	withdrawn     story = "the request was withdrawn"
	glassBroken   story = "promoted at once; the review is owed"
	closedStory   story = "closed before production"
	thinLineage   story = "its lineage is too thin to rebuild it"
	waiverAsked   story = "a waiver waits for a decision"
	oldEvaluation story = "its evaluation is out of date"
)

const (
	trained = registry.Trained
	genai   = registry.GenAI
)

var specs = []spec{
	{"fraud-scorer", "Fraud scorer", trained, "payment-fraud", "mira", "dara", 1, "Scores every card payment for fraud before it is authorised.", []string{"Payment gateway", "Dispute desk"}, approvedPlan, 40, []versionSpec{
		{label: "v6", age: 170, reach: registry.Production, summary: "Gradient boosting on 90 days of payments."},
		{label: "v7", age: 70, reach: registry.Production, summary: "Adds device features; recall up by two points."},
		{label: "v8", age: 20, reach: registry.Staged, summary: "Retrained on the autumn's payments after drift in e-commerce.", story: halfApproved}}},
	{"chargeback-ranker", "Chargeback ranker", trained, "payment-fraud", "mira", "dara", 2, "Orders disputed payments by the chance to win the chargeback.", []string{"Dispute desk"}, approvedPlan, 80, []versionSpec{
		{label: "v2", age: 120, reach: registry.Production, summary: "Second season; calibrated by region."}}},
	{"account-takeover", "Account takeover detector", trained, "payment-fraud", "dara", "mira", 1, "Finds sign-ins that look like a stolen account.", []string{"Identity platform"}, submittedPlan, 5, []versionSpec{
		{label: "v1", age: 45, reach: registry.Validated, summary: "First candidate.", story: waiting}}},
	{"device-fingerprint", "Device fingerprint", trained, "payment-fraud", "dara", "mira", 3, "Recognised returning devices from browser traits.", nil, noPlan, 0, []versionSpec{
		{label: "v1", age: 200, reach: registry.Registered, summary: "Prototype.", story: closedStory}}},
	{"merchant-risk", "Merchant risk", trained, "payment-fraud", "mira", "dara", 2, "Rates new merchants at onboarding.", []string{"Onboarding"}, draftPlan, 3, []versionSpec{
		{label: "v1", age: 30, reach: registry.Experiment, summary: "Built on an extract nobody has a digest of.", story: thinLineage}}},

	{"limit-setter", "Credit limit setter", trained, "credit-scoring", "nora", "piet", 1, "Proposes the credit limit of a new card.", []string{"Card issuing", "Underwriting desk"}, approvedPlan, 60, []versionSpec{
		{label: "v3", age: 90, reach: registry.Production, summary: "Third generation with income verification."}}},
	{"affordability", "Affordability check", trained, "credit-scoring", "nora", "piet", 1, "Estimates whether a household can carry a loan.", []string{"Loan desk"}, approvedPlan, 15, []versionSpec{
		{label: "v1", age: 60, reach: registry.Staged, summary: "Shadow run beside the rule book."}}},
	{"thin-file-scorer", "Thin-file scorer", trained, "credit-scoring", "piet", "nora", 1, "Scores applicants without a credit history.", []string{"Underwriting desk"}, returnedPlan, 12, []versionSpec{
		{label: "v1", age: 80, reach: registry.Staged, summary: "Uses cash-flow features.", story: rejected}}},
	{"early-arrears", "Early arrears warning", trained, "credit-scoring", "piet", "nora", 2, "Warns two months before a customer falls behind.", []string{"Collections"}, approvedPlan, 240, []versionSpec{
		{label: "v4", age: 260, reach: registry.Production, summary: "Monthly panel; nobody has looked at its plan since."}}},

	{"drift-sentinel", "Drift sentinel", trained, "model-risk", "iris", "emil", 3, "Watches other models' inputs for drift.", nil, approvedPlan, 50, []versionSpec{
		{label: "v1", age: 75, reach: registry.Production, summary: "Population stability over 200 features."}}},
	{"bias-auditor", "Bias auditor", trained, "model-risk", "emil", "iris", 2, "Compares error rates between groups of customers.", nil, noPlan, 0, []versionSpec{
		{label: "v1", age: 25, reach: registry.Experiment, summary: "Method study."}}},

	{"support-bot", "Support assistant", genai, "support-assistants", "otto", "suki", 1, "Answers customers' questions in the app, with hand-over to people.", []string{"Mobile app", "Contact centre"}, approvedPlan, 35, []versionSpec{
		{label: "v1", age: 100, reach: registry.Production, host: "openai", id: "gpt-4o-2024-11-20", summary: "First release to all customers."},
		{label: "v2", age: 8, reach: registry.Experiment, host: "openai", id: "gpt-4o", summary: "Tries the family name instead of a pinned id.", story: nothingMore}}},
	{"reply-drafter", "Reply drafter", genai, "support-assistants", "otto", "suki", 2, "Drafts e-mail replies that an agent edits and sends.", []string{"Contact centre"}, approvedPlan, 30, []versionSpec{
		{label: "v1", age: 65, reach: registry.Production, host: "anthropic", id: "claude-sonnet-4-5-20250929", summary: "Drafts in four languages."},
		{label: "v2", age: 14, reach: registry.Validated, host: "anthropic", id: "claude-sonnet-4-5-20250929", summary: "Shorter prompt, same model.", story: changesAsked}}},
	{"ticket-router", "Ticket router", trained, "support-assistants", "suki", "otto", 3, "Sends each ticket to the right queue.", []string{"Contact centre"}, approvedPlan, 90, []versionSpec{
		{label: "v5", age: 130, reach: registry.Production, summary: "Fifth set of queues."}}},
	{"tone-checker", "Tone checker", genai, "support-assistants", "otto", "suki", 3, "Flags drafts that sound impatient.", nil, noPlan, 0, []versionSpec{
		{label: "v1", age: 18, reach: registry.Registered, host: "anthropic", id: "claude-opus-4-5-20251101", summary: "Careful with idioms; its vendor model is about to end."}}},
	{"call-summariser", "Call summariser", genai, "support-assistants", "suki", "otto", 2, "Summarises phone calls for the case file.", []string{"Contact centre"}, draftPlan, 6, []versionSpec{
		{label: "v1", age: 40, reach: registry.Validated, host: "mistral", id: "mistral-large-2512", summary: "Summaries of at most 120 words.", story: waiverAsked}}},

	{"churn", "Churn predictor", trained, "churn", "tove", "hugo", 3, "Finds customers who are about to leave.", []string{"Campaign tool"}, approvedPlan, 100, []versionSpec{
		{label: "v9", age: 140, reach: registry.Production, summary: "Quarterly retraining, ninth time."}}},
	{"win-back", "Win-back offer", trained, "churn", "hugo", "tove", 3, "Chooses the offer for customers who left.", []string{"Campaign tool"}, draftPlan, 9, []versionSpec{
		{label: "v1", age: 35, reach: registry.Staged, summary: "Uplift model with four offers.", story: withdrawn}}},
	{"loyalty-tiers", "Loyalty tiers", trained, "churn", "", "", 3, "Places customers in loyalty tiers.", nil, noPlan, 0, []versionSpec{
		{label: "v1", age: 220, reach: registry.Experiment, summary: "Left behind when its team was reorganised.", story: thinLineage}}},

	{"ranking", "Product ranking", trained, "search", "lena", "marlow", 2, "Orders search results by expected interest.", []string{"Web shop", "Mobile app"}, approvedPlan, 25, []versionSpec{
		{label: "v11", age: 110, reach: registry.Production, summary: "Learning to rank on clicks."},
		{label: "v12", age: 55, reach: registry.Production, summary: "Learning to rank on purchases."}}},
	{"query-rewriter", "Query rewriter", genai, "search", "marlow", "lena", 3, "Rewrites searches that find nothing.", []string{"Web shop"}, approvedPlan, 45, []versionSpec{
		{label: "v2", age: 70, reach: registry.Production, host: "anthropic", id: "claude-haiku-4-5-20251001", summary: "One prompt for all languages."}}},
	{"spell-fixer", "Spelling corrector", trained, "search", "lena", "marlow", 3, "Corrected misspelt searches before the rewriter did.", []string{"Web shop"}, approvedPlan, 200, []versionSpec{
		{label: "v1", age: 260, reach: registry.Production, summary: "Edit distance and click statistics; the query rewriter took over."}}},
	{"autosuggest", "Autosuggest", trained, "search", "marlow", "lena", 3, "Completes searches while people type.", nil, noPlan, 0, []versionSpec{
		{label: "v1", age: 12, reach: registry.Experiment, summary: "Prefix model."}}},

	{"demand-weekly", "Weekly demand forecast", trained, "forecasting", "quinn", "ravi", 2, "Forecasts sales per article and week.", []string{"Purchasing", "Warehouse planning"}, approvedPlan, 20, []versionSpec{
		{label: "v14", age: 50, reach: registry.Production, summary: "Holiday calendar for three more countries."}}},
	{"promo-uplift", "Promotion uplift", trained, "forecasting", "ravi", "quinn", 3, "Estimates what a promotion adds.", []string{"Pricing"}, submittedPlan, 2, []versionSpec{
		{label: "v2", age: 33, reach: registry.Staged, summary: "Bayesian structural model."}}},
	{"stock-out-alert", "Stock-out alert", trained, "forecasting", "quinn", "ravi", 2, "Warns before a shelf runs empty.", []string{"Store operations"}, noPlan, 0, []versionSpec{
		{label: "v1", age: 28, reach: registry.Validated, summary: "Hourly scoring.", story: oldEvaluation}}},
	{"seasonal-baseline", "Seasonal baseline", trained, "forecasting", "ravi", "quinn", 3, "The naive forecast that others had to beat.", nil, noPlan, 0, []versionSpec{
		{label: "v1", age: 300, reach: registry.Registered, summary: "Same week last year.", story: closedStory}}},

	{"eta", "Arrival time", trained, "routing", "wren", "axel", 2, "Predicts when a delivery arrives.", []string{"Customer app", "Dispatch"}, approvedPlan, 18, []versionSpec{
		{label: "v5", age: 95, reach: registry.Production, summary: "Traffic by the quarter hour."},
		{label: "v6", age: 30, reach: registry.Staged, summary: "Handles closed bridges; promoted in a storm.", story: glassBroken}}},
	{"depot-planner", "Depot planner", trained, "routing", "axel", "wren", 3, "Assigns parcels to depots.", nil, noPlan, 0, []versionSpec{
		{label: "v1", age: 22, reach: registry.Registered, summary: "Assignment with capacities."}}},
	{"traffic-nowcast", "Traffic nowcast", trained, "routing", "wren", "axel", 3, "Estimates speed on roads without sensors.", nil, noPlan, 0, []versionSpec{
		{label: "v1", age: 9, reach: registry.Experiment, summary: "Graph model, first run."}}},

	{"weld-inspector", "Weld inspector", trained, "quality", "yara", "bram", 1, "Finds faulty welds on camera pictures.", []string{"Assembly line 2"}, approvedPlan, 55, []versionSpec{
		{label: "v2", age: 85, reach: registry.Production, summary: "New camera, new augmentation."}}},
	{"label-reader", "Label reader", trained, "quality", "bram", "yara", 3, "Reads labels on incoming goods.", []string{"Goods in"}, approvedPlan, 10, []versionSpec{
		{label: "v1", age: 42, reach: registry.Staged, summary: "Text recognition at 60 labels a second.", story: waiting}}},
	{"pallet-counter", "Pallet counter", trained, "quality", "bram", "yara", 3, "Counts pallets from the yard camera.", nil, noPlan, 0, []versionSpec{
		{label: "v1", age: 6, reach: registry.Experiment, summary: "Detector trained over a weekend."}}},

	{"invoice-reader", "Invoice reader", genai, "documents", "cleo", "dirk", 2, "Reads amounts and terms from suppliers' invoices.", []string{"Accounts payable"}, approvedPlan, 28, []versionSpec{
		{label: "v3", age: 60, reach: registry.Production, host: "openai", id: "gpt-4.1-2025-04-14", summary: "Structured output with a checked schema."}}},
	{"contract-clauses", "Contract clause finder", genai, "documents", "dirk", "cleo", 1, "Finds unusual clauses in contracts.", []string{"Legal"}, draftPlan, 4, []versionSpec{
		{label: "v1", age: 26, reach: registry.Registered, host: "anthropic", id: "claude-opus-4-6", summary: "Long contracts in one piece."}}},
	{"mail-sorter", "Mail sorter", trained, "documents", "cleo", "dirk", 3, "Sorts incoming post by department.", nil, approvedPlan, 110, []versionSpec{
		{label: "v8", age: 150, reach: registry.Production, summary: "Eighth set of departments."}}},

	{"cv-screening", "CV screening", trained, "talent", "elif", "finn", 1, "Was to order applications by fit.", []string{"Recruiting"}, noPlan, 0, []versionSpec{
		{label: "v1", age: 75, reach: registry.Registered, summary: "Learned from ten years of hiring decisions.", story: rejected}}},
	{"shift-planner", "Shift planner", trained, "talent", "finn", "elif", 3, "Proposes shifts from forecast demand.", nil, noPlan, 0, []versionSpec{
		{label: "v1", age: 16, reach: registry.Registered, summary: "Linear programme with learned demand."}}},

	{"cash-forecast", "Cash forecast", trained, "finance", "gus", "hedda", 2, "Forecasts the cash position for 13 weeks.", []string{"Treasury"}, approvedPlan, 65, []versionSpec{
		{label: "v2", age: 105, reach: registry.Production, summary: "Its owner has left the company since."}}},
	{"expense-flagger", "Expense flagger", trained, "finance", "hedda", "ines", 3, "Flags expense claims worth a second look.", []string{"Internal audit"}, draftPlan, 1, []versionSpec{
		{label: "v1", age: 24, reach: registry.Staged, summary: "Isolation forest on 30 features."}}},
	{"fx-hedger", "Currency hedger", trained, "finance", "ines", "hedda", 1, "Proposes hedges for foreign orders.", []string{"Treasury"}, noPlan, 0, []versionSpec{
		{label: "v1", age: 11, reach: registry.Registered, summary: "Scenario model."}}},
}

// colleagues are people who were here before the demo began: they own models, but nobody signs in as
// them. gus has left; his account is disabled.
var colleagues = []person{
	{subject: "nora", name: "Nora Noon", groups: in("credit-scoring")}, {subject: "piet", name: "Piet Penumbra", groups: in("credit-scoring")},
	{subject: "iris", name: "Iris Isochrone", groups: in("model-risk")}, {subject: "emil", name: "Emil Ephemeris", groups: in("model-risk")},
	{subject: "suki", name: "Suki Solstice", groups: in("support-assistants")},
	{subject: "tove", name: "Tove Twilight", groups: in("churn")}, {subject: "hugo", name: "Hugo Horizon", groups: in("churn")},
	{subject: "lena", name: "Lena Latitude", groups: in("search")}, {subject: "marlow", name: "Marlow Midday", groups: in("search")},
	{subject: "quinn", name: "Quinn Quadrant", groups: in("forecasting")}, {subject: "ravi", name: "Ravi Ray", groups: in("forecasting")},
	{subject: "wren", name: "Wren Waypoint", groups: in("routing")}, {subject: "axel", name: "Axel Azimuth", groups: in("routing")},
	{subject: "yara", name: "Yara Yearling", groups: in("quality")}, {subject: "bram", name: "Bram Beam", groups: in("quality")},
	{subject: "cleo", name: "Cleo Calendar", groups: in("documents")}, {subject: "dirk", name: "Dirk Declination", groups: in("documents")},
	{subject: "elif", name: "Elif Equinox", groups: in("talent")}, {subject: "finn", name: "Finn Firstlight", groups: in("talent")},
	{subject: "gus", name: "Gus Gloaming", groups: in("finance")}, {subject: "hedda", name: "Hedda Hourglass", groups: in("finance")},
	{subject: "ines", name: "Ines Interval", groups: in("finance")},
}

func in(team string) []string { return []string{"sundial-contributors", "team-" + team} }
