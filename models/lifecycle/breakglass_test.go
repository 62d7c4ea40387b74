package lifecycle

import (
	"testing"
	"time"

	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/vendors"
)

func broken(t *testing.T, f Facts) *Dossier {
	t.Helper()
	d := NewDossier(f, policy(t, "standard"))
	d.ID = 50
	if err := d.BreakGlass(admin, registry.Production, "Checkout is down; v7 has the fix.", noon); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestBreakingGlassPromotesAtOnceAndOwesAReview(t *testing.T) {
	f := complete(registry.Trained, 1, registry.Staged)
	withEvidence(evidence.Fairness, func(e *evidence.Evidence) { e.Withdrawn = true })(&f) // not every check is green
	d := broken(t, f)
	if d.State != Applied || d.Facts.Version.Stage != registry.Production || d.Began.How != "break-glass" || len(d.Began.ApprovedBy) != 0 {
		t.Errorf("it should serve at once, approved by nobody: %+v %+v", d.Request, d.Began)
	}
	if !d.OwesReview() || !d.DebtDueAt.Equal(noon.Add(72*time.Hour)) {
		t.Errorf("a review is owed within 72 hours, is due %s", d.DebtDueAt)
	}
	if c, _ := check(Gate{Checks: d.Decided}, "fairness"); c.Outcome != Unknown {
		t.Error("the checks are kept as they were, the red one too")
	}
	if d.Notes()[0].Verb != "request.break_glass" || d.Notes()[1].Verb != "version.break_glass" {
		t.Errorf("it is on record as what it was: %+v", d.Notes())
	}
}

func TestIronHoldsBrokenGlassToo(t *testing.T) {
	for name, c := range map[string]struct {
		kind registry.Kind
		do   func(*Facts)
	}{
		"no owner":                 {registry.Trained, func(f *Facts) { f.Model.OwnerID, f.Owner = 0, org.Person{} }},
		"an owner who left":        {registry.Trained, func(f *Facts) { f.Owner.Disabled = true }},
		"no SLA":                   {registry.Trained, func(f *Facts) { f.Model.SLA = registry.SLA{} }},
		"no plan":                  {registry.Trained, func(f *Facts) { f.Plan.Plan = nil }},
		"a stale plan":             {registry.Trained, func(f *Facts) { f.Plan.Findings = []retirement.Finding{{Sentence: "It is overdue."}} }},
		"a floating id":            {registry.GenAI, func(f *Facts) { f.Vendor.Verdict.Class = vendors.Floating }},
		"an id nobody can place":   {registry.GenAI, func(f *Facts) { f.Vendor.Verdict.Class = vendors.Undetermined }},
		"no vendor model is named": {registry.GenAI, func(f *Facts) { f.Version.Release.Host = "" }},
	} {
		t.Run(name, func(t *testing.T) {
			f := complete(c.kind, 1, registry.Staged)
			c.do(&f)
			d := NewDossier(f, policy(t, "standard"))
			err := d.BreakGlass(admin, registry.Production, "Checkout is down.", noon)
			refused(t, err, fault.Invalid, "1 check does not pass")
			if d.Facts.Version.Stage != registry.Staged || d.Began != nil || len(d.Notes()) != 0 {
				t.Error("a refused breaking left something behind")
			}
		})
	}
}

func TestWhoMayBreakGlassAndWhere(t *testing.T) {
	try := func(a org.Actor, from, to registry.Stage, reason string) error {
		return NewDossier(complete(registry.Trained, 1, from), policy(t, "standard")).BreakGlass(a, to, reason, noon)
	}
	for _, who := range []org.Actor{owner, insider, outsider, viewer, org.System, {}} {
		refused(t, try(who, registry.Staged, registry.Production, "Checkout is down."), fault.Forbidden, "may break glass")
	}
	for _, who := range []org.Actor{admin, risk} {
		if err := try(who, registry.Staged, registry.Production, "Checkout is down."); err != nil {
			t.Errorf("%s may: %v", who.Name, err)
		}
	}
	refused(t, try(admin, registry.Staged, registry.Production, ""), fault.Invalid, "reason")
	refused(t, try(admin, registry.Validated, registry.Production, "Checkout is down."), fault.Conflict, "one stage at a time")
	refused(t, try(admin, registry.Production, registry.Production, "Checkout is down."), fault.Conflict, "already production")
	refused(t, try(admin, registry.Staged, registry.Validated, "Checkout is down."), fault.Invalid, "promoting to production")
	refused(t, try(admin, registry.Production, registry.Retired, "Checkout is down."), fault.Invalid, "promoting to production")
}

func TestTheReviewOwedIsGivenByAnEligibleOther(t *testing.T) {
	for _, c := range []struct {
		who  org.Actor
		says string
	}{
		{admin, "Only reviewers"}, {owner, "own this model"}, {author, "made this version"}, {recorder, "or its evidence"}, {viewer, "Only reviewers"},
		{insider, ""}, {risk, ""},
	} {
		t.Run(c.who.Name, func(t *testing.T) {
			d := broken(t, complete(registry.Trained, 1, registry.Staged))
			may, err := d.MaySettle(c.who), d.Settle(c.who, Approve, "It was right: checkout was down.", noon.Add(time.Hour))
			if may.Allowed != (err == nil) || may.Allowed != (c.says == "") {
				t.Fatalf("the page says %+v, the server %v", may, err)
			}
			if c.says != "" {
				refused(t, err, fault.Forbidden, c.says)
			}
		})
	}
	d := NewDossier(complete(registry.Trained, 1, registry.Staged), policy(t, "standard"))
	if err := d.BreakGlass(risk, registry.Production, "Checkout is down.", noon); err != nil {
		t.Fatal(err)
	}
	refused(t, d.Settle(risk, Approve, "I was right, of course.", noon), fault.Forbidden, "asked for this")
}

func TestTheReviewOwedIsGivenOnceAndWithWords(t *testing.T) {
	d := broken(t, complete(registry.Trained, 1, registry.Staged))
	refused(t, d.Settle(risk, RequestChanges, "Change something.", noon), fault.Invalid, "right or wrong")
	refused(t, d.Settle(risk, Reject, "", noon), fault.Invalid, "comment")
	if err := d.Settle(risk, Reject, "A rollback would have done.", noon); err != nil || d.OwesReview() {
		t.Fatal(err)
	}
	if d.State != Applied || len(d.Reviews) != 1 || d.Reviews[0].Verdict != Reject {
		t.Error("a wrong breaking stays applied and is on record as wrong")
	}
	refused(t, d.Settle(outsider, Approve, "No, it was right.", noon), fault.Conflict, "already")
	if d.MaySettle(outsider).Allowed {
		t.Error("the form is gone")
	}
	plain := asked(t, registry.Trained, 2, registry.Staged)
	refused(t, plain.Settle(risk, Approve, "Nothing was broken.", noon), fault.Conflict, "already")
}
