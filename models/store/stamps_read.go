package store

import (
	"context"
	"fmt"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/telemetry"
)

// Stamped is what a stamp leads to: the version, how it was built, what came of it.
type Stamped struct {
	Stamp   telemetry.Stamp
	Known   bool // the prompt, where one is named, is one of the version's
	Model   registry.Model
	Version registry.Version
	Served  []ServingRow // when the version served, newest first; empty when it never did
	Serving *ServingRow  // what the model serves now, nil for nothing
	Last    time.Time    // the last hour in which the version was reported, zero for never
	Apps    []AppTraffic // who called it within 30 days
}

// AppTraffic is what an app was reported to ask of a model or version.
type AppTraffic struct {
	App   string
	Count int64
	Last  time.Time // its last hour
}

// VersionTraffic is the share of one version. Label is "" for what carried no known version.
type VersionTraffic struct {
	Label string
	Stage registry.Stage
	Count int64
	Last  time.Time
}

// ServedTraffic is how often one id was asked for and another answered.
type ServedTraffic struct {
	Requested, Served string
	Count             int64
}

// ByStamp finds what a stamp names. fault.NotFound when there is no such model or version.
func (s *Store) ByStamp(ctx context.Context, st telemetry.Stamp) (Stamped, error) {
	out := Stamped{Stamp: st}
	var err error
	if out.Model, out.Version, err = s.Version(ctx, st.Model, st.Version); err != nil {
		return out, err
	}
	hashes := make([]string, 0, len(out.Version.Release.Prompts))
	for _, p := range out.Version.Release.Prompts {
		hashes = append(hashes, p.SHA256)
	}
	out.Known = st.Names(hashes)
	var rows []servingListRow
	err = s.read.WithContext(ctx).Raw("SELECT "+servingColumns+" "+servingFrom+" WHERE s.model_id = ? AND (s.version_id = ? OR s.until = 0) ORDER BY s.since DESC, s.id DESC LIMIT 50",
		out.Model.ID, out.Version.ID).Scan(&rows).Error
	if err != nil {
		return out, fmt.Errorf("by stamp: %w", err)
	}
	for _, r := range rows {
		row := r.row()
		if r.VersionID == out.Version.ID {
			out.Served = append(out.Served, row)
		}
		if r.Until == 0 {
			out.Serving = &row
		}
	}
	return out, s.stampTraffic(ctx, &out)
}

func (s *Store) stampTraffic(ctx context.Context, out *Stamped) error {
	var last *int64
	if err := s.read.WithContext(ctx).Raw("SELECT MAX(bucket) FROM stamp_counts WHERE version_id = ?", out.Version.ID).Scan(&last).Error; err != nil {
		return fmt.Errorf("by stamp: %w", err)
	}
	if last == nil {
		return nil
	}
	out.Last = at(*last)
	var apps []appRow
	err := s.read.WithContext(ctx).Raw("SELECT app, SUM(n) AS n, MAX(bucket) AS last FROM stamp_counts WHERE version_id = ? AND bucket >= ? GROUP BY app ORDER BY SUM(n) DESC, app LIMIT 50",
		out.Version.ID, ms(s.Now().AddDate(0, 0, -30))).Scan(&apps).Error
	if err != nil {
		return fmt.Errorf("by stamp: %w", err)
	}
	for _, a := range apps {
		out.Apps = append(out.Apps, a.traffic())
	}
	return nil
}

type appRow struct {
	App     string
	N, Last int64
}

func (r appRow) traffic() AppTraffic { return AppTraffic{r.App, r.N, at(r.Last)} }

// trafficRows is how many zombies and unknown stamps a model's page names.
const trafficRows = 50

// ModelTraffic is what was reported of a model since a day.
type ModelTraffic struct {
	Days     []telemetry.Traffic // that were reported, oldest first
	Last     time.Time           // the last hour reported, zero for never in this time
	Versions []VersionTraffic    // most first, at most 50
	Served   []ServedTraffic     // only where another id answered, most first, at most 50
	Apps     []AppTraffic        // most first, at most 100
	Zombies  []Zombie            // newest first, at most 50
	Unknown  []UnknownStamp      // last seen first, at most 50
}

// Zombie is a retired version that answered an app.
type Zombie struct {
	Model, Slug, Version, App string
	Days                      int     // on which it was reported
	First, Last               day.Day // of them
	Count                     int64
	At                        time.Time // when it was reported last
}

// Stamp is the stamp of the version.
func (z Zombie) Stamp() string { return z.Slug + "@" + z.Version }

// UnknownStamp is a stamp that names nothing here.
type UnknownStamp struct {
	Stamp, App  string
	Model, Slug string // "" when the model is not known either
	Count       int64
	First, Last time.Time
}

// Traffic reads what was reported of a model since a day.
func (s *Store) Traffic(ctx context.Context, model int64, since day.Day) (ModelTraffic, error) {
	var out ModelTraffic
	var err error
	if out.Days, out.Last, err = s.trafficDays(ctx, model, since); err != nil || len(out.Days) == 0 {
		return out, err
	}
	if err := s.trafficParts(ctx, model, ms(since.Time()), &out); err != nil {
		return out, err
	}
	if out.Zombies, err = s.zombies(ctx, trafficRows, "z.model_id = ? AND z.on_day >= ?", model, string(since)); err != nil {
		return out, err
	}
	out.Unknown, err = s.unknown(ctx, trafficRows, "u.model_id = ? AND u.last_at >= ?", model, ms(since.Time()))
	return out, err
}

type dayRow struct {
	OnDay                    string
	Total, Known, LastBucket int64
}

func (s *Store) trafficDays(ctx context.Context, model int64, since day.Day) (days []telemetry.Traffic, last time.Time, err error) {
	var rows []dayRow
	err = s.read.WithContext(ctx).Raw("SELECT on_day, total, known, last_bucket FROM stamp_days WHERE model_id = ? AND on_day >= ? ORDER BY on_day", model, string(since)).Scan(&rows).Error
	if err != nil {
		return nil, last, fmt.Errorf("traffic: %w", err)
	}
	for _, r := range rows {
		days = append(days, telemetry.Traffic{Day: day.Day(r.OnDay), Total: r.Total, Known: r.Known})
		last = at(r.LastBucket)
	}
	return days, last, nil
}

// trafficParts sums a model's counts in three ways by one statement.
func (s *Store) trafficParts(ctx context.Context, model, since int64, out *ModelTraffic) error {
	var rows []struct {
		Kind, A, B, Stage string
		N, Last           int64
	}
	const where = " FROM stamp_counts c WHERE c.model_id = ? AND c.bucket >= ? "
	err := s.read.WithContext(ctx).Raw(`SELECT parts.kind, CASE WHEN parts.kind = 'version' THEN COALESCE(v.label, '') ELSE a END AS a, b, COALESCE(v.stage, '') AS stage, n, last FROM (
		SELECT * FROM (SELECT 'app' AS kind, c.app AS a, '' AS b, 0 AS version_id, SUM(c.n) AS n, MAX(c.bucket) AS last`+where+`GROUP BY c.app ORDER BY 5 DESC, 2 LIMIT 100) AS apps
		UNION ALL SELECT * FROM (SELECT 'served' AS kind, c.requested_id AS a, c.served_id AS b, 0 AS version_id, SUM(c.n) AS n, MAX(c.bucket) AS last`+where+
		`AND c.requested_id <> '' AND c.served_id <> '' AND c.requested_id <> c.served_id GROUP BY c.requested_id, c.served_id ORDER BY 5 DESC, 2, 3 LIMIT 50) AS served
		UNION ALL SELECT * FROM (SELECT 'version' AS kind, '' AS a, '' AS b, c.version_id, SUM(c.n) AS n, MAX(c.bucket) AS last`+where+`GROUP BY c.version_id ORDER BY 5 DESC LIMIT 50) AS byversion
		) AS parts LEFT JOIN versions v ON v.id = parts.version_id ORDER BY parts.kind, n DESC, a, b`, model, since, model, since, model, since).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("traffic: %w", err)
	}
	for _, r := range rows {
		switch r.Kind {
		case "app":
			out.Apps = append(out.Apps, AppTraffic{r.A, r.N, at(r.Last)})
		case "served":
			out.Served = append(out.Served, ServedTraffic{r.A, r.B, r.N})
		default:
			out.Versions = append(out.Versions, VersionTraffic{r.A, registry.Stage(r.Stage), r.N, at(r.Last)})
		}
	}
	return nil
}

func (s *Store) zombies(ctx context.Context, limit int, where string, args ...any) ([]Zombie, error) {
	var rows []struct {
		Model, Slug, Version, App, FirstDay, LastDay string
		Days, N, LastAt                              int64
	}
	err := s.read.WithContext(ctx).Raw(`SELECT m.name AS model, m.slug, v.label AS version, x.app, x.days, x.first_day, x.last_day, x.n, x.last_at
		FROM (SELECT z.model_id, z.version_id, z.app, COUNT(*) AS days, MIN(z.on_day) AS first_day, MAX(z.on_day) AS last_day, SUM(z.n) AS n, MAX(z.last_at) AS last_at
			FROM zombie_sightings z WHERE `+where+` GROUP BY z.model_id, z.version_id, z.app ORDER BY MAX(z.last_at) DESC, z.version_id, z.app LIMIT ?) x
		JOIN versions v ON v.id = x.version_id JOIN models m ON m.id = x.model_id ORDER BY x.last_at DESC, x.version_id, x.app`, append(args, limit)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("zombies: %w", err)
	}
	out := make([]Zombie, 0, len(rows))
	for _, r := range rows {
		out = append(out, Zombie{r.Model, r.Slug, r.Version, r.App, int(r.Days), day.Day(r.FirstDay), day.Day(r.LastDay), r.N, at(r.LastAt)})
	}
	return out, nil
}

// Zombies are the retired versions that were seen since a day, by app, last seen first.
func (s *Store) Zombies(ctx context.Context, since day.Day, limit int) ([]Zombie, error) {
	return s.zombies(ctx, limit, "z.on_day >= ?", string(since))
}

func (s *Store) unknown(ctx context.Context, limit int, where string, args ...any) ([]UnknownStamp, error) {
	var rows []struct {
		Stamp, App, Model, Slug string
		N, FirstAt, LastAt      int64
	}
	err := s.read.WithContext(ctx).Raw(`SELECT u.stamp, u.app, COALESCE(m.name, '') AS model, COALESCE(m.slug, '') AS slug, u.n, u.first_at, u.last_at
		FROM unknown_stamps u LEFT JOIN models m ON m.id = u.model_id WHERE `+where+` ORDER BY u.last_at DESC, u.stamp, u.app LIMIT ?`, append(args, limit)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("unknown stamps: %w", err)
	}
	out := make([]UnknownStamp, 0, len(rows))
	for _, r := range rows {
		out = append(out, UnknownStamp{r.Stamp, r.App, r.Model, r.Slug, r.N, at(r.FirstAt), at(r.LastAt)})
	}
	return out, nil
}

// UnknownStamps are the stamps that named nothing here, last seen first.
func (s *Store) UnknownStamps(ctx context.Context, limit int) ([]UnknownStamp, error) {
	return s.unknown(ctx, limit, "u.last_at > ?", 0)
}

// CoverageGap is a model whose reported predictions did not all carry a known stamp.
type CoverageGap struct {
	Model, Slug, Team string
	Stage             registry.Stage
	telemetry.Traffic
}

// CoverageGaps are the models with the lowest coverage of a day; those that are covered
// whole are not among them.
func (s *Store) CoverageGaps(ctx context.Context, on day.Day, limit int) ([]CoverageGap, error) {
	var rows []struct {
		Model, Slug, Team, Stage string
		Total, Known             int64
	}
	err := s.read.WithContext(ctx).Raw(`SELECT m.name AS model, m.slug, COALESCE(t.name, '') AS team, m.stage, d.total, d.known FROM (
			SELECT model_id, total, known FROM stamp_days WHERE on_day = ? AND known < total ORDER BY known * 1.0 / total, total DESC, model_id LIMIT ?) d
		JOIN models m ON m.id = d.model_id LEFT JOIN teams t ON t.id = m.team_id ORDER BY d.known * 1.0 / d.total, d.total DESC, m.id`, string(on), limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("coverage gaps: %w", err)
	}
	out := make([]CoverageGap, 0, len(rows))
	for _, r := range rows {
		out = append(out, CoverageGap{r.Model, r.Slug, r.Team, registry.Stage(r.Stage), telemetry.Traffic{Day: on, Total: r.Total, Known: r.Known}})
	}
	return out, nil
}

// SweepTelemetry forgets counts, sightings and reports from before a day, and calls that are two days
// old. It goes model by model, so that no transaction is long.
func (s *Store) SweepTelemetry(ctx context.Context, before day.Day) (rows int64, err error) {
	if !before.Known() {
		return 0, fault.New(fault.Invalid, "Say from when on counts are kept.")
	}
	cut := ms(before.Time())
	for _, table := range []struct {
		name, old string
		arg       any
	}{{"stamp_counts", "bucket < ?", cut}, {"stamp_days", "on_day < ?", string(before)}, {"monitoring_reports", "window_end < ?", cut}} {
		n, err := s.sweepByModel(ctx, table.name, table.old, table.arg)
		if rows += n; err != nil {
			return rows, err
		}
	}
	for query, arg := range map[string]any{
		"DELETE FROM stamp_calls WHERE at < ?":          ms(s.Now().Add(-48 * time.Hour)),
		"DELETE FROM zombie_sightings WHERE on_day < ?": string(before),
		"DELETE FROM unknown_stamps WHERE last_at < ?":  cut,
	} {
		if err := s.write.WithContext(ctx).Exec(query, arg).Error; err != nil {
			return rows, fmt.Errorf("sweep telemetry: %w", err)
		}
	}
	return rows, nil
}

func (s *Store) sweepByModel(ctx context.Context, table, old string, arg any) (rows int64, err error) {
	for last := int64(-1); ; {
		var next *int64
		if err := s.read.WithContext(ctx).Raw("SELECT MIN(model_id) FROM "+table+" WHERE model_id > ?", last).Scan(&next).Error; err != nil {
			return rows, fmt.Errorf("sweep %s: %w", table, err)
		}
		if next == nil {
			return rows, nil
		}
		last = *next
		var some []int64 // most models have nothing old, and a reader finds that out
		if err := s.read.WithContext(ctx).Raw("SELECT model_id FROM "+table+" WHERE model_id = ? AND "+old+" LIMIT 1", last, arg).Scan(&some).Error; err != nil {
			return rows, fmt.Errorf("sweep %s: %w", table, err)
		}
		if len(some) == 0 {
			continue
		}
		res := s.write.WithContext(ctx).Exec("DELETE FROM "+table+" WHERE model_id = ? AND "+old, last, arg)
		if res.Error != nil {
			return rows, fmt.Errorf("sweep %s: %w", table, res.Error)
		}
		rows += res.RowsAffected
	}
}
