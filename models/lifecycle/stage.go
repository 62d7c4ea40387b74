package lifecycle

import (
	"sundial/models/fault"
	"sundial/models/registry"
)

// Move is the kind of step between two stages.
type Move string

// The moves. Anything else is refused by the server, whatever a page offered.
const (
	Forward  Move = "forward"  // one stage on, through its gate
	Back     Move = "back"     // to any earlier stage
	Close    Move = "close"    // a version that never served ends, with a reason
	Rollback Move = "rollback" // a superseded version returns within its window
)

// moves is the table of legal transitions. Production to retired is missing on purpose: only a
// finished retirement, or the lapse of a superseded version, gets there.
var moves = map[registry.Stage]map[registry.Stage]Move{
	registry.Experiment: {registry.Registered: Forward, registry.Retired: Close},
	registry.Registered: {registry.Validated: Forward, registry.Experiment: Back, registry.Retired: Close},
	registry.Validated:  {registry.Staged: Forward, registry.Experiment: Back, registry.Registered: Back, registry.Retired: Close},
	registry.Staged:     {registry.Production: Forward, registry.Experiment: Back, registry.Registered: Back, registry.Validated: Back, registry.Retired: Close},
	registry.Production: {registry.Experiment: Back, registry.Registered: Back, registry.Validated: Back, registry.Staged: Back},
}

// Between looks a pair of stages up in the table of legal transitions.
func Between(from, to registry.Stage) (Move, bool) {
	m, ok := moves[from][to]
	return m, ok
}

// NextStage is the stage a version would be promoted to, "" at the end of the way.
func NextStage(s registry.Stage) registry.Stage {
	for to, m := range moves[s] {
		if m == Forward {
			return to
		}
	}
	return ""
}

// illegal explains why a pair is not in the table, in words a person can act on.
func illegal(v *registry.Version, to registry.Stage) error {
	switch {
	case to.Rank() < 0:
		return fault.Newf(fault.Invalid, "%q is not a stage.", string(to))
	case v.Stage == to:
		return fault.Newf(fault.Conflict, "%s is already %s.", v.Label, to)
	case v.Stage == registry.Retired:
		return fault.Newf(fault.Conflict, "%s is retired. A retired version does not come back; make a new version.", v.Label)
	case v.Stage == registry.Production && to == registry.Retired:
		return fault.New(fault.Conflict, "A version in production is retired by its retirement plan, not by a request.")
	case to == registry.Retired:
		return fault.Newf(fault.Conflict, "%s did not go to production: close it instead, with a reason.", v.Label)
	default:
		return fault.Newf(fault.Conflict, "%s is %s: the next stage is %s, one stage at a time.", v.Label, v.Stage, NextStage(v.Stage))
	}
}
