package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// retirementRow is a workflow. Body holds all of it; the columns repeat what lists and jobs ask.
type retirementRow struct {
	ID          int64
	ModelID     int64
	VersionID   *int64
	Number      int64
	Kind        string
	Phase       string
	IsOpen      bool
	Cause       string
	EndsOn      string
	DebtDueAt   int64
	TickAt      int64
	PhaseSince  int64
	MovedAt     int64
	SealedAt    int64
	WatchFrom   int64
	Certificate string // SHA-256 of the newest certificate, "" while there is none
	FinishedAt  int64
	Body        asJSON[retirement.Workflow]
	Revision    int64
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
	UpdatedAt   int64 `gorm:"autoUpdateTime:false"`
}

func (retirementRow) TableName() string { return "retirements" }

func (r retirementRow) workflow() *retirement.Workflow {
	w := r.Body.V
	w.ID, w.Revision = r.ID, r.Revision
	return &w
}

func retirementValues(w *retirement.Workflow, c *retirement.World) map[string]any {
	debt := int64(0)
	if w.Emergency.Owes() {
		debt = ms(w.Emergency.DueAt)
	}
	return map[string]any{
		"phase": string(w.Phase), "is_open": w.Open(), "ends_on": string(w.EndsOn), "debt_due_at": debt, "tick_at": ms(w.NextTick(c)),
		"phase_since": ms(w.PhaseSince), "moved_at": ms(w.MovedAt), "sealed_at": ms(w.SealedAt), "watch_from": ms(w.WatchFrom),
		"certificate": w.Certificate(), "finished_at": ms(w.FinishedAt), "body": wrap(*w), "updated_at": ms(w.UpdatedAt),
	}
}

// RetirementView is a workflow with the world around it. Workflow is nil where none was ever begun.
type RetirementView struct {
	Workflow *retirement.Workflow
	World    *retirement.World
	Start    retirement.Start // what another one would begin from
}

// Retirement reads a model's newest retirement, or the rehearsal that runs, and what the world is like
// around it. number is one of the model's, 0 for the newest.
func (s *Store) Retirement(ctx context.Context, slug string, number int, p lifecycle.Policy) (RetirementView, error) {
	q := s.read.WithContext(ctx)
	m, err := modelBySlug(q, slug)
	if err != nil {
		return RetirementView{}, err
	}
	row, err := retirementOf(q, m.ID, number)
	if err != nil {
		return RetirementView{}, err
	}
	if number != 0 && row.ID == 0 {
		return RetirementView{}, fault.New(fault.NotFound, "This model has no such retirement.")
	}
	return s.retirementView(q, m, row, p)
}

func (s *Store) retirementView(q *gorm.DB, m registry.Model, row retirementRow, p lifecycle.Policy) (RetirementView, error) {
	var view RetirementView
	plans, err := plansOf(q, m.ID)
	if err != nil {
		return view, err
	}
	view.Start = retirement.Start{Plan: plans.InForce}
	if view.Start.Number, err = nextRetirement(q, m.ID); err != nil {
		return view, err
	}
	body := retirement.Body{}
	if row.ID != 0 {
		view.Workflow = row.workflow()
		body = view.Workflow.Plan
		if view.Workflow.Open() && view.Workflow.Kind != retirement.Superseding {
			view.Start.Running = view.Workflow
		}
	} else if plans.InForce != nil {
		body = plans.InForce.Body
	}
	view.World, err = s.workflowWorld(q, m, view.Workflow, body, p)
	return view, err
}

// retirementOf finds one workflow of a model: the numbered one, else the one that runs, else the newest
// retirement.
func retirementOf(q *gorm.DB, model int64, number int) (retirementRow, error) {
	var row retirementRow
	find := q.Where("model_id = ?", model)
	if number != 0 {
		find = find.Where("number = ?", number)
	} else {
		find = find.Where("kind = 'retirement' OR (kind = 'rehearsal' AND is_open)").Order("is_open DESC, number DESC")
	}
	if err := find.Limit(1).Find(&row).Error; err != nil {
		return row, fmt.Errorf("retirement: %w", err)
	}
	return row, nil
}

func nextRetirement(q *gorm.DB, model int64) (int, error) {
	var n int
	if err := q.Raw("SELECT COALESCE(MAX(number), 0) + 1 FROM retirements WHERE model_id = ?", model).Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("retirement's number: %w", err)
	}
	return n, nil
}

// BeginRetirement runs the rule that begins a workflow of a model, and keeps it.
func (s *Store) BeginRetirement(ctx context.Context, slug string, p lifecycle.Policy, fn func(retirement.Start, *retirement.World) (*retirement.Workflow, error)) (RetirementView, error) {
	var view RetirementView
	err := s.change(ctx, func(tx *txn) error {
		m, err := modelBySlug(s.locked(tx.DB), slug)
		if err != nil {
			return err
		}
		if err := tx.actorStands(); err != nil {
			return err
		}
		row, err := retirementOf(tx.DB, m.ID, 0)
		if err != nil {
			return err
		}
		if view, err = s.retirementView(tx.DB, m, row, p); err != nil {
			return err
		}
		w, err := fn(view.Start, view.World)
		if err != nil {
			return err
		}
		view.Workflow = w
		return tx.addRetirement(w, view.World)
	})
	return view, err
}

func (tx *txn) addRetirement(w *retirement.Workflow, c *retirement.World) error {
	row := retirementRow{ModelID: w.ModelID, VersionID: ref(w.VersionID), Number: int64(w.Number), Kind: string(w.Kind), Phase: string(w.Phase),
		IsOpen: true, Cause: w.Cause.Kind, EndsOn: string(w.EndsOn), PhaseSince: ms(w.PhaseSince), MovedAt: ms(w.MovedAt), TickAt: ms(w.NextTick(c)),
		Body: wrap(*w), Revision: 1, CreatedAt: ms(c.Now), UpdatedAt: ms(c.Now)}
	if err := tx.Create(&row).Error; err != nil {
		if duplicate(err) {
			return fault.New(fault.Conflict, "The retirement of this model is under way already.")
		}
		return fmt.Errorf("begin retirement: %w", err)
	}
	w.ID, w.Revision = row.ID, 1
	w.Fill("retirement", w.ID)
	tx.take(&w.Trail)
	return tx.showPhase(w)
}

// showPhase keeps where lists find it how far a model's retirement is.
func (tx *txn) showPhase(w *retirement.Workflow) error {
	if w.Kind != retirement.Ending {
		return nil
	}
	phase := string(w.Phase)
	if !w.Open() {
		phase = ""
	}
	if err := tx.Exec("UPDATE models SET retirement_phase = ?, updated_at = ? WHERE id = ?", phase, ms(tx.s.Now()), w.ModelID).Error; err != nil {
		return fmt.Errorf("show phase: %w", err)
	}
	return nil
}

// ChangeRetirement runs a rule on a workflow of a model: the numbered one, or with 0 the one that runs.
// revision is what the person's form was made from, 0 for whatever is there now. What the rule did to
// the version and its serving is saved with it.
func (s *Store) ChangeRetirement(ctx context.Context, slug string, number int, revision int64, p lifecycle.Policy, fn func(*retirement.Workflow, *retirement.World) error) (RetirementView, error) {
	var view RetirementView
	err := s.change(ctx, func(tx *txn) error {
		m, err := modelBySlug(s.locked(tx.DB), slug)
		if err != nil {
			return err
		}
		row, err := retirementOf(tx.DB, m.ID, number)
		if err != nil {
			return err
		}
		if row.ID == 0 {
			return fault.New(fault.NotFound, "No retirement of this model has begun.")
		}
		if revision != 0 && row.Revision != revision {
			return stale()
		}
		if err := tx.actorStands(); err != nil {
			return err
		}
		view, err = tx.runRetirement(m, row, p, fn)
		return err
	})
	return view, err
}

// runRetirement runs a rule on a workflow whose model is locked, and saves all that it changed.
func (tx *txn) runRetirement(m registry.Model, row retirementRow, p lifecycle.Policy, fn func(*retirement.Workflow, *retirement.World) error) (RetirementView, error) {
	view, err := tx.s.retirementView(tx.DB, m, row, p)
	if err != nil {
		return view, err
	}
	w, c := view.Workflow, view.World
	was := before(w, c)
	if err := fn(w, c); err != nil {
		return view, err
	}
	if w.Kind == retirement.Ending && was.sealed.IsZero() && !w.SealedAt.IsZero() {
		if err := tx.sealDossier(&view, p); err != nil {
			return view, err
		}
	}
	if err := tx.saveRetirement(w, c, was); err != nil {
		return view, err
	}
	return view, tx.tellConsumers(w, c, was)
}

// then is what of a workflow and its world a rule may have changed.
type then struct {
	sealed  time.Time
	told    map[string]consumerTold
	stages  map[int64]registry.Stage
	serving bool
}

type consumerTold struct {
	round                 int
	told, reminded, above time.Time
}

func before(w *retirement.Workflow, c *retirement.World) then {
	t := then{sealed: w.SealedAt, told: map[string]consumerTold{}, stages: map[int64]registry.Stage{}}
	for _, x := range w.Consumers {
		t.told[x.Key] = consumerTold{x.Round, x.ToldAt, x.RemindedAt, x.EscalatedAt}
	}
	for _, v := range versionsAround(c) {
		t.stages[v.ID] = v.Stage
	}
	t.serving = c.Serving != nil && c.Serving.Until.IsZero()
	return t
}

func versionsAround(c *retirement.World) []*registry.Version {
	all := c.Others
	if c.Version != nil {
		all = append([]*registry.Version{c.Version}, all...)
	}
	return all
}

func (tx *txn) saveRetirement(w *retirement.Workflow, c *retirement.World, was then) error {
	if err := tx.swap("retirements", w.ID, w.Revision, retirementValues(w, c)); err != nil {
		return err
	}
	w.Revision++
	tx.s.medians.forget()
	touched := false
	if was.serving && !c.Serving.Until.IsZero() {
		res := tx.Exec("UPDATE serving_records SET until = ? WHERE id = ? AND until = 0", ms(c.Serving.Until), c.Serving.ID)
		if res.Error != nil {
			return fmt.Errorf("end serving: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return stale()
		}
		touched = true
	}
	for _, v := range versionsAround(c) {
		if was.stages[v.ID] == v.Stage {
			continue
		}
		if err := tx.saveVersion(v, nil); err != nil {
			return err
		}
		if err := tx.supersedeRequests(&c.Model, v); err != nil {
			return err
		}
		touched = true
	}
	tx.take(&w.Trail)
	if touched {
		if err := tx.touchModel(w.ModelID); err != nil {
			return err
		}
	}
	return tx.showPhase(w)
}
