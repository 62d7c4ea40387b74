package scorecard

import (
	"math"
	"testing"
	"time"

	"sundial/models/registry"
	"sundial/models/vendors"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// whole are facts of a model in production of which everything was observed.
func whole(kind registry.Kind, tier registry.Tier) Facts {
	f := Facts{Kind: kind, Tier: tier, Phase: Serving, Version: "v7", Named: true, Readings: map[string]Reading{}}
	if kind == registry.GenAI {
		f.VendorID, f.VendorClass, f.RunwayDays = "gpt-4o-2024-11-20", vendors.Pinned, 51
	}
	for _, c := range Criteria {
		if c.Points(kind) > 0 {
			f.Readings[c.Key] = Reading{Strength: Observed, Share: 1, Fact: "Seen.", At: noon.Add(-time.Hour)}
		}
	}
	return f
}

func (f Facts) with(key string, r Reading) Facts {
	f = Mended(f)
	f.Readings[key] = r
	return f
}

// The worked example of the product's description, to the hundredth.
func fraudScorer() Facts {
	return whole(registry.Trained, 1).
		with("fairness", Reading{Strength: Attested, Share: 1}).
		with("dataset", Reading{Strength: Missing, Share: 1}).
		with("coverage", Reading{Strength: Observed, Share: (0.92 - 0.5) / 0.5}).
		with("drift", Reading{Strength: Observed, Share: 1, Until: noon.Add(-time.Minute)}).
		with("cadence", Reading{Strength: Unmeasured, Share: 1}).
		with("rehearsal", Reading{Strength: Missing, Share: 1})
}

func supportBot() Facts {
	f := whole(registry.GenAI, 1)
	f.VendorID, f.VendorClass = "gpt-4o", vendors.Floating
	return f.with("pin", Reading{Strength: Against, Share: 1}).
		with("vendor_end", Reading{Strength: Unmeasured, Share: 1}).
		with("candidate", Reading{Strength: Against, Share: 1, Fact: "gpt-4 is no longer alive."}).
		with("release_evaluation", Reading{Strength: Attested, Share: 1}).
		with("rehearsal", Reading{Strength: Missing, Share: 1})
}

// churn stands at exactly 72: 28 points are not earned.
func churn() Facts {
	f := whole(registry.Trained, 3)
	for _, key := range []string{"recipe", "code", "dataset", "evaluation", "fairness", "security_review", "rollout", "rehearsal"} {
		f = f.with(key, Reading{Strength: Missing, Share: 1})
	}
	return f
}

func near(a, b float64) bool { return math.Abs(a-b) < 0.005 }

func TestWorkedExample(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		facts      Facts
		raw, score float64
		cap        int
		tier       Tier
	}{
		{"fraud-scorer", fraudScorer(), 84.68, 84.68, 100, Good},
		{"support-bot", supportBot(), 84.2, 39, 39, Weak},
		{"churn", churn(), 72, 72, 100, Good},
		{"one that was only seen", AsUnregistered(), 0, 0, 0, Chaos},
	} {
		s := Score(c.facts, noon)
		if !near(s.Raw, c.raw) || !near(s.Score, c.score) || s.Cap() != c.cap || s.Tier != c.tier {
			t.Errorf("%s: raw %v, score %v, cap %d, %s; want %v, %v, %d, %s", c.name, s.Raw, s.Score, s.Cap(), s.Tier, c.raw, c.score, c.cap, c.tier)
		}
	}
	team := WhatIf([]TeamModel{{Slug: "fraud-scorer", Facts: fraudScorer()}, {Slug: "support-bot", Facts: supportBot()},
		{Slug: "churn", Facts: churn()}, {Slug: "seen", Facts: AsUnregistered()}}, nil, noon)
	score, known := team.Score()
	if !known || !near(score, 51.52) || team.Tier() != Average {
		t.Errorf("team: %v %s, want 51.52 Average", score, team.Tier())
	}
	if team.Models != 4 || team.Unregistered != 1 || team.Capped != 1 || team.Lowest != "seen" {
		t.Errorf("team: %+v", team)
	}
}

func TestTheTableHasAHundredPointsForEitherKind(t *testing.T) {
	t.Parallel()
	want := map[registry.Kind]map[Section]int{
		registry.Trained: {Inventory: 12, Lineage: 15, Validation: 16, Operation: 16, Monitoring: 16, Ending: 17, Control: 8},
		registry.GenAI:   {Inventory: 12, Lineage: 15, Validation: 16, Operation: 16, Monitoring: 16, Ending: 17, Control: 8},
	}
	seen := map[string]bool{}
	for kind, sections := range want {
		got := map[Section]int{}
		for _, c := range Criteria {
			got[c.Section] += c.Points(kind)
			seen[c.Key] = true
		}
		for s, points := range sections {
			if got[s] != points {
				t.Errorf("%s: section %s has %d points, want %d", kind, s, got[s], points)
			}
		}
		if s := Score(whole(kind, 1), noon); s.Score != 100 || s.Tier != Elite || len(s.Caps) != 0 {
			t.Errorf("%s with everything observed: %v %s %v", kind, s.Score, s.Tier, s.Caps)
		}
	}
	if len(seen) != len(Criteria) {
		t.Error("two criteria share a key")
	}
}

func TestTiersAreComparedUnroundedAndShownRoundedDown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		score float64
		tier  Tier
		text  string
	}{
		{100, Elite, "100.0"}, {90.04, Elite, "90.0"}, {90, Good, "90.0"}, {89.99, Good, "89.9"}, {70, Good, "70.0"},
		{69.999, Average, "69.9"}, {40, Average, "40.0"}, {39.999999, Weak, "39.9"}, {20, Weak, "20.0"}, {19.99, Chaos, "19.9"},
		{0, Chaos, "0.0"}, {84.7, Good, "84.7"}, {51.52, Average, "51.5"}, {0.3, Chaos, "0.3"},
	} {
		if got := TierOf(c.score); got != c.tier {
			t.Errorf("%v is %s, want %s", c.score, got, c.tier)
		}
		if got := Text(c.score); got != c.text {
			t.Errorf("%v is shown as %s, want %s", c.score, got, c.text)
		}
	}
}

func TestCapsSayEveryReason(t *testing.T) {
	t.Parallel()
	gone := Reading{Strength: Against, Share: 1, Fact: "No."}
	unnamed := whole(registry.Trained, 1)
	unnamed.Named = false
	ended := whole(registry.GenAI, 1)
	ended.VendorEnd = "2026-03-10"
	soon := whole(registry.GenAI, 1)
	soon.VendorEnd = "2026-04-20"
	begun := soon
	begun.CutoverStarted = true
	later := whole(registry.GenAI, 1)
	later.VendorEnd = "2026-09-01"
	class := func(c vendors.Class) Facts {
		f := whole(registry.GenAI, 1)
		f.VendorClass = c
		return f
	}
	ownerless := whole(registry.Trained, 1).with("owner", gone)
	for _, c := range []struct {
		name  string
		facts Facts
		want  []int
	}{
		{"nobody can name what serves", unnamed, []int{19}},
		{"a floating id", class(vendors.Floating), []int{39}},
		{"an undated preview", class(vendors.PreviewFloating), []int{39}},
		{"an undetermined id", class(vendors.Undetermined), []int{39}},
		{"a dated preview does not move", class(vendors.PreviewPinned), nil},
		{"an ended id", ended, []int{39}},
		{"an owner who left, with a deputy", ownerless, nil},
		{"an owner who left, without", ownerless.with("deputy", gone), []int{39}},
		{"no plan", whole(registry.Trained, 1).with("plan", gone), []int{69}},
		{"a plan whose candidate is dead", whole(registry.Trained, 1).with("candidate", gone), []int{69}},
		{"a plan whose review is overdue", whole(registry.Trained, 1).with("plan", Reading{Strength: Observed, Share: 1, Until: noon}), []int{69}},
		{"the vendor's end inside the runway", soon, []int{69}},
		{"the same with a cutover begun", begun, nil},
		{"the vendor's end far away", later, nil},
		{"quality out of its window", whole(registry.Trained, 1).with("quality", Reading{Strength: Observed, Share: 1, Until: noon}), []int{89}},
		{"an open break-glass", whole(registry.Trained, 1).with("break_glass", gone), []int{89}},
		{"several at once", ownerless.with("deputy", gone).with("plan", gone).with("break_glass", gone), []int{39, 69, 89}},
	} {
		s := Score(c.facts, noon)
		var got []int
		for _, x := range s.Caps {
			got = append(got, x.Limit)
			if x.Reason == "" || x.Action == "" {
				t.Errorf("%s: a cap without reason or remedy: %+v", c.name, x)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: caps %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: caps %v, want %v", c.name, got, c.want)
			}
		}
	}
}

func TestBeforeProductionOnlyWhatAppliesCounts(t *testing.T) {
	t.Parallel()
	f := whole(registry.Trained, 2)
	f.Phase, f.Named = Before, false
	for _, c := range Criteria {
		if c.Serving {
			delete(f.Readings, c.Key)
		}
	}
	s := Score(f, noon)
	if s.Score != 100 || s.Applicable != 100-16-16-2 {
		t.Errorf("score %v of %d points, want 100 of 66", s.Score, s.Applicable)
	}
	for _, l := range s.Lines {
		c, _ := CriterionOf(l.Key)
		if c.Serving != (l.Outcome == Skipped) {
			t.Errorf("%s is %s before production", l.Key, l.Outcome)
		}
	}
	if r := RollUp([]Member{MemberOf("new", s)}); r.Models != 0 || r.Coming != 1 || r.Tier() != "" {
		t.Errorf("a model on its way counts in its team: %+v", r)
	}
}
