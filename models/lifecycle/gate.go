package lifecycle

import (
	"time"

	"sundial/models/registry"
)

// Outcome of one check. Unknown is not pass.
type Outcome string

// The outcomes.
const (
	Pass          Outcome = "pass"
	Fail          Outcome = "fail"
	NotApplicable Outcome = "not_applicable"
	Waived        Outcome = "waived"
	Unknown       Outcome = "unknown"
)

// Check is one rule of a gate, computed from facts and never ticked by hand.
type Check struct {
	Key        string         `json:"key"`
	Title      string         `json:"title"`
	Why        string         `json:"why"`
	Stage      registry.Stage `json:"stage"` // the gate it belongs to; later gates ask it again
	Outcome    Outcome        `json:"outcome"`
	Fact       string         `json:"fact"`        // the fact it rests on, as a sentence
	ObservedAt time.Time      `json:"observed_at"` // when that fact was recorded; zero when there is none
	Mend       string         `json:"mend"`        // where it is mended: model, version, evidence, plan, consumers
	Iron       bool           `json:"iron"`        // no waiver, policy or broken glass lifts it
	WaiverID   int64          `json:"waiver_id,omitempty"`
}

// Green reports whether the check lets a version through.
func (c Check) Green() bool {
	return c.Outcome == Pass || c.Outcome == NotApplicable || c.Outcome == Waived
}

// Gate is every check of one transition.
type Gate struct {
	To     registry.Stage
	Checks []Check
}

// Green reports whether all checks let the version through.
func (g Gate) Green() bool { return len(g.Red()) == 0 }

// Red lists the checks that do not.
func (g Gate) Red() []Check {
	var red []Check
	for _, c := range g.Checks {
		if !c.Green() {
			red = append(red, c)
		}
	}
	return red
}

// IronRed lists the failing checks that hold even when glass is broken.
func (g Gate) IronRed() []Check {
	var red []Check
	for _, c := range g.Red() {
		if c.Iron {
			red = append(red, c)
		}
	}
	return red
}

// GateTo computes the gate to a stage. A gate asks again what the gates before it asked: an owner who
// left or a fact that changed since does not slip through. Moving back or closing has no gate.
func GateTo(f *Facts, to registry.Stage, p Policy, now time.Time) Gate {
	g := Gate{To: to}
	if to == registry.Retired || to.Rank() <= registry.Experiment.Rank() {
		return g // no gate stands there; whether the move is legal at all is the table's question
	}
	known := *f
	known.digest = f.Version.Digest()
	for _, key := range order {
		c := catalogue[key]
		if c.stage.Rank() > to.Rank() || (c.kind != "" && c.kind != f.Model.Kind) {
			continue
		}
		g.Checks = append(g.Checks, c.compute(key, &known, p, now))
	}
	return g
}

// CheckOf computes one check by its key, whichever gate it stands in; one that is not asked of this kind of
// model is not applicable.
func CheckOf(key string, f *Facts, p Policy, now time.Time) Check {
	c, ok := catalogue[key]
	if !ok || c.kind != "" && c.kind != f.Model.Kind {
		return Check{Key: key, Title: CheckTitle(key), Outcome: NotApplicable}
	}
	return c.compute(key, f, p, now)
}

func (c rule) compute(key string, f *Facts, p Policy, now time.Time) Check {
	out := Check{Key: key, Title: c.title, Why: c.why, Stage: c.stage, Mend: c.mend, Iron: c.iron}
	if !p.asks(key, f.Model.Tier) {
		out.Outcome, out.Fact = NotApplicable, "Not asked at this tier under the "+p.Profile+" policy."
		return out
	}
	r := c.ask(f, p, now)
	out.Outcome, out.Fact, out.ObservedAt = r.outcome, r.fact, r.at
	out.Iron = c.iron && !r.yields
	if !out.Green() && !out.Iron {
		for _, w := range f.Waivers {
			if w.Key == key && w.InForce(f.Version.ID, f.Version.Digest(), today(now)) {
				out.Outcome, out.WaiverID = Waived, w.ID
				out.Fact += " Waived until " + w.Until.Human() + " by " + w.Decider + ": " + w.Reason
			}
		}
	}
	return out
}

// rule is one row of the gate table.
type rule struct {
	stage registry.Stage
	kind  registry.Kind // "" for both
	title string
	why   string
	mend  string
	iron  bool // no waiver, policy or broken glass lifts it, unless the answer yields
	ask   func(*Facts, Policy, time.Time) answer
}

type answer struct {
	outcome Outcome
	fact    string
	at      time.Time
	yields  bool // an iron check whose failure is of the kind that a waiver may lift
}

func pass(fact string, at time.Time) answer { return answer{outcome: Pass, fact: fact, at: at} }
func fail(fact string) answer               { return answer{outcome: Fail, fact: fact} }
func unknown(fact string) answer            { return answer{outcome: Unknown, fact: fact} }

// since dates the fact that an answer rests on.
func (a answer) since(at time.Time) answer { a.at = at; return a }
