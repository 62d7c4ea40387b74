package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// planListRow is the flat row of the list of plans: the model, its plan in force, its newest number.
type planListRow struct {
	ID             int64
	Slug, Name     string
	Kind, Stage    string
	Tier           int64
	OwnerID        *int64
	DeputyID       *int64
	TeamID         *int64
	Team, TeamSlug string
	Retiring       string
	Owner          string
	PlanID         int64
	Number         int64
	Body           asJSON[retirement.Body]
	Facts          asJSON[planFacts]
	ApprovedAt     int64
	Newest         int64
	State          string
}

const planListColumns = `m.id, m.slug, m.name, m.kind, m.stage, m.tier, m.owner_id, m.deputy_id, m.team_id, m.retirement_phase AS retiring,
	COALESCE(t.name, '') AS team, COALESCE(t.slug, '') AS team_slug, COALESCE(p.name, '') AS owner,
	COALESCE(a.id, 0) AS plan_id, COALESCE(a.number, 0) AS number, a.body, a.facts, COALESCE(a.approved_at, 0) AS approved_at,
	COALESCE(n.number, 0) AS newest, COALESCE(n.state, '') AS state`

func (r planListRow) model() registry.Model {
	return registry.Model{ID: r.ID, Slug: r.Slug, Name: r.Name, Kind: registry.Kind(r.Kind), Stage: registry.Stage(r.Stage),
		Tier: registry.Tier(r.Tier), OwnerID: deref(r.OwnerID), DeputyID: deref(r.DeputyID), TeamID: deref(r.TeamID), Retiring: r.Retiring}
}

func (r planListRow) plan() *retirement.Plan {
	if r.PlanID == 0 {
		return nil
	}
	return planRow{ID: r.PlanID, ModelID: r.ID, Number: r.Number, State: string(retirement.Approved),
		Body: r.Body, Facts: r.Facts, ApprovedAt: r.ApprovedAt}.plan()
}

// mostScanned is how many plans one page looks at when it is filtered by what only the rules can tell.
// A page may hold fewer rows than it could then, and its links still lead to all the others.
const mostScanned = 2000

// Plans is one page of the list of all models' plans, by the models' names. after is a cursor of
// another page, "" for the first.
func (s *Store) Plans(ctx context.Context, f retirement.Filter, p lifecycle.Policy, after string, limit int) (Page[retirement.Row], error) {
	look := planLook{limit: limit, moved: after != ""}
	if after != "" {
		var err error
		if look.name, look.id, look.back, err = decodeCursor[string](after); err != nil {
			return Page[retirement.Row]{}, err
		}
	}
	q := s.read.WithContext(ctx)
	narrow, err := narrowPlans(q, f, day.Of(s.Now()))
	if err != nil {
		return Page[retirement.Row]{}, err
	}
	for looked := 0; looked < mostScanned; looked += limit + 1 {
		var rows []planListRow
		if err := look.next(narrow.Session(&gorm.Session{})).Scan(&rows).Error; err != nil {
			return Page[retirement.Row]{}, fmt.Errorf("list plans: %w", err)
		}
		kept, err := s.planRows(q, rows, f, p)
		if err != nil {
			return Page[retirement.Row]{}, err
		}
		if look.take(rows, kept) {
			break
		}
	}
	return look.page(), nil
}

// planLook is one look through the list: from where, which way, and what was found so far.
type planLook struct {
	name        string // where the next look begins
	id          int64
	back, moved bool
	limit       int
	found       []retirement.Row
	first, last planListRow // the ends of what was looked at, in the order of looking
	more        bool        // there may be more beyond last
}

func (l *planLook) next(q *gorm.DB) *gorm.DB {
	return planBatch(q, l.name, l.id, l.back, l.limit+1)
}

// take keeps what the rules let through and reports whether the page is done.
func (l *planLook) take(rows []planListRow, kept map[int64]retirement.Row) bool {
	for _, r := range rows {
		row, keep := kept[r.ID]
		if keep && len(l.found) == l.limit {
			l.more = true
			return true
		}
		if keep {
			l.found = append(l.found, row)
		}
		if l.first.ID == 0 {
			l.first = r
		}
		l.last, l.name, l.id = r, r.Name, r.ID
	}
	l.more = len(rows) > l.limit
	return !l.more
}

// page puts the rows in the list's order and links to the neighbours.
func (l *planLook) page() Page[retirement.Row] {
	out := Page[retirement.Row]{Rows: l.found}
	first, last := l.first, l.last
	if l.back {
		slices.Reverse(out.Rows)
		first, last = last, first
	}
	if last.ID != 0 && (l.more || l.back) {
		out.Next = encodeCursor(last.Name, last.ID, false)
	}
	if first.ID != 0 && ((l.moved && !l.back) || (l.back && l.more)) {
		out.Prev = encodeCursor(first.Name, first.ID, true)
	}
	return out
}

// CountPlans counts the filtered list up to CountLimit; more is true when there are more. counted is
// false where only the rules can tell who belongs to the list.
func (s *Store) CountPlans(ctx context.Context, f retirement.Filter) (n int, more, counted bool, err error) {
	switch f.Standing {
	case retirement.StandsInForce, retirement.StandsStale, retirement.StandsLate:
		return 0, false, false, nil
	}
	q := s.read.WithContext(ctx)
	narrow, err := narrowPlans(q, f, day.Of(s.Now()))
	if err != nil {
		return 0, false, false, err
	}
	var count int64
	if err := q.Table("(?) AS bounded", narrow.Select("m.id").Limit(CountLimit+1)).Count(&count).Error; err != nil {
		return 0, false, false, fmt.Errorf("count plans: %w", err)
	}
	return int(min(count, CountLimit)), count > CountLimit, true, nil
}

func planBatch(q *gorm.DB, name string, id int64, back bool, limit int) *gorm.DB {
	cmp, dir := ">", "ASC"
	if back {
		cmp, dir = "<", "DESC"
	}
	if id != 0 {
		q = q.Where("(m.name, m.id) "+cmp+" (?, ?)", name, id)
	}
	return q.Select(planListColumns).
		Joins("LEFT JOIN teams t ON t.id = m.team_id").Joins("LEFT JOIN people p ON p.id = m.owner_id").
		Joins("LEFT JOIN plans a ON a.model_id = m.id AND a.state = 'approved'").
		Joins("LEFT JOIN plans n ON n.model_id = m.id AND n.number = (SELECT MAX(number) FROM plans x WHERE x.model_id = m.id)").
		Order("m.name " + dir + ", m.id " + dir).Limit(limit)
}

func narrowPlans(db *gorm.DB, f retirement.Filter, today day.Day) (*gorm.DB, error) {
	q := db.Table("models m").Where("m.stage <> 'retired'")
	if f.Team != "" {
		q = q.Where("m.team_id = (SELECT id FROM teams WHERE slug = ?)", f.Team)
	}
	newest := func(states ...string) *gorm.DB {
		return q.Where("m.id IN (SELECT model_id FROM plans WHERE state IN ?)", states)
	}
	switch f.Standing {
	case "":
		return q.Where("(m.plan_state <> '' OR m.stage IN ('staged', 'production'))"), nil
	case retirement.StandsInForce, retirement.StandsStale, retirement.StandsLate:
		return q.Where("m.plan_state = 'approved'"), nil // which of them, the rules say
	case retirement.StandsReview:
		return newest("submitted"), nil
	case retirement.StandsDraft:
		return newest("draft", "changes_requested"), nil
	case retirement.StandsRefused:
		return q.Where("m.plan_state = 'rejected'"), nil
	case retirement.StandsMissing:
		return q.Where("m.plan_state = '' AND m.stage IN ('staged', 'production')"), nil
	case retirement.StandsOverdue:
		return q.Where(planOverdue, string(today)), nil
	case retirement.StandsEnding:
		return q.Where(endingWithin, endingArgs(today)...), nil
	}
	return nil, fault.Newf(fault.Malformed, "Plans are not filtered by %q.", string(f.Standing))
}

// planRows looks at each plan as the rules do today, and keeps those that the filter asks for.
func (s *Store) planRows(q *gorm.DB, rows []planListRow, f retirement.Filter, p lifecycle.Policy) (map[int64]retirement.Row, error) {
	plans := make([]planned, 0, len(rows))
	for _, r := range rows {
		if r.PlanID != 0 {
			plans = append(plans, planned{r.model(), r.Body.V})
		}
	}
	world, err := s.worldOf(q, plans, nil)
	if err != nil {
		return nil, err
	}
	out := map[int64]retirement.Row{}
	for _, r := range rows {
		model := registry.Row{ID: r.ID, Slug: r.Slug, Name: r.Name, Kind: registry.Kind(r.Kind), Stage: registry.Stage(r.Stage),
			Tier: registry.Tier(r.Tier), Team: r.Team, TeamSlug: r.TeamSlug, Owner: r.Owner}
		row := retirement.NewRow(model, r.plan(), world.context(r.model(), r.Body.V, p), int(r.Newest), retirement.State(r.State), world.today)
		if row.StandsAt(f.Standing, world.today) {
			out[r.ID] = row
		}
	}
	return out, nil
}

// EachPlan calls fn for every row of the filtered list, in its order; for exports.
func (s *Store) EachPlan(ctx context.Context, f retirement.Filter, p lifecycle.Policy, fn func(retirement.Row, day.Day) error) error {
	after, today := "", day.Of(s.Now())
	for {
		page, err := s.Plans(ctx, f, p, after, 200)
		if err != nil {
			return err
		}
		for _, r := range page.Rows {
			if err := fn(r, today); err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}
