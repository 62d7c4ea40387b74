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
	Team, TeamSlug string
	Owner          string
	PlanID         int64
	Number         int64
	Body           asJSON[retirement.Body]
	Facts          asJSON[planFacts]
	ApprovedAt     int64
	Newest         int64
	State          string
}

const planListColumns = `m.id, m.slug, m.name, m.kind, m.stage, m.tier, m.owner_id, m.deputy_id,
	COALESCE(t.name, '') AS team, COALESCE(t.slug, '') AS team_slug, COALESCE(p.name, '') AS owner,
	COALESCE(a.id, 0) AS plan_id, COALESCE(a.number, 0) AS number, a.body, a.facts, COALESCE(a.approved_at, 0) AS approved_at,
	COALESCE(n.number, 0) AS newest, COALESCE(n.state, '') AS state`

func (r planListRow) model() registry.Model {
	return registry.Model{ID: r.ID, Slug: r.Slug, Name: r.Name, Kind: registry.Kind(r.Kind), Stage: registry.Stage(r.Stage),
		Tier: registry.Tier(r.Tier), OwnerID: deref(r.OwnerID), DeputyID: deref(r.DeputyID)}
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
	var out Page[retirement.Row]
	name, id, back := "", int64(0), false
	if after != "" {
		var err error
		if name, id, back, err = decodeCursor[string](after); err != nil {
			return out, err
		}
	}
	base, err := narrowPlans(s.read.WithContext(ctx), f)
	if err != nil {
		return out, err
	}
	first, last := planListRow{}, planListRow{} // the ends of what was looked at, in the order of looking
	batch, more := limit+1, true
	for scanned := 0; more && len(out.Rows) <= limit && scanned < mostScanned; scanned += batch {
		var rows []planListRow
		if err := planBatch(base.Session(&gorm.Session{}), name, id, back, batch).Scan(&rows).Error; err != nil {
			return out, fmt.Errorf("list plans: %w", err)
		}
		more = len(rows) == batch
		found, err := s.planRows(s.read.WithContext(ctx), rows, f, p)
		if err != nil {
			return out, err
		}
		for i, r := range rows {
			if row, keep := found[r.ID]; keep {
				if len(out.Rows) == limit {
					more = true
					rows = rows[:i]
					break
				}
				out.Rows = append(out.Rows, row)
			}
		}
		if len(rows) == 0 {
			break
		}
		if first.ID == 0 {
			first = rows[0]
		}
		last = rows[len(rows)-1]
		name, id = last.Name, last.ID
		if len(out.Rows) == limit && more {
			break
		}
	}
	return planPage(out, first, last, back, after != "", more), nil
}

// planPage puts the rows in the list's order and links to the neighbours.
func planPage(out Page[retirement.Row], first, last planListRow, back, moved, more bool) Page[retirement.Row] {
	if back {
		slices.Reverse(out.Rows)
		first, last = last, first
	}
	if last.ID != 0 && (more || back) {
		out.Next = encodeCursor(last.Name, last.ID, false)
	}
	if first.ID != 0 && ((moved && !back) || (back && more)) {
		out.Prev = encodeCursor(first.Name, first.ID, true)
	}
	return out
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

func narrowPlans(db *gorm.DB, f retirement.Filter) (*gorm.DB, error) {
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
