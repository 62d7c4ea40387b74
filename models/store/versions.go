package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"sundial/models/fault"
	"sundial/models/registry"
)

type versionRow struct {
	ID             int64
	ModelID        int64
	Label          string
	Kind           string
	Stage          string
	Summary        string
	Built          asJSON[built]
	Digest         string
	VendorHost     string
	VendorModel    string
	AuthorID       *int64
	Editors        asJSON[[]int64]
	RollbackTarget string
	RolloutPlan    string
	Monitoring     asJSON[registry.Monitoring]
	StageSince     int64
	ServedSince    int64
	SupersededAt   int64
	RollbackUntil  int64
	ClosedReason   string
	BuiltAt        int64
	BuiltVia       string
	Revision       int64
	CreatedAt      int64 `gorm:"autoCreateTime:false"`
	UpdatedAt      int64 `gorm:"autoUpdateTime:false"`
}

func (versionRow) TableName() string { return "versions" }

// built holds whichever of the two a version has.
type built struct {
	Lineage *registry.Lineage `json:"lineage,omitempty"`
	Release *registry.Release `json:"release,omitempty"`
}

func builtOf(v *registry.Version) built {
	if v.Kind == registry.GenAI {
		return built{Release: &v.Release}
	}
	return built{Lineage: &v.Lineage}
}

func (r versionRow) version() registry.Version {
	v := registry.Version{ID: r.ID, ModelID: r.ModelID, Label: r.Label, Kind: registry.Kind(r.Kind), Stage: registry.Stage(r.Stage),
		Summary: r.Summary, AuthorID: deref(r.AuthorID), RollbackTarget: r.RollbackTarget, RolloutPlan: r.RolloutPlan,
		Monitoring: r.Monitoring.V, StageSince: at(r.StageSince), ServedSince: at(r.ServedSince), SupersededAt: at(r.SupersededAt),
		RollbackUntil: at(r.RollbackUntil), ClosedReason: r.ClosedReason, BuiltAt: at(r.BuiltAt), Revision: r.Revision, CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt)}
	if b := r.Built.V; b.Lineage != nil {
		v.Lineage = *b.Lineage
	}
	if b := r.Built.V; b.Release != nil {
		v.Release = *b.Release
	}
	return v
}

func versionValues(v *registry.Version) map[string]any {
	return map[string]any{
		"stage": string(v.Stage), "summary": v.Summary, "built": wrap(builtOf(v)), "digest": v.Digest(),
		"vendor_host": v.Release.Host, "vendor_model": v.Release.ModelID, "rollback_target": v.RollbackTarget,
		"rollout_plan": v.RolloutPlan, "monitoring": wrap(v.Monitoring), "stage_since": ms(v.StageSince),
		"served_since": ms(v.ServedSince), "superseded_at": ms(v.SupersededAt), "rollback_until": ms(v.RollbackUntil),
		"closed_reason": v.ClosedReason, "updated_at": ms(v.UpdatedAt),
	}
}

// AddVersion adds a version that fn makes from its model. Its id, revision and moments are filled in.
func (s *Store) AddVersion(ctx context.Context, slug string, fn func(*registry.Model) (*registry.Version, error)) (registry.Version, error) {
	var out registry.Version
	err := s.change(ctx, func(tx *txn) error {
		m, err := modelBySlug(s.locked(tx.DB), slug)
		if err != nil {
			return err
		}
		v, err := fn(&m)
		if err != nil {
			return err
		}
		if v.Stage == registry.Production {
			return errDoor
		}
		v.ModelID, v.Kind = m.ID, m.Kind
		if err := tx.addVersion(v); err != nil {
			return err
		}
		out = *v
		return tx.touchModel(m.ID)
	})
	return out, err
}

// errDoor is a programmer's mistake: production is entered through a dossier, which asks for owner, SLA,
// approvals and plan, and through nothing else.
var errDoor = errors.New("store: a version enters production by its dossier only")

func (tx *txn) addVersion(v *registry.Version) error {
	now := tx.s.Now()
	v.CreatedAt, v.UpdatedAt, v.BuiltAt, v.StageSince, v.Revision = now, now, now, now, 1
	if v.Stage == "" {
		v.Stage = registry.Experiment
	}
	row := newVersionRow(v, tx.src.Actor.Via)
	if err := tx.Create(&row).Error; err != nil {
		if duplicate(err) {
			return fault.At("label", "This model has a version of that name already.")
		}
		return fmt.Errorf("add version: %w", err)
	}
	v.ID = row.ID
	v.Fill("version", v.ID)
	tx.take(&v.Trail)
	if err := tx.useParts(v); err != nil {
		return err
	}
	return tx.useVendor(v)
}

// newVersionRow keeps a version that came by via: session, or token:NAME and other machines.
func newVersionRow(v *registry.Version, via string) versionRow {
	return versionRow{ModelID: v.ModelID, Label: v.Label, Kind: string(v.Kind), Stage: string(v.Stage), Summary: v.Summary,
		Built: wrap(builtOf(v)), Digest: v.Digest(), VendorHost: v.Release.Host, VendorModel: v.Release.ModelID,
		AuthorID: ref(v.AuthorID), Editors: wrap([]int64{}), RollbackTarget: v.RollbackTarget, RolloutPlan: v.RolloutPlan,
		Monitoring: wrap(v.Monitoring), StageSince: ms(v.StageSince), ClosedReason: v.ClosedReason, BuiltAt: ms(v.BuiltAt), BuiltVia: via, Revision: 1,
		CreatedAt: ms(v.CreatedAt), UpdatedAt: ms(v.UpdatedAt)}
}

// ChangeVersion runs a rule on a version and remembers who changed it: an editor does not decide on it.
func (s *Store) ChangeVersion(ctx context.Context, slug, label string, revision int64, fn func(*registry.Model, *registry.Version) error) (registry.Version, error) {
	var v registry.Version
	err := s.change(ctx, func(tx *txn) error {
		m, row, err := tx.lockVersion(slug, label)
		if err != nil {
			return err
		}
		if revision != 0 && row.Revision != revision {
			return stale()
		}
		v = row.version()
		stage := v.Stage
		if err := fn(&m, &v); err != nil {
			return err
		}
		if v.Stage == registry.Production && stage != v.Stage {
			return errDoor
		}
		editors := row.Editors.V
		if id := tx.src.Actor.ID; id != 0 && !slices.Contains(editors, id) {
			editors = append(editors, id)
		}
		more := map[string]any{"editors": wrap(editors)}
		if v.Digest() != row.Digest {
			v.BuiltAt = s.Now()
			more["built_at"], more["built_via"] = ms(v.BuiltAt), tx.src.Actor.Via
		}
		if err := tx.saveVersion(&v, more); err != nil {
			return err
		}
		if more["built_at"] != nil {
			if err := tx.useParts(&v); err != nil {
				return err
			}
		}
		if v.Stage == stage {
			return nil
		}
		if err := tx.supersedeRequests(&m, &v); err != nil {
			return err
		}
		return tx.touchModel(m.ID)
	})
	return v, err
}

func (tx *txn) lockVersion(slug, label string) (registry.Model, versionRow, error) {
	m, err := modelBySlug(tx.s.locked(tx.DB), slug)
	if err != nil {
		return m, versionRow{}, err
	}
	var row versionRow
	err = tx.Where("model_id = ? AND label = ?", m.ID, label).Take(&row).Error
	return m, row, found(err, "version")
}

func (tx *txn) saveVersion(v *registry.Version, more map[string]any) error {
	v.UpdatedAt = tx.s.Now()
	values := versionValues(v)
	for k, x := range more {
		values[k] = x
	}
	if err := tx.swap("versions", v.ID, v.Revision, values); err != nil {
		return err
	}
	v.Revision++
	tx.take(&v.Trail)
	return tx.useVendor(v)
}

// supersedeRequests ends the open request of a version whose stage changed by another door.
func (tx *txn) supersedeRequests(m *registry.Model, v *registry.Version) error {
	var ids []int64
	if err := tx.Table("requests").Where("version_id = ? AND state = 'open'", v.ID).Pluck("id", &ids).Error; err != nil {
		return fmt.Errorf("open requests: %w", err)
	}
	for _, id := range ids {
		err := tx.Exec("UPDATE requests SET state = 'superseded', decided_at = ?, revision = revision + 1 WHERE id = ?", ms(tx.s.Now()), id).Error
		if err != nil {
			return fmt.Errorf("supersede request: %w", err)
		}
		subject := v.Subject(m.Slug)
		subject.Kind, subject.ID = "request", id
		tx.Note("request.superseded", subject, nil, map[string]string{"stage": string(v.Stage)})
	}
	return nil
}

// Version finds a version by its model's slug and its label, with its model.
func (s *Store) Version(ctx context.Context, slug, label string) (registry.Model, registry.Version, error) {
	m, row, err := modelAndVersion(s.read.WithContext(ctx), slug, label)
	return m, row.version(), err
}

func modelAndVersion(q *gorm.DB, slug, label string) (registry.Model, versionRow, error) {
	var row struct {
		Model   modelRow   `gorm:"embedded;embeddedPrefix:m_"`
		Version versionRow `gorm:"embedded;embeddedPrefix:v_"`
	}
	res := q.Raw("SELECT "+columnsOf("m", modelRow{})+", "+columnsOf("v", versionRow{})+
		" FROM models m JOIN versions v ON v.model_id = m.id WHERE m.slug = ? AND v.label = ?", slug, label).Scan(&row)
	if res.Error != nil {
		return registry.Model{}, versionRow{}, fmt.Errorf("version: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return registry.Model{}, versionRow{}, fault.New(fault.NotFound, "There is no such version.")
	}
	return row.Model.model(), row.Version, nil
}

// Versions lists a model's versions, newest first, up to limit; before is the id of the last one seen, 0 at first.
func (s *Store) Versions(ctx context.Context, model, before int64, limit int) ([]registry.Version, error) {
	q := s.read.WithContext(ctx).Where("model_id = ?", model).Order("id DESC").Limit(limit)
	if before != 0 {
		q = q.Where("id < ?", before)
	}
	var rows []versionRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("versions: %w", err)
	}
	out := make([]registry.Version, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.version())
	}
	return out, nil
}

func versionByID(q *gorm.DB, id int64) (versionRow, error) {
	var row versionRow
	err := q.Where("id = ?", id).Take(&row).Error
	return row, found(err, "version")
}
