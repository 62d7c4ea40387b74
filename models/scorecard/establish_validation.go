package scorecard

import (
	"fmt"
	"slices"
	"time"

	"sundial/models/evidence"
	"sundial/models/lifecycle"
	"sundial/models/registry"
)

// testimony reads evidence of the kinds: the strongest of what passes and was recorded after the last
// result that did not. More evidence never takes anything away; a failed result does, because it is none.
func (e *establishing) testimony(check string, kinds ...evidence.Kind) Reading {
	list := slices.DeleteFunc(slices.Clone(e.Gate.Evidence), func(x evidence.Evidence) bool { return x.Withdrawn || !slices.Contains(kinds, x.Kind) })
	slices.SortFunc(list, func(a, b evidence.Evidence) int {
		if c := b.RecordedAt.Compare(a.RecordedAt); c != 0 {
			return c
		}
		return int(b.ID - a.ID)
	})
	out := Reading{Strength: Unmeasured, Fact: "No " + kindsWords(kinds) + " is on record."}
	for i, x := range list {
		r := e.one(check, x)
		if i == 0 || r.Strength.factor() > out.Strength.factor() {
			out = r
		}
		if r.Strength == Against {
			break
		}
	}
	return out
}

func kindsWords(kinds []evidence.Kind) string {
	if len(kinds) == 2 {
		return "shadow or canary run"
	}
	return map[evidence.Kind]string{evidence.Evaluation: "evaluation", evidence.Fairness: "fairness or safety check",
		evidence.SecurityReview: "security review"}[kinds[0]]
}

// one asks the gate's check of a single piece of evidence, and who brought it.
func (e *establishing) one(check string, x evidence.Evidence) Reading {
	alone := e.gate
	alone.Evidence = []evidence.Evidence{x}
	policy := e.policy
	if ran := x.Kind == evidence.Shadow || x.Kind == evidence.Canary; ran && !e.Gate.Version.ServedSince.IsZero() {
		// The run before the version went live stays what it was.
		policy.FreshDays = nil
	}
	c := lifecycle.CheckOf(check, &alone, policy, e.now)
	r := Reading{Strength: Against, Fact: c.Fact, At: x.RecordedAt}
	if c.Outcome == lifecycle.Unknown {
		r.Strength = Unmeasured
	}
	if c.Outcome != lifecycle.Pass {
		return r
	}
	r.Until = x.FreshUntil(policy.FreshFor(x.Kind))
	m, approved := e.approvedSince(x.RecordedAt, append(e.hands(), x.RecordedBy)...)
	artefact := x.URL != "" || x.ArtifactSHA256 != ""
	switch {
	case machine(x.RecordedVia):
		r.Strength = Observed
		r.Fact += " Reported by " + by(x.RecordedVia) + "."
	case approved && artefact:
		r.Strength = Attested
		r.Fact += fmt.Sprintf(" Recorded by a person with an artefact, approved with request %d.", m.ID)
	case approved:
		r.Strength = Declared
		r.Fact += " Recorded by a person, without an artefact that the second person could have looked at."
	default:
		r.Strength = Declared
		r.Fact += " Recorded by a person; nobody else has approved it yet."
	}
	return r
}

// approval: somebody who did not make the version approved it as it is.
func (e *establishing) approval() Reading {
	v := &e.Gate.Version
	if m, ok := e.approvedSince(v.BuiltAt, e.hands()...); ok {
		return Reading{Strength: Observed, At: m.DecidedAt, Fact: fmt.Sprintf("Approved to %s with request %d by %s.", m.To, m.ID, people(len(m.Approvers)))}
	}
	if m, ok := e.approvedSince(time.Time{}, e.hands()...); ok {
		return Reading{Strength: Against, At: m.DecidedAt, Fact: fmt.Sprintf("Approved on %s, and changed since.", dated(m.DecidedAt))}
	}
	return Reading{Strength: Missing, Fact: "Nobody who did not make this version has approved it."}
}

func people(n int) string {
	if n == 1 {
		return "one person"
	}
	return fmt.Sprintf("%d people", n)
}

// fourEyes looks at every move of the version that the policy wanted reviewed.
func (e *establishing) fourEyes() Reading {
	var seen int
	var last time.Time
	for _, m := range e.Requests {
		if m.VersionID != e.Gate.Version.ID || m.State != lifecycle.Applied || !m.Reviewed && !m.BreakGlass {
			continue
		}
		if !m.byOthers(e.Gate.Version.AuthorID) && (!m.BreakGlass || m.Owes()) {
			return Reading{Strength: Against, At: m.DecidedAt, Fact: fmt.Sprintf("Request %d to %s was applied without a second person.", m.ID, m.To)}
		}
		if seen++; m.DecidedAt.After(last) {
			last = m.DecidedAt
		}
	}
	if seen == 0 {
		return Reading{Strength: Unmeasured, Fact: "No move of this version has been reviewed yet."}
	}
	return Reading{Strength: Observed, At: last, Fact: fmt.Sprintf("A second person reviewed every move that needs it: %d so far.", seen)}
}

func (e *establishing) breakGlass() Reading {
	for _, m := range e.Requests {
		if m.Owes() {
			return Reading{Strength: Against, At: m.DecidedAt, Fact: fmt.Sprintf("The break-glass of %s, request %d, still waits for its review.", dated(m.DecidedAt), m.ID)}
		}
	}
	return Reading{Strength: Observed, Fact: "No break-glass waits for its review."}
}

// lateDays is how long a late decision is remembered.
const lateDays = 90

func (e *establishing) timely() Reading {
	var soon time.Time // when the next open request becomes late
	for _, m := range e.Requests {
		late := m.DecidedAt.After(m.DueAt) && !m.BreakGlass && m.DecidedAt.After(e.now.AddDate(0, 0, -lateDays))
		switch {
		case m.State == lifecycle.Open && e.now.After(m.DueAt):
			return Reading{Strength: Against, At: m.DueAt, Fact: fmt.Sprintf("Request %d has waited for a decision since %s, longer than it should.", m.ID, dated(m.OpenedAt))}
		case late && (m.State == lifecycle.Applied || m.State == lifecycle.Rejected):
			return Reading{Strength: Against, At: m.DecidedAt, Fact: fmt.Sprintf("Request %d was due on %s and decided on %s.", m.ID, dated(m.DueAt), dated(m.DecidedAt))}
		case m.State == lifecycle.Open && (soon.IsZero() || m.DueAt.Before(soon)):
			soon = m.DueAt
		}
	}
	return Reading{Strength: Observed, Until: soon, Fact: fmt.Sprintf("No review is late, and none was in the last %d days.", lateDays)}
}

// reevaluation is lifecycle's answer for a GenAI version.
func (e *establishing) reevaluation() Reading {
	c := lifecycle.Reevaluation(&e.gate, e.policy, e.now)
	switch {
	case !c.Applies && e.Gate.Version.Kind != registry.GenAI, !c.Applies:
		return Reading{Strength: Unmeasured, Fact: "There is no version in operation to evaluate again."}
	case c.Due:
		return Reading{Strength: Against, At: c.Last, Fact: "Evaluation is due. " + c.Why}
	}
	return Reading{Strength: Observed, At: c.Last, Until: c.Next, Fact: c.Why}
}
