package retirement

import (
	"fmt"
	"slices"
	"time"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// WorkflowKind tells a model's retirement from what runs on the same machinery.
type WorkflowKind string

// The kinds. A superseding is the cutover from one version to the next of the same model; a rehearsal
// walks the plan and changes nothing.
const (
	Ending      WorkflowKind = "retirement"
	Superseding WorkflowKind = "superseding"
	Rehearsal   WorkflowKind = "rehearsal"
)

// Workflow is one carrying-out of a retirement plan. It holds the plan as it was when it was triggered:
// who answered, attested and deleted did so for that plan.
type Workflow struct {
	ID           int64
	ModelID      int64
	VersionID    int64 // what serves and is to end
	VersionLabel string
	Number       int // 1, 2, ... within the model
	Kind         WorkflowKind
	Phase        Phase
	PhaseSince   time.Time
	EndsOn       day.Day // when it is to be gone; an extension moves it
	Depth        Depth
	Tier         registry.Tier

	PlanNumber int
	PlanDigest string
	Plan       Body

	Cause       Cause
	Consumers   []ConsumerAnswer
	AnnouncedAt time.Time
	Steps       []StepDone
	Attested    []Attestation
	Disposals   []Disposal
	Extensions  []Extension
	Emergency   *Emergency
	History     []Passage

	CutoverAt  time.Time // when traffic began to move
	MovedAt    time.Time // when it had moved: the rollback window is counted from here
	DisabledAt time.Time
	SealedAt   time.Time
	DossierSHA string // of the sealed dossier
	WatchFrom  time.Time
	Zombies    []Sighting // stamps of the version after it was sealed
	Issued     []Issued   // the certificates
	FinishedAt time.Time
	EndReason  string // why it was rolled back or aborted

	Revision  int64
	CreatedAt time.Time
	UpdatedAt time.Time

	audit.Trail `json:"-"`
}

// Cause is what triggered a retirement, with the evidence that made it true.
type Cause struct {
	Kind     string    `json:"kind"` // person, criterion, date, vendor, superseded
	Sentence string    `json:"sentence"`
	Evidence string    `json:"evidence,omitempty"` // the figure, its window and source
	ByID     int64     `json:"by_id,omitempty"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// Passage is one step from phase to phase.
type Passage struct {
	From Phase     `json:"from"`
	To   Phase     `json:"to"`
	At   time.Time `json:"at"`
	ByID int64     `json:"by_id,omitempty"`
	By   string    `json:"by"`
	Note string    `json:"note,omitempty"`
	Went string    `json:"went,omitempty"` // of a rehearsal: works or mend
}

// Sighting is a caller that got an answer from a version that was sealed.
type Sighting struct {
	App string    `json:"app"`
	N   int64     `json:"count"`
	At  time.Time `json:"at"`
}

// Open reports whether the workflow still runs.
func (w *Workflow) Open() bool { return !w.Phase.Over() }

// Closed reports whether nothing of the dossier may change any more.
func (w *Workflow) Closed() bool { return w.Phase == Sealed || w.Phase == Retired }

// Subject names the workflow in the audit trail.
func (w *Workflow) Subject(slug string) audit.Subject {
	return audit.Subject{Kind: "retirement", ID: w.ID, Label: fmt.Sprintf("%s retirement %d", slug, w.Number), Model: w.ModelID}
}

func (w *Workflow) note(verb string, c *World, before, after map[string]any) {
	if w.Kind == Rehearsal {
		after["rehearsal"] = true
	}
	w.Note(verb, w.Subject(c.Model.Slug), before, after)
	w.UpdatedAt = c.Now
}

// passages are the verbs of phases that others hear of under a name of their own.
var passages = map[Phase]string{Announced: "retirement.announced", RolledBack: "retirement.rolled_back", Aborted: "retirement.aborted", Retired: "retirement.retired"}

// supersedings are those of a version that gives way: nobody's model ends, so nobody hears that one does.
var supersedings = map[Phase]string{RollbackWindow: "superseding.advanced", Retired: "superseding.ended", RolledBack: "superseding.returned"}

// enter moves to a phase and remembers who led there.
func (w *Workflow) enter(to Phase, a org.Actor, note string, c *World) {
	w.History = append(w.History, Passage{From: w.Phase, To: to, At: c.Now, ByID: a.ID, By: a.Name, Note: note})
	before := map[string]any{"phase": w.Phase}
	w.Phase, w.PhaseSince = to, c.Now
	if to.Over() {
		w.FinishedAt = c.Now
	}
	verb := passages[to]
	switch {
	case w.Kind == Rehearsal && to != Aborted:
		verb = "retirement.rehearsed"
	case w.Kind == Superseding:
		verb = supersedings[to]
	case verb == "":
		verb = "retirement.advanced"
	}
	after := map[string]any{"phase": to}
	if note != "" {
		after["note"] = note
	}
	w.note(verb, c, before, after)
}

// MayLead says whether this person carries the workflow: the plan's owner, deputy and cutover lead, and
// who owns the model now. They advance it, announce, ask for more time, roll back and abort.
func (w *Workflow) MayLead(a org.Actor, c *World) org.Decision {
	if a.Via == "system" {
		return org.Decision{Allowed: true}
	}
	if d := mayHand(a); !d.Allowed {
		return d
	}
	p := w.Plan.People
	if slices.Contains([]int64{p.Owner, p.Deputy, p.CutoverLead, c.Model.OwnerID, c.Model.DeputyID}, a.ID) || a.Has(org.Admin) {
		return org.Decision{Allowed: true}
	}
	return org.Decision{Reason: "Only the owner, the deputy and the cutover lead do this."}
}

// MayWork says whether this person may do steps, attest and file certificates: whoever leads, the data
// steward and the model's team.
func (w *Workflow) MayWork(a org.Actor, c *World) org.Decision {
	if w.MayLead(a, c).Allowed || a.ID != 0 && a.ID == w.Plan.People.DataSteward && mayHand(a).Allowed {
		return org.Decision{Allowed: true}
	}
	return org.May(a, org.Request, c.Model.TeamID)
}

// MayVouch says whether this person may be the second one: somebody who could work on it or who reviews.
func (w *Workflow) MayVouch(a org.Actor, c *World) org.Decision {
	if w.MayWork(a, c).Allowed || org.May(a, org.Decide, c.Model.TeamID).Allowed {
		return org.Decision{Allowed: true}
	}
	return org.Decision{Reason: "Somebody of the team or a reviewer does this."}
}

// mayHand asks what every person needs who touches a retirement.
func mayHand(a org.Actor) org.Decision {
	switch {
	case a.ID == 0 || !a.Active():
		return org.Decision{Reason: "Sign in first."}
	case a.Has(org.Auditor) && !a.Has(org.Contributor, org.Admin):
		return org.Decision{Reason: "Auditors read everything and change nothing."}
	}
	return org.Decision{Allowed: true}
}

// mustLead and the like turn a decision into the refusal of an action.
func (w *Workflow) mustLead(a org.Actor, c *World) error  { return refused(w.MayLead(a, c)) }
func (w *Workflow) mustWork(a org.Actor, c *World) error  { return refused(w.MayWork(a, c)) }
func (w *Workflow) mustVouch(a org.Actor, c *World) error { return refused(w.MayVouch(a, c)) }

func refused(d org.Decision) error {
	if d.Allowed {
		return nil
	}
	return fault.New(fault.Forbidden, d.Reason)
}

// mustBeIn refuses what belongs to other phases, and everything after sealing.
func (w *Workflow) mustBeIn(phases ...Phase) error {
	switch {
	case slices.Contains(phases, w.Phase):
		return nil
	case w.Closed():
		return fault.New(fault.Conflict, "This retirement is sealed. Nothing of it changes any more.")
	case w.Phase.Over():
		return fault.Newf(fault.Conflict, "This retirement was %s on %s.", lower(w.Phase.Title()), day.Of(w.FinishedAt).Human())
	}
	return fault.Newf(fault.Conflict, "This does not belong to the phase “%s”.", lower(w.Phase.Title()))
}

// running are the phases in which a workflow can still be worked on.
var running = []Phase{Triggered, Announced, DualRun, Cutover, Drain, RollbackWindow, Disabled, Disposition}
