package scorecard

import "sundial/models/day"

// MaxWaived is how many points of a model waivers may take out of the denominator.
const MaxWaived = 10

// waive sets aside the lines that waivers in force cover: of all choices within MaxWaived points the one
// with the best score. Whatever evidence is added to a criterion, waived or not, then never lowers a score:
// it lowers none of the choices.
func (s *Scorecard) waive(f Facts, today day.Day) {
	var covered []int
	earned, applicable := 0.0, 0
	for i, l := range s.Lines {
		if l.Outcome == Skipped {
			continue
		}
		earned, applicable = earned+l.Earned, applicable+l.Points
		if r := f.Readings[l.Key]; r.Waived.Known() && today <= r.Waived && l.Strength < 1 {
			covered = append(covered, i)
		}
	}
	if len(covered) == 0 {
		return
	}
	c := choice{s: s, covered: covered, best: clean(earned / float64(applicable))}
	c.try(0, nil, earned, applicable, 0)
	for _, i := range c.chosen {
		l, r := &s.Lines[i], f.Readings[s.Lines[i].Key]
		s.Waived += l.Points
		l.Outcome, l.Explanation, l.Action = Skipped, "Waived until "+r.Waived.Human()+". "+r.Waiver, ""
	}
	for _, i := range covered {
		if l := &s.Lines[i]; l.Outcome != Skipped && l.Strength == 0 {
			l.Explanation += " A waiver is in force, but waivers take out 10 points of a model at most."
		}
	}
}

// choice looks for the lines to set aside.
type choice struct {
	s       *Scorecard
	covered []int
	best    float64
	chosen  []int
}

func (c *choice) try(from int, taken []int, earned float64, applicable, points int) {
	for n := from; n < len(c.covered); n++ {
		l := c.s.Lines[c.covered[n]]
		if points+l.Points > MaxWaived || applicable == l.Points {
			continue
		}
		with := append(taken[:len(taken):len(taken)], c.covered[n])
		e, a := earned-l.Earned, applicable-l.Points
		if ratio := clean(e / float64(a)); ratio > c.best {
			c.best, c.chosen = ratio, with
		}
		c.try(n+1, with, e, a, points+l.Points)
	}
}
