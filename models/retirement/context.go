package retirement

import (
	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
)

// Context is what the store knows about the world around a plan at the moment of a change.
type Context struct {
	Model     registry.Model
	Candidate CandidateFact        // of the plan's own candidate
	People    map[int64]org.Person // at least those the plan and the model name
	VendorEnd day.Day              // when the vendor ends what this model is built on, by the catalogue; "" when unknown
	Depth     Depth                // what the policy profile asks of a plan

	CutoverMedianDays int // of the team's last cutovers; 0 when unknown, then 30 is assumed
	ReviewDays        int // how long a review takes

	InForce *Plan // the model's approved plan, nil when there is none; Review supersedes it
	Latest  *Plan // the model's plan with the highest number; NextDraft does not open a second one beside it
}

// CandidateFact is what the registry and the vendor catalogue say about the replacement candidate.
type CandidateFact struct {
	Found     bool
	Retired   bool
	Floating  bool // a vendor id that may move to other weights
	SameModel bool
	BuiltOn   bool   // the vendor's model that the version in question calls already
	Alive     bool   // it serves, or could
	Label     string // how to name it in a sentence
}

// vendorEnd is the earlier of what the plan and the catalogue say.
func (c Context) vendorEnd(b Body) day.Day {
	if own := b.Dates.VendorEnd; own.Known() && !c.VendorEnd.Before(own) {
		return own
	}
	return c.VendorEnd
}

// name is the person's name for a sentence.
func (c Context) name(id int64) string {
	if p := c.People[id]; p.Name != "" {
		return p.Name
	}
	return "This person"
}
