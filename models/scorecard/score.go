package scorecard

import (
	"time"

	"sundial/models/day"
	"sundial/models/registry"
)

// Outcome is how a criterion stands; the four are never mixed.
type Outcome string

// The outcomes.
const (
	Pass        Outcome = "pass"
	Fail        Outcome = "fail"
	Skipped     Outcome = "skipped"      // waived, or not asked before production
	NotMeasured Outcome = "not_measured" // nobody knows, which is not a pass
)

// Line is one criterion of a scorecard.
type Line struct {
	Key         string    `json:"key"`
	Section     Section   `json:"section"`
	Title       string    `json:"title"`
	Points      int       `json:"points"`   // what it is worth to this kind of model
	Strength    float64   `json:"strength"` // share of the points that the fact is worth, 0 to 1
	Evidence    Strength  `json:"evidence"` // what sort of fact it is
	Earned      float64   `json:"earned"`   // points
	Outcome     Outcome   `json:"outcome"`
	Fact        string    `json:"fact"`
	ObservedAt  time.Time `json:"observed_at,omitzero"`
	Explanation string    `json:"explanation"` // why it earned what it earned
	Mend        string    `json:"mend"`
	Action      string    `json:"action"` // "" when there is nothing to gain
}

// Gap is what the line could still earn.
func (l Line) Gap() float64 {
	if l.Outcome == Skipped {
		return 0
	}
	return clean(float64(l.Points) - l.Earned)
}

// Cap is the highest score that a known shortcoming still allows.
type Cap struct {
	Limit  int    `json:"limit"`
	Reason string `json:"reason"`
	Mend   string `json:"mend"`
	Action string `json:"action"` // the key of what lifts it
}

// SectionSum is what a section earned of what applied in it, in points.
type SectionSum struct {
	Section    Section `json:"section"`
	Earned     float64 `json:"earned"`
	Applicable int     `json:"applicable"`
}

// Percent is the section's own score; known is false when nothing applied.
func (s SectionSum) Percent() (percent float64, known bool) {
	if s.Applicable == 0 {
		return 0, false
	}
	return clean(100 * s.Earned / float64(s.Applicable)), true
}

// Scorecard is a model's score with everything it rests on.
type Scorecard struct {
	Score      float64       `json:"score"` // 0 to 100, unrounded
	Raw        float64       `json:"raw"`   // before caps
	Tier       Tier          `json:"tier"`
	Phase      Phase         `json:"phase"`
	Kind       registry.Kind `json:"kind"`
	Risk       registry.Tier `json:"risk_tier"`
	Version    string        `json:"version,omitempty"`
	Earned     float64       `json:"earned"`
	Attested   float64       `json:"attested"` // points of Earned that rest on attestation
	Applicable int           `json:"applicable"`
	Waived     int           `json:"waived"` // points that waivers took out, MaxWaived at most
	Caps       []Cap         `json:"caps,omitempty"`
	Lines      []Line        `json:"criteria"`
	Sections   []SectionSum  `json:"sections"`
	Changes    time.Time     `json:"changes,omitzero"` // the next moment at which time alone changes the score; zero: none
}

// Cap is the lowest of the caps, 100 without one.
func (s Scorecard) Cap() int {
	limit := 100
	for _, c := range s.Caps {
		limit = min(limit, c.Limit)
	}
	return limit
}

// Capped reports whether a cap took something away.
func (s Scorecard) Capped() bool { return s.Score < s.Raw }

// Score computes the scorecard of a model at a moment: 100 × earned / applicable points, then caps.
func Score(f Facts, now time.Time) Scorecard {
	s := Scorecard{Phase: f.Phase, Kind: f.Kind, Risk: f.Tier, Version: f.Version, Lines: make([]Line, 0, 30), Sections: make([]SectionSum, 0, len(Sections))}
	if f.Phase == Unregistered {
		return s.unregistered()
	}
	for _, c := range Criteria {
		if c.Points(f.Kind) == 0 {
			continue
		}
		s.Lines = append(s.Lines, line(c, f, now))
	}
	s.waive(f, day.Of(now))
	for _, l := range s.Lines {
		s.add(l)
	}
	s.Earned, s.Attested = clean(s.Earned), clean(s.Attested)
	if s.Applicable > 0 {
		s.Raw = clean(100 * s.Earned / float64(s.Applicable))
	}
	s.Caps = caps(f, &s, now)
	s.Score = min(s.Raw, float64(s.Cap()))
	s.Tier = TierOf(s.Score)
	s.ages(f, now)
	return s
}

// unregistered is the card of something that was only seen: there is nothing to read, and it counts 0.
func (s Scorecard) unregistered() Scorecard {
	s.Tier, s.Risk = Chaos, 2
	s.Caps = []Cap{{0, "It was seen in operation and never brought through the gates.", "version", "register"}}
	return s
}

func (s *Scorecard) add(l Line) {
	if n := len(s.Sections); n == 0 || s.Sections[n-1].Section != l.Section {
		s.Sections = append(s.Sections, SectionSum{Section: l.Section})
	}
	if l.Outcome == Skipped {
		return
	}
	sum := &s.Sections[len(s.Sections)-1]
	sum.Applicable += l.Points
	sum.Earned = clean(sum.Earned + l.Earned)
	s.Applicable += l.Points
	s.Earned += l.Earned
	if l.Evidence == Attested {
		s.Attested += l.Earned
	}
}

// line is what one criterion earned, and why.
func line(c Criterion, f Facts, now time.Time) Line {
	r, known := f.Readings[c.Key]
	if !known {
		r = Reading{Strength: Missing, Fact: "Nothing is on record."}
	}
	l := Line{Key: c.Key, Section: c.Section, Title: c.Title, Points: c.Points(f.Kind), Evidence: r.Strength, Fact: r.Fact,
		ObservedAt: r.At, Mend: c.Mend, Action: c.Action}
	if c.Serving && !f.Phase.Operates() {
		l.Outcome, l.Explanation, l.Action = Skipped, "Not asked before production.", ""
		return l
	}
	stale := !r.Until.IsZero() && !now.Before(r.Until)
	if !stale {
		l.Strength = clean(r.Strength.factor() * r.Share)
	}
	l.Earned = clean(float64(l.Points) * l.Strength)
	l.Outcome, l.Explanation = explain(r, l, stale)
	if l.Gap() == 0 {
		l.Action = ""
	}
	return l
}

// explain says how a reading stands and in a sentence why it earned what it earned.
func explain(r Reading, l Line, stale bool) (Outcome, string) {
	switch {
	case stale:
		return Fail, "Too old to count since " + day.Of(r.Until).Human() + "."
	case r.Strength == Observed && l.Strength == 1:
		return Pass, "Observed: counts in full."
	case r.Strength == Observed && l.Strength > 0:
		return Pass, "Observed, and holds in part."
	case r.Strength == Attested && l.Strength > 0:
		return Pass, "A person's record that a second person approved: counts 70 %. Reported by a machine it would count in full."
	case r.Strength == Declared:
		return Fail, "One person's word counts nothing until a second person approves it or a machine reports it."
	case r.Strength == Missing:
		return Fail, "Not on record."
	case r.Strength == Unmeasured:
		return NotMeasured, "Nobody knows, which is not a pass."
	}
	return Fail, "The fact says no."
}

// ages notes the next moment at which a reading, a waiver or a date stops holding.
func (s *Scorecard) ages(f Facts, now time.Time) {
	next := func(t time.Time) {
		if !t.IsZero() && t.After(now) && (s.Changes.IsZero() || t.Before(s.Changes)) {
			s.Changes = t
		}
	}
	for _, r := range f.Readings {
		next(r.Until)
		if r.Waived.Known() {
			next(r.Waived.Add(1).Time())
		}
	}
	if f.VendorEnd.Known() {
		next(f.VendorEnd.Time())
		next(f.VendorEnd.Add(-f.RunwayDays).Time())
	}
}
