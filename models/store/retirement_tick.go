package store

import (
	"context"
	"errors"
	"fmt"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// mostTicked is how many workflows one look moves; the next look takes the next ones.
const mostTicked = 200

// TickRetirements lets time do what it does: supersedings go on by their facts, clean watches end,
// consumers are reminded, callers whom nobody declared are found. It says how many workflows moved.
func (s *Store) TickRetirements(ctx context.Context, p lifecycle.Policy) (int, error) {
	var ids []int64
	err := s.read.WithContext(ctx).Table("retirements").Where("tick_at > 0 AND tick_at <= ?", ms(s.Now())).
		Order("tick_at").Limit(mostTicked).Pluck("id", &ids).Error
	if err != nil {
		return 0, fmt.Errorf("due retirements: %w", err)
	}
	moved := 0
	for _, id := range ids {
		did, err := s.tick(ctx, id, p)
		if err != nil {
			return moved, err
		}
		if did {
			moved++
		}
	}
	return moved, nil
}

// errNothingMoved ends a transaction in which there was nothing to save.
var errNothingMoved = errors.New("store: nothing moved")

func (s *Store) tick(ctx context.Context, id int64, p lifecycle.Policy) (bool, error) {
	var again *retirement.Workflow
	var world *retirement.World
	err := s.changeRetirementByID(ctx, id, p, func(w *retirement.Workflow, c *retirement.World) error {
		again, world = w, c
		found, reminded, moved := w.Discover(c), len(w.Reminders(c)) > 0, w.Tick(c)
		if !found && !reminded && !moved {
			return errNothingMoved
		}
		return nil
	})
	if !errors.Is(err, errNothingMoved) {
		return err == nil, err
	}
	// When to look again is no state that anybody decided: it has no event and no revision.
	next := ms(again.NextTick(world))
	if err := s.write.WithContext(ctx).Exec("UPDATE retirements SET tick_at = ? WHERE id = ? AND revision = ?", next, id, again.Revision).Error; err != nil {
		return false, fmt.Errorf("put off a retirement: %w", err)
	}
	return false, nil
}

// changeRetirementByID is ChangeRetirement for what happens by itself.
func (s *Store) changeRetirementByID(ctx context.Context, id int64, p lifecycle.Policy, fn func(*retirement.Workflow, *retirement.World) error) error {
	return s.change(ctx, func(tx *txn) error {
		if err := tx.lockModelOf("retirements", id, "retirement"); err != nil {
			return err
		}
		var row retirementRow
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return found(err, "retirement")
		}
		m, err := modelByID(tx.DB, row.ModelID)
		if err != nil {
			return err
		}
		_, err = tx.runRetirement(m, row, p, fn)
		return err
	})
}

// ReopenForZombies takes up what answered after it was sealed, and says how many workflows that reopened.
// The alarm itself is the event that came with the stamp.
func (s *Store) ReopenForZombies(ctx context.Context, p lifecycle.Policy) (int, error) {
	var rows []struct {
		ID      int64
		App     string
		N, Last int64
	}
	err := s.read.WithContext(ctx).Raw(`SELECT r.id, z.app, SUM(z.n) AS n, MAX(z.last_at) AS last
		FROM zombie_sightings z JOIN retirements r ON r.version_id = z.version_id AND r.kind = 'retirement' AND r.sealed_at > 0
		WHERE z.on_day >= ? AND z.last_at > r.watch_from GROUP BY r.id, z.app ORDER BY r.id, z.app LIMIT 1000`,
		string(day.Of(s.Now()).Add(-retirement.WatchDays))).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("zombies of sealed retirements: %w", err)
	}
	seen := map[int64][]retirement.Sighting{}
	var ids []int64
	for _, r := range rows {
		if seen[r.ID] == nil {
			ids = append(ids, r.ID)
		}
		seen[r.ID] = append(seen[r.ID], retirement.Sighting{App: r.App, N: r.N, At: at(r.Last)})
	}
	n := 0
	for _, id := range ids {
		err := s.changeRetirementByID(ctx, id, p, func(w *retirement.Workflow, c *retirement.World) error {
			fresh := seen[id][:0:0]
			for _, x := range seen[id] {
				if x.At.After(w.WatchFrom) {
					fresh = append(fresh, x)
				}
			}
			if !w.See(fresh, c) {
				return errNothingMoved
			}
			return nil
		})
		if errors.Is(err, errNothingMoved) {
			continue // another replica was faster
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// TriggerDue begins the retirements that begin by themselves: of plans whose criterion holds, whose date
// has come, or whose vendor's end has entered the runway. Each cause begins one, once.
func (s *Store) TriggerDue(ctx context.Context, p lifecycle.Policy) (int, error) {
	n := 0
	for last := int64(0); ; {
		var ids []int64
		err := s.read.WithContext(ctx).Table("models").Where("plan_state IN ('approved', 'stale') AND retirement_phase = '' AND serving_version_id IS NOT NULL AND id > ?", last).
			Order("id").Limit(500).Pluck("id", &ids).Error
		if err != nil {
			return n, fmt.Errorf("due plans: %w", err)
		}
		if len(ids) == 0 {
			return n, nil
		}
		for _, id := range ids {
			did, err := s.triggerIfDue(ctx, id, p)
			if err != nil {
				return n, err
			}
			if did {
				n++
			}
		}
		last = ids[len(ids)-1]
	}
}

// TriggerMet begins the retirements of models whose criterion was found to hold by a report.
func (s *Store) TriggerMet(ctx context.Context, p lifecycle.Policy) (int, error) {
	var ids []int64
	err := s.read.WithContext(ctx).Raw(`SELECT c.model_id FROM criterion_states c JOIN models m ON m.id = c.model_id
		WHERE c.met_at > 0 AND m.retirement_phase = '' AND m.serving_version_id IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM retirements r WHERE r.model_id = c.model_id AND r.cause = 'criterion' AND r.created_at >= c.met_at)
		ORDER BY c.model_id LIMIT 500`).Scan(&ids).Error
	if err != nil {
		return 0, fmt.Errorf("met criteria: %w", err)
	}
	n := 0
	for _, id := range ids {
		did, err := s.triggerIfDue(ctx, id, p)
		if err != nil {
			return n, err
		}
		if did {
			n++
		}
	}
	return n, nil
}

// TriggerModel begins the retirement of one model if it is due: after a report has just come in.
func (s *Store) TriggerModel(ctx context.Context, model int64, p lifecycle.Policy) (bool, error) {
	return s.triggerIfDue(ctx, model, p)
}

func (s *Store) triggerIfDue(ctx context.Context, model int64, p lifecycle.Policy) (bool, error) {
	q := s.read.WithContext(ctx)
	m, err := modelByID(q, model)
	if err != nil {
		return false, err
	}
	if cause, err := (&txn{DB: q, s: s, ctx: ctx}).dueCause(m, p); err != nil || cause.Kind == "" {
		return false, err
	}
	err = s.change(WithSource(ctx, Source{Actor: org.System, RequestID: "retirement"}), func(tx *txn) error {
		m, err := modelByID(s.locked(tx.DB), model)
		if err != nil {
			return err
		}
		cause, err := tx.dueCause(m, p)
		if err != nil {
			return err
		}
		row, err := retirementOf(tx.DB, m.ID, 0)
		if err != nil {
			return err
		}
		view, err := s.retirementView(tx.DB, m, row, p)
		if err != nil {
			return err
		}
		if cause.Kind == "" {
			return errNothingMoved
		}
		w, err := retirement.Begin(org.System, retirement.Ending, cause, view.Start, view.World)
		if err != nil {
			return err
		}
		return tx.addRetirement(w, view.World)
	})
	if errors.Is(err, errNothingMoved) || fault.Is(err, fault.Conflict) {
		return false, nil // somebody was faster, or a rehearsal is under way
	}
	return err == nil, err
}

// dueCause is why the model's plan triggers now, and has not yet; zero when it does not.
func (tx *txn) dueCause(m registry.Model, p lifecycle.Policy) (retirement.Cause, error) {
	view, err := tx.s.planView(tx.DB, m, p)
	if err != nil || view.InForce == nil {
		return retirement.Cause{}, err
	}
	state, err := criterionOf(tx.DB, m.ID)
	if err != nil {
		return retirement.Cause{}, err
	}
	cause, since := retirement.Cause{}, view.InForce.ApprovedAt
	if state.MetAt != 0 && state.PlanID == view.InForce.ID {
		since = at(state.MetAt)
		cause = retirement.Cause{Kind: "criterion", Sentence: "The replacement criterion holds: " + state.Criterion + ".", Evidence: state.Standing.V.Sentence}
	} else if due, is := retirement.Due(view.InForce, view.InForceContext, day.Of(tx.s.Now())); is {
		cause = due
	}
	if cause.Kind == "" {
		return cause, nil
	}
	var before int64
	err = tx.Raw("SELECT COUNT(*) FROM retirements WHERE model_id = ? AND cause = ? AND created_at >= ?", m.ID, cause.Kind, ms(since)).Scan(&before).Error
	if err != nil {
		return cause, fmt.Errorf("earlier retirements: %w", err)
	}
	if before > 0 {
		return retirement.Cause{}, nil
	}
	return cause, nil
}
