package lifecycle

import (
	"time"

	"sundial/components/ui"
	"sundial/models/evidence"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/vendors"
)

// VersionView is a version as its page shows it.
type VersionView struct {
	Model   registry.Model
	Version registry.Version
	Author  string
	Verdict vendors.Verdict // of a release's vendor id
	Steps   []ui.Step
	Serving string    // label of the version in production, "" when nothing serves
	Since   time.Time // when this version began to serve, if it is the one

	Next     string   // the stage ahead, "" at the end of the way
	Gate     GateView // to that stage
	Waivable bool     // a check ahead may be set aside by a waiver
	Open     *OpenRow // the request that waits, nil when there is none

	Promote Act   // the primary action
	Acts    []Act // the others, in order
	Edit    Act
	Record  Act // evidence

	Cadence  lifecycle.Cadence // of a release: when it is measured again
	Parts    PartsView         // of a GenAI release
	Beside   ComparisonView    // with the version in production
	Evidence []EvidenceRow
	Waivers  []WaiverRow
	Requests []RequestRow
	History  []ui.TimelineEvent
	Now      time.Time
}

// Act is something a page offers: allowed, or off with the reason why.
type Act struct {
	Label  string
	Href   string
	Reason string // why it is off, "" when it is on
	Danger bool
	Lead   string // what it does, for a list of them
}

// OpenRow is a request that waits.
type OpenRow struct {
	ID        int64
	To        registry.Stage
	Requester string
	OpenedAt  time.Time
}

// EvidenceRow is one piece of evidence with what it is worth now.
type EvidenceRow struct {
	Evidence   evidence.Evidence
	Recorder   string
	Counts     bool
	Why        string    // why it does not count
	FreshUntil time.Time // zero: it does not age
	Withdraw   string    // href, "" where this person may not
}

// WaiverRow is a waiver in a list.
type WaiverRow struct {
	Waiver               lifecycle.Waiver
	Title                string // of the check
	Model, Slug, Version string
	InForce              bool
}

// standing is what a piece of evidence is worth, in a word or two.
func (r EvidenceRow) standing(now time.Time) (ui.Tone, string) {
	switch {
	case r.Evidence.Withdrawn:
		return ui.Neutral, "Withdrawn"
	case r.Counts && !r.FreshUntil.IsZero() && r.FreshUntil.Sub(now) < 30*24*time.Hour:
		return ui.Warn, "Counts, expires " + ui.Ago(r.FreshUntil, now)
	case r.Counts && !r.FreshUntil.IsZero():
		return ui.Good, "Counts until " + ui.FormatDate(r.FreshUntil)
	case r.Counts:
		return ui.Good, "Counts"
	}
	return ui.Bad, "Does not count"
}

func outcomeTone(o evidence.Outcome) ui.Tone {
	switch o {
	case evidence.Passed:
		return ui.Good
	case evidence.Failed:
		return ui.Bad
	}
	return ui.Warn
}
