package lifecycle

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

func TestWhoMayDecide(t *testing.T) {
	throughToken := func(a org.Actor) org.Actor { a.Via, a.Scopes = "token:ci", org.Scopes; return a }
	disabled := insider
	disabled.Disabled = true
	for _, c := range []struct {
		name string
		who  org.Actor
		says string // "" may
	}{
		{"not your own request", requester, "asked for this"},
		{"not your own request through a token", throughToken(requester), "asked for this"},
		{"not the owner", owner, "own this model"},
		{"not the version's author", author, "made this version"},
		{"not an editor of the version", editor, "changed this version"},
		{"not who recorded the evidence", recorder, "or its evidence"},
		{"not a viewer", viewer, "Only reviewers"},
		{"not a contributor of another team", stranger, "Only reviewers"},
		{"not an administrator without the role", admin, "Only reviewers"},
		{"not a disabled reviewer", disabled, "Sign in"},
		{"not nobody", org.Actor{}, "A person decides"},
		{"not the system", org.System, "A person decides"},
		{"a reviewer of the team", insider, ""},
		{"a reviewer of another team", outsider, ""},
		{"a risk reviewer", risk, ""},
		{"a reviewer through a token", throughToken(outsider), ""},
	} {
		for _, v := range []Verdict{Approve, RequestChanges, Reject} {
			t.Run(fmt.Sprintf("%s: %s", c.name, v), func(t *testing.T) {
				d := asked(t, registry.Trained, 1, registry.Staged)
				may := d.MayReview(c.who)
				if v == Approve {
					may = d.MayApprove(c.who, noon)
				}
				err := d.Review(c.who, v, d.CurrentDigest(noon), "Because of what I read.", noon)
				if may.Allowed != (err == nil) || may.Allowed != (c.says == "") {
					t.Fatalf("the page says %+v, the server %v", may, err)
				}
				if c.says != "" {
					refused(t, err, fault.Forbidden, c.says)
					if len(d.Reviews) != 0 || d.State != Open {
						t.Error("a refused review left something behind")
					}
				}
			})
		}
	}
}

func TestWhoRewordsARequestDoesNotDecideIt(t *testing.T) {
	d := asked(t, registry.Trained, 2, registry.Staged)
	worker := person1(20, "Wilma Worker", fraudTeam, org.Contributor, org.Reviewer)
	if err := d.EditReason(worker, "Ready, and better said.", noon); err != nil {
		t.Fatal(err)
	}
	refused(t, d.Review(worker, Approve, d.CurrentDigest(noon), "", noon), fault.Forbidden, "edited this request")
}

func TestTheRoleIsAskedAtTheClick(t *testing.T) {
	d := asked(t, registry.Trained, 2, registry.Staged)
	if !d.MayApprove(outsider, noon).Allowed {
		t.Fatal("the page offers it")
	}
	lost := outsider
	lost.Roles = []org.Role{org.Viewer}
	refused(t, d.Review(lost, Approve, d.CurrentDigest(noon), "", noon), fault.Forbidden, "Only reviewers")
}

func TestQuorum(t *testing.T) {
	for _, c := range []struct {
		name string
		tier registry.Tier
		who  []org.Actor
		met  bool
	}{
		{"tier 3: one", 3, []org.Actor{insider}, true},
		{"tier 2: one", 2, []org.Actor{insider}, true},
		{"tier 1: one is not two", 1, []org.Actor{twoHats}, false},
		{"tier 1: two without the risk role", 1, []org.Actor{insider, outsider}, false},
		{"tier 1: two with the risk role, one from another team", 1, []org.Actor{insider, risk}, true},
		{"tier 1: one person in two groups counts once", 1, []org.Actor{twoHats, insider}, true},
		{"tier 1: three when the first two lack the role", 1, []org.Actor{insider, outsider, risk}, true},
		{"tier 1: two of the team itself", 1, []org.Actor{insider, person1(21, "Ralf Risk", fraudTeam, org.RiskReviewer)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := asked(t, registry.Trained, c.tier, registry.Staged)
			for _, who := range c.who {
				approve(t, d, who)
			}
			if (d.State == Applied) != c.met || (d.Facts.Version.Stage == registry.Production) != c.met {
				t.Errorf("after %d approvals it is %s, the version %s; %+v", len(c.who), d.State, d.Facts.Version.Stage, d.Standings(noon))
			}
			if c.met && (d.Began == nil || len(d.Began.ApprovedBy) != len(c.who) || d.Began.ApprovedDigest != d.Digest || d.Digest == "") {
				t.Errorf("the serving record names who approved what: %+v", d.Began)
			}
		})
	}
}

func TestTwiceByOnePersonIsOnce(t *testing.T) {
	d := asked(t, registry.Trained, 1, registry.Staged)
	approve(t, d, twoHats)
	if may := d.MayApprove(twoHats, noon); may.Allowed {
		t.Error("the button is off for who approved already")
	}
	refused(t, d.Review(twoHats, Approve, d.CurrentDigest(noon), "", noon), fault.Conflict, "approved this already")
	if n := d.Standings(noon).Have; n.Count != 1 || n.Risk != 1 || n.OtherTeam != 1 {
		t.Errorf("one person counts once, in each part: %+v", n)
	}
}

func TestAnyChangedFactVoidsAnApproval(t *testing.T) {
	for name, change := range map[string]func(d *Dossier){
		"the commit":          func(d *Dossier) { d.Facts.Version.Lineage.Code.Commit = "ffff" },
		"a dataset":           func(d *Dossier) { d.Facts.Version.Lineage.Datasets[0].Digest = "sha256:other" },
		"a parameter":         func(d *Dossier) { d.Facts.Version.Lineage.Parameters["depth"] = "9" },
		"the summary":         func(d *Dossier) { d.Facts.Version.Summary = "Something else." },
		"the rollback target": func(d *Dossier) { d.Facts.Version.RollbackTarget = "none: there is none left" },
		"the rollout plan":    func(d *Dossier) { d.Facts.Version.RolloutPlan = "All at once." },
		"the monitoring":      func(d *Dossier) { d.Facts.Version.Monitoring.Quality = "elsewhere" },
		"the reason":          func(d *Dossier) { d.Reason = "Another reason." },
		"the tier":            func(d *Dossier) { d.Facts.Model.Tier = 2 },
		"the owner":           func(d *Dossier) { d.Facts.Model.OwnerID, d.Facts.Owner = deputy.ID, deputy.Person },
		"the deputy":          func(d *Dossier) { d.Facts.Model.DeputyID, d.Facts.Deputy = admin.ID, admin.Person },
		"the owner's account": func(d *Dossier) { d.Facts.Owner.Disabled = true },
		"the purpose":         func(d *Dossier) { d.Facts.Model.Purpose = "Decides on credit from now on." },
		"the team":            func(d *Dossier) { d.Facts.Model.TeamID = otherTeam },
		"the SLA":             func(d *Dossier) { d.Facts.Model.SLA.AvailabilityPercent = 90 },
		"the consumers":       func(d *Dossier) { d.Facts.Model.Consumers[0].NoticeDays = 1 },
		"new evidence": func(d *Dossier) {
			e := d.Facts.Evidence[0]
			e.ID = 500
			d.Facts.Evidence = append(d.Facts.Evidence, e)
		},
		"withdrawn evidence":  func(d *Dossier) { d.Facts.Evidence[3].Withdrawn = true },
		"the plan":            func(d *Dossier) { d.Facts.Plan.Plan.Body.Dates.ReviewBy = "2026-04-01" },
		"a stale plan":        func(d *Dossier) { d.Facts.Plan.Plan = nil },
		"what serves now":     func(d *Dossier) { d.Facts.Serving = &Serving{Version: registry.Version{ID: 6, Label: "v6"}} },
		"the policy":          func(d *Dossier) { d.Policy.RollbackDays++ },
		"a waiver in force":   func(d *Dossier) { withWaiver(d) },
		"the stage":           func(d *Dossier) { d.Facts.Version.Stage = registry.Validated },
		"another request":     func(d *Dossier) { d.ID++ },
		"another version":     func(d *Dossier) { d.Facts.Version.ID++ },
		"the deprecation day": func(d *Dossier) { d.Facts.Model.DeprecationOn = "2027-01-01" },
	} {
		t.Run(name, func(t *testing.T) {
			d := asked(t, registry.Trained, 1, registry.Staged)
			read := d.CurrentDigest(noon)
			approve(t, d, risk)
			change(d)
			if now := d.CurrentDigest(noon); now == read {
				t.Fatal("the digest is the same")
			}
			tally := d.Standings(noon)
			if tally.Have.Count != 0 || len(tally.Void) != 1 {
				t.Errorf("the approval should be void and shown as such: %+v", tally)
			}
			if d.State == Open && d.Facts.Version.Stage == d.From {
				refused(t, d.Review(outsider, Approve, read, "", noon), fault.Stale, "changed since you read")
			}
		})
	}
}

func withWaiver(d *Dossier) {
	d.Facts.Evidence[1].Withdrawn = true
	d.Facts.Waivers = []Waiver{{ID: 3, VersionID: d.Facts.Version.ID, Digest: d.Facts.Version.Digest(), Key: "fairness", State: WaiverGranted, Until: today0.Add(9), Reason: "next week"}}
}

func TestEvidenceThatGrowsOldVoidsAnApproval(t *testing.T) {
	d := asked(t, registry.Trained, 1, registry.Staged)
	approve(t, d, risk)
	later := noon.AddDate(0, 0, 100)
	if have := d.Standings(later).Have.Count; have != 0 {
		t.Errorf("%d approvals stand on a canary that is out of date", have)
	}
	refused(t, d.Review(outsider, Approve, d.CurrentDigest(later), "", later), fault.Invalid, "1 check does not pass")
}

func TestAnApprovalOfAnotherRequestIsStale(t *testing.T) {
	three, four := asked(t, registry.Trained, 2, registry.Staged), asked(t, registry.Trained, 2, registry.Staged)
	four.ID, four.Facts.Version.ID, four.Facts.Version.Label = 42, 8, "v8"
	refused(t, four.Review(outsider, Approve, three.CurrentDigest(noon), "", noon), fault.Stale, "changed since you read")
}

func TestRequestedChangesHoldUntilFactsChange(t *testing.T) {
	d := asked(t, registry.Trained, 2, registry.Staged)
	if err := d.Review(third, RequestChanges, d.CurrentDigest(noon), "Name another rollback target.", noon); err != nil {
		t.Fatal(err)
	}
	approve(t, d, outsider)
	if d.State != Open || len(d.Standings(noon).Blocking) != 1 {
		t.Fatal("a request for changes should hold it")
	}
	d.Facts.Version.RollbackTarget = "none: v6 is broken too"
	if len(d.Standings(noon).Blocking) != 0 {
		t.Error("the facts have changed, so the word about the old ones no longer holds")
	}
	approve(t, d, outsider)
	if d.State != Applied {
		t.Error("it should be applied now")
	}
}

func TestWhoAskedForChangesMayApproveAfterAll(t *testing.T) {
	d := asked(t, registry.Trained, 2, registry.Staged)
	if err := d.Review(third, RequestChanges, d.CurrentDigest(noon), "Is this the right commit?", noon); err != nil {
		t.Fatal(err)
	}
	approve(t, d, third)
	if d.State != Applied {
		t.Errorf("their own approval should lift their own word, is %s", d.State)
	}
}

func TestARedGateHoldsButtonAndServer(t *testing.T) {
	d := asked(t, registry.Trained, 2, registry.Staged)
	d.Facts.Evidence[1].Outcome = evidence.Failed
	if may := d.MayApprove(outsider, noon); may.Allowed || may.Reason != "The gate holds this back: 1 check does not pass." {
		t.Errorf("the button should be off and say why: %+v", may)
	}
	err := d.Review(outsider, Approve, d.CurrentDigest(noon), "", noon)
	refused(t, err, fault.Invalid, "Fairness and safety check passed")
	if f, _ := fault.As(err); f.Problems[0].Field != "check.fairness" {
		t.Errorf("each red check is named: %+v", f.Problems)
	}
	if err := d.Review(outsider, RequestChanges, d.CurrentDigest(noon), "Mend the fairness check.", noon); err != nil {
		t.Errorf("asking for changes needs no green gate: %v", err)
	}
}

func TestVerdictsNeedTheirWords(t *testing.T) {
	d := asked(t, registry.Trained, 2, registry.Staged)
	for _, v := range []Verdict{Reject, RequestChanges} {
		for _, words := range []string{"", "  ", "TBD", "n/a"} {
			refused(t, d.Review(outsider, v, d.CurrentDigest(noon), words, noon), fault.Invalid, "comment")
		}
	}
	refused(t, d.Review(outsider, "maybe", d.CurrentDigest(noon), "", noon), fault.Invalid, "Choose approve")
	refused(t, d.Review(outsider, Reject, d.CurrentDigest(noon), "bad \x00 byte here", noon), fault.Invalid, "cannot be shown")
	if err := d.Review(outsider, Reject, d.CurrentDigest(noon), "It favours one group.", noon); err != nil || d.State != Rejected || d.Decision != "It favours one group." {
		t.Errorf("rejected with its reason: %v, %+v", err, d.Request)
	}
}

func TestADecidedRequestStaysDecided(t *testing.T) {
	for name, decide := range map[string]func(d *Dossier) error{
		"applied": func(d *Dossier) error { return d.Review(outsider, Approve, d.CurrentDigest(noon), "", noon) },
		"rejected": func(d *Dossier) error {
			return d.Review(outsider, Reject, d.CurrentDigest(noon), "No, not like this.", noon)
		},
		"withdrawn": func(d *Dossier) error { return d.Withdraw(requester, "", noon) },
	} {
		t.Run(name, func(t *testing.T) {
			d := asked(t, registry.Trained, 2, registry.Staged)
			read := d.CurrentDigest(noon)
			if err := decide(d); err != nil {
				t.Fatal(err)
			}
			if len(d.Decided) == 0 || d.Digest != read || d.PolicyVersion == "" || d.DecidedAt != noon {
				t.Errorf("the decision keeps what it was made on: %+v", d.Request)
			}
			notes := len(d.Notes())
			for what, err := range map[string]error{
				"approve":  d.Review(risk, Approve, read, "", noon),
				"changes":  d.Review(risk, RequestChanges, read, "Change it after all.", noon),
				"reject":   d.Review(risk, Reject, read, "No after all.", noon),
				"edit":     d.EditReason(requester, "Another reason.", noon),
				"withdraw": d.Withdraw(requester, "", noon),
			} {
				if !fault.Is(err, fault.Conflict) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if d.MayApprove(risk, noon).Allowed || d.MayReview(risk).Allowed || d.MayEditReason(requester).Allowed || d.MayWithdraw(requester).Allowed {
				t.Error("a button is still on")
			}
			if len(d.Notes()) != notes {
				t.Error("something was written down")
			}
			if err := d.Say(viewer, "For the record: well done.", noon); err != nil {
				t.Errorf("talk goes on: %v", err)
			}
		})
	}
}

func TestAnOwnerOfTomorrowTakesNothingBack(t *testing.T) {
	d := asked(t, registry.Trained, 2, registry.Staged)
	approve(t, d, outsider)
	d.Facts.Model.OwnerID = outsider.ID
	if n := d.Standings(noon).Have.Count; n != 1 {
		t.Errorf("%d approvals stand on a decided request, want 1", n)
	}
}

func TestAnApproverWhoGainsAnInterestCountsNoMore(t *testing.T) {
	d := asked(t, registry.Trained, 1, registry.Staged)
	approve(t, d, risk)
	d.Facts.Editors = append(d.Facts.Editors, risk.ID)
	if n := d.Standings(noon).Have.Count; n != 0 {
		t.Errorf("%d approvals stand, want none", n)
	}
}

func TestOnlyWhoAskedWithdraws(t *testing.T) {
	for _, who := range []org.Actor{owner, editor, insider, risk, admin, viewer, org.System, {}} {
		d := asked(t, registry.Trained, 2, registry.Staged)
		if d.MayWithdraw(who).Allowed {
			t.Errorf("%s is offered it", who.Name)
		}
		refused(t, d.Withdraw(who, "", noon), fault.Forbidden, "Rena Requester, who asked")
	}
	d := asked(t, registry.Trained, 2, registry.Staged)
	d.Facts.Version.Stage = registry.Validated // moved by another door
	if err := d.Withdraw(requester, "No longer needed.", noon); err != nil || d.State != Withdrawn {
		t.Errorf("what is out of date can still be taken back: %v", err)
	}
}

func TestARequestIsOutOfDateOnceTheStageMoved(t *testing.T) {
	d := asked(t, registry.Trained, 2, registry.Staged)
	d.Facts.Version.Stage = registry.Validated
	refused(t, d.Review(outsider, Approve, d.CurrentDigest(noon), "", noon), fault.Conflict, "out of date")
}

func TestProposing(t *testing.T) {
	propose := func(a org.Actor, reason string) error {
		return NewDossier(complete(registry.Trained, 2, registry.Staged), policy(t, "standard")).Propose(a, registry.Production, reason, noon)
	}
	refused(t, propose(viewer, "Ready to go."), fault.Forbidden, "Only contributors")
	refused(t, propose(stranger, "Ready to go."), fault.Forbidden, "own team")
	refused(t, propose(risk, "Ready to go."), fault.Forbidden, "Only contributors")
	refused(t, propose(org.System, "Ready to go."), fault.Forbidden, "A person asks")
	refused(t, propose(requester, ""), fault.Invalid, "reason")
	refused(t, propose(requester, "asap"), fault.Invalid, "reason")
	refused(t, propose(requester, strings.Repeat("a", MaxText+1)), fault.Invalid, "reason")
	if err := propose(requester, "Ready to go."); err != nil {
		t.Error(err)
	}
}

func TestAStageWithoutReviewAsksItsGateAtOnce(t *testing.T) {
	f := complete(registry.Trained, 2, registry.Experiment)
	d := NewDossier(f, policy(t, "standard"))
	if may := d.MayPropose(requester, registry.Registered, noon); !may.Allowed {
		t.Fatal(may.Reason)
	}
	if err := d.Propose(requester, registry.Registered, "Worth keeping.", noon); err != nil || d.State != Applied || d.Facts.Version.Stage != registry.Registered {
		t.Errorf("it should be registered at once: %v, %s", err, d.State)
	}
	f.Model.Purpose = ""
	d = NewDossier(f, policy(t, "standard"))
	if may := d.MayPropose(requester, registry.Registered, noon); may.Allowed {
		t.Error("the page offers what the server refuses")
	}
	refused(t, d.Propose(requester, registry.Registered, "Worth keeping.", noon), fault.Invalid, "Purpose is stated")
	if d.Facts.Version.Stage != registry.Experiment || len(d.Notes()) != 0 {
		t.Error("a refused move left something behind")
	}
}

func TestDueMoments(t *testing.T) {
	if d := asked(t, registry.Trained, 2, registry.Staged); !d.DueAt.Equal(noon.AddDate(0, 0, 7)) {
		t.Errorf("a review is due after %s", d.DueAt.Sub(noon))
	}
	f := complete(registry.Trained, 2, registry.Staged)
	f.Version.SupersededAt, f.Version.RollbackUntil = noon.Add(-time.Hour), noon.Add(time.Hour)
	d := NewDossier(f, policy(t, "standard"))
	if err := d.Propose(requester, registry.Production, "v8 fails.", noon); err != nil || d.Move != Rollback || !d.DueAt.Equal(noon.Add(24*time.Hour)) {
		t.Errorf("a rollback is due within a day: %v, %s, %s", err, d.Move, d.DueAt.Sub(noon))
	}
}

func TestAnApproverWhoReviewsNoLongerCountsNoMore(t *testing.T) {
	for name, tt := range map[string]struct {
		lost []org.Role
		want Quorum
	}{
		"nothing lost":                    {nil, Quorum{Count: 1, Risk: 1, OtherTeam: 1}},
		"a role that decides nothing":     {[]org.Role{org.Leadership}, Quorum{Count: 1, Risk: 1, OtherTeam: 1}},
		"the risk role, still a reviewer": {[]org.Role{org.RiskReviewer}, Quorum{Count: 1, OtherTeam: 1}},
		"every role":                      {[]org.Role{org.Reviewer, org.RiskReviewer}, Quorum{}},
	} {
		t.Run(name, func(t *testing.T) {
			d := asked(t, registry.Trained, 1, registry.Staged)
			approve(t, d, twoHats)
			d.Reviews[0].Lost = tt.lost
			if got := d.Standings(noon).Have; got != tt.want {
				t.Errorf("%+v stand, want %+v", got, tt.want)
			}
			if why := d.Barred(d.Reviews[0], noon); (why != "") != (tt.want.Count == 0) {
				t.Errorf("told why: %q", why)
			}
		})
	}
}
