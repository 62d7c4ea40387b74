package registry

import (
	"strings"
	"testing"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
)

var (
	aliasToday = day.Of(promptNow)
	judge      = org.Actor{Person: org.Person{ID: 9, Roles: []org.Role{org.Reviewer}}, Via: "session"}
)

func aTarget() AliasTarget {
	return AliasTarget{ModelID: 1, VersionID: 11, Slug: "support-bot", Label: "v2", Kind: GenAI, Stage: Production, Digest: "d", OwnerID: 5, AuthorID: 6, VendorID: "gpt-4o-2024-11-20"}
}

func TestWhatAnAliasMayPointAt(t *testing.T) {
	tests := map[string]struct {
		change func(*AliasTarget)
		why    string
	}{
		"what is in production":            {func(*AliasTarget) {}, ""},
		"what is staged and approved":      {func(x *AliasTarget) { x.Stage, x.Approved = Staged, true }, ""},
		"what ends later":                  {func(x *AliasTarget) { x.VendorEnd = aliasToday.Add(1) }, ""},
		"not what is staged alone":         {func(x *AliasTarget) { x.Stage = Staged }, "no standing approval"},
		"not what was superseded":          {func(x *AliasTarget) { x.Stage, x.Approved, x.Superseded = Staged, true, true }, "superseded"},
		"not an experiment":                {func(x *AliasTarget) { x.Stage, x.Approved = Experiment, true }, "staged or in production"},
		"not what is retired":              {func(x *AliasTarget) { x.Stage, x.Approved = Retired, true }, "staged or in production"},
		"not a trained model":              {func(x *AliasTarget) { x.Kind = Trained }, "trained model"},
		"not what the vendor ended today":  {func(x *AliasTarget) { x.VendorEnd = aliasToday }, "ended"},
		"not what the vendor ended before": {func(x *AliasTarget) { x.VendorEnd = aliasToday.Add(-40) }, "ended"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := aTarget()
			tt.change(&x)
			if why := x.Unfit(aliasToday); (why == "") != (tt.why == "") || !strings.Contains(why, tt.why) {
				t.Errorf("%q", why)
			}
			al := &Alias{ID: 1, Name: "assistant-default", TeamID: 7}
			if _, err := al.Propose(promptPen, x, "Because.", false, aliasToday, promptNow); (err == nil) != (tt.why == "") {
				t.Errorf("proposed: %v", err)
			}
		})
	}
}

func TestWhoDecidesWhereAnAliasPoints(t *testing.T) {
	tests := map[string]struct {
		who org.Actor
		ok  bool
	}{
		"a reviewer":                 {judge, true},
		"not a contributor":          {promptPen, false},
		"not whoever asked":          {actorWith(4, org.Reviewer), false},
		"not the model's owner":      {actorWith(5, org.Reviewer), false},
		"not the version's author":   {actorWith(6, org.RiskReviewer), false},
		"a risk reviewer":            {actorWith(8, org.RiskReviewer), true},
		"not an administrator alone": {actorWith(8, org.Admin), false},
		"nobody":                     {org.Actor{}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			al, p := proposed(t)
			err := al.Decide(p, tt.who, aTarget(), true, "d", "Read the evaluation.", aliasToday, promptNow)
			if (err == nil) != tt.ok || p.MayDecide(tt.who, aTarget()).Allowed && !tt.ok {
				t.Errorf("%v", err)
			}
			if (al.VersionID == 11) != tt.ok {
				t.Errorf("it points at %d", al.VersionID)
			}
		})
	}
}

func actorWith(id int64, role org.Role) org.Actor {
	return org.Actor{Person: org.Person{ID: id, Roles: []org.Role{role, org.Contributor}, TeamIDs: []int64{7}}, Via: "session"}
}

func proposed(t *testing.T) (*Alias, *AliasProposal) {
	t.Helper()
	al := &Alias{ID: 1, Name: "assistant-default", TeamID: 7, ModelID: 1, VersionID: 10}
	p, err := al.Propose(promptPen, aTarget(), "It answers better.", false, aliasToday, promptNow)
	if err != nil {
		t.Fatal(err)
	}
	return al, p
}

func TestAProposalIsDecidedOnce(t *testing.T) {
	al, p := proposed(t)
	if err := al.Decide(p, judge, aTarget(), false, "d", "", aliasToday, promptNow); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	if err := al.Decide(p, judge, aTarget(), false, "d", "Not yet.", aliasToday, promptNow); err != nil || p.State != ProposalRejected || al.VersionID != 10 {
		t.Errorf("rejected: %v, %+v", err, p)
	}
	if err := al.Decide(p, actorWith(8, org.Reviewer), aTarget(), true, "d", "Yes.", aliasToday, promptNow); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
	if err := al.Withdraw(p, promptPen, promptNow); !fault.Is(err, fault.Conflict) {
		t.Errorf("withdrawn after the decision: %v", err)
	}
}

func TestAnApprovalIsOfWhatWasProposed(t *testing.T) {
	al, p := proposed(t)
	changed := aTarget()
	changed.Digest = "e"
	if err := al.Decide(p, judge, changed, true, "e", "Yes.", aliasToday, promptNow); !fault.Is(err, fault.Stale) {
		t.Errorf("a release that changed: %v", err)
	}
	back := aTarget()
	back.Stage = Registered
	if err := al.Decide(p, judge, back, true, "d", "Yes.", aliasToday, promptNow); !fault.Is(err, fault.Conflict) || p.State != ProposalOpen {
		t.Errorf("a release that went back: %v, %s", err, p.State)
	}
	if err := al.Decide(p, judge, changed, false, "d", "It changed.", aliasToday, promptNow); err != nil {
		t.Errorf("it can still be rejected: %v", err)
	}
}

func TestWhoProposes(t *testing.T) {
	al := &Alias{ID: 1, Name: "assistant-default", TeamID: 7, VersionID: 11}
	stranger := promptPen
	stranger.TeamIDs = []int64{8}
	if _, err := al.Propose(stranger, aTarget(), "Because.", false, aliasToday, promptNow); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := al.Propose(promptPen, aTarget(), "Because.", false, aliasToday, promptNow); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("where it points already: %v", err)
	}
	al.VersionID = 0
	if _, err := al.Propose(promptPen, aTarget(), "Because.", true, aliasToday, promptNow); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second one: %v", err)
	}
	if _, err := al.Propose(promptPen, aTarget(), " ", false, aliasToday, promptNow); !fault.Is(err, fault.Invalid) {
		t.Errorf("no reason: %v", err)
	}
}

func TestAnAliasThatLeadsNowhereIsRed(t *testing.T) {
	tests := map[string]struct {
		change func(*AliasTarget)
		bad    bool
		says   string
	}{
		"in production":            {func(*AliasTarget) {}, false, ""},
		"staged and approved":      {func(x *AliasTarget) { x.Stage, x.Approved = Staged, true }, false, "not yet in production"},
		"staged and changed since": {func(x *AliasTarget) { x.Stage = Staged }, true, "without a standing approval"},
		"superseded":               {func(x *AliasTarget) { x.Stage, x.Superseded = Staged, true }, true, "no longer in production"},
		"retired":                  {func(x *AliasTarget) { x.Stage = Retired }, true, "retired"},
		"moved back":               {func(x *AliasTarget) { x.Stage = Registered }, true, "back in registered"},
		"the vendor ended it":      {func(x *AliasTarget) { x.VendorEnd = aliasToday.Add(-1) }, true, "The vendor ended"},
		"the vendor ends it soon":  {func(x *AliasTarget) { x.VendorEnd = aliasToday.Add(30) }, false, "The vendor ends"},
		"the vendor ends it later": {func(x *AliasTarget) { x.VendorEnd = aliasToday.Add(300) }, false, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := aTarget()
			tt.change(&x)
			if h := x.Health(aliasToday); h.Bad != tt.bad || (h.Sentence == "") != (tt.says == "") || !strings.Contains(h.Sentence, tt.says) {
				t.Errorf("%+v", h)
			}
		})
	}
	if h := (*AliasTarget)(nil).Health(aliasToday); h.Bad || h.Sentence == "" {
		t.Errorf("nothing yet: %+v", h)
	}
}
