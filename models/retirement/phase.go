package retirement

import "slices"

// Phase is where a workflow stands. A phase is entered by finishing the one before, and ends when every
// condition of it is met.
type Phase string

// The phases in their order, then the ways a workflow ends early; workflow's diagram is in doc.go.
const (
	Triggered      Phase = "triggered"       // it is decided that the model ends; the announcement is prepared
	Announced      Phase = "announced"       // consumers have been told and answer
	DualRun        Phase = "dual_run"        // old and new run side by side and are compared
	Cutover        Phase = "cutover"         // traffic moves
	Drain          Phase = "drain"           // the last callers leave
	RollbackWindow Phase = "rollback_window" // the old version waits, and may return
	Disabled       Phase = "disabled"        // it serves no more; access is revoked
	Disposition    Phase = "disposition"     // what happens to the data
	Sealed         Phase = "sealed"          // the dossier is hashed; nothing of it changes again
	Retired        Phase = "retired"         // the watch was clean; the certificate is issued

	RolledBack Phase = "rolled_back" // the old version stays; a new workflow starts from the plan
	Aborted    Phase = "aborted"     // it was decided otherwise before traffic moved
	Rehearsed  Phase = "rehearsed"   // a rehearsal was walked to its end
)

// Phases lists the way of a whole retirement, in order.
var Phases = []Phase{Triggered, Announced, DualRun, Cutover, Drain, RollbackWindow, Disabled, Disposition, Sealed, Retired}

// The shorter ways, on the same machinery. Sealing is a part of the last step in the light profile.
var (
	lightPhases       = []Phase{Announced, Cutover, Disposition, Retired}
	supersedingPhases = []Phase{Cutover, RollbackWindow, Retired}
	rehearsalPhases   = []Phase{Announced, DualRun, Cutover, Drain, RollbackWindow, Disabled, Disposition, Rehearsed}
)

var phaseTitles = map[Phase]string{
	Triggered: "Triggered", Announced: "Announced", DualRun: "Dual run", Cutover: "Cutover", Drain: "Drain",
	RollbackWindow: "Rollback window", Disabled: "Disabled", Disposition: "Data disposition", Sealed: "Sealed", Retired: "Retired",
	RolledBack: "Rolled back", Aborted: "Aborted", Rehearsed: "Rehearsed",
}

var phaseMeanings = map[Phase]string{
	Triggered:      "It is decided that the model ends. The announcement is prepared.",
	Announced:      "Every consumer has been told and answers.",
	DualRun:        "Old and new run side by side, until they have been compared for long enough.",
	Cutover:        "The traffic moves to what takes over.",
	Drain:          "The last callers leave: nothing may ask the old version for seven days.",
	RollbackWindow: "The old version waits, in case it has to return.",
	Disabled:       "It serves no more. Keys, endpoints and machines are released.",
	Disposition:    "Each part of the data is deleted, kept or handed over, and somebody else has checked it.",
	Sealed:         "The dossier is closed and its hash is in the audit trail. For thirty days nobody may get an answer.",
	Retired:        "Done. The certificate says so.",
	RolledBack:     "The old version serves on.",
	Aborted:        "The retirement was called off before any traffic moved.",
	Rehearsed:      "The plan was walked through without effect.",
}

// Title is the phase as people read it.
func (p Phase) Title() string { return phaseTitles[p] }

// Means says in a sentence what happens in the phase.
func (p Phase) Means() string { return phaseMeanings[p] }

// Over reports whether nothing follows any more.
func (p Phase) Over() bool {
	return slices.Contains([]Phase{Retired, RolledBack, Aborted, Rehearsed}, p)
}

// Past reports whether the phase comes after another on the whole way; false for ways that ended early.
func (p Phase) Past(other Phase) bool {
	return slices.Index(Phases, p) > slices.Index(Phases, other) && slices.Contains(Phases, other)
}

// Way lists the phases that a workflow of this kind goes through.
func Way(k WorkflowKind, d Depth) []Phase {
	switch {
	case k == Superseding:
		return supersedingPhases
	case k == Rehearsal && d == Light:
		return []Phase{Announced, Cutover, Disposition, Rehearsed}
	case k == Rehearsal:
		return rehearsalPhases
	case d == Light:
		return lightPhases
	}
	return Phases
}

// next is the phase after this one on the way.
func (w *Workflow) next() (Phase, bool) {
	way := w.Way()
	i := slices.Index(way, w.Phase)
	if i < 0 || i+1 == len(way) {
		return "", false
	}
	return way[i+1], true
}

// Way lists the phases of this workflow.
func (w *Workflow) Way() []Phase { return Way(w.Kind, w.Depth) }
