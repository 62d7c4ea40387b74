package retirement_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sundial/models/day"
	"sundial/models/retirement"
)

func TestStale(t *testing.T) {
	type P = retirement.Plan
	type C = retirement.Context
	leaves := func(c *C, id int64) {
		p := c.People[id]
		p.Disabled = true
		c.People[id] = p
	}
	reviewBy := today.Add(180) // what body() says
	rows := []struct {
		name   string
		today  day.Day
		change func(*P, *C)
		want   []string
	}{
		{"nothing", today, func(*P, *C) {}, nil},
		{"candidate retired", today, func(_ *P, c *C) { c.Candidate.Retired = true }, []string{"candidate"}},
		{"candidate not alive", today, func(_ *P, c *C) { c.Candidate.Alive = false }, []string{"candidate"}},
		{"candidate began to float", today, func(_ *P, c *C) { c.Candidate.Floating = true }, []string{"candidate"}},
		{"candidate vanished", today, func(_ *P, c *C) { c.Candidate = retirement.CandidateFact{} }, []string{"candidate"}},
		{"owner left", today, func(_ *P, c *C) { leaves(c, ownerID) }, []string{"owner"}},
		{"deputy left", today, func(_ *P, c *C) { leaves(c, deputyID) }, []string{"deputy"}},
		{"another member left", today, func(_ *P, c *C) { leaves(c, memberID) }, nil},
		{"the model's new owner left", today, func(_ *P, c *C) { c.Model.OwnerID = goneID }, []string{"owner"}},
		{"last day of the review", reviewBy, func(*P, *C) {}, nil},
		{"review overdue", reviewBy.Add(1), func(*P, *C) {}, []string{"review"}},
		{"on the deprecation date", ends, func(*P, *C) {}, []string{"review"}},
		{"deprecation date past", ends.Add(1), func(*P, *C) {}, []string{"dates", "review"}},
		{"vendor moves its date to the deprecation date", today, func(_ *P, c *C) { c.VendorEnd = ends }, nil},
		{"vendor moves its date before it", today, func(_ *P, c *C) { c.VendorEnd = ends.Add(-1) }, []string{"dates"}},
		{"vendor has ended it", today, func(_ *P, c *C) { c.VendorEnd = today.Add(-1) }, []string{"dates"}},
		{"criterion without a source", today, func(p *P, _ *C) {
			p.Body.Trigger.Criterion.Source = ""
			p.ApprovedDigest = p.Digest()
		}, []string{"criterion"}},
		{"criterion with an unknown operator", today, func(p *P, _ *C) {
			p.Body.Trigger.Criterion.Operator = "~"
			p.ApprovedDigest = p.Digest()
		}, []string{"criterion"}},
		{"changed after its approval", today, func(p *P, _ *C) { p.Body.Rollback.WindowDays = 1 }, []string{"approval"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			p, ctx := approved(t), world()
			r.change(p, &ctx)
			var keys []string
			for _, f := range retirement.Stale(p, ctx, r.today) {
				keys = append(keys, f.Key)
				if f.Sentence == "" || f.Mend == "" {
					t.Errorf("%s says nothing to act on", f.Key)
				}
			}
			if d := cmp.Diff(r.want, keys); d != "" {
				t.Error(d)
			}
			if living := retirement.Living(p, ctx, r.today); living != (len(r.want) == 0) {
				t.Errorf("living: %v", living)
			}
		})
	}
}

func TestOnlyAnApprovedPlanLives(t *testing.T) {
	if retirement.Living(nil, world(), today) {
		t.Error("no plan lives")
	}
	for _, s := range []retirement.State{"draft", "submitted", "changes_requested", "rejected", "superseded"} {
		p := approved(t)
		if p.State = s; retirement.Living(p, world(), today) {
			t.Errorf("a %s plan lives", s)
		}
	}
}
