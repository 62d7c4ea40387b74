package retirement_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

func verbs(p *retirement.Plan) []string {
	var out []string
	for _, n := range p.Notes() {
		out = append(out, n.Verb)
	}
	return out
}

func TestNewPlanStartsFromTheModel(t *testing.T) {
	p, err := retirement.NewPlan(model(), actor(memberID), now)
	must(t, err)
	if p.State != retirement.Draft || p.Number != 1 || p.Body.People.Owner != ownerID || p.Body.Consumers.List[0].Name != "Payments" {
		t.Errorf("%+v", p)
	}
	if d := cmp.Diff([]string{"plan.filed"}, verbs(p)); d != "" {
		t.Error(d)
	}
	p.Body.Consumers.List[0].Name = "changed"
	if m := model(); m.Consumers[0].Name != "Payments" {
		t.Error("the plan shares its consumers with the model")
	}
}

func TestWhoMayWriteAPlan(t *testing.T) {
	retired := model()
	retired.Stage = registry.Retired
	rows := []struct {
		name  string
		actor org.Actor
		model registry.Model
		kind  fault.Kind
	}{
		{"a contributor of the team", actor(memberID), model(), 0},
		{"not one of another team", actor(strangerID), model(), fault.Forbidden},
		{"not a reviewer", actor(reviewerID), model(), fault.Forbidden},
		{"not a disabled person", actor(goneID), model(), fault.Forbidden},
		{"not a machine without a person", org.System, model(), fault.Forbidden},
		{"not for a retired model", actor(memberID), retired, fault.Conflict},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := retirement.NewPlan(r.model, r.actor, now)
			refused(t, err, r.kind)
			p, ctx := draft(t), world()
			ctx.Model = r.model
			refused(t, p.EditSection(r.actor, "dates", body(), ctx, now), r.kind)
			refused(t, p.Submit(r.actor, ctx, now), r.kind)
		})
	}
}

func TestAPlanOfAnotherModelIsNotFound(t *testing.T) {
	p, ctx := submitted(t), world()
	ctx.Model.ID = 41
	refused(t, p.EditSection(actor(memberID), "dates", body(), ctx, now), fault.NotFound)
	refused(t, p.Submit(actor(memberID), ctx, now), fault.NotFound)
	refused(t, p.Review(actor(reviewerID), retirement.Approve, p.Digest(), "", ctx, now), fault.NotFound)
	refused(t, p.Confirm(actor(ownerID), "v2", ctx, now), fault.NotFound)
}

func TestEditSectionTakesOneSection(t *testing.T) {
	p, err := retirement.NewPlan(model(), actor(memberID), now)
	must(t, err)
	must(t, p.EditSection(actor(deputyID), "rollback", body(), world(), now))
	if p.Body.Rollback.WindowDays != 14 || len(p.Body.Steps) != 0 {
		t.Errorf("%+v", p.Body)
	}
	if d := cmp.Diff([]int64{memberID, deputyID}, p.EditorIDs); d != "" {
		t.Error(d)
	}
	n := p.Notes()[1]
	after, _ := json.Marshal(n.After)
	if n.Verb != "plan.edited" || n.Subject.Model != 40 || !json.Valid(after) || len(after) < 20 {
		t.Errorf("%+v %s", n, after)
	}
	refused(t, p.EditSection(actor(memberID), "colour", body(), world(), now), fault.NotFound)
}

func TestEditSectionTidies(t *testing.T) {
	p := draft(t)
	b := body()
	b.Access = []retirement.Access{{}, {What: "  Key \r\n two ", Action: "Revoke"}, {What: "   "}}
	must(t, p.EditSection(actor(memberID), "access", b, world(), now))
	want := []retirement.Access{{What: "Key \n two", Action: "Revoke"}}
	if d := cmp.Diff(want, p.Body.Access); d != "" {
		t.Error(d)
	}
	if b.Access[1].What != "  Key \r\n two " {
		t.Error("the caller's body was changed")
	}
}

func TestARefusedEditChangesNothing(t *testing.T) {
	p, b := draft(t), body()
	before, notes := p.Digest(), len(p.Notes())
	b.Rollback.Decides, b.Dates.ReviewBy = "Somebody new", "someday"
	refused(t, p.Replace(actor(deputyID), b, world(), now), fault.Invalid)
	if p.Digest() != before || len(p.Notes()) != notes || slices.Contains(p.EditorIDs, deputyID) {
		t.Error("half saved")
	}
}

func TestStatesAreKept(t *testing.T) {
	type act func(p *retirement.Plan) error
	edit := func(p *retirement.Plan) error { return p.EditSection(actor(memberID), "dates", body(), world(), now) }
	submit := func(p *retirement.Plan) error { return p.Submit(actor(memberID), world(), now) }
	decide := func(v retirement.Verdict) act {
		return func(p *retirement.Plan) error {
			return p.Review(actor(riskID), v, p.Digest(), "The window is too short for us", world(), now)
		}
	}
	confirm := func(p *retirement.Plan) error { return p.Confirm(actor(ownerID), "v2", world(), now) }
	next := func(p *retirement.Plan) error {
		_, err := p.NextDraft(actor(memberID), world(), now)
		return err
	}
	acts := map[string]act{
		"edit": edit, "submit": submit, "approve": decide("approve"), "request changes": decide("request_changes"),
		"reject": decide("reject"), "confirm": confirm, "next draft": next,
	}
	allowed := map[retirement.State][]string{
		retirement.Draft:            {"edit", "submit"},
		retirement.Submitted:        {"approve", "request changes", "reject"},
		retirement.ChangesRequested: {"edit", "submit"},
		retirement.Approved:         {"confirm", "next draft"},
		retirement.Rejected:         {"next draft"},
		retirement.Superseded:       {},
	}
	for state, may := range allowed {
		for name, do := range acts {
			t.Run(string(state)+": "+name, func(t *testing.T) {
				p := approved(t)
				p.State = state
				if slices.Contains(may, name) {
					refused(t, do(p), 0)
				} else {
					refused(t, do(p), fault.Conflict)
				}
			})
		}
	}
}

func TestSubmitTwiceHasOneOutcome(t *testing.T) {
	p := submitted(t)
	refused(t, p.Submit(actor(memberID), world(), now), fault.Conflict)
	if p.State != retirement.Submitted || p.SubmittedBy != memberID {
		t.Errorf("%+v", p)
	}
}

func TestAnIncompletePlanIsNotSubmitted(t *testing.T) {
	p := draft(t)
	p.Body.Steps = nil
	refused(t, p.Submit(actor(memberID), world(), now), fault.Invalid)
	if p.State != retirement.Draft {
		t.Error("submitted all the same")
	}
}

func TestDigestCoversWhatIsApproved(t *testing.T) {
	p := draft(t)
	first := p.Digest()
	raw, err := json.Marshal(p.Body)
	must(t, err)
	var back retirement.Body
	must(t, json.Unmarshal(raw, &back))
	same := *p
	same.Body, same.State, same.UpdatedAt = back, retirement.Submitted, now.Add(time.Hour)
	if same.Digest() != first {
		t.Error("a round trip through JSON changes the digest")
	}
	same.Body.Rollback.WindowDays++
	if same.Digest() == first {
		t.Error("the body is not covered")
	}
	other := *p
	if other.Number = 2; other.Digest() == first {
		t.Error("the number is not covered")
	}
	other = *p
	if other.ModelID = 41; other.Digest() == first {
		t.Error("the model is not covered")
	}
}

func TestNextDraft(t *testing.T) {
	p := approved(t)
	next, err := p.NextDraft(actor(teamReviewerID), world(), now)
	must(t, err)
	if next.Number != 2 || next.Replaces != p.ID || next.State != retirement.Draft || next.ApprovedAt != (time.Time{}) || p.State != retirement.Approved {
		t.Errorf("%+v", next)
	}
	if d := cmp.Diff([]int64{memberID, teamReviewerID}, next.EditorIDs); d != "" {
		t.Error(d)
	}
	ctx := world()
	ctx.Latest = next
	_, err = p.NextDraft(actor(memberID), ctx, now)
	refused(t, err, fault.Conflict) // one at a time

	next.State = retirement.Rejected
	third, err := p.NextDraft(actor(memberID), ctx, now)
	must(t, err)
	again, err := next.NextDraft(actor(memberID), ctx, now)
	must(t, err)
	if third.Number != 3 || third.Replaces != p.ID || again.Number != 3 || again.Replaces != p.ID {
		t.Errorf("%d replaces %d, %d replaces %d", third.Number, third.Replaces, again.Number, again.Replaces)
	}
}
