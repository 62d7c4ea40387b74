package main

import (
	"bytes"
	"context"
	"database/sql"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/components/layout"
	"sundial/components/link"
	views "sundial/components/registry"
	"sundial/components/ui"
	"sundial/models/org"
	"sundial/models/registry"
)

const pageRows = 50

// floor is as little as can be written that answers with the same page: echo, three prepared
// statements and the page's own template. No session, no rights, no log, no ORM.
func floor(ctx context.Context, url string, _ net.Addr) (http.Handler, error) {
	db, err := openToRead(url)
	if err != nil {
		return nil, err
	}
	reads, err := prepareReads(ctx, db)
	if err != nil {
		return nil, err
	}
	f := &floorPage{reads: reads, buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
	e := echo.New()
	e.GET(link.Models(), f.list)
	return e, nil
}

type floorPage struct {
	reads   *reads
	buffers sync.Pool
}

func (f *floorPage) list(c echo.Context) error {
	ctx := c.Request().Context()
	rows, err := f.reads.models(ctx, pageRows+1)
	if err != nil {
		return err
	}
	n, err := f.reads.countModels(ctx)
	if err != nil {
		return err
	}
	view := views.ListView{Rows: rows[:min(len(rows), pageRows)], Count: ui.CountUpTo(int64(n), 1000, "model", "models"), CSV: link.ModelsCSV(),
		Columns: floorColumns, MayRegister: true, MayImport: true, Now: time.Now()}
	if len(rows) > pageRows {
		view.Older = link.With(link.Models(), "after", "eyJrIjoxNzYzODQ0MzM5NzM4LCJpIjo1MDI3MX0")
	}
	if view.Teams, err = f.reads.teams(ctx); err != nil {
		return err
	}
	b := f.buffers.Get().(*bytes.Buffer)
	b.Reset()
	defer f.buffers.Put(b)
	if err := views.List(floorFrame, view).Render(ctx, b); err != nil {
		return err
	}
	return c.HTMLBlob(http.StatusOK, b.Bytes())
}

var floorFrame = layout.Props{Title: "Models", Wide: true, Version: "perfcheck", Nav: []layout.NavItem{{Label: "Models", Href: link.Models(), Current: true}},
	Person: &layout.Person{Name: "Visitor", Email: "person-1@example.test", Roles: []string{org.Admin.Title(), org.Auditor.Title()}}}

var floorColumns = []ui.Column{{Label: "Model", SortHref: "/models?sort=name"}, {Label: "Stage", SortHref: "/models?sort=-stage"}, {Label: "Kind"},
	{Label: "Tier", SortHref: "/models?sort=tier"}, {Label: "Maturity", Number: true}, {Label: "Team"}, {Label: "Owner"}, {Label: "Attention"}, {Label: "Changed", SortHref: "/models?sort=oldest", Sorted: "descending"}}

// reads are the portal's hottest queries as prepared statements, each scanned by hand.
type reads struct{ list, counted, teamNames, session, production *sql.Stmt }

const (
	listSQL = `SELECT m.id, m.slug, m.name, m.kind, m.stage, m.tier, COALESCE(t.name, ''), COALESCE(t.slug, ''), COALESCE(p.name, ''), COALESCE(p.disabled, FALSE),
		COALESCE(v.label, ''), COALESCE(v.vendor_host, ''), COALESCE(v.vendor_model, ''), m.plan_state, m.reported_state,
		CASE s.phase WHEN 'retired' THEN '' ELSE COALESCE(s.tier, '') END, COALESCE(s.score, 0), m.stage_rank, m.updated_at
		FROM models m LEFT JOIN teams t ON t.id = m.team_id LEFT JOIN people p ON p.id = m.owner_id LEFT JOIN versions v ON v.id = m.serving_version_id
		LEFT JOIN model_scores s ON s.model_id = m.id
		ORDER BY m.updated_at DESC, m.id DESC LIMIT ?`
	countSQL   = `SELECT COUNT(*) FROM (SELECT m.id FROM models m LIMIT 1001) AS bounded`
	teamsSQL   = `SELECT t.slug, t.name, d.name FROM teams t JOIN departments d ON d.id = t.department_id ORDER BY d.name, t.name, t.id`
	sessionSQL = `SELECT s.id, s.person_id, s.created_at, s.last_seen_at, s.idle_end, s.absolute_end, s.checked_at, s.user_agent, s.address, s.sealed,
		p.issuer, p.subject, p.email, p.name, p.roles, p.team_ids FROM sessions s JOIN people p ON p.id = s.person_id
		WHERE s.token_hash = ? AND s.revoked_at = 0 AND s.idle_end > ? AND s.absolute_end > ? AND NOT p.disabled`
	productionSQL = `SELECT m.slug, m.name, s.since, s.until, s.approved_digest, s.approved_by, v.id, v.label, v.kind, v.stage, v.summary, v.built, v.author_id,
		v.rollback_target, v.rollout_plan, v.monitoring, v.stage_since, v.served_since, v.superseded_at, v.rollback_until, v.closed_reason, v.revision, v.created_at, v.updated_at
		FROM models m JOIN serving_records s ON s.model_id = m.id JOIN versions v ON v.id = s.version_id
		WHERE m.slug = ? AND s.since <= ? ORDER BY s.since DESC LIMIT 1`
)

func prepareReads(ctx context.Context, db *database) (*reads, error) {
	r := &reads{}
	for to, query := range map[**sql.Stmt]string{&r.list: listSQL, &r.counted: countSQL, &r.teamNames: teamsSQL, &r.session: sessionSQL, &r.production: productionSQL} {
		var err error
		if *to, err = db.prepare(ctx, query); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *reads) models(ctx context.Context, limit int) ([]registry.Row, error) {
	rows, err := r.list.QueryContext(ctx, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make([]registry.Row, 0, limit)
	for rows.Next() {
		var m registry.Row
		var rank, updated int64
		if err := rows.Scan(&m.ID, &m.Slug, &m.Name, &m.Kind, &m.Stage, &m.Tier, &m.Team, &m.TeamSlug, &m.Owner, &m.OwnerDisabled, &m.Serving,
			&m.VendorHost, &m.VendorModel, &m.Plan, &m.Reported, &m.Maturity, &m.Score, &rank, &updated); err != nil {
			return nil, err
		}
		m.UpdatedAt = time.UnixMilli(updated).UTC()
		out = append(out, m)
	}
	return out, rows.Err()
}

func (r *reads) countModels(ctx context.Context) (n int, err error) {
	err = r.counted.QueryRowContext(ctx).Scan(&n)
	return n, err
}

func (r *reads) teams(ctx context.Context) ([]ui.Option, error) {
	rows, err := r.teamNames.QueryContext(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ui.Option
	for rows.Next() {
		var o ui.Option
		if err := rows.Scan(&o.Value, &o.Label, &o.Group); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, rows.Err()
}
