package store

import (
	"context"
	"fmt"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/scorecard"
)

// ModelScore is a model's score now, with the facts it is computed from.
type ModelScore struct {
	Model registry.Model
	Team  org.Team
	Facts scorecard.Facts
	Card  scorecard.Scorecard
	Rules string
	At    time.Time // when the facts were read
}

// ModelScore reads a model's score. Where a fact changed since it was kept, the facts are read anew, so that
// nobody looks at a score that does not know what they have just done.
func (s *Store) ModelScore(ctx context.Context, slug string, p lifecycle.Policy) (ModelScore, error) {
	var row struct {
		Model  modelRow `gorm:"embedded;embeddedPrefix:m_"`
		Score  scoreRow `gorm:"embedded;embeddedPrefix:s_"`
		Facts  asJSON[scorecard.Facts]
		Marked bool
		Kept   bool
	}
	q := s.read.WithContext(ctx)
	res := q.Raw("SELECT "+columnsOf("m", modelRow{})+", "+columnsOf("s", scoreRow{})+`, f.facts, k.model_id IS NOT NULL AS marked, s.model_id IS NOT NULL AS kept
		FROM models m LEFT JOIN model_scores s ON s.model_id = m.id LEFT JOIN model_facts f ON f.model_id = m.id LEFT JOIN score_marks k ON k.model_id = m.id WHERE m.slug = ?`, slug).Scan(&row)
	if res.Error != nil {
		return ModelScore{}, fmt.Errorf("model's score: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return ModelScore{}, fault.New(fault.NotFound, "There is no such model.")
	}
	out := ModelScore{Model: row.Model.model(), Facts: row.Facts.V, Rules: ScoringRules(p), At: at(row.Score.ReadAt)}
	var err error
	if out.Team, err = teamByID(q, out.Model.TeamID); err != nil {
		return out, err
	}
	if !row.Kept || row.Marked || row.Score.Rules != out.Rules {
		if out.Facts, _, err = s.factsNow(ctx, out.Model.ID, p); err != nil {
			return out, err
		}
		out.At = s.Now()
	}
	out.Card = scorecard.Score(out.Facts, s.Now())
	return out, nil
}

// ModelDay is a model's score from one day to the next on which it changed.
type ModelDay struct {
	Day        day.Day
	Rules      string
	Phase      scorecard.Phase
	Score, Raw float64
	Cap        int
	Tier       scorecard.Tier
	Lines      []KeptLine
}

// ModelDays are the days since one on which a model's score changed, oldest first, with the last before it.
func (s *Store) ModelDays(ctx context.Context, model int64, since day.Day) ([]ModelDay, error) {
	return s.modelDays(ctx, "model_id = ? AND on_day >= COALESCE((SELECT MAX(on_day) FROM model_score_days WHERE model_id = ? AND on_day <= ?), '')", model, model, string(since))
}

// ModelScoreAt is a model's score as it was at the end of a day; found is false before it was first scored.
func (s *Store) ModelScoreAt(ctx context.Context, model int64, on day.Day) (d ModelDay, found bool, err error) {
	list, err := s.modelDays(ctx, "model_id = ? AND on_day = (SELECT MAX(on_day) FROM model_score_days WHERE model_id = ? AND on_day <= ?)", model, model, string(on))
	if err != nil || len(list) == 0 {
		return d, false, err
	}
	return list[0], true, nil
}

func (s *Store) modelDays(ctx context.Context, where string, args ...any) ([]ModelDay, error) {
	var rows []scoreDayRow
	if err := s.read.WithContext(ctx).Where(where, args...).Order("on_day").Limit(800).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("scores by day: %w", err)
	}
	out := make([]ModelDay, 0, len(rows))
	for _, r := range rows {
		out = append(out, ModelDay{Day: day.Day(r.OnDay), Rules: r.Rules, Phase: scorecard.Phase(r.Phase), Score: r.Score, Raw: r.Raw, Cap: int(r.Cap), Tier: scorecard.Tier(r.Tier), Lines: readLines(r.Lines)})
	}
	return out, nil
}

// GroupScore is the score of a team, a department or the organisation. Without models it has none.
type GroupScore struct {
	Scope      Scope
	ID         int64
	Slug, Name string
	Department string // of a team
	Rollup     scorecard.Rollup
	Before     *float64 // the score 90 days ago, or the first there was since; nil without one
	ScoredAt   time.Time
}

// Trend is by how much the score moved in 90 days; known is false where there is nothing to compare.
func (g GroupScore) Trend() (change float64, known bool) {
	now, scored := g.Rollup.Score()
	if !scored || g.Before == nil {
		return 0, false
	}
	return now - *g.Before, true
}

// TrendDays is over how many days trends look back.
const TrendDays = 90

// TeamScore is one team's score.
func (s *Store) TeamScore(ctx context.Context, team int64) (GroupScore, error) {
	rows, err := s.groups(s.read.WithContext(ctx), "g.scope = 'team' AND g.scope_id = ?", team)
	if err != nil || len(rows) == 0 {
		return GroupScore{Scope: ScopeTeam, ID: team}, err
	}
	return rows[0], nil
}

// GroupDay is a rolled-up score from one day to the next on which it changed.
type GroupDay struct {
	Day    day.Day
	Rules  string
	Score  *float64 // nil: no models
	Tier   scorecard.Tier
	Models int
	Rollup scorecard.Rollup
}

// GroupDays are the days since one on which a group's score changed, oldest first, with the last before it.
func (s *Store) GroupDays(ctx context.Context, scope Scope, id int64, since day.Day) ([]GroupDay, error) {
	return s.groupDays(ctx, "scope = ? AND scope_id = ? AND on_day >= COALESCE((SELECT MAX(on_day) FROM group_score_days WHERE scope = ? AND scope_id = ? AND on_day <= ?), '')",
		string(scope), id, string(scope), id, string(since))
}

// GroupScoreAt is a group's score as it was at the end of a day; found is false before it was first scored.
func (s *Store) GroupScoreAt(ctx context.Context, scope Scope, id int64, on day.Day) (d GroupDay, found bool, err error) {
	list, err := s.groupDays(ctx, "scope = ? AND scope_id = ? AND on_day = (SELECT MAX(on_day) FROM group_score_days WHERE scope = ? AND scope_id = ? AND on_day <= ?)",
		string(scope), id, string(scope), id, string(on))
	if err != nil || len(list) == 0 {
		return d, false, err
	}
	return list[0], true, nil
}

func (s *Store) groupDays(ctx context.Context, where string, args ...any) ([]GroupDay, error) {
	var rows []groupDayRow
	if err := s.read.WithContext(ctx).Where(where, args...).Order("on_day").Limit(800).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("scores by day: %w", err)
	}
	out := make([]GroupDay, 0, len(rows))
	for _, r := range rows {
		var roll asJSON[scorecard.Rollup]
		if err := roll.Scan(r.Rollup); err != nil {
			return nil, fmt.Errorf("scores by day: %w", err)
		}
		out = append(out, GroupDay{Day: day.Day(r.OnDay), Rules: r.Rules, Score: r.Score, Tier: scorecard.Tier(r.Tier), Models: int(r.Models), Rollup: roll.V})
	}
	return out, nil
}

// TeamModelScore is a model in its team, with what its score is computed from.
type TeamModelScore struct {
	ID         int64
	Slug, Name string
	Kind       registry.Kind
	Risk       registry.Tier
	Phase      scorecard.Phase
	Score, Raw float64
	Cap        int
	Tier       scorecard.Tier
	Attested   float64
	Sections   []scorecard.SectionSum
	Facts      scorecard.Facts // without sentences
	Stray      bool            // known by stamps alone: there is no model to open
}

// mostTeamModels bounds a team's page.
const mostTeamModels = 2000

// TeamModels are a team's models that count or will, the lowest score first.
func (s *Store) TeamModels(ctx context.Context, team int64) ([]TeamModelScore, error) {
	q := s.read.WithContext(ctx)
	var rows []struct {
		ID                                     int64
		Slug, Name, Kind, Phase, Tier, Compact string
		RiskTier, Cap                          int64
		Score, Raw, Attested                   float64
		Sections                               sectionSums
	}
	err := q.Raw(`SELECT m.id, m.slug, m.name, m.kind, s.phase, s.tier, s.compact, s.risk_tier, s.cap, s.score, s.raw, s.attested, s.sections
		FROM model_scores s JOIN models m ON m.id = s.model_id WHERE s.team_id = ? AND s.phase <> 'retired'
		ORDER BY CASE s.phase WHEN 'before' THEN 1 ELSE 0 END, s.score, m.slug LIMIT ?`, team, mostTeamModels).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("team's models: %w", err)
	}
	strays, err := straysOf(q, []int64{team}, s.Now())
	if err != nil {
		return nil, err
	}
	var out []TeamModelScore
	for _, name := range strays[team] {
		out = append(out, TeamModelScore{Slug: name, Name: name, Risk: 2, Phase: scorecard.Unregistered, Tier: scorecard.Chaos, Facts: scorecard.AsUnregistered(), Stray: true})
	}
	for _, r := range rows {
		f, err := scorecard.ParseCompact(r.Compact)
		if err != nil {
			return nil, fmt.Errorf("facts of %s: %w", r.Slug, err)
		}
		out = append(out, TeamModelScore{ID: r.ID, Slug: r.Slug, Name: r.Name, Kind: registry.Kind(r.Kind), Risk: registry.Tier(r.RiskTier), Phase: scorecard.Phase(r.Phase),
			Score: r.Score, Raw: r.Raw, Cap: int(r.Cap), Tier: scorecard.Tier(r.Tier), Attested: r.Attested, Sections: r.Sections, Facts: f})
	}
	return out, nil
}

// KeptScore is a model's score in short, for its page and for lists.
type KeptScore struct {
	Score, Raw float64
	Cap        int
	Tier       scorecard.Tier
	Phase      scorecard.Phase
}

// KeptScore is what was kept of a model last; found is false before it was first scored.
func (s *Store) KeptScore(ctx context.Context, model int64) (k KeptScore, found bool, err error) {
	var row scoreRow
	res := s.read.WithContext(ctx).Select("model_id, score, raw, cap, tier, phase").Where("model_id = ?", model).Limit(1).Find(&row)
	if res.Error != nil {
		return k, false, fmt.Errorf("model's score: %w", res.Error)
	}
	return KeptScore{row.Score, row.Raw, int(row.Cap), scorecard.Tier(row.Tier), scorecard.Phase(row.Phase)}, res.RowsAffected > 0, nil
}
