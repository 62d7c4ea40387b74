package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/registry"
)

type suiteRow struct {
	ID        int64
	Name      string
	TeamID    int64
	Purpose   string
	Versions  int64 // how many
	Revision  int64
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

func (suiteRow) TableName() string { return "suites" }

func (r suiteRow) record() registry.SuiteRecord {
	return registry.SuiteRecord{ID: r.ID, Name: r.Name, TeamID: r.TeamID, Purpose: r.Purpose, Revision: r.Revision, CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt)}
}

type suiteVersionRow struct {
	ID         int64
	SuiteID    int64
	Label      string
	SHA256     string `gorm:"column:sha256"`
	Repo, Path string
	CodeCommit string
	URL        string
	Thresholds asJSON[[]registry.Threshold]
	Note       string
	AuthorID   *int64
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

func (suiteVersionRow) TableName() string { return "suite_versions" }

func (r suiteVersionRow) version() registry.SuiteVersion {
	return registry.SuiteVersion{ID: r.ID, SuiteID: r.SuiteID, Label: r.Label, SHA256: r.SHA256, Repo: r.Repo, Path: r.Path, Commit: r.CodeCommit, URL: r.URL,
		Thresholds: r.Thresholds.V, Note: r.Note, AuthorID: deref(r.AuthorID), CreatedAt: at(r.CreatedAt)}
}

// SuiteListed is a suite in the list.
type SuiteListed struct {
	registry.SuiteRecord
	Team, TeamSlug string
	Versions       int    // how many
	SHA256         string // of the newest
	UsedBy         int    // models with a live version that uses any of its versions
}

type suiteListRow struct {
	Suite          suiteRow `gorm:"embedded"`
	Team, TeamSlug string
	Newest         string
	UsedBy         int
}

func (r suiteListRow) listed() SuiteListed {
	return SuiteListed{SuiteRecord: r.Suite.record(), Team: r.Team, TeamSlug: r.TeamSlug, Versions: int(r.Suite.Versions), SHA256: r.Newest, UsedBy: r.UsedBy}
}

var suiteColumns = "x.*, t.name AS team, t.slug AS team_slug, " + usedByModels("suite", "suite_versions", "suite_id") +
	", COALESCE((SELECT pv.sha256 FROM suite_versions pv WHERE pv.suite_id = x.id ORDER BY pv.id DESC LIMIT 1), '') AS newest"

// Suites is one page of the registered suites, by name.
func (s *Store) Suites(ctx context.Context, f NamedFilter, after string, limit int) (Page[SuiteListed], error) {
	q := s.narrowNamed(s.read.WithContext(ctx), "suites", f)
	if f.Show == "unused" {
		q = unused(q, "suite", "suite_versions", "suite_id")
	}
	page, err := pageByName(q, suiteColumns, after, limit, func(r suiteListRow) string { return r.Suite.Name }, suiteListRow.listed)
	if _, known := fault.As(err); err != nil && !known {
		err = fmt.Errorf("suites: %w", err)
	}
	return page, err
}

// CountSuites counts what Suites lists, up to CountLimit.
func (s *Store) CountSuites(ctx context.Context, f NamedFilter) (Figure, error) {
	q := s.narrowNamed(s.read.WithContext(ctx), "suites", f)
	if f.Show == "unused" {
		q = unused(q, "suite", "suite_versions", "suite_id")
	}
	return s.countNamed(ctx, q, "suites")
}

// EachSuite calls fn for every suite of the filtered list; for exports.
func (s *Store) EachSuite(ctx context.Context, f NamedFilter, fn func(SuiteListed) error) error {
	return eachPage(func(after string) (Page[SuiteListed], error) { return s.Suites(ctx, f, after, 500) }, fn)
}

// Suite finds a registered suite.
func (s *Store) Suite(ctx context.Context, name string) (SuiteListed, error) {
	var r suiteListRow
	res := s.narrowNamed(s.read.WithContext(ctx), "suites", NamedFilter{}).Select(suiteColumns).Where("x.name = ?", name).Limit(1).Scan(&r)
	if res.Error != nil {
		return SuiteListed{}, fmt.Errorf("suite: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return SuiteListed{}, fault.New(fault.NotFound, "There is no such suite.")
	}
	return r.listed(), nil
}

// SuiteVersions lists versions of a suite, newest first; before is the id of the last one seen, 0 at first.
func (s *Store) SuiteVersions(ctx context.Context, suite, before int64, limit int) ([]registry.SuiteVersion, error) {
	q := s.read.WithContext(ctx).Where("suite_id = ?", suite).Order("id DESC").Limit(limit)
	if before != 0 {
		q = q.Where("id < ?", before)
	}
	var rows []suiteVersionRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("suite versions: %w", err)
	}
	out := make([]registry.SuiteVersion, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.version())
	}
	return out, nil
}

// SuiteChoice is a version of a registered suite by its suite's name.
type SuiteChoice struct {
	Suite, Team string
	registry.SuiteVersion
}

type suiteChoiceRow struct {
	Version suiteVersionRow `gorm:"embedded"`
	Suite   string
	Team    string
}

// SuiteByVersion finds a version of any suite by its id.
func (s *Store) SuiteByVersion(ctx context.Context, id int64) (SuiteChoice, error) {
	return s.suiteChoice(ctx, "", "v.id = ?", id)
}

// SuiteByHash finds the registered suite version of a hash. Where several suites have it, the one of this
// name goes before the newest.
func (s *Store) SuiteByHash(ctx context.Context, name, hash string) (SuiteChoice, error) {
	return s.suiteChoice(ctx, name, "v.sha256 = ?", hash)
}

func (s *Store) suiteChoice(ctx context.Context, name, cond string, arg any) (SuiteChoice, error) {
	var r suiteChoiceRow
	res := s.read.WithContext(ctx).Table("suite_versions v").Joins("JOIN suites x ON x.id = v.suite_id JOIN teams t ON t.id = x.team_id").
		Select("v.*, x.name AS suite, t.name AS team").Where(cond, arg).
		Clauses(clause.OrderBy{Expression: clause.Expr{SQL: "CASE WHEN x.name = ? THEN 0 ELSE 1 END, v.id DESC", Vars: []any{name}}}).Limit(1).Scan(&r)
	if res.Error != nil {
		return SuiteChoice{}, fmt.Errorf("suite version: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return SuiteChoice{}, fault.New(fault.NotFound, "There is no such version of a suite.")
	}
	return SuiteChoice{Suite: r.Suite, Team: r.Team, SuiteVersion: r.Version.version()}, nil
}

// SuiteChoices are the newest versions of suites, those of a team first, at most limit. The version that
// own names stands first, whether it is the newest or not: by its hash, and among several with that hash by
// its suite's name.
func (s *Store) SuiteChoices(ctx context.Context, team int64, own registry.Suite, limit int) ([]SuiteChoice, error) {
	var rows []suiteChoiceRow
	err := s.read.WithContext(ctx).Raw(`SELECT v.*, x.name AS suite, t.name AS team FROM suites x JOIN teams t ON t.id = x.team_id JOIN suite_versions v ON v.suite_id = x.id
		WHERE v.id = (SELECT MAX(n.id) FROM suite_versions n WHERE n.suite_id = x.id) OR v.sha256 = ?
		ORDER BY CASE WHEN v.sha256 = ? AND x.name = ? THEN 0 WHEN v.sha256 = ? THEN 1 WHEN x.team_id = ? THEN 2 ELSE 3 END, x.name, v.id DESC LIMIT ?`,
		own.SHA256, own.SHA256, own.Name, own.SHA256, team, limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("suite choices: %w", err)
	}
	out := make([]SuiteChoice, 0, len(rows))
	for _, r := range rows {
		out = append(out, SuiteChoice{Suite: r.Suite, Team: r.Team, SuiteVersion: r.Version.version()})
	}
	return out, nil
}

// SuiteResult is one recorded run of a suite version.
type SuiteResult struct {
	SHA256                      string // of the suite version
	Model, Slug, Version, Stage string
	Outcome                     string
	Metrics                     []evidence.Metric
	At                          time.Time
	Withdrawn                   bool
	Current                     bool // the version is still what was measured
}

// SuiteResults lists the runs of suite versions of these hashes, newest first, at most limit.
func (s *Store) SuiteResults(ctx context.Context, hashes []string, limit int) ([]SuiteResult, error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	var rows []struct {
		SHA256                      string `gorm:"column:sha256"`
		Model, Slug, Version, Stage string
		Outcome                     string
		Metrics                     asJSON[[]evidence.Metric]
		RecordedAt                  int64
		Withdrawn, Current          bool
	}
	err := s.read.WithContext(ctx).Table("evidence e").Joins("JOIN versions v ON v.id = e.version_id JOIN models m ON m.id = e.model_id").
		Select("e.suite_sha256 AS sha256, m.name AS model, m.slug, v.label AS version, v.stage, e.outcome, e.metrics, e.recorded_at, e.withdrawn, (e.version_digest = v.digest) AS current").
		Where("e.suite_sha256 <> '' AND e.suite_sha256 IN ? AND e.kind = 'evaluation'", hashes).Order("e.id DESC").Limit(limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("suite results: %w", err)
	}
	out := make([]SuiteResult, 0, len(rows))
	for _, r := range rows {
		out = append(out, SuiteResult{SHA256: r.SHA256, Model: r.Model, Slug: r.Slug, Version: r.Version, Stage: r.Stage, Outcome: r.Outcome,
			Metrics: r.Metrics.V, At: at(r.RecordedAt), Withdrawn: r.Withdrawn, Current: r.Current})
	}
	return out, nil
}

// AddSuite registers what fn makes, a suite with its first version.
func (s *Store) AddSuite(ctx context.Context, fn func(time.Time) (*registry.SuiteRecord, *registry.SuiteVersion, error)) (registry.SuiteRecord, registry.SuiteVersion, error) {
	var p registry.SuiteRecord
	var v registry.SuiteVersion
	err := s.change(ctx, func(tx *txn) error {
		np, nv, err := fn(s.Now())
		if err != nil {
			return err
		}
		if err := tx.teamIsThere(np.TeamID); err != nil {
			return err
		}
		row := suiteRow{Name: np.Name, TeamID: np.TeamID, Purpose: np.Purpose, Versions: 1, Revision: 1, CreatedAt: ms(s.Now()), UpdatedAt: ms(s.Now())}
		if err := tx.Create(&row).Error; err != nil {
			if duplicate(err) {
				return fault.At("name", "There is a suite of this name already. Add a version to it, or choose another name.")
			}
			return fmt.Errorf("add suite: %w", err)
		}
		np.ID, nv.SuiteID = row.ID, row.ID
		np.Fill("suite", np.ID)
		if err := tx.addSuiteVersion(nv); err != nil {
			return err
		}
		tx.take(&np.Trail)
		p, v = *np, *nv
		return nil
	})
	return p, v, err
}

func (tx *txn) addSuiteVersion(v *registry.SuiteVersion) error {
	row := suiteVersionRow{SuiteID: v.SuiteID, Label: v.Label, SHA256: v.SHA256, Repo: v.Repo, Path: v.Path, CodeCommit: v.Commit, URL: v.URL,
		Thresholds: wrap(v.Thresholds), Note: v.Note, AuthorID: ref(v.AuthorID), CreatedAt: ms(v.CreatedAt)}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("add suite version: %w", err)
	}
	v.ID = row.ID
	return nil
}

func (tx *txn) lockSuite(name string, revision int64) (registry.SuiteRecord, error) {
	var row suiteRow
	if err := tx.s.locked(tx.DB).Where("name = ?", name).Take(&row).Error; err != nil {
		return registry.SuiteRecord{}, found(err, "suite")
	}
	if revision != 0 && row.Revision != revision {
		return registry.SuiteRecord{}, stale()
	}
	return row.record(), tx.actorStands()
}

// ChangeSuite runs a rule on a suite; revision is what the form was made from.
func (s *Store) ChangeSuite(ctx context.Context, name string, revision int64, fn func(*registry.SuiteRecord, time.Time) error) error {
	return s.change(ctx, func(tx *txn) error {
		p, err := tx.lockSuite(name, revision)
		if err != nil {
			return err
		}
		if err := fn(&p, s.Now()); err != nil {
			return err
		}
		tx.take(&p.Trail)
		if err := tx.teamIsThere(p.TeamID); err != nil {
			return err
		}
		return tx.swap("suites", p.ID, p.Revision, map[string]any{"team_id": p.TeamID, "purpose": p.Purpose, "updated_at": ms(s.Now())})
	})
}

// AddSuiteVersion adds the version that fn makes from the suite and the versions it has.
func (s *Store) AddSuiteVersion(ctx context.Context, name string, fn func(*registry.SuiteRecord, []registry.SuiteVersion, time.Time) (*registry.SuiteVersion, error)) (registry.SuiteVersion, error) {
	var out registry.SuiteVersion
	err := s.change(ctx, func(tx *txn) error {
		p, err := tx.lockSuite(name, 0)
		if err != nil {
			return err
		}
		var rows []suiteVersionRow
		if err := tx.Table("suite_versions").Select("id, label, sha256").Where("suite_id = ?", p.ID).Find(&rows).Error; err != nil {
			return fmt.Errorf("suite versions: %w", err)
		}
		have := make([]registry.SuiteVersion, 0, len(rows))
		for _, r := range rows {
			have = append(have, r.version())
		}
		v, err := fn(&p, have, s.Now())
		if err != nil {
			return err
		}
		if err := tx.addSuiteVersion(v); err != nil {
			return err
		}
		out = *v
		tx.take(&p.Trail)
		return tx.swap("suites", p.ID, p.Revision, map[string]any{"versions": gorm.Expr("versions + 1"), "updated_at": ms(s.Now())})
	})
	return out, err
}
