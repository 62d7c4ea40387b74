package lifecycle

import (
	"slices"
	"time"

	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/vendors"
)

// Facts is everything a gate looks at, read in the same transaction as the decision.
type Facts struct {
	Model    registry.Model
	Version  registry.Version
	Team     org.Team
	Owner    org.Person // zero when the model names nobody, or somebody unknown
	Deputy   org.Person
	Author   org.Person
	Editors  []int64 // who changed the version or recorded its evidence: none of them decides on it
	Evidence []evidence.Evidence
	Waivers  []Waiver
	Vendor   VendorFact // GenAI only
	Plan     PlanFact
	Serving  *Serving // what this model serves now, nil when nothing
	Labels   []string // of the model's versions that are not retired: where a rollback may lead

	digest string // the version's, while one gate is computed: every check of evidence asks for it
}

// VendorFact is what is known of the vendor model a release names: how its id classifies, and its
// catalogue row, if there is one.
type VendorFact struct {
	Verdict vendors.Verdict
	Known   bool // a catalogue row exists
	Entry   vendors.Entry
	// ChangedAt is when the row's class or end of life last became another; zero when it never did.
	ChangedAt time.Time
}

// PlanFact is the retirement plan in force, with what is stale about it.
type PlanFact struct {
	Plan       *retirement.Plan   // the approved plan in force, nil when there is none
	World      retirement.Context // around the plan in force, as the version in question sees it
	Findings   []retirement.Finding
	Runway     retirement.Runway
	DraftState string // state of a newer or first plan that is not in force, "" when there is none
}

// Serving is what a model serves now: the version, its record and its evidence, for the diff.
type Serving struct {
	Record   registry.ServingRecord
	Version  registry.Version
	Evidence []evidence.Evidence
}

// today is the calendar day that dated promises are held against.
func today(now time.Time) day.Day { return day.Of(now) }

// newest returns the latest evidence of the kinds that stands for the version as it is, or the latest
// that does not, with the reason. found is false when there is none at all.
func (f *Facts) newest(p Policy, now time.Time, kinds ...evidence.Kind) (e evidence.Evidence, stands bool, reason string, found bool) {
	digest := f.digest
	if digest == "" {
		digest = f.Version.Digest()
	}
	for _, x := range f.Evidence {
		if x.Withdrawn || !slices.Contains(kinds, x.Kind) {
			continue
		}
		ok, why := x.Standing(digest, now, p.FreshFor(x.Kind))
		if void := x.VersionDigest != digest; void && !x.Withdrawn && len(x.Parts) > 0 {
			why = x.WhyVoid(digest, f.Version.Parts())
		}
		newer := x.RecordedAt.After(e.RecordedAt) || (x.RecordedAt.Equal(e.RecordedAt) && x.ID > e.ID)
		if !found || newer {
			e, stands, reason, found = x, ok, why, true
		}
	}
	return e, stands, reason, found
}
