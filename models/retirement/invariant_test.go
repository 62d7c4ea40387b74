package retirement_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"sundial/models/org"
	"sundial/models/retirement"
)

// A history is a model's plans with who wrote what, kept beside the rules to judge them.
type history struct {
	plans   []*retirement.Plan
	writers map[*retirement.Plan]map[int64]bool
	now     time.Time
}

func (h *history) context() retirement.Context {
	ctx := world()
	for _, p := range h.plans {
		if p.State == retirement.Approved {
			ctx.InForce = p
		}
		ctx.Latest = p
	}
	return ctx
}

func (h *history) add(p *retirement.Plan, err error, by int64, from *retirement.Plan) {
	if err != nil {
		return
	}
	p.ID = int64(len(h.plans) + 1)
	h.plans = append(h.plans, p)
	h.writers[p] = map[int64]bool{by: true}
	for id := range h.writers[from] {
		h.writers[p][id] = true
	}
}

// step does one random thing, which the rules may refuse.
func (h *history) step(r *rand.Rand) string {
	h.now = h.now.Add(time.Minute)
	who := actor(int64(1 + r.IntN(int(teamReviewerID))))
	who.Roles = append(who.Roles, []org.Role{org.Viewer, org.Reviewer, org.Contributor}[r.IntN(3)])
	if len(h.plans) == 0 {
		p, err := retirement.NewPlan(model(), who, h.now)
		h.add(p, err, who.ID, nil)
		return fmt.Sprintf("%d files", who.ID)
	}
	p, ctx := h.plans[r.IntN(len(h.plans))], h.context()
	what := r.IntN(8)
	switch what {
	case 0, 1:
		b := body()
		b.Rollback.WindowDays = 1 + r.IntN(14)
		if p.Replace(who, b, ctx, h.now) == nil {
			h.writers[p][who.ID] = true
		}
	case 2, 3:
		if p.Submit(who, ctx, h.now) == nil {
			h.writers[p][who.ID] = true
		}
	case 4, 5:
		verdict := []retirement.Verdict{"approve", "approve", "request_changes", "reject"}[r.IntN(4)]
		_ = p.Review(who, verdict, p.Digest(), "Because of the window", ctx, h.now)
	case 6:
		_ = p.Confirm(who, "v1", ctx, h.now)
	case 7:
		next, err := p.NextDraft(who, ctx, h.now)
		h.add(next, err, who.ID, p)
	}
	return fmt.Sprintf("%d does %d to plan %d", who.ID, what, p.Number)
}

// broken names the invariant that no longer holds.
func (h *history) broken(hadOne bool) string {
	inForce, open, numbers := 0, 0, map[int]bool{}
	for _, p := range h.plans {
		if numbers[p.Number] {
			return "two plans have one number"
		}
		numbers[p.Number] = true
		if p.State.Open() {
			open++
		}
		if p.State == retirement.Approved {
			inForce++
		}
		if p.State != retirement.Approved && p.State != retirement.Superseded {
			if p.ApprovedBy != 0 {
				return "an approval without its state"
			}
			continue
		}
		switch by := p.ApprovedBy; {
		case by == 0:
			return "approved by nobody"
		case h.writers[p][by]:
			return "approved by somebody who wrote it"
		case by == ownerID || by == deputyID:
			return "approved by owner or deputy"
		case p.ApprovedDigest != p.Digest():
			return "changed after its approval"
		}
	}
	switch {
	case inForce > 1:
		return "two plans in force"
	case open > 1:
		return "two open drafts"
	case hadOne && inForce == 0:
		return "the plan in force was lost"
	}
	return ""
}

func TestRandomHistoriesNeverBreakTheRules(t *testing.T) {
	approvals := 0
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		h := &history{writers: map[*retirement.Plan]map[int64]bool{}, now: now}
		var did []string
		hadOne := false
		for range 120 {
			did = append(did, h.step(r))
			if broken := h.broken(hadOne); broken != "" {
				t.Fatalf("seed %d: %s after %v", seed, broken, did)
			}
			hadOne = hadOne || h.context().InForce != nil
		}
		for _, p := range h.plans {
			if p.ApprovedBy != 0 {
				approvals++
			}
		}
	}
	if approvals < 150 {
		t.Errorf("only %d approvals: the histories prove little", approvals)
	}
}
