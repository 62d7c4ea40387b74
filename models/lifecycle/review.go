package lifecycle

import (
	"slices"
	"time"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// MayDecide says whether this person may review this request, and why not. It is the four-eyes rule:
// never the requester, an editor, the owner or the version's author, through whichever door they come.
func (d *Dossier) MayDecide(a org.Actor) org.Decision {
	if a.ID == 0 {
		return org.Decision{Reason: "A person decides. Sign in first."}
	}
	if may := org.May(a, org.Decide, d.Facts.Model.TeamID); !may.Allowed {
		return may
	}
	return d.conflictOfInterest(a.ID)
}

// MayReview says whether this person may ask for changes or reject now, and why not.
func (d *Dossier) MayReview(a org.Actor) org.Decision {
	if err := d.mustBeOpen(); err != nil {
		return org.Decision{Reason: err.Error()}
	}
	return d.MayDecide(a)
}

func (d *Dossier) conflictOfInterest(person int64) org.Decision {
	no := func(why string) org.Decision { return org.Decision{Reason: why} }
	switch {
	case person == d.RequesterID:
		return no("You asked for this; somebody else decides.")
	case person == d.Facts.Model.OwnerID:
		return no("You own this model; somebody else decides.")
	case person == d.Facts.Version.AuthorID:
		return no("You made this version; somebody else decides.")
	case slices.Contains(d.Editors, person):
		return no("You edited this request; somebody else decides.")
	case slices.Contains(d.Facts.Editors, person):
		return no("You changed this version or its evidence; somebody else decides.")
	}
	return org.Decision{Allowed: true}
}

// MayApprove is MayDecide plus what only an approval needs: a green gate, a rollback that is still inside
// its window, and not twice.
func (d *Dossier) MayApprove(a org.Actor, now time.Time) org.Decision {
	if may := d.MayReview(a); !may.Allowed {
		return may
	}
	if why := d.retiring(d.To); why != "" {
		return org.Decision{Reason: why}
	}
	if red := d.Gate(now).Red(); len(red) > 0 {
		return org.Decision{Reason: holdsBack(red)}
	}
	if d.Move == Rollback && !MayReturn(&d.Facts.Version, now) {
		return org.Decision{Reason: "Its rollback window is over. It goes to production by a promotion now: withdraw this and ask for one."}
	}
	for _, r := range d.Standing(now) {
		if r.ReviewerID == a.ID && r.Verdict == Approve {
			return org.Decision{Reason: "You have approved this already."}
		}
	}
	return org.Decision{Allowed: true}
}

// Review gives a verdict on what had this digest. The approval that completes the quorum applies the
// request at once, in the same transaction.
func (d *Dossier) Review(a org.Actor, v Verdict, digest, comment string, now time.Time) error {
	if err := d.mustBeOpen(); err != nil {
		return err
	}
	if may := d.MayDecide(a); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	if !slices.Contains([]Verdict{Approve, RequestChanges, Reject}, v) {
		return fault.At("verdict", "Choose approve, request changes or reject.")
	}
	if digest != d.CurrentDigest(now) {
		return fault.New(fault.Stale, "Facts have changed since you read this request. Read it again before you decide.")
	}
	// What the digest covers stays as it is until the decision is applied: it is taken once, not at
	// every step.
	d.agreed = digest
	defer func() { d.agreed = "" }()
	comment, err := text("comment", comment, v != Approve)
	if err != nil {
		return err
	}
	switch v {
	case Approve:
		return d.approve(a, comment, now)
	case RequestChanges:
		d.record(a, v, digest, comment, now)
		d.Note("request.changes_requested", d.Subject(), nil, map[string]string{"digest": digest, "comment": comment})
	case Reject:
		d.record(a, v, digest, comment, now)
		d.close(a, Rejected, comment, now)
		d.Note("request.rejected", d.Subject(), nil, map[string]string{"digest": digest, "reason": comment})
	}
	return nil
}

func (d *Dossier) approve(a org.Actor, comment string, now time.Time) error {
	if red := d.Gate(now).Red(); len(red) > 0 {
		return gateFault(red)
	}
	if may := d.MayApprove(a, now); !may.Allowed {
		return fault.New(fault.Conflict, may.Reason)
	}
	d.record(a, Approve, d.CurrentDigest(now), comment, now)
	d.Note("request.approved", d.Subject(), nil, map[string]string{"digest": d.NewReview.Digest})
	if d.Standings(now).Met {
		how := "promotion"
		if d.Move == Rollback {
			how = "rollback"
		}
		d.apply(a, now, how)
	}
	return nil
}

func (d *Dossier) record(a org.Actor, v Verdict, digest, comment string, now time.Time) {
	d.NewReview = &Review{
		ReviewerID: a.ID, Reviewer: a.Name, Roles: slices.Clone(a.Roles), OtherTeam: !a.InTeam(d.Facts.Model.TeamID),
		Verdict: v, Comment: comment, Digest: digest, Parts: d.Facts.Version.Parts(), At: now,
	}
	d.Reviews = append(d.Reviews, *d.NewReview)
}

// Standing lists the reviews that count now: each reviewer's latest, on the present digest, by
// somebody who reviews today and has no conflict of interest.
func (d *Dossier) Standing(now time.Time) []Review {
	digest := d.CurrentDigest(now)
	if d.State != Open {
		digest = d.Digest
	}
	latest := map[int64]Review{}
	var who []int64
	for _, r := range d.Reviews {
		if _, seen := latest[r.ReviewerID]; !seen {
			who = append(who, r.ReviewerID)
		}
		latest[r.ReviewerID] = r
	}
	var out []Review
	for _, id := range who {
		// What was decided stays decided: who reviewed and became the owner later takes nothing back.
		if r := latest[id]; r.Digest == digest && (d.State != Open || !r.lapsed() && d.conflictOfInterest(id).Allowed) {
			out = append(out, r)
		}
	}
	return out
}

// Tally is how far the approvals are.
type Tally struct {
	Needed   Quorum
	Have     Quorum
	Blocking []Review // standing requests for changes
	Void     []Review // approvals of something that has changed since
	Met      bool
}

// Standings counts the standing approvals against the quorum.
func (d *Dossier) Standings(now time.Time) Tally {
	t := Tally{Needed: d.Needs()}
	standing := d.Standing(now)
	for _, r := range standing {
		switch r.Verdict {
		case Approve:
			t.Have.Count++
			if slices.Contains(r.Roles, org.RiskReviewer) && (d.State != Open || !slices.Contains(r.Lost, org.RiskReviewer)) {
				t.Have.Risk++
			}
			if r.OtherTeam {
				t.Have.OtherTeam++
			}
		case RequestChanges:
			t.Blocking = append(t.Blocking, r)
		}
	}
	for _, r := range d.Reviews {
		stands := slices.ContainsFunc(standing, func(s Review) bool { return s.ReviewerID == r.ReviewerID && s.At.Equal(r.At) })
		if r.Verdict == Approve && !stands {
			t.Void = append(t.Void, r)
		}
	}
	n, h := t.Needed, t.Have
	t.Met = h.Count >= n.Count && h.Risk >= n.Risk && h.OtherTeam >= n.OtherTeam && len(t.Blocking) == 0
	return t
}

// apply moves the version and, into or out of production, the serving records. The caller has
// checked the gate and the quorum.
func (d *Dossier) apply(a org.Actor, now time.Time, how string) {
	v := &d.Facts.Version
	approvers := d.approvers(now)
	d.close(a, Applied, "", now)
	if v.Stage == registry.Production && d.To != registry.Production {
		d.endServing(now)
	}
	if d.Move == Back {
		// Whoever goes back goes the whole way again: the short way of a rollback is for what served.
		v.SupersededAt, v.RollbackUntil = time.Time{}, time.Time{}
	}
	if d.To == registry.Production {
		d.supersede(now)
		d.beginServing(now, how, approvers)
	}
	before := v.Stage
	v.Stage, v.StageSince = d.To, now
	d.Touched = append(d.Touched, v)
	d.Note("version."+verb(d.Move, how), v.Subject(d.Facts.Model.Slug),
		map[string]any{"stage": before},
		map[string]any{"stage": v.Stage, "request": d.ID, "approved_digest": d.Digest, "approved_by": approvers, "policy": d.PolicyVersion})
}

func verb(m Move, how string) string {
	switch {
	case how == "break-glass":
		return "break_glass"
	case m == Rollback:
		return "rolled_back_to"
	case m == Back:
		return "moved_back"
	}
	return "promoted"
}

func (d *Dossier) approvers(now time.Time) []registry.Approver {
	var out []registry.Approver
	for _, r := range d.Standing(now) {
		if r.Verdict == Approve {
			out = append(out, registry.Approver{ID: r.ReviewerID, Name: r.Reviewer})
		}
	}
	return out
}

// supersede takes the version that serves now out of production and leaves it a window to return in.
func (d *Dossier) supersede(now time.Time) {
	s := d.Facts.Serving
	if s == nil || s.Version.ID == d.Facts.Version.ID {
		return
	}
	old := &s.Version
	old.Stage, old.StageSince, old.SupersededAt = registry.Staged, now, now
	old.RollbackUntil = now.AddDate(0, 0, d.Policy.RollbackDays)
	d.Touched = append(d.Touched, old)
	d.endServing(now)
	d.Note("version.superseded", old.Subject(d.Facts.Model.Slug),
		map[string]any{"stage": registry.Production}, map[string]any{"stage": old.Stage, "by": d.Facts.Version.Label, "rollback_until": old.RollbackUntil})
}

func (d *Dossier) endServing(now time.Time) {
	if s := d.Facts.Serving; s != nil && d.Ended == nil {
		ended := s.Record
		ended.Until = now
		d.Ended = &ended
	}
}

func (d *Dossier) beginServing(now time.Time, how string, approvers []registry.Approver) {
	v := &d.Facts.Version
	if v.ServedSince.IsZero() {
		v.ServedSince = now
	}
	v.SupersededAt, v.RollbackUntil = time.Time{}, time.Time{}
	d.Began = &registry.ServingRecord{ModelID: d.ModelID, VersionID: v.ID, Since: now, RequestID: d.ID, How: how,
		ApprovedDigest: d.Digest, ApprovedBy: approvers}
}
