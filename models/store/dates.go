package store

import (
	"context"
	"fmt"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// ModelDates are the days that somebody must keep in mind of one model. A day that is not known is "".
type ModelDates struct {
	Model       registry.Row
	Deprecation day.Day // the model's own intention
	VendorEnd   day.Day // of the vendor model behind it
	VendorModel string  // which one that is, with its host
	Successor   string  // what the vendor names after it, "" for none
	Plan        int     // number of the plan in force, 0 for none
	ReviewBy    day.Day
	LatestStart day.Day
	End         day.Day // the last day of the runway
	Sequence    int64   // grows with every change of the model, its plan or its vendor's row in the catalogue
	ChangedAt   time.Time
}

// DatesFilter narrows whose dates are asked for. Zero fields do not narrow.
type DatesFilter struct {
	Team  string // slug
	Owner int64  // or deputy: whoever answers for the model
}

// mostDated is how many models one list of dates holds.
const mostDated = 2000

type datedRow struct {
	P             planListRow `gorm:"embedded"`
	DeprecationOn string
	ModelRevision int64
	ModelUpdated  int64
	PlanRevision  int64
	PlanUpdated   int64
}

// Dates lists the dates of every model that is not retired, by model.
func (s *Store) Dates(ctx context.Context, f DatesFilter, p lifecycle.Policy) ([]ModelDates, error) {
	q := s.read.WithContext(ctx)
	const farAway = "9999-12-31"
	narrow := q.Table("models m").Where("m.stage <> 'retired' AND (m.deprecation_on <> '' OR m.plan_state IN ('approved', 'stale') OR ("+endingWithin+"))", farAway, farAway, farAway)
	if f.Team != "" {
		narrow = narrow.Where("m.team_id = (SELECT id FROM teams WHERE slug = ?)", f.Team)
	}
	if f.Owner != 0 {
		narrow = narrow.Where("(m.owner_id = ? OR m.deputy_id = ?)", f.Owner, f.Owner)
	}
	var ids []int64
	if err := narrow.Order("m.id").Limit(mostDated+1).Pluck("m.id", &ids).Error; err != nil {
		return nil, fmt.Errorf("models with dates: %w", err)
	}
	if len(ids) > mostDated {
		return nil, fault.Newf(fault.TooLarge, "More than %d models have dates. Ask for those of one team or one owner.", mostDated)
	}
	var out []ModelDates
	for begin := 0; begin < len(ids); begin += 200 {
		some, err := s.datesOf(ctx, ids[begin:min(begin+200, len(ids))], p)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

func (s *Store) datesOf(ctx context.Context, ids []int64, p lifecycle.Policy) ([]ModelDates, error) {
	q := s.read.WithContext(ctx)
	var rows []datedRow
	err := q.Table("models m").Select(planListColumns+`, m.deprecation_on, m.revision AS model_revision, m.updated_at AS model_updated,
			COALESCE(a.revision, 0) AS plan_revision, COALESCE(a.updated_at, 0) AS plan_updated`).
		Joins("LEFT JOIN teams t ON t.id = m.team_id").Joins("LEFT JOIN people p ON p.id = m.owner_id").
		Joins("LEFT JOIN plans a ON a.model_id = m.id AND a.state = 'approved'").
		Joins("LEFT JOIN plans n ON n.model_id = m.id AND n.number = (SELECT MAX(number) FROM plans x WHERE x.model_id = m.id)").
		Where("m.id IN ?", ids).Order("m.id").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("dates: %w", err)
	}
	lines, all := make([]planListRow, 0, len(rows)), make([]planned, 0, len(rows))
	for _, r := range rows {
		lines, all = append(lines, r.P), append(all, planned{r.P.model(), r.P.Body.V})
	}
	plans, err := s.planRows(q, lines, retirement.Filter{}, p)
	if err != nil {
		return nil, err
	}
	ends, err := vendorEnds(q, all)
	if err != nil {
		return nil, err
	}
	out := make([]ModelDates, 0, len(rows))
	for _, r := range rows {
		plan := plans[r.P.ID]
		d := ModelDates{Model: plan.Model, Deprecation: day.Day(r.DeprecationOn), Plan: plan.InForce,
			Sequence: r.ModelRevision + r.P.Number*1000 + r.PlanRevision, ChangedAt: at(max(r.ModelUpdated, r.PlanUpdated))}
		if e := ends[r.P.ID]; e.serving.Known() {
			// A vendor that moves a date changes neither model nor plan, and the calendar has to follow all the same.
			d.VendorEnd, d.VendorModel, d.Successor = e.serving, e.what, e.successor
			d.Sequence, d.ChangedAt = d.Sequence+e.revision, at(max(r.ModelUpdated, r.PlanUpdated, e.changed))
		}
		if plan.InForce != 0 {
			d.ReviewBy, d.LatestStart, d.End = plan.ReviewBy, plan.Runway.LatestStart, plan.Runway.End
		}
		out = append(out, d)
	}
	return out, nil
}
