package store

import (
	"context"
	"fmt"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/retirement"
)

// CheckPlans asks of every plan in force whether it is still true, and keeps the answer where lists
// find it. It returns how many answers changed. Gates and plan pages never rely on it: they ask anew.
func (s *Store) CheckPlans(ctx context.Context, p lifecycle.Policy) (changed int, err error) {
	last := int64(0)
	for {
		var ids []int64
		err := s.read.WithContext(ctx).Table("models").Where("plan_state IN ('approved', 'stale') AND id > ?", last).
			Order("id").Limit(500).Pluck("id", &ids).Error
		if err != nil {
			return changed, fmt.Errorf("check plans: %w", err)
		}
		if len(ids) == 0 {
			return changed, nil
		}
		for _, id := range ids {
			did, err := s.checkPlan(ctx, id, p)
			if err != nil {
				return changed, err
			}
			if did {
				changed++
			}
		}
		last = ids[len(ids)-1]
	}
}

// checkPlan reads first and only opens a transaction for a plan whose answer changed: most do not.
func (s *Store) checkPlan(ctx context.Context, model int64, p lifecycle.Policy) (bool, error) {
	if differs, err := s.planDiffers(ctx, model, p); err != nil || !differs {
		return false, err
	}
	err := s.change(ctx, func(tx *txn) error {
		m, err := modelByID(s.locked(tx.DB), model)
		if err != nil {
			return err
		}
		view, err := s.planView(tx.DB, m, p)
		if err != nil {
			return err
		}
		findings := staleFindings(s, view)
		state, since, verb := "approved", int64(0), "plan.living"
		if len(findings) > 0 {
			state, since, verb = "stale", ms(s.Now()), "plan.stale"
		}
		if view.InForce != nil {
			if err := tx.Exec("UPDATE plans SET stale_since = ? WHERE id = ?", since, view.InForce.ID).Error; err != nil {
				return fmt.Errorf("check plan: %w", err)
			}
			tx.Note(verb, view.InForce.Subject(m.Slug), nil, map[string]any{"findings": sentences(findings)})
		}
		if err := tx.Exec("UPDATE models SET plan_state = ? WHERE id = ?", state, m.ID).Error; err != nil {
			return fmt.Errorf("check plan: %w", err)
		}
		return nil
	})
	return err == nil, err
}

func (s *Store) planDiffers(ctx context.Context, model int64, p lifecycle.Policy) (bool, error) {
	q := s.read.WithContext(ctx)
	m, err := modelByID(q, model)
	if err != nil {
		return false, err
	}
	var kept string
	if err := q.Raw("SELECT plan_state FROM models WHERE id = ?", model).Scan(&kept).Error; err != nil {
		return false, fmt.Errorf("check plan: %w", err)
	}
	view, err := s.planView(q, m, p)
	if err != nil || view.InForce == nil {
		return false, err
	}
	return (kept == "stale") != (len(staleFindings(s, view)) > 0), nil
}

func staleFindings(s *Store, view PlanView) []retirement.Finding {
	if view.InForce == nil {
		return nil
	}
	return retirement.Stale(view.InForce, view.InForceContext, day.Of(s.Now()))
}

func sentences(findings []retirement.Finding) []string {
	out := make([]string, 0, len(findings))
	for _, f := range findings {
		out = append(out, f.Sentence)
	}
	return out
}
