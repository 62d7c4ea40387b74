package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

type planRow struct {
	ID          int64
	ModelID     int64
	Number      int64
	State       string
	Body        asJSON[retirement.Body]
	Facts       asJSON[planFacts]
	AuthorID    *int64
	ReviewBy    string
	EndsOn      string
	TriggerOn   string
	SubmittedAt int64
	ApprovedAt  int64
	ConfirmedAt int64
	Revision    int64
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
	UpdatedAt   int64 `gorm:"autoUpdateTime:false"`
}

func (planRow) TableName() string { return "plans" }

// planFacts are what a plan remembers that no list asks for.
type planFacts struct {
	Replaces       int64   `json:"replaces,omitempty"`
	EditorIDs      []int64 `json:"editors,omitempty"`
	SubmittedBy    int64   `json:"submitted_by,omitempty"`
	ReviewedBy     int64   `json:"reviewed_by,omitempty"`
	ReviewerName   string  `json:"reviewer,omitempty"`
	ReviewedAt     int64   `json:"reviewed_at,omitempty"`
	ReviewNote     string  `json:"review_note,omitempty"`
	ApprovedBy     int64   `json:"approved_by,omitempty"`
	ApprovedDigest string  `json:"approved_digest,omitempty"`
	ConfirmedBy    int64   `json:"confirmed_by,omitempty"`
	ConfirmedFor   string  `json:"confirmed_for,omitempty"`
}

func (r planRow) plan() *retirement.Plan {
	f := r.Facts.V
	return &retirement.Plan{
		ID: r.ID, ModelID: r.ModelID, Number: int(r.Number), Replaces: f.Replaces,
		State: retirement.State(r.State), Body: r.Body.V,
		AuthorID: deref(r.AuthorID), EditorIDs: f.EditorIDs, SubmittedBy: f.SubmittedBy, SubmittedAt: at(r.SubmittedAt),
		ReviewedBy: f.ReviewedBy, ReviewerName: f.ReviewerName, ReviewedAt: at(f.ReviewedAt), ReviewNote: f.ReviewNote,
		ApprovedBy: f.ApprovedBy, ApprovedAt: at(r.ApprovedAt), ApprovedDigest: f.ApprovedDigest,
		ConfirmedBy: f.ConfirmedBy, ConfirmedAt: at(r.ConfirmedAt), ConfirmedFor: f.ConfirmedFor,
		Revision: r.Revision, CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt),
	}
}

func planToRow(p *retirement.Plan) planRow {
	return planRow{
		ID: p.ID, ModelID: p.ModelID, Number: int64(p.Number), State: string(p.State), Body: wrap(p.Body),
		Facts: wrap(planFacts{
			Replaces: p.Replaces, EditorIDs: p.EditorIDs, SubmittedBy: p.SubmittedBy,
			ReviewedBy: p.ReviewedBy, ReviewerName: p.ReviewerName, ReviewedAt: ms(p.ReviewedAt), ReviewNote: p.ReviewNote,
			ApprovedBy: p.ApprovedBy, ApprovedDigest: p.ApprovedDigest,
			ConfirmedBy: p.ConfirmedBy, ConfirmedFor: p.ConfirmedFor,
		}),
		AuthorID: ref(p.AuthorID), ReviewBy: string(p.Body.Dates.ReviewBy), EndsOn: string(p.Body.Ends()), TriggerOn: string(p.Body.Trigger.Date), SubmittedAt: ms(p.SubmittedAt),
		ApprovedAt: ms(p.ApprovedAt), ConfirmedAt: ms(p.ConfirmedAt), Revision: p.Revision,
		CreatedAt: ms(p.CreatedAt), UpdatedAt: ms(p.UpdatedAt),
	}
}

// PlanView is a model's retirement plan with the world around it.
type PlanView struct {
	Plan    *retirement.Plan   // the newest number; nil when none was filed
	InForce *retirement.Plan   // the approved one, the same as Plan when that is it; nil when there is none
	Context retirement.Context // of the newest number, or of a plan to be filed

	// InForceContext is Context for the plan in force, which may name another candidate and other people.
	InForceContext retirement.Context
}

// Plan reads a model's retirement plan.
func (s *Store) Plan(ctx context.Context, slug string, p lifecycle.Policy) (PlanView, error) {
	q := s.read.WithContext(ctx)
	m, err := modelBySlug(q, slug)
	if err != nil {
		return PlanView{}, err
	}
	return s.planView(q, m, p)
}

// PlanNumber reads one number of a model's plan, with the world as it is around it now.
func (s *Store) PlanNumber(ctx context.Context, slug string, number int, p lifecycle.Policy) (*retirement.Plan, retirement.Context, error) {
	q := s.read.WithContext(ctx)
	m, err := modelBySlug(q, slug)
	if err != nil {
		return nil, retirement.Context{}, err
	}
	var row planRow
	if err := q.Where("model_id = ? AND number = ?", m.ID, number).Take(&row).Error; err != nil {
		return nil, retirement.Context{}, found(err, "plan")
	}
	plan := row.plan()
	c, err := s.planContext(q, m, plan.Body, hands(plan), p)
	return plan, c, err
}

func (s *Store) planView(q *gorm.DB, m registry.Model, p lifecycle.Policy) (PlanView, error) {
	view, err := plansOf(q, m.ID)
	if err != nil {
		return view, err
	}
	people, err := peopleByID(q, namedByPlans(m, view))
	if err != nil {
		return view, err
	}
	return view, s.surround(q, &view, m, people, p)
}

// surround puts the world around the plans of a view, whose people are known already.
func (s *Store) surround(q *gorm.DB, view *PlanView, m registry.Model, people map[int64]org.Person, p lifecycle.Policy) error {
	bodies := []planned{{m, retirement.Body{}}}
	if view.Plan != nil {
		bodies[0].body = view.Plan.Body
	}
	if view.InForce != nil && view.InForce != view.Plan {
		bodies = append(bodies, planned{m, view.InForce.Body})
	}
	world, err := s.worldAround(q, bodies, people)
	if err != nil {
		return err
	}
	view.Context = world.context(m, bodies[0].body, p)
	if view.Plan == nil || view.Plan.State != retirement.Approved {
		view.Context = world.toCome(m, bodies[0].body, p)
	}
	view.Context.InForce, view.Context.Latest = view.InForce, view.Plan
	view.InForceContext = view.Context
	if len(bodies) > 1 {
		view.InForceContext = world.context(m, bodies[1].body, p)
		view.InForceContext.InForce, view.InForceContext.Latest = view.InForce, view.Plan
	}
	return nil
}

// namedByPlans are the people whom a model and its plans name, and those who wrote and decided the plans.
func namedByPlans(m registry.Model, view PlanView) []int64 {
	ids := namedIn([]planned{{model: m}}, nil)
	for _, plan := range []*retirement.Plan{view.Plan, view.InForce} {
		if plan != nil {
			ids = append(ids, namedIn([]planned{{m, plan.Body}}, hands(plan))...)
		}
	}
	return ids
}

// plansOf reads the two numbers that matter now, however many lie between them.
func plansOf(q *gorm.DB, model int64) (PlanView, error) {
	var view PlanView
	var rows []planRow
	err := q.Where("model_id = ? AND (state = 'approved' OR number = (SELECT MAX(number) FROM plans WHERE model_id = ?))", model, model).
		Order("number DESC").Limit(2).Find(&rows).Error
	if err != nil {
		return view, fmt.Errorf("plans: %w", err)
	}
	for i, r := range rows {
		plan := r.plan()
		if i == 0 {
			view.Plan = plan
		}
		if plan.State == retirement.Approved {
			view.InForce = plan
		}
	}
	return view, nil
}

// FilePlan files a model's first plan, or the next number of one that is decided.
func (s *Store) FilePlan(ctx context.Context, slug string, p lifecycle.Policy, fn func(PlanView, time.Time) (*retirement.Plan, error)) (PlanView, error) {
	var out PlanView
	err := s.change(ctx, func(tx *txn) error {
		m, err := modelBySlug(s.locked(tx.DB), slug)
		if err != nil {
			return err
		}
		view, err := s.planView(tx.DB, m, p)
		if err != nil {
			return err
		}
		plan, err := fn(view, s.Now())
		if err != nil {
			return err
		}
		plan.Revision = 1
		row := planToRow(plan)
		if err := tx.Create(&row).Error; err != nil {
			if duplicate(err) {
				return fault.New(fault.Conflict, "This model has a retirement plan already. Continue with that one.")
			}
			return fmt.Errorf("file plan: %w", err)
		}
		plan.ID = row.ID
		plan.Fill("plan", plan.ID)
		tx.take(&plan.Trail)
		view.Plan, view.Context.Latest = plan, plan
		out = view
		return tx.touchModel(m.ID)
	})
	return out, err
}

// ChangePlan runs a rule on the newest number of a model's plan. A revision of 0 means whatever is there
// now. An approval takes the number before it out of force in the same transaction.
func (s *Store) ChangePlan(ctx context.Context, slug string, revision int64, p lifecycle.Policy, fn func(*retirement.Plan, retirement.Context, time.Time) error) (PlanView, error) {
	return s.changePlan(ctx, slug, p, func(tx *txn, view PlanView) error {
		if view.Plan == nil {
			return noPlan()
		}
		if revision != 0 && view.Plan.Revision != revision {
			return stale()
		}
		if err := fn(view.Plan, view.Context, s.Now()); err != nil {
			return err
		}
		return tx.savePlans(view.Plan, view.InForce)
	})
}

// ChangePlanInForce is ChangePlan for the approved number: confirming it, above all.
func (s *Store) ChangePlanInForce(ctx context.Context, slug string, p lifecycle.Policy, fn func(*retirement.Plan, retirement.Context, time.Time) error) (PlanView, error) {
	return s.changePlan(ctx, slug, p, func(tx *txn, view PlanView) error {
		if view.InForce == nil {
			return noPlan()
		}
		if err := fn(view.InForce, view.InForceContext, s.Now()); err != nil {
			return err
		}
		return tx.savePlan(view.InForce)
	})
}

func noPlan() error {
	return fault.New(fault.NotFound, "This model has no such retirement plan.")
}

func (s *Store) changePlan(ctx context.Context, slug string, p lifecycle.Policy, change func(*txn, PlanView) error) (PlanView, error) {
	var view PlanView
	err := s.change(ctx, func(tx *txn) error {
		// The model's row is the lock of all its plans: two numbers change together when one supersedes the other.
		m, err := modelBySlug(s.locked(tx.DB), slug)
		if err != nil {
			return err
		}
		if err := tx.actorStands(); err != nil {
			return err
		}
		if view, err = s.planView(tx.DB, m, p); err != nil {
			return err
		}
		if err := change(tx, view); err != nil {
			return err
		}
		if err := tx.moveLatestStarts(p, m.ID); err != nil {
			return err
		}
		return tx.touchModel(m.ID)
	})
	return view, err
}

// savePlans saves the changed plan; one it took out of force is saved first, because only one may be
// in force at a time.
func (tx *txn) savePlans(plan, inForce *retirement.Plan) error {
	if inForce != nil && inForce != plan && inForce.State == retirement.Superseded {
		if err := tx.savePlan(inForce); err != nil {
			return err
		}
	}
	return tx.savePlan(plan)
}

func (tx *txn) savePlan(p *retirement.Plan) error {
	r := planToRow(p)
	err := tx.swap("plans", p.ID, p.Revision, map[string]any{
		"state": r.State, "body": r.Body, "facts": r.Facts, "review_by": r.ReviewBy, "ends_on": r.EndsOn, "trigger_on": r.TriggerOn, "submitted_at": r.SubmittedAt,
		"approved_at": r.ApprovedAt, "confirmed_at": r.ConfirmedAt, "updated_at": ms(tx.s.Now()),
	})
	if err != nil {
		return err
	}
	p.Revision++
	tx.take(&p.Trail)
	return nil
}
