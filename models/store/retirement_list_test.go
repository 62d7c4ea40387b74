package store_test

import (
	"fmt"
	"testing"

	"sundial/models/fault"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func TestTheBoardHasEveryRetirementOnceAndPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		clock := w.MoveClock()
		for i := range 4 {
			slug := fmt.Sprintf("m%d", i)
			w.Serve(t, slug, "v1", 2)
			w.Trigger(t, slug)
			if i%2 == 1 {
				w.RetireTo(t, slug, retirement.Announced, clock)
			}
		}
		board, err := s.RetirementBoard(t.Context(), retirement.BoardFilter{})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[retirement.Phase]int64{}
		for _, c := range board {
			if seen[c.Phase] = c.Count; int(c.Count) != len(c.Rows) {
				t.Errorf("%s: %d of %d", c.Phase, len(c.Rows), c.Count)
			}
		}
		if seen[retirement.Triggered] != 2 || seen[retirement.Announced] != 2 || len(board) != 9 {
			t.Errorf("board: %v", seen)
		}
		f, after, listed := retirement.BoardFilter{Phase: retirement.Announced, Team: "fraud"}, "", map[string]bool{}
		for range 3 {
			page, err := s.Retirements(t.Context(), f, after, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Rows {
				if listed[r.Slug] || r.Workflow.Waits() != "0 of 1 consumer answered" {
					t.Errorf("%s again, or it waits for %q", r.Slug, r.Workflow.Waits())
				}
				listed[r.Slug] = true
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if len(listed) != 2 {
			t.Errorf("listed %v", listed)
		}
		if rows, err := s.Retirements(t.Context(), retirement.BoardFilter{Team: "credit"}, "", 9); err != nil || len(rows.Rows) != 0 {
			t.Errorf("another team's: %v, %v", rows.Rows, err)
		}
		if _, err := s.Retirements(t.Context(), retirement.BoardFilter{Kind: "x"}, "", 9); !fault.Is(err, fault.Malformed) {
			t.Errorf("an unknown kind: %v", err)
		}
		w.Workflow(t, "m0", w.Owner, func(r *retirement.Workflow, c *retirement.World) error {
			return r.Abort(storetest.Actor(w.Owner), "Decided otherwise", c)
		})
		n := 0
		err = s.EachRetirement(t.Context(), retirement.BoardFilter{Ended: true}, func(r retirement.BoardRow) error { n++; return nil })
		if err != nil || n != 1 {
			t.Errorf("%d over: %v", n, err)
		}
	})
}
