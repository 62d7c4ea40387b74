package store

import (
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// facts reads everything a gate looks at, inside whichever transaction q is.
func (s *Store) facts(q *gorm.DB, m registry.Model, row versionRow, p lifecycle.Policy) (lifecycle.Facts, error) {
	f := lifecycle.Facts{Model: m, Version: row.version()}
	for _, step := range []func() error{
		func() error { return s.peopleFacts(q, &f) },
		func() (err error) { f.Team, err = teamByID(q, m.TeamID); return },
		func() (err error) { f.Evidence, err = evidenceOf(q, row.ID); return },
		func() (err error) { f.Waivers, err = waiversOf(q, row.ID); return },
		func() (err error) { f.Labels, err = liveLabelsOf(q, m.ID); return },
		func() error { return s.planFact(q, &f, p) },
		func() (err error) { f.Serving, err = servingNow(q, m.ID); return },
		func() error { return s.releaseFact(q, &f) },
	} {
		if err := step(); err != nil {
			return f, err
		}
	}
	f.Editors = editorsOf(row, f)
	return f, nil
}

// editorsOf are the people whose hands are in what is decided: who changed the version or recorded
// evidence for it.
func editorsOf(row versionRow, f lifecycle.Facts) []int64 {
	ids := slices.Clone(row.Editors.V)
	for _, e := range f.Evidence {
		if e.RecordedBy != 0 {
			ids = append(ids, e.RecordedBy)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(ids)))
}

func (s *Store) peopleFacts(q *gorm.DB, f *lifecycle.Facts) error {
	people, err := peopleByID(q, []int64{f.Model.OwnerID, f.Model.DeputyID, f.Version.AuthorID})
	if err != nil {
		return err
	}
	f.Owner, f.Deputy, f.Author = people[f.Model.OwnerID], people[f.Model.DeputyID], people[f.Version.AuthorID]
	return nil
}

// liveLabelsOf are the labels of a model's versions that are not retired.
func liveLabelsOf(q *gorm.DB, model int64) ([]string, error) {
	return labelsOf(q.Where("stage <> 'retired'"), model)
}

func labelsOf(q *gorm.DB, model int64) ([]string, error) {
	var labels []string
	err := q.Table("versions").Where("model_id = ?", model).Order("id DESC").Limit(1000).Pluck("label", &labels).Error
	if err != nil {
		return nil, fmt.Errorf("version labels: %w", err)
	}
	return labels, nil
}

func (s *Store) planFact(q *gorm.DB, f *lifecycle.Facts, p lifecycle.Policy) error {
	view, err := s.planView(q, f.Model, p)
	if err != nil {
		return err
	}
	if view.Plan != nil && view.Plan.State != retirement.Approved {
		f.Plan.DraftState = string(view.Plan.State)
	}
	if view.InForce == nil {
		return nil
	}
	c := view.InForceContext
	f.Plan.Plan = view.InForce
	f.Plan.Findings = retirement.Stale(view.InForce, c, day.Of(s.Now()))
	f.Plan.Runway = view.InForce.Body.Runway(c)
	return nil
}

func (s *Store) releaseFact(q *gorm.DB, f *lifecycle.Facts) error {
	if f.Model.Kind != registry.GenAI || f.Version.Release.ModelID == "" {
		return nil
	}
	var err error
	f.Vendor, err = s.vendorFact(q, f.Version.Release.Host, f.Version.Release.ModelID)
	return err
}

type servingRow struct {
	ID             int64
	ModelID        int64
	VersionID      int64
	Since          int64
	Until          int64
	RequestID      *int64
	How            string
	ApprovedDigest string
	ApprovedBy     asJSON[[]registry.Approver]
}

func (servingRow) TableName() string { return "serving_records" }

func (r servingRow) record() registry.ServingRecord {
	return registry.ServingRecord{ID: r.ID, ModelID: r.ModelID, VersionID: r.VersionID, Since: at(r.Since), Until: at(r.Until),
		RequestID: deref(r.RequestID), How: r.How, ApprovedDigest: r.ApprovedDigest, ApprovedBy: r.ApprovedBy.V}
}

// servingNow is what a model serves now with its version and evidence, nil when nothing.
func servingNow(q *gorm.DB, model int64) (*lifecycle.Serving, error) {
	var row servingRow
	err := q.Where("model_id = ? AND until = 0", model).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("serving: %w", err)
	}
	v, err := versionByID(q, row.VersionID)
	if err != nil {
		return nil, err
	}
	ev, err := evidenceOf(q, v.ID)
	return &lifecycle.Serving{Record: row.record(), Version: v.version(), Evidence: ev}, err
}

type waiverRow struct {
	ID            int64
	ModelID       int64
	VersionID     int64
	VersionDigest string
	CheckKey      string
	Reason        string
	Until         string
	State         string
	AskedBy       int64
	AskedAt       int64
	DecidedBy     *int64
	DecidedAt     int64
	Answer        string
	Revision      int64
}

func (waiverRow) TableName() string { return "waivers" }

func (r waiverRow) waiver(people map[int64]org.Person) lifecycle.Waiver {
	return lifecycle.Waiver{ID: r.ID, ModelID: r.ModelID, VersionID: r.VersionID, Digest: r.VersionDigest, Key: r.CheckKey, Reason: r.Reason,
		Until: day.Day(r.Until), State: lifecycle.WaiverState(r.State), AskedBy: r.AskedBy, Asker: people[r.AskedBy].Name, AskedAt: at(r.AskedAt),
		DecidedBy: deref(r.DecidedBy), Decider: people[deref(r.DecidedBy)].Name, DecidedAt: at(r.DecidedAt), Answer: r.Answer, Revision: r.Revision}
}

func waiversOf(q *gorm.DB, version int64) ([]lifecycle.Waiver, error) {
	var rows []waiverRow
	if err := q.Where("version_id = ?", version).Order("id").Limit(500).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("waivers: %w", err)
	}
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.AskedBy, deref(r.DecidedBy))
	}
	people, err := peopleByID(q, ids)
	if err != nil {
		return nil, err
	}
	out := make([]lifecycle.Waiver, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.waiver(people))
	}
	return out, nil
}
