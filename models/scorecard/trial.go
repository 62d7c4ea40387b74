package scorecard

import (
	"sundial/models/lifecycle"
	"sundial/models/registry"
)

// ModelTrial is what would become of one model under another policy.
type ModelTrial struct {
	ID         int64
	Slug, Name string
	Team       string // its name, "" without one
	Risk       registry.Tier
	Phase      Phase
	Score      Change

	// The gate that its furthest version stands before: the next stage, or production again.
	Version string // "" when no version lives
	To      registry.Stage
	Gate    lifecycle.GateChange
}

// Differs reports whether anything about the model would be another.
func (m ModelTrial) Differs() bool {
	return m.Score.Any() || len(m.Gate.Fails)+len(m.Gate.Passes) > 0
}

// TeamTrial is a team whose score would be another.
type TeamTrial struct {
	Slug, Name      string
	Was, Is         float64
	WasTier, IsTier Tier
}

// Tiered reports whether the team's tier would be another.
func (t TeamTrial) Tiered() bool { return t.WasTier != t.IsTier }

// Trial is what would become of everything.
type Trial struct {
	Compared, Models int // models that were looked at, of those there are
	Up, Down         int // models whose maturity tier would be higher, or lower
	Rise, Fall       int // models whose score would rise, or fall, whatever their tier
	Pass, Fail       int // furthest versions that would pass their next gate, and that would not
	Fails, Passes    int // versions that a check would newly hold up, and those that no check would hold up any longer
	Org              TeamTrial
	Teams            []TeamTrial // whose score would be another, by name; none of a trial that was cut short
}

// Whole reports whether every model was looked at.
func (t Trial) Whole() bool { return t.Compared == t.Models }

// Count adds a model to the sums.
func (t *Trial) Count(m ModelTrial) {
	t.Compared++
	gain := m.Score.Gain()
	switch {
	case gain > 0:
		t.Rise++
	case gain < 0:
		t.Fall++
	}
	switch {
	case m.Score.Tiered() && gain > 0:
		t.Up++
	case m.Score.Tiered():
		t.Down++
	}
	if m.Version == "" {
		return
	}
	if m.Gate.Is {
		t.Pass++
	} else {
		t.Fail++
	}
	switch {
	case len(m.Gate.Fails) > 0:
		t.Fails++
	case len(m.Gate.Passes) > 0:
		t.Passes++
	}
}

// TryTeam compares what a team's models add up to.
func TryTeam(before, after Rollup) TeamTrial {
	t := TeamTrial{WasTier: before.Tier(), IsTier: after.Tier()}
	t.Was, _ = before.Score()
	t.Is, _ = after.Score()
	return t
}
