package lifecycle

import (
	"strings"
	"testing"

	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/vendors"
)

var today0 = day.Of(noon)

// unfair is a version whose fairness check is missing: something to ask a waiver for.
func unfair() Facts {
	f := complete(registry.Trained, 1, registry.Staged)
	withEvidence(evidence.Fairness, func(e *evidence.Evidence) { e.Withdrawn = true })(&f)
	return f
}

func askedWaiver(t *testing.T, f *Facts, key string) *Waiver {
	t.Helper()
	w, err := AskWaiver(requester, f, policy(t, "standard"), key, "The check runs next week.", today0.Add(30), noon)
	if err != nil {
		t.Fatal(err)
	}
	w.ID = 5
	return w
}

func TestAGrantedWaiverSetsItsCheckAside(t *testing.T) {
	f := unfair()
	w := askedWaiver(t, &f, "fairness")
	f.Waivers = []Waiver{*w}
	if GateTo(&f, registry.Production, policy(t, "standard"), noon).Green() {
		t.Fatal("a waiver that was only asked for counts already")
	}
	if err := w.Decide(risk, &f, true, "", noon); err != nil {
		t.Fatal(err)
	}
	f.Waivers = []Waiver{*w}
	g := GateTo(&f, registry.Production, policy(t, "standard"), noon)
	c, _ := check(g, "fairness")
	if !g.Green() || c.Outcome != Waived || c.WaiverID != 5 || !strings.Contains(c.Fact, "Rita Risk") {
		t.Errorf("the check should be waived and say by whom: %+v", c)
	}
	if w.Notes()[0].Verb != "waiver.asked" || w.Notes()[1].Verb != "waiver.granted" {
		t.Errorf("both steps are on record: %+v", w.Notes())
	}
	after := noon.AddDate(0, 0, 31)
	if c, _ := check(GateTo(&f, registry.Production, policy(t, "standard"), after), "fairness"); c.Outcome == Waived {
		t.Error("a waiver ends with its date")
	}
	f.Version.ID = 8
	if c, _ := check(GateTo(&f, registry.Production, policy(t, "standard"), noon), "fairness"); c.Outcome == Waived {
		t.Error("a waiver is for one version")
	}
}

func TestWhatAWaiverCannotLift(t *testing.T) {
	floating := func(class vendors.Class) Facts {
		f := complete(registry.GenAI, 3, registry.Staged)
		f.Vendor.Verdict = vendors.Verdict{Class: class, Reason: "It moves."}
		return f
	}
	noPlan := complete(registry.Trained, 1, registry.Staged)
	noPlan.Plan.Plan = nil
	noSLA := complete(registry.Trained, 1, registry.Staged)
	noSLA.Model.SLA = registry.SLA{}
	noOwner := complete(registry.Trained, 1, registry.Staged)
	noOwner.Model.OwnerID, noOwner.Owner = 0, org.Person{}
	for name, c := range map[string]struct {
		f   Facts
		key string
	}{
		"no plan":                     {noPlan, "plan"},
		"no SLA":                      {noSLA, "sla"},
		"no owner":                    {noOwner, "owner"},
		"a floating id":               {floating(vendors.Floating), "pin"},
		"an undated preview":          {floating(vendors.PreviewFloating), "pin"},
		"an id nobody can classify":   {floating(vendors.Undetermined), "pin"},
		"an id without a verdict":     {floating(""), "pin"},
		"a check of the other kind":   {unfair(), "prompt"},
		"a check that is none":        {unfair(), "everything"},
		"a check that passes already": {unfair(), "code"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := AskWaiver(requester, &c.f, policy(t, "standard"), c.key, "We must go on.", today0.Add(30), noon)
			refused(t, err, fault.Invalid, "check")
			// Even one that is on record does not count.
			c.f.Waivers = []Waiver{{ID: 1, VersionID: c.f.Version.ID, Digest: c.f.Version.Digest(), Key: c.key, State: WaiverGranted, Until: today0.Add(30)}}
			if got, ok := check(GateTo(&c.f, registry.Production, policy(t, "standard"), noon), c.key); ok && got.Outcome == Waived {
				t.Errorf("%s was waived", c.key)
			}
		})
	}
}

func TestADatedPreviewMayBeWaivedUntilTheIdFloats(t *testing.T) {
	f := complete(registry.GenAI, 1, registry.Staged)
	f.Vendor.Verdict = vendors.Verdict{Class: vendors.PreviewPinned, Reason: "A dated preview."}
	w := askedWaiver(t, &f, "pin")
	if err := w.Decide(risk, &f, true, "", noon); err != nil {
		t.Fatal(err)
	}
	f.Waivers = []Waiver{*w}
	if c, _ := check(GateTo(&f, registry.Production, policy(t, "standard"), noon), "pin"); c.Outcome != Waived {
		t.Errorf("a dated preview serves by waiver, is %s", c.Outcome)
	}
	f.Vendor.Verdict.Class = vendors.Floating
	if c, _ := check(GateTo(&f, registry.Production, policy(t, "standard"), noon), "pin"); c.Outcome != Fail {
		t.Errorf("its waiver does not carry a floating id, is %s", c.Outcome)
	}
}

func TestAskingForAWaiver(t *testing.T) {
	p := policy(t, "standard")
	ask := func(a org.Actor, reason string, until day.Day) error {
		f := unfair()
		_, err := AskWaiver(a, &f, p, "fairness", reason, until, noon)
		return err
	}
	if err := ask(requester, "The check runs next week.", today0.Add(90)); err != nil {
		t.Errorf("90 days are allowed: %v", err)
	}
	refused(t, ask(requester, "The check runs next week.", today0.Add(91)), fault.Invalid, "until")
	refused(t, ask(requester, "The check runs next week.", today0.Add(-1)), fault.Invalid, "until")
	refused(t, ask(requester, "The check runs next week.", ""), fault.Invalid, "until")
	refused(t, ask(requester, " ", today0), fault.Invalid, "reason")
	refused(t, ask(requester, "tbd", today0), fault.Invalid, "reason")
	refused(t, ask(stranger, "The check runs next week.", today0), fault.Forbidden, "own team")
	refused(t, ask(viewer, "The check runs next week.", today0), fault.Forbidden, "contributor")
	refused(t, ask(org.System, "The check runs next week.", today0), fault.Forbidden, "Sign in")

	f := unfair()
	f.Waivers = []Waiver{*askedWaiver(t, &f, "fairness")}
	_, err := AskWaiver(requester, &f, p, "fairness", "The check runs next week.", today0, noon)
	refused(t, err, fault.Invalid, "already asked")
	f.Version.Stage = registry.Retired
	_, err = AskWaiver(requester, &f, p, "fairness", "The check runs next week.", today0, noon)
	refused(t, err, fault.Conflict, "retired")
}

func TestDecidingAWaiverNeedsAnotherPerson(t *testing.T) {
	for _, c := range []struct {
		who  org.Actor
		says string // "" may
	}{
		{requester, "asked for this waiver"}, {owner, "own this model"}, {author, "made this version"}, {editor, "changed this version"},
		{recorder, "changed this version or its evidence"}, {viewer, "Only reviewers"}, {stranger, "Only reviewers"}, {admin, "Only reviewers"},
		{org.System, "A person decides"}, {insider, ""}, {outsider, ""}, {risk, ""},
	} {
		t.Run(c.who.Name, func(t *testing.T) {
			f := unfair()
			w := askedWaiver(t, &f, "fairness")
			may, err := w.MayDecideWaiver(c.who, &f), w.Decide(c.who, &f, true, "", noon)
			if may.Allowed != (err == nil) || may.Allowed != (c.says == "") {
				t.Fatalf("page says %+v, server says %v, want %q", may, err, c.says)
			}
			if c.says != "" {
				refused(t, err, fault.Forbidden, c.says)
			}
		})
	}
}

func TestAWaiverIsDecidedOnce(t *testing.T) {
	f := unfair()
	w := askedWaiver(t, &f, "fairness")
	refused(t, w.Decide(risk, &f, false, "", noon), fault.Invalid, "note")
	refused(t, w.Decide(risk, &f, true, "", noon.AddDate(0, 0, 40)), fault.Conflict, "past")
	if err := w.Decide(risk, &f, false, "Run the check first.", noon); err != nil || w.State != WaiverRefused {
		t.Fatal(err)
	}
	refused(t, w.Decide(outsider, &f, true, "", noon), fault.Conflict, "already refused")
}

func TestWhatMayBeWaivedIsWhatFails(t *testing.T) {
	f := unfair()
	f.Plan.Plan = nil
	list := Waivable(&f, policy(t, "standard"), noon)
	if len(list) != 1 || list[0].Key != "fairness" {
		t.Errorf("only the fairness check may be waived: %+v", list)
	}
}

// A waiver weighs the risk of one build: it does not follow the version to another.
func TestAWaiverEndsWhenTheVersionIsBuiltAnew(t *testing.T) {
	t.Parallel()
	v := registry.Version{ID: 7, Label: "v1", Kind: registry.Trained, Lineage: registry.Lineage{Code: registry.Code{Commit: "aaaaaaa"}}}
	w := Waiver{VersionID: 7, Digest: v.Digest(), State: WaiverGranted, Until: today0.Add(9)}
	if !w.InForce(v.ID, v.Digest(), today0) {
		t.Error("it should hold for the build it was granted for")
	}
	v.Lineage.Code.Commit = "bbbbbbb"
	if w.InForce(v.ID, v.Digest(), today0) {
		t.Error("it should not hold for another build")
	}
}
