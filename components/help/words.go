package help

// Word is one entry of the glossary.
type Word struct{ Term, Meaning string }

// words are the glossary that pages, API and documents keep to, in the order a model meets them.
var words = []Word{
	{"Model", "What an organisation governs: one purpose, one team, one owner. Trained, or GenAI."},
	{"Version", "One concrete, buildable state of a model. Versions move through stages; a model's stage is that of its furthest living version."},
	{"Stage", "Experiment, registered, validated, staged, production, retired. Forward one at a time."},
	{"Lineage", "How a trained version was built: run, code commit, datasets, parameters, environment, metrics."},
	{"Release", "What is approved of a GenAI version: host, exact vendor id, prompts, parameters, tools, evaluation suite. Change a part and it is a new version."},
	{"Evidence", "A recorded result, such as an evaluation or a fairness check, that counts for exactly one state of one version."},
	{"Check", "One rule of a gate, computed from facts and never ticked by hand. Unknown is not a pass."},
	{"Gate", "All checks that stand between a version and a stage."},
	{"Transition request", "The proposal to move a version: its checks, what changes, the conversation and the decision."},
	{"Review", "Approve, request changes or reject. It holds for what was read: change a fact and it is void."},
	{"Waiver", "A check set aside by somebody else, with a reason, until a date at most 90 days away."},
	{"Break-glass", "A promotion or rollback at once, by two named roles. It opens a review that is due within 72 hours."},
	{"Serving record", "Which version served, from when until when, and who had approved it."},
	{"Retirement plan", "How a model will end. It is approved before the model may begin to serve, and confirmed with every new version."},
	{"Replacement criterion", "The predicate that triggers the retirement: a metric, an operator, a threshold, over a window."},
	{"Replacement candidate", "The model, version or release that takes over, or where the decision goes when nothing does."},
	{"Cutover step", "One ordered step of moving traffic to the candidate."},
	{"Data asset", "Data the model leaves behind, with the decision what happens to it."},
	{"Runway", "The days a retirement needs before its end date: cutover, rollback window and review."},
	{"Consumer", "A person, team or system that depends on a model and must be told before it ends."},
	{"Pinned and floating", "Whether a vendor's model id always means the same weights, or may move under you."},
	{"Tier", "How much harm a model could do: 1 is the highest, 3 the lowest. It decides how many reviewers are needed."},
	{"Deletion certificate", "Proof that a data asset is gone, verified by somebody other than who deleted it."},
	{"Acknowledgement", "A consumer's answer to the announcement of an end. Silence is not consent."},
	{"Stamp", "model@version with the prompt's hash, carried by every prediction."},
	{"Zombie", "A retired version that still answers."},
	{"Prompt version", "A prompt's text and configuration under one SHA-256."},
	{"Vendor model", "A hosted model under its host and id, with a class and, where known, an end of life."},
	{"Evaluation", "A run of a suite of tests against one version, with thresholds."},
	{"Drift and cadence", "How fast the world moves away, and how often the model follows."},
	{"Criterion and cap", "One line of the maturity score, and the highest score that a known shortcoming still allows."},
	{"Attestation", "A person's confirmation: weaker than what a machine observed."},
}
