package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/scorecard"
)

// teamSum is a team's models, added up while they pass: to read them again team by team would take longer
// than all the rest.
type teamSum struct {
	rollup scorecard.Rollup
	lowest []int64 // models with the lowest score, of which the first by name is told
	unsure bool    // a model of it is not what was added up
}

func (a *again) team(id int64) *teamSum {
	t := a.sums[id]
	if t == nil {
		t = &teamSum{rollup: scorecard.NewRollup()}
		a.sums[id] = t
	}
	return t
}

func (t *teamSum) add(r *scoreRow, s *scorecard.Sums) {
	before := t.rollup
	t.rollup.Add(scorecard.Member{Risk: registry.Tier(r.RiskTier), Phase: s.Phase, Score: s.Score, Raw: s.Raw, Earned: s.Earned, Attested: s.Attested, Sections: s.Sections})
	if t.rollup.Models == before.Models {
		return
	}
	if before.Models == 0 || t.rollup.LowestScore < before.LowestScore {
		t.lowest = t.lowest[:0]
	}
	if s.Score == t.rollup.LowestScore {
		t.lowest = append(t.lowest, r.ModelID)
	}
}

// rollUp keeps the scores of teams with a score that is another, and of what is above them.
func (a *again) rollUp(ctx context.Context, p lifecycle.Policy) error {
	ids := slices.Sorted(maps.Keys(a.teams))
	if len(ids) == 0 {
		return nil
	}
	q := a.s.read.WithContext(ctx)
	if err := a.nameLowest(q, ids); err != nil {
		return err
	}
	for some := range slices.Chunk(ids, 100) {
		strays, err := straysOf(q, some, a.now)
		if err != nil {
			return err
		}
		for _, id := range some {
			for _, name := range strays[id] {
				a.sums[id].rollup.Add(scorecard.MemberOf(name, scorecard.Score(scorecard.AsUnregistered(), a.now)))
			}
		}
		err = a.s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			return a.keepTeams(&txn{DB: db, s: a.s, ctx: ctx}, some, p)
		})
		if err != nil {
			return err
		}
	}
	return a.s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		return (&txn{DB: db, s: a.s, ctx: ctx}).rollUpAbove(ids, p)
	})
}

// nameLowest looks up the names of the models with the lowest scores.
func (a *again) nameLowest(q *gorm.DB, teams []int64) error {
	of := map[int64]int64{}
	for _, team := range teams {
		for _, id := range a.sums[team].lowest {
			of[id] = team
		}
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(of)), 500) {
		var rows []modelRow
		if err := q.Select("id, slug").Where("id IN ?", some).Find(&rows).Error; err != nil {
			return fmt.Errorf("roll up: %w", err)
		}
		for _, r := range rows {
			if t := a.sums[of[r.ID]]; t.rollup.Lowest == "" || r.Slug < t.rollup.Lowest {
				t.rollup.Lowest = r.Slug
			}
		}
	}
	return nil
}

// keepTeams keeps what was added up. Of a team that somebody else added up since this began, or of which a
// model was left out, the models are read.
func (a *again) keepTeams(tx *txn, ids []int64, p lifecycle.Policy) error {
	var kept []groupRow
	if err := tx.Select("scope_id, scored_at").Where("scope = 'team' AND scope_id IN ?", ids).Find(&kept).Error; err != nil {
		return fmt.Errorf("roll up: %w", err)
	}
	for _, r := range kept {
		if r.ScoredAt >= ms(a.now) {
			a.sums[r.ScopeID].unsure = true
		}
	}
	for _, id := range ids {
		r := a.sums[id].rollup
		if a.sums[id].unsure {
			fresh, err := rollUpTeams(tx.DB, []int64{id}, a.now)
			if err != nil {
				return err
			}
			r = fresh[id]
		}
		if err := tx.keepGroup(ScopeTeam, id, r, p); err != nil {
			return err
		}
	}
	return nil
}
