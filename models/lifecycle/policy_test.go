package lifecycle

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sundial/models/evidence"
	"sundial/models/org"
	"sundial/models/registry"
)

func TestProfilesAskWhatTheySay(t *testing.T) {
	two, one, none := Quorum{Count: 2, Risk: 1, OtherTeam: 1}, Quorum{Count: 1}, Quorum{}
	for _, c := range []struct {
		profile string
		to      registry.Stage
		tiers   [3]Quorum
	}{
		{"light", "registered", [3]Quorum{none, none, none}},
		{"light", "validated", [3]Quorum{none, none, none}},
		{"light", "staged", [3]Quorum{none, none, none}},
		{"light", "production", [3]Quorum{two, one, one}},
		{"standard", "registered", [3]Quorum{none, none, none}},
		{"standard", "validated", [3]Quorum{two, one, one}},
		{"standard", "staged", [3]Quorum{two, one, one}},
		{"standard", "production", [3]Quorum{two, one, one}},
		{"strict", "registered", [3]Quorum{one, one, one}},
		{"strict", "production", [3]Quorum{two, two, {Count: 1, OtherTeam: 1}}},
	} {
		p := policy(t, c.profile)
		for i, want := range c.tiers {
			if got := p.Quorum(Forward, "", c.to, registry.Tier(i+1)); got != want {
				t.Errorf("%s: %s at tier %d needs %+v, want %+v", c.profile, c.to, i+1, got, want)
			}
		}
		if p.Quorum(Forward, "", c.to, 0) != c.tiers[0] {
			t.Errorf("%s: a model without a tier is held to tier 1", c.profile)
		}
	}
	for _, profile := range Profiles {
		p := policy(t, profile)
		if wrong := p.wrong(); len(wrong) > 0 {
			t.Errorf("%s: %v", profile, wrong)
		}
		if p.Quorum(Rollback, "staged", "production", 1) != one || p.Quorum(Back, "production", "staged", 1) != one || p.Quorum(Back, "staged", "validated", 1) != none {
			t.Errorf("%s: a rollback and a way back from production need one review, other ways back none", profile)
		}
	}
	if _, ok := Profile("relaxed"); ok {
		t.Error("there is no such profile")
	}
}

func TestLightAsksLessOfTierThreeOnly(t *testing.T) {
	p := policy(t, "light")
	for tier, want := range map[registry.Tier]Outcome{1: Fail, 2: Fail, 3: NotApplicable} {
		f := complete(registry.Trained, tier, registry.Staged)
		f.Model.DeputyID = 0
		if c, _ := check(GateTo(&f, registry.Production, p, noon), "deputy"); c.Outcome != want {
			t.Errorf("tier %d: deputy is %s, want %s", tier, c.Outcome, want)
		}
	}
	for _, key := range []string{"owner", "sla", "plan"} {
		f := complete(registry.Trained, 3, registry.Staged)
		f.Model.OwnerID, f.Owner, f.Model.SLA, f.Plan.Plan = 0, org.Person{}, registry.SLA{}, nil
		if c, _ := check(GateTo(&f, registry.Production, p, noon), key); c.Outcome != Fail || !c.Iron {
			t.Errorf("%s holds under every policy, is %s", key, c.Outcome)
		}
	}
}

func TestAPolicyFileChangesWhatItNames(t *testing.T) {
	p, err := ReadPolicy([]byte(`
profile: standard
reviewers:
  staged:
    1: {count: 3}
    3: {count: 0}
off:
  environment: [3]
fresh_days: {evaluation: 30}
rollback_days: 3
break_glass: [admin]
break_glass_hours: 24
`))
	if err != nil {
		t.Fatal(err)
	}
	want := policy(t, "standard")
	want.Reviewers["staged"] = map[registry.Tier]Quorum{1: {Count: 3, Risk: 1, OtherTeam: 1}, 2: {Count: 1}, 3: {}}
	want.Off["environment"] = []registry.Tier{3}
	want.FreshDays[evidence.Evaluation] = 30
	want.RollbackDays, want.BreakGlass, want.BreakGlassHours = 3, []org.Role{org.Admin}, 24
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	if p.Version() == policy(t, "standard").Version() || !strings.HasPrefix(p.Version(), "standard-") {
		t.Errorf("another policy has another version: %s", p.Version())
	}
	if empty, err := ReadPolicy(nil); err != nil || empty.Version() != policy(t, "standard").Version() {
		t.Errorf("an empty file is the standard profile: %v", err)
	}
	again, _ := ReadPolicy([]byte("profile: light\noff: {deputy: []}\n"))
	if !again.asks("deputy", 3) || again.asks("fairness", 3) {
		t.Error("an empty list asks again what the profile had switched off")
	}
}

func TestAPolicyFileThatCannotBeMeantIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ yaml, says string }{
		"an unknown key":                      {"profil: light", "profil"},
		"an unknown profile":                  {"profile: relaxed", "relaxed"},
		"an unknown check":                    {"off: {owners: [3]}", `no check "owners"`},
		"an iron check":                       {"off: {plan: [3]}", "plan holds under every policy"},
		"the pin":                             {"off: {pin: [3]}", "pin holds under every policy"},
		"an unknown tier of a check":          {"off: {deputy: [4]}", "no tier 4"},
		"an unknown stage":                    {"reviewers: {live: {1: {count: 1}}}", `"live" is not a stage`},
		"reviewers of experiments":            {"reviewers: {experiment: {1: {count: 1}}}", "not a stage that is reviewed"},
		"an unknown tier":                     {"reviewers: {staged: {0: {count: 1}}}", "no tier 0"},
		"an unknown part of a quorum":         {"reviewers: {staged: {1: {people: 1}}}", "people"},
		"more risk reviewers than reviewers":  {"reviewers: {staged: {2: {count: 1, risk: 2}}}", "risk and other_team"},
		"a negative quorum":                   {"reviewers: {staged: {2: {count: -1}}}", "count is 0 to 9"},
		"production without review":           {"reviewers: {production: {3: {count: 0}}}", "at least one reviewer at tier 3"},
		"an unknown kind of evidence":         {"fresh_days: {hearsay: 3}", `kind "hearsay"`},
		"no days":                             {"fresh_days: {evaluation: 0}", "1 to 3650"},
		"a waiver for ever":                   {"waiver_days: 91", "waiver_days is 1 to 90"},
		"a review that may wait for a week":   {"break_glass_hours: 168", "break_glass_hours is 1 to 72"},
		"a role that is none":                 {"break_glass: [owner]", `no role "owner"`},
		"a rollback window of no days":        {"rollback_days: 0", "rollback_days"},
		"words for a number":                  {"review_days: soon", "soon"},
		"not YAML":                            {"profile: [", "cannot be read"},
		"a list":                              {"- profile", "cannot be read"},
		"two documents":                       {"profile: light\n---\nprofile: strict\n", "more than one"},
		"the same key twice":                  {"waiver_days: 3\nwaiver_days: 4", "already defined"},
		"too much of it":                      {strings.Repeat("#", MaxPolicyFile+1), "larger"},
		"an alias that grows without bound":   {bomb(), "policy file"},
		"several things, all of them at once": {"waiver_days: 91\noff: {owners: [3]}\nreview_days: 0", `line 1: waiver_days is 1 to 90, not 91; line 2: off: there is no check "owners"; line 3: review_days is 1 to 365, not 0`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := ReadPolicy([]byte(c.yaml))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("should be refused with %q, got %v", c.says, err)
			}
			if p.Profile != "" {
				t.Error("a refused file is no policy")
			}
		})
	}
}

func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n")
	for i := range 12 {
		b.WriteString("a" + string(rune('b'+i)) + ": &a" + string(rune('b'+i)) + " [")
		prev := "a0"
		if i > 0 {
			prev = "a" + string(rune('b'+i-1))
		}
		b.WriteString(strings.TrimSuffix(strings.Repeat("*"+prev+",", 10), ",") + "]\n")
	}
	return b.String()
}

func TestAQuorumInWords(t *testing.T) {
	for want, q := range map[string]Quorum{
		"no review":  {},
		"1 reviewer": {Count: 1},
		"2 reviewers, 1 with the risk role, 1 from another team": {Count: 2, Risk: 1, OtherTeam: 1},
	} {
		if got := q.Words(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAWiderProfileNeverAsksLess(t *testing.T) {
	light, standard, strict := policy(t, "light"), policy(t, "standard"), policy(t, "strict")
	for _, key := range Checks() {
		for _, tier := range []registry.Tier{1, 2, 3} {
			if light.asks(key, tier) && !standard.asks(key, tier) || standard.asks(key, tier) && !strict.asks(key, tier) {
				t.Errorf("%s at tier %d is asked under the lighter profile only", key, tier)
			}
		}
	}
	if !slices.Contains(Checks(), "plan") {
		t.Error("the keys of the checks are what policy files name")
	}
}

func FuzzReadPolicy(f *testing.F) {
	for _, seed := range []string{"", "profile: light", "reviewers: {staged: {1: {count: 3}}}", "off: {deputy: [3]}", "fresh_days: {evaluation: 1}", "break_glass: []", "a: &a [*a]", "---\n---", "reviewers: ~"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ReadPolicy(raw)
		if err != nil {
			return
		}
		if wrong := p.wrong(); len(wrong) > 0 {
			t.Fatalf("read, but not valid: %v", wrong)
		}
		for _, tier := range []registry.Tier{0, 1, 2, 3} {
			if p.Quorum(Forward, registry.Staged, registry.Production, tier).Count < 1 {
				t.Fatalf("production without review at tier %d", tier)
			}
		}
		for _, key := range []string{"owner", "sla", "plan", "pin"} {
			if !p.asks(key, 3) {
				t.Fatalf("%s is not asked", key)
			}
		}
		if p.Version() == "" || p.WaiverDays > MaxWaiverDays {
			t.Fatal("not a policy to decide by")
		}
	})
}

func TestWhatIsWrongWithAPolicyIsSaidAtItsLine(t *testing.T) {
	for name, c := range map[string]struct {
		yaml string
		line int
		says string
	}{
		"an unknown setting": {"profile: standard\nfresh_day: 3\n", 2, "there is no setting fresh_day here"},
		"no number":          {"profile: standard\n\nrollback_days: soon\n", 3, `"soon" is no whole number`},
		"no YAML":            {"profile: standard\nreviewers: [\n", 2, "this is no YAML"},
		"an unknown kind":    {"fresh_days:\n  evaluation: 90\n  opinion: 3\n", 3, `there is no evidence of the kind "opinion"`},
		"too many days":      {"fresh_days:\n  evaluation: 9000\n", 2, "1 to 3650 days"},
		"too many waivers":   {"profile: strict\nwaiver_days: 400\n", 2, "waiver_days is 1 to 90"},
		"no such profile":    {"# ours\nprofile: lenient\n", 2, `profile "lenient" is not one of`},
		"an iron check":      {"off:\n  purpose: [3]\n  owner: [3]\n", 3, "holds under every policy"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadPolicy([]byte(c.yaml))
			var wrong *PolicyError
			if !errors.As(err, &wrong) || len(wrong.Problems) != 1 {
				t.Fatalf("got %v", err)
			}
			if p := wrong.Problems[0]; p.Line != c.line || !strings.Contains(p.Sentence, c.says) {
				t.Errorf("line %d: %s; want line %d: %s", p.Line, p.Sentence, c.line, c.says)
			}
		})
	}
}
