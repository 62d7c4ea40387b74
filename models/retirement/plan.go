package retirement

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// State is where one number of a plan stands.
type State string

// The states; doc.go draws how they follow each other.
const (
	Draft            State = "draft"
	Submitted        State = "submitted"
	ChangesRequested State = "changes_requested"
	Approved         State = "approved"
	Rejected         State = "rejected"
	Superseded       State = "superseded"
)

// Title is the state as people read it.
func (s State) Title() string {
	switch s {
	case Submitted:
		return "In review"
	case ChangesRequested:
		return "Changes requested"
	case Approved:
		return "Approved"
	case Rejected:
		return "Rejected"
	case Superseded:
		return "Superseded"
	}
	return "Draft"
}

// Open reports whether the plan is still being written or decided.
func (s State) Open() bool { return s == Draft || s == Submitted || s == ChangesRequested }

// Plan is one number of a model's retirement plan. Ids of people are 0 and times zero while nobody did it.
type Plan struct {
	ID       int64
	ModelID  int64
	Number   int   // 1, 2, ... within the model
	Replaces int64 // the approved plan that was in force when this one was drafted
	State    State
	Body     Body

	AuthorID    int64
	EditorIDs   []int64 // whoever wrote or submitted any of it, the author included: none of them may decide
	SubmittedBy int64
	SubmittedAt time.Time

	ReviewedBy   int64 // the last decision, whatever it was; earlier ones are in the audit trail
	ReviewerName string
	ReviewedAt   time.Time
	ReviewNote   string

	ApprovedBy     int64
	ApprovedAt     time.Time
	ApprovedDigest string
	ConfirmedBy    int64
	ConfirmedAt    time.Time
	ConfirmedFor   string // the label of the version it was confirmed for

	Revision  int64 // grows with every change; a form that carries an older one is stale
	CreatedAt time.Time
	UpdatedAt time.Time

	audit.Trail `json:"-"`
}

// NewPlan files a model's first plan, with what the model already knows. That there is no other one with
// this number is the store's unique key.
func NewPlan(model registry.Model, actor org.Actor, now time.Time) (*Plan, error) {
	if err := mayWrite(actor, model); err != nil {
		return nil, err
	}
	p := &Plan{
		ModelID: model.ID, Number: 1, State: Draft, AuthorID: actor.ID, EditorIDs: []int64{actor.ID},
		Body: Body{
			Dates:     Dates{Deprecation: model.DeprecationOn},
			Consumers: Consumers{List: slices.Clone(model.Consumers), NoneReason: model.NoConsumersReason},
			People:    People{Owner: model.OwnerID, Deputy: model.DeputyID},
		}.tidy(),
		CreatedAt: now, UpdatedAt: now,
	}
	p.note("plan.filed", model.Slug, nil, map[string]any{"number": p.Number, "state": p.State})
	return p, nil
}

// NextDraft copies an approved or rejected plan into the next number. An approved one stays in force.
func (p *Plan) NextDraft(actor org.Actor, ctx Context, now time.Time) (*Plan, error) {
	if err := p.mayChange(actor, ctx); err != nil {
		return nil, err
	}
	last, replaces := p, p.Replaces
	if ctx.Latest != nil && ctx.Latest.Number > p.Number {
		last = ctx.Latest
	}
	switch {
	case last.State.Open():
		return nil, fault.Newf(fault.Conflict, "Version %d of this plan is already being written or reviewed. Continue with it.", last.Number)
	case p.State == Superseded:
		return nil, fault.New(fault.Conflict, "A newer version of this plan is in force. Start from that one.")
	case p.State == Approved:
		replaces = p.ID
	}
	next := &Plan{
		ModelID: p.ModelID, Number: last.Number + 1, Replaces: replaces, State: Draft, Body: p.Body.tidy(),
		AuthorID: actor.ID, CreatedAt: now, UpdatedAt: now,
		// Most of what will be approved was written by the earlier editors, so they do not decide it either.
		EditorIDs: slices.Clone(p.EditorIDs),
	}
	next.wrote(actor)
	next.note("plan.filed", ctx.Model.Slug, nil, map[string]any{"number": next.Number, "state": next.State, "from": p.Number})
	return next, nil
}

// EditSection takes one section over from the body and leaves the others alone.
func (p *Plan) EditSection(actor org.Actor, key string, body Body, ctx Context, now time.Time) error {
	return p.edit(actor, []string{key}, body, ctx, now)
}

// Replace takes all sections over from the body: what one PUT of a machine brings.
func (p *Plan) Replace(actor org.Actor, body Body, ctx Context, now time.Time) error {
	keys := make([]string, len(Sections))
	for i, s := range Sections {
		keys[i] = s.Key
	}
	return p.edit(actor, keys, body, ctx, now)
}

func (p *Plan) edit(actor org.Actor, keys []string, body Body, ctx Context, now time.Time) error {
	if err := p.mayChange(actor, ctx); err != nil {
		return err
	}
	switch {
	case p.State == Submitted:
		return fault.New(fault.Conflict, "This plan is in review. It can be changed again when the reviewer asks for changes.")
	case !p.State.Open():
		return p.closed("Start its next version to change it.")
	}
	var bad fault.Problems
	for _, key := range keys {
		if err := unknownSection(key); err != nil {
			return err
		}
		bad.Merge("", CheckSection(key, body))
	}
	if bad.Any() {
		return bad.Err()
	}
	before, after := map[string]any{}, map[string]any{}
	for _, key := range keys {
		old := p.Body
		p.Body.take(key, body)
		if was, is := old.part(key), p.Body.part(key); !reflect.DeepEqual(was, is) || len(keys) == 1 {
			before[key], after[key] = snapshot(was), snapshot(is)
		}
	}
	p.wrote(actor)
	p.UpdatedAt = now
	p.note("plan.edited", ctx.Model.Slug, before, after)
	return nil
}

// Submit hands a complete plan to the reviewers.
func (p *Plan) Submit(actor org.Actor, ctx Context, now time.Time) error {
	if err := p.mayChange(actor, ctx); err != nil {
		return err
	}
	switch {
	case p.State == Submitted:
		return fault.New(fault.Conflict, "This plan is already submitted and waits for a reviewer.")
	case !p.State.Open():
		return p.closed("Start its next version to submit it again.")
	}
	if err := Complete(p.Body, ctx, day.Of(now)); err != nil {
		return err
	}
	was := p.State
	p.wrote(actor) // who vouches for a plan once does not decide a later wording of it
	p.State, p.SubmittedBy, p.SubmittedAt, p.UpdatedAt = Submitted, actor.ID, now, now
	p.note("plan.submitted", ctx.Model.Slug, map[string]any{"state": was},
		map[string]any{"state": p.State, "digest": p.Digest()})
	return nil
}

// Digest is the SHA-256 of what a reviewer approves: the model, the number and everything the plan says.
func (p *Plan) Digest() string {
	d, err := audit.Digest(map[string]any{"model": p.ModelID, "number": p.Number, "body": p.Body})
	if err != nil {
		panic("retirement: a plan's body is plain values: " + err.Error())
	}
	return d
}

// Subject names the plan in the audit trail.
func (p *Plan) Subject(slug string) audit.Subject {
	return audit.Subject{Kind: "plan", ID: p.ID, Label: fmt.Sprintf("%s retirement plan %d", slug, p.Number), Model: p.ModelID}
}

func (p *Plan) note(verb, slug string, before, after any) {
	p.Note(verb, p.Subject(slug), before, after)
}

func (p *Plan) wrote(actor org.Actor) {
	if !slices.Contains(p.EditorIDs, actor.ID) {
		p.EditorIDs = append(slices.Clone(p.EditorIDs), actor.ID)
	}
}

// closed is the conflict with a decision that was already made.
func (p *Plan) closed(advice string) error {
	return fault.Newf(fault.Conflict, "This plan is already %s. %s", p.State, advice)
}

// mayChange asks whether this person may work on this model's plan at all.
func (p *Plan) mayChange(actor org.Actor, ctx Context) error {
	if ctx.Model.ID != p.ModelID {
		return fault.New(fault.NotFound, "This model has no such plan.")
	}
	return mayWrite(actor, ctx.Model)
}

// MayWrite says whether this person may write the model's plan, and why not: the disabled button says it too.
func MayWrite(actor org.Actor, model registry.Model) org.Decision {
	if err := mayWrite(actor, model); err != nil {
		return org.Decision{Reason: err.Error()}
	}
	return org.Decision{Allowed: true}
}

func mayWrite(actor org.Actor, model registry.Model) error {
	if actor.ID == 0 {
		return fault.New(fault.Forbidden, "A retirement plan is a person's promise: sign in to write it.")
	}
	if d := org.May(actor, org.Request, model.TeamID); !d.Allowed {
		return fault.New(fault.Forbidden, d.Reason)
	}
	if model.Stage == registry.Retired {
		return fault.New(fault.Conflict, "This model is retired. Its plan can no longer be changed.")
	}
	return nil
}

// snapshot is a section's value as it is now, for the audit trail: later edits must not reach it.
func snapshot(part any) any { return reflect.ValueOf(part).Elem().Interface() }
