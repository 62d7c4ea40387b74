package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/scorecard"
)

// Board is what the leadership page shows.
type Board struct {
	Org         GroupScore
	Departments []GroupScore // by name
	Teams       []GroupScore // by department and name; the last is what has no team, if anything
}

// Board reads every score that was rolled up, by one query: hundreds of teams are not scored again for a page.
func (s *Store) Board(ctx context.Context) (Board, error) {
	return s.board(s.read.WithContext(ctx), "1 = 1")
}

func (s *Store) board(q *gorm.DB, where string, args ...any) (Board, error) {
	rows, err := s.groups(q, where, args...)
	if err != nil {
		return Board{}, err
	}
	b := Board{Org: GroupScore{Scope: ScopeOrg, Name: "Organisation"}}
	for _, g := range rows {
		switch g.Scope {
		case ScopeOrg:
			b.Org = g
		case ScopeDepartment:
			b.Departments = append(b.Departments, g)
		case ScopeTeam:
			if g.ID != 0 || g.Rollup.Models > 0 {
				b.Teams = append(b.Teams, g)
			}
		}
	}
	return b, nil
}

// TeamsBy chooses teams, and their order: by department and name, or by a figure. What has no figure comes
// last, whichever way.
type TeamsBy struct {
	Sort       string // "", name, score, trend, capped, or a section
	Down       bool
	Department string // its slug, "" for all
}

// BoardPage is a board with one page of its teams.
type BoardPage struct {
	Board
	Total        int    // teams that were chosen
	At           int    // how many of them come before the page
	Newer, Older string // the slug that a page before or after begins with, "" where there is none
}

// BoardPage is the board with a page of teams, from the one with this slug, or the first. Of all teams only
// what they are sorted by is read.
func (s *Store) BoardPage(ctx context.Context, by TeamsBy, from string, limit int) (BoardPage, error) {
	q := s.read.WithContext(ctx)
	teams, err := s.teamOrder(q, by)
	if err != nil {
		return BoardPage{}, err
	}
	p := BoardPage{Total: len(teams)}
	p.At = max(0, slices.IndexFunc(teams, func(t placed) bool { return from != "" && t.slug == from }))
	end := min(p.At+limit, len(teams))
	if p.At > 0 {
		p.Newer = teams[max(0, p.At-limit)].slug
	}
	if end < len(teams) {
		p.Older = teams[end].slug
	}
	place := map[int64]int{}
	ids := []int64{-1}
	for i, t := range teams[p.At:end] {
		place[t.id] = i
		ids = append(ids, t.id)
	}
	if p.Board, err = s.board(q, "g.scope <> 'team' OR g.scope_id IN ?", ids); err != nil {
		return p, err
	}
	slices.SortFunc(p.Teams, func(a, b GroupScore) int { return place[a.ID] - place[b.ID] })
	return p, nil
}

// placed is a team in an order.
type placed struct {
	id               int64
	slug             string
	name, department string   // in small letters
	figure           *float64 // nil: it has none
}

// teamOrder puts teams in order here and not in the database: PostgreSQL compares names by the rules of a
// language, which takes longer than all the rest of the page.
func (s *Store) teamOrder(q *gorm.DB, by TeamsBy) ([]placed, error) {
	figure, args := s.teamFigure(by.Sort)
	where := ""
	if by.Department != "" {
		where = " AND d.slug = ?"
		args = append(args, by.Department)
	}
	rows, err := q.Raw(`SELECT g.scope_id, COALESCE(t.slug, ''), COALESCE(t.name, 'Without a team'), COALESCE(d.name, ''), `+figure+`
		FROM group_scores g LEFT JOIN teams t ON t.id = g.scope_id LEFT JOIN departments d ON d.id = t.department_id
		WHERE g.scope = 'team' AND (g.scope_id <> 0 OR g.models > 0)`+where, args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("order of teams: %w", err)
	}
	defer rows.Close()
	var out []placed
	for rows.Next() {
		var t placed
		if err := rows.Scan(&t.id, &t.slug, &t.name, &t.department, &t.figure); err != nil {
			return nil, fmt.Errorf("order of teams: %w", err)
		}
		t.name, t.department = strings.ToLower(t.name), strings.ToLower(t.department)
		out = append(out, t)
	}
	slices.SortFunc(out, by.compare)
	return out, rows.Err()
}

// compare orders two teams, those that are equal by department and name, and what has no team last.
func (by TeamsBy) compare(a, b placed) int {
	c := 0
	switch {
	case by.Sort == "name":
		c = cmp.Compare(a.name, b.name)
	case (a.figure == nil) != (b.figure == nil):
		if a.figure == nil {
			return 1
		}
		return -1
	case a.figure != nil:
		c = cmp.Compare(*a.figure, *b.figure)
	}
	if by.Down {
		c = -c
	}
	return cmp.Or(c, cmp.Compare(b2i(a.id == 0), b2i(b.id == 0)), cmp.Compare(a.department, b.department), cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// teamFigure is what teams are sorted by, NULL where a team shows none.
func (s *Store) teamFigure(sort string) (sql string, args []any) {
	number := func(path ...string) string {
		return "CAST(" + s.jsonText("g.rollup", path...) + " AS DOUBLE PRECISION)"
	}
	switch {
	case sort == "score":
		return "g.score", nil
	case sort == "trend":
		ago := string(day.Of(s.Now()).Add(-TrendDays))
		return "g.score - " + scoreBefore, []any{ago, ago}
	case sort == "capped":
		return number("capped"), nil
	case slices.Contains(scorecard.Sections, scorecard.Section(sort)):
		return number("sections", sort, "sum") + " / NULLIF(" + number("sections", sort, "weight") + ", 0)", nil
	}
	return "NULL", nil
}

// scoreBefore is what group g scored 90 days ago, or first since; it asks for that day twice.
const scoreBefore = `COALESCE((SELECT h.score FROM group_score_days h WHERE h.scope = g.scope AND h.scope_id = g.scope_id AND h.on_day <= ? ORDER BY h.on_day DESC LIMIT 1),
	(SELECT h.score FROM group_score_days h WHERE h.scope = g.scope AND h.scope_id = g.scope_id AND h.on_day > ? AND h.score IS NOT NULL ORDER BY h.on_day LIMIT 1))`

func (s *Store) groups(q *gorm.DB, where string, args ...any) ([]GroupScore, error) {
	ago := string(day.Of(s.Now()).Add(-TrendDays))
	rows, err := q.Raw(`SELECT g.scope, g.scope_id, COALESCE(t.slug, d.slug, '') AS slug, COALESCE(t.name, d.name, '') AS name, COALESCE(td.name, '') AS department,
			g.rollup, `+scoreBefore+` AS before, g.scored_at
		FROM group_scores g LEFT JOIN teams t ON g.scope = 'team' AND t.id = g.scope_id LEFT JOIN departments td ON td.id = t.department_id
			LEFT JOIN departments d ON g.scope = 'department' AND d.id = g.scope_id
		WHERE `+where+` ORDER BY CASE WHEN g.scope_id = 0 THEN 1 ELSE 0 END, department, name, g.scope_id`, append([]any{ago, ago}, args...)...).Rows()
	if err != nil {
		return nil, fmt.Errorf("scores: %w", err)
	}
	defer rows.Close()
	var out []GroupScore
	for rows.Next() {
		var g GroupScore
		var roll string
		var scored int64
		if err := rows.Scan(&g.Scope, &g.ID, &g.Slug, &g.Name, &g.Department, &roll, &g.Before, &scored); err != nil {
			return nil, fmt.Errorf("scores: %w", err)
		}
		if g.Rollup, err = s.rollups.read(g.Scope, g.ID, roll); err != nil {
			return nil, err
		}
		g.ScoredAt = at(scored)
		if g.Scope == ScopeOrg {
			g.Name = "Organisation"
		}
		out = append(out, g)
	}
	return out, rows.Err()
}

// readRollups remembers what a kept text of a group said: it changes once a day, and is read with every
// page. Nobody writes into what it returns.
type readRollups struct{ sync.Map }

type rollupKey struct {
	scope Scope
	id    int64
}

type rollupRead struct {
	text   string
	rollup scorecard.Rollup
}

func (m *readRollups) read(scope Scope, id int64, text string) (scorecard.Rollup, error) {
	key := rollupKey{scope, id}
	if kept, ok := m.Load(key); ok && kept.(rollupRead).text == text {
		return kept.(rollupRead).rollup, nil
	}
	var roll asJSON[scorecard.Rollup]
	if err := roll.Scan(text); err != nil {
		return roll.V, fmt.Errorf("scores: %w", err)
	}
	m.Store(key, rollupRead{text, roll.V})
	return roll.V, nil
}
