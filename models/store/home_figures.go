package store

import (
	"context"
	"fmt"
	"strings"

	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
)

// Figure is a bounded count: with More it says "1,000+".
type Figure struct {
	N    int
	More bool
}

// Leadership are the figures that leadership sees first. Each is what its filtered list counts.
type Leadership struct {
	Serving     Figure // /production
	Ending      Figure // production models that end within 12 months
	Overdue     Figure // plans in force whose review-by day has passed
	Late        Figure // retirements whose model was to be gone and still serves
	Debts       Figure // break-glass promotions whose review is owed
	WithoutPlan Figure // staged or in production with no plan on file
	Unconfirmed Figure // entries that nobody confirmed this quarter
}

// LeadershipFigures counts them in one query.
func (s *Store) LeadershipFigures(ctx context.Context) (Leadership, error) {
	today := day.Of(s.Now())
	where, args := unconfirmed(day.QuarterOf(s.Now()))
	f, err := s.figures(ctx,
		counted{"FROM serving_records WHERE until = 0", nil},
		counted{endingOnes, endingArgs(today)},
		counted{"FROM models m WHERE m.stage <> 'retired' AND " + planOverdue, []any{string(today)}},
		counted{"FROM requests r WHERE r.break_glass = TRUE AND r.debt_settled_at = 0", nil},
		counted{"FROM models m WHERE m.plan_state = '' AND m.stage IN ('staged', 'production')", nil},
		counted{"FROM retirements r WHERE " + lateRetirement, lateArgs(today)},
		counted{"FROM models m WHERE " + where, args})
	if err != nil {
		return Leadership{}, err
	}
	return Leadership{Serving: f[0], Ending: f[1], Overdue: f[2], Debts: f[3], WithoutPlan: f[4], Late: f[5], Unconfirmed: f[6]}, nil
}

// endingWithin narrows models m to those in production that end by a day: by their own date, by their
// plan's, or by the vendor's of the version that serves.
const endingWithin = "m.stage = 'production' AND m.id IN (" + endingIDs + ")"

// endingOnes counts the same from the other side: of few models that end, and not of all that serve.
const endingOnes = "FROM (SELECT DISTINCT id FROM (" + endingIDs + ") AS listed) AS e CROSS JOIN models m WHERE m.id = e.id AND m.stage = 'production'"

// endingIDs come from indexes alone: a UNION without ALL would have SQLite read every model in the order of
// ids, and JOIN every version.
const endingIDs = `SELECT id FROM models WHERE deprecation_on <> '' AND deprecation_on <= ?
	UNION ALL SELECT model_id FROM plans WHERE state = 'approved' AND ends_on > '' AND ends_on <= ?
	UNION ALL SELECT v.model_id FROM vendor_models c CROSS JOIN vendor_uses u CROSS JOIN versions v
		WHERE u.catalogue_host = c.host AND u.key = c.key AND v.vendor_host = u.host AND v.vendor_model = u.model_id
		AND c.end_of_life > '' AND c.end_of_life <= ? AND v.stage = 'production'`

func endingArgs(today day.Day) []any {
	end := string(today.Add(365))
	return []any{end, end, end}
}

// Ending is a model in production with the day it ends at latest.
type Ending struct {
	Slug, Name string
	Team       string
	Tier       registry.Tier
	EndsOn     day.Day
	Why        string // whose date it is
}

// EndingNext lists the production models that end first, those included that should have ended.
func (s *Store) EndingNext(ctx context.Context, limit int) ([]Ending, error) {
	var rows []struct {
		Slug, Name, Team string
		Tier             int64
		EndsOn, Vendor   string
	}
	least := "MIN" // of several values, not of rows
	if s.dialect == postgresDialect {
		least = "LEAST"
	}
	known := func(column string) string { return "COALESCE(NULLIF(" + column + ", ''), '9999')" }
	err := s.read.WithContext(ctx).Raw(`SELECT m.slug, m.name, m.tier, COALESCE(t.name, '') AS team, COALESCE(c.end_of_life, '') AS vendor,
			`+least+`(`+known("m.deprecation_on")+`, `+known("p.ends_on")+`, `+known("c.end_of_life")+`) AS ends_on
		FROM models m LEFT JOIN teams t ON t.id = m.team_id LEFT JOIN plans p ON p.model_id = m.id AND p.state = 'approved'
		LEFT JOIN versions v ON v.id = m.serving_version_id LEFT JOIN vendor_uses u ON u.host = v.vendor_host AND u.model_id = v.vendor_model
		LEFT JOIN vendor_models c ON c.host = u.catalogue_host AND c.key = u.key
		WHERE `+endingWithin+` ORDER BY ends_on, m.id LIMIT ?`, append(endingArgs(day.Of(s.Now())), limit)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("ending next: %w", err)
	}
	out := make([]Ending, 0, len(rows))
	for _, r := range rows {
		e := Ending{Slug: r.Slug, Name: r.Name, Team: r.Team, Tier: registry.Tier(r.Tier), EndsOn: day.Day(r.EndsOn), Why: "as planned"}
		if r.EndsOn == r.Vendor {
			e.Why = "the vendor ends its model"
		}
		out = append(out, e)
	}
	return out, nil
}

// planOverdue narrows models m to those whose plan in force was to be looked at again before a day.
const planOverdue = `m.id IN (SELECT model_id FROM plans WHERE state = 'approved' AND review_by > '' AND review_by < ?)`

// Housekeeping are the figures that administrators mend.
type Housekeeping struct {
	NoRole      Figure // people who may only read
	NoOwner     Figure
	NoTeam      Figure
	NoTier      Figure
	OpenAnswers Figure // reconciliation questions nobody has answered
	Running     Figure // imports that run now
}

// HousekeepingFigures counts them in one query.
func (s *Store) HousekeepingFigures(ctx context.Context) (Housekeeping, error) {
	f, err := s.figures(ctx,
		counted{"FROM people p WHERE " + noRole, nil},
		counted{"FROM models m WHERE m.owner_id IS NULL", nil},
		counted{"FROM models m WHERE m.team_id IS NULL", nil},
		counted{"FROM models m WHERE m.tier = 0", nil},
		counted{"FROM questions k WHERE k.state = 'open'", nil},
		counted{"FROM imports i WHERE i.state = 'running'", nil})
	if err != nil {
		return Housekeeping{}, err
	}
	return Housekeeping{NoRole: f[0], NoOwner: f[1], NoTeam: f[2], NoTier: f[3], OpenAnswers: f[4], Running: f[5]}, nil
}

// noRole narrows people p to those who can sign in and only read.
var noRole = fmt.Sprintf(`p.disabled = FALSE AND p.roles IN ('', '[]', 'null', '["%s"]')`, org.Viewer)

type counted struct {
	from string
	args []any
}

// figures counts each up to CountLimit, all in one query.
func (s *Store) figures(ctx context.Context, list ...counted) ([]Figure, error) {
	parts, args := make([]string, 0, len(list)), []any{}
	for i, c := range list {
		parts = append(parts, fmt.Sprintf("SELECT %d AS place, COUNT(*) AS n FROM (SELECT 1 %s LIMIT %d) AS bounded", i, c.from, CountLimit+1))
		args = append(args, c.args...)
	}
	var rows []struct{ Place, N int }
	if err := s.read.WithContext(ctx).Raw(strings.Join(parts, " UNION ALL "), args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	out := make([]Figure, len(list))
	for _, r := range rows {
		out[r.Place] = Figure{N: min(r.N, CountLimit), More: r.N > CountLimit}
	}
	return out, nil
}
