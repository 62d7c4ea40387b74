package store

import (
	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/scorecard"
	"sundial/models/telemetry"
)

// requests reads what the score wants to know of requests: those of the version that is scored, and of the
// model what is open, owed or was decided lately.
func (g *gathering) requests() error {
	type requestRow struct {
		ID, ModelID, VersionID, RequesterID int64
		DecidedBy                           *int64
		ToStage, State                      string
		OpenedAt, DueAt, DecidedAt          int64
		BreakGlass                          bool
		DebtSettledAt                       int64
	}
	var rows []requestRow
	versions := append(g.scored(), 0)
	err := g.q.Raw(`SELECT id, model_id, version_id, requester_id, decided_by, to_stage, state, opened_at, due_at, decided_at, break_glass, debt_settled_at
		FROM requests WHERE model_id IN ? AND (version_id IN ? OR state = 'open' OR break_glass = TRUE AND debt_settled_at = 0 OR decided_at > ?)
		ORDER BY decided_at DESC, id DESC`, g.ids, versions, ms(g.now.AddDate(0, 0, -120))).Scan(&rows).Error
	if err != nil {
		return err
	}
	var ids []int64
	for _, r := range rows {
		if r.State == string(lifecycle.Applied) {
			ids = append(ids, r.ID)
		}
	}
	approvers, err := g.approvers(ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		k := g.known[r.ModelID]
		if k == nil {
			continue
		}
		// What its requester applied at once is a move for which the policy asked no review then, whatever it asks
		// today: other rules do not make yesterday's moves wrong.
		asked := deref(r.DecidedBy) != r.RequesterID || len(approvers[r.ID]) > 0
		k.Requests = append(k.Requests, scorecard.Move{ID: r.ID, VersionID: r.VersionID, Requester: r.RequesterID, State: lifecycle.State(r.State), To: registry.Stage(r.ToStage),
			OpenedAt: at(r.OpenedAt), DueAt: at(r.DueAt), DecidedAt: at(r.DecidedAt), Approvers: approvers[r.ID], Reviewed: asked,
			BreakGlass: r.BreakGlass, DebtSettledAt: at(r.DebtSettledAt)})
	}
	return nil
}

// approvers are who approved exactly what was decided.
func (g *gathering) approvers(requests []int64) (map[int64][]int64, error) {
	out := map[int64][]int64{}
	if len(requests) == 0 {
		return out, nil
	}
	var rows []struct{ RequestID, ReviewerID int64 }
	err := g.q.Raw(`SELECT DISTINCT w.request_id, w.reviewer_id FROM reviews w JOIN requests r ON r.id = w.request_id
		WHERE w.request_id IN ? AND w.verdict = 'approve' AND w.digest = r.digest ORDER BY w.request_id, w.reviewer_id`, requests).Scan(&rows).Error
	for _, r := range rows {
		out[r.RequestID] = append(out[r.RequestID], r.ReviewerID)
	}
	return out, err
}

func (g *gathering) traffic() error {
	var rows []struct{ ModelID, Total, Known, Last int64 }
	err := g.q.Raw("SELECT model_id, SUM(total) AS total, SUM(known) AS known, MAX(last_bucket) AS last FROM stamp_days WHERE model_id IN ? AND on_day > ? GROUP BY model_id",
		g.ids, string(day.Of(g.now).Add(-scorecard.TrafficDays))).Scan(&rows).Error
	for _, r := range rows {
		if k := g.known[r.ModelID]; k != nil {
			k.Traffic, k.LastStamp = telemetry.Traffic{Total: r.Total, Known: r.Known}, at(r.Last)
		}
	}
	return err
}

func (g *gathering) apps() error {
	var rows []struct {
		ModelID int64
		App     string
	}
	err := g.q.Raw("SELECT DISTINCT model_id, app FROM stamp_counts WHERE model_id IN ? AND bucket >= ? ORDER BY model_id, app",
		g.ids, ms(g.now.AddDate(0, 0, -scorecard.TrafficDays))).Scan(&rows).Error
	for _, r := range rows {
		if k := g.known[r.ModelID]; k != nil {
			k.Apps = append(k.Apps, r.App)
		}
	}
	return err
}

func (g *gathering) zombies() error {
	var rows []struct{ ModelID, Last int64 }
	err := g.q.Raw("SELECT model_id, MAX(last_at) AS last FROM zombie_sightings WHERE model_id IN ? GROUP BY model_id", g.ids).Scan(&rows).Error
	for _, r := range rows {
		if k := g.known[r.ModelID]; k != nil {
			k.ZombieAt = at(r.Last)
		}
	}
	return err
}

// reports are the newest of every metric, and half a year of drift, which is a line and not a point.
func (g *gathering) reports() error {
	var rows []reportRow
	err := g.q.Raw(`SELECT * FROM (SELECT r.*, ROW_NUMBER() OVER (PARTITION BY r.model_id, r.metric ORDER BY r.window_end DESC, r.id DESC) AS place
		FROM monitoring_reports r WHERE r.model_id IN ? AND r.window_end > ?) AS ranked WHERE place = 1 OR metric = 'drift' AND place <= 400`,
		g.ids, ms(g.now.AddDate(0, 0, -180))).Scan(&rows).Error
	for _, r := range rows {
		if k := g.known[r.ModelID]; k != nil {
			k.Reports = append(k.Reports, r.report())
		}
	}
	return err
}

func (g *gathering) waivers() error {
	if len(g.at) == 0 {
		return nil
	}
	var rows []waiverRow
	err := g.q.Where("version_id IN ? AND state = 'granted' AND until >= ?", g.scored(), string(day.Of(g.now))).Order("id").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return err
	}
	people, err := peopleByID(g.q, namedByWaivers(rows))
	for _, r := range rows {
		k := g.known[g.at[r.VersionID]]
		k.Gate.Waivers = append(k.Gate.Waivers, r.waiver(people))
	}
	return err
}

// facts reads what was gathered of one model.
func (g *gathering) facts(id int64) (scorecard.Facts, bool) {
	k, ok := g.known[id]
	if !ok {
		return scorecard.Facts{}, false
	}
	return scorecard.Establish(k, g.policy, g.now), true
}

// retirements: when each was last rehearsed, and whether one has come to its cutover.
func (g *gathering) retirements() error {
	var rows []struct {
		ModelID, Rehearsed int64
		Begun              bool
	}
	err := g.q.Raw(`SELECT model_id, MAX(CASE WHEN kind = 'rehearsal' AND phase = 'rehearsed' THEN finished_at ELSE 0 END) AS rehearsed,
		MAX(CASE WHEN kind = 'retirement' AND is_open AND phase NOT IN ('triggered', 'announced', 'dual_run') THEN 1 ELSE 0 END) = 1 AS begun
		FROM retirements WHERE model_id IN ? GROUP BY model_id`, g.ids).Scan(&rows).Error
	for _, r := range rows {
		if k := g.known[r.ModelID]; k != nil {
			k.RehearsedAt, k.CutoverStarted = at(r.Rehearsed), r.Begun
		}
	}
	return err
}
