package lifecycle

import (
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/registry"
)

// takeover is an applied request that put v7 in v6's place.
func takeover(t *testing.T) *Dossier {
	t.Helper()
	f := complete(registry.Trained, 2, registry.Staged)
	old := complete(registry.Trained, 2, registry.Production).Version
	old.ID, old.Label, old.ServedSince = 6, "v6", noon.AddDate(0, -6, 0)
	f.Serving = &Serving{Record: registry.ServingRecord{ID: 60, VersionID: 6, Since: old.ServedSince}, Version: old}
	d := NewDossier(f, policy(t, "standard"))
	d.ID = 41
	if err := d.Propose(requester, registry.Production, "Better on refunds.", noon); err != nil {
		t.Fatal(err)
	}
	approve(t, d, outsider)
	return d
}

func TestANewVersionTakesOver(t *testing.T) {
	d := takeover(t)
	old := d.Facts.Serving.Version
	if old.Stage != registry.Staged || !old.SupersededAt.Equal(noon) || !old.RollbackUntil.Equal(noon.AddDate(0, 0, 14)) {
		t.Errorf("the old one leaves production and may return for 14 days: %+v", old)
	}
	if d.Ended == nil || d.Ended.ID != 60 || !d.Ended.Until.Equal(noon) || d.Began.VersionID != 7 || !d.Began.Since.Equal(noon) {
		t.Errorf("one record ends where the other begins: %+v %+v", d.Ended, d.Began)
	}
	if len(d.Touched) != 2 {
		t.Errorf("two versions changed their stage, %d are to be saved", len(d.Touched))
	}
	if !MayReturn(&old, noon.AddDate(0, 0, 13)) || MayReturn(&old, noon.AddDate(0, 0, 14)) {
		t.Error("the window is 14 days, its end not included")
	}
}

func TestASupersededVersionReturnsWithOneReview(t *testing.T) {
	d := takeover(t)
	f := complete(registry.Trained, 1, registry.Staged) // tier 1 would need two
	f.Version = d.Facts.Serving.Version
	f.Version.Lineage.Code.Commit = "" // what was green half a year ago need not be today
	f.Serving = &Serving{Record: *d.Began, Version: d.Facts.Version}
	f.Plan.Plan.ConfirmedAt = noon
	back := NewDossier(f, policy(t, "standard"))
	back.ID = 42
	if err := back.Propose(requester, registry.Production, "v7 fails on refunds.", noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if back.Move != Rollback || back.Needs() != (Quorum{Count: 1}) {
		t.Fatalf("it should be a rollback that needs one: %s %+v", back.Move, back.Needs())
	}
	for _, c := range back.Gate(noon).Checks {
		if !c.Iron {
			t.Errorf("a rollback asks only what is iron, not %s", c.Key)
		}
	}
	refused(t, back.Review(requester, Approve, back.CurrentDigest(noon), "", noon), fault.Forbidden, "asked for this")
	approve(t, back, insider)
	if back.State != Applied || back.Began.How != "rollback" || !back.Facts.Version.RollbackUntil.IsZero() || back.Facts.Serving.Version.Stage != registry.Staged {
		t.Errorf("it serves again and the other may return in its turn: %+v", back.Facts.Version)
	}
}

func TestARollbackStillNeedsALivingPlan(t *testing.T) {
	f := complete(registry.Trained, 2, registry.Staged)
	f.Version.SupersededAt, f.Version.RollbackUntil, f.Version.ServedSince = noon.Add(-time.Hour), noon.Add(time.Hour), noon.AddDate(0, -1, 0)
	f.Plan.Plan = nil
	d := NewDossier(f, policy(t, "standard"))
	if err := d.Propose(requester, registry.Production, "v8 fails.", noon); err != nil {
		t.Fatal(err)
	}
	refused(t, d.Review(outsider, Approve, d.CurrentDigest(noon), "", noon), fault.Invalid, "No retirement plan")
}

func TestAfterTheWindowTheLongWay(t *testing.T) {
	f := complete(registry.Trained, 1, registry.Staged)
	f.Version.SupersededAt, f.Version.RollbackUntil = noon.AddDate(0, 0, -15), noon.AddDate(0, 0, -1)
	d := NewDossier(f, policy(t, "standard"))
	if err := d.Propose(requester, registry.Production, "Back to v6 for good.", noon); err != nil || d.Move != Forward || d.Needs().Count != 2 {
		t.Errorf("past its window it is promoted like any other: %v %s %+v", err, d.Move, d.Needs())
	}
}

func TestWhoGoesBackGoesTheWholeWayAgain(t *testing.T) {
	f := complete(registry.Trained, 2, registry.Staged)
	f.Version.SupersededAt, f.Version.RollbackUntil = noon.Add(-time.Hour), noon.AddDate(0, 0, 13)
	d := NewDossier(f, policy(t, "standard"))
	if err := d.Propose(requester, registry.Validated, "Its evaluation was wrong.", noon); err != nil {
		t.Fatal(err)
	}
	if d.State != Applied || d.Facts.Version.Stage != registry.Validated || !d.Facts.Version.RollbackUntil.IsZero() {
		t.Errorf("moved back it loses the short way: %+v", d.Facts.Version)
	}
	d.Facts.Version.Stage = registry.Staged
	if MayReturn(&d.Facts.Version, noon) {
		t.Error("staged again it must not take the short way")
	}
}

func TestMovingBackFromProductionEndsServing(t *testing.T) {
	f := complete(registry.Trained, 2, registry.Production)
	f.Serving = &Serving{Record: registry.ServingRecord{ID: 70, VersionID: 7, Since: noon.Add(-time.Hour)}, Version: f.Version}
	d := NewDossier(f, policy(t, "standard"))
	if err := d.Propose(requester, registry.Validated, "It must not serve.", noon); err != nil || d.State != Open {
		t.Fatalf("leaving production needs a review: %v, %s", err, d.State)
	}
	approve(t, d, outsider)
	if d.Facts.Version.Stage != registry.Validated || d.Ended == nil || d.Began != nil {
		t.Errorf("nothing serves any more: %+v %+v", d.Ended, d.Began)
	}
}

func TestClosing(t *testing.T) {
	served, superseded, lapsed := noon.Add(-time.Hour), noon.Add(-time.Minute), noon.AddDate(0, 0, -20)
	for _, c := range []struct {
		name string
		v    registry.Version
		says string
	}{
		{"an experiment", registry.Version{Stage: registry.Experiment}, ""},
		{"a staged version", registry.Version{Stage: registry.Staged}, ""},
		{"not one in production", registry.Version{Stage: registry.Production, ServedSince: served}, "by its retirement plan"},
		{"not a retired one", registry.Version{Stage: registry.Retired}, "already retired"},
		{"not one that served and was moved back", registry.Version{Stage: registry.Validated, ServedSince: served}, "has served"},
		{"not one that may return", registry.Version{Stage: registry.Staged, ServedSince: served, SupersededAt: superseded, RollbackUntil: noon.Add(time.Hour)}, "may still return"},
		{"one whose window is over", registry.Version{Stage: registry.Staged, ServedSince: lapsed, SupersededAt: lapsed, RollbackUntil: noon}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := registry.Model{ID: 40, Slug: "fraud-scorer", TeamID: fraudTeam}
			may, err := MayClose(&c.v, noon), CloseVersion(requester, &m, &c.v, "Superseded by events.", noon)
			if may.Allowed != (err == nil) || may.Allowed != (c.says == "") {
				t.Fatalf("the page says %+v, the server %v", may, err)
			}
			if c.says != "" {
				refused(t, err, fault.Conflict, c.says)
			} else if c.v.Stage != registry.Retired || c.v.ClosedReason == "" || len(c.v.Notes()) != 1 {
				t.Errorf("closed with its reason, on record: %+v", c.v)
			}
		})
	}
	v := registry.Version{Stage: registry.Staged}
	m := registry.Model{TeamID: fraudTeam}
	refused(t, CloseVersion(requester, &m, &v, "", noon), fault.Invalid, "reason")
	refused(t, CloseVersion(stranger, &m, &v, "Not ours, but still.", noon), fault.Forbidden, "own team")
	refused(t, CloseVersion(viewer, &m, &v, "I do not like it.", noon), fault.Forbidden, "contributors")
}

func TestLapsing(t *testing.T) {
	m := registry.Model{ID: 40, Slug: "fraud-scorer"}
	v := registry.Version{Stage: registry.Staged, SupersededAt: noon.AddDate(0, 0, -14), RollbackUntil: noon}
	if Lapse(&m, &v, noon.Add(-time.Second)) || v.Stage != registry.Staged {
		t.Error("not before its window is over")
	}
	if !Lapse(&m, &v, noon) || v.Stage != registry.Retired || v.ClosedReason == "" || len(v.Notes()) != 1 {
		t.Errorf("retired once its window is over: %+v", v)
	}
	if Lapse(&m, &v, noon) {
		t.Error("once is enough")
	}
	fresh := registry.Version{Stage: registry.Staged}
	if Lapse(&m, &fresh, noon) {
		t.Error("what was never superseded does not lapse")
	}
}

func TestARollbackThatWaitsPastItsWindowIsNotApproved(t *testing.T) {
	f := complete(registry.Trained, 1, registry.Staged)
	f.Version.SupersededAt, f.Version.RollbackUntil, f.Version.ServedSince = noon.Add(-time.Hour), noon.Add(time.Hour), noon.AddDate(0, -1, 0)
	d := NewDossier(f, policy(t, "standard"))
	if err := d.Propose(requester, registry.Production, "v8 fails.", noon); err != nil || d.Move != Rollback {
		t.Fatal(err, d.Move)
	}
	late := noon.Add(2 * time.Hour)
	refused(t, d.Review(outsider, Approve, d.CurrentDigest(late), "", late), fault.Conflict, "window is over")
	if d.State != Open {
		t.Errorf("one review of the short way did what the long way needs two for: %s", d.State)
	}
	if err := d.Review(outsider, Reject, d.CurrentDigest(late), "Ask for a promotion instead.", late); err != nil {
		t.Errorf("it can still be rejected: %v", err)
	}
}
