package retirement

import (
	"fmt"
	"math"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
)

// ConditionState is how a condition stands.
type ConditionState string

// The standings. Skipped says why it does not apply; Waiting, that time alone or another person is missing.
const (
	Met     ConditionState = "met"
	Waiting ConditionState = "waiting"
	Blocked ConditionState = "blocked"
	Skipped ConditionState = "skipped"
)

// Condition is one thing that has to be so before a phase ends, with the fact it rests on.
type Condition struct {
	Key   string
	Title string
	State ConditionState
	Fact  string
	Mend  string // what to do while it is not met
	Who   string // who is waited for
	Due   day.Day

	Attestable bool // no machine reports it: a person's word counts, with a second person's
	ByWord     bool // it is met by attestation
}

// Holds reports whether the condition lets the phase end.
func (c Condition) Holds() bool { return c.State == Met || c.State == Skipped }

// Conditions lists what the present phase waits for.
func (w *Workflow) Conditions(c *World) []Condition { return w.ConditionsOf(w.Phase, c) }

// Blockers are the conditions of the present phase that do not hold.
func (w *Workflow) Blockers(c *World) []Condition {
	var out []Condition
	for _, x := range w.Conditions(c) {
		if !x.Holds() {
			out = append(out, x)
		}
	}
	return out
}

// ConditionsOf lists what a phase waits for, as the world is now.
func (w *Workflow) ConditionsOf(p Phase, c *World) []Condition {
	if w.Kind == Superseding {
		return w.supersedingConditions(p, c)
	}
	var out []Condition
	switch p {
	case Triggered:
		out = append(out, w.announceable())
	case Announced:
		out = w.heard(c)
	case DualRun:
		out = w.compared(c)
	case Cutover:
		out = w.cut(c)
	case Drain:
		out = append(out, w.drained(c))
	case RollbackWindow:
		out = append(out, w.windowOver(c))
	case Disabled:
		out = w.released(c)
	case Disposition:
		out = w.disposed(c)
	case Sealed:
		out = append(out, w.watched(c))
	}
	// The light way has no phase for access. An emergency leaps over the cutover, so it is asked later.
	if w.Depth == Light && (p == Cutover && w.Emergency == nil || p == Disposition && w.Emergency != nil) {
		out = append(out, w.released(c)...)
	}
	return append(out, w.decided(p)...)
}

func (w *Workflow) announceable() Condition {
	x := Condition{Key: "announcement", Title: "The announcement can be made", State: Met,
		Fact: fmt.Sprintf("%s to tell; gone on %s.", count(len(w.Plan.Consumers.List), "consumer"), w.EndsOn.Human())}
	if !w.EndsOn.Known() {
		x.State, x.Fact, x.Mend = Blocked, "No day is set on which the model is gone.", "Set one by asking for an extension."
	}
	return x
}

func (w *Workflow) heard(c *World) []Condition {
	if w.AnnouncedAt.IsZero() {
		return []Condition{{Key: "announcement", Title: "The consumers are told", State: Blocked, Fact: "The announcement was not made yet.", Mend: "Announce it."}}
	}
	if len(w.Consumers) == 0 {
		return []Condition{{Key: "answers", Title: "Consumers answer", State: Skipped, Fact: "There are none: " + w.Plan.Consumers.NoneReason}}
	}
	out := make([]Condition, 0, len(w.Consumers))
	for _, x := range w.Consumers {
		out = append(out, w.answered(x, c))
	}
	return out
}

func (w *Workflow) answered(x ConsumerAnswer, c *World) Condition {
	o := Condition{Key: "answer." + x.Key, Title: x.Name + " answers", Who: x.Name, Due: x.NoticeEnds()}
	switch {
	case x.OverruledBy != "":
		o.State, o.Fact = Met, fmt.Sprintf("Overruled by %s: %s", x.OverruledBy, x.Overruled)
	case x.Pending():
		o.State, o.Fact, o.Mend = Waiting, fmt.Sprintf("%s recorded: %s", x.By, lower(x.Answer.Title())), "A second person confirms that they answered so."
	case x.Answer == Accept:
		o.State, o.Fact = Met, fmt.Sprintf("Accepted by %s on %s.", x.By, day.Of(x.AnsweredAt).Human())
	case x.Answer == NeedTime && !x.Until.After(c.Today()):
		o.State, o.Fact = Met, fmt.Sprintf("They asked for time until %s, which has come.", x.Until.Human())
	case x.Answer == NeedTime:
		o.State, o.Fact, o.Mend = Blocked, fmt.Sprintf("They need time until %s: %s", x.Until.Human(), x.Reason), "Wait, extend the retirement, or have it overruled."
	case x.Answer == Object:
		o.State, o.Fact, o.Mend = Blocked, "They object: "+x.Reason, "Talk to them until they answer anew, or have it overruled."
	case w.Tier != 1 && !x.Discovered && x.NoticeEnds().Before(c.Today()) && !x.RemindedAt.IsZero():
		o.State, o.Fact = Met, fmt.Sprintf("No answer by %s, though reminded. Below tier 1 that counts as consent.", x.NoticeEnds().Human())
	default:
		o.State, o.Fact, o.Mend = Waiting, fmt.Sprintf("No answer yet; their notice runs until %s.", x.NoticeEnds().Human()), "Remind them, or record what they said."
		if w.Tier == 1 && x.NoticeEnds().Before(c.Today()) {
			o.State, o.Fact = Blocked, "No answer, and of a tier 1 model silence is never consent."
		}
	}
	return o
}

// compared are the conditions of the dual run.
func (w *Workflow) compared(c *World) []Condition {
	if w.Plan.Candidate.None {
		return []Condition{{Key: "dual_run", Title: "Old and new run side by side", State: Skipped, Fact: "Nothing takes over: " + w.Plan.Candidate.DecisionGoesTo}}
	}
	out := []Condition{w.candidateReady(c), w.dualRunLength(c)}
	for i, test := range w.Plan.Candidate.EquivalenceTests {
		out = append(out, w.attestable(Condition{Key: fmt.Sprintf("equivalence.%d", i+1), Title: test,
			Fact: "Not shown yet.", Mend: "Attest the result and where it can be read; a second person confirms."}))
	}
	return out
}

func (w *Workflow) candidateReady(c *World) Condition {
	x := Condition{Key: "candidate", Title: "What takes over is alive", State: Met, Fact: c.Candidate.Label + " is alive."}
	if trouble := candidateTrouble(w.Plan.Candidate, c.context()); trouble != "" {
		x.State, x.Fact, x.Mend = Blocked, trouble, "Abort, and name another candidate in the plan's next version."
	}
	return x
}

func (w *Workflow) dualRunLength(c *World) Condition {
	need := 0
	for _, s := range w.Plan.Steps {
		need = max(need, s.DualRunDays)
	}
	x := Condition{Key: "dual_run", Title: fmt.Sprintf("Both run for %s", days(need))}
	if need == 0 {
		x.Title, x.State, x.Fact = "Both run side by side", Skipped, "The plan moves the traffic at once, without a dual run."
		return x
	}
	since := w.PhaseSince
	if w.Phase != DualRun {
		since = w.entered(DualRun)
	}
	ends := day.Of(since).Add(need)
	x.Due = ends
	if w.Kind == Rehearsal || since.IsZero() {
		x.State, x.Fact = Waiting, fmt.Sprintf("It would take %s.", days(need))
	} else if ends.After(c.Today()) {
		x.State, x.Fact = Waiting, fmt.Sprintf("Since %s; over on %s.", day.Of(since).Human(), ends.Human())
	} else {
		x.State, x.Fact = Met, fmt.Sprintf("Since %s.", day.Of(since).Human())
	}
	return x
}

// cut are the conditions of the cutover: every step of the plan, and that the traffic has moved.
func (w *Workflow) cut(c *World) []Condition {
	var out []Condition
	for _, s := range w.StepsInOrder() {
		x := Condition{Key: fmt.Sprintf("step.%d", s.Order), Title: s.Title, State: Blocked, Who: s.Owner, Due: w.DueOn(s.Order),
			Fact: "Not done yet.", Mend: "It is done when: " + s.Check}
		if done, ok := w.Done(s.Order); ok {
			x.State, x.Fact, x.Mend = Met, fmt.Sprintf("Done by %s on %s.", done.By, day.Of(done.At).Human()), ""
		}
		out = append(out, x)
	}
	return append(out, w.moved(c))
}

// LeastShare is the part of the predictions that the new version has to make before the cutover ends.
const LeastShare = 0.99

func (w *Workflow) moved(c *World) Condition {
	x := Condition{Key: "traffic", Title: "At least 99 % of the predictions are made by what takes over"}
	if w.Plan.Candidate.None && w.Kind != Superseding {
		x.State, x.Fact = Skipped, "Nothing takes over; that callers leave is asked next."
		return x
	}
	share, known := c.Traffic.Share()
	switch {
	case known && share >= LeastShare:
		x.State, x.Fact = Met, fmt.Sprintf("%s of the last day's stamps.", percent(share))
	case known:
		x.State, x.Fact, x.Mend = Blocked, fmt.Sprintf("%s of the last day's stamps; %s still name the old one.", percent(share), number(c.Traffic.OldLastDay)), "Move the callers that are left."
	default:
		x.Fact, x.Mend = "No stamps tell.", "Have stamps reported, or attest it; a second person confirms."
		return w.attestable(x)
	}
	return x
}

func (w *Workflow) drained(c *World) Condition {
	x := Condition{Key: "drain", Title: fmt.Sprintf("No stamp of the old version for %s", days(DrainDays))}
	last := c.Traffic.LastOld
	quiet := day.Of(last).Add(DrainDays)
	switch {
	case !c.Traffic.Reported || last.IsZero():
		x.Fact, x.Mend = "No stamps tell.", "Have stamps reported, or attest it; a second person confirms."
		return w.attestable(x)
	case c.Now.Sub(last) >= DrainDays*24*time.Hour:
		x.State, x.Fact = Met, fmt.Sprintf("The last one came on %s.", day.Of(last).Human())
	default:
		x.State, x.Due = Waiting, quiet
		x.Fact, x.Mend = fmt.Sprintf("The last one came on %s.", day.Of(last).Human()), "Find who still calls; the model's traffic names them."
	}
	return x
}

func (w *Workflow) windowOver(c *World) Condition {
	ends := w.WindowEnds()
	x := Condition{Key: "window", Title: "The rollback window is over", Due: ends, State: Waiting}
	switch {
	case !ends.Known():
		x.Fact = fmt.Sprintf("It lasts %s after the traffic has moved.", days(w.Plan.Rollback.WindowDays))
	case ends.After(c.Today()):
		x.Fact = fmt.Sprintf("Until %s the old version may return.", ends.Human())
	default:
		x.State, x.Fact = Met, fmt.Sprintf("It ended on %s.", ends.Human())
	}
	return x
}

func (w *Workflow) released(c *World) []Condition {
	var out []Condition
	for i, a := range w.Plan.Access {
		out = append(out, w.attestable(Condition{Key: fmt.Sprintf("access.%d", i+1), Title: a.What,
			Fact: "To do: " + a.Action, Mend: "Attest that it is revoked or released; a second person confirms."}))
	}
	if len(out) == 0 {
		out = append(out, Condition{Key: "access", Title: "Access is revoked", State: Skipped, Fact: "The plan names nothing to release."})
	}
	return out
}

func (w *Workflow) disposed(c *World) []Condition {
	var out []Condition
	for i, a := range w.Plan.Assets {
		out = append(out, w.disposedAsset(i, a, c))
	}
	return append(out, w.settled()...)
}

func (w *Workflow) disposedAsset(i int, a DataAsset, c *World) Condition {
	x := Condition{Key: fmt.Sprintf("asset.%d", i+1), Title: fmt.Sprintf("%s: %s", a.Name, lower(a.Decision.Title())), State: Blocked, Who: a.Performer}
	d, _ := w.Disposal(i)
	earliest, why := w.EarliestDeletion(a, c)
	switch cert := d.Certificate; {
	case a.Decision == KeepUntil && d.Keeper != "":
		x.State, x.Fact = Met, fmt.Sprintf("Kept until %s by %s.", d.KeptUntil.Human(), d.Keeper)
	case a.Decision == KeepUntil:
		x.Fact, x.Mend = fmt.Sprintf("To be kept until %s.", a.KeepUntil.Human()), "Say who owns it from now on."
	case cert.Verified():
		x.State, x.Fact = Met, fmt.Sprintf("Done by %s on %s, verified by %s.", cert.Performer, cert.PerformedOn.Human(), cert.Verifier)
	case cert != nil:
		x.State, x.Who, x.Fact, x.Mend = Waiting, a.Verifier, fmt.Sprintf("Certificate filed by %s.", cert.FiledBy), "Somebody else verifies it."
	case a.erased() && a.Hold != HoldNone && d.HoldAnswer == "":
		x.Fact, x.Mend = "Hold: "+lower(a.Hold.Title())+".", "Ask whether a hold forbids the deletion, and record the answer."
	case a.erased() && earliest.After(c.Today()):
		x.State, x.Due, x.Fact = Waiting, earliest, fmt.Sprintf("Not before %s: %s.", earliest.Human(), why)
	default:
		x.Fact, x.Mend = "No certificate yet.", "File the certificate: method, performer, probe and result."
	}
	return x
}

// settled asks for the review that an emergency owes: nothing is sealed over it.
func (w *Workflow) settled() []Condition {
	if w.Emergency == nil {
		return nil
	}
	x := Condition{Key: "debt", Title: "The emergency was reviewed", State: Blocked, Fact: "A review is owed.", Mend: "A reviewer says whether it was right."}
	if !w.Emergency.Owes() {
		x.State, x.Mend, x.Fact = Met, "", fmt.Sprintf("By %s: %s", w.Emergency.Settled, w.Emergency.Finding)
	}
	return []Condition{x}
}

// decided asks that no extension waits: a phase does not end beside an open question.
func (w *Workflow) decided(p Phase) []Condition {
	e, waits := w.PendingExtension()
	if !waits || p != w.Phase {
		return nil
	}
	return []Condition{{Key: "extension", Title: "The extension is decided", State: Blocked, Fact: fmt.Sprintf("%s asked for %s.", e.By, e.To.Human()), Mend: "A reviewer grants or refuses it."}}
}

// WatchDays is for how long a sealed version is watched.
const WatchDays = 30

func (w *Workflow) watched(c *World) Condition {
	ends := day.Of(w.WatchFrom).Add(WatchDays)
	x := Condition{Key: "watch", Title: fmt.Sprintf("Nobody gets an answer for %s", days(WatchDays)), Due: ends}
	if ends.After(c.Today()) {
		x.State, x.Fact = Waiting, fmt.Sprintf("Watched since %s, until %s.", day.Of(w.WatchFrom).Human(), ends.Human())
	} else {
		x.State, x.Fact = Met, fmt.Sprintf("Nothing since %s.", day.Of(w.WatchFrom).Human())
	}
	if n := len(w.Zombies); n > 0 && x.State != Met {
		x.Fact += fmt.Sprintf(" Last seen: %s.", w.Zombies[n-1].App)
	}
	return x
}

// supersedingConditions are lighter: stamps count where there are any, and nobody has to attest.
func (w *Workflow) supersedingConditions(p Phase, c *World) []Condition {
	switch p {
	case Cutover:
		x := w.moved(c)
		if _, known := c.Traffic.Share(); !known {
			x.State, x.Attestable, x.Mend, x.Fact = Skipped, false, "", "No stamps tell."
		}
		return []Condition{x}
	case RollbackWindow:
		x := w.windowOver(c)
		if c.Version != nil && c.Version.RollbackUntil.After(c.Now) { // to the minute: it may return until then
			x.State, x.Fact = Waiting, fmt.Sprintf("Until %s the old version may return.", day.Of(c.Version.RollbackUntil).Human())
		}
		return []Condition{x}
	}
	return nil
}

// attestable makes a condition that rests on a person's word stand as that word stands.
func (w *Workflow) attestable(x Condition) Condition {
	x.Attestable, x.State = true, Blocked
	a, given := w.Attestation(x.Key)
	switch {
	case given && a.Stands():
		x.State, x.ByWord, x.Mend = Met, true, ""
		x.Fact = fmt.Sprintf("Attested by %s, confirmed by %s: %s", a.By, a.Second, a.Statement)
	case given:
		x.State, x.Fact, x.Mend = Waiting, fmt.Sprintf("Attested by %s: %s", a.By, a.Statement), "A second person confirms it."
	}
	return x
}

func (w *Workflow) condition(key string, c *World) (Condition, error) {
	for _, x := range w.Conditions(c) {
		if x.Key == key {
			return x, nil
		}
	}
	return Condition{}, fault.New(fault.NotFound, "The present phase has no such condition.")
}

// entered is when the workflow last came into a phase, zero when it never did.
func (w *Workflow) entered(p Phase) time.Time {
	var at time.Time
	for _, h := range w.History {
		if h.To == p {
			at = h.At
		}
	}
	return at
}

// percent rounds down: 98.96 % is not 99.
func percent(share float64) string { return fmt.Sprintf("%.1f %%", math.Floor(share*1000)/10) }

func number(n int64) string {
	if n == 1 {
		return "1 prediction"
	}
	return fmt.Sprintf("%d predictions", n)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
