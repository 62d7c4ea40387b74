package store

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// facts reads everything a gate looks at, inside whichever transaction q is. Nothing is asked for
// twice: everybody whom the model, its plan and its waivers name is read at once, and so is the evidence
// of this version and of the one that serves.
func (s *Store) facts(q *gorm.DB, m registry.Model, row versionRow, p lifecycle.Policy) (lifecycle.Facts, error) {
	f, _, err := s.factsAndPeople(q, m, row, nil, p)
	return f, err
}

// factsAndPeople is facts for who wants to know more people; they come with the others.
func (s *Store) factsAndPeople(q *gorm.DB, m registry.Model, row versionRow, also []int64, p lifecycle.Policy) (lifecycle.Facts, map[int64]org.Person, error) {
	f := lifecycle.Facts{Model: m, Version: row.version()}
	plans, err := plansOf(q, m.ID)
	if err != nil {
		return f, nil, err
	}
	waivers, err := waiverRows(q, row.ID)
	if err != nil {
		return f, nil, err
	}
	ids := append(slices.Clone(also), m.OwnerID, m.DeputyID, f.Version.AuthorID)
	people, err := peopleByID(q, slices.Concat(ids, namedByPlans(m, plans), namedByWaivers(waivers)))
	if err != nil {
		return f, nil, err
	}
	f.Owner, f.Deputy, f.Author = people[m.OwnerID], people[m.DeputyID], people[f.Version.AuthorID]
	f.Waivers = namedWaivers(waivers, people)
	for _, step := range []func() error{
		func() (err error) { f.Team, err = teamByID(q, m.TeamID); return },
		func() (err error) { f.Labels, err = liveLabelsOf(q, m.ID); return },
		func() (err error) { f.Serving, err = servingNow(q, m.ID); return },
		func() error { return evidenceFacts(q, &f) },
		func() error { return s.releaseFact(q, &f) },
		func() error { return s.planFact(q, &f, plans, people, p) },
	} {
		if err := step(); err != nil {
			return f, people, err
		}
	}
	f.Editors = editorsOf(row, f)
	return f, people, nil
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

// evidenceFacts reads the evidence of the version and of the one that serves, which are compared.
func evidenceFacts(q *gorm.DB, f *lifecycle.Facts) error {
	ids := []int64{f.Version.ID}
	if f.Serving != nil && f.Serving.Version.ID != f.Version.ID {
		ids = append(ids, f.Serving.Version.ID)
	}
	all, err := evidenceByVersion(q, ids)
	if err != nil {
		return err
	}
	f.Evidence = all[f.Version.ID]
	if f.Serving != nil {
		f.Serving.Evidence = all[f.Serving.Version.ID]
	}
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

func (s *Store) planFact(q *gorm.DB, f *lifecycle.Facts, view PlanView, people map[int64]org.Person, p lifecycle.Policy) error {
	if err := s.surround(q, &view, f.Model, people, p); err != nil {
		return err
	}
	if view.Plan != nil && view.Plan.State != retirement.Approved {
		f.Plan.DraftState = string(view.Plan.State)
	}
	if view.InForce == nil {
		return nil
	}
	f.Plan.Plan, f.Plan.World = view.InForce, view.InForceContext
	holdPlan(f, day.Of(s.Now()))
	return nil
}

// holdPlan holds the plan in force to the version in question: the vendor's end that counts is that of the
// model which this version calls, whichever serves until then.
func holdPlan(f *lifecycle.Facts, today day.Day) {
	plan := f.Plan.Plan
	if plan == nil {
		return
	}
	if r := f.Version.Release; r.ModelID != "" {
		f.Plan.World.VendorEnd, f.Plan.World.Candidate.BuiltOn = f.Vendor.Entry.EndOfLife, builtOn(plan.Body.Candidate, r.Host, r.ModelID)
	}
	f.Plan.Findings, f.Plan.Runway = retirement.Stale(plan, f.Plan.World, today), plan.Body.Runway(f.Plan.World)
}

func (s *Store) releaseFact(q *gorm.DB, f *lifecycle.Facts) error {
	if f.Model.Kind != registry.GenAI || f.Version.Release.ModelID == "" {
		return nil
	}
	var err error
	r := f.Version.Release
	f.Vendor, err = s.vendorFact(q, r.Host, r.ModelID)
	f.Vendor = followed(f.Vendor, r)
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

// servingNow is what a model serves now with its version, nil when nothing.
func servingNow(q *gorm.DB, model int64) (*lifecycle.Serving, error) {
	var row struct {
		Record  servingRow `gorm:"embedded;embeddedPrefix:s_"`
		Version versionRow `gorm:"embedded;embeddedPrefix:v_"`
	}
	res := q.Raw("SELECT "+columnsOf("s", servingRow{})+", "+columnsOf("v", versionRow{})+
		" FROM serving_records s JOIN versions v ON v.id = s.version_id WHERE s.model_id = ? AND s.until = 0", model).Scan(&row)
	if res.Error != nil {
		return nil, fmt.Errorf("serving: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil, nil
	}
	return &lifecycle.Serving{Record: row.Record.record(), Version: row.Version.version()}, nil
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
	rows, err := waiverRows(q, version)
	if err != nil {
		return nil, err
	}
	people, err := peopleByID(q, namedByWaivers(rows))
	return namedWaivers(rows, people), err
}

// waiverRows are a version's newest waivers in the order in which they were asked for.
func waiverRows(q *gorm.DB, version int64) ([]waiverRow, error) {
	var rows []waiverRow
	if err := q.Where("version_id = ?", version).Order("id DESC").Limit(500).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("waivers: %w", err)
	}
	slices.Reverse(rows)
	return rows, nil
}

func namedByWaivers(rows []waiverRow) []int64 {
	ids := make([]int64, 0, 2*len(rows))
	for _, r := range rows {
		ids = append(ids, r.AskedBy, deref(r.DecidedBy))
	}
	return ids
}

func namedWaivers(rows []waiverRow, people map[int64]org.Person) []lifecycle.Waiver {
	out := make([]lifecycle.Waiver, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.waiver(people))
	}
	return out
}
