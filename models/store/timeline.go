package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// dateColumn is where a kind of date is kept. Every one of them has an index.
type dateColumn struct {
	kind retirement.DateKind
	name string
}

// dateColumns are those of all kinds. A model and its plan may both say when it is to be gone.
var dateColumns = []dateColumn{
	{retirement.OwnDeprecation, "m.deprecation_on"}, {retirement.OwnDeprecation, "a.ends_on"},
	{retirement.TriggerDate, "a.trigger_on"}, {retirement.StartsLatest, "a.latest_start"},
	{retirement.ReviewDue, "a.review_by"}, {retirement.VendorEnds, "c.end_of_life"},
}

// timelineRow is a model with its days as the database has them.
type timelineRow struct {
	ID                                          int64
	Slug, Name, Kind, Stage, Retiring           string
	Tier                                        int64
	Team, TeamSlug, Owner                       string
	Number                                      int64
	DeprecationOn, EndsOn                       string
	TriggerOn, LatestStart, ReviewBy, EndOfLife string
	FirstOn                                     string
}

const timelineColumns = `m.id, m.slug, m.name, m.kind, m.stage, m.retirement_phase AS retiring, m.tier, COALESCE(t.name, '') AS team, COALESCE(t.slug, '') AS team_slug,
	COALESCE(p.name, '') AS owner, COALESCE(a.number, 0) AS number, m.deprecation_on, COALESCE(a.ends_on, '') AS ends_on, COALESCE(a.trigger_on, '') AS trigger_on,
	COALESCE(a.latest_start, '') AS latest_start, COALESCE(a.review_by, '') AS review_by, COALESCE(c.end_of_life, '') AS end_of_life`

func (r timelineRow) dated() retirement.Dated {
	own := day.Day(r.DeprecationOn)
	if planned := day.Day(r.EndsOn); !own.Known() || planned.Before(own) {
		own = planned
	}
	return retirement.Dated{
		Model: registry.Row{ID: r.ID, Slug: r.Slug, Name: r.Name, Kind: registry.Kind(r.Kind), Stage: registry.Stage(r.Stage),
			Tier: registry.Tier(r.Tier), Team: r.Team, TeamSlug: r.TeamSlug, Owner: r.Owner},
		Plan: int(r.Number), Retiring: retirement.Phase(r.Retiring),
		On: map[retirement.DateKind]day.Day{
			retirement.OwnDeprecation: own, retirement.TriggerDate: day.Day(r.TriggerOn),
			retirement.StartsLatest: day.Day(r.LatestStart), retirement.ReviewDue: day.Day(r.ReviewBy), retirement.VendorEnds: day.Day(r.EndOfLife)},
	}
}

// Timeline is one page of the models that have a day until the end of the timeline, by the first of them:
// what is overdue is on top. The latest starts are those of the last check (see CheckLatestStarts).
func (s *Store) Timeline(ctx context.Context, f retirement.TimelineFilter, after string, limit int) (Page[retirement.Dated], error) {
	look := timelineLook{filter: f, limit: limit + 1}
	if after != "" {
		var err error
		if look.on, look.id, look.back, err = decodeCursor[string](after); err != nil {
			return Page[retirement.Dated]{}, err
		}
		look.moved = true
	}
	sql, args := s.timeline(look)
	dir := " ASC"
	if look.back {
		dir = " DESC"
	}
	var rows []timelineRow
	err := s.read.WithContext(ctx).Raw("SELECT * FROM ("+sql+") AS dated ORDER BY first_on"+dir+", id"+dir+" LIMIT ?", append(args, look.limit)...).Scan(&rows).Error
	if err != nil {
		return Page[retirement.Dated]{}, fmt.Errorf("timeline: %w", err)
	}
	key := func(r timelineRow) (any, int64) { return r.FirstOn, r.ID }
	return keysetPage(rows, limit, look.back, look.moved, key, timelineRow.dated), nil
}

// CountTimeline counts what Timeline lists, up to CountLimit.
func (s *Store) CountTimeline(ctx context.Context, f retirement.TimelineFilter) (Figure, error) {
	sql, args := s.timeline(timelineLook{filter: f, limit: CountLimit + 1, count: true})
	var n int64
	err := s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT id FROM ("+sql+") AS dated LIMIT ?) AS bounded", append(args, CountLimit+1)...).Scan(&n).Error
	if err != nil {
		return Figure{}, fmt.Errorf("count timeline: %w", err)
	}
	return Figure{N: int(min(n, CountLimit)), More: n > CountLimit}, nil
}

// EachDated calls fn for every row of the filtered timeline, in its order; for exports.
func (s *Store) EachDated(ctx context.Context, f retirement.TimelineFilter, fn func(retirement.Dated) error) error {
	return eachPage(func(after string) (Page[retirement.Dated], error) { return s.Timeline(ctx, f, after, 200) }, fn)
}

// timelineLook is which part of the timeline is read.
type timelineLook struct {
	filter      retirement.TimelineFilter
	on          string // the cursor
	id          int64
	moved, back bool
	limit       int
	count       bool // the rows are counted and not shown, in whatever order
}

// timeline is a query for each column of dates, which walks that column's index and keeps the models whose
// first day it is. So each model comes once, a page stops after its rows, and no sort sees the whole portfolio.
func (s *Store) timeline(look timelineLook) (string, []any) {
	_, to := retirement.TimelineSpan(day.Of(s.Now()))
	columns := slices.DeleteFunc(slices.Clone(dateColumns), func(c dateColumn) bool { return look.filter.Kind != "" && c.kind != look.filter.Kind })
	known := make([]string, len(columns))
	for i, c := range columns {
		known[i] = "COALESCE(NULLIF(" + c.name + ", ''), '9999')"
	}
	first := known[0]
	if len(known) > 1 {
		least := "MIN" // of several values, not of rows
		if s.dialect == postgresDialect {
			least = "LEAST"
		}
		first = least + "(" + strings.Join(known, ", ") + ")"
	}
	var parts []string
	var args []any
	for i, c := range columns {
		where := []string{"m.stage <> 'retired'", c.name + " <> ''", c.name + " <= ?", c.name + " = " + first}
		args = append(args, string(to))
		for _, before := range known[:i] { // a day that two columns share comes once
			where = append(where, before+" <> "+c.name)
		}
		if look.filter.Team != "" {
			where, args = append(where, "m.team_id = (SELECT id FROM teams WHERE slug = ?)"), append(args, look.filter.Team)
		}
		if look.filter.Person != 0 {
			where, args = append(where, "(m.owner_id = ? OR m.deputy_id = ?)"), append(args, look.filter.Person, look.filter.Person)
		}
		part, more := look.part(c, fmt.Sprint("by", i), where)
		parts, args = append(parts, part), append(args, more...)
	}
	return strings.Join(parts, " UNION ALL "), args
}

func (look timelineLook) part(c dateColumn, alias string, where []string) (string, []any) {
	var args []any
	cmp, dir := " > ", " ASC"
	if look.back {
		cmp, dir = " < ", " DESC"
	}
	if look.moved {
		where, args = append(where, "("+c.name+", m.id)"+cmp+"(?, ?)"), append(args, look.on, look.id)
	}
	order := " ORDER BY " + c.name + dir + ", m.id" + dir
	if look.count {
		order = ""
	}
	return "SELECT * FROM (SELECT " + timelineColumns + ", " + c.name + " AS first_on " + timelineFrom(c) + " WHERE " +
		strings.Join(where, " AND ") + order + " LIMIT ?) AS " + alias, append(args, look.limit)
}

// timelineFrom joins a model with its plan in force and with the vendor model of what it serves, else of its
// newest live version. What the column's day comes from is joined so that the walk may begin there.
func timelineFrom(c dateColumn) string {
	plan, vendor := "LEFT JOIN", "LEFT JOIN"
	switch c.name[:2] {
	case "a.":
		plan = "JOIN"
	case "c.":
		vendor = "JOIN"
	}
	return `FROM models m LEFT JOIN teams t ON t.id = m.team_id LEFT JOIN people p ON p.id = m.owner_id
		` + plan + ` plans a ON a.model_id = m.id AND a.state = 'approved'
		` + vendor + ` versions v ON v.id = COALESCE(m.serving_version_id, (SELECT MAX(x.id) FROM versions x WHERE x.model_id = m.id AND x.stage <> 'retired'))
		` + vendor + ` vendor_uses u ON u.host = v.vendor_host AND u.model_id = v.vendor_model
		` + vendor + ` vendor_models c ON c.host = u.catalogue_host AND c.key = u.key`
}
