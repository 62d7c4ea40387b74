package retirement_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// A ledger is kept beside the rules, from what was allowed to happen, and judges where they end up.
type ledger struct {
	answered map[string]bool // the consumer's last word lets the model go
	attested map[string]int64
	vouched  map[string]bool
	steps    map[int]bool
	filed    map[int]int64
	verified map[int]bool
	kept     map[int]bool
	pending  bool
	owes     bool
	watch    time.Time
	sealed   string // the dossier's parts as they were sealed
}

type play struct {
	w *retirement.Workflow
	c *retirement.World
	l ledger
}

// act does one random thing, which the rules may refuse; what they allowed goes into the ledger.
func (p *play) act(r *rand.Rand) string {
	who := actor(1 + r.Int64N(teamReviewerID))
	w, c, l := p.w, p.c, &p.l
	i, was := r.IntN(4), w.Phase
	key := fmt.Sprintf("%s.%d", []string{"equivalence", "access"}[r.IntN(2)], 1+r.IntN(2))
	if r.IntN(4) == 0 {
		key = []string{"traffic", "drain"}[r.IntN(2)]
	}
	what := r.IntN(20)
	switch what {
	case 0, 1, 2, 3:
		_ = w.Advance(who, was, c)
	case 4:
		later(c, 1+r.IntN(20))
	case 5:
		reply := retirement.Reply{Answer: retirement.Answer(retirement.Answers[r.IntN(3)].Value), Until: c.Today().Add(r.IntN(9)), Reason: "Month-end closing", By: "Pia"}
		if w.AnswerAs("c1", 1, reply, c) == nil {
			l.answered["c1"] = reply.Answer == retirement.Accept || reply.Answer == retirement.NeedTime
		}
	case 6:
		if w.Overrule(who, "c1", "It has to go", c) == nil {
			l.answered["c1"] = true
		}
	case 7, 8:
		if w.Attest(who, key, "Seen this morning", "", c) == nil {
			l.attested[key], l.vouched[key] = who.ID, false
		}
	case 9, 10:
		if w.ConfirmAttestation(who, key, c) == nil {
			l.vouched[key] = l.attested[key] != who.ID
		}
	case 11:
		if w.CompleteStep(who, 1+i, "", c) == nil {
			l.steps[1+i] = true
		}
	case 12:
		if w.UndoStep(who, 1+i, "It failed", c) == nil {
			delete(l.steps, 1+i)
		}
	case 13:
		_ = w.ClearHold(who, i, "Legal knows of none", c)
	case 14:
		if w.Certify(who, i, certificate(c.Today()), c) == nil {
			l.filed[i], l.verified[i] = who.ID, false
		}
	case 15:
		if w.Verify(who, i, "Looked again", c) == nil {
			l.verified[i] = l.filed[i] != who.ID
		}
		if w.Keep(who, i, "Records archive", c) == nil {
			l.kept[i] = true
		}
	case 16:
		if w.AskExtension(who, w.EndsOn.Add(3), "Month-end closing", c) == nil {
			l.pending = true
		}
		if w.DecideExtension(who, r.IntN(2) == 0, "Because of the date", c) == nil {
			l.pending = false
		}
	case 17:
		p.rarely(r, who)
	case 18:
		reported(c, int64(r.IntN(3)), int64(r.IntN(500)))
	case 19:
		if w.See([]retirement.Sighting{{App: "batch-7", N: 1, At: c.Now}}, c) {
			l.watch = c.Now
		}
		w.Tick(c)
	}
	if !was.Past(retirement.Disposition) && w.Phase.Past(retirement.Disposition) {
		l.watch, l.sealed = c.Now, p.dossier()
	}
	return fmt.Sprintf("%s does %d in %s", who.Name, what, was)
}

// rarely does what ends most plays.
func (p *play) rarely(r *rand.Rand, who org.Actor) {
	switch r.IntN(12) {
	case 0:
		_ = p.w.RollBack(who, "Too many declines", p.c)
	case 1:
		_ = p.w.Abort(who, "Decided otherwise", p.c)
	case 2:
		if p.w.Order(who, "It leaks names", p.c) == nil {
			p.l.owes, p.l.pending = true, false
		}
	default:
		if p.w.SettleDebt(who, true, "It was right", p.c) == nil {
			p.l.owes = false
		}
	}
}

func (p *play) dossier() string {
	w := p.w
	b, err := json.Marshal([]any{w.Plan, w.Consumers, w.Steps, w.Attested, w.Disposals, w.Extensions, w.Emergency, w.SealedAt, w.EndsOn})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// open lists what the ledger says is still missing before anything may be sealed.
func (p *play) open() (out []string) {
	w, l := p.w, p.l
	miss := func(is bool, what string, args ...any) {
		if is {
			out = append(out, fmt.Sprintf(what, args...))
		}
	}
	for i, a := range w.Plan.Assets {
		done := l.verified[i]
		if a.Decision == retirement.KeepUntil {
			done = l.kept[i]
		}
		miss(!done, "asset %d", i)
	}
	miss(l.pending, "extension")
	miss(l.owes, "debt")
	for i := range w.Plan.Access {
		miss(!l.vouched[fmt.Sprintf("access.%d", i+1)], "access %d", i)
	}
	if w.Emergency != nil {
		return out
	}
	for _, x := range w.Consumers {
		miss(!l.answered[x.Key], "answer of %s", x.Name)
	}
	for _, s := range w.Plan.Steps {
		miss(!l.steps[s.Order], "step %d", s.Order)
	}
	for i := range w.Plan.Candidate.EquivalenceTests {
		miss(!l.vouched[fmt.Sprintf("equivalence.%d", i+1)], "equivalence %d", i)
	}
	return out
}

// broken names the promise that no longer holds.
func (p *play) broken(was retirement.Phase) string {
	w, c := p.w, p.c
	serves := c.Version.Stage == registry.Production
	sealed := w.Phase == retirement.Sealed || w.Phase == retirement.Retired
	switch open := p.open(); {
	case sealed && len(open) > 0:
		return fmt.Sprintf("sealed with %v open", open)
	case (was == retirement.Sealed || was == retirement.Retired) && !sealed:
		return fmt.Sprintf("came back from %s to %s", was, w.Phase)
	case sealed && p.dossier() != p.l.sealed:
		return "the sealed dossier changed"
	case w.Phase == retirement.Retired && c.Now.Sub(p.l.watch) < 29*24*time.Hour:
		return "retired before a clean watch"
	case sealed != (c.Version.Stage == registry.Retired):
		return fmt.Sprintf("%s with a version that is %s", w.Phase, c.Version.Stage)
	case serves == w.Phase.Past(retirement.RollbackWindow):
		return fmt.Sprintf("%s with a version that is %s", w.Phase, c.Version.Stage)
	case serves != c.Serving.Until.IsZero():
		return "the serving record disagrees with the stage"
	}
	return ""
}

// No sequence of actions leads to "retired" past an open blocker, and none leads back from "sealed".
func TestNoPathPastABlockerAndNoneBackFromSealed(t *testing.T) {
	t.Parallel()
	reached := map[retirement.Phase]int{}
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 15))
		c := stage()
		p := &play{c: c, w: triggered(t, c), l: ledger{answered: map[string]bool{}, attested: map[string]int64{}, vouched: map[string]bool{},
			steps: map[int]bool{}, filed: map[int]int64{}, verified: map[int]bool{}, kept: map[int]bool{}}}
		if seed%3 == 0 { // some begin late, or they would seldom come to the end
			c.Depth = retirement.Full
			p.skipTo(t, []retirement.Phase{retirement.Cutover, retirement.Disabled, retirement.Disposition}[seed%9/3])
		}
		var done []string
		for range 300 {
			was := p.w.Phase
			done = append(done, p.act(r))
			if what := p.broken(was); what != "" {
				t.Fatalf("seed %d: %s after %v", seed, what, done[max(0, len(done)-6):])
			}
		}
		reached[p.w.Phase]++
	}
	for _, ph := range []retirement.Phase{retirement.Retired, retirement.RolledBack, retirement.Aborted} {
		if reached[ph] == 0 {
			t.Errorf("no play ended %s, so nothing was tried: %v", ph, reached)
		}
	}
}

// skipTo leads a play forward in an orderly way and writes the ledger of it.
func (p *play) skipTo(t *testing.T, phase retirement.Phase) {
	t.Helper()
	to(t, p.w, phase, p.c)
	for _, x := range p.w.Consumers {
		p.l.answered[x.Key] = true
	}
	for _, a := range p.w.Attested {
		p.l.attested[a.Key], p.l.vouched[a.Key] = a.ByID, a.Stands()
	}
	for _, s := range p.w.Steps {
		p.l.steps[s.Order] = true
	}
	if !slices.Contains(p.w.Way(), phase) {
		t.Fatal("not on the way")
	}
}
