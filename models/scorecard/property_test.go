package scorecard

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/vendors"
)

const rounds = 800

// anyFacts are facts as they may come, however unlikely.
func anyFacts(r *rand.Rand) Facts {
	f := Facts{Kind: []registry.Kind{registry.Trained, registry.GenAI}[r.IntN(2)], Tier: registry.Tier(r.IntN(4)),
		Phase: []Phase{Serving, Serving, Serving, Zombie, Unregistered, Before, Gone}[r.IntN(7)], Named: r.IntN(4) > 0,
		Readings: map[string]Reading{}, CutoverStarted: r.IntN(3) == 0}
	if f.Kind == registry.GenAI {
		f.VendorID, f.VendorClass = "id", vendors.Classes()[r.IntN(len(vendors.Classes()))]
		f.RunwayDays = r.IntN(100)
		if r.IntN(2) == 0 {
			f.VendorEnd = day.Of(noon).Add(r.IntN(300) - 60)
		}
	}
	for _, c := range Criteria {
		if r.IntN(12) == 0 {
			continue
		}
		x := Reading{Strength: strengths[r.IntN(len(strengths))], Share: 1}
		if r.IntN(2) == 0 {
			x.Strength = Observed
		}
		if c.Key == "coverage" {
			x.Share = float64(r.IntN(1001)) / 1000
		}
		if r.IntN(5) == 0 {
			x.Until = noon.Add(time.Duration(r.IntN(200)-100) * 24 * time.Hour)
		}
		if r.IntN(6) == 0 {
			x.Waived, x.Waiver = "2026-05-01", "Somebody: because"
		}
		f.Readings[c.Key] = x
	}
	return f
}

func TestPropertiesOfTheScore(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 28))
	for i := range rounds {
		f := anyFacts(r)
		s := Score(f, noon)
		if s.Score < 0 || s.Raw > 100 || s.Score > s.Raw || s.Score > float64(s.Cap()) {
			t.Fatalf("%d: score %v, raw %v, cap %d", i, s.Score, s.Raw, s.Cap())
		}
		if s.Waived > MaxWaived {
			t.Fatalf("%d: waivers took %d points out", i, s.Waived)
		}
		if f.Phase == Unregistered && s.Score != 0 {
			t.Fatalf("%d: something unregistered scores %v", i, s.Score)
		}
		earned, applicable := 0.0, 0
		for _, l := range s.Lines {
			if l.Outcome != Skipped {
				earned, applicable = earned+l.Earned, applicable+l.Points
			}
			if (l.Outcome == Pass) != (l.Strength > 0) && l.Outcome != Skipped {
				t.Fatalf("%d: %s is %s with strength %v", i, l.Key, l.Outcome, l.Strength)
			}
			if l.Explanation == "" {
				t.Fatalf("%d: %s does not explain itself", i, l.Key)
			}
		}
		if clean(earned) != s.Earned || applicable != s.Applicable {
			t.Fatalf("%d: the lines add up to %v of %d, the card says %v of %d", i, earned, applicable, s.Earned, s.Applicable)
		}
	}
}

func TestStrongerFactsNeverLowerAScore(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 29))
	for i := range rounds {
		f := anyFacts(r)
		before := Score(f, noon)
		for _, c := range Criteria {
			if c.Points(f.Kind) == 0 {
				continue
			}
			was := f.Readings[c.Key]
			for _, better := range []Reading{{Strength: Attested, Share: 1}, {Strength: Observed, Share: 1}} {
				if was.Strength == Observed && (better.Strength == Attested || was.Share == 1) {
					continue
				}
				better.Until, better.Waived, better.Waiver = was.Until, was.Waived, was.Waiver
				if after := Score(f.with(c.Key, better), noon); after.Raw < before.Raw || after.Score < before.Score {
					t.Fatalf("%d: %s from %s to %s took the score from %v to %v", i, c.Key, was.Strength, better.Strength, before.Score, after.Score)
				}
			}
		}
	}
}

// Sentences are for people: whatever they say, the number stays.
func TestAScoreNeverRisesByAnotherSentence(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 30))
	for i := range rounds {
		f := anyFacts(r)
		before := Score(f, noon)
		told := Mended(f)
		for key, x := range told.Readings {
			x.Fact, x.Waiver, x.At = "Everything is splendid, approved and observed.", "x", noon
			told.Readings[key] = x
		}
		if after := Score(told, noon); after.Score != before.Score || after.Raw != before.Raw {
			t.Fatalf("%d: words took the score from %v to %v", i, before.Score, after.Score)
		}
	}
}

func TestAgeNeverRaisesAReadingsWorth(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 31))
	for i := range rounds {
		f := anyFacts(r)
		for key, x := range f.Readings {
			x.Waived = "" // a waiver that ends may well lower or, taking another's place, raise
			f.Readings[key] = x
		}
		now := Score(f, noon)
		if !now.Changes.IsZero() {
			if same := Score(f, now.Changes.Add(-time.Millisecond)); same.Score != now.Score {
				t.Fatalf("%d: the score changed from %v to %v before it said it would", i, now.Score, same.Score)
			}
		}
		if later := Score(f, noon.AddDate(0, 4, 0)); later.Raw > now.Raw {
			t.Fatalf("%d: by waiting alone the score rose from %v to %v", i, now.Raw, later.Raw)
		}
	}
}

func TestCompactFactsScoreTheSame(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 32))
	for i := range rounds {
		f := anyFacts(r)
		read, err := ParseCompact(f.Compact())
		if err != nil {
			t.Fatal(err)
		}
		a, b := Score(f, noon), Score(read, noon)
		if a.Score != b.Score || a.Raw != b.Raw || a.Waived != b.Waived || a.Cap() != b.Cap() || !reflect.DeepEqual(a.Sections, b.Sections) || !a.Changes.Equal(b.Changes) {
			t.Fatalf("%d: %v %v, read back %v %v", i, a.Score, a.Sections, b.Score, b.Sections)
		}
	}
	for _, bad := range []string{"", "x", "trained|a|production|true|true|||0|\"\"", "trained|1|production|true|true|||0|\"\"|Z"} {
		if _, err := ParseCompact(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestADepartmentIsTheSameFromTeamsAndFromModels(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 33))
	for i := range 300 {
		var all []Member
		var teams []Rollup
		for range 1 + r.IntN(6) {
			var team []Member
			for range r.IntN(8) {
				team = append(team, MemberOf(fmt.Sprintf("m%d", len(all)+len(team)), Score(anyFacts(r), noon)))
			}
			all = append(all, team...)
			teams = append(teams, RollUp(team))
		}
		whole, merged := RollUp(all), Merge(teams)
		if !reflect.DeepEqual(whole, merged) {
			t.Fatalf("%d: %+v\n%+v", i, whole, merged)
		}
		if s, known := whole.Score(); known && (s < 0 || s > 100) {
			t.Fatalf("%d: %v", i, s)
		}
	}
}
