package retirement_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/retirement"
)

func TestFourEyes(t *testing.T) {
	reviewing := func(id int64) org.Actor {
		a := actor(id)
		a.Roles = append(a.Roles, org.Reviewer)
		return a
	}
	token := reviewing(memberID)
	token.Via, token.Scopes = "token:ci", org.Scopes
	rows := []struct {
		name  string
		actor org.Actor
		setup func(*retirement.Plan, *retirement.Context)
		kind  fault.Kind
	}{
		{"a reviewer decides", actor(reviewerID), nil, 0},
		{"a risk reviewer decides", actor(riskID), nil, 0},
		{"a reviewer of the team who wrote nothing decides", actor(teamReviewerID), nil, 0},
		{"not somebody without the role", actor(strangerID), nil, fault.Forbidden},
		{"not a disabled reviewer", reviewing(goneID), nil, fault.Forbidden},
		{"not the author", reviewing(memberID), nil, fault.Forbidden},
		{"not the author through a token", token, nil, fault.Forbidden},
		{"not an editor", actor(teamReviewerID), func(p *retirement.Plan, _ *retirement.Context) {
			p.EditorIDs = append(p.EditorIDs, teamReviewerID)
		}, fault.Forbidden},
		{"not the submitter", actor(teamReviewerID), func(p *retirement.Plan, _ *retirement.Context) {
			p.SubmittedBy = teamReviewerID
		}, fault.Forbidden},
		{"not the model's owner", reviewing(ownerID), nil, fault.Forbidden},
		{"not the model's deputy", actor(deputyID), nil, fault.Forbidden},
		{"not the owner the plan names", actor(teamReviewerID), func(p *retirement.Plan, _ *retirement.Context) {
			p.Body.People.Owner = teamReviewerID
		}, fault.Forbidden},
		{"not the machine", org.System, nil, fault.Forbidden},
	}
	for _, r := range rows {
		for _, verdict := range []retirement.Verdict{retirement.Approve, retirement.RequestChanges, retirement.Reject} {
			t.Run(r.name+": "+string(verdict), func(t *testing.T) {
				p, ctx := submitted(t), world()
				if r.setup != nil {
					r.setup(p, &ctx)
				}
				refused(t, p.Review(r.actor, verdict, p.Digest(), "The window is too short", ctx, now), r.kind)
				if r.kind != 0 && p.State != retirement.Submitted {
					t.Errorf("refused, and yet %s", p.State)
				}
			})
		}
	}
}

func TestReviewBindsToWhatWasRead(t *testing.T) {
	p := submitted(t)
	read := p.Digest()
	p.Body.Rollback.WindowDays = 7
	refused(t, p.Review(actor(reviewerID), retirement.Approve, read, "", world(), now), fault.Stale)
	refused(t, p.Review(actor(reviewerID), retirement.Approve, "", "", world(), now), fault.Stale)
	refused(t, p.Review(actor(reviewerID), retirement.Approve, p.Digest(), "", world(), now), 0)
	if p.ApprovedDigest != p.Digest() || p.ApprovedBy != reviewerID || p.ReviewerName != "Rex Reviewer" || p.ApprovedAt != now {
		t.Errorf("%+v", p)
	}
}

func TestVerdictsNeedWords(t *testing.T) {
	rows := []struct {
		name    string
		verdict retirement.Verdict
		note    string
		want    []string
	}{
		{"approval without a note", retirement.Approve, "", nil},
		{"changes without a reason", retirement.RequestChanges, "", []string{"note"}},
		{"changes with a placeholder", retirement.RequestChanges, " tbd ", []string{"note"}},
		{"rejection without a reason", retirement.Reject, "  ", []string{"note"}},
		{"rejection with a reason", retirement.Reject, "No candidate is named", nil},
		{"a note as long as it may be", retirement.Approve, strings.Repeat("ä", 2000), nil},
		{"a note too long", retirement.Approve, strings.Repeat("ä", 2001), []string{"note"}},
		{"a note with a control character", retirement.Approve, "a\x00b", []string{"note"}},
		{"no verdict", "", "Why not", []string{"verdict"}},
		{"no known verdict", "shrug", "Why not", []string{"verdict"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			p := submitted(t)
			err := p.Review(actor(reviewerID), r.verdict, p.Digest(), r.note, world(), now)
			if d := cmp.Diff(r.want, fields(err)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTwoReviewersHaveOneOutcome(t *testing.T) {
	p := submitted(t)
	digest := p.Digest()
	must(t, p.Review(actor(reviewerID), retirement.Approve, digest, "", world(), now))
	refused(t, p.Review(actor(riskID), retirement.Reject, digest, "No candidate is named", world(), now), fault.Conflict)
	refused(t, p.Review(actor(reviewerID), retirement.Approve, digest, "", world(), now), fault.Conflict)
	if p.State != retirement.Approved {
		t.Error(p.State)
	}
}

func TestAPlanThatNoLongerHoldsIsNotApproved(t *testing.T) {
	p, ctx := submitted(t), world()
	ctx.Candidate.Alive = false
	err := p.Review(actor(reviewerID), retirement.Approve, p.Digest(), "", ctx, now)
	refused(t, err, fault.Conflict)
	if d := cmp.Diff([]string{"candidate.model"}, fields(err)); d != "" {
		t.Error(d)
	}
	refused(t, p.Review(actor(reviewerID), retirement.RequestChanges, p.Digest(), "The candidate is gone", ctx, now), 0)
}

func TestApprovingTheNextVersionSupersedesTheOld(t *testing.T) {
	old := approved(t)
	next, err := old.NextDraft(actor(memberID), world(), now)
	must(t, err)
	next.ID = 2
	must(t, next.Submit(actor(memberID), world(), now))
	if err := next.Review(actor(reviewerID), retirement.Approve, next.Digest(), "", world(), now); err == nil {
		t.Error("approved although the plan in force was not handed in")
	}
	if next.State != retirement.Submitted {
		t.Fatal(next.State)
	}
	ctx := world()
	ctx.InForce = old
	refused(t, next.Review(actor(reviewerID), retirement.Approve, next.Digest(), "", ctx, now), 0)
	if old.State != retirement.Superseded || next.State != retirement.Approved {
		t.Errorf("%s and %s", old.State, next.State)
	}
	want := []string{"plan.filed", "plan.submitted", "plan.superseded", "plan.approved"}
	if d := cmp.Diff(want, verbs(next)); d != "" {
		t.Error(d)
	}
	if n := next.Notes()[2]; n.Subject.ID != 1 {
		t.Errorf("the note names plan %d", n.Subject.ID)
	}
}

func TestRejectingTheNextVersionKeepsTheOld(t *testing.T) {
	old := approved(t)
	next, err := old.NextDraft(actor(memberID), world(), now)
	must(t, err)
	must(t, next.Submit(actor(memberID), world(), now))
	ctx := world()
	ctx.InForce = old
	must(t, next.Review(actor(reviewerID), retirement.Reject, next.Digest(), "The old window was better", ctx, now))
	if old.State != retirement.Approved || !retirement.Living(old, ctx, today) {
		t.Error(old.State)
	}
}

func TestWhoMayConfirm(t *testing.T) {
	plainOwner := actor(ownerID)
	plainOwner.Roles = nil
	disabled := plainOwner
	disabled.Disabled = true
	auditing := plainOwner
	auditing.Roles = []org.Role{org.Auditor}
	rows := []struct {
		name  string
		actor org.Actor
		kind  fault.Kind
	}{
		{"the owner, with no role at all", plainOwner, 0},
		{"the deputy", actor(deputyID), 0},
		{"a contributor of the team", actor(memberID), 0},
		{"not a disabled owner", disabled, fault.Forbidden},
		{"not an auditor", auditing, fault.Forbidden},
		{"not another team", actor(strangerID), fault.Forbidden},
		{"not a reviewer", actor(reviewerID), fault.Forbidden},
		{"not the machine", org.System, fault.Forbidden},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			p := approved(t)
			refused(t, p.Confirm(r.actor, "v8", world(), now.Add(time.Hour)), r.kind)
			if confirmed := p.ConfirmedAt == now.Add(time.Hour); confirmed != (r.kind == 0) {
				t.Error(p.ConfirmedAt)
			}
		})
	}
}

func TestOnlyALivingPlanIsConfirmed(t *testing.T) {
	p, ctx := approved(t), world()
	ctx.Candidate.Retired = true
	refused(t, p.Confirm(actor(ownerID), "v8", ctx, now), fault.Conflict)
	refused(t, p.Confirm(actor(ownerID), "", world(), now), fault.Invalid)
}

func TestConfirmedFor(t *testing.T) {
	rows := []struct {
		name                string
		approved, confirmed time.Time
		want                bool
	}{
		{"neither approved nor confirmed", time.Time{}, time.Time{}, false},
		{"approved before the version", now.Add(-time.Second), time.Time{}, false},
		{"approved with the version", now, time.Time{}, true},
		{"confirmed before the version", now.Add(-time.Hour), now.Add(-time.Second), false},
		{"confirmed with the version", now.Add(-time.Hour), now, true},
		{"approved after an older confirmation", now, now.Add(-time.Hour), true},
	}
	for _, r := range rows {
		p := &retirement.Plan{ApprovedAt: r.approved, ConfirmedAt: r.confirmed}
		if got := retirement.ConfirmedFor(p, now); got != r.want {
			t.Errorf("%s: %v", r.name, got)
		}
	}
}

func TestWhoSubmittedOnceNeverDecides(t *testing.T) {
	p := draft(t)
	must(t, p.Submit(actor(teamReviewerID), world(), now))
	must(t, p.Review(actor(reviewerID), retirement.RequestChanges, p.Digest(), "Name the checks", world(), now))
	must(t, p.Submit(actor(memberID), world(), now))
	refused(t, p.Review(actor(teamReviewerID), retirement.Approve, p.Digest(), "", world(), now), fault.Forbidden)
}
