package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"sundial/models/registry"
)

// NamedFilter narrows a list of things that teams register by name: prompts, suites, aliases.
type NamedFilter struct {
	Query string // part of the name or the purpose
	Team  string // its slug
	Show  string // prompts and suites: unused; aliases: red, open, unset
}

// narrowNamed begins the query of such a list: table x with its team t.
func (s *Store) narrowNamed(db *gorm.DB, table string, f NamedFilter) *gorm.DB {
	q := db.Table(table + " x").Joins("JOIN teams t ON t.id = x.team_id")
	if f.Query != "" {
		like := "%" + escapeLike(strings.ToLower(f.Query)) + "%"
		q = q.Where(`(x.name LIKE ? ESCAPE '\' OR LOWER(x.purpose) LIKE ? ESCAPE '\')`, like, like)
	}
	if f.Team != "" {
		q = q.Where("t.slug = ?", f.Team)
	}
	return q
}

// pageByName orders such a list by name and cuts a page out of it.
func pageByName[R, T any](q *gorm.DB, columns, after string, limit int, name func(R) string, row func(R) T) (Page[T], error) {
	back, cmp, dir := false, ">", " ASC"
	if after != "" {
		key, _, b, err := decodeCursor[string](after)
		if err != nil {
			return Page[T]{}, err
		}
		if back = b; back {
			cmp, dir = "<", " DESC"
		}
		q = q.Where("x.name "+cmp+" ?", key)
	}
	var rows []R
	if err := q.Select(columns).Order("x.name" + dir).Limit(limit + 1).Scan(&rows).Error; err != nil {
		return Page[T]{}, err
	}
	return keysetPage(rows, limit, back, after != "", func(r R) (any, int64) { return name(r), 0 }, row), nil
}

func (s *Store) countNamed(ctx context.Context, q *gorm.DB, what string) (Figure, error) {
	var n int64
	if err := s.read.WithContext(ctx).Table("(?) AS bounded", q.Select("x.id").Limit(CountLimit+1)).Count(&n).Error; err != nil {
		return Figure{}, fmt.Errorf("count %s: %w", what, err)
	}
	return Figure{N: int(min(n, CountLimit)), More: n > CountLimit}, nil
}

// ReleaseUse is a version whose release uses a prompt or a suite of some hash.
type ReleaseUse struct {
	SHA256         string
	Model, Slug    string
	Version, Stage string
}

// PromptUses lists the versions that use prompts of these hashes, newest first, at most limit.
func (s *Store) PromptUses(ctx context.Context, hashes []string, limit int) ([]ReleaseUse, error) {
	return s.releaseUses(ctx, "prompt", hashes, limit)
}

// SuiteUses is PromptUses for evaluation suites.
func (s *Store) SuiteUses(ctx context.Context, hashes []string, limit int) ([]ReleaseUse, error) {
	return s.releaseUses(ctx, "suite", hashes, limit)
}

func (s *Store) releaseUses(ctx context.Context, part string, hashes []string, limit int) ([]ReleaseUse, error) {
	var out []ReleaseUse
	if len(hashes) == 0 {
		return out, nil
	}
	err := s.read.WithContext(ctx).Table("release_uses u").Joins("JOIN versions v ON v.id = u.version_id JOIN models m ON m.id = v.model_id").
		Select("u.sha256, m.name AS model, m.slug, v.label AS version, v.stage").Where("u.part = ? AND u.sha256 IN ?", part, hashes).
		Order("u.version_id DESC").Limit(limit).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("uses of a %s: %w", part, err)
	}
	return out, nil
}

// useParts keeps which prompts and which suite a version uses, for their pages.
func (tx *txn) useParts(v *registry.Version) error {
	if v.Kind != registry.GenAI {
		return nil
	}
	if err := tx.Exec("DELETE FROM release_uses WHERE version_id = ?", v.ID).Error; err != nil {
		return fmt.Errorf("uses of a release: %w", err)
	}
	type use struct {
		VersionID int64
		Part      string
		SHA256    string `gorm:"column:sha256"`
	}
	var uses []use
	seen := map[use]bool{}
	add := func(part, hash string) {
		u := use{v.ID, part, hash}
		if hash != "" && !seen[u] {
			seen[u] = true
			uses = append(uses, u)
		}
	}
	for _, p := range v.Release.Prompts {
		add("prompt", p.SHA256)
	}
	add("suite", v.Release.EvaluationSuite.SHA256)
	if len(uses) == 0 {
		return nil
	}
	if err := tx.Table("release_uses").Create(&uses).Error; err != nil {
		return fmt.Errorf("uses of a release: %w", err)
	}
	return nil
}

// unused narrows prompts or suites to those that no version which is not retired uses.
func unused(q *gorm.DB, part, versions, of string) *gorm.DB {
	return q.Where("NOT EXISTS (SELECT 1 FROM " + versions + " pv JOIN release_uses u ON u.part = '" + part + "' AND u.sha256 = pv.sha256 " +
		"JOIN versions v ON v.id = u.version_id AND v.stage <> 'retired' WHERE pv." + of + " = x.id)")
}

// usedByModels counts the models whose live versions use a prompt or suite, as a column.
func usedByModels(part, versions, of string) string {
	return "(SELECT COUNT(DISTINCT v.model_id) FROM " + versions + " pv JOIN release_uses u ON u.part = '" + part + "' AND u.sha256 = pv.sha256 " +
		"JOIN versions v ON v.id = u.version_id AND v.stage <> 'retired' WHERE pv." + of + " = x.id) AS used_by"
}
