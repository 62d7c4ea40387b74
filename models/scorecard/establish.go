package scorecard

import (
	"fmt"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// Establish reads what is known of a model into the facts that its score is computed from. The policy says
// how long evidence is fresh and how long a retirement takes; what it does not ask at a gate counts here all
// the same, because scores compare teams.
func Establish(k *Known, p lifecycle.Policy, now time.Time) Facts {
	e := establishing{Known: k, policy: p, now: now, today: day.Of(now)}
	e.policy.Off = nil
	e.gate = k.Gate
	e.gate.Waivers = nil // they are told apart from facts
	f := Facts{Kind: k.Gate.Model.Kind, Tier: k.Gate.Model.Tier, Phase: PhaseOf(k, now), Version: k.Gate.Version.Label,
		Readings: make(map[string]Reading, len(Criteria)), CutoverStarted: k.CutoverStarted}
	if f.Phase == Unregistered || f.Phase == Gone {
		return f
	}
	e.phase = f.Phase
	for _, c := range Criteria {
		if c.Points(f.Kind) == 0 || c.Serving && !f.Phase.Operates() {
			continue
		}
		r := e.read(c.Key)
		if r.Strength.factor() > 0 && r.Share == 0 && c.Key != "coverage" {
			r.Share = 1
		}
		e.waive(c, &r)
		f.Readings[c.Key] = r
	}
	e.release(&f)
	return f
}

type establishing struct {
	*Known
	gate   lifecycle.Facts
	policy lifecycle.Policy
	phase  Phase
	now    time.Time
	today  day.Day
}

// read asks for one criterion.
func (e *establishing) read(key string) Reading {
	switch key {
	case "owner", "deputy":
		return e.check(key)
	case "pin":
		return e.check(key)
	case "vendor_end":
		return e.vendorEnd()
	case "basics":
		return e.basics()
	case "consumers":
		return e.consumers()
	case "run":
		return e.run()
	case "code", "dataset":
		return e.reported(e.check(key))
	case "recipe":
		return e.reported(e.both("parameters", "environment"))
	case "prompt":
		return e.prompts()
	case "config":
		return e.reported(e.both("release_parameters", "tools"))
	case "evaluation", "release_evaluation":
		return e.testimony(key, evidence.Evaluation)
	case "fairness":
		return e.testimony(key, evidence.Fairness)
	case "security_review":
		return e.testimony(key, evidence.SecurityReview)
	case "rollout":
		return e.testimony("rollout_evidence", evidence.Shadow, evidence.Canary)
	case "approval":
		return e.approval()
	case "serving":
		return e.serving()
	case "coverage":
		return e.coverage()
	case "drift", "quality", "cost":
		return e.measured(key)
	case "sla":
		return e.slaMeasured()
	case "cadence":
		return e.cadence()
	case "reevaluation":
		return e.reevaluation()
	case "plan":
		return e.plan()
	case "criterion", "candidate":
		return e.planPart(key)
	case "data":
		return e.dataPlan()
	case "rehearsal":
		return e.rehearsal()
	case "four_eyes":
		return e.fourEyes()
	case "break_glass":
		return e.breakGlass()
	case "timely":
		return e.timely()
	}
	panic("scorecard: no facts for criterion " + key)
}

// check reads a check of the gate, so that both pages say the same.
func (e *establishing) check(key string) Reading {
	c := lifecycle.CheckOf(key, &e.gate, e.policy, e.now)
	r := Reading{Fact: c.Fact, At: c.ObservedAt}
	switch c.Outcome {
	case lifecycle.Pass:
		r.Strength = Observed
	case lifecycle.Unknown:
		r.Strength = Unmeasured
	default:
		r.Strength = Against
		if c.ObservedAt.IsZero() {
			r.Strength = Missing
		}
	}
	return r
}

// both is one reading of two checks: the first that does not pass.
func (e *establishing) both(keys ...string) Reading {
	var facts []string
	var out Reading
	for _, key := range keys {
		r := e.check(key)
		if r.Strength != Observed {
			return r
		}
		facts = append(facts, r.Fact)
		out = r
	}
	out.Fact = strings.Join(facts, " ")
	return out
}

// reported says who brought what the version is made of: a machine's report counts in full, a person's
// record when a second person approved the version as it is.
func (e *establishing) reported(r Reading) Reading {
	if r.Strength != Observed {
		return r
	}
	v := &e.Gate.Version
	r.At = v.BuiltAt
	switch m, ok := e.approvedSince(v.BuiltAt, e.hands()...); {
	case machine(e.BuiltVia):
		r.Fact += " Reported by " + by(e.BuiltVia) + "."
	case ok:
		r.Strength = Attested
		r.Fact += fmt.Sprintf(" Recorded by a person, approved with request %d.", m.ID)
	default:
		r.Strength = Declared
		r.Fact += " Recorded by a person; nobody else has approved it yet."
	}
	return r
}

// hands are the people who made what is scored.
func (e *establishing) hands() []int64 {
	return append([]int64{e.Gate.Version.AuthorID}, e.Gate.Editors...)
}

// by names the machine of a via for a sentence.
func by(via string) string {
	if name, ok := strings.CutPrefix(via, "token:"); ok {
		return "the token " + name
	}
	return via
}

// basics: the portal's own record, which counts once a second person approved a move of the version that
// stood on it.
func (e *establishing) basics() Reading {
	for _, key := range []string{"team", "tier", "purpose"} {
		if r := e.check(key); r.Strength != Observed {
			return r
		}
	}
	if retirement.Placeholder(e.Gate.Model.Purpose) {
		return Reading{Strength: Missing, Fact: "The purpose on record is a placeholder."}
	}
	fact := fmt.Sprintf("%s, tier %d, with a purpose.", e.Gate.Team.Name, e.Gate.Model.Tier)
	m, ok := e.approvedSince(time.Time{}, e.hands()...)
	if !ok {
		return Reading{Strength: Declared, Fact: fact + " Nobody else has approved a request that rests on them."}
	}
	return Reading{Strength: Observed, At: m.DecidedAt, Fact: fact + fmt.Sprintf(" Approved with request %d.", m.ID)}
}

func (e *establishing) run() Reading {
	run := e.Gate.Version.Lineage.Run
	if run.URL == "" && run.ID == "" {
		return Reading{Strength: Missing, Fact: "No training run is recorded."}
	}
	return e.reported(Reading{Strength: Observed, Fact: "Run " + first(run.ID, run.URL) + "."})
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// prompts count in full when this portal computed their hashes itself, from their text.
func (e *establishing) prompts() Reading {
	r := e.check("prompt")
	if r.Strength != Observed {
		return r
	}
	for _, p := range e.Gate.Version.Release.Prompts {
		if p.Text == "" {
			return e.reported(r)
		}
	}
	r.Fact += " Sundial computed every hash from the text."
	return r
}

// vendorEnd asks whether the end is known, not whether it leaves time: that is a cap.
func (e *establishing) vendorEnd() Reading {
	v := e.Gate.Vendor
	if v.Known && v.Entry.EndOfLife.Known() {
		return Reading{Strength: Observed, At: v.Entry.ReadOn.Time(), Fact: "The vendor ends it on " + v.Entry.EndOfLife.Human() + "."}
	}
	r := e.check("vendor_end")
	if r.Strength == Observed {
		r.Until = v.Entry.ReadOn.Add(lifecycle.CatalogueDays + 1).Time()
	}
	return r
}

// release fills what caps ask of a GenAI release and of what serves.
func (e *establishing) release(f *Facts) {
	f.Named = e.phase == Serving && e.Gate.Serving != nil
	if f.Kind != registry.GenAI {
		return
	}
	f.VendorID, f.VendorClass = e.Gate.Version.Release.ModelID, e.Gate.Vendor.Verdict.Class
	if e.Gate.Vendor.Known {
		f.VendorEnd = e.Gate.Vendor.Entry.EndOfLife
	}
	f.RunwayDays = e.Gate.Plan.Runway.NeedsDays
	if e.Gate.Plan.Plan == nil {
		f.RunwayDays = retirement.NewRunway(f.VendorEnd, 0, e.policy.RollbackDays, e.policy.ReviewDays).NeedsDays
	}
}

// waive notes the waiver in force of a criterion's checks that lasts longest.
func (e *establishing) waive(c Criterion, r *Reading) {
	digest := ""
	for _, w := range e.Gate.Waivers {
		for _, key := range c.Checks {
			if w.Key != key || w.Until <= r.Waived {
				continue
			}
			if digest == "" {
				digest = e.Gate.Version.Digest()
			}
			if w.InForce(e.Gate.Version.ID, digest, e.today) {
				r.Waived, r.Waiver = w.Until, w.Decider+": "+w.Reason
			}
		}
	}
}

// firstProblem is the first sentence of what is wrong.
func firstProblem(err error) string {
	if f, ok := fault.As(err); ok && len(f.Problems) > 0 {
		return f.Problems[0].Sentence
	}
	return err.Error()
}
