package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/registry"
)

type aliasRow struct {
	ID        int64
	Name      string
	TeamID    int64
	Purpose   string
	ModelID   *int64
	VersionID *int64
	Since     int64
	Revision  int64
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

func (aliasRow) TableName() string { return "aliases" }

func (r aliasRow) alias() registry.Alias {
	return registry.Alias{ID: r.ID, Name: r.Name, TeamID: r.TeamID, Purpose: r.Purpose, ModelID: deref(r.ModelID), VersionID: deref(r.VersionID), Since: at(r.Since),
		Revision: r.Revision, CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt)}
}

type aliasProposalRow struct {
	ID          int64
	AliasID     int64
	FromVersion *int64
	ToModel     int64
	ToVersion   int64
	ToDigest    string
	Reason      string
	State       string
	RequesterID int64
	OpenedAt    int64
	DecidedBy   *int64
	DecidedAt   int64
	Decision    string
}

func (aliasProposalRow) TableName() string { return "alias_proposals" }

func (r aliasProposalRow) proposal() registry.AliasProposal {
	return registry.AliasProposal{ID: r.ID, AliasID: r.AliasID, FromVersion: deref(r.FromVersion), ToModel: r.ToModel, ToVersion: r.ToVersion, ToDigest: r.ToDigest,
		Reason: r.Reason, State: registry.ProposalState(r.State), RequesterID: r.RequesterID, OpenedAt: at(r.OpenedAt), DecidedBy: deref(r.DecidedBy),
		DecidedAt: at(r.DecidedAt), Decision: r.Decision}
}

// aliasTargetRow is a release that an alias points at, or may.
type aliasTargetRow struct {
	ModelID, VersionID       int64
	Slug, Model, Label       string
	Kind, Stage, Digest      string
	SupersededAt             int64
	Approved                 bool
	OwnerID, AuthorID        *int64
	Host, VendorID, EndsLife string
}

// approvedStage says that somebody approved the version's present stage and nothing it is made of changed
// since: the request that led there was decided when the stage began.
const approvedStage = `EXISTS (SELECT 1 FROM requests q JOIN reviews w ON w.request_id = q.id AND w.verdict = 'approve' AND w.digest = q.digest
	WHERE q.version_id = v.id AND q.state = 'applied' AND q.to_stage = v.stage AND q.decided_at = v.stage_since AND q.decided_at >= v.built_at)`

const aliasTargetColumns = `COALESCE(m.id, 0) AS model_id, COALESCE(v.id, 0) AS version_id, COALESCE(m.slug, '') AS slug, COALESCE(m.name, '') AS model, COALESCE(v.label, '') AS label,
	COALESCE(m.kind, '') AS kind, COALESCE(v.stage, '') AS stage, COALESCE(v.digest, '') AS digest, COALESCE(v.superseded_at, 0) AS superseded_at, ` + approvedStage + ` AS approved,
	m.owner_id, v.author_id, COALESCE(v.vendor_host, '') AS host, COALESCE(v.vendor_model, '') AS vendor_id, COALESCE(c.end_of_life, '') AS ends_life`

func (r aliasTargetRow) target() *registry.AliasTarget {
	if r.VersionID == 0 {
		return nil
	}
	return &registry.AliasTarget{ModelID: r.ModelID, VersionID: r.VersionID, Slug: r.Slug, Model: r.Model, Label: r.Label, Kind: registry.Kind(r.Kind), Stage: registry.Stage(r.Stage),
		Superseded: r.SupersededAt != 0 && r.Stage != string(registry.Production), Digest: r.Digest, Approved: r.Approved, OwnerID: deref(r.OwnerID), AuthorID: deref(r.AuthorID),
		Host: r.Host, VendorID: r.VendorID, VendorEnd: day.Day(r.EndsLife)}
}

// AliasListed is an alias with where it points.
type AliasListed struct {
	registry.Alias
	Team, TeamSlug string
	Target         *registry.AliasTarget // nil while it points at nothing
	Open           int64                 // the proposal that waits, 0 for none
}

type aliasListRow struct {
	Alias          aliasRow       `gorm:"embedded;embeddedPrefix:x_"`
	Target         aliasTargetRow `gorm:"embedded"`
	Team, TeamSlug string
	Open           int64
}

func (r aliasListRow) listed() AliasListed {
	return AliasListed{Alias: r.Alias.alias(), Team: r.Team, TeamSlug: r.TeamSlug, Target: r.Target.target(), Open: r.Open}
}

func aliasColumns() string {
	return columnsOf("x", aliasRow{}) + ", t.name AS team, t.slug AS team_slug, " + aliasTargetColumns +
		", COALESCE((SELECT o.id FROM alias_proposals o WHERE o.alias_id = x.id AND o.state = 'open'), 0) AS open"
}

// narrowAliases is the list with what its filter "red" looks at; today is the day that vendors' ends are
// held against. It is registry's AliasTarget.Health as a condition.
func (s *Store) narrowAliases(ctx context.Context, f NamedFilter, today day.Day) *gorm.DB {
	q := s.narrowNamed(s.read.WithContext(ctx), "aliases", f).Joins(`LEFT JOIN versions v ON v.id = x.version_id LEFT JOIN models m ON m.id = v.model_id
		LEFT JOIN vendor_models c ON c.host = v.vendor_host AND c.model_id = v.vendor_model`)
	switch f.Show {
	case "red":
		q = q.Where(`v.id IS NOT NULL AND (v.stage NOT IN ('production', 'staged') OR (v.stage = 'staged' AND (v.superseded_at <> 0 OR NOT `+approvedStage+
			`)) OR (c.end_of_life <> '' AND c.end_of_life <= ?))`, string(today))
	case "open":
		q = q.Where("EXISTS (SELECT 1 FROM alias_proposals o WHERE o.alias_id = x.id AND o.state = 'open')")
	case "unset":
		q = q.Where("x.version_id IS NULL")
	}
	return q
}

// Aliases is one page of the aliases, by name.
func (s *Store) Aliases(ctx context.Context, f NamedFilter, today day.Day, after string, limit int) (Page[AliasListed], error) {
	page, err := pageByName(s.narrowAliases(ctx, f, today), aliasColumns(), after, limit, func(r aliasListRow) string { return r.Alias.Name }, aliasListRow.listed)
	if _, known := fault.As(err); err != nil && !known {
		err = fmt.Errorf("aliases: %w", err)
	}
	return page, err
}

// CountAliases counts what Aliases lists, up to CountLimit.
func (s *Store) CountAliases(ctx context.Context, f NamedFilter, today day.Day) (Figure, error) {
	return s.countNamed(ctx, s.narrowAliases(ctx, f, today), "aliases")
}

// EachAlias calls fn for every alias of the filtered list; for exports.
func (s *Store) EachAlias(ctx context.Context, f NamedFilter, today day.Day, fn func(AliasListed) error) error {
	return eachPage(func(after string) (Page[AliasListed], error) { return s.Aliases(ctx, f, today, after, 500) }, fn)
}

// Alias finds an alias with where it points.
func (s *Store) Alias(ctx context.Context, name string) (AliasListed, error) {
	var r aliasListRow
	res := s.narrowAliases(ctx, NamedFilter{}, "").Select(aliasColumns()).Where("x.name = ?", name).Limit(1).Scan(&r)
	if res.Error != nil {
		return AliasListed{}, fmt.Errorf("alias: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return AliasListed{}, fault.New(fault.NotFound, "There is no such alias.")
	}
	return r.listed(), nil
}

// AliasEntry is a proposal in an alias's history, with the names in it.
type AliasEntry struct {
	registry.AliasProposal
	From, To, ToSlug   string // stamps; From "" for nothing
	Requester, Decider string
}

// AliasHistory lists the proposals of an alias, newest first; before is the id of the last one seen, 0 at first.
func (s *Store) AliasHistory(ctx context.Context, alias, before int64, limit int) ([]AliasEntry, error) {
	var rows []struct {
		Proposal           aliasProposalRow `gorm:"embedded"`
		FromStamp, ToStamp string
		ToSlug             string
		Requester, Decider string
	}
	q := s.read.WithContext(ctx).Table("alias_proposals o").Joins(`JOIN versions w ON w.id = o.to_version JOIN models n ON n.id = w.model_id JOIN people p ON p.id = o.requester_id
		LEFT JOIN people d ON d.id = o.decided_by LEFT JOIN versions v ON v.id = o.from_version LEFT JOIN models m ON m.id = v.model_id`).
		Select(`o.*, COALESCE(m.slug || '@' || v.label, '') AS from_stamp, n.slug || '@' || w.label AS to_stamp, n.slug AS to_slug, p.name AS requester, COALESCE(d.name, '') AS decider`).
		Where("o.alias_id = ?", alias).Order("o.id DESC").Limit(limit)
	if before != 0 {
		q = q.Where("o.id < ?", before)
	}
	if err := q.Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("history of an alias: %w", err)
	}
	out := make([]AliasEntry, 0, len(rows))
	for _, r := range rows {
		out = append(out, AliasEntry{AliasProposal: r.Proposal.proposal(), From: r.FromStamp, To: r.ToStamp, ToSlug: r.ToSlug, Requester: r.Requester, Decider: r.Decider})
	}
	return out, nil
}

// AliasTarget finds a version with what an alias that points at it rests on.
func (s *Store) AliasTarget(ctx context.Context, slug, label string) (registry.AliasTarget, error) {
	return aliasTarget(s.read.WithContext(ctx), "m.slug = ? AND v.label = ?", slug, label)
}

// AliasTargetOf is AliasTarget by the version's id.
func (s *Store) AliasTargetOf(ctx context.Context, version int64) (registry.AliasTarget, error) {
	return aliasTarget(s.read.WithContext(ctx), "v.id = ?", version)
}

func aliasTarget(q *gorm.DB, cond string, args ...any) (registry.AliasTarget, error) {
	var r aliasTargetRow
	res := q.Table("versions v").Joins("JOIN models m ON m.id = v.model_id LEFT JOIN vendor_models c ON c.host = v.vendor_host AND c.model_id = v.vendor_model").
		Select(aliasTargetColumns).Where(cond, args...).Limit(1).Scan(&r)
	if res.Error != nil {
		return registry.AliasTarget{}, fmt.Errorf("target of an alias: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return registry.AliasTarget{}, fault.New(fault.NotFound, "There is no such version.")
	}
	return *r.target(), nil
}

// AliasTargets are the releases of a team's GenAI models, then of all others, that an alias may point at,
// as stamps; at most limit.
func (s *Store) AliasTargets(ctx context.Context, team int64, limit int) ([]string, error) {
	var out []string
	err := s.read.WithContext(ctx).Raw(`SELECT stamp FROM (SELECT m.slug || '@' || v.label AS stamp, CASE WHEN m.team_id = ? THEN 0 ELSE 1 END AS far, m.slug, v.id
		FROM versions v JOIN models m ON m.id = v.model_id WHERE m.kind = 'genai' AND v.superseded_at = 0 AND (v.stage = 'production' OR v.stage = 'staged' AND `+approvedStage+`)) AS fit
		ORDER BY far, slug, id DESC LIMIT ?`, team, limit).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("targets of aliases: %w", err)
	}
	return out, nil
}

// AddAlias registers what fn makes.
func (s *Store) AddAlias(ctx context.Context, fn func(time.Time) (*registry.Alias, error)) (registry.Alias, error) {
	var out registry.Alias
	err := s.change(ctx, func(tx *txn) error {
		al, err := fn(s.Now())
		if err != nil {
			return err
		}
		if err := tx.teamIsThere(al.TeamID); err != nil {
			return err
		}
		row := aliasRow{Name: al.Name, TeamID: al.TeamID, Purpose: al.Purpose, Revision: 1, CreatedAt: ms(s.Now()), UpdatedAt: ms(s.Now())}
		if err := tx.Create(&row).Error; err != nil {
			if duplicate(err) {
				return fault.At("name", "There is an alias of this name already.")
			}
			return fmt.Errorf("add alias: %w", err)
		}
		al.ID = row.ID
		al.Fill("alias", al.ID)
		tx.take(&al.Trail)
		out = *al
		return nil
	})
	return out, err
}

// ProposeAlias runs the rule that proposes where an alias points. Two at once make one proposal: the alias
// is locked, and a unique key stands behind it.
func (s *Store) ProposeAlias(ctx context.Context, name, slug, label string, fn func(al *registry.Alias, to registry.AliasTarget, open bool, now time.Time) (*registry.AliasProposal, error)) error {
	return s.change(ctx, func(tx *txn) error {
		al, err := tx.lockAlias(name)
		if err != nil {
			return err
		}
		to, err := aliasTarget(tx.DB, "m.slug = ? AND v.label = ?", slug, label)
		if fault.Is(err, fault.NotFound) {
			return fault.At("version", "There is no version "+slug+"@"+label+".")
		}
		if err != nil {
			return err
		}
		var open int64
		if err := tx.Table("alias_proposals").Where("alias_id = ? AND state = 'open'", al.ID).Count(&open).Error; err != nil {
			return fmt.Errorf("open proposals: %w", err)
		}
		p, err := fn(&al, to, open > 0, s.Now())
		if err != nil {
			return err
		}
		row := aliasProposalRow{AliasID: al.ID, FromVersion: ref(p.FromVersion), ToModel: p.ToModel, ToVersion: p.ToVersion, ToDigest: p.ToDigest, Reason: p.Reason,
			State: string(p.State), RequesterID: p.RequesterID, OpenedAt: ms(p.OpenedAt)}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("propose an alias: %w", err)
		}
		tx.take(&al.Trail)
		return nil
	})
}

// DecideAlias runs a rule on a proposal: approve, reject, withdraw. What the rule moved is saved in the same
// transaction. The target's model is locked too, so its stage does not change beside the decision.
func (s *Store) DecideAlias(ctx context.Context, name string, proposal int64, fn func(al *registry.Alias, p *registry.AliasProposal, to registry.AliasTarget, now time.Time) error) error {
	return s.change(ctx, func(tx *txn) error {
		al, err := tx.lockAlias(name)
		if err != nil {
			return err
		}
		var row aliasProposalRow
		if err := tx.Where("id = ? AND alias_id = ?", proposal, al.ID).Take(&row).Error; err != nil {
			return found(err, "proposal")
		}
		if err := tx.lockModelOf("versions", row.ToVersion, "version"); err != nil {
			return err
		}
		to, err := aliasTarget(tx.DB, "v.id = ?", row.ToVersion)
		if err != nil {
			return err
		}
		p, revision := row.proposal(), al.Revision
		if err := fn(&al, &p, to, s.Now()); err != nil {
			return err
		}
		err = tx.Table("alias_proposals").Where("id = ?", p.ID).Updates(map[string]any{"state": string(p.State), "from_version": ref(p.FromVersion),
			"decided_by": ref(p.DecidedBy), "decided_at": ms(p.DecidedAt), "decision": p.Decision}).Error
		if err != nil {
			return fmt.Errorf("decide an alias: %w", err)
		}
		tx.take(&al.Trail)
		return tx.swap("aliases", al.ID, revision, map[string]any{"model_id": ref(al.ModelID), "version_id": ref(al.VersionID), "since": ms(al.Since), "updated_at": ms(s.Now())})
	})
}

func (tx *txn) lockAlias(name string) (registry.Alias, error) {
	var row aliasRow
	if err := tx.s.locked(tx.DB).Where("name = ?", name).Take(&row).Error; err != nil {
		return registry.Alias{}, found(err, "alias")
	}
	return row.alias(), tx.actorStands()
}
