package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/vendors"
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
	return &retirement.Plan{ID: r.ID, ModelID: r.ModelID, Number: int(r.Number), Replaces: f.Replaces, State: retirement.State(r.State),
		Body: r.Body.V, AuthorID: deref(r.AuthorID), EditorIDs: f.EditorIDs, SubmittedBy: f.SubmittedBy, SubmittedAt: at(r.SubmittedAt),
		ReviewedBy: f.ReviewedBy, ReviewerName: f.ReviewerName, ReviewedAt: at(f.ReviewedAt), ReviewNote: f.ReviewNote,
		ApprovedBy: f.ApprovedBy, ApprovedAt: at(r.ApprovedAt), ApprovedDigest: f.ApprovedDigest,
		ConfirmedBy: f.ConfirmedBy, ConfirmedAt: at(r.ConfirmedAt), ConfirmedFor: f.ConfirmedFor,
		Revision: r.Revision, CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt)}
}

func planToRow(p *retirement.Plan) planRow {
	return planRow{ID: p.ID, ModelID: p.ModelID, Number: int64(p.Number), State: string(p.State), Body: wrap(p.Body),
		Facts: wrap(planFacts{Replaces: p.Replaces, EditorIDs: p.EditorIDs, SubmittedBy: p.SubmittedBy, ReviewedBy: p.ReviewedBy,
			ReviewerName: p.ReviewerName, ReviewedAt: ms(p.ReviewedAt), ReviewNote: p.ReviewNote, ApprovedBy: p.ApprovedBy,
			ApprovedDigest: p.ApprovedDigest, ConfirmedBy: p.ConfirmedBy, ConfirmedFor: p.ConfirmedFor}),
		AuthorID: ref(p.AuthorID), ReviewBy: string(p.Body.Dates.ReviewBy), SubmittedAt: ms(p.SubmittedAt), ApprovedAt: ms(p.ApprovedAt),
		ConfirmedAt: ms(p.ConfirmedAt), Revision: p.Revision, CreatedAt: ms(p.CreatedAt), UpdatedAt: ms(p.UpdatedAt)}
}

// PlanView is a model's retirement plan with the world around it.
type PlanView struct {
	Plan    *retirement.Plan   // the newest number; nil when none was filed
	InForce *retirement.Plan   // the approved one; nil when there is none
	Context retirement.Context // of the newest number, or of a plan to be filed
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

func (s *Store) planView(q *gorm.DB, m registry.Model, p lifecycle.Policy) (PlanView, error) {
	var rows []planRow
	if err := q.Where("model_id = ?", m.ID).Order("number DESC").Limit(50).Find(&rows).Error; err != nil {
		return PlanView{}, fmt.Errorf("plans: %w", err)
	}
	var view PlanView
	for i, r := range rows {
		if i == 0 {
			view.Plan = r.plan()
		}
		if r.State == string(retirement.Approved) {
			view.InForce = r.plan()
		}
	}
	var err error
	view.Context, err = s.planContext(q, m, view.Plan, p)
	view.Context.InForce, view.Context.Latest = view.InForce, view.Plan
	return view, err
}

// planContext reads what a plan's rules want to know of the world.
func (s *Store) planContext(q *gorm.DB, m registry.Model, plan *retirement.Plan, p lifecycle.Policy) (retirement.Context, error) {
	c := retirement.Context{Model: m, Depth: p.PlanDepth(), ReviewDays: p.ReviewDays}
	ids := []int64{m.OwnerID, m.DeputyID}
	if plan != nil {
		b := plan.Body.People
		ids = append(ids, b.Owner, b.CutoverLead, b.DataSteward, b.Deputy)
	}
	var err error
	if c.People, err = peopleByID(q, ids); err != nil {
		return c, err
	}
	if c.VendorEnd, err = vendorEndOf(q, m); err != nil {
		return c, err
	}
	if plan != nil {
		c.Candidate, err = s.candidateFact(q, m, plan.Body.Candidate)
	}
	return c, err
}

// vendorEndOf is the end that the catalogue knows for the vendor model of a GenAI model's newest live version.
func vendorEndOf(q *gorm.DB, m registry.Model) (day.Day, error) {
	if m.Kind != registry.GenAI {
		return "", nil
	}
	var end string
	err := q.Raw(`SELECT c.end_of_life FROM versions v JOIN vendor_models c ON c.host = v.vendor_host AND c.model_id = v.vendor_model
		WHERE v.model_id = ? AND v.stage <> 'retired' ORDER BY CASE v.stage WHEN 'production' THEN 0 ELSE 1 END, v.id DESC LIMIT 1`, m.ID).Scan(&end).Error
	if err != nil {
		return "", fmt.Errorf("vendor end: %w", err)
	}
	return day.Day(end), nil
}

func (s *Store) candidateFact(q *gorm.DB, m registry.Model, c retirement.Candidate) (retirement.CandidateFact, error) {
	switch {
	case c.Host != "" || c.VendorID != "":
		return s.vendorCandidate(q, c)
	case c.Model == "":
		return retirement.CandidateFact{}, nil
	}
	other, err := modelBySlug(q, c.Model)
	if fault.Is(err, fault.NotFound) {
		return retirement.CandidateFact{Label: c.Model}, nil
	}
	if err != nil {
		return retirement.CandidateFact{}, err
	}
	fact := retirement.CandidateFact{Found: true, SameModel: other.ID == m.ID, Label: other.Name,
		Retired: other.Stage == registry.Retired, Alive: other.Stage != registry.Retired}
	if c.Version == "" {
		return fact, nil
	}
	var row versionRow
	err = q.Where("model_id = ? AND label = ?", other.ID, c.Version).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return retirement.CandidateFact{Label: c.Model + "@" + c.Version, SameModel: fact.SameModel}, nil
	}
	if err != nil {
		return fact, fmt.Errorf("candidate: %w", err)
	}
	fact.Label += " " + c.Version
	fact.Retired = row.Stage == string(registry.Retired)
	fact.Alive = !fact.Retired
	if row.VendorHost != "" {
		vendor, err := s.vendorFact(q, row.VendorHost, row.VendorModel)
		if err != nil {
			return fact, err
		}
		fact.Floating = !vendors.MayServe(vendor.Verdict.Class, 3, false)
	}
	return fact, nil
}

func (s *Store) vendorCandidate(q *gorm.DB, c retirement.Candidate) (retirement.CandidateFact, error) {
	v, err := s.vendorFact(q, c.Host, c.VendorID)
	if err != nil {
		return retirement.CandidateFact{}, err
	}
	_, alive := vendors.Alive(v.Entry, day.Of(s.Now()))
	ended := v.Known && !alive
	return retirement.CandidateFact{Found: true, Floating: !vendors.MayServe(v.Verdict.Class, 3, false),
		Retired: ended, Alive: !ended, Label: c.VendorID + " on " + c.Host}, nil
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
		view.Plan, out = plan, view
		return tx.touchModel(m.ID)
	})
	return out, err
}

// ChangePlan runs a rule on the newest number of a model's plan, or on the one in force when the rule
// is about that. A revision of 0 means whatever is there now.
func (s *Store) ChangePlan(ctx context.Context, slug string, revision int64, p lifecycle.Policy, fn func(*retirement.Plan, retirement.Context, time.Time) error) (PlanView, error) {
	return s.changePlan(ctx, slug, revision, p, false, fn)
}

// ChangePlanInForce is ChangePlan for the approved number: confirming it, above all.
func (s *Store) ChangePlanInForce(ctx context.Context, slug string, p lifecycle.Policy, fn func(*retirement.Plan, retirement.Context, time.Time) error) (PlanView, error) {
	return s.changePlan(ctx, slug, 0, p, true, fn)
}

func (s *Store) changePlan(ctx context.Context, slug string, revision int64, p lifecycle.Policy, inForce bool, fn func(*retirement.Plan, retirement.Context, time.Time) error) (PlanView, error) {
	var view PlanView
	err := s.change(ctx, func(tx *txn) error {
		m, err := modelBySlug(s.locked(tx.DB), slug)
		if err != nil {
			return err
		}
		if view, err = s.planView(tx.DB, m, p); err != nil {
			return err
		}
		plan := view.Plan
		if inForce {
			plan = view.InForce
		}
		if plan == nil {
			return fault.New(fault.NotFound, "This model has no such retirement plan.")
		}
		if revision != 0 && plan.Revision != revision {
			return stale()
		}
		c := view.Context
		if inForce { // the context is read for the newest number; the one in force may name others
			if c, err = s.planContext(tx.DB, m, plan, p); err != nil {
				return err
			}
			c.InForce, c.Latest = view.InForce, view.Plan
		}
		if err := fn(plan, c, s.Now()); err != nil {
			return err
		}
		if err := tx.savePlans(plan, view.InForce); err != nil {
			return err
		}
		return tx.touchModel(m.ID)
	})
	return view, err
}

// savePlans saves the changed plan; one it took out of force is saved first, because only one may be
// in force at a time.
func (tx *txn) savePlans(plan, inForce *retirement.Plan) error {
	if inForce != nil && inForce.ID != plan.ID && inForce.State == retirement.Superseded {
		if err := tx.savePlan(inForce); err != nil {
			return err
		}
	}
	return tx.savePlan(plan)
}

func (tx *txn) savePlan(p *retirement.Plan) error {
	r := planToRow(p)
	err := tx.swap("plans", p.ID, p.Revision, map[string]any{"state": r.State, "body": r.Body, "facts": r.Facts, "review_by": r.ReviewBy,
		"submitted_at": r.SubmittedAt, "approved_at": r.ApprovedAt, "confirmed_at": r.ConfirmedAt, "updated_at": ms(tx.s.Now())})
	if err != nil {
		return err
	}
	p.Revision++
	tx.take(&p.Trail)
	return nil
}
