package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
)

// RequestFilter narrows the list of transition requests. Zero fields do not narrow.
type RequestFilter struct {
	State     lifecycle.State
	To        registry.Stage
	Team      string // slug
	Requester int64
	Decider   int64 // open, this person may decide, and has not approved what is there now
	Model     int64
	Version   int64
	Late      bool // open and past its due moment
	Owed      bool // break-glass whose review is owed
}

// RequestRow is one request in a list.
type RequestRow struct {
	ID            int64
	Model, Slug   string
	Version       string
	Tier          registry.Tier
	Kind          registry.Kind
	Team          string
	From, To      registry.Stage
	Move          lifecycle.Move
	State         lifecycle.State
	Requester     string
	Reason        string
	BreakGlass    bool
	Approvals     int
	OpenedAt      time.Time
	DueAt         time.Time
	DecidedAt     time.Time
	DebtDueAt     time.Time
	DebtSettledAt time.Time
}

type requestListRow struct {
	ID                               int64
	Model, Slug, Version, Kind, Team string
	Tier                             int64
	FromStage, ToStage               string
	Move, State, Requester, Reason   string
	BreakGlass                       bool
	Approvals                        int
	OpenedAt, DueAt, DecidedAt       int64
	DebtDueAt, DebtSettledAt         int64
}

func (r requestListRow) row() RequestRow {
	return RequestRow{ID: r.ID, Model: r.Model, Slug: r.Slug, Version: r.Version, Tier: registry.Tier(r.Tier), Kind: registry.Kind(r.Kind),
		Team: r.Team, From: registry.Stage(r.FromStage), To: registry.Stage(r.ToStage), Move: lifecycle.Move(r.Move), State: lifecycle.State(r.State),
		Requester: r.Requester, Reason: r.Reason, BreakGlass: r.BreakGlass, Approvals: r.Approvals, OpenedAt: at(r.OpenedAt), DueAt: at(r.DueAt),
		DecidedAt: at(r.DecidedAt), DebtDueAt: at(r.DebtDueAt), DebtSettledAt: at(r.DebtSettledAt)}
}

const requestListColumns = `r.id, m.name AS model, m.slug, v.label AS version, m.tier, m.kind, COALESCE(t.name, '') AS team, r.from_stage, r.to_stage,
	r.move, r.state, p.name AS requester, r.reason, r.break_glass, r.opened_at, r.due_at, r.decided_at, r.debt_due_at, r.debt_settled_at,
	(SELECT COUNT(DISTINCT w.reviewer_id) FROM reviews w WHERE w.request_id = r.id AND w.verdict = 'approve') AS approvals`

// Requests is one page of transition requests, newest first. after is the cursor of an earlier page.
func (s *Store) Requests(ctx context.Context, f RequestFilter, after string, limit int) (Page[RequestRow], error) {
	q := s.narrowRequests(s.read.WithContext(ctx), f)
	back := false
	if after != "" {
		key, id, b, err := decodeCursor[int64](after)
		if err != nil {
			return Page[RequestRow]{}, err
		}
		back = b
		cmp := "<"
		if back {
			cmp = ">"
		}
		q = q.Where("(r.opened_at, r.id) "+cmp+" (?, ?)", key, id)
	}
	order := "r.opened_at DESC, r.id DESC"
	if back {
		order = "r.opened_at ASC, r.id ASC"
	}
	var rows []requestListRow
	if err := q.Select(requestListColumns).Order(order).Limit(limit + 1).Scan(&rows).Error; err != nil {
		return Page[RequestRow]{}, fmt.Errorf("list requests: %w", err)
	}
	return keysetPage(rows, limit, back, after != "", func(r requestListRow) (any, int64) { return r.OpenedAt, r.ID }, requestListRow.row), nil
}

// keysetPage cuts the extra row, puts a page read backwards in order, and makes its neighbours' cursors.
func keysetPage[R, T any](rows []R, limit int, back, moved bool, key func(R) (any, int64), row func(R) T) Page[T] {
	more := len(rows) > limit
	if more {
		rows = rows[:limit]
	}
	if back {
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			rows[i], rows[j] = rows[j], rows[i]
		}
	}
	p := Page[T]{Rows: make([]T, 0, len(rows))}
	for _, r := range rows {
		p.Rows = append(p.Rows, row(r))
	}
	if len(rows) == 0 {
		return p
	}
	if more || back {
		k, id := key(rows[len(rows)-1])
		p.Next = encodeCursor(k, id, false)
	}
	if (moved && !back) || (back && more) {
		k, id := key(rows[0])
		p.Prev = encodeCursor(k, id, true)
	}
	return p
}

func (s *Store) narrowRequests(db *gorm.DB, f RequestFilter) *gorm.DB {
	q := db.Table("requests r").Joins("JOIN models m ON m.id = r.model_id").Joins("JOIN versions v ON v.id = r.version_id").
		Joins("JOIN people p ON p.id = r.requester_id").Joins("LEFT JOIN teams t ON t.id = m.team_id")
	where := func(on bool, cond string, args ...any) {
		if on {
			q = q.Where(cond, args...)
		}
	}
	where(f.State != "", "r.state = ?", string(f.State))
	where(f.To != "", "r.to_stage = ?", string(f.To))
	where(f.Team != "", "m.team_id = (SELECT id FROM teams WHERE slug = ?)", f.Team)
	where(f.Requester != 0, "r.requester_id = ?", f.Requester)
	where(f.Model != 0, "r.model_id = ?", f.Model)
	where(f.Version != 0, "r.version_id = ?", f.Version)
	where(f.Late, "r.state = 'open' AND r.due_at < ?", ms(s.Now()))
	where(f.Owed, "r.break_glass = TRUE AND r.debt_settled_at = 0")
	if f.Decider != 0 {
		q = q.Where("r.state = 'open' AND r.requester_id <> ? AND COALESCE(m.owner_id, 0) <> ? AND COALESCE(v.author_id, 0) <> ?", f.Decider, f.Decider, f.Decider).
			Where(notIn("r.editors")+" AND "+notIn("v.editors"), member(f.Decider), member(f.Decider)).
			Where("NOT EXISTS (SELECT 1 FROM evidence e WHERE e.version_id = v.id AND e.recorded_by = ?)", f.Decider).
			Where(approvedNow, f.Decider, f.Decider)
	}
	return q
}

// notIn asks that a list of ids, kept as JSON, lacks one; member writes the id so that 7 is not found in 17.
func notIn(column string) string {
	return "(',' || REPLACE(REPLACE(REPLACE(" + column + ", '[', ''), ']', ''), ' ', '') || ',') NOT LIKE ?"
}

func member(id int64) string { return fmt.Sprintf("%%,%d,%%", id) }

// approvedNow leaves out what the person approved and what has not been touched since. Whether a touch
// voided the approval only the digest tells; a list may show one too many rather than one too few.
const approvedNow = `NOT EXISTS (SELECT 1 FROM reviews w WHERE w.request_id = r.id AND w.reviewer_id = ? AND w.verdict = 'approve'
	AND w.id = (SELECT MAX(x.id) FROM reviews x WHERE x.request_id = r.id AND x.reviewer_id = ?)
	AND w.at >= v.updated_at AND w.at >= m.updated_at
	AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.version_id = v.id AND e.recorded_at > w.at))`

// EachRequest calls fn for every request of the filtered list, in its order, in pages; for exports.
func (s *Store) EachRequest(ctx context.Context, f RequestFilter, fn func(RequestRow) error) error {
	return eachPage(func(after string) (Page[RequestRow], error) { return s.Requests(ctx, f, after, 500) }, fn)
}

func eachPage[T any](page func(after string) (Page[T], error), fn func(T) error) error {
	for after := ""; ; {
		p, err := page(after)
		if err != nil {
			return err
		}
		for _, row := range p.Rows {
			if err := fn(row); err != nil {
				return err
			}
		}
		if after = p.Next; after == "" {
			return nil
		}
	}
}

// Reviewers lists people who may review anything at all, by name: those with a reviewer's role who can sign in.
func (s *Store) Reviewers(ctx context.Context, limit int) ([]org.Person, error) {
	var rows []personRow
	err := s.read.WithContext(ctx).Where("disabled = ? AND (roles LIKE ? OR roles LIKE ?)", false, `%"reviewer"%`, `%"risk_reviewer"%`).
		Order("name, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reviewers: %w", err)
	}
	out := make([]org.Person, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.person())
	}
	return out, nil
}

// CountRequests counts the filtered list up to CountLimit.
func (s *Store) CountRequests(ctx context.Context, f RequestFilter) (n int, more bool, err error) {
	var count int64
	inner := s.narrowRequests(s.read.WithContext(ctx), f).Select("r.id").Limit(CountLimit + 1)
	if err := s.read.WithContext(ctx).Table("(?) AS bounded", inner).Count(&count).Error; err != nil {
		return 0, false, fmt.Errorf("count requests: %w", err)
	}
	return min(int(count), CountLimit), count > CountLimit, nil
}
