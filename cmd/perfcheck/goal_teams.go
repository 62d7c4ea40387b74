package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"

	"sundial/components/link"
	"sundial/models/scorecard"
	"sundial/models/store"
)

// teamsGoal loads the leadership page, and holds the query behind it against adding the models up for
// every request.
var teamsGoal = goal{names: []string{"P15"}, what: "the leadership page", measure: func(ctx context.Context, b *bench) ([]row, error) {
	rows, err := b.leadership(ctx, b.sqlite, "SQLite", 100)
	if err != nil || b.postgres == "" {
		return rows, err
	}
	if err := b.seeded(ctx, b.postgres, b.models); err != nil {
		return nil, err
	}
	more, err := b.leadership(ctx, b.postgres, "PostgreSQL", 30)
	return append(rows, more...), err
}}

// What the page would ask if nothing were kept: the models behind every figure, to be added up here because
// the parts of a score are no columns, and for comparison the least of it, five figures added up in SQL.
const (
	rowsSQL = `SELECT s.team_id, s.risk_tier, m.slug, s.phase, s.score, s.raw, s.earned, s.attested, s.sections
	FROM model_scores s JOIN models m ON m.id = s.model_id WHERE s.phase <> 'retired'`
	liveSQL = `SELECT s.team_id, COUNT(*), SUM(w.weight * s.score) / SUM(w.weight), MIN(s.score), SUM(CASE WHEN s.score < s.raw THEN 1 ELSE 0 END), SUM(s.earned), SUM(s.attested)
	FROM model_scores s JOIN (SELECT 1 AS tier, 4 AS weight UNION ALL SELECT 2, 2 UNION ALL SELECT 3, 1 UNION ALL SELECT 0, 4) w ON w.tier = s.risk_tier
	WHERE s.phase IN ('production', 'zombie', 'unregistered') GROUP BY s.team_id`
)

func (b *bench) leadership(ctx context.Context, url, engine string, times float64) ([]row, error) {
	s, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if _, err := b.scored(ctx, s, url); err != nil {
		return nil, err
	}
	load, err := b.teamsPage(ctx, url, engine)
	if err != nil {
		return nil, err
	}
	db, err := openToRead(url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.prepare(ctx, rowsSQL)
	if err != nil {
		return nil, err
	}
	live, err := db.prepare(ctx, liveSQL)
	if err != nil {
		return nil, err
	}
	got, err := byTurns(b.rounds, calls(b.calls(40), func() error { return board(ctx, s) }), calls(b.calls(3), func() error { return addUp(ctx, rows) }),
		calls(b.calls(3), func() error { return fiveFigures(ctx, live) }))
	if err != nil {
		return nil, err
	}
	of, unit := cpuOf, "CPU"
	if isPostgres(url) {
		of, unit = p50Of, "p50"
	}
	cheaper := ratio(got[1], got[0], of)
	return append(load,
		row{"P15", "its query against adding up the same from the models, " + engine + ", " + unit, fmt.Sprintf(">= %.0f x", times), fmt.Sprintf("%.0f x", cheaper), judged(cheaper >= times),
			fmt.Sprintf("%.2f ms against %.0f ms", middle(got[0], of), middle(got[1], of))},
		row{"P15", "its query against five figures of every team in SQL, without sections and tiers, " + engine + ", " + unit, "", fmt.Sprintf("%.0f x", ratio(got[2], got[0], of)), none,
			fmt.Sprintf("%.2f ms against %.1f ms", middle(got[0], of), middle(got[2], of))}), nil
}

// addUp reads every model that counts and adds all teams up, as the page would without what is kept.
func addUp(ctx context.Context, query *sql.Stmt) error {
	rows, err := query.QueryContext(ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	teams := map[int64]*scorecard.Rollup{}
	for rows.Next() {
		var team int64
		var m scorecard.Member
		var sections string
		if err := rows.Scan(&team, &m.Risk, &m.Slug, &m.Phase, &m.Score, &m.Raw, &m.Earned, &m.Attested, &sections); err != nil {
			return err
		}
		if m.Sections, err = scorecard.ParseSections(sections); err != nil {
			return err
		}
		r := teams[team]
		if r == nil {
			fresh := scorecard.NewRollup()
			r = &fresh
			teams[team] = r
		}
		r.Add(m)
	}
	return rows.Err()
}

func fiveFigures(ctx context.Context, query *sql.Stmt) error {
	rows, err := query.QueryContext(ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var team, models, capped int64
		var score, lowest, earned, attested float64
		if err := rows.Scan(&team, &models, &score, &lowest, &capped, &earned, &attested); err != nil {
			return err
		}
	}
	return rows.Err()
}

func board(ctx context.Context, s *store.Store) error {
	b, err := s.BoardPage(ctx, store.TeamsBy{}, "", 50)
	if err == nil && len(b.Teams) == 0 {
		err = fmt.Errorf("the leadership page has no teams")
	}
	return err
}

func (b *bench) teamsPage(ctx context.Context, url, engine string) ([]row, error) {
	ask, err := signIn(ctx, url, link.Teams())
	if err != nil {
		return nil, err
	}
	whole, err := b.start(ctx, portalPart, url)
	if err != nil {
		return nil, err
	}
	defer whole.stop()
	got, err := byTurns(b.rounds, whole.load(ask, 4, b.seconds, http.StatusOK))
	if err != nil {
		return nil, err
	}
	p := got[0]
	return []row{{"P15", fmt.Sprintf("leadership page, %d teams, 4 connections, p99, %s", b.teams(), engine), "< 20 ms", fmt.Sprintf("%.1f ms", middle(p, p99Of)), judged(middle(p, p99Of) < 20),
		fmt.Sprintf("p50 %.1f ms, CPU %.2f ms, %.0f/s", middle(p, p50Of), middle(p, cpuOf), middle(p, perSecond))}}, nil
}
