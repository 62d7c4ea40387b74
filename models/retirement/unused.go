package retirement

import (
	"sundial/models/day"
	"sundial/models/registry"
)

// UnnoticedDays is how long nothing may have been heard of a model before it stands on the list of those
// that nobody would miss.
const UnnoticedDays = 30

// Unnoticed is a model in production that nobody is declared to use, and none of whose predictions was
// reported for UnnoticedDays.
type Unnoticed struct {
	Model       registry.Row
	FirstServed day.Day // since when a version of it is in production
	LastStamp   day.Day // the last day of which predictions were reported, "" for never
	TeamReports bool    // its team reported predictions of some model within UnnoticedDays
	Plan        string  // "", a State, or "stale"
	Retiring    Phase   // of the retirement under way, "" for none
}

// Since is the first day of the silence: the one after the last report, or the one it began to serve on.
func (u Unnoticed) Since() day.Day {
	if next := u.LastStamp.Add(1); next.After(u.FirstServed) {
		return next
	}
	return u.FirstServed
}

// Measured reports whether silence says something. A team that reports no predictions at all would be as
// silent about a model that everybody calls: that is "not measured", which is not "unused".
func (u Unnoticed) Measured() bool { return u.TeamReports }

// NextStep is what brings an unnoticed model closer to its end.
type NextStep string

// The next steps. The first applies where nothing is measured, whatever the plan.
const (
	MeasureFirst NextStep = "measure"
	FilePlan     NextStep = "file"
	FinishPlan   NextStep = "finish"
	AwaitReview  NextStep = "await"
	MendPlan     NextStep = "mend"
	BeginEnding  NextStep = "begin"
	FollowEnding NextStep = "follow"
)

// Next is the step to take: a retirement under way is followed, a silence that nobody measured is measured,
// and then it is the plan's turn.
func (u Unnoticed) Next() NextStep {
	switch {
	case u.Retiring != "":
		return FollowEnding
	case !u.Measured():
		return MeasureFirst
	}
	switch u.Plan {
	case "", string(Rejected), string(Superseded):
		return FilePlan
	case string(Draft), string(ChangesRequested):
		return FinishPlan
	case string(Submitted):
		return AwaitReview
	case "stale":
		return MendPlan
	}
	return BeginEnding
}

// UnnoticedFilter is what the list is narrowed by. Empty fields do not narrow.
type UnnoticedFilter struct {
	Team     string // slug
	Measured string // "yes" or "no"
	Person   int64  // owner or deputy
}
