package scorecard

import (
	"math"

	"sundial/models/registry"
)

// Weight is how much a model weighs in its team: 4, 2 and 1 for risk tiers 1, 2 and 3. A model without a
// tier is held to tier 1, as at the gates.
func Weight(t registry.Tier) int64 {
	switch t {
	case 2:
		return 2
	case 3:
		return 1
	}
	return 4
}

// nano is a score or points in billionths. Sums of them are exact, so that a department computed from its
// teams and one computed from its models are the same number.
func nano(x float64) int64 { return int64(math.Round(x * 1e9)) }

// Member is what a team's score needs of one of its models.
type Member struct {
	Slug       string
	Risk       registry.Tier
	Phase      Phase
	Score, Raw float64
	Earned     float64
	Attested   float64
	Sections   []SectionSum
}

// MemberOf is a model's part in its team.
func MemberOf(slug string, s Scorecard) Member {
	return Member{Slug: slug, Risk: s.Risk, Phase: s.Phase, Score: s.Score, Raw: s.Raw, Earned: s.Earned, Attested: s.Attested, Sections: s.Sections}
}

// Share is a weighted sum of scores, in billionths, and the sum of the weights.
type Share struct {
	Sum    int64 `json:"sum"`
	Weight int64 `json:"weight"`
}

// Mean is the weighted mean; known is false when nothing weighs.
func (s Share) Mean() (mean float64, known bool) {
	if s.Weight == 0 {
		return 0, false
	}
	return clean(float64(s.Sum) / float64(s.Weight) / 1e9), true
}

func (s Share) plus(o Share) Share { return Share{s.Sum + o.Sum, s.Weight + o.Weight} }

// Rollup is the score of a team, a department or the whole organisation.
type Rollup struct {
	Total        Share             `json:"total"`
	Models       int               `json:"models"`       // that count
	Unregistered int               `json:"unregistered"` // of them, seen in operation only
	Zombies      int               `json:"zombies"`      // of them, retired and still answering
	Coming       int               `json:"coming"`       // on their way to production; they do not count yet
	Capped       int               `json:"capped"`
	Lowest       string            `json:"lowest"` // the model with the lowest score
	LowestScore  float64           `json:"lowest_score"`
	Earned       int64             `json:"earned"`   // billionths of points
	Attested     int64             `json:"attested"` // of them, resting on attestation
	Sections     map[Section]Share `json:"sections"`
	Tiers        map[Tier]int      `json:"tiers"` // models by tier
}

// RollUp adds models up: sum(weight × score) / sum(weight) over those that count. A team without any has
// no score, which is not 0.
func RollUp(members []Member) Rollup {
	r := NewRollup()
	for _, m := range members {
		r.Add(m)
	}
	return r
}

// NewRollup is one of no models.
func NewRollup() Rollup { return Rollup{Sections: map[Section]Share{}, Tiers: map[Tier]int{}} }

// Add counts one more model.
func (r *Rollup) Add(m Member) {
	if !m.Phase.Counts() {
		if m.Phase == Before {
			r.Coming++
		}
		return
	}
	w := Weight(m.Risk)
	switch m.Phase {
	case Unregistered:
		r.Unregistered++
		w = Weight(2)
		for _, s := range Sections {
			r.Sections[s] = r.Sections[s].plus(Share{0, w})
		}
	case Zombie:
		r.Zombies++
	}
	if r.Models == 0 || m.Score < r.LowestScore || m.Score == r.LowestScore && m.Slug < r.Lowest {
		r.Lowest, r.LowestScore = m.Slug, m.Score
	}
	if m.Score < m.Raw {
		r.Capped++
	}
	r.Models++
	r.Total = r.Total.plus(Share{w * nano(m.Score), w})
	r.Tiers[TierOf(m.Score)]++
	r.Earned += nano(m.Earned)
	r.Attested += nano(m.Attested)
	for _, s := range m.Sections {
		if percent, known := s.Percent(); known {
			r.Sections[s.Section] = r.Sections[s.Section].plus(Share{w * nano(percent), w})
		}
	}
}

// Merge adds rollups up, such as a department's teams: the same number as over all their models.
func Merge(parts []Rollup) Rollup {
	out := NewRollup()
	for _, p := range parts {
		if p.Models > 0 && (out.Models == 0 || p.LowestScore < out.LowestScore || p.LowestScore == out.LowestScore && p.Lowest < out.Lowest) {
			out.Lowest, out.LowestScore = p.Lowest, p.LowestScore
		}
		out.Total = out.Total.plus(p.Total)
		out.Models += p.Models
		out.Unregistered += p.Unregistered
		out.Zombies += p.Zombies
		out.Coming += p.Coming
		out.Capped += p.Capped
		out.Earned += p.Earned
		out.Attested += p.Attested
		for k, v := range p.Sections {
			out.Sections[k] = out.Sections[k].plus(v)
		}
		for k, v := range p.Tiers {
			out.Tiers[k] += v
		}
	}
	return out
}

// Score is the mean over all that counts; known is false for "no models".
func (r Rollup) Score() (score float64, known bool) { return r.Total.Mean() }

// Tier is that of the score, "" without models.
func (r Rollup) Tier() Tier {
	s, known := r.Score()
	if !known {
		return ""
	}
	return TierOf(s)
}

// AttestedPercent is the share of the earned points that rests on attestation and not on observation.
func (r Rollup) AttestedPercent() float64 {
	if r.Earned == 0 {
		return 0
	}
	return clean(100 * float64(r.Attested) / float64(r.Earned))
}
