package api

import (
	"time"

	"sundial/models/lifecycle"
)

// Check is one rule of a gate, computed from facts.
type Check struct {
	Key        string     `json:"key" doc:"The rule, by a name that stays."`
	Title      string     `json:"title"`
	Outcome    string     `json:"outcome" enum:"pass,fail,not_applicable,waived,unknown"`
	Why        string     `json:"why" doc:"Why it matters."`
	Fact       string     `json:"fact" doc:"What it rests on."`
	ObservedAt *time.Time `json:"observed_at,omitempty" doc:"When that was recorded."`
	FixURL     string     `json:"fix_url" doc:"The page where it is mended."`
}

func (a *API) checks(list []lifecycle.Check, slug, label string) []Check {
	out := make([]Check, 0, len(list))
	for _, c := range list {
		out = append(out, Check{Key: c.Key, Title: c.Title, Outcome: string(c.Outcome), Why: c.Why, Fact: c.Fact, ObservedAt: moment(c.ObservedAt)})
	}
	return out
}
