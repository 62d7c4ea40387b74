package store

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm"

	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/telemetry"
)

// discoverDays is how far back callers are looked for whom nobody declared.
const discoverDays = 30

// workflowWorld reads what the rules of a workflow ask about the world; w is nil where none has begun.
func (s *Store) workflowWorld(q *gorm.DB, m registry.Model, w *retirement.Workflow, body retirement.Body, p lifecycle.Policy) (*retirement.World, error) {
	plan, err := s.planContext(q, m, body, nil, p)
	if err != nil {
		return nil, err
	}
	c := &retirement.World{
		Now: s.Now(), Model: m, People: plan.People, Candidate: plan.Candidate, VendorEnd: plan.VendorEnd, Depth: plan.Depth,
		BreakGlass: p.BreakGlass, BreakGlassHours: p.BreakGlassHours, MinKeepDays: p.Retention,
	}
	serving, err := servingNow(q, m.ID)
	if err != nil {
		return nil, err
	}
	if serving != nil && (w == nil || w.VersionID == serving.Version.ID) {
		c.Version, c.Serving = &serving.Version, &serving.Record
	} else if w != nil && w.VersionID != 0 {
		row, err := versionByID(q, w.VersionID)
		if err != nil {
			return nil, err
		}
		v := row.version()
		c.Version = &v
	}
	if c.Version == nil {
		return c, nil
	}
	if c.Traffic, err = s.workflowTraffic(q, c, body.Candidate); err != nil {
		return nil, err
	}
	if c.Undeclared, err = undeclared(q, c, body); err != nil {
		return nil, err
	}
	if w != nil && w.Kind == retirement.Ending && w.Phase == retirement.Disposition {
		c.Others, err = liveVersions(q, m.ID, c.Version.ID)
	}
	return c, err
}

// workflowTraffic reads what stamps say of the old version and of what takes over, of the last day.
func (s *Store) workflowTraffic(q *gorm.DB, c *retirement.World, to retirement.Candidate) (retirement.Traffic, error) {
	since := ms(c.Now.Add(-24 * time.Hour))
	var old struct{ Last, N int64 }
	err := q.Raw(`SELECT COALESCE(MAX(bucket), 0) AS last, COALESCE(SUM(CASE WHEN bucket >= ? THEN n ELSE 0 END), 0) AS n
		FROM stamp_counts WHERE version_id = ? AND bucket >= COALESCE((SELECT MAX(bucket) FROM stamp_counts WHERE version_id = ?), 0) - 86400000`,
		since, c.Version.ID, c.Version.ID).Scan(&old).Error
	if err != nil {
		return retirement.Traffic{}, fmt.Errorf("traffic: %w", err)
	}
	t := retirement.Traffic{Reported: old.Last > 0, OldLastDay: old.N, LastOld: at(old.Last)}
	if to.Model == "" {
		return t, nil
	}
	var other modelRow
	err = q.Select("id").Where("slug = ?", to.Model).Take(&other).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return t, nil
	}
	if err != nil {
		return t, fmt.Errorf("traffic: %w", err)
	}
	t.NewMeasured = true
	find := q.Table("stamp_counts").Select("COALESCE(SUM(n), 0)").Where("model_id = ? AND bucket >= ? AND version_id <> ?", other.ID, since, c.Version.ID)
	if err := find.Scan(&t.NewLastDay).Error; err != nil {
		return t, fmt.Errorf("traffic: %w", err)
	}
	return t, nil
}

// undeclared are the apps whose stamps name the version and that no list names.
func undeclared(q *gorm.DB, c *retirement.World, body retirement.Body) ([]retirement.AppSeen, error) {
	var rows []retirement.AppSeen
	err := q.Raw("SELECT app, SUM(n) AS n FROM stamp_counts WHERE version_id = ? AND bucket >= ? GROUP BY app ORDER BY SUM(n) DESC, app LIMIT 100",
		c.Version.ID, ms(c.Now.AddDate(0, 0, -discoverDays))).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("undeclared consumers: %w", err)
	}
	declared, planned := telemetry.ConsumersOf(c.Model.Consumers), telemetry.ConsumersOf(body.Consumers.List)
	var out []retirement.AppSeen
	for _, r := range rows {
		if !declared.Declared(r.App) && !planned.Declared(r.App) {
			out = append(out, r)
		}
	}
	return out, nil
}

func liveVersions(q *gorm.DB, model, but int64) ([]*registry.Version, error) {
	var rows []versionRow
	if err := q.Where("model_id = ? AND stage <> 'retired' AND id <> ?", model, but).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("live versions: %w", err)
	}
	out := make([]*registry.Version, 0, len(rows))
	for _, r := range rows {
		v := r.version()
		out = append(out, &v)
	}
	return out, nil
}

// mediansKept is for how long what is known of teams' cutovers is believed. It changes a few times a
// year, and every page of a plan asks it.
const mediansKept = time.Minute

// medians remembers the days that teams' cutovers took.
type medians struct {
	mu     sync.Mutex
	readAt time.Time
	byTeam map[int64]int
}

// known is what is still believed, nil when it has to be read. The lock is never held over a query:
// whoever waits for it may hold the connection that the query needs.
func (m *medians) known() map[int64]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Since(m.readAt) >= mediansKept {
		return nil
	}
	return m.byTeam
}

func (m *medians) keep(byTeam map[int64]int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byTeam, m.readAt = byTeam, time.Now()
}

// forget makes the next question read anew.
func (m *medians) forget() { m.mu.Lock(); defer m.mu.Unlock(); m.byTeam = nil }

// cutoverMedians are the days that teams' last ten cutovers took in the median, from being triggered to
// all traffic having moved; teams that finished none are missing. Another replica's cutover is known
// within a minute.
func (s *Store) cutoverMedians(q *gorm.DB) (map[int64]int, error) {
	if kept := s.medians.known(); kept != nil {
		return kept, nil
	}
	var rows []struct{ TeamID, CreatedAt, MovedAt int64 }
	err := q.Raw(`SELECT team_id, created_at, moved_at FROM (
		SELECT m.team_id, r.created_at, r.moved_at, ROW_NUMBER() OVER (PARTITION BY m.team_id ORDER BY r.moved_at DESC, r.id DESC) AS place
		FROM retirements r JOIN models m ON m.id = r.model_id
		WHERE r.kind = 'retirement' AND r.moved_at > 0 AND r.phase NOT IN ('rolled_back', 'aborted') AND m.team_id IS NOT NULL) AS last WHERE place <= 10`).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("past cutovers: %w", err)
	}
	past := map[int64][]int{}
	for _, r := range rows {
		past[r.TeamID] = append(past[r.TeamID], int(at(r.MovedAt).Sub(at(r.CreatedAt)).Hours()/24))
	}
	byTeam := make(map[int64]int, len(past))
	for team, days := range past {
		byTeam[team] = retirement.MedianDays(days)
	}
	s.medians.keep(byTeam)
	return byTeam, nil
}
