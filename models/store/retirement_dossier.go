package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// sealedDossier is everything about a model at its end, from lineage to certificates, in canonical JSON.
// Format grows when its shape changes: an older dossier stays what it was.
type sealedDossier struct {
	Format   string                   `json:"format"`
	Model    map[string]any           `json:"model"`
	Versions []sealedVersion          `json:"versions"`
	Serving  []sealedServing          `json:"serving"`
	Plan     map[string]any           `json:"plan"`
	Workflow retirement.SealedContent `json:"retirement"`
	Policy   string                   `json:"policy_version"`
	After    retirement.Position      `json:"audit_head"` // the last event before the one that seals
	SealedAt time.Time                `json:"sealed_at"`
}

type sealedVersion struct {
	Label    string              `json:"label"`
	Digest   string              `json:"digest"`
	Author   string              `json:"author"`
	Lineage  *registry.Lineage   `json:"lineage,omitempty"`
	Release  *registry.Release   `json:"release,omitempty"`
	Stage    registry.Stage      `json:"stage"`
	Closed   string              `json:"closed_reason,omitempty"`
	Evidence []evidence.Evidence `json:"evidence"`
}

type sealedServing struct {
	Version        string              `json:"version"`
	Since          time.Time           `json:"since"`
	Until          time.Time           `json:"until"`
	How            string              `json:"how"`
	Request        int64               `json:"request"`
	ApprovedDigest string              `json:"approved_digest"`
	ApprovedBy     []registry.Approver `json:"approved_by"`
}

// sealDossier writes the dossier of a workflow that is being sealed and puts its hash on record. It reads
// inside the transaction what the transaction is about to save.
func (tx *txn) sealDossier(view *RetirementView, p lifecycle.Policy) error {
	w, c := view.Workflow, view.World
	d := sealedDossier{Format: "sundial-retirement-dossier/1", Policy: p.Version(), SealedAt: w.SealedAt, Workflow: w.Content()}
	for _, read := range []func() error{
		func() error { return tx.sealedModel(&d, c) },
		func() error { return tx.sealedVersions(&d, c) },
		func() error { return tx.sealedServing(&d, w) },
		func() error { return tx.sealedPlan(&d, w) },
		func() error {
			var head headRow
			if err := tx.s.locked(tx.DB).Where("id = 1").Take(&head).Error; err != nil {
				return fmt.Errorf("audit head: %w", err)
			}
			d.After = retirement.Position{Seq: head.Seq, Hash: head.Hash}
			return nil
		},
	} {
		if err := read(); err != nil {
			return err
		}
	}
	raw, err := audit.Canonical(d)
	if err != nil {
		return fmt.Errorf("write dossier: %w", err)
	}
	sha, err := tx.keepBlob(raw)
	if err != nil {
		return err
	}
	w.SealWith(sha, c)
	return nil
}

func (tx *txn) sealedModel(d *sealedDossier, c *retirement.World) error {
	m := c.Model
	team, err := teamByID(tx.DB, m.TeamID)
	if err != nil {
		return err
	}
	d.Model = map[string]any{"slug": m.Slug, "name": m.Name, "kind": m.Kind, "purpose": m.Purpose, "team": team.Name, "tier": m.Tier,
		"owner": c.People[m.OwnerID].Name, "deputy": c.People[m.DeputyID].Name, "sla": m.SLA, "consumers": m.Consumers, "created_at": m.CreatedAt}
	return nil
}

func (tx *txn) sealedVersions(d *sealedDossier, c *retirement.World) error {
	var rows []versionRow
	if err := tx.Where("model_id = ?", c.Model.ID).Order("id").Find(&rows).Error; err != nil {
		return fmt.Errorf("versions of a dossier: %w", err)
	}
	ids, authors := make([]int64, 0, len(rows)), make([]int64, 0, len(rows))
	for _, r := range rows {
		v := r.version()
		ids, authors = append(ids, v.ID), append(authors, v.AuthorID)
	}
	all, err := evidenceByVersion(tx.DB, ids)
	if err != nil {
		return err
	}
	people, err := peopleByID(tx.DB, authors)
	if err != nil {
		return err
	}
	now := map[int64]*registry.Version{}
	for _, v := range versionsAround(c) {
		now[v.ID] = v
	}
	for _, r := range rows {
		v := r.version()
		if changed := now[v.ID]; changed != nil {
			v = *changed
		}
		out := sealedVersion{Label: v.Label, Digest: v.Digest(), Author: people[v.AuthorID].Name, Stage: v.Stage, Closed: v.ClosedReason, Evidence: all[v.ID]}
		if v.Kind == registry.GenAI {
			out.Release = &v.Release
		} else {
			out.Lineage = &v.Lineage
		}
		d.Versions = append(d.Versions, out)
	}
	return nil
}

func (tx *txn) sealedServing(d *sealedDossier, w *retirement.Workflow) error {
	var rows []struct {
		Label  string
		Record servingRow `gorm:"embedded;embeddedPrefix:s_"`
	}
	err := tx.Raw("SELECT v.label, "+columnsOf("s", servingRow{})+" FROM serving_records s JOIN versions v ON v.id = s.version_id WHERE s.model_id = ? ORDER BY s.since, s.id", w.ModelID).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("serving of a dossier: %w", err)
	}
	for _, r := range rows {
		rec := r.Record.record()
		if rec.Until.IsZero() {
			rec.Until = w.DisabledAt
		}
		d.Serving = append(d.Serving, sealedServing{Version: r.Label, Since: rec.Since, Until: rec.Until, How: rec.How, Request: rec.RequestID,
			ApprovedDigest: rec.ApprovedDigest, ApprovedBy: rec.ApprovedBy})
	}
	return nil
}

func (tx *txn) sealedPlan(d *sealedDossier, w *retirement.Workflow) error {
	var row planRow
	if err := tx.Where("model_id = ? AND number = ?", w.ModelID, w.PlanNumber).Take(&row).Error; err != nil {
		return found(err, "plan")
	}
	plan := row.plan()
	people, err := peopleByID(tx.DB, hands(plan))
	if err != nil {
		return err
	}
	d.Plan = map[string]any{"number": plan.Number, "digest": w.PlanDigest, "body": w.Plan, "author": people[plan.AuthorID].Name,
		"approved_by": people[plan.ApprovedBy].Name, "approved_at": plan.ApprovedAt, "confirmed_for": plan.ConfirmedFor}
	return nil
}

// SealedDossier is the sealed dossier of a workflow, byte for byte as it was hashed.
func (s *Store) SealedDossier(ctx context.Context, w *retirement.Workflow) ([]byte, error) {
	if w.DossierSHA == "" {
		return nil, fault.New(fault.NotFound, "This retirement is not sealed yet.")
	}
	return s.Blob(ctx, w.DossierSHA)
}

// positionOf is where the last event of this verb about a workflow stands in the trail.
func positionOf(q *gorm.DB, workflow int64, verb string) (retirement.Position, error) {
	var row eventRow
	err := q.Where("subject_kind = 'retirement' AND subject_id = ? AND verb = ?", workflow, verb).Order("seq DESC").Limit(1).Find(&row).Error
	if err != nil {
		return retirement.Position{}, fmt.Errorf("position in the trail: %w", err)
	}
	return retirement.Position{Seq: row.Seq, Hash: row.Hash}, nil
}
