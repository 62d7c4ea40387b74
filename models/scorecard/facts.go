package scorecard

import (
	"time"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/vendors"
)

// Strength is what a fact is worth.
type Strength string

// The strengths. Only the first two earn anything.
const (
	Observed   Strength = "observed"   // by a machine, or by this portal itself: in full
	Attested   Strength = "attested"   // a person's record with an artefact, approved by a second person: seven tenths
	Declared   Strength = "declared"   // one person's word: nothing
	Against    Strength = "against"    // the fact says no: nothing
	Missing    Strength = "missing"    // nothing is on record: nothing
	Unmeasured Strength = "unmeasured" // nobody measures it: nothing
)

// factor is the share of the points that a strength earns.
func (s Strength) factor() float64 {
	switch s {
	case Observed:
		return 1
	case Attested:
		return 0.7
	}
	return 0
}

// Reading is what the facts say about one criterion.
type Reading struct {
	Strength Strength  `json:"strength"`
	Share    float64   `json:"share"`           // of a criterion that can hold in part, 0 to 1; 1 for all others
	Fact     string    `json:"fact"`            // for people
	At       time.Time `json:"at,omitzero"`     // when the fact was observed; zero: when the facts were read, or there is none
	Until    time.Time `json:"until,omitzero"`  // from when on it is too old to count; zero: it does not age
	Waived   day.Day   `json:"waived,omitzero"` // the last day on which a waiver sets the criterion aside
	Waiver   string    `json:"waiver,omitempty"`
}

// Phase says whether and how a model counts.
type Phase string

// The phases. The first three count in teams.
const (
	Serving      Phase = "production"
	Zombie       Phase = "zombie"       // retired, and still answering
	Unregistered Phase = "unregistered" // seen in operation, never brought through the gates: 0 at tier 2
	Before       Phase = "before"       // on its way to production
	Gone         Phase = "retired"
)

// Counts reports whether models in this phase count in their team's score.
func (p Phase) Counts() bool { return p == Serving || p == Zombie || p == Unregistered }

// Operates reports whether the model answers somebody: criteria of production apply, and so do caps.
func (p Phase) Operates() bool { return p.Counts() }

// Facts are what a model's score is computed from, and all of it.
type Facts struct {
	Kind     registry.Kind      `json:"kind"`
	Tier     registry.Tier      `json:"tier"`
	Phase    Phase              `json:"phase"`
	Version  string             `json:"version,omitempty"` // the label of what is scored, "" when there is no version
	Readings map[string]Reading `json:"readings"`          // by criterion; one that is not there is missing

	// What caps ask besides readings.
	Named          bool          `json:"named"` // the version that serves can be named
	VendorID       string        `json:"vendor_id,omitempty"`
	VendorClass    vendors.Class `json:"vendor_class,omitempty"`
	VendorEnd      day.Day       `json:"vendor_end,omitempty"`
	RunwayDays     int           `json:"runway_days,omitempty"`
	CutoverStarted bool          `json:"cutover_started,omitempty"`
}

// AsUnregistered are the facts of a model that was only seen: there are none, and it counts at tier 2.
func AsUnregistered() Facts { return Facts{Kind: registry.Trained, Tier: 2, Phase: Unregistered} }
