package retirement_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sundial/components/link"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/telemetry"
	"sundial/web/webtest"
)

var workflow = link.Workflow(slug)

func do(act string) string { return link.WorkflowAct(slug, act, "") }

// serving is a portal with a model of tier 1 in production.
func serving(t *testing.T) *webtest.Site {
	t.Helper()
	s := webtest.New(t)
	s.Serve(t, slug, "v1", 1)
	return s
}

// filled sends the form of an act as the browser would, with what was typed.
func filled(b *webtest.Browser, act, key string, pairs ...string) *webtest.Page {
	page := b.Get(link.WorkflowAct(slug, act, key)).Is(http.StatusOK)
	v := url.Values{"key": {page.Value("key")}, "phase": {page.Value("phase")}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return b.Post(do(act), v)
}

func TestAnOwnerTriggersAndTellsTheConsumers(t *testing.T) {
	t.Parallel()
	s := serving(t)
	owner := s.As(s.Owner)
	owner.Get(workflow).Is(http.StatusOK, "The plan is on file, and the model serves", "Trigger the retirement")
	s.As(s.Stranger).Get(workflow).Is(http.StatusOK, "Only the owner, the deputy and the cutover lead do this.")
	s.As(s.Stranger).Get(do("trigger")).Is(http.StatusForbidden, "Only the owner")

	filled(owner, "trigger", "", "reason", "").Is(http.StatusUnprocessableEntity, "Say why the model ends now.")
	page := filled(owner, "trigger", "", "reason", "The new scorer is better.").Is(http.StatusOK, "The retirement is triggered.", "The new scorer is better.", "1 consumer to tell")
	owner.Get(plan).Is(http.StatusOK, "The retirement is under way: triggered")
	filled(owner, "extend", "", "to", "soon", "reason", "").Is(http.StatusUnprocessableEntity, "like 2027-03-31")

	owner.Submit(page, do("advance")).Is(http.StatusOK, "On to: announced.", "No answer yet", "Checkout", "Not yet: checkout answers.")
	owner.Post(do("advance"), url.Values{"phase": {"announced"}}).Is(http.StatusConflict, "Not yet: checkout answers.")
	owner.Post(do("advance"), url.Values{"phase": {"triggered"}}).Is(http.StatusConflict, "Somebody has led this on already")
	s.As(s.Viewer).Post(do("advance"), url.Values{"phase": {"announced"}}).Is(http.StatusForbidden)
}

func TestAnAnswerIsRecordedAndConfirmedBySomebodyElse(t *testing.T) {
	t.Parallel()
	s := serving(t)
	s.Trigger(t, slug)
	s.RetireTo(t, slug, retirement.Announced, s.Clock)
	b := s.As(s.Contributor)
	page := filled(b, "record", "c1", "answer", "object", "by", "Pia Payer").Is(http.StatusUnprocessableEntity, "Say why you object", "Say how and where they answered")
	if page.Value("by") != "Pia Payer" {
		t.Error("what was typed is lost")
	}
	filled(b, "record", "c1", "answer", "accept", "by", "Pia Payer", "how", "Ticket 12").Is(http.StatusOK, "Recorded. A second person confirms it now.", "recorded; to be confirmed").
		Lacks("confirm-answer?key=c1")
	filled(s.As(s.Reviewer), "confirm-answer", "c1").Is(http.StatusOK, "Confirmed.", "Everything this phase waits for is done.")
}

func TestWhatNoMachineReportsIsAttestedByTwo(t *testing.T) {
	t.Parallel()
	s := serving(t)
	s.Trigger(t, slug)
	s.RetireTo(t, slug, retirement.Disabled, s.Clock)
	filled(s.As(s.Contributor), "attest", "access.1", "statement", "The key is gone since noon").Is(http.StatusOK, "Attested. A second person confirms it now.")
	s.As(s.Contributor).Post(do("confirm"), url.Values{"key": {"access.1"}}).Is(http.StatusForbidden, "You attested this. Somebody else confirms it.")
	s.As(s.Reviewer).Get(link.WorkflowAct(slug, "confirm", "access.1")).Is(http.StatusOK, "The key is gone since noon")
	filled(s.As(s.Reviewer), "confirm", "access.1").Is(http.StatusOK, "Confirmed.", "Attested by Contributor, confirmed by Reviewer")
}

func TestDataIsCertifiedAndVerified(t *testing.T) {
	t.Parallel()
	s := serving(t)
	s.Trigger(t, slug)
	view := s.RetireTo(t, slug, retirement.Disposition, s.Clock)
	i := 0
	for i = range view.Workflow.Plan.Assets {
		if a := view.Workflow.Plan.Assets[i]; a.Decision == retirement.Delete && a.Hold == retirement.HoldNone && a.Kind != "prediction_logs" {
			break
		}
	}
	key := "asset." + string(rune('1'+i))
	b := s.As(s.Contributor)
	filled(b, "certify", key, "method", "Removed with every version", "tool", "n/a").Is(http.StatusUnprocessableEntity, "Name the tool", "Removed with every version", "Say on which day it was done.")
	s.Clock.Days(40)
	b = s.As(s.Contributor) // the session did not last that long
	today := string(view.World.Today().Add(40))
	filled(b, "certify", key, "method", "Removed with every version", "tool", "job 114", "performer", "Contributor", "performed_on", today,
		"probe", "Listing", "result", "Empty", "digest_before", "sha256:"+strings.Repeat("ab", 32), "legal_basis", "Art. 17 GDPR").Is(http.StatusOK, "Filed. Somebody else verifies it now.")
	filled(s.As(s.Reviewer), "verify", key, "finding", "Listed it again: empty").Is(http.StatusOK, "Verified.", "verified by Reviewer")
}

func TestMoreTimeIsDecidedAbove(t *testing.T) {
	t.Parallel()
	s := serving(t)
	view := s.Trigger(t, slug)
	filled(s.As(s.Owner), "extend", "", "to", string(view.Workflow.EndsOn.Add(20)), "reason", "Month-end closing").Is(http.StatusOK, "Asked. Somebody above decides.")
	s.As(s.Reviewer).Get(do("extension")).Is(http.StatusForbidden, "tier 1")
	filled(s.As(s.Risk), "extension", "", "verdict", "", "note", "").Is(http.StatusUnprocessableEntity, "Choose to grant or to refuse it.")
	filled(s.As(s.Risk), "extension", "", "verdict", "no", "note", "").Is(http.StatusUnprocessableEntity, "Say why not.")
	filled(s.As(s.Leader), "extension", "", "verdict", "yes").Is(http.StatusOK, "Decided.", view.Workflow.EndsOn.Add(20).Human())
}

func TestAnEmergencyIsSwitchedOffAndReviewed(t *testing.T) {
	t.Parallel()
	s := serving(t)
	s.Trigger(t, slug)
	s.As(s.Owner).Get(do("emergency")).Is(http.StatusForbidden, "Only the roles that the policy names")
	filled(s.As(s.Risk), "emergency", "", "reason", "It leaks names").Is(http.StatusOK, "It is switched off.", "An emergency, and its review is owed")
	filled(s.As(s.OtherReviewer), "debt", "", "verdict", "yes", "finding", "It was right to stop it").Is(http.StatusOK, "Reviewed.").Lacks("its review is owed")
}

func TestRollBackAndCallingOff(t *testing.T) {
	t.Parallel()
	s := serving(t)
	s.Trigger(t, slug)
	filled(s.As(s.Owner), "abort", "", "reason", "Decided otherwise").Is(http.StatusOK, "Called off.", "Decided otherwise", "Trigger the retirement")
	s.Trigger(t, slug)
	s.RetireTo(t, slug, retirement.RollbackWindow, s.Clock)
	filled(s.As(s.Owner), "rollback", "", "reason", "Too many declines").Is(http.StatusOK, "Rolled back. The old version stays in production.", "Too many declines")
	s.As(s.Viewer).Get(link.WorkflowNumber(slug, 1)).Is(http.StatusOK, "Aborted", "Decided otherwise")
	s.As(s.Viewer).Get(link.WorkflowNumber(slug, 9)).Is(http.StatusNotFound)
}

func TestARehearsalIsWalked(t *testing.T) {
	t.Parallel()
	s := serving(t)
	owner := s.As(s.Owner)
	filled(owner, "rehearse", "", "reason", "Yearly rehearsal").Is(http.StatusOK, "The rehearsal has begun", "This is a rehearsal")
	filled(owner, "walk", "", "verdict", "yes", "finding", "").Is(http.StatusUnprocessableEntity, "Say what you tried")
	for range 7 {
		filled(owner, "walk", "", "verdict", "yes", "finding", "Asked everybody who would do it").Is(http.StatusOK)
	}
	owner.Get(workflow).Is(http.StatusOK, "The plan is on file, and the model serves")
}

func TestStepsAreDoneOnThePage(t *testing.T) {
	t.Parallel()
	s := serving(t)
	s.Trigger(t, slug)
	view := s.RetireTo(t, slug, retirement.Cutover, s.Clock)
	b := s.As(s.Contributor)
	first := view.Workflow.StepsInOrder()[0]
	b.Get(workflow).Is(http.StatusOK, first.Title, "Do it")
	filled(b, "step", "step.1", "note", "At noon").Is(http.StatusOK, "The step is done.", "At noon")
	b.Post(do("step"), url.Values{"key": {"step.1"}}).Is(http.StatusConflict, "This step is done already.")
	b.Post(do("step"), url.Values{"key": {"step.99"}}).Is(http.StatusNotFound)
	if first.Reversible {
		filled(b, "undo", "step.1", "reason", "It failed").Is(http.StatusOK, "The step is taken back.")
	}
}

func TestAModelThatNeverServedHasNothingToRetire(t *testing.T) {
	t.Parallel()
	s, _ := site(t)
	s.As(s.Owner).Get(workflow).Is(http.StatusOK, "Nothing to carry out yet", "To the retirement plan")
	s.As(s.Owner).Get(do("abort")).Is(http.StatusForbidden, "No retirement of this model has begun.")
	s.As(s.Owner).Post(do("abort"), url.Values{"reason": {"Whatever"}}).Is(http.StatusNotFound)
	s.As(s.Owner).Get(link.Workflow("nobody")).Is(http.StatusNotFound)
}

func TestAPlansHistoryTellsOfItsCriterionInWords(t *testing.T) {
	t.Parallel()
	s := serving(t)
	plan, err := s.Store.Plan(t.Context(), slug, s.Policy)
	if err != nil {
		t.Fatal(err)
	}
	c, now := plan.InForce.Body.Trigger.Criterion, s.Clock.Now()
	_, err = s.Store.AddReports(s.World.As(s.Contributor), slug, func(*registry.Model, time.Time) ([]telemetry.Report, error) {
		return []telemetry.Report{{Metric: c.Metric, Value: *c.Threshold - 0.1, From: now.AddDate(0, 0, -31), To: now.Add(-time.Minute), Source: c.Source, ReceivedAt: now}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.As(s.Owner).Get(link.Retirement(slug)).Is(http.StatusOK, "saw the replacement criterion of plan 1 hold").Lacks("criterion.met")
}
