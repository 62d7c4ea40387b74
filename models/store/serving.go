package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sundial/models/fault"
	"sundial/models/registry"
)

// ServingRow says what one model serves, or served, with what an answer to "and how was it built?" needs.
type ServingRow struct {
	ID             int64
	Model, Slug    string
	Kind           registry.Kind
	Tier           registry.Tier
	Team, Owner    string
	Version        string
	Since, Until   time.Time
	RequestID      int64
	How            string
	AskedBy        string // who asked for it; with broken glass, who broke it
	ApprovedDigest string
	ApprovedBy     []registry.Approver
	TeamSlug       string
	Code           registry.Code
	Run            registry.Run
	Host, VendorID string
	PlanState      string
	Returnable     string // a superseded version that may still return, "" for none
}

type servingListRow struct {
	ModelID, VersionID                      int64
	ID                                      int64
	Model, Slug, Kind, Team, Owner, Version string
	Tier                                    int64
	Since, Until                            int64
	RequestID                               *int64
	How, AskedBy, ApprovedDigest, TeamSlug  string
	ApprovedBy                              asJSON[[]registry.Approver]
	Built                                   asJSON[built]
	VendorHost, VendorModel, PlanState      string
	Returnable                              string
}

func (r servingListRow) row() ServingRow {
	out := ServingRow{ID: r.ID, Model: r.Model, Slug: r.Slug, Kind: registry.Kind(r.Kind), Tier: registry.Tier(r.Tier), Team: r.Team, Owner: r.Owner,
		Version: r.Version, Since: at(r.Since), Until: at(r.Until), RequestID: deref(r.RequestID), How: r.How, AskedBy: r.AskedBy, TeamSlug: r.TeamSlug, ApprovedDigest: r.ApprovedDigest,
		ApprovedBy: r.ApprovedBy.V, Host: r.VendorHost, VendorID: r.VendorModel, PlanState: r.PlanState, Returnable: r.Returnable}
	if l := r.Built.V.Lineage; l != nil {
		out.Code, out.Run = l.Code, l.Run
	}
	return out
}

const servingColumns = `s.id, s.model_id, s.version_id, m.name AS model, m.slug, m.kind, m.tier, COALESCE(t.name, '') AS team, COALESCE(p.name, '') AS owner, v.label AS version,
	s.since, s.until, s.request_id, s.how, COALESCE(a.name, '') AS asked_by, COALESCE(t.slug, '') AS team_slug, s.approved_digest, s.approved_by, v.built, v.vendor_host, v.vendor_model, m.plan_state`

// returnable is the version that a rollback would lead to at a moment, as a column. The moment is an
// argument, the first of the query: as text it would make every query a statement to prepare and keep.
const returnable = `, COALESCE((SELECT o.label FROM versions o WHERE o.model_id = m.id AND o.stage = 'staged' AND o.superseded_at > 0
		AND o.rollback_until > ? ORDER BY o.superseded_at DESC, o.id DESC LIMIT 1), '') AS returnable`

const servingFrom = "FROM serving_records s " + servingJoins

const servingJoins = `JOIN models m ON m.id = s.model_id JOIN versions v ON v.id = s.version_id
	LEFT JOIN teams t ON t.id = m.team_id LEFT JOIN people p ON p.id = m.owner_id
	LEFT JOIN requests r ON r.id = s.request_id LEFT JOIN people a ON a.id = r.requester_id`

// What serves is looked for along the models' names, which are in order already: a page of it ends after
// as many steps as it has lines. CROSS JOIN keeps SQLite from turning that round.
const (
	servingNowCut  = "FROM models m CROSS JOIN serving_records s WHERE s.model_id = m.id AND s.until = 0 AND m.serving_version_id IS NOT NULL"
	servingThenCut = `FROM models m CROSS JOIN serving_records s WHERE s.id = (SELECT x.id FROM serving_records x
		WHERE x.model_id = m.id AND x.since <= ? ORDER BY x.since DESC, x.id DESC LIMIT 1) AND (s.until = 0 OR s.until > ?)`
)

// ProductionAt is what a model served at a moment: one look-up in the index, whatever there was before
// and after. The zero moment means now.
func (s *Store) ProductionAt(ctx context.Context, slug string, moment time.Time) (ServingRow, registry.Version, error) {
	q := s.read.WithContext(ctx)
	if moment.IsZero() {
		moment = s.Now()
	}
	var row struct {
		Served  servingListRow `gorm:"embedded"`
		Version versionRow     `gorm:"embedded;embeddedPrefix:v_"`
	}
	res := q.Raw(productionAt, ms(s.Now()), ms(moment), slug).Scan(&row)
	if res.Error != nil {
		return ServingRow{}, registry.Version{}, fmt.Errorf("production at: %w", res.Error)
	}
	if res.RowsAffected == 0 || (row.Served.Until != 0 && row.Served.Until <= ms(moment)) {
		m, err := modelBySlug(q, slug) // nothing served, or there is no such model
		if err != nil {
			return ServingRow{}, registry.Version{}, err
		}
		return ServingRow{}, registry.Version{}, fault.Newf(fault.NotFound, "%s served nothing at that moment.", m.Name)
	}
	return row.Served.row(), row.Version.version(), nil
}

// productionAt begins at the model's slug; the record that began last before the moment is the first
// one that the index gives.
var productionAt = "SELECT " + servingColumns + returnable + ", " + columnsOf("v", versionRow{}) + `
	FROM serving_records s ` + servingJoins + `
	WHERE s.id = (SELECT x.id FROM serving_records x JOIN models y ON y.id = x.model_id
		WHERE x.since <= ? AND y.slug = ? ORDER BY x.since DESC, x.id DESC LIMIT 1)`

// ServingFilter narrows what served at a moment.
type ServingFilter struct {
	At    time.Time // zero: now
	Team  string    // slug
	Query string    // part of a model's name or short name
}

// Production is one page of everything that serves, or served at a moment, by model name.
func (s *Store) Production(ctx context.Context, f ServingFilter, after string, limit int) (Page[ServingRow], error) {
	from, args := f.cut()
	back := false
	if after != "" {
		key, id, b, err := decodeCursor[string](after)
		if err != nil {
			return Page[ServingRow]{}, err
		}
		back = b
		cmp := ">"
		if back {
			cmp = "<"
		}
		from += " AND (m.name, m.id) " + cmp + " (?, ?)"
		args = append(args, key, id)
	}
	dir := "ASC"
	if back {
		dir = "DESC"
	}
	var rows []servingListRow
	cut := "SELECT s.id " + from + " ORDER BY m.name " + dir + ", m.id " + dir + " LIMIT ?"
	sql := "SELECT " + servingColumns + returnable + " FROM (" + cut + ") c JOIN serving_records s ON s.id = c.id " + servingJoins +
		" ORDER BY m.name " + dir + ", m.id " + dir
	if err := s.read.WithContext(ctx).Raw(sql, slices.Concat([]any{ms(s.Now())}, args, []any{limit + 1})...).Scan(&rows).Error; err != nil {
		return Page[ServingRow]{}, fmt.Errorf("production: %w", err)
	}
	return keysetPage(rows, limit, back, after != "", func(r servingListRow) (any, int64) { return r.Model, r.ModelID }, servingListRow.row), nil
}

func (f ServingFilter) cut() (from string, args []any) {
	from = servingNowCut
	if !f.At.IsZero() {
		from, args = servingThenCut, []any{ms(f.At), ms(f.At)}
	}
	if f.Team != "" {
		from += " AND m.team_id = (SELECT id FROM teams WHERE slug = ?)"
		args = append(args, f.Team)
	}
	if f.Query != "" {
		like := "%" + escapeLike(strings.ToLower(f.Query)) + "%"
		from += ` AND (LOWER(m.name) LIKE ? ESCAPE '\' OR m.slug LIKE ? ESCAPE '\')`
		args = append(args, like, like)
	}
	return from, args
}

// CountProduction counts what Production lists, up to CountLimit.
func (s *Store) CountProduction(ctx context.Context, f ServingFilter) (n int, more bool, err error) {
	from, args := f.cut()
	var count int64
	err = s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT s.id "+from+" LIMIT ?) AS bounded", append(args, CountLimit+1)...).Scan(&count).Error
	if err != nil {
		return 0, false, fmt.Errorf("count production: %w", err)
	}
	return min(int(count), CountLimit), count > CountLimit, nil
}

// EachProduction calls fn for everything that Production lists, in its order, in pages; for exports.
func (s *Store) EachProduction(ctx context.Context, f ServingFilter, fn func(ServingRow) error) error {
	return eachPage(func(after string) (Page[ServingRow], error) { return s.Production(ctx, f, after, 500) }, fn)
}

// ServingHistory lists what a model served, newest first.
func (s *Store) ServingHistory(ctx context.Context, model int64, limit int) ([]ServingRow, error) {
	var rows []servingListRow
	err := s.read.WithContext(ctx).Raw("SELECT "+servingColumns+" "+servingFrom+" WHERE s.model_id = ? ORDER BY s.since DESC, s.id DESC LIMIT ?", model, limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("serving history: %w", err)
	}
	out := make([]ServingRow, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.row())
	}
	return out, nil
}
