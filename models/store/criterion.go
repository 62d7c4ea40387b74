package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"sundial/models/registry"
	"sundial/models/telemetry"
)

// CriterionState is how a model's replacement criterion stands on what was reported.
type CriterionState struct {
	PlanID    int64
	Criterion string    // as a sentence, "" when there is no state
	MetAt     time.Time // since when it holds, zero while it does not
	AskedAt   time.Time
	Standing  telemetry.Standing
}

type criterionRow struct {
	ModelID     int64 `gorm:"primaryKey;autoIncrement:false"`
	PlanID      int64
	Criterion   string
	MetAt       int64
	EvaluatedAt int64
	Standing    asJSON[telemetry.Standing]
}

func (criterionRow) TableName() string { return "criterion_states" }

func (r criterionRow) state() CriterionState {
	return CriterionState{r.PlanID, r.Criterion, at(r.MetAt), at(r.EvaluatedAt), r.Standing.V}
}

// CriterionState reads how the criterion of a model stands; zero when it was never asked.
func (s *Store) CriterionState(ctx context.Context, model int64) (CriterionState, error) {
	row, err := criterionOf(s.read.WithContext(ctx), model)
	return row.state(), err
}

func criterionOf(q *gorm.DB, model int64) (criterionRow, error) {
	var row criterionRow
	if err := q.Where("model_id = ?", model).Limit(1).Find(&row).Error; err != nil {
		return row, fmt.Errorf("criterion: %w", err)
	}
	return row, nil
}

// mostAsked is how many reports a criterion looks at: a year of one every half an hour.
const mostAsked = 20_000

// askCriterion evaluates the criterion of the plan in force when something about it arrived, and keeps
// the answer. That it holds is noted once, not at every report; that it no longer does, once as well.
func (tx *txn) askCriterion(m *registry.Model, arrived []telemetry.Report) (CriterionState, error) {
	var plan planRow
	if err := tx.Where("model_id = ? AND state = 'approved'", m.ID).Limit(1).Find(&plan).Error; err != nil {
		return CriterionState{}, fmt.Errorf("criterion: %w", err)
	}
	said := plan.Body.V.Trigger.Criterion
	if plan.ID == 0 || !said.Measurable() {
		return CriterionState{}, nil
	}
	c := telemetry.Criterion{Metric: said.Metric, Operator: string(said.Operator), Threshold: *said.Threshold, WindowDays: said.WindowDays, Source: said.Source}
	before, err := criterionOf(tx.DB, m.ID)
	if err != nil || !slices.ContainsFunc(arrived, c.About) {
		return before.state(), err
	}
	reports, err := tx.reportsFor(m.ID, c)
	if err != nil {
		return CriterionState{}, err
	}
	now := tx.s.Now()
	after := criterionRow{ModelID: m.ID, PlanID: plan.ID, Criterion: said.Sentence(), EvaluatedAt: ms(now), Standing: wrap(c.Evaluate(reports, now))}
	if after.Standing.V.Met {
		after.MetAt = ms(now)
		if before.PlanID == after.PlanID && before.Criterion == after.Criterion && before.MetAt != 0 {
			after.MetAt = before.MetAt
		}
	}
	if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&after).Error; err != nil {
		return CriterionState{}, fmt.Errorf("criterion: %w", err)
	}
	subject := plan.plan().Subject(m.Slug)
	told := map[string]any{"criterion": after.Criterion, "value": after.Standing.V.Value, "standing": after.Standing.V.Sentence}
	switch held := before.MetAt != 0 && before.Criterion == after.Criterion && before.PlanID == after.PlanID; {
	case after.MetAt != 0 && !held:
		tx.Note("criterion.met", subject, nil, told)
	case after.MetAt == 0 && held:
		tx.Note("criterion.cleared", subject, nil, told)
	}
	return after.state(), nil
}

func (tx *txn) reportsFor(model int64, c telemetry.Criterion) ([]telemetry.Report, error) {
	var rows []reportRow
	err := tx.Where("model_id = ? AND metric IN ? AND window_end > ?", model, c.Metrics(), ms(tx.s.Now().AddDate(0, 0, -2*c.WindowDays))).
		Order("window_end DESC").Limit(mostAsked).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("criterion: %w", err)
	}
	reports := make([]telemetry.Report, 0, len(rows))
	for _, r := range rows {
		reports = append(reports, r.report())
	}
	return reports, nil
}
