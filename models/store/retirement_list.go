package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/retirement"
)

// boardCards is how many workflows a column of the board shows; the column's own list has them all.
const boardCards = 8

type boardRow struct {
	ID             int64
	Slug, Name     string
	Tier           int64
	Team, TeamSlug string
	Owner          string
	Phase, EndsOn  string
	PhaseSince     int64
	FinishedAt     int64
	Body           asJSON[retirement.Workflow]
	N              int64
}

const boardColumns = `r.id, m.slug, m.name, m.tier, COALESCE(t.name, '') AS team, COALESCE(t.slug, '') AS team_slug, COALESCE(p.name, '') AS owner,
	r.phase, r.ends_on, r.phase_since, r.finished_at, r.body`

const boardFrom = `retirements r JOIN models m ON m.id = r.model_id LEFT JOIN teams t ON t.id = m.team_id LEFT JOIN people p ON p.id = m.owner_id`

func (r boardRow) row() retirement.BoardRow {
	w := r.Body.V
	w.ID = r.ID
	return retirement.BoardRow{Model: r.Name, Slug: r.Slug, Team: r.Team, TeamSlug: r.TeamSlug, Owner: r.Owner, Tier: int(r.Tier),
		Workflow: &w, Since: at(r.PhaseSince), Finished: at(r.FinishedAt)}
}

// lateRetirement narrows retirements r to those whose model was to be gone before a day and still serves.
const lateRetirement = "r.kind = 'retirement' AND r.is_open = TRUE AND r.phase IN ? AND r.ends_on <> '' AND r.ends_on < ?"

func lateArgs(today day.Day) []any { return []any{retirement.StillServing(), string(today)} }

func (s *Store) narrowBoard(f retirement.BoardFilter) (string, []any, error) {
	kind := f.Kind
	if kind == "" || f.Late {
		kind = retirement.Ending
	}
	if !slices.ContainsFunc(retirement.BoardKinds, func(c retirement.Choice) bool { return c.Value == string(kind) }) {
		return "", nil, fault.Newf(fault.Malformed, "There is no kind of retirement %q.", string(kind))
	}
	where, args := "r.kind = ? AND r.is_open = ?", []any{string(kind), !f.Ended}
	if f.Late {
		where, args = where+" AND "+lateRetirement, append(args, lateArgs(day.Of(s.Now()))...)
	}
	if f.Phase != "" {
		where, args = where+" AND r.phase = ?", append(args, string(f.Phase))
	}
	if f.Team != "" {
		where, args = where+" AND m.team_id = (SELECT id FROM teams WHERE slug = ?)", append(args, f.Team)
	}
	return where, args, nil
}

// RetirementBoard is everything that is under way, by phase: the first few of each and how many there are.
func (s *Store) RetirementBoard(ctx context.Context, f retirement.BoardFilter) ([]retirement.BoardColumn, error) {
	f.Phase, f.Ended, f.Late = "", false, false
	where, args, err := s.narrowBoard(f)
	if err != nil {
		return nil, err
	}
	var rows []boardRow
	err = s.read.WithContext(ctx).Raw(`SELECT `+boardColumns+`, x.n FROM (
		SELECT r.id, ROW_NUMBER() OVER (PARTITION BY r.phase ORDER BY r.ends_on, r.id) AS place, COUNT(*) OVER (PARTITION BY r.phase) AS n
		FROM retirements r JOIN models m ON m.id = r.model_id WHERE `+where+`) x
		JOIN `+boardFrom[:len("retirements r")]+` ON r.id = x.id `+boardFrom[len("retirements r"):]+`
		WHERE x.place <= ? ORDER BY r.ends_on, r.id`, append(args, boardCards)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	kind := f.Kind
	if kind == "" {
		kind = retirement.Ending
	}
	var out []retirement.BoardColumn
	for _, phase := range retirement.Way(kind, retirement.Full) {
		if phase.Over() {
			continue
		}
		column := retirement.BoardColumn{Phase: phase}
		for _, r := range rows {
			if r.Phase == string(phase) {
				column.Rows, column.Count = append(column.Rows, r.row()), r.N
			}
		}
		out = append(out, column)
	}
	return out, nil
}

// Retirements is one page of workflows: those under way by when the model is to be gone, those that are
// over newest first.
func (s *Store) Retirements(ctx context.Context, f retirement.BoardFilter, after string, limit int) (Page[retirement.BoardRow], error) {
	var out Page[retirement.BoardRow]
	rows, err := s.retirementRows(s.read.WithContext(ctx), f, after, limit+1)
	if err != nil {
		return out, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		out.Next = rows[limit-1].cursor(f)
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, r.row())
	}
	return out, nil
}

func (r boardRow) cursor(f retirement.BoardFilter) string {
	if f.Ended {
		return encodeCursor(r.FinishedAt, r.ID, false)
	}
	return encodeCursor(r.EndsOn, r.ID, false)
}

func (s *Store) retirementRows(q *gorm.DB, f retirement.BoardFilter, after string, limit int) ([]boardRow, error) {
	where, args, err := s.narrowBoard(f)
	if err != nil {
		return nil, err
	}
	order := "r.ends_on, r.id"
	if f.Ended {
		order = "r.finished_at DESC, r.id DESC"
	}
	switch {
	case after != "" && f.Ended:
		at, id, _, err := decodeCursor[int64](after)
		if err != nil {
			return nil, err
		}
		where, args = where+" AND (r.finished_at, r.id) < (?, ?)", append(args, at, id)
	case after != "":
		on, id, _, err := decodeCursor[string](after)
		if err != nil {
			return nil, err
		}
		where, args = where+" AND (r.ends_on, r.id) > (?, ?)", append(args, on, id)
	}
	var rows []boardRow
	err = q.Raw("SELECT "+boardColumns+" FROM "+boardFrom+" WHERE "+where+" ORDER BY "+order+" LIMIT ?", append(args, limit)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list retirements: %w", err)
	}
	return rows, nil
}

// EachRetirement calls fn for every workflow that the filter lets through, in the order of the list.
func (s *Store) EachRetirement(ctx context.Context, f retirement.BoardFilter, fn func(retirement.BoardRow) error) error {
	after := ""
	for {
		rows, err := s.retirementRows(s.read.WithContext(ctx), f, after, 500)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := fn(r.row()); err != nil {
				return err
			}
		}
		if len(rows) < 500 {
			return nil
		}
		after = rows[len(rows)-1].cursor(f)
	}
}
