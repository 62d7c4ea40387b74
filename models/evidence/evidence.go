// Package evidence knows what recorded results are worth: for which version digest they count, whether
// they passed, and until when they are fresh. Which gate asks for which evidence belongs to lifecycle.
package evidence

import (
	"fmt"
	"slices"
	"time"

	"sundial/models/audit"
	"sundial/models/registry"
)

// Kind of evidence; each gate check asks for one.
type Kind string

// The kinds, as the API names them.
const (
	Evaluation     Kind = "evaluation"
	Fairness       Kind = "fairness"
	SecurityReview Kind = "security_review"
	Shadow         Kind = "shadow"
	Canary         Kind = "canary"
	PrivacyReview  Kind = "privacy_review"
	Other          Kind = "other"
)

// Title is the kind as people read it.
func (k Kind) Title() string {
	switch k {
	case Evaluation:
		return "Evaluation"
	case Fairness:
		return "Fairness and safety check"
	case SecurityReview:
		return "Security review"
	case Shadow:
		return "Shadow run"
	case Canary:
		return "Canary run"
	case PrivacyReview:
		return "Privacy review"
	}
	return "Other evidence"
}

// Known reports whether this is one of the kinds.
func (k Kind) Known() bool { return slices.Contains(Kinds, k) }

// Kinds lists the kinds in the order of forms.
var Kinds = []Kind{Evaluation, Fairness, SecurityReview, Shadow, Canary, PrivacyReview, Other}

// Outcome of what was examined, as its author reports it.
type Outcome string

// The outcomes.
const (
	Passed       Outcome = "passed"
	Failed       Outcome = "failed"
	Inconclusive Outcome = "inconclusive"
)

// Metric is one measured value against its threshold.
type Metric struct {
	Name      string  `json:"name"`
	Value     float64 `json:"value"`
	Operator  string  `json:"operator"` // >=, <=, >, <
	Threshold float64 `json:"threshold"`
}

// Holds reports whether the value meets its threshold.
func (m Metric) Holds() bool {
	switch m.Operator {
	case ">=":
		return m.Value >= m.Threshold
	case "<=":
		return m.Value <= m.Threshold
	case ">":
		return m.Value > m.Threshold
	case "<":
		return m.Value < m.Threshold
	}
	return false
}

// Evidence is one recorded result for one version as it was then.
type Evidence struct {
	ID             int64
	ModelID        int64
	VersionID      int64
	VersionDigest  string         // the version's digest when it was recorded
	Parts          registry.Parts // of a GenAI release, as they were then; none on records from before they were kept
	Kind           Kind
	Outcome        Outcome
	Metrics        []Metric
	DatasetDigest  string // what an evaluation ran on
	Suite          string // suite name and version
	SuiteSHA256    string
	URL            string
	ArtifactSHA256 string
	Note           string
	ExpiresAt      time.Time // zero: by the policy's freshness alone
	RecordedBy     int64
	RecordedVia    string // session or token:NAME
	RecordedAt     time.Time
	Withdrawn      bool

	audit.Trail `json:"-"`
}

// Age is how old the evidence is.
func (e Evidence) Age(now time.Time) time.Duration { return now.Sub(e.RecordedAt) }

// FreshUntil is when the evidence stops counting by age or by its own end, whichever comes first; zero: never.
func (e Evidence) FreshUntil(maxAge time.Duration) time.Time {
	until := e.ExpiresAt
	if maxAge > 0 {
		if aged := e.RecordedAt.Add(maxAge); until.IsZero() || aged.Before(until) {
			until = aged
		}
	}
	return until
}

// Fresh reports whether the evidence still speaks about today. maxAge zero means it does not age.
func (e Evidence) Fresh(now time.Time, maxAge time.Duration) bool {
	if !e.ExpiresAt.IsZero() && !now.Before(e.ExpiresAt) {
		return false
	}
	return maxAge == 0 || e.Age(now) <= maxAge
}

// Standing says whether evidence counts for a version, with the reason when it does not.
func (e Evidence) Standing(digest string, now time.Time, maxAge time.Duration) (ok bool, reason string) {
	switch {
	case e.Withdrawn:
		return false, "It was withdrawn."
	case e.VersionDigest != digest:
		return false, "The version has changed since it was recorded."
	case !e.Fresh(now, maxAge):
		return false, "It is out of date."
	case e.Outcome != Passed:
		return false, fmt.Sprintf("Its outcome is %s.", e.Outcome)
	}
	for _, m := range e.Metrics {
		if !m.Holds() {
			return false, m.Shortfall()
		}
	}
	return true, ""
}

// WhyVoid says which part of a release is no longer the one that this is evidence of, "" while the version
// is the same. now are the parts of the version as it is.
func (e Evidence) WhyVoid(digest string, now registry.Parts) string {
	if e.VersionDigest == digest {
		return ""
	}
	changed := e.Parts.Changed(now)
	if len(changed) == 0 {
		return "The version has changed since it was recorded."
	}
	return registry.ChangedWords(changed) + " since it was recorded."
}

// Subject names the evidence in the audit trail.
func (e *Evidence) Subject() audit.Subject {
	return audit.Subject{Kind: "evidence", ID: e.ID, Label: string(e.Kind), Model: e.ModelID}
}
