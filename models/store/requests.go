package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/registry"
)

// RequestFilter narrows the list of transition requests. Zero fields do not narrow.
type RequestFilter struct {
	State     lifecycle.State
	To        registry.Stage
	Team      string // slug
	Requester int64
	Decider   int64 // open, and this person is not known to be barred: requests waiting for a reviewer
	Model     int64
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
	where(f.Late, "r.state = 'open' AND r.due_at < ?", ms(s.Now()))
	where(f.Owed, "r.break_glass = TRUE AND r.debt_settled_at = 0")
	if f.Decider != 0 {
		q = q.Where(`r.state = 'open' AND r.requester_id <> ? AND COALESCE(m.owner_id, 0) <> ? AND COALESCE(v.author_id, 0) <> ?
			AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.version_id = v.id AND e.recorded_by = ?)
			AND NOT EXISTS (SELECT 1 FROM reviews w WHERE w.request_id = r.id AND w.reviewer_id = ?
				AND w.id = (SELECT MAX(x.id) FROM reviews x WHERE x.request_id = r.id AND x.reviewer_id = ?) AND w.verdict = 'approve')`,
			f.Decider, f.Decider, f.Decider, f.Decider, f.Decider, f.Decider)
	}
	return q
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

// AskWaiver records a waiver that the rule makes from a version's facts.
func (s *Store) AskWaiver(ctx context.Context, slug, label string, p lifecycle.Policy, fn func(*lifecycle.Facts, time.Time) (*lifecycle.Waiver, error)) (lifecycle.Waiver, error) {
	var out lifecycle.Waiver
	err := s.change(ctx, func(tx *txn) error {
		m, row, err := tx.lockVersion(slug, label)
		if err != nil {
			return err
		}
		f, err := s.facts(tx.DB, m, row, p)
		if err != nil {
			return err
		}
		w, err := fn(&f, s.Now())
		if err != nil {
			return err
		}
		r := waiverRow{ModelID: w.ModelID, VersionID: w.VersionID, CheckKey: w.Key, Reason: w.Reason, Until: string(w.Until),
			State: string(w.State), AskedBy: w.AskedBy, AskedAt: ms(w.AskedAt), Revision: 1}
		if err := tx.Create(&r).Error; err != nil {
			return fmt.Errorf("ask waiver: %w", err)
		}
		w.ID = r.ID
		w.Fill("waiver", w.ID)
		tx.take(&w.Trail)
		out = *w
		return nil
	})
	return out, err
}

// ChangeWaiver runs the rule that grants or refuses a waiver.
func (s *Store) ChangeWaiver(ctx context.Context, id int64, p lifecycle.Policy, fn func(*lifecycle.Waiver, *lifecycle.Facts, time.Time) error) (lifecycle.Waiver, error) {
	var w lifecycle.Waiver
	err := s.change(ctx, func(tx *txn) error {
		if err := tx.lockModelOf("waivers", id, "waiver"); err != nil {
			return err
		}
		var r waiverRow
		if err := tx.Where("id = ?", id).Take(&r).Error; err != nil {
			return found(err, "waiver")
		}
		m, err := modelByID(tx.DB, r.ModelID)
		if err != nil {
			return err
		}
		row, err := versionByID(tx.DB, r.VersionID)
		if err != nil {
			return err
		}
		f, err := s.facts(tx.DB, m, row, p)
		if err != nil {
			return err
		}
		people, err := peopleByID(tx.DB, []int64{r.AskedBy})
		if err != nil {
			return err
		}
		w = r.waiver(people)
		if err := fn(&w, &f, s.Now()); err != nil {
			return err
		}
		err = tx.swap("waivers", id, r.Revision, map[string]any{"state": string(w.State), "decided_by": ref(w.DecidedBy), "decided_at": ms(w.DecidedAt), "answer": w.Answer})
		tx.take(&w.Trail)
		return err
	})
	return w, err
}

// WaiverRow is a waiver that waits for a decision, in a list.
type WaiverRow struct {
	Waiver      lifecycle.Waiver
	Model, Slug string
	Version     string
}

// AskedWaivers lists waivers that wait for a decision, oldest first.
func (s *Store) AskedWaivers(ctx context.Context, limit int) ([]WaiverRow, error) {
	var rows []struct {
		Row                         waiverRow `gorm:"embedded"`
		Model, Slug, Version, Asker string
	}
	err := s.read.WithContext(ctx).Table("waivers w").Joins("JOIN models m ON m.id = w.model_id").Joins("JOIN versions v ON v.id = w.version_id").
		Joins("JOIN people p ON p.id = w.asked_by").Select("w.*, m.name AS model, m.slug, v.label AS version, p.name AS asker").
		Where("w.state = 'asked'").Order("w.id").Limit(limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("asked waivers: %w", err)
	}
	out := make([]WaiverRow, 0, len(rows))
	for _, r := range rows {
		w := r.Row.waiver(nil)
		w.Asker = r.Asker
		out = append(out, WaiverRow{Waiver: w, Model: r.Model, Slug: r.Slug, Version: r.Version})
	}
	return out, nil
}

// LapseSuperseded retires superseded versions whose rollback window is over, and says how many.
func (s *Store) LapseSuperseded(ctx context.Context) (int, error) {
	var ids []int64
	err := s.read.WithContext(ctx).Table("versions").
		Where("rollback_until > 0 AND rollback_until <= ? AND stage = 'staged' AND superseded_at > 0", ms(s.Now())).Limit(500).Pluck("id", &ids).Error
	if err != nil {
		return 0, fmt.Errorf("lapsed versions: %w", err)
	}
	n := 0
	for _, id := range ids {
		done, err := s.lapse(ctx, id)
		if err != nil {
			return n, err
		}
		if done {
			n++
		}
	}
	return n, nil
}

func (s *Store) lapse(ctx context.Context, id int64) (done bool, err error) {
	err = s.change(ctx, func(tx *txn) error {
		if err := tx.lockModelOf("versions", id, "version"); err != nil {
			return err
		}
		var row versionRow
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return found(err, "version")
		}
		m, err := modelByID(tx.DB, row.ModelID)
		if err != nil {
			return err
		}
		v := row.version()
		if done = lifecycle.Lapse(&m, &v, s.Now()); !done {
			return fault.New(fault.Conflict, "Somebody else was faster.")
		}
		if err := tx.saveVersion(&v, nil); err != nil {
			return err
		}
		if err := tx.supersedeRequests(&m, &v); err != nil {
			return err
		}
		return tx.touchModel(m.ID)
	})
	if fault.Is(err, fault.Conflict) {
		return false, nil
	}
	return done, err
}
