package scorecard

import (
	"math"
	"strconv"
)

// Tier is how mature a score is called. Risk tiers, 1 to 3, are registry's.
type Tier string

// The tiers, from the best.
const (
	Elite   Tier = "Elite"
	Good    Tier = "Good"
	Average Tier = "Average"
	Weak    Tier = "Weak"
	Chaos   Tier = "Chaos"
)

// Tiers lists all five, from the best.
var Tiers = []Tier{Elite, Good, Average, Weak, Chaos}

// TierOf is the tier of a score from 0 to 100, as it is and not as it is shown: 90.04 is Elite.
func TierOf(score float64) Tier {
	switch {
	case score > 90:
		return Elite
	case score >= 70:
		return Good
	case score >= 40:
		return Average
	case score >= 20:
		return Weak
	}
	return Chaos
}

// Bounds is the tier as half a sentence: "above 90".
func (t Tier) Bounds() string {
	return map[Tier]string{Elite: "above 90", Good: "70 to 90", Average: "40 to below 70", Weak: "20 to below 40", Chaos: "below 20"}[t]
}

// Shown is a score as every page, file and answer shows it: one decimal, rounded down, so that nothing
// looks better than it is.
func Shown(score float64) float64 {
	const grid = 1e9 // clean's
	return math.Floor(math.Round(score*grid)/(grid/10)) / 10
}

// Text is Shown with its decimal, "84.6".
func Text(score float64) string { return strconv.FormatFloat(Shown(score), 'f', 1, 64) }

// clean takes away what adding fractions in binary leaves behind: 84.68 is not 84.67999999999998.
// It is a billionth and no rounding that anybody could see or that could move a tier.
func clean(x float64) float64 { return math.Round(x*1e9) / 1e9 }
