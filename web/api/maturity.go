package api

import (
	"context"
	"time"

	"sundial/components/link"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/scorecard"
	"sundial/models/store"
)

// Score is a model's maturity in short.
type Score struct {
	Score float64 `json:"score" doc:"0 to 100, not rounded. Pages show one decimal, rounded down."`
	Raw   float64 `json:"raw" doc:"Before caps."`
	Cap   int     `json:"cap" doc:"The lowest cap that holds; 100 for none."`
	Tier  string  `json:"tier" enum:"Elite,Good,Average,Weak,Chaos"`
}

// ModelMaturity is a model's scorecard.
type ModelMaturity struct {
	Score
	Phase    string           `json:"phase" enum:"production,zombie,unregistered,before,retired" doc:"The first three count in the team."`
	Version  string           `json:"version,omitempty"`
	Rules    string           `json:"rules" doc:"What it was computed by: the version of the rules, and the policy."`
	On       day.Day          `json:"on" doc:"The day it was kept for."`
	Caps     []MaturityCap    `json:"caps" doc:"Every reason. Of a day that is past only the lowest cap is kept, in cap."`
	Criteria []MaturityDetail `json:"criteria"`
	URL      string           `json:"url"`
}

// MaturityCap is a shortcoming that limits the score.
type MaturityCap struct {
	Limit  int    `json:"limit"`
	Reason string `json:"reason"`
}

// MaturityDetail is one criterion.
type MaturityDetail struct {
	Key         string    `json:"key"`
	Section     string    `json:"section"`
	Title       string    `json:"title"`
	Points      int       `json:"points"`
	Strength    float64   `json:"strength" doc:"1 observed, 0.7 attested, 0 for nothing; coverage counts in part."`
	Earned      float64   `json:"earned"`
	Outcome     string    `json:"outcome" enum:"pass,fail,skipped,not_measured"`
	Fact        string    `json:"fact,omitempty"`
	ObservedAt  time.Time `json:"observed_at,omitzero"`
	Explanation string    `json:"explanation,omitempty"`
}

// TeamMaturity is a team's score.
type TeamMaturity struct {
	Team            string             `json:"team"`
	Score           *float64           `json:"score" doc:"null while no model counts."`
	Tier            string             `json:"tier,omitempty" enum:"Elite,Good,Average,Weak,Chaos"`
	Rules           string             `json:"rules,omitempty"`
	On              day.Day            `json:"on"`
	Models          int                `json:"models" doc:"That count."`
	Unregistered    int                `json:"unregistered" doc:"Of them, seen in operation and never registered: 0 each."`
	Zombies         int                `json:"zombies"`
	Capped          int                `json:"capped"`
	Lowest          string             `json:"lowest,omitempty"`
	LowestScore     float64            `json:"lowest_score"`
	AttestedPercent float64            `json:"attested_percent" doc:"Share of the points that rests on people and not on machines."`
	Change90Days    *float64           `json:"change_90_days,omitempty"`
	Sections        map[string]float64 `json:"sections" doc:"By letter; those that apply."`
	URL             string             `json:"url"`
}

// InAt asks for a moment that is past.
type InAt struct {
	At time.Time `query:"at" doc:"RFC 3339. Scores are kept by day; the day's last counts."`
}

func (in InAt) day() day.Day {
	if in.At.IsZero() {
		return ""
	}
	return day.Of(in.At)
}

func (a *API) scoreOf(ctx context.Context, model int64) (*Score, error) {
	k, found, err := a.Store.KeptScore(ctx, model)
	if err != nil || !found || k.Phase == scorecard.Gone {
		return nil, err
	}
	return &Score{k.Score, k.Raw, k.Cap, string(k.Tier)}, nil
}

func (a *API) modelMaturity(ctx context.Context, in *struct {
	InModel
	InAt
}) (*Entity[ModelMaturity], error) {
	if on := in.day(); on.Known() && on < day.Of(a.now()) {
		return a.modelMaturityOn(ctx, in.Model, on)
	}
	s, err := a.Store.ModelScore(ctx, in.Model, a.Policy)
	if err != nil {
		return nil, err
	}
	out := ModelMaturity{Score: Score{s.Card.Score, s.Card.Raw, s.Card.Cap(), string(s.Card.Tier)}, Phase: string(s.Card.Phase), Version: s.Card.Version, Rules: s.Rules,
		On: day.Of(a.now()), Caps: []MaturityCap{}, Criteria: []MaturityDetail{}, URL: a.page(link.Scorecard(in.Model))}
	for _, c := range s.Card.Caps {
		out.Caps = append(out.Caps, MaturityCap{c.Limit, c.Reason})
	}
	for _, l := range s.Card.Lines {
		out.Criteria = append(out.Criteria, MaturityDetail{Key: l.Key, Section: string(l.Section), Title: l.Title, Points: l.Points, Strength: l.Strength, Earned: l.Earned,
			Outcome: string(l.Outcome), Fact: l.Fact, ObservedAt: l.ObservedAt, Explanation: l.Explanation})
	}
	return entity(0, out), nil
}

func (a *API) modelMaturityOn(ctx context.Context, slug string, on day.Day) (*Entity[ModelMaturity], error) {
	m, err := a.Store.Model(ctx, slug)
	if err != nil {
		return nil, err
	}
	d, found, err := a.Store.ModelScoreAt(ctx, m.ID, on)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fault.New(fault.NotFound, "This model was not scored yet on that day.")
	}
	out := ModelMaturity{Score: Score{d.Score, d.Raw, d.Cap, string(d.Tier)}, Phase: string(d.Phase), Rules: d.Rules, On: d.Day, Caps: []MaturityCap{}, Criteria: []MaturityDetail{}, URL: a.page(link.Scorecard(slug))}
	for _, l := range d.Lines {
		c, _ := scorecard.CriterionOf(l.Key)
		x := MaturityDetail{Key: l.Key, Section: string(c.Section), Title: c.Title, Points: l.Points, Earned: l.Earned, Outcome: string(l.Outcome)}
		if l.Points > 0 {
			x.Strength = l.Earned / float64(l.Points)
		}
		out.Criteria = append(out.Criteria, x)
	}
	return entity(0, out), nil
}

func (a *API) teamMaturity(ctx context.Context, in *struct {
	Team string `path:"team" maxLength:"200" doc:"The team's short name."`
	InAt
}) (*Entity[TeamMaturity], error) {
	t, err := a.Store.TeamBySlug(ctx, in.Team)
	if err != nil {
		return nil, err
	}
	g, err := a.Store.TeamScore(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	on, rules, roll := day.Of(a.now()), store.ScoringRules(a.Policy), g.Rollup
	if past := in.day(); past.Known() && past < on {
		d, found, err := a.Store.GroupScoreAt(ctx, store.ScopeTeam, t.ID, past)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, fault.New(fault.NotFound, "This team was not scored yet on that day.")
		}
		on, rules, roll = d.Day, d.Rules, d.Rollup
	}
	out := teamMaturityOf(t.Slug, roll)
	out.On, out.Rules, out.URL = on, rules, a.page(link.Team(t.Slug))
	if change, known := g.Trend(); known && in.At.IsZero() {
		out.Change90Days = &change
	}
	return entity(0, out), nil
}

func teamMaturityOf(slug string, r scorecard.Rollup) TeamMaturity {
	out := TeamMaturity{Team: slug, Tier: string(r.Tier()), Models: r.Models, Unregistered: r.Unregistered, Zombies: r.Zombies, Capped: r.Capped, Lowest: r.Lowest,
		LowestScore: r.LowestScore, AttestedPercent: r.AttestedPercent(), Sections: map[string]float64{}}
	if score, known := r.Score(); known {
		out.Score = &score
	}
	for s, share := range r.Sections {
		if mean, known := share.Mean(); known {
			out.Sections[string(s)] = mean
		}
	}
	return out
}
