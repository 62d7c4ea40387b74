package store

import (
	"context"
	"fmt"
	"time"

	"sundial/models/fault"
	"sundial/models/registry"
)

type promptRow struct {
	ID        int64
	Name      string
	TeamID    int64
	Purpose   string
	Versions  int64 // the number of the newest
	Revision  int64
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

func (promptRow) TableName() string { return "prompts" }

func (r promptRow) record() registry.PromptRecord {
	return registry.PromptRecord{ID: r.ID, Name: r.Name, TeamID: r.TeamID, Purpose: r.Purpose, Revision: r.Revision, CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt)}
}

type promptVersionRow struct {
	ID         int64
	PromptID   int64
	Number     int64
	Repo, Path string
	CodeCommit string
	SHA256     string `gorm:"column:sha256"`
	Text       string
	Config     string
	Note       string
	AuthorID   *int64
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

func (promptVersionRow) TableName() string { return "prompt_versions" }

func (r promptVersionRow) version() registry.PromptVersion {
	return registry.PromptVersion{ID: r.ID, PromptID: r.PromptID, Number: int(r.Number), Repo: r.Repo, Path: r.Path, Commit: r.CodeCommit, SHA256: r.SHA256,
		Text: r.Text, Config: r.Config, Note: r.Note, AuthorID: deref(r.AuthorID), CreatedAt: at(r.CreatedAt)}
}

// PromptListed is a prompt in the list.
type PromptListed struct {
	registry.PromptRecord
	Team, TeamSlug string
	Versions       int    // how many
	SHA256         string // of the newest
	UsedBy         int    // models with a live version that uses any of its versions
}

type promptListRow struct {
	Prompt         promptRow `gorm:"embedded"`
	Team, TeamSlug string
	Newest         string
	UsedBy         int
}

func (r promptListRow) listed() PromptListed {
	return PromptListed{PromptRecord: r.Prompt.record(), Team: r.Team, TeamSlug: r.TeamSlug, Versions: int(r.Prompt.Versions), SHA256: r.Newest, UsedBy: r.UsedBy}
}

var promptColumns = "x.*, t.name AS team, t.slug AS team_slug, " + usedByModels("prompt", "prompt_versions", "prompt_id") +
	", COALESCE((SELECT pv.sha256 FROM prompt_versions pv WHERE pv.prompt_id = x.id AND pv.number = x.versions), '') AS newest"

// Prompts is one page of the registered prompts, by name.
func (s *Store) Prompts(ctx context.Context, f NamedFilter, after string, limit int) (Page[PromptListed], error) {
	q := s.narrowNamed(s.read.WithContext(ctx), "prompts", f)
	if f.Show == "unused" {
		q = unused(q, "prompt", "prompt_versions", "prompt_id")
	}
	page, err := pageByName(q, promptColumns, after, limit, func(r promptListRow) string { return r.Prompt.Name }, promptListRow.listed)
	if _, known := fault.As(err); err != nil && !known {
		err = fmt.Errorf("prompts: %w", err)
	}
	return page, err
}

// CountPrompts counts what Prompts lists, up to CountLimit.
func (s *Store) CountPrompts(ctx context.Context, f NamedFilter) (Figure, error) {
	q := s.narrowNamed(s.read.WithContext(ctx), "prompts", f)
	if f.Show == "unused" {
		q = unused(q, "prompt", "prompt_versions", "prompt_id")
	}
	return s.countNamed(ctx, q, "prompts")
}

// EachPrompt calls fn for every prompt of the filtered list; for exports.
func (s *Store) EachPrompt(ctx context.Context, f NamedFilter, fn func(PromptListed) error) error {
	return eachPage(func(after string) (Page[PromptListed], error) { return s.Prompts(ctx, f, after, 500) }, fn)
}

// Prompt finds a registered prompt.
func (s *Store) Prompt(ctx context.Context, name string) (PromptListed, error) {
	var r promptListRow
	res := s.narrowNamed(s.read.WithContext(ctx), "prompts", NamedFilter{}).Select(promptColumns).Where("x.name = ?", name).Limit(1).Scan(&r)
	if res.Error != nil {
		return PromptListed{}, fmt.Errorf("prompt: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return PromptListed{}, fault.New(fault.NotFound, "There is no such prompt.")
	}
	return r.listed(), nil
}

// PromptVersions lists versions of a prompt without their texts, newest first; before is the number of the
// last one seen, 0 at first.
func (s *Store) PromptVersions(ctx context.Context, prompt int64, before, limit int) ([]registry.PromptVersion, error) {
	q := s.read.WithContext(ctx).Table("prompt_versions").Select("id, prompt_id, number, repo, path, code_commit, sha256, note, author_id, created_at").
		Where("prompt_id = ?", prompt).Order("number DESC").Limit(limit)
	if before != 0 {
		q = q.Where("number < ?", before)
	}
	var rows []promptVersionRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("prompt versions: %w", err)
	}
	out := make([]registry.PromptVersion, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.version())
	}
	return out, nil
}

// PromptVersion finds one version with its text.
func (s *Store) PromptVersion(ctx context.Context, prompt int64, number int) (registry.PromptVersion, error) {
	var row promptVersionRow
	err := s.read.WithContext(ctx).Where("prompt_id = ? AND number = ?", prompt, number).Take(&row).Error
	return row.version(), found(err, "version of this prompt")
}

// PickPrompt finds the version that somebody named: name, name@number or name@hash.
func (s *Store) PickPrompt(ctx context.Context, named string) (registry.PromptRecord, registry.PromptVersion, error) {
	none := func(sentence string) (registry.PromptRecord, registry.PromptVersion, error) {
		return registry.PromptRecord{}, registry.PromptVersion{}, fault.New(fault.NotFound, sentence)
	}
	name, rest, ok := registry.ParseNamed(named)
	if !ok {
		return none("Write a prompt as name@number or name@hash, such as support-system@3.")
	}
	p, err := s.Prompt(ctx, name)
	if fault.Is(err, fault.NotFound) {
		return none("No prompt " + name + " is registered.")
	}
	if err != nil {
		return registry.PromptRecord{}, registry.PromptVersion{}, err
	}
	hashes, err := s.promptHashes(ctx, p.ID)
	if err != nil {
		return registry.PromptRecord{}, registry.PromptVersion{}, err
	}
	v, ok := registry.Pick(hashes, rest)
	if !ok {
		return none("The prompt " + name + " has no one version " + rest + ".")
	}
	v, err = s.PromptVersion(ctx, p.ID, v.Number)
	return p.PromptRecord, v, err
}

// promptHashes are all versions of a prompt by number and hash alone.
func (s *Store) promptHashes(ctx context.Context, prompt int64) ([]registry.PromptVersion, error) {
	var rows []promptVersionRow
	if err := s.read.WithContext(ctx).Table("prompt_versions").Select("number, sha256").Where("prompt_id = ?", prompt).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("prompt hashes: %w", err)
	}
	out := make([]registry.PromptVersion, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.version())
	}
	return out, nil
}

// PromptChoice is a prompt's newest version, to be chosen in a form.
type PromptChoice struct {
	Name   string
	Number int
	SHA256 string
	Team   string
}

// PromptChoices are the newest versions of prompts, those of a team first, at most limit.
func (s *Store) PromptChoices(ctx context.Context, team int64, limit int) ([]PromptChoice, error) {
	var out []PromptChoice
	err := s.read.WithContext(ctx).Raw(`SELECT x.name, pv.number, pv.sha256, t.name AS team FROM prompts x JOIN teams t ON t.id = x.team_id
		JOIN prompt_versions pv ON pv.prompt_id = x.id AND pv.number = x.versions
		ORDER BY CASE WHEN x.team_id = ? THEN 0 ELSE 1 END, x.name LIMIT ?`, team, limit).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("prompt choices: %w", err)
	}
	return out, nil
}

// AddPrompt registers what fn makes, a prompt with its first version.
func (s *Store) AddPrompt(ctx context.Context, fn func(time.Time) (*registry.PromptRecord, *registry.PromptVersion, error)) (registry.PromptRecord, registry.PromptVersion, error) {
	var p registry.PromptRecord
	var v registry.PromptVersion
	err := s.change(ctx, func(tx *txn) error {
		np, nv, err := fn(s.Now())
		if err != nil {
			return err
		}
		if err := tx.teamIsThere(np.TeamID); err != nil {
			return err
		}
		row := promptRow{Name: np.Name, TeamID: np.TeamID, Purpose: np.Purpose, Versions: 1, Revision: 1, CreatedAt: ms(s.Now()), UpdatedAt: ms(s.Now())}
		if err := tx.Create(&row).Error; err != nil {
			if duplicate(err) {
				return fault.At("name", "There is a prompt of this name already. Add a version to it, or choose another name.")
			}
			return fmt.Errorf("add prompt: %w", err)
		}
		np.ID, nv.PromptID = row.ID, row.ID
		np.Fill("prompt", np.ID)
		if err := tx.addPromptVersion(nv); err != nil {
			return err
		}
		tx.take(&np.Trail)
		p, v = *np, *nv
		return nil
	})
	return p, v, err
}

func (tx *txn) addPromptVersion(v *registry.PromptVersion) error {
	row := promptVersionRow{PromptID: v.PromptID, Number: int64(v.Number), Repo: v.Repo, Path: v.Path, CodeCommit: v.Commit, SHA256: v.SHA256,
		Text: v.Text, Config: v.Config, Note: v.Note, AuthorID: ref(v.AuthorID), CreatedAt: ms(v.CreatedAt)}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("add prompt version: %w", err)
	}
	v.ID = row.ID
	return nil
}

func (tx *txn) lockPrompt(name string, revision int64) (registry.PromptRecord, error) {
	var row promptRow
	if err := tx.s.locked(tx.DB).Where("name = ?", name).Take(&row).Error; err != nil {
		return registry.PromptRecord{}, found(err, "prompt")
	}
	if revision != 0 && row.Revision != revision {
		return registry.PromptRecord{}, stale()
	}
	return row.record(), tx.actorStands()
}

// ChangePrompt runs a rule on a prompt; revision is what the form was made from.
func (s *Store) ChangePrompt(ctx context.Context, name string, revision int64, fn func(*registry.PromptRecord, time.Time) error) error {
	return s.change(ctx, func(tx *txn) error {
		p, err := tx.lockPrompt(name, revision)
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
		return tx.swap("prompts", p.ID, p.Revision, map[string]any{"team_id": p.TeamID, "purpose": p.Purpose, "updated_at": ms(s.Now())})
	})
}

// AddPromptVersion adds the version that fn makes from the prompt and the hashes it has.
func (s *Store) AddPromptVersion(ctx context.Context, name string, fn func(*registry.PromptRecord, []registry.PromptVersion, time.Time) (*registry.PromptVersion, error)) (registry.PromptVersion, error) {
	var out registry.PromptVersion
	err := s.change(ctx, func(tx *txn) error {
		p, err := tx.lockPrompt(name, 0)
		if err != nil {
			return err
		}
		var rows []promptVersionRow
		if err := tx.Table("prompt_versions").Select("number, sha256").Where("prompt_id = ?", p.ID).Find(&rows).Error; err != nil {
			return fmt.Errorf("prompt hashes: %w", err)
		}
		have := make([]registry.PromptVersion, 0, len(rows))
		for _, r := range rows {
			have = append(have, r.version())
		}
		v, err := fn(&p, have, s.Now())
		if err != nil {
			return err
		}
		if err := tx.addPromptVersion(v); err != nil {
			return err
		}
		out = *v
		tx.take(&p.Trail)
		return tx.swap("prompts", p.ID, p.Revision, map[string]any{"versions": v.Number, "updated_at": ms(s.Now())})
	})
	return out, err
}

// RegisteredPrompts finds the registered prompt versions of these hashes, a hash once at most.
func (s *Store) RegisteredPrompts(ctx context.Context, hashes []string) ([]PromptChoice, error) {
	var out []PromptChoice
	if len(hashes) == 0 {
		return out, nil
	}
	err := s.read.WithContext(ctx).Raw(`SELECT x.name, pv.number, pv.sha256, t.name AS team FROM prompt_versions pv JOIN prompts x ON x.id = pv.prompt_id JOIN teams t ON t.id = x.team_id
		WHERE pv.id IN (SELECT MAX(id) FROM prompt_versions WHERE sha256 IN ? AND sha256 <> '' GROUP BY sha256) ORDER BY x.name, pv.number`, hashes).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("registered prompts: %w", err)
	}
	return out, nil
}
