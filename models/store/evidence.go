package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/registry"
)

type evidenceRow struct {
	ID             int64
	ModelID        int64
	VersionID      int64
	VersionDigest  string
	Parts          asJSON[registry.Parts]
	Kind           string
	Outcome        string
	Metrics        asJSON[[]evidence.Metric]
	DatasetDigest  string
	Suite          string
	SuiteSHA256    string `gorm:"column:suite_sha256"`
	URL            string
	ArtifactSHA256 string `gorm:"column:artifact_sha256"`
	Note           string
	ExpiresAt      int64
	RecordedBy     *int64
	RecordedVia    string
	RecordedAt     int64
	Withdrawn      bool
}

func (evidenceRow) TableName() string { return "evidence" }

func (r evidenceRow) evidence() evidence.Evidence {
	return evidence.Evidence{ID: r.ID, ModelID: r.ModelID, VersionID: r.VersionID, VersionDigest: r.VersionDigest, Parts: r.Parts.V,
		Kind: evidence.Kind(r.Kind), Outcome: evidence.Outcome(r.Outcome), Metrics: r.Metrics.V, DatasetDigest: r.DatasetDigest,
		Suite: r.Suite, SuiteSHA256: r.SuiteSHA256, URL: r.URL, ArtifactSHA256: r.ArtifactSHA256, Note: r.Note,
		ExpiresAt: at(r.ExpiresAt), RecordedBy: deref(r.RecordedBy), RecordedVia: r.RecordedVia, RecordedAt: at(r.RecordedAt), Withdrawn: r.Withdrawn}
}

// AddEvidence records what fn makes for a version as it is now.
func (s *Store) AddEvidence(ctx context.Context, slug, label string, fn func(*registry.Model, *registry.Version, time.Time) (*evidence.Evidence, error)) (evidence.Evidence, error) {
	var out evidence.Evidence
	err := s.change(ctx, func(tx *txn) error {
		m, row, err := tx.lockVersion(slug, label)
		if err != nil {
			return err
		}
		v := row.version()
		e, err := fn(&m, &v, s.Now())
		if err != nil {
			return err
		}
		e.ModelID, e.VersionID, e.VersionDigest, e.Parts = m.ID, v.ID, v.Digest(), v.Parts()
		e.RecordedAt, e.RecordedBy, e.RecordedVia = s.Now(), tx.src.Actor.ID, tx.src.Actor.Via
		if err := tx.addEvidence(e); err != nil {
			return err
		}
		out = *e
		return tx.remember(row) // a list of evidence is bounded; who recorded it must not fall out of it
	})
	return out, err
}

func (tx *txn) addEvidence(e *evidence.Evidence) error {
	row := evidenceRow{ModelID: e.ModelID, VersionID: e.VersionID, VersionDigest: e.VersionDigest, Parts: wrap(e.Parts), Kind: string(e.Kind),
		Outcome: string(e.Outcome), Metrics: wrap(e.Metrics), DatasetDigest: e.DatasetDigest, Suite: e.Suite, SuiteSHA256: e.SuiteSHA256,
		URL: e.URL, ArtifactSHA256: e.ArtifactSHA256, Note: e.Note, ExpiresAt: ms(e.ExpiresAt), RecordedBy: ref(e.RecordedBy),
		RecordedVia: e.RecordedVia, RecordedAt: ms(e.RecordedAt)}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("add evidence: %w", err)
	}
	e.ID = row.ID
	e.Fill("evidence", e.ID)
	tx.take(&e.Trail)
	return nil
}

// WithdrawEvidence runs the rule that takes evidence back; it stays on record but no longer counts.
func (s *Store) WithdrawEvidence(ctx context.Context, slug, label string, id int64, fn func(*registry.Model, *evidence.Evidence) error) error {
	return s.change(ctx, func(tx *txn) error {
		m, v, err := tx.lockVersion(slug, label)
		if err != nil {
			return err
		}
		var row evidenceRow
		if err := tx.Where("id = ? AND version_id = ?", id, v.ID).Take(&row).Error; err != nil {
			return found(err, "evidence")
		}
		e := row.evidence()
		if e.Withdrawn {
			return fault.New(fault.Conflict, "This evidence is withdrawn already.")
		}
		if err := fn(&m, &e); err != nil {
			return err
		}
		if err := tx.Table("evidence").Where("id = ?", id).Update("withdrawn", e.Withdrawn).Error; err != nil {
			return fmt.Errorf("withdraw evidence: %w", err)
		}
		if err := tx.remember(v); err != nil {
			return err
		}
		tx.take(&e.Trail)
		return nil
	})
}

// remember counts the person among the version's editors: whoever recorded evidence, or chose which
// counts, does not decide on it.
func (tx *txn) remember(v versionRow) error {
	id := tx.src.Actor.ID
	if id == 0 || slices.Contains(v.Editors.V, id) {
		return nil
	}
	if err := tx.Table("versions").Where("id = ?", v.ID).Update("editors", wrap(append(v.Editors.V, id))).Error; err != nil {
		return fmt.Errorf("remember editor: %w", err)
	}
	return nil
}

// Evidence lists a version's evidence, newest first.
func (s *Store) Evidence(ctx context.Context, version int64) ([]evidence.Evidence, error) {
	return evidenceOf(s.read.WithContext(ctx), version)
}

const mostEvidence = 500 // of a version, newest first

func evidenceOf(q *gorm.DB, version int64) ([]evidence.Evidence, error) {
	all, err := evidenceByVersion(q, []int64{version})
	return all[version], err
}

func evidenceByVersion(q *gorm.DB, versions []int64) (map[int64][]evidence.Evidence, error) {
	var rows []evidenceRow
	if err := q.Where("version_id IN ?", versions).Order("id DESC").Limit(mostEvidence * len(versions)).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	out := map[int64][]evidence.Evidence{}
	for _, v := range versions {
		out[v] = []evidence.Evidence{}
	}
	for _, r := range rows {
		out[r.VersionID] = append(out[r.VersionID], r.evidence())
	}
	return out, nil
}
