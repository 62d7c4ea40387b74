package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/telemetry"
)

type reportRow struct {
	ID            int64
	ModelID       int64
	Metric        string
	Source        string
	WindowStart   int64
	WindowEnd     int64
	Value         float64
	Threshold     *float64
	Operator      string
	LimitValue    *float64
	LimitOperator string
	LimitFrom     string
	Breach        bool
	RecordedBy    *int64
	ReceivedAt    int64
}

func (reportRow) TableName() string { return "monitoring_reports" }

func (r reportRow) report() telemetry.Report {
	out := telemetry.Report{ID: r.ID, Metric: r.Metric, Source: r.Source, From: at(r.WindowStart), To: at(r.WindowEnd), Value: r.Value,
		Threshold: r.Threshold, Operator: r.Operator, Breach: r.Breach, ReceivedAt: at(r.ReceivedAt)}
	if r.LimitValue != nil {
		out.Limit = &telemetry.Limit{Operator: r.LimitOperator, Value: *r.LimitValue, From: r.LimitFrom}
	}
	return out
}

func reportToRow(model, by int64, r telemetry.Report) reportRow {
	row := reportRow{ModelID: model, Metric: r.Metric, Source: r.Source, WindowStart: ms(r.From), WindowEnd: ms(r.To), Value: r.Value,
		Threshold: r.Threshold, Operator: r.Operator, Breach: r.Breach, RecordedBy: ref(by), ReceivedAt: ms(r.ReceivedAt)}
	if r.Limit != nil {
		row.LimitValue, row.LimitOperator, row.LimitFrom = &r.Limit.Value, r.Limit.Operator, r.Limit.From
	}
	return row
}

// ReportsKept is what became of reports that came in.
type ReportsKept struct {
	Reports   []telemetry.Report
	Criterion CriterionState // as it stands with them; zero when the plan in force has none
}

// AddReports keeps what fn makes of a model, and asks the retirement plan's criterion again. A report
// of the same metric, source and window replaces the earlier one: sent twice, it is there once.
func (s *Store) AddReports(ctx context.Context, slug string, fn func(m *registry.Model, now time.Time) ([]telemetry.Report, error)) (ReportsKept, error) {
	var out ReportsKept
	err := s.change(ctx, func(tx *txn) error {
		m, err := modelBySlug(s.locked(tx.DB), slug)
		if err != nil {
			return err
		}
		list, err := fn(&m, s.Now())
		if err != nil {
			return err
		}
		if err := tx.saveReports(m.ID, list); err != nil {
			return err
		}
		// Reports come by the hour. The trail has them; the model's history, which tells of decisions, has not.
		subject := m.Subject()
		subject.Model = 0
		tx.Note("monitoring.reported", subject, nil, toldReports(list))
		out.Reports = list
		out.Criterion, err = tx.askCriterion(&m, list)
		return err
	})
	return out, err
}

// saveReports writes each window once: of two reports of it in one call the last counts.
func (tx *txn) saveReports(model int64, list []telemetry.Report) error {
	type key struct {
		metric, source string
		from, to       int64
	}
	at := map[key]int{}
	var rows []reportRow
	for _, r := range list {
		row := reportToRow(model, tx.src.Actor.ID, r)
		k := key{row.Metric, row.Source, row.WindowStart, row.WindowEnd}
		if i, seen := at[k]; seen {
			rows[i] = row
			continue
		}
		at[k] = len(rows)
		rows = append(rows, row)
	}
	err := tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "model_id"}, {Name: "metric"}, {Name: "source"}, {Name: "window_start"}, {Name: "window_end"}},
		DoUpdates: clause.AssignmentColumns([]string{"value", "threshold", "operator", "limit_value", "limit_operator", "limit_from", "breach",
			"recorded_by", "received_at"}),
	}).CreateInBatches(rows, 100).Error
	if err != nil {
		return fmt.Errorf("save reports: %w", err)
	}
	return nil
}

// mostTold keeps the event of a large call small.
const mostTold = 20

func toldReports(list []telemetry.Report) map[string]any {
	breaches := 0
	var values []map[string]any
	for _, r := range list {
		if r.Breach {
			breaches++
		}
		if len(values) < mostTold {
			values = append(values, map[string]any{"metric": r.Metric, "value": r.Value, "source": r.Source, "until": r.To.Format(time.RFC3339)})
		}
	}
	return map[string]any{"reports": len(list), "breaches": breaches, "values": values}
}

// ReportFilter narrows the reports of a model. Zero fields do not narrow.
type ReportFilter struct {
	Metric string
	Since  time.Time // windows that end after it
	Breach bool      // breaches only
}

// Reports is one page of a model's reports, those whose windows ended last first.
func (s *Store) Reports(ctx context.Context, model int64, f ReportFilter, after string, limit int) (Page[telemetry.Report], error) {
	q := s.read.WithContext(ctx).Where("model_id = ?", model)
	if f.Metric != "" {
		q = q.Where("metric = ?", f.Metric)
	}
	if !f.Since.IsZero() {
		q = q.Where("window_end > ?", ms(f.Since))
	}
	if f.Breach {
		q = q.Where("breach")
	}
	back := false
	if after != "" {
		key, id, b, err := decodeCursor[int64](after)
		if err != nil {
			return Page[telemetry.Report]{}, err
		}
		back = b
		q = q.Where("(window_end, id) "+map[bool]string{false: "<", true: ">"}[back]+" (?, ?)", key, id)
	}
	order := "window_end DESC, id DESC"
	if back {
		order = "window_end, id"
	}
	var rows []reportRow
	if err := q.Order(order).Limit(limit + 1).Find(&rows).Error; err != nil {
		return Page[telemetry.Report]{}, fmt.Errorf("reports: %w", err)
	}
	return keysetPage(rows, limit, back, after != "", func(r reportRow) (any, int64) { return r.WindowEnd, r.ID }, reportRow.report), nil
}

// Pulse is what a model's own page says of its traffic and monitoring.
type Pulse struct {
	Week     telemetry.Traffic // the sum of the last seven days
	Last     time.Time         // the last hour reported within 30 days, zero for none
	Reports  int               // monitoring reports of the last seven days, counted to 1,000
	Breaches int               // of them
	Zombies  int               // retired versions that were seen within seven days
	Unknown  int               // unknown stamps of this model within seven days
	MetAt    time.Time         // since when the replacement criterion holds, zero while it does not
	Met      string            // the criterion
}

// pulse reads it by one statement.
func (s *Store) pulse(ctx context.Context, model int64) (Pulse, error) {
	var r struct {
		Total, Known, LastBucket, Reports, Breaches, Zombies, Unknown, MetAt int64
		Met                                                                  string
	}
	now := s.Now()
	week, month := now.AddDate(0, 0, -7), now.AddDate(0, 0, -30)
	err := s.read.WithContext(ctx).Raw(`SELECT
		(SELECT COALESCE(SUM(total), 0) FROM stamp_days WHERE model_id = ? AND on_day > ?) AS total,
		(SELECT COALESCE(SUM(known), 0) FROM stamp_days WHERE model_id = ? AND on_day > ?) AS known,
		(SELECT COALESCE(MAX(last_bucket), 0) FROM stamp_days WHERE model_id = ? AND on_day > ?) AS last_bucket,
		(SELECT COUNT(*) FROM (SELECT id FROM monitoring_reports WHERE model_id = ? AND window_end > ? LIMIT 1000) AS r) AS reports,
		(SELECT COUNT(*) FROM (SELECT id FROM monitoring_reports WHERE model_id = ? AND window_end > ? AND breach LIMIT 1000) AS b) AS breaches,
		(SELECT COUNT(DISTINCT version_id) FROM zombie_sightings WHERE model_id = ? AND on_day > ?) AS zombies,
		(SELECT COUNT(DISTINCT stamp) FROM unknown_stamps WHERE model_id = ? AND model_id > 0 AND last_at > ?) AS unknown,
		COALESCE((SELECT met_at FROM criterion_states WHERE model_id = ?), 0) AS met_at,
		COALESCE((SELECT criterion FROM criterion_states WHERE model_id = ?), '') AS met`,
		model, string(day.Of(week)), model, string(day.Of(week)), model, string(day.Of(month)), model, ms(week), model, ms(week), model, string(day.Of(week)), model, ms(week), model, model).Scan(&r).Error
	if err != nil {
		return Pulse{}, fmt.Errorf("pulse: %w", err)
	}
	p := Pulse{Week: telemetry.Traffic{Total: r.Total, Known: r.Known}, Last: at(r.LastBucket), Reports: int(r.Reports), Breaches: int(r.Breaches),
		Zombies: int(r.Zombies), Unknown: int(r.Unknown), MetAt: at(r.MetAt)}
	if r.MetAt != 0 {
		p.Met = r.Met
	}
	return p, nil
}

// EachReport calls fn for every report of a model, newest first, in pages; for exports.
func (s *Store) EachReport(ctx context.Context, model int64, fn func(telemetry.Report) error) error {
	return eachPage(func(after string) (Page[telemetry.Report], error) {
		return s.Reports(ctx, model, ReportFilter{}, after, 500)
	}, fn)
}
