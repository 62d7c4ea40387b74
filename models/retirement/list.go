package retirement

import (
	"slices"

	"sundial/models/day"
	"sundial/models/registry"
)

// Standing is where a model stands with its plan, as the list of all plans is filtered by it.
type Standing string

// The standings. A model with a plan in force and a newer number in review stands at both.
const (
	StandsInForce Standing = "in_force" // approved, and it still holds
	StandsStale   Standing = "stale"    // approved, and it no longer holds: it counts as none
	StandsLate    Standing = "late"     // its latest start has passed
	StandsReview  Standing = "review"
	StandsDraft   Standing = "draft" // being written, or changes were requested
	StandsRefused Standing = "rejected"
	StandsMissing Standing = "missing" // staged or in production, and nothing is on file
	StandsOverdue Standing = "overdue" // in force, and its review-by day has passed
	StandsEnding  Standing = "ending"  // in production, and it ends within 12 months or should have ended
)

// Standings lists the standings in the order of forms.
var Standings = []Choice{
	{"in_force", "In force"},
	{"stale", "Stale"},
	{"late", "Past the latest start"},
	{"overdue", "Review overdue"},
	{"ending", "Ends within 12 months"},
	{"review", "In review"},
	{"draft", "Being written"},
	{"rejected", "Rejected"},
	{"missing", "Missing"},
}

// Filter is what the list of plans is narrowed by. Empty fields do not narrow.
type Filter struct {
	Standing Standing
	Team     string // slug
}

// Row is one model in the list of plans. Models that are retired, or that are before staging and have no
// plan, are not in it.
type Row struct {
	Model    registry.Row
	InForce  int // the number of the approved plan, 0 when there is none
	Findings []Finding
	Runway   Runway
	ReviewBy day.Day
	Retiring Phase // of the retirement under way, "" for none
	Newest   int   // the newest number, 0 when nothing was filed
	State    State // of the newest number
}

// NewRow looks at the plan in force as it is today; plan is nil when there is none.
func NewRow(model registry.Row, plan *Plan, ctx Context, newest int, state State, today day.Day) Row {
	r := Row{Model: model, Newest: newest, State: state, Retiring: Phase(ctx.Model.Retiring)}
	if plan == nil {
		return r
	}
	r.InForce, r.ReviewBy = plan.Number, plan.Body.Dates.ReviewBy
	r.Findings, r.Runway = Stale(plan, ctx, today), plan.Body.Runway(ctx)
	return r
}

// Late reports whether the retirement had to begin before today, and has not.
func (r Row) Late(today day.Day) bool {
	return r.InForce != 0 && r.Retiring == "" && r.Runway.Level(today) == LevelPast
}

// Stands lists where the model stands today.
func (r Row) Stands(today day.Day) []Standing {
	var out []Standing
	if r.InForce != 0 {
		if len(r.Findings) > 0 {
			out = append(out, StandsStale)
		} else {
			out = append(out, StandsInForce)
		}
		if r.Late(today) {
			out = append(out, StandsLate)
		}
	}
	switch r.State {
	case Submitted:
		out = append(out, StandsReview)
	case Draft, ChangesRequested:
		out = append(out, StandsDraft)
	case Rejected:
		if r.InForce == 0 {
			out = append(out, StandsRefused)
		}
	}
	if r.Newest == 0 {
		out = append(out, StandsMissing)
	}
	return out
}

// StandsAt reports whether the model stands there today; everybody stands at "".
func (r Row) StandsAt(s Standing, today day.Day) bool {
	return s == "" || s.Dated() || slices.Contains(r.Stands(today), s)
}

// Dated reports whether the standing is one of dates alone, which the list of models knows without
// reading a plan.
func (s Standing) Dated() bool { return s == StandsOverdue || s == StandsEnding }

// Title is the standing as people read it.
func (s Standing) Title() string { return title(Standings, string(s)) }
