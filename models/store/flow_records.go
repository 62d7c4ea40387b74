package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/flow"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
)

// gatheringFlow is the records of a quarter while they are read: of all teams, for the figures, or of one
// team with the names of everything, for its page.
type gatheringFlow struct {
	s        *Store
	q        *gorm.DB
	from, to time.Time
	now      time.Time
	only     int64 // one team alone; 0 for all
	teams    map[int64]*flow.Gathered
	kept     *FlowRecords // nil while only figures are wanted
}

// FlowRecords are the records behind a team's figures in a quarter.
type FlowRecords struct {
	Passages   []FlowPassage
	Unrecorded []FlowVersion // came to production without a way on record
	Incidents  []FlowIncident
	Ghosts     []FlowVersion
	Figures    flow.Figures // of these records
	Cut        bool         // some list was longer than a page holds
}

// FlowVersion is a version with what it lacks.
type FlowVersion struct {
	Slug, Name, Label string
	At                time.Time // when it came to production, or was added
	Lacks             []string
}

// FlowPassage is a version that came to production.
type FlowPassage struct {
	FlowVersion
	flow.Passage
}

// FlowIncident is an incident.
type FlowIncident struct{ flow.Incident }

// mostFlow bounds each list of a page.
const mostFlow = 200

// flowStep is how many versions are read at once.
const flowStep = 500

// TeamFlow are the records behind a team's figures in a quarter, each list with the newest first.
func (s *Store) TeamFlow(ctx context.Context, team org.Team, q day.Quarter) (FlowRecords, error) {
	g := gatheringFlow{s: s, q: s.read.WithContext(ctx), from: q.Start(), to: q.End(), now: s.Now(), only: team.ID, teams: map[int64]*flow.Gathered{}, kept: &FlowRecords{}}
	if err := g.all(); err != nil {
		return FlowRecords{}, fmt.Errorf("flow of %s in %s: %w", team.Slug, q, err)
	}
	g.kept.Figures = g.team(team.ID).Figures()
	g.kept.sort()
	return *g.kept, nil
}

func (r *FlowRecords) sort() {
	newest := func(a, b FlowVersion) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Slug, b.Slug), cmp.Compare(a.Label, b.Label))
	}
	slices.SortFunc(r.Passages, func(a, b FlowPassage) int { return newest(a.FlowVersion, b.FlowVersion) })
	slices.SortFunc(r.Unrecorded, newest)
	slices.SortFunc(r.Ghosts, newest)
	slices.SortFunc(r.Incidents, func(a, b FlowIncident) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	r.Passages, r.Cut = r.Passages[:min(len(r.Passages), mostFlow)], len(r.Passages) > mostFlow
	r.Unrecorded, r.Cut = r.Unrecorded[:min(len(r.Unrecorded), mostFlow)], r.Cut || len(r.Unrecorded) > mostFlow
	r.Ghosts, r.Cut = r.Ghosts[:min(len(r.Ghosts), mostFlow)], r.Cut || len(r.Ghosts) > mostFlow
	r.Incidents, r.Cut = r.Incidents[:min(len(r.Incidents), mostFlow)], r.Cut || len(r.Incidents) > mostFlow
}

func (g *gatheringFlow) all() error {
	for _, read := range []func() error{g.passages, g.unnamed, g.strays, g.ungoverned, g.zombies, g.unreviewed, g.ghosts} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

func (g *gatheringFlow) team(id int64) *flow.Gathered {
	if g.teams[id] == nil {
		g.teams[id] = &flow.Gathered{}
	}
	return g.teams[id]
}

// ofTeam narrows a query to the team that is asked for; column is that of the team's id.
func (g *gatheringFlow) ofTeam(column string) (sql string, args []any) {
	if g.only == 0 {
		return "", nil
	}
	return " AND " + column + " = ?", []any{g.only}
}

func (g *gatheringFlow) scan(into any, sql, teamColumn string, args ...any) error {
	narrow, more := g.ofTeam(teamColumn)
	return g.q.Raw(strings.Replace(sql, "{team}", narrow, 1), append(args, more...)...).Scan(into).Error
}

type servedRow struct {
	ID, TeamID, ServedSince int64
	Slug, Name, Label       string
}

// passages are the versions that served for the first time in the quarter.
func (g *gatheringFlow) passages() error {
	var rows []servedRow
	err := g.scan(&rows, `SELECT v.id, COALESCE(m.team_id, 0) AS team_id, v.served_since, m.slug, m.name, v.label FROM versions v JOIN models m ON m.id = v.model_id
		WHERE v.served_since > 0 AND v.served_since >= ? AND v.served_since < ?{team}`, "m.team_id", ms(g.from), ms(g.to))
	if err != nil {
		return err
	}
	for some := range slices.Chunk(rows, flowStep) {
		moves, err := g.moves(some)
		if err != nil {
			return err
		}
		for _, r := range some {
			g.served(r, moves[r.ID])
		}
	}
	return nil
}

func (g *gatheringFlow) served(r servedRow, moves []flow.Move) {
	v := FlowVersion{Slug: r.Slug, Name: r.Name, Label: r.Label, At: at(r.ServedSince)}
	p, known := flow.PassageOf(moves, v.At)
	team := g.team(r.TeamID)
	if !known {
		team.Unrecorded++
		if g.kept != nil {
			g.kept.Unrecorded = append(g.kept.Unrecorded, v)
		}
		return
	}
	team.Passages = append(team.Passages, p)
	if g.kept != nil {
		g.kept.Passages = append(g.kept.Passages, FlowPassage{v, p})
	}
}

func (g *gatheringFlow) moves(of []servedRow) (map[int64][]flow.Move, error) {
	ids := make([]int64, 0, len(of))
	for _, r := range of {
		ids = append(ids, r.ID)
	}
	var rows []struct {
		VersionID, OpenedAt, DecidedAt int64
		FromStage, ToStage, State      string
	}
	err := g.q.Raw("SELECT version_id, opened_at, decided_at, from_stage, to_stage, state FROM requests WHERE version_id IN ? ORDER BY id", ids).Scan(&rows).Error
	out := map[int64][]flow.Move{}
	for _, r := range rows {
		out[r.VersionID] = append(out[r.VersionID], flow.Move{From: registry.Stage(r.FromStage), To: registry.Stage(r.ToStage), State: lifecycle.State(r.State),
			OpenedAt: at(r.OpenedAt), DecidedAt: at(r.DecidedAt)})
	}
	return out, err
}

type incidentRow struct {
	TeamID, At               int64
	OnDay                    string
	Slug, Name, Version, App string
}

func (g *gatheringFlow) incidents(kind flow.Kind, rows []incidentRow) {
	for _, r := range rows {
		g.team(r.TeamID).Incident(kind, 1)
		if g.kept == nil {
			continue
		}
		when := at(r.At)
		if r.OnDay != "" {
			when = day.Day(r.OnDay).Time()
		}
		g.kept.Incidents = append(g.kept.Incidents, FlowIncident{flow.Incident{Kind: kind, At: when, Model: r.Slug, Name: r.Name, Version: r.Version, By: r.App}})
	}
}

// unnamed are the stamps that came first in the quarter and by which no version is found. A stamp of no known
// model is its reporter's team's.
func (g *gatheringFlow) unnamed() error {
	var rows []incidentRow
	err := g.scan(&rows, `SELECT * FROM (SELECT u.stamp AS version, MIN(u.first_at) AS at, MIN(u.app) AS app, MIN(COALESCE(m.slug, '')) AS slug, MIN(COALESCE(m.name, '')) AS name,
			MIN(CASE WHEN u.model_id = 0 THEN u.team_id ELSE COALESCE(m.team_id, 0) END) AS team_id
		FROM unknown_stamps u LEFT JOIN models m ON m.id = u.model_id AND u.model_id > 0 WHERE u.last_at >= ? GROUP BY u.stamp) s
		WHERE s.at >= ? AND s.at < ?{team}`, "s.team_id", ms(g.from), ms(g.from), ms(g.to))
	g.incidents(flow.Unnamed, rows)
	return err
}

// strays are the entries of inventories that came in as operating.
func (g *gatheringFlow) strays() error {
	var rows []incidentRow
	err := g.scan(&rows, `SELECT m.slug, m.name, m.created_at AS at, COALESCE(m.team_id, 0) AS team_id FROM models m
		WHERE m.reported_state = 'operating' AND m.created_at >= ? AND m.created_at < ?{team}`, "m.team_id", ms(g.from), ms(g.to))
	g.incidents(flow.Stray, rows)
	return err
}

// ungoverned are the versions that answered and have not come as far as staged, where a shadow or a canary
// begins.
func (g *gatheringFlow) ungoverned() error {
	var rows []incidentRow
	err := g.scan(&rows, `SELECT * FROM (SELECT m.slug, m.name, v.label AS version, COALESCE(m.team_id, 0) AS team_id,
			(SELECT MIN(c.bucket) FROM stamp_counts c WHERE c.version_id = v.id AND c.bucket >= ? AND c.bucket < ?) AS at
		FROM versions v JOIN models m ON m.id = v.model_id WHERE v.served_since = 0 AND v.superseded_at = 0 AND v.stage IN ('experiment', 'registered', 'validated'){team}) s
		WHERE s.at IS NOT NULL`, "m.team_id", ms(g.from), ms(g.to))
	g.incidents(flow.Ungoverned, rows)
	return err
}

// zombies are the retired versions that answered.
func (g *gatheringFlow) zombies() error {
	var rows []incidentRow
	err := g.scan(&rows, `SELECT m.slug, m.name, v.label AS version, COALESCE(m.team_id, 0) AS team_id, MIN(z.on_day) AS on_day, MIN(z.app) AS app
		FROM zombie_sightings z JOIN versions v ON v.id = z.version_id JOIN models m ON m.id = z.model_id WHERE z.on_day >= ? AND z.on_day < ?{team}
		GROUP BY m.slug, m.name, v.label, m.team_id`, "m.team_id", string(day.Of(g.from)), string(day.Of(g.to)))
	g.incidents(flow.Zombie, rows)
	return err
}

// unreviewed is broken glass whose review was due in the quarter and did not come in time.
func (g *gatheringFlow) unreviewed() error {
	var rows []incidentRow
	err := g.scan(&rows, `SELECT m.slug, m.name, v.label AS version, COALESCE(m.team_id, 0) AS team_id, r.debt_due_at AS at
		FROM requests r JOIN versions v ON v.id = r.version_id JOIN models m ON m.id = r.model_id
		WHERE r.break_glass = TRUE AND r.debt_due_at >= ? AND r.debt_due_at < ? AND r.debt_due_at < ? AND (r.debt_settled_at = 0 OR r.debt_settled_at > r.debt_due_at){team}`,
		"m.team_id", ms(g.from), ms(g.to), ms(g.now))
	g.incidents(flow.Unreviewed, rows)
	return err
}

type thinRow struct {
	ID, TeamID, CreatedAt   int64
	Slug, Name, Kind, Label string
	Built                   asJSON[built]
}

func (r thinRow) version() registry.Version {
	return versionRow{ID: r.ID, Kind: r.Kind, Label: r.Label, Built: r.Built, CreatedAt: r.CreatedAt}.version()
}

// ghosts asks of every version past the experiment what it lacks, those that served and were retired within
// the quarter included.
func (g *gatheringFlow) ghosts() error {
	for last := int64(0); ; {
		var rows []thinRow
		err := g.scan(&rows, `SELECT v.id, v.kind, v.label, v.built, v.created_at, COALESCE(m.team_id, 0) AS team_id, m.slug, m.name FROM versions v JOIN models m ON m.id = v.model_id
			WHERE v.id > ? AND v.created_at < ? AND (v.stage NOT IN ('experiment', 'retired') OR v.stage = 'retired' AND v.served_since > 0 AND v.stage_since >= ?){team}
			ORDER BY v.id LIMIT 500`, "m.team_id", last, ms(g.to), ms(g.from))
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := g.thin(rows); err != nil {
			return err
		}
		last = rows[len(rows)-1].ID
	}
}

func (g *gatheringFlow) thin(rows []thinRow) error {
	catalogue, err := g.catalogue(rows)
	if err != nil {
		return err
	}
	for _, r := range rows {
		v := r.version()
		var verdict lifecycle.VendorFact
		if v.Release.ModelID != "" {
			row, known := catalogue[keyOf(v.Release.Host, v.Release.ModelID)]
			verdict = followed(vendorFactOf(v.Release.Host, v.Release.ModelID, row, known), v.Release)
		}
		team := g.team(r.TeamID)
		team.Versions++
		if lacks := flow.Lacks(&v, verdict.Verdict.Class); len(lacks) > 0 {
			team.Ghosts++
			if g.kept != nil {
				g.kept.Ghosts = append(g.kept.Ghosts, FlowVersion{Slug: r.Slug, Name: r.Name, Label: r.Label, At: v.CreatedAt, Lacks: lacks})
			}
		}
	}
	return nil
}

// catalogue are the rows of the vendor models that these versions are built on.
func (g *gatheringFlow) catalogue(rows []thinRow) (map[vendorKey]vendorRow, error) {
	var keys []vendorKey
	for _, r := range rows {
		v := r.version()
		if k := keyOf(v.Release.Host, v.Release.ModelID); v.Release.ModelID != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return vendorRows(g.q, keys)
}
