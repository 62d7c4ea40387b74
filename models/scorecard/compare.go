package scorecard

import "slices"

// Change is what would become of a model's score under another policy.
type Change struct {
	Was, Is         float64
	WasTier, IsTier Tier
	Moved           []Moved // criteria that would earn otherwise, the greatest difference first
	Lifted, Imposed []Cap   // caps that would go, and that would come
}

// Moved is a criterion that would earn otherwise.
type Moved struct {
	Key, Title string
	Was, Is    float64 // points
	Points     int
	Why        string // what the fact would be, and what it would count
}

// Tiered reports whether the maturity tier would be another.
func (c Change) Tiered() bool { return c.WasTier != c.IsTier }

// Any reports whether anything about the score would be another.
func (c Change) Any() bool {
	return c.Was != c.Is || len(c.Moved)+len(c.Lifted)+len(c.Imposed) > 0
}

// Gain is by how much the score would rise, below 0 where it would fall.
func (c Change) Gain() float64 { return clean(c.Is - c.Was) }

// Compare compares the cards of one model under two policies. Both have the same lines, because a policy
// says how long facts hold and not what is asked: what a gate does not ask counts in a score all the same.
func Compare(was, is Scorecard) Change {
	c := Change{Was: was.Score, Is: is.Score, WasTier: was.Tier, IsTier: is.Tier, Lifted: capsBeside(was.Caps, is.Caps), Imposed: capsBeside(is.Caps, was.Caps)}
	before := make(map[string]Line, len(was.Lines))
	for _, l := range was.Lines {
		before[l.Key] = l
	}
	for _, l := range is.Lines {
		w, known := before[l.Key]
		if known && w.Earned == l.Earned && (w.Outcome == Skipped) == (l.Outcome == Skipped) {
			continue
		}
		c.Moved = append(c.Moved, Moved{Key: l.Key, Title: l.Title, Was: w.Earned, Is: l.Earned, Points: l.Points, Why: why(l)})
	}
	slices.SortStableFunc(c.Moved, func(a, b Moved) int {
		da, db := abs(a.Is-a.Was), abs(b.Is-b.Was)
		switch {
		case da > db:
			return -1
		case da < db:
			return 1
		}
		return 0
	})
	return c
}

func why(l Line) string {
	if l.Fact == "" {
		return l.Explanation
	}
	return l.Fact + " " + l.Explanation
}

func abs(x float64) float64 { return max(x, -x) }

// capsBeside are the caps of one card that the other has not.
func capsBeside(list, others []Cap) (out []Cap) {
	for _, c := range list {
		if !slices.ContainsFunc(others, func(o Cap) bool { return o.Limit == c.Limit && o.Action == c.Action }) {
			out = append(out, c)
		}
	}
	return out
}
