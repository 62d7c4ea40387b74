package retirement

import (
	"errors"
	"slices"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// Verdict is what a reviewer decides about a plan.
type Verdict string

// The verdicts.
const (
	Approve        Verdict = "approve"
	RequestChanges Verdict = "request_changes"
	Reject         Verdict = "reject"
)

// MayReview says whether this person may decide this plan, and why not: the disabled button says it too.
func (p *Plan) MayReview(actor org.Actor, ctx Context) org.Decision {
	if actor.ID == 0 {
		return org.Decision{Reason: "A person decides. Sign in first."}
	}
	if d := org.May(actor, org.Decide, ctx.Model.TeamID); !d.Allowed {
		return d
	}
	switch m, named := ctx.Model, p.Body.People; actor.ID {
	case p.AuthorID, p.SubmittedBy:
		return org.Decision{Reason: "You filed this plan. Somebody else decides it."}
	case m.OwnerID, m.DeputyID, named.Owner, named.Deputy:
		return org.Decision{Reason: "You answer for this model. Somebody else decides its plan."}
	}
	if slices.Contains(p.EditorIDs, actor.ID) {
		return org.Decision{Reason: "You wrote or submitted a part of this plan. Somebody else decides it."}
	}
	return org.Decision{Allowed: true}
}

// Review records a verdict on the plan as it was read: digest is the one the reviewer's page carried.
// An approval takes the plan in ctx.InForce out of force; the store keeps both in one transaction.
func (p *Plan) Review(actor org.Actor, verdict Verdict, digest, note string, ctx Context, now time.Time) error {
	if ctx.Model.ID != p.ModelID {
		return fault.New(fault.NotFound, "This model has no such plan.")
	}
	if d := p.MayReview(actor, ctx); !d.Allowed {
		return fault.New(fault.Forbidden, d.Reason)
	}
	switch {
	case ctx.Model.Stage == registry.Retired:
		return fault.New(fault.Conflict, "This model is retired. Its plan can no longer be decided.")
	case p.State == Draft || p.State == ChangesRequested:
		return fault.New(fault.Conflict, "This plan is not in review. Its team has yet to submit it.")
	case p.State != Submitted:
		return p.closed("A decision is made once.")
	case digest != p.Digest():
		return fault.New(fault.Stale, "This plan has changed since you read it. Read it again before you decide.")
	}
	note = strings.TrimSpace(strings.ReplaceAll(note, "\r\n", "\n"))
	if err := checkVerdict(verdict, note); err != nil {
		return err
	}
	if verdict == Approve {
		if err := p.approve(actor, ctx, now); err != nil {
			return err
		}
	}
	p.decided(actor, verdict, note, ctx, now)
	return nil
}

func checkVerdict(verdict Verdict, note string) error {
	var p fault.Problems
	checkText(&p, "note", note, 2000)
	switch verdict {
	case Approve:
	case RequestChanges, Reject:
		if note == "" || Placeholder(note) {
			p.Add("note", "Give the reason, so that the team knows what to mend.")
		}
	default:
		p.Add("verdict", "Choose to approve, to request changes or to reject.")
	}
	return p.Err()
}

// approve asks once more for a complete plan: days pass and candidates die while a plan waits.
func (p *Plan) approve(actor org.Actor, ctx Context, now time.Time) error {
	if f, bad := fault.As(Complete(p.Body, ctx, day.Of(now))); bad {
		return &fault.Fault{
			Kind:     fault.Conflict,
			Sentence: "This plan no longer holds since it was submitted. Request changes instead.",
			Problems: f.Problems,
		}
	}
	old := ctx.InForce
	switch {
	case old == nil && p.Replaces != 0:
		return errors.New("retirement: the plan in force was not handed in with the one that replaces it")
	case old != nil && (old.ID == p.ID || old.ModelID != p.ModelID):
		return errors.New("retirement: the plan in force is not another plan of the same model")
	case old != nil && old.Number > p.Number:
		return fault.New(fault.Conflict, "A newer version of this plan is already in force.")
	case old != nil && old.State == Approved:
		old.State, old.UpdatedAt = Superseded, now
		// Noted on the new plan: one change, one trail, saved together.
		p.Note("plan.superseded", old.Subject(ctx.Model.Slug),
			map[string]any{"state": Approved}, map[string]any{"state": Superseded, "by": p.Number})
	}
	p.ApprovedBy, p.ApprovedAt, p.ApprovedDigest = actor.ID, now, p.Digest()
	return nil
}

func (p *Plan) decided(actor org.Actor, verdict Verdict, note string, ctx Context, now time.Time) {
	verb := ""
	switch verdict {
	case Approve:
		p.State, verb = Approved, "plan.approved"
	case RequestChanges:
		p.State, verb = ChangesRequested, "plan.changes_requested"
	case Reject:
		p.State, verb = Rejected, "plan.rejected"
	}
	p.ReviewedBy, p.ReviewerName, p.ReviewedAt, p.ReviewNote, p.UpdatedAt = actor.ID, actor.Name, now, note, now
	p.note(verb, ctx.Model.Slug, map[string]any{"state": Submitted},
		map[string]any{"state": p.State, "note": note, "digest": p.Digest()})
}

// Confirm says that the approved plan still holds for a new version of the model.
func (p *Plan) Confirm(actor org.Actor, version string, ctx Context, now time.Time) error {
	if ctx.Model.ID != p.ModelID {
		return fault.New(fault.NotFound, "This model has no such plan.")
	}
	if d := MayConfirm(actor, ctx); !d.Allowed {
		return fault.New(fault.Forbidden, d.Reason)
	}
	if version == "" {
		return fault.At("version", "Name the version that the plan is confirmed for.")
	}
	if p.State != Approved {
		return fault.Newf(fault.Conflict, "Only an approved plan is confirmed; this one is %s.", strings.ToLower(p.State.Title()))
	}
	if found := Stale(p, ctx, day.Of(now)); len(found) > 0 {
		return fault.Newf(fault.Conflict, "This plan is stale and cannot be confirmed. %s %s", found[0].Sentence, found[0].Mend)
	}
	was := p.ConfirmedFor
	p.ConfirmedBy, p.ConfirmedAt, p.ConfirmedFor, p.UpdatedAt = actor.ID, now, version, now
	p.note("plan.confirmed", ctx.Model.Slug, map[string]any{"version": was},
		map[string]any{"version": version, "digest": p.ApprovedDigest})
	return nil
}

// MayConfirm lets the owner, the deputy and the team's contributors confirm.
func MayConfirm(actor org.Actor, ctx Context) org.Decision {
	if actor.ID == 0 {
		return org.Decision{Reason: "A person confirms. Sign in first."}
	}
	named := actor.ID == ctx.Model.OwnerID || actor.ID == ctx.Model.DeputyID
	if named && actor.Active() && !actor.Has(org.Auditor) {
		return org.Decision{Allowed: true}
	}
	return org.May(actor, org.Request, ctx.Model.TeamID)
}

// ConfirmedFor reports whether the plan was approved or confirmed after the version was last built or changed: a plan
// that was read before says nothing about what is there now.
func ConfirmedFor(p *Plan, builtAt time.Time) bool {
	last := p.ApprovedAt
	if p.ConfirmedAt.After(last) {
		last = p.ConfirmedAt
	}
	return !last.IsZero() && !last.Before(builtAt)
}
