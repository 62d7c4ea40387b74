package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
)

// How much of a model its page shows at once; the rest is one link away.
const (
	pageVersions = 50
	pageServed   = 10
	pageRequests = 10
)

// ModelView is everything a model's page answers with.
type ModelView struct {
	Facts    lifecycle.Facts   // of Focus; its Version is zero when the model has none
	Focus    *registry.Version // the furthest version on its way, or the one that serves; nil when there is none
	Serving  *lifecycle.Facts  // of the version in production, nil when nothing serves
	Versions []registry.Version
	More     bool // there are older versions than those listed
	People   map[int64]org.Person
	Served   []ServingRow
	Open     []RequestRow
	Imported []ImportedFact
	Pulse    Pulse // traffic and monitoring
}

// ImportedFact says which row of which inventory reported a model.
type ImportedFact struct {
	Inventory string
	FileName  string
	Row       int64
	ImportID  int64
	Vanished  bool // a later list of this inventory no longer has it
}

// ModelView reads a model's page: its facts, what serves and served, what waits.
func (s *Store) ModelView(ctx context.Context, slug string, p lifecycle.Policy) (*ModelView, error) {
	q := s.read.WithContext(ctx)
	m, err := modelBySlug(q, slug)
	if err != nil {
		return nil, err
	}
	var rows []versionRow
	if err := q.Where("model_id = ?", m.ID).Order("id DESC").Limit(pageVersions + 1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("model view: %w", err)
	}
	view := &ModelView{More: len(rows) > pageVersions}
	rows = rows[:min(len(rows), pageVersions)]
	focus := focusOf(rows)
	if view.Facts, err = s.facts(q, m, focus, p); err != nil {
		return nil, err
	}
	if focus.ID != 0 {
		view.Focus = &view.Facts.Version
	}
	if view.Serving, err = s.servingFacts(q, view.Facts); err != nil {
		return nil, err
	}
	for _, r := range rows {
		view.Versions = append(view.Versions, r.version())
	}
	for _, step := range []func() error{
		func() (err error) { view.People, err = authorsOf(q, view); return },
		func() (err error) { view.Served, err = s.ServingHistory(ctx, m.ID, pageServed); return },
		func() (err error) { view.Pulse, err = s.pulse(ctx, m.ID); return },
		func() (err error) { view.Imported, err = importedFacts(q, m.ID); return },
		func() error {
			open, err := s.Requests(ctx, RequestFilter{Model: m.ID, State: lifecycle.Open}, "", pageRequests)
			view.Open = open.Rows
			return err
		},
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return view, nil
}

// focusOf picks the version the page is about: the furthest one on its way, and of equally far ones the
// newest. A superseded version waits for a return, not for its promotion. With nothing newer than what
// serves, it is what serves.
func focusOf(rows []versionRow) versionRow {
	var focus, serving versionRow
	for _, r := range rows { // newest first
		stage := registry.Stage(r.Stage)
		switch {
		case stage == registry.Production:
			serving = r
		case stage == registry.Retired || r.SupersededAt != 0:
		case focus.ID == 0 || stage.Rank() > registry.Stage(focus.Stage).Rank():
			focus = r
		}
	}
	if serving.ID != 0 && focus.ID < serving.ID {
		return serving
	}
	if focus.ID == 0 { // only superseded or retired ones are left
		for _, r := range rows {
			if r.Stage != string(registry.Retired) {
				return r
			}
		}
	}
	return focus
}

// servingFacts are the facts of the version in production, made from those of the focus: the people, the
// team, the plan and the labels are the model's. Whether the plan holds differs with the vendor's model.
func (s *Store) servingFacts(q *gorm.DB, f lifecycle.Facts) (*lifecycle.Facts, error) {
	if f.Serving == nil {
		return nil, nil
	}
	if f.Serving.Version.ID == f.Version.ID {
		return &f, nil
	}
	f.Version, f.Evidence, f.Editors, f.Vendor = f.Serving.Version, f.Serving.Evidence, nil, lifecycle.VendorFact{}
	var err error
	if f.Waivers, err = waiversOf(q, f.Version.ID); err != nil {
		return nil, err
	}
	if err = s.releaseFact(q, &f); err != nil {
		return nil, err
	}
	holdPlan(&f, day.Of(s.Now()))
	return &f, nil
}

func authorsOf(q *gorm.DB, view *ModelView) (map[int64]org.Person, error) {
	ids := make([]int64, 0, len(view.Versions))
	for _, v := range view.Versions {
		if v.AuthorID != 0 {
			ids = append(ids, v.AuthorID)
		}
	}
	return peopleByID(q, ids)
}

func importedFacts(q *gorm.DB, model int64) ([]ImportedFact, error) {
	var out []ImportedFact
	err := q.Table("imported_records r").Joins("JOIN imports i ON i.id = r.import_id").
		Select("r.inventory, i.file_name, r.row_no AS row, r.import_id, r.vanished_in IS NOT NULL AS vanished").
		Where("r.model_id = ?", model).Order("r.import_id DESC, r.row_no").Limit(10).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("imported facts: %w", err)
	}
	return out, nil
}

// ChangeBasics runs a rule on a model's own facts and tells it whether versions exist: some facts are
// fixed with the first. A revision of 0 means whatever is there now.
func (s *Store) ChangeBasics(ctx context.Context, slug string, revision int64, fn func(m *registry.Model, hasVersions bool) error) (registry.Model, error) {
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
		has, err := hasVersions(tx.DB, m.ID)
		if err != nil {
			return err
		}
		before := m
		if err := fn(&m, has); err != nil {
			return err
		}
		if err := tx.saveModel(&m); err != nil {
			return err
		}
		if err := tx.rememberHands(before); err != nil {
			return err
		}
		return tx.Table("models").Where("id = ?", m.ID).Update("kind", string(m.Kind)).Error
	})
	return m, err
}

// HasVersions reports whether a model has any version.
func (s *Store) HasVersions(ctx context.Context, model int64) (bool, error) {
	return hasVersions(s.read.WithContext(ctx), model)
}

func hasVersions(q *gorm.DB, model int64) (bool, error) {
	var id int64
	if err := q.Table("versions").Select("id").Where("model_id = ?", model).Limit(1).Scan(&id).Error; err != nil {
		return false, fmt.Errorf("versions: %w", err)
	}
	return id != 0, nil
}

// Labels are the labels of a model's versions, newest first, up to 1,000.
func (s *Store) Labels(ctx context.Context, model int64) ([]string, error) {
	return labelsOf(s.read.WithContext(ctx), model)
}

// VersionPair finds two versions of a model at once.
func (s *Store) VersionPair(ctx context.Context, slug, a, b string) (m registry.Model, first, second registry.Version, err error) {
	q := s.read.WithContext(ctx)
	if m, err = modelBySlug(q, slug); err != nil {
		return
	}
	var rows []versionRow
	if err = q.Where("model_id = ? AND label IN ?", m.ID, []string{a, b}).Find(&rows).Error; err != nil {
		return m, first, second, fmt.Errorf("version pair: %w", err)
	}
	for _, x := range []struct {
		label string
		into  *registry.Version
	}{{a, &first}, {b, &second}} {
		i := slices.IndexFunc(rows, func(r versionRow) bool { return r.Label == x.label })
		if i < 0 {
			return m, first, second, fault.New(fault.NotFound, "There is no such version.")
		}
		*x.into = rows[i].version()
	}
	return m, first, second, nil
}

// LastChange is the newest event about a record, nil when there is none.
func (s *Store) LastChange(ctx context.Context, kind string, id int64) (*audit.Event, error) {
	events, err := s.Events(ctx, EventFilter{Kind: kind, Subject: id}, 1)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	return &events[0], nil
}

// Directory reads who is meant by ids of people, and every team, for the rules that name them. Ids that
// nobody has are left out.
func (s *Store) Directory(ctx context.Context, people ...int64) (registry.Directory, error) {
	dir := registry.Directory{Teams: map[int64]org.Team{}}
	teams, err := s.Teams(ctx)
	if err != nil {
		return dir, err
	}
	for _, t := range teams {
		dir.Teams[t.ID] = t
	}
	dir.People, err = s.PeopleByID(ctx, people)
	return dir, err
}
