package retirement

import "slices"

// Choice is one option of a form, in the order of the form.
type Choice struct{ Value, Title string }

// TriggerKind says why a model ends.
type TriggerKind string

// VendorEndOfLife is the kind that needs to know the vendor's date.
const VendorEndOfLife TriggerKind = "vendor_end_of_life"

// TriggerKinds lists the kinds of trigger.
var TriggerKinds = []Choice{
	{"performance", "Performance falls below a threshold"},
	{"vendor_end_of_life", "The vendor ends the model"},
	{"cost", "It costs more than it is worth"},
	{"regulation", "A regulation changes"},
	{"replaced", "Something better replaces it"},
	{"unused", "Nobody uses it any more"},
	{"incident", "An incident"},
}

// Operator compares a metric with its threshold.
type Operator string

// Operators lists the comparisons of a criterion.
var Operators = []Choice{{"<", "is below"}, {"<=", "is at most"}, {">", "is above"}, {">=", "is at least"}}

// Mode is the way a cutover step moves traffic.
type Mode string

// The modes. Shadow and split run both versions for a while.
const (
	Shadow  Mode = "shadow"
	Split   Mode = "split"
	BigBang Mode = "big_bang"
)

// Modes lists the ways to move traffic.
var Modes = []Choice{
	{"shadow", "Shadow: the new one answers unseen"},
	{"split", "Split: a growing share"},
	{"big_bang", "Big bang: all at once"},
}

// AssetKind says what sort of data is left behind.
type AssetKind string

// AssetKinds lists what models leave behind.
var AssetKinds = []Choice{
	{"training_data", "Training data"},
	{"features", "Features"},
	{"weights", "Weights"},
	{"checkpoints", "Checkpoints"},
	{"embeddings", "Embeddings"},
	{"eval_sets", "Evaluation sets"},
	{"prediction_logs", "Prediction logs"},
	{"prompts", "Prompts"},
	{"caches", "Caches"},
	{"vendor_files", "Files at the vendor"},
	{"backups", "Backups"},
	{"other", "Other"},
}

// Decision is what happens to a data asset.
type Decision string

// The decisions. Delete and Anonymise cannot be undone, Transfer gives the data away.
const (
	Delete    Decision = "delete"
	KeepUntil Decision = "keep_until"
	Anonymise Decision = "anonymise"
	Transfer  Decision = "transfer"
)

// Decisions lists what may happen to a data asset.
var Decisions = []Choice{
	{"delete", "Delete"},
	{"keep_until", "Keep until a day"},
	{"anonymise", "Anonymise"},
	{"transfer", "Transfer"},
}

// Hold says whether the law forbids to delete an asset for now. Unknown blocks the deletion as well.
type Hold string

// The hold statuses.
const (
	HoldNone    Hold = "none"
	HoldHeld    Hold = "held"
	HoldUnknown Hold = "unknown"
)

// Holds lists the hold statuses.
var Holds = []Choice{
	{"none", "No hold"},
	{"held", "Held"},
	{"unknown", "Not known yet (blocks the deletion)"},
}

// Criticalities lists how much a consumer depends on the model.
var Criticalities = []Choice{{"low", "Low"}, {"medium", "Medium"}, {"high", "High"}}

// Known reports whether this is a kind of trigger, or nothing yet.
func (k TriggerKind) Known() bool { return among(TriggerKinds, string(k)) }

// Known reports whether this is a comparison, or nothing yet.
func (o Operator) Known() bool { return among(Operators, string(o)) }

// Known reports whether this is a way to move traffic, or nothing.
func (m Mode) Known() bool { return among(Modes, string(m)) }

// Known reports whether this is a kind of data asset, or nothing yet.
func (k AssetKind) Known() bool { return among(AssetKinds, string(k)) }

// Known reports whether this is a decision about data, or nothing yet.
func (d Decision) Known() bool { return among(Decisions, string(d)) }

// Known reports whether this is a hold status, or nothing yet.
func (h Hold) Known() bool { return among(Holds, string(h)) }

// Title is the kind as people read it.
func (k TriggerKind) Title() string { return title(TriggerKinds, string(k)) }

// Title is the mode as people read it.
func (m Mode) Title() string { return title(Modes, string(m)) }

// Title is the kind as people read it.
func (k AssetKind) Title() string { return title(AssetKinds, string(k)) }

// Title is the decision as people read it.
func (d Decision) Title() string { return title(Decisions, string(d)) }

// Title is the hold status as people read it.
func (h Hold) Title() string { return title(Holds, string(h)) }

func among(choices []Choice, value string) bool {
	return value == "" || slices.ContainsFunc(choices, func(c Choice) bool { return c.Value == value })
}

func title(choices []Choice, value string) string {
	for _, c := range choices {
		if c.Value == value {
			return c.Title
		}
	}
	return ""
}
