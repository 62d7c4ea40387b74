package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/registry"
)

type modelRow struct {
	ID                int64
	Slug, Name        string
	Kind              string
	Purpose           string
	TeamID            *int64
	OwnerID           *int64
	DeputyID          *int64
	Tier              int64
	Stage             string
	StageRank         int
	SLA               asJSON[registry.SLA] `gorm:"column:sla"`
	DeprecationOn     string
	Consumers         asJSON[[]registry.Consumer]
	NoConsumersReason string
	ServingVersionID  *int64
	PlanState         string
	RetirementPhase   string
	ReportedState     string
	RetrainingDays    int64
	Source            asJSON[registry.Source]
	Revision          int64
	CreatedAt         int64 `gorm:"autoCreateTime:false"`
	UpdatedAt         int64 `gorm:"autoUpdateTime:false"`
}

func (modelRow) TableName() string { return "models" }

func (r modelRow) model() registry.Model {
	return registry.Model{ID: r.ID, Slug: r.Slug, Name: r.Name, Kind: registry.Kind(r.Kind), Purpose: r.Purpose,
		TeamID: deref(r.TeamID), OwnerID: deref(r.OwnerID), DeputyID: deref(r.DeputyID), Tier: registry.Tier(r.Tier),
		SLA: r.SLA.V, DeprecationOn: day.Day(r.DeprecationOn), Consumers: r.Consumers.V, NoConsumersReason: r.NoConsumersReason,
		Stage: registry.Stage(r.Stage), Retiring: r.RetirementPhase, Reported: r.ReportedState, RetrainingDays: int(r.RetrainingDays),
		Source: r.Source.V, Revision: r.Revision,
		CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt)}
}

// values are the columns that a change of the model's own facts writes.
func modelValues(m *registry.Model) map[string]any {
	return map[string]any{
		"slug": m.Slug, "name": m.Name, "purpose": m.Purpose, "team_id": ref(m.TeamID), "owner_id": ref(m.OwnerID),
		"deputy_id": ref(m.DeputyID), "tier": int64(m.Tier), "sla": wrap(m.SLA), "deprecation_on": string(m.DeprecationOn),
		"consumers": wrap(m.Consumers), "no_consumers_reason": m.NoConsumersReason, "reported_state": m.Reported,
		"retraining_days": int64(m.RetrainingDays),
		"source":          wrap(m.Source),
	}
}

// AddModel registers a model made by a rule. Its id, revision and moments are filled in.
func (s *Store) AddModel(ctx context.Context, m *registry.Model) error {
	return s.change(ctx, func(tx *txn) error { return tx.addModel(m) })
}

func (tx *txn) addModel(m *registry.Model) error {
	now := tx.s.Now()
	m.CreatedAt, m.UpdatedAt, m.Revision = now, now, 1
	if m.Stage == "" {
		m.Stage = registry.Experiment
	}
	row := newModelRow(m)
	if err := tx.Create(&row).Error; err != nil {
		if duplicate(err) {
			return fault.At("slug", "Another model has this short name already.")
		}
		return fmt.Errorf("add model: %w", err)
	}
	m.ID = row.ID
	m.Fill("model", m.ID)
	m.FillModel(m.ID)
	tx.take(&m.Trail)
	return nil
}

func newModelRow(m *registry.Model) modelRow {
	return modelRow{Slug: m.Slug, Name: m.Name, Kind: string(m.Kind), Purpose: m.Purpose, TeamID: ref(m.TeamID),
		OwnerID: ref(m.OwnerID), DeputyID: ref(m.DeputyID), Tier: int64(m.Tier), Stage: string(m.Stage), StageRank: m.Stage.Rank(),
		SLA: wrap(m.SLA), DeprecationOn: string(m.DeprecationOn), Consumers: wrap(m.Consumers), NoConsumersReason: m.NoConsumersReason,
		ReportedState: m.Reported, RetrainingDays: int64(m.RetrainingDays), Source: wrap(m.Source), Revision: 1, CreatedAt: ms(m.CreatedAt), UpdatedAt: ms(m.UpdatedAt)}
}

// ChangeModel runs a rule on a model. revision is what the person's form was made from; 0 means
// whatever is there now. A stale form is refused and nothing is saved.
func (s *Store) ChangeModel(ctx context.Context, slug string, revision int64, fn func(*registry.Model) error) (registry.Model, error) {
	var m registry.Model
	err := s.change(ctx, func(tx *txn) error {
		var row modelRow
		if err := s.locked(tx.DB).Where("slug = ?", slug).Take(&row).Error; err != nil {
			return found(err, "model")
		}
		if revision != 0 && row.Revision != revision {
			return stale()
		}
		m = row.model()
		before := m
		if err := fn(&m); err != nil {
			return err
		}
		if err := tx.saveModel(&m); err != nil {
			return err
		}
		return tx.rememberHands(before)
	})
	return m, err
}

// rememberHands makes whoever changed the model, and who owned it before, an editor of its versions on
// their way: the model's promises and people are part of what a review approves, and nobody decides on
// their own. Handing the ownership over does not make a reviewer of an owner.
func (tx *txn) rememberHands(before registry.Model) error {
	var rows []versionRow
	err := tx.Select("id", "editors").Where("model_id = ? AND stage NOT IN ('production', 'retired')", before.ID).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("remember hands: %w", err)
	}
	for _, r := range rows {
		editors := r.Editors.V
		for _, id := range []int64{tx.src.Actor.ID, before.OwnerID} {
			if id != 0 && !slices.Contains(editors, id) {
				editors = append(editors, id)
			}
		}
		if len(editors) == len(r.Editors.V) {
			continue
		}
		if err := tx.Exec("UPDATE versions SET editors = ? WHERE id = ?", wrap(editors), r.ID).Error; err != nil {
			return fmt.Errorf("remember hands: %w", err)
		}
	}
	return nil
}

func (tx *txn) saveModel(m *registry.Model) error {
	m.UpdatedAt = tx.s.Now()
	values := modelValues(m)
	values["updated_at"] = ms(m.UpdatedAt)
	if err := tx.swap("models", m.ID, m.Revision, values); err != nil {
		if duplicate(err) {
			return fault.At("slug", "Another model has this short name already.")
		}
		return err
	}
	m.Revision++
	tx.take(&m.Trail)
	return nil
}

// touchModel refreshes what lists show of a model after its versions or plan changed: the stage of its
// furthest live version, what it serves, its plan's state.
func (tx *txn) touchModel(id int64) error {
	var furthest struct {
		Stage string
	}
	err := tx.Table("versions").Select("stage").Where("model_id = ? AND stage <> 'retired'", id).
		Order("CASE stage WHEN 'production' THEN 4 WHEN 'staged' THEN 3 WHEN 'validated' THEN 2 WHEN 'registered' THEN 1 ELSE 0 END DESC").
		Limit(1).Scan(&furthest).Error
	if err != nil {
		return fmt.Errorf("model's stage: %w", err)
	}
	if furthest.Stage == "" {
		var n int64
		if err := tx.Table("versions").Where("model_id = ?", id).Limit(1).Count(&n).Error; err != nil {
			return fmt.Errorf("model's stage: %w", err)
		}
		furthest.Stage = string(registry.Experiment)
		if n > 0 {
			furthest.Stage = string(registry.Retired)
		}
	}
	err = tx.Exec(`UPDATE models SET stage = ?, stage_rank = ?, updated_at = ?,
		serving_version_id = (SELECT version_id FROM serving_records WHERE model_id = models.id AND until = 0),
		plan_state = COALESCE((SELECT CASE WHEN state = 'approved' AND stale_since > 0 THEN 'stale' ELSE state END FROM plans WHERE model_id = models.id ORDER BY CASE state WHEN 'approved' THEN 1 ELSE 0 END DESC, number DESC LIMIT 1), '')
		WHERE id = ?`, furthest.Stage, registry.Stage(furthest.Stage).Rank(), ms(tx.s.Now()), id).Error
	if err != nil {
		return fmt.Errorf("model's stage: %w", err)
	}
	return nil
}

// Model finds a model by its slug.
func (s *Store) Model(ctx context.Context, slug string) (registry.Model, error) {
	return modelBySlug(s.read.WithContext(ctx), slug)
}

// ModelByID finds a model by its id.
func (s *Store) ModelByID(ctx context.Context, id int64) (registry.Model, error) {
	return modelByID(s.read.WithContext(ctx), id)
}

func modelBySlug(q *gorm.DB, slug string) (registry.Model, error) {
	var row modelRow
	if err := q.Where("slug = ?", slug).Take(&row).Error; err != nil {
		return registry.Model{}, found(err, "model")
	}
	return row.model(), nil
}

func modelByID(q *gorm.DB, id int64) (registry.Model, error) {
	var row modelRow
	if err := q.Where("id = ?", id).Take(&row).Error; err != nil {
		return registry.Model{}, found(err, "model")
	}
	return row.model(), nil
}

// FreeSlug returns the wish, or the wish with the first free number behind it.
func (s *Store) FreeSlug(ctx context.Context, wish string) (string, error) {
	return freeSlug(s.read.WithContext(ctx), wish)
}

func freeSlug(q *gorm.DB, wish string) (string, error) {
	for n := 1; n < 10_000; n++ {
		slug := wish
		if n > 1 {
			slug = fmt.Sprintf("%s-%d", wish, n)
		}
		var taken int64
		if err := q.Table("models").Where("slug = ?", slug).Limit(1).Count(&taken).Error; err != nil {
			return "", fmt.Errorf("free slug: %w", err)
		}
		if taken == 0 {
			return slug, nil
		}
	}
	return "", fault.At("slug", "Too many models have this short name; choose another.")
}
