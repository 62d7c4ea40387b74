package lifecycle

import (
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

func TestTheOutlookIsWhatARequestWouldMeet(t *testing.T) {
	d := NewDossier(complete(registry.Trained, 1, registry.Staged), policy(t, "standard"))
	o, err := d.Outlook(registry.Production, noon)
	if err != nil || o.Move != Forward || o.Needs.Count != 2 || !o.Gate.Green() || d.State != "" {
		t.Errorf("%v %+v", err, o)
	}
	if _, err := d.Outlook(registry.Registered, noon); err != nil {
		t.Errorf("back is a way too: %v", err)
	}
	for _, to := range []registry.Stage{registry.Staged, registry.Retired, "moon", ""} {
		if _, err := d.Outlook(to, noon); !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
			t.Errorf("to %q: %v", to, err)
		}
	}
}

func TestWhoIsStillEligible(t *testing.T) {
	d := asked(t, registry.Trained, 1, registry.Staged)
	everybody := []org.Person{owner.Person, author.Person, requester.Person, editor.Person, insider.Person, outsider.Person, risk.Person, viewer.Person}
	names := func() string {
		out := ""
		for _, p := range d.Eligible(everybody, noon) {
			out += p.Name + ", "
		}
		return out
	}
	if got := names(); got != "Ines Insider, Otto Outsider, Rita Risk, " {
		t.Errorf("eligible: %s", got)
	}
	approve(t, d, risk)
	if got := names(); got != "Ines Insider, Otto Outsider, " {
		t.Errorf("eligible after an approval: %s", got)
	}
}

func TestWhyAReviewNoLongerCounts(t *testing.T) {
	d := asked(t, registry.Trained, 1, registry.Staged)
	approve(t, d, risk)
	given := d.Reviews[0]
	if why := d.Barred(given, noon); why != "" {
		t.Errorf("it counts: %s", why)
	}
	if err := d.Review(risk, RequestChanges, d.CurrentDigest(noon), "On second thought, no.", noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if why := d.Barred(given, noon); why != "Reviewed again." {
		t.Errorf("%q", why)
	}
	d.Facts.Editors = append(d.Facts.Editors, risk.ID)
	if why := d.Barred(given, noon); why != "Has an interest in it by now." {
		t.Errorf("%q", why)
	}
	d.Reason = "Another."
	if why := d.Barred(given, noon); why != "Facts have changed since." {
		t.Errorf("%q", why)
	}
}
