package scorecard

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"sundial/models/registry"
)

func TestComparedCardsTellWhatMoved(t *testing.T) {
	t.Parallel()
	f := Facts{Kind: registry.Trained, Tier: 2, Phase: Serving, Named: true, Readings: map[string]Reading{}}
	for _, c := range Criteria {
		f.Readings[c.Key] = Reading{Strength: Observed, Share: 1, Fact: "Seen."}
	}
	old := f.Readings["evaluation"]
	old.Until, old.Fact = noon, "Evaluated long ago."
	glass := Reading{Strength: Against, Share: 1, Fact: "It waits."}
	for name, c := range map[string]struct {
		then            Facts
		moved           []string
		was, is         Tier
		imposed, lifted int
	}{
		"nothing":        {then: f, was: Elite, is: Elite},
		"too old":        {then: f.with("evaluation", old), moved: []string{"evaluation"}, was: Elite, is: Elite},
		"a cap":          {then: f.with("break_glass", glass), moved: []string{"break_glass"}, was: Elite, is: Good, imposed: 1},
		"two, by weight": {then: f.with("break_glass", glass).with("evaluation", old), moved: []string{"evaluation", "break_glass"}, was: Elite, is: Good, imposed: 1},
	} {
		t.Run(name, func(t *testing.T) {
			got := Compare(Score(f, noon), Score(c.then, noon))
			if got.WasTier != c.was || got.IsTier != c.is || got.Tiered() != (c.was != c.is) || got.Any() != (len(c.moved) > 0) {
				t.Errorf("%+v", got)
			}
			if len(got.Moved) != len(c.moved) || len(got.Imposed) != c.imposed || len(got.Lifted) != c.lifted {
				t.Fatalf("%+v", got)
			}
			for i, key := range c.moved {
				if m := got.Moved[i]; m.Key != key || m.Is != 0 || m.Was != float64(m.Points) || m.Why == "" {
					t.Errorf("%+v, want %s", m, key)
				}
			}
			if back := Compare(Score(c.then, noon), Score(f, noon)); back.Gain() != -got.Gain() || len(back.Lifted) != c.imposed {
				t.Errorf("the other way %+v", back)
			}
		})
	}
	if why := Compare(Score(f, noon), Score(f.with("evaluation", old), noon)).Moved[0].Why; !strings.HasPrefix(why, "Evaluated long ago. Too old to count since ") {
		t.Errorf("it says %q", why)
	}
}

// Whatever moved accounts for the whole difference: a score that differs has a criterion or a cap that does.
func TestADifferenceIsAlwaysExplained(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 36))
	for i := range rounds {
		f := anyFacts(r)
		g := f.with(Criteria[r.IntN(len(Criteria))].Key, Reading{Strength: strengths[r.IntN(len(strengths))], Share: 1, Until: noon.Add(time.Duration(r.IntN(9)-4) * time.Hour)})
		c := Compare(Score(f, noon), Score(g, noon))
		if c.Was != c.Is && len(c.Moved)+len(c.Imposed)+len(c.Lifted) == 0 {
			t.Fatalf("%d: from %v to %v, and nothing moved", i, c.Was, c.Is)
		}
	}
}
