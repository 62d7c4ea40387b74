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

// dateColumn is where a kind of date is kept, with what walks it in order: each has an index.
type dateColumn struct {
	kind       retirement.DateKind
	on, model  string // the day, and whose it is
	from, when string
}

const (
	modelDates  = "models m"
	planDates   = "plans a"
	vendorDates = `vendor_models c JOIN vendor_uses u ON u.catalogue_host = c.host AND u.key = c.key
		JOIN versions v ON v.vendor_host = u.host AND v.vendor_model = u.model_id JOIN models m ON m.id = v.model_id`
	living  = " AND m.stage <> 'retired'"
	inForce = " AND a.state = 'approved' AND EXISTS (SELECT 1 FROM models m WHERE m.id = a.model_id" + living + ")"
	// What a model serves, else its newest live version, is what it is built on.
	restsOn = "COALESCE(m.serving_version_id, (SELECT MAX(x.id) FROM versions x WHERE x.model_id = m.id AND x.stage <> 'retired'))"
)

// dateColumns are those of all kinds. A model and its plan may both say when it is to be gone.
var dateColumns = []dateColumn{
	{retirement.OwnDeprecation, "m.deprecation_on", "m.id", modelDates, living},
	{retirement.OwnDeprecation, "a.ends_on", "a.model_id", planDates, inForce},
	{retirement.TriggerDate, "a.trigger_on", "a.model_id", planDates, inForce},
	{retirement.StartsLatest, "a.latest_start", "a.model_id", planDates, inForce},
	{retirement.ReviewDue, "a.review_by", "a.model_id", planDates, inForce},
	{retirement.VendorEnds, "c.end_of_life", "v.model_id", vendorDates, living + " AND v.id = " + restsOn},
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
//
// Days are walked in order, some at a time, and a model stands where its first one is. So a page costs about
// what its models have of days, however many models there are.
func (s *Store) Timeline(ctx context.Context, f retirement.TimelineFilter, after string, limit int) (Page[retirement.Dated], error) {
	look := timelineLook{filter: f, limit: 4 * (limit + 1)}
	if after != "" {
		var err error
		if look.on, look.id, look.back, err = decodeCursor[string](after); err != nil {
			return Page[retirement.Dated]{}, err
		}
		look.moved = true
	}
	var found []timelineRow
	for done := false; !done; {
		days, err := s.nextDays(ctx, look)
		if err != nil {
			return Page[retirement.Dated]{}, err
		}
		rows, err := s.datedModels(ctx, days)
		if err != nil {
			return Page[retirement.Dated]{}, err
		}
		for i, d := range days {
			r, known := rows[d.ID]
			if !known || i > 0 && days[i-1] == d || string(r.dated().First(f.Kinds())) != d.OnDay {
				continue
			}
			r.FirstOn = d.OnDay
			found = append(found, r)
		}
		if done = len(days) < look.limit || len(found) > limit; !done {
			last := days[len(days)-1]
			look.on, look.id, look.moved = last.OnDay, last.ID, true
		}
	}
	key := func(r timelineRow) (any, int64) { return r.FirstOn, r.ID }
	return keysetPage(found[:min(len(found), limit+1)], limit, look.back, after != "", key, timelineRow.dated), nil
}

// CountTimeline counts what Timeline lists, up to CountLimit.
func (s *Store) CountTimeline(ctx context.Context, f retirement.TimelineFilter) (Figure, error) {
	// A model has one day in a column, so that a column with more than CountLimit days says enough.
	sql, args := s.days(timelineLook{filter: f, limit: CountLimit + 1})
	var n int64
	err := s.read.WithContext(ctx).Raw("SELECT COUNT(DISTINCT id) FROM ("+sql+") AS days", args...).Scan(&n).Error
	if err != nil {
		return Figure{}, fmt.Errorf("count timeline: %w", err)
	}
	return Figure{N: int(min(n, CountLimit)), More: n > CountLimit}, nil
}

// EachDated calls fn for every row of the filtered timeline, in its order; for exports.
func (s *Store) EachDated(ctx context.Context, f retirement.TimelineFilter, fn func(retirement.Dated) error) error {
	return eachPage(func(after string) (Page[retirement.Dated], error) { return s.Timeline(ctx, f, after, 200) }, fn)
}

// timelineLook is which part of the days is read.
type timelineLook struct {
	filter      retirement.TimelineFilter
	on          string // the last day that was read, and whose it was
	id          int64
	moved, back bool
	limit       int
}

// modelDay is a day of a model.
type modelDay struct {
	OnDay string
	ID    int64
}

// nextDays are the next days in order, of whatever kind the filter lets through.
func (s *Store) nextDays(ctx context.Context, look timelineLook) ([]modelDay, error) {
	sql, args := s.days(look)
	var days []modelDay
	if err := s.read.WithContext(ctx).Raw("SELECT * FROM ("+sql+") AS days ORDER BY "+look.order("on_day", "id")+" LIMIT ?", append(args, look.limit)...).Scan(&days).Error; err != nil {
		return nil, fmt.Errorf("timeline: %w", err)
	}
	return days, nil
}

func (look timelineLook) order(on, id string) string {
	if look.back {
		return on + " DESC, " + id + " DESC"
	}
	return on + ", " + id
}

// days is a narrow walk for each column, all of them together.
func (s *Store) days(look timelineLook) (string, []any) {
	_, to := retirement.TimelineSpan(day.Of(s.Now()))
	var parts []string
	var args []any
	for _, c := range dateColumns {
		if look.filter.Kind != "" && c.kind != look.filter.Kind {
			continue
		}
		part, more := look.walk(c, string(to))
		parts, args = append(parts, fmt.Sprintf("SELECT * FROM (%s) AS part%d", part, len(parts))), append(args, more...)
	}
	return strings.Join(parts, " UNION ALL "), args
}

func (look timelineLook) walk(c dateColumn, to string) (string, []any) {
	where, args := c.on+" <> '' AND "+c.on+" <= ?"+c.when, []any{to}
	if look.filter.Team != "" {
		where, args = where+" AND "+c.model+" IN (SELECT w.id FROM models w WHERE w.team_id = (SELECT id FROM teams WHERE slug = ?))", append(args, look.filter.Team)
	}
	if look.filter.Person != 0 {
		where, args = where+" AND "+c.model+" IN (SELECT w.id FROM models w WHERE w.owner_id = ? OR w.deputy_id = ?)", append(args, look.filter.Person, look.filter.Person)
	}
	if look.moved {
		cmp := ">"
		if look.back {
			cmp = "<"
		}
		where, args = where+" AND ("+c.on+", "+c.model+") "+cmp+" (?, ?)", append(args, look.on, look.id)
	}
	return "SELECT " + c.on + " AS on_day, " + c.model + " AS id FROM " + c.from + " WHERE " + where + " ORDER BY " + look.order(c.on, c.model) + " LIMIT ?",
		append(args, look.limit)
}

// datedModels are the models of some days, each with its plan in force and the vendor model that it is built on.
func (s *Store) datedModels(ctx context.Context, days []modelDay) (map[int64]timelineRow, error) {
	out := map[int64]timelineRow{}
	if len(days) == 0 {
		return out, nil
	}
	ids := make([]int64, 0, len(days))
	for _, d := range days {
		ids = append(ids, d.ID)
	}
	slices.Sort(ids)
	var rows []timelineRow
	err := s.read.WithContext(ctx).Raw("SELECT "+timelineColumns+` FROM models m LEFT JOIN teams t ON t.id = m.team_id LEFT JOIN people p ON p.id = m.owner_id
		LEFT JOIN plans a ON a.model_id = m.id AND a.state = 'approved'
		LEFT JOIN versions v ON v.id = `+restsOn+`
		LEFT JOIN vendor_uses u ON u.host = v.vendor_host AND u.model_id = v.vendor_model
		LEFT JOIN vendor_models c ON c.host = u.catalogue_host AND c.key = u.key
		WHERE m.id IN ?`, slices.Compact(ids)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("timeline: %w", err)
	}
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}
