package lifecycle

import (
	"slices"
	"time"

	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/evidence"
	"sundial/models/lifecycle"
)

// GateView is the checks of one transition as a page lists them: what stands in the way apart from what
// does not.
type GateView struct {
	Title  string
	Red    []ui.CheckItem
	Green  []ui.CheckItem
	Unread bool // the passing ones are folded away
}

// NewGateView sorts checks for a page. mend says whether to link to where a red one is mended.
func NewGateView(title string, checks []lifecycle.Check, slug, label string, mend bool, now time.Time) GateView {
	v := GateView{Title: title}
	for _, c := range checks {
		item := ui.CheckItem{Key: c.Key, Outcome: ui.Outcome(c.Outcome), Title: c.Title, Fact: c.Fact, Age: ui.Ago(c.ObservedAt, now)}
		if c.Green() {
			v.Green = append(v.Green, item)
			continue
		}
		item.Why = c.Why
		if mend {
			item.FixHref, item.FixLabel = mendAt(c, slug, label)
		}
		v.Red = append(v.Red, item)
	}
	// What passes is read for what is odd about it: what was waived or not asked comes first.
	slices.SortStableFunc(v.Green, func(a, b ui.CheckItem) int { return oddness(a.Outcome) - oddness(b.Outcome) })
	return v
}

func oddness(o ui.Outcome) int {
	switch o {
	case ui.Waived:
		return 0
	case ui.NotApplicable:
		return 2
	}
	return 1
}

// Summary counts all checks in words.
func (g GateView) Summary() string {
	return ui.Summary(append(slices.Clone(g.Red), g.Green...))
}

// evidenceFor names the kind of evidence that a check asks for.
var evidenceFor = map[string]evidence.Kind{
	"evaluation": evidence.Evaluation, "release_evaluation": evidence.Evaluation, "fairness": evidence.Fairness,
	"security_review": evidence.SecurityReview, "rollout_evidence": evidence.Canary,
}

// mendAt is where a check is mended, and what the link says.
func mendAt(c lifecycle.Check, slug, label string) (href, words string) {
	switch c.Key {
	case "owner", "deputy", "team":
		return link.EditPeople(slug), "Change who answers"
	case "sla":
		return link.EditPromises(slug), "Set the SLA"
	}
	switch c.Mend {
	case "model":
		return link.EditModel(slug), "Edit the model"
	case "consumers":
		return link.Consumers(slug), "Name consumers"
	case "version":
		return link.EditVersion(slug, label), "Edit " + label
	case "evidence":
		return link.EvidenceFor(slug, label, string(evidenceFor[c.Key])), "Record evidence"
	case "plan":
		return link.Retirement(slug), "Retirement plan"
	case "vendor":
		return link.VendorOfVersion(slug, label), "Look at the vendor model"
	}
	return "", ""
}
