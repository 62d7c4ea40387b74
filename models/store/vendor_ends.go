package store

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/retirement"
	"sundial/models/telemetry"
	"sundial/models/vendors"
)

// alertRow remembers which end of which model an owner was told of.
type alertRow struct {
	ModelID     int64  `gorm:"primaryKey;autoIncrement:false"`
	EndOfLife   string `gorm:"primaryKey"`
	VersionID   int64
	Host        string
	VendorModel string
	LatestStart string
	RaisedAt    int64
}

func (alertRow) TableName() string { return "vendor_alerts" }

// endingRow is a version whose vendor's model has an end: the one in production, or one on its way there
// of a model that serves nothing yet.
type endingRow struct {
	ModelID, VersionID       int64
	Slug, Label              string
	Host, VendorModel        string
	EndOfLife, Successor     string
	PlanID, PlanNumber       int64
	Body                     asJSON[retirement.Body]
	CriterionPlan, HeldSince int64
	Criterion                string
}

// horizonDays is beyond every runway that a policy and a plan can make.
const horizonDays = 1200

// CheckVendorEnds asks of every vendor model in use whether its end has come within the runway of a model
// that builds on it. It returns how many owners' models it told of.
func (s *Store) CheckVendorEnds(ctx context.Context, p lifecycle.Policy) (raised int, err error) {
	err = s.bookkeep(ctx, func(tx *txn) error {
		if err := tx.lockCatalogue(); err != nil {
			return err
		}
		raised, err = tx.raiseEnds(p, "c.end_of_life <= ?", string(day.Of(s.Now()).Add(horizonDays)))
		return err
	})
	return raised, err
}

// askEnds is CheckVendorEnds for the rows that were just read; the latest starts that follow from them move too.
func (tx *txn) askEnds(p lifecycle.Policy, keys ...vendorKey) error {
	for len(keys) > 0 {
		n := min(len(keys), mostKeys)
		where, args := inKeys("c.host, c.key", keys[:n])
		if _, err := tx.raiseEnds(p, where, args...); err != nil {
			return err
		}
		if err := tx.moveStartsOf(p, keys[:n]); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

func (tx *txn) raiseEnds(p lifecycle.Policy, where string, args ...any) (raised int, err error) {
	var rows []endingRow
	err = tx.Raw(`SELECT v.model_id, v.id AS version_id, m.slug, v.label, c.host, v.vendor_model, c.end_of_life, c.successor, COALESCE(p.id, 0) AS plan_id,
			COALESCE(p.number, 0) AS plan_number, p.body, COALESCE(k.plan_id, 0) AS criterion_plan, COALESCE(k.met_at, 0) AS held_since, COALESCE(k.criterion, '') AS criterion
		FROM vendor_models c JOIN vendor_uses u ON u.catalogue_host = c.host AND u.key = c.key
		JOIN versions v ON v.vendor_host = u.host AND v.vendor_model = u.model_id JOIN models m ON m.id = v.model_id
		LEFT JOIN plans p ON p.model_id = m.id AND p.state = 'approved' LEFT JOIN criterion_states k ON k.model_id = m.id
		WHERE c.end_of_life <> '' AND (v.stage = 'production' OR m.serving_version_id IS NULL AND v.stage IN ('validated', 'staged'))
		AND `+where+` ORDER BY c.end_of_life, v.id DESC`, args...).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("vendor ends: %w", err)
	}
	for _, r := range rows {
		told, err := tx.raiseEnd(r, p)
		if err != nil {
			return raised, err
		}
		if told {
			raised++
		}
	}
	return raised, nil
}

// raiseEnd tells of one model's end once, when it has come within the runway, and keeps whether a plan
// that waits for the vendor's end is triggered by it.
func (tx *txn) raiseEnd(r endingRow, p lifecycle.Policy) (told bool, err error) {
	window := p.RollbackDays
	if r.PlanID != 0 {
		window = r.Body.V.Rollback.WindowDays
	}
	today := day.Of(tx.s.Now())
	e := vendors.Entry{EndOfLife: day.Day(r.EndOfLife)}
	runway := retirement.NewRunway(e.EndOfLife, 0, window, p.ReviewDays)
	inside := vendors.InsideRunway(e, today, runway.NeedsDays)
	if err := tx.holdVendorCriterion(r, inside); err != nil || !inside {
		return false, err
	}
	alert := alertRow{ModelID: r.ModelID, EndOfLife: r.EndOfLife, VersionID: r.VersionID, Host: r.Host, VendorModel: r.VendorModel,
		LatestStart: string(runway.LatestStart), RaisedAt: ms(tx.s.Now())}
	res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&alert)
	if res.Error != nil {
		return false, fmt.Errorf("vendor end: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return false, nil
	}
	subject := audit.Subject{Kind: "version", ID: r.VersionID, Label: r.Slug + "@" + r.Label, Model: r.ModelID}
	tx.Note("vendor.end_in_runway", subject, nil, map[string]any{"vendor_model": r.VendorModel, "host": r.Host, "end_of_life": r.EndOfLife,
		"latest_start": runway.LatestStart, "needs_days": runway.NeedsDays, "successor": r.Successor})
	return true, nil
}

// holdVendorCriterion keeps, for a plan that the vendor's end triggers, since when that holds. A plan with
// a criterion that is measured as well is left to what is reported.
func (tx *txn) holdVendorCriterion(r endingRow, holds bool) error {
	t := r.Body.V.Trigger
	if r.PlanID == 0 || t.Kind != retirement.VendorEndOfLife || t.Criterion.Measurable() {
		return nil
	}
	said := fmt.Sprintf("%s ends %s on %s", vendors.Host(r.Host).Name(), r.VendorModel, day.Day(r.EndOfLife).Human())
	held := r.HeldSince != 0 && r.CriterionPlan == r.PlanID
	if holds == held && (!holds || r.Criterion == said) {
		return nil
	}
	now := ms(tx.s.Now())
	row := criterionRow{ModelID: r.ModelID, PlanID: r.PlanID, Criterion: said, EvaluatedAt: now, Standing: wrap(telemetry.Standing{Met: holds, Sentence: said + "."})}
	if holds {
		row.MetAt = now
		if held {
			row.MetAt = r.HeldSince
		}
	}
	if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("criterion: %w", err)
	}
	plan := retirement.Plan{ID: r.PlanID, ModelID: r.ModelID, Number: int(r.PlanNumber)}
	told := map[string]any{"criterion": said, "standing": said + "."}
	switch {
	case holds && !held:
		tx.Note("criterion.met", plan.Subject(r.Slug), nil, told)
	case !holds:
		tx.Note("criterion.cleared", plan.Subject(r.Slug), nil, told)
	}
	return nil
}
