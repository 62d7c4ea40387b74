package retirement_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// stage is a world with a movable clock, in which the fraud scorer serves.
func stage() *retirement.World {
	m := model()
	m.Stage = registry.Production
	v := &registry.Version{ID: 70, ModelID: m.ID, Label: "v7", Kind: registry.Trained, Stage: registry.Production, ServedSince: now.AddDate(0, -3, 0)}
	return &retirement.World{
		Now: now, Model: m, Version: v, Serving: &registry.ServingRecord{ID: 9, ModelID: m.ID, VersionID: v.ID, Since: v.ServedSince},
		People: people(), Candidate: retirement.CandidateFact{Found: true, Alive: true, Label: "fraud-scorer-2 v1"},
		BreakGlass: []org.Role{org.RiskReviewer, org.Admin}, BreakGlassHours: 72,
		MinKeepDays: map[retirement.AssetKind]int{},
	}
}

func later(c *retirement.World, days int) { c.Now = c.Now.AddDate(0, 0, days) }

// reported makes stamps tell how much of the last day the new version answered.
func reported(c *retirement.World, old, fresh int64) {
	c.Traffic = retirement.Traffic{Reported: true, NewMeasured: true, OldLastDay: old, NewLastDay: fresh, LastOld: c.Traffic.LastOld}
	if old > 0 {
		c.Traffic.LastOld = c.Now
	}
}

func triggered(t *testing.T, c *retirement.World) *retirement.Workflow {
	t.Helper()
	w, err := retirement.Begin(actor(ownerID), retirement.Ending, retirement.Cause{Kind: "person", Sentence: "The new scorer is better."},
		retirement.Start{Plan: approved(t), Number: 1}, c)
	must(t, err)
	w.ID = 5
	return w
}

// to leads a workflow of tier 1 forward until it is in a phase.
func to(t *testing.T, w *retirement.Workflow, p retirement.Phase, c *retirement.World) *retirement.Workflow {
	t.Helper()
	lead := actor(ownerID)
	for w.Phase != p {
		was := w.Phase
		switch was {
		case retirement.Announced:
			for _, x := range w.Consumers {
				must(t, w.AnswerAs(x.Key, x.Round, retirement.Reply{Answer: retirement.Accept, By: "Pia at " + x.Name}, c))
			}
		case retirement.Cutover:
			for _, s := range w.StepsInOrder() {
				must(t, w.CompleteStep(actor(memberID), s.Order, "Done as planned", c))
			}
			reported(c, 1, 999)
		case retirement.DualRun:
			later(c, 40)
		case retirement.Drain:
			reported(c, 0, 1000)
			later(c, 8)
		case retirement.RollbackWindow:
			later(c, 15)
		case retirement.Disposition:
			disposeAll(t, w, c)
		case retirement.Sealed:
			later(c, retirement.WatchDays)
			if !w.Tick(c) {
				t.Fatalf("a clean watch did not end: %+v", w.Blockers(c))
			}
			continue
		}
		vouchAll(t, w, c)
		must(t, w.Advance(lead, was, c))
	}
	return w
}

func vouchAll(t *testing.T, w *retirement.Workflow, c *retirement.World) {
	t.Helper()
	for _, x := range w.Blockers(c) {
		if x.Attestable {
			must(t, w.Attest(actor(memberID), x.Key, "Seen on the dashboard this morning", "https://wiki.example.org/1", c))
			must(t, w.ConfirmAttestation(actor(reviewerID), x.Key, c))
		}
	}
}

func certificate(on day.Day) retirement.DeletionCertificate {
	return retirement.DeletionCertificate{
		Method: "Objects and their versions removed", Tool: "storage job 114", Performer: "Mina Member", PerformedOn: on,
		Probe: "Listing the bucket with versions", Result: "No object is listed", DigestBefore: "sha256:" + strings.Repeat("ab", 32), LegalBasis: "Art. 17 GDPR",
	}
}

func disposeAll(t *testing.T, w *retirement.Workflow, c *retirement.World) {
	t.Helper()
	later(c, 60)
	for i, a := range w.Plan.Assets {
		if a.Decision == retirement.KeepUntil {
			must(t, w.Keep(actor(memberID), i, "Records archive", c))
			continue
		}
		if a.Hold != retirement.HoldNone {
			must(t, w.ClearHold(actor(memberID), i, "Legal was asked and knows of none", c))
		}
		must(t, w.Certify(actor(memberID), i, certificate(c.Today()), c))
		must(t, w.Verify(actor(reviewerID), i, "Listed the bucket again: empty", c))
	}
}

func TestARetirementIsWalkedToItsEnd(t *testing.T) {
	t.Parallel()
	c := stage()
	w := to(t, triggered(t, c), retirement.Retired, c)
	if c.Version.Stage != registry.Retired || c.Serving.Until.IsZero() {
		t.Errorf("the version is %s and serves until %v", c.Version.Stage, c.Serving.Until)
	}
	var way []retirement.Phase
	for _, h := range w.History {
		way = append(way, h.To)
	}
	if got, want := fmt.Sprint(way), fmt.Sprint(retirement.Phases); got != want {
		t.Errorf("went %s, want %s", got, want)
	}
	verbs := map[string]bool{}
	for _, n := range w.Notes() {
		verbs[n.Verb] = true
	}
	for _, v := range []string{"retirement.triggered", "retirement.announced", "retirement.answered", "retirement.step_done", "retirement.attested",
		"retirement.attestation_confirmed", "retirement.certified", "retirement.certificate_verified", "version.disabled", "version.retired", "retirement.retired"} {
		if !verbs[v] {
			t.Errorf("no event %s", v)
		}
	}
}

func TestEachPhaseEndsOnAFact(t *testing.T) {
	t.Parallel()
	type W = retirement.Workflow
	type C = retirement.World
	rows := []struct {
		name  string
		phase retirement.Phase
		spoil func(*W, *C)
		holds string // the key of the condition that holds it back
	}{
		{"a consumer is silent on a tier 1 model", retirement.Announced, func(_ *W, c *C) { later(c, 400) }, "answer.c1"},
		{"a consumer objects", retirement.Announced, func(w *W, c *C) {
			answer(w, c, retirement.Reply{Answer: retirement.Object, Reason: "Month-end closing", By: "Pia"})
		}, "answer.c1"},
		{"a consumer needs time", retirement.Announced, func(w *W, c *C) {
			answer(w, c, retirement.Reply{Answer: retirement.NeedTime, Until: c.Today().Add(9), Reason: "Our release is in a week", By: "Pia"})
		}, "answer.c1"},
		{"the candidate died", retirement.DualRun, func(_ *W, c *C) { c.Candidate.Alive = false }, "candidate"},
		{"the dual run is too short", retirement.DualRun, func(*W, *C) {}, "dual_run"},
		{"equivalence was not shown", retirement.DualRun, func(_ *W, c *C) { later(c, 40) }, "equivalence.1"},
		{"a step is open", retirement.Cutover, func(_ *W, c *C) { reported(c, 0, 10) }, "step.1"},
		{"98.9 % of the traffic", retirement.Cutover, func(_ *W, c *C) { reported(c, 11, 989) }, "traffic"},
		{"an old stamp six days ago", retirement.Drain, func(_ *W, c *C) { reported(c, 1, 999); later(c, 6) }, "drain"},
		{"no stamps and nobody's word", retirement.Drain, func(_ *W, c *C) { c.Traffic = retirement.Traffic{} }, "drain"},
		{"the window is open", retirement.RollbackWindow, func(_ *W, c *C) { later(c, 5) }, "window"},
		{"access is not revoked", retirement.Disabled, func(*W, *C) {}, "access.1"},
		{"data is left", retirement.Disposition, func(*W, *C) {}, "asset.1"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := stage()
			w := to(t, triggered(t, c), row.phase, c)
			row.spoil(w, c)
			err := w.Advance(actor(ownerID), row.phase, c)
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Conflict || w.Phase != row.phase {
				t.Fatalf("went to %s with %v", w.Phase, err)
			}
			held := ""
			for _, p := range f.Problems {
				held += p.Field + " "
			}
			if !strings.Contains(held, row.holds+" ") {
				t.Errorf("held by %s, want %s", held, row.holds)
			}
		})
	}
}

func answer(w *retirement.Workflow, c *retirement.World, r retirement.Reply) {
	if err := w.AnswerAs("c1", 1, r, c); err != nil {
		panic(err)
	}
}

func TestSilenceBelowTierOneIsConsentAfterAReminder(t *testing.T) {
	t.Parallel()
	c := stage()
	c.Model.Tier = 2
	w := to(t, triggered(t, c), retirement.Announced, c)
	later(c, 31)
	if len(w.Blockers(c)) == 0 {
		t.Fatal("silence without a reminder was consent")
	}
	if r := w.Reminders(c); len(r) != 1 || !r[0].Escalate {
		t.Fatalf("reminders: %+v", r)
	}
	if r := w.Reminders(c); len(r) != 0 {
		t.Errorf("reminded twice: %+v", r)
	}
	if open := w.Blockers(c); len(open) != 0 {
		t.Errorf("still held back: %+v", open)
	}
}

func TestRemindersComeAfterAWeekAndAWeekBeforeTheEnd(t *testing.T) {
	t.Parallel()
	c := stage()
	w := to(t, triggered(t, c), retirement.Announced, c)
	var days []int
	for d := range 40 {
		for _, r := range w.Reminders(c) {
			if days = append(days, d); r.Escalate != (d > 30) {
				t.Errorf("day %d: escalate %v", d, r.Escalate)
			}
		}
		later(c, 1)
	}
	if got := fmt.Sprint(days); got != "[7 23 31]" {
		t.Errorf("reminded on days %s", got)
	}
}

func TestASecondPersonConfirms(t *testing.T) {
	t.Parallel()
	c := stage()
	w := to(t, triggered(t, c), retirement.Disabled, c)
	refusedAs(t, w.ConfirmAttestation(actor(reviewerID), "access.1", c), fault.Conflict)
	must(t, w.Attest(actor(memberID), "access.1", "The key is gone", "", c))
	refusedAs(t, w.ConfirmAttestation(actor(memberID), "access.1", c), fault.Forbidden)
	refusedAs(t, w.ConfirmAttestation(actor(strangerID), "access.1", c), fault.Forbidden)
	if w.MayAdvance(actor(ownerID), c).Allowed {
		t.Error("one person's word was enough")
	}
	must(t, w.ConfirmAttestation(actor(reviewerID), "access.1", c))
	refusedAs(t, w.ConfirmAttestation(actor(riskID), "access.1", c), fault.Conflict)
	refusedAs(t, w.Attest(actor(memberID), "access.1", "The key is gone", "", c), fault.Conflict)
	refusedAs(t, w.Attest(actor(memberID), "access.9", "The key is gone", "", c), fault.NotFound)
	refusedAs(t, w.Attest(actor(memberID), "access.2", "TBD", "", c), fault.Invalid)
}

func TestMeasuredFactsAreNotAttested(t *testing.T) {
	t.Parallel()
	c := stage()
	w := to(t, triggered(t, c), retirement.Cutover, c)
	reported(c, 500, 500)
	refusedAs(t, w.Attest(actor(memberID), "traffic", "It has moved, trust me", "", c), fault.Conflict)
	refusedAs(t, w.Attest(actor(memberID), "step.1", "It is done, trust me", "", c), fault.Conflict)
}

func TestStepsAreDoneInOrderAndTakenBackWhereReversible(t *testing.T) {
	t.Parallel()
	c := stage()
	w := to(t, triggered(t, c), retirement.Cutover, c)
	w.Plan.Steps = []retirement.Step{{Order: 1, Title: "One", Reversible: true}, {Order: 2, Title: "Two"}, {Order: 3, Title: "Three", Reversible: true}}
	refusedAs(t, w.CompleteStep(actor(memberID), 2, "", c), fault.Conflict)
	must(t, w.CompleteStep(actor(memberID), 1, "", c))
	refusedAs(t, w.CompleteStep(actor(memberID), 1, "", c), fault.Conflict)
	refusedAs(t, w.CompleteStep(actor(strangerID), 2, "", c), fault.Forbidden)
	must(t, w.UndoStep(actor(memberID), 1, "It failed", c))
	must(t, w.CompleteStep(actor(memberID), 1, "", c))
	must(t, w.CompleteStep(actor(memberID), 2, "", c))
	refusedAs(t, w.UndoStep(actor(memberID), 1, "It failed", c), fault.Conflict)
	refusedAs(t, w.UndoStep(actor(memberID), 2, "It failed", c), fault.Conflict)
	refusedAs(t, w.CompleteStep(actor(memberID), 9, "", c), fault.NotFound)
}

func TestDataIsDeletedOnlyWhenItMayBe(t *testing.T) {
	t.Parallel()
	c := stage()
	w := to(t, triggered(t, c), retirement.Disposition, c)
	w.Plan.Assets = []retirement.DataAsset{
		{Kind: "weights", Name: "Weights", Decision: retirement.Delete, Hold: retirement.HoldUnknown},
		{Kind: "prediction_logs", Name: "Logs", Decision: retirement.Delete, Hold: retirement.HoldNone, PersonalData: true},
		{Kind: "eval_sets", Name: "Sets", Decision: retirement.KeepUntil, KeepUntil: c.Today().Add(90), Hold: retirement.HoldHeld},
	}
	c.MinKeepDays["prediction_logs"] = 180
	member, good := actor(memberID), certificate(c.Today())

	refusedAs(t, w.Certify(member, 0, good, c), fault.Conflict) // a hold may stand
	must(t, w.ClearHold(member, 0, "Legal knows of none", c))
	early := good
	early.PerformedOn = w.WindowEnds().Add(-1)
	refusedField(t, w.Certify(member, 0, early, c), "performed_on")
	refusedField(t, w.Certify(member, 1, good, c), "performed_on") // the policy keeps logs for longer
	blank := good
	blank.Probe, blank.PerformedOn = "n/a", c.Today().Add(1)
	refusedField(t, w.Certify(member, 0, blank, c), "probe")
	refusedField(t, w.Certify(member, 0, blank, c), "performed_on")
	without := good
	without.LegalBasis = ""
	refusedField(t, w.Certify(member, 1, without, c), "legal_basis")

	must(t, w.Certify(member, 0, good, c))
	refusedAs(t, w.Verify(member, 0, "I looked again", c), fault.Forbidden)
	must(t, w.Verify(actor(reviewerID), 0, "I looked too", c))
	refusedAs(t, w.Verify(actor(riskID), 0, "I looked too", c), fault.Conflict)
	refusedAs(t, w.Certify(member, 0, good, c), fault.Conflict)
	refusedAs(t, w.Certify(member, 2, good, c), fault.Conflict) // kept, not deleted
	must(t, w.Keep(member, 2, "Records archive", c))            // a hold does not forbid to keep
	refusedAs(t, w.Keep(member, 0, "Records archive", c), fault.Conflict)
	refusedAs(t, w.Keep(member, 7, "Records archive", c), fault.NotFound)
}

func TestAnExtensionIsDecidedOneLevelUpAndTwiceAtMost(t *testing.T) {
	t.Parallel()
	c := stage()
	w := to(t, triggered(t, c), retirement.Announced, c)
	c.VendorEnd = w.EndsOn.Add(60)
	owner, above := actor(ownerID), actor(riskID)
	refusedField(t, w.AskExtension(owner, w.EndsOn, "More time", c), "to")
	refusedField(t, w.AskExtension(owner, c.VendorEnd.Add(1), "More time", c), "to")
	refusedField(t, w.AskExtension(owner, w.EndsOn.Add(5), "later", c), "reason")
	refusedAs(t, w.AskExtension(actor(memberID), w.EndsOn.Add(5), "More time", c), fault.Forbidden)
	for range 2 {
		ends := w.EndsOn
		must(t, w.AskExtension(owner, ends.Add(20), "Month-end closing", c))
		refusedAs(t, w.AskExtension(owner, ends.Add(30), "Month-end closing", c), fault.Conflict)
		if w.MayAdvance(owner, c).Allowed {
			t.Error("a phase ends beside an open extension")
		}
		refusedAs(t, w.DecideExtension(owner, true, "", c), fault.Forbidden)
		refusedAs(t, w.DecideExtension(actor(reviewerID), true, "", c), fault.Forbidden) // tier 1 asks for risk
		must(t, w.DecideExtension(above, true, "", c))
		if w.EndsOn != ends.Add(20) {
			t.Errorf("ends on %s", w.EndsOn)
		}
	}
	refusedAs(t, w.AskExtension(owner, w.EndsOn.Add(5), "More time", c), fault.Conflict)
}

func TestRollBackWhileTheWindowIsOpen(t *testing.T) {
	t.Parallel()
	c := stage()
	w := to(t, triggered(t, c), retirement.Announced, c)
	refusedAs(t, w.RollBack(actor(ownerID), "Too many declines", c), fault.Conflict)
	to(t, w, retirement.RollbackWindow, c)
	refusedAs(t, w.Abort(actor(ownerID), "Too many declines", c), fault.Conflict)
	refusedAs(t, w.RollBack(actor(memberID), "Too many declines", c), fault.Forbidden)
	refusedAs(t, w.RollBack(actor(ownerID), "", c), fault.Invalid)
	late := *c
	later(&late, 30)
	refusedAs(t, w.RollBack(actor(ownerID), "Too many declines", &late), fault.Conflict)
	must(t, w.RollBack(actor(ownerID), "Too many declines", c))
	if c.Version.Stage != registry.Production || !c.Serving.Until.IsZero() || w.Phase != retirement.RolledBack {
		t.Errorf("%s, version %s", w.Phase, c.Version.Stage)
	}
	refusedAs(t, w.Advance(actor(ownerID), retirement.RolledBack, c), fault.Conflict)
	refusedAs(t, w.Order(actor(riskID), "Leak", c), fault.Conflict)
}

func TestAnEmergencyStopsAtOnceAndOwesAReview(t *testing.T) {
	t.Parallel()
	c := stage()
	w := to(t, triggered(t, c), retirement.Announced, c)
	refusedAs(t, w.Order(actor(ownerID), "It leaks names", c), fault.Forbidden)
	must(t, w.Order(actor(riskID), "It leaks names", c))
	if w.Phase != retirement.Disabled || c.Version.Stage == registry.Production || c.Serving.Until.IsZero() {
		t.Fatalf("%s, version %s", w.Phase, c.Version.Stage)
	}
	if got := w.Emergency.DueAt.Sub(c.Now); got != 72*time.Hour {
		t.Errorf("review due in %v", got)
	}
	refusedAs(t, w.SettleDebt(actor(riskID), true, "It was right", c), fault.Forbidden)
	vouchAll(t, w, c)
	must(t, w.Advance(actor(ownerID), retirement.Disabled, c))
	early := certificate(c.Today())
	refusedField(t, w.Certify(actor(memberID), firstDeletion(w), early, c), "performed_on")
	disposeAll(t, w, c)
	refusedAs(t, w.Advance(actor(ownerID), retirement.Disposition, c), fault.Conflict)
	must(t, w.SettleDebt(actor(reviewerID), true, "It was right", c))
	must(t, w.Advance(actor(ownerID), retirement.Disposition, c))
	if w.Phase != retirement.Sealed {
		t.Errorf("in %s", w.Phase)
	}
}

func firstDeletion(w *retirement.Workflow) int {
	for i, a := range w.Plan.Assets {
		if a.Decision == retirement.Delete && a.Hold == retirement.HoldNone {
			return i
		}
	}
	panic("the sample plan deletes nothing")
}

func TestWhoGotAnAnswerFromARetiredVersionReopensTheWatch(t *testing.T) {
	t.Parallel()
	c := stage()
	w := to(t, triggered(t, c), retirement.Retired, c)
	w.SealWith("abc", c)
	if w.See(nil, c) {
		t.Error("nobody was seen")
	}
	if !w.See([]retirement.Sighting{{App: "batch-7", N: 3, At: c.Now}}, c) || w.Phase != retirement.Sealed || w.DossierSHA != "abc" {
		t.Fatalf("in %s", w.Phase)
	}
	later(c, 29)
	if w.Tick(c) {
		t.Error("the watch ended early")
	}
	later(c, 1)
	if !w.Tick(c) || w.Phase != retirement.Retired {
		t.Errorf("in %s", w.Phase)
	}
}

func TestTheLightWayIsFourSteps(t *testing.T) {
	t.Parallel()
	c := stage()
	c.Depth, c.Model.Tier = retirement.Light, 3
	w := triggered(t, c)
	if w.Phase != retirement.Announced || len(w.Way()) != 4 {
		t.Fatalf("begins in %s of %v", w.Phase, w.Way())
	}
	must(t, w.Announce(actor(ownerID), c))
	refusedAs(t, w.Announce(actor(ownerID), c), fault.Conflict)
	to(t, w, retirement.Retired, c)
	if c.Version.Stage != registry.Retired || w.SealedAt.IsZero() {
		t.Errorf("version %s, sealed %v", c.Version.Stage, w.SealedAt)
	}
}

func TestARehearsalHasNoEffect(t *testing.T) {
	t.Parallel()
	c := stage()
	w, err := retirement.Begin(actor(ownerID), retirement.Rehearsal, retirement.Cause{Kind: "person", Sentence: "Yearly rehearsal"}, retirement.Start{Plan: approved(t), Number: 1}, c)
	must(t, err)
	refusedAs(t, w.Advance(actor(ownerID), w.Phase, c), fault.Conflict)
	refusedField(t, w.Walk(actor(ownerID), w.Phase, true, "", c), "finding")
	for w.Open() {
		must(t, w.Walk(actor(memberID), w.Phase, w.Phase != retirement.Drain, "Asked everybody who would do it", c))
	}
	if w.Phase != retirement.Rehearsed || c.Version.Stage != registry.Production || !c.Serving.Until.IsZero() || len(w.Consumers) != 0 {
		t.Errorf("%s with effect", w.Phase)
	}
	for _, n := range w.Notes() {
		if n.After.(map[string]any)["rehearsal"] != true {
			t.Errorf("%s does not say that it was a rehearsal", n.Verb)
		}
	}
}

func TestWhatBeginsARetirement(t *testing.T) {
	t.Parallel()
	c, p := stage(), approved(t)
	cause := retirement.Cause{Kind: "person", Sentence: "The new scorer is better."}
	begin := func(a org.Actor, s retirement.Start, c *retirement.World) error {
		_, err := retirement.Begin(a, retirement.Ending, cause, s, c)
		return err
	}
	refusedAs(t, begin(actor(ownerID), retirement.Start{}, c), fault.Conflict)
	refusedAs(t, begin(actor(ownerID), retirement.Start{Plan: submitted(t)}, c), fault.Conflict)
	refusedAs(t, begin(actor(memberID), retirement.Start{Plan: p}, c), fault.Forbidden)
	refusedAs(t, begin(actor(ownerID), retirement.Start{Plan: p, Running: triggered(t, c)}, c), fault.Conflict)
	idle := *c
	idle.Version = nil
	refusedAs(t, begin(actor(ownerID), retirement.Start{Plan: p}, &idle), fault.Conflict)
	if err := begin(org.System, retirement.Start{Plan: p}, c); err != nil {
		t.Errorf("not by itself: %v", err)
	}

	dated := *p
	dated.Body.Trigger = retirement.Trigger{Kind: "replaced", Date: today}
	for d, want := range map[int]bool{-1: false, 0: true, 3: true} {
		if _, is := retirement.Due(&dated, world(), today.Add(d)); is != want {
			t.Errorf("day %d: due %v", d, is)
		}
	}
	vendor := *p
	vendor.Body.Trigger = retirement.Trigger{Kind: retirement.VendorEndOfLife}
	vendor.Body.Dates = retirement.Dates{}
	ctx := world()
	ctx.VendorEnd, ctx.ReviewDays, ctx.CutoverMedianDays = today.Add(100), 5, 40 // 40 + 14 + 5 = 59 days
	for d, want := range map[int]bool{40: false, 41: true} {
		if _, is := retirement.Due(&vendor, ctx, today.Add(d)); is != want {
			t.Errorf("vendor's end, day %d: due %v", d, is)
		}
	}
}

func TestCallersWhomNobodyDeclaredAreHeard(t *testing.T) {
	t.Parallel()
	c := stage()
	c.Undeclared = []retirement.AppSeen{{App: "batch-7", N: 40}, {App: "payments", N: 3}} // Payments is declared
	w := to(t, triggered(t, c), retirement.Announced, c)
	if len(w.Consumers) != 2 || !w.Consumers[1].Discovered || w.Consumers[1].Name != "batch-7" {
		t.Fatalf("consumers: %+v", w.Consumers)
	}
	c.Undeclared = append(c.Undeclared, retirement.AppSeen{App: "late-comer"})
	if !w.Discover(c) || w.Discover(c) || len(w.Consumers) != 3 {
		t.Errorf("discovered %d", len(w.Consumers))
	}
	must(t, w.Record(actor(memberID), "c2", retirement.Reply{Answer: retirement.Accept, By: "Bo", How: "Ticket 12"}, c))
	refusedAs(t, w.ConfirmRecord(actor(memberID), "c2", c), fault.Forbidden)
	must(t, w.ConfirmRecord(actor(reviewerID), "c2", c))
	refusedAs(t, w.AnswerAs("c2", 7, retirement.Reply{Answer: retirement.Accept, By: "Bo"}, c), fault.NotFound)
}

func TestASupersedingGoesOnByItself(t *testing.T) {
	t.Parallel()
	c := stage()
	c.Version.Stage, c.Version.SupersededAt, c.Version.RollbackUntil = registry.Staged, c.Now, c.Now.AddDate(0, 0, 14)
	w := retirement.Supersede(actor(reviewerID), c.Version, &registry.Version{ID: 71, Label: "v8"}, 1, 14, c)
	reported(c, 30, 70)
	later(c, 20)
	if w.Tick(c) {
		t.Error("it went on while a third of the traffic was old")
	}
	reported(c, 0, 70)
	if !w.Tick(c) || w.Phase != retirement.Retired || c.Version.Stage != registry.Retired {
		t.Errorf("%s, version %s", w.Phase, c.Version.Stage)
	}
	if w.See([]retirement.Sighting{{App: "x"}}, c) {
		t.Error("a superseding has no watch")
	}
}

func TestStepsAreDueBackFromTheEnd(t *testing.T) {
	t.Parallel()
	c := stage()
	w := triggered(t, c)
	w.Plan.Rollback.WindowDays = 14
	w.Plan.Steps = []retirement.Step{{Order: 2, ExpectedDays: 3}, {Order: 1, ExpectedDays: 5, DualRunDays: 10}}
	for order, want := range map[int]day.Day{2: w.EndsOn.Add(-21), 1: w.EndsOn.Add(-24)} {
		if got := w.DueOn(order); got != want {
			t.Errorf("step %d is due on %s, want %s", order, got, want)
		}
	}
}

func refusedAs(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("got %v, want a fault of kind %d", err, kind)
	}
}

func refusedField(t *testing.T, err error, field string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	for _, p := range f.Problems {
		if p.Field == field {
			return
		}
	}
	t.Errorf("%v says nothing at %s", err, field)
}

func TestAConsumerIsToldAnew(t *testing.T) {
	t.Parallel()
	c := stage()
	w := to(t, triggered(t, c), retirement.Announced, c)
	later(c, 20)
	w.Reminders(c)
	refusedAs(t, w.TellAnew(actor(strangerID), "c1", 1, "new@example.test", c), fault.Forbidden)
	refusedAs(t, w.TellAnew(actor(memberID), "c9", 1, "new@example.test", c), fault.NotFound)
	for _, nowhere := range []string{" ", "not an email", "<script>@x", "a@b.example\nBcc: x@y.example", "a@b.example, c@d.example", "Team <a@b.example>", "a@localhost", "#channel"} {
		refusedAs(t, w.TellAnew(actor(memberID), "c1", 1, nowhere, c), fault.Invalid)
	}
	must(t, w.TellAnew(actor(memberID), "c1", 1, " new@example.test ", c))
	refusedAs(t, w.TellAnew(actor(memberID), "c1", 1, "other@example.test", c), fault.Conflict)
	x, _ := w.Consumer("c1")
	if x.Contact != "new@example.test" || x.Round != 2 || !x.ToldAt.Equal(c.Now) || !x.RemindedAt.IsZero() || x.NoticeEnds() != day.Of(c.Now).Add(max(x.NoticeDays, retirement.LeastNoticeDays)) {
		t.Errorf("%+v", x)
	}
	yes := retirement.Reply{Answer: retirement.Accept, By: "Pia"}
	refusedAs(t, w.AnswerAs("c1", 1, yes, c), fault.NotFound)
	must(t, w.AnswerAs("c1", 2, yes, c))
	refusedAs(t, w.TellAnew(actor(memberID), "c1", 2, "new@example.test", c), fault.Conflict)
}
