package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/scorecard"
)

// scoreRow is a model's score as it is now.
type scoreRow struct {
	ModelID   int64 `gorm:"primaryKey;autoIncrement:false"`
	TeamID    int64
	Phase     string
	RiskTier  int64
	Rules     string
	Score     float64
	Raw       float64
	Cap       int64
	Tier      string
	Earned    float64
	Attested  float64
	Sections  sectionSums
	Compact   string
	ChangesAt int64
	ReadAt    int64
	ScoredAt  int64
}

func (scoreRow) TableName() string { return "model_scores" }

// factsRow is what a score is computed from, for people.
type factsRow struct {
	ModelID int64 `gorm:"primaryKey;autoIncrement:false"`
	Facts   string
}

func (factsRow) TableName() string { return "model_facts" }

// scoreDayRow is a model's score on a day on which something about it changed.
type scoreDayRow struct {
	ModelID int64  `gorm:"primaryKey;autoIncrement:false"`
	OnDay   string `gorm:"primaryKey"`
	Rules   string
	Phase   string
	Score   float64
	Raw     float64
	Cap     int64
	Tier    string
	Lines   string
}

func (scoreDayRow) TableName() string { return "model_score_days" }

// ScoringRules names what scores are computed by: the version of the rules and the policy, which says how
// long facts are fresh.
func ScoringRules(p lifecycle.Policy) string { return "score-" + scorecard.Rules + "/" + p.Version() }

// atOnce is how many models' facts are read by one set of queries and written in one transaction.
const atOnce = 200

// ScoreMarked computes the scores of models of which a fact changed, and those of their teams. It returns
// how many models it looked at.
func (s *Store) ScoreMarked(ctx context.Context, p lifecycle.Policy) (scored int, err error) {
	var m many
	for {
		var marks []markRow
		if err := s.read.WithContext(ctx).Order("model_id").Limit(atOnce).Find(&marks).Error; err != nil {
			return scored, fmt.Errorf("score: %w", err)
		}
		if len(marks) == 0 {
			return scored, s.rollUpLater(ctx, m.teams, p)
		}
		ids := make([]int64, 0, len(marks))
		for _, m := range marks {
			ids = append(ids, m.ModelID)
		}
		if err := s.scoreBatch(ctx, ids, marks, m.later(len(ids)), p); err != nil {
			return scored, err
		}
		scored += len(marks)
	}
}

// many remembers the teams of many models, so that each is added up once and not with every step. The teams
// of a few models are added up with them.
type many struct{ teams map[int64]bool }

func (m *many) later(models int) map[int64]bool {
	if m.teams == nil && models == atOnce {
		m.teams = map[int64]bool{}
	}
	return m.teams
}

// markRow says that a fact about a model changed.
type markRow struct {
	ModelID int64 `gorm:"primaryKey;autoIncrement:false"`
	N       int64
}

func (markRow) TableName() string { return "score_marks" }

// ScoreAll reads every model's facts anew and scores it: at night, because days pass and counts come in, and
// when the rules are others. It goes in steps, so that nobody who writes has to wait for it.
func (s *Store) ScoreAll(ctx context.Context, p lifecycle.Policy) (scored int, err error) {
	teams := map[int64]bool{}
	for last := int64(0); ; {
		var ids []int64
		err := s.read.WithContext(ctx).Raw(`SELECT m.id FROM models m LEFT JOIN model_scores s ON s.model_id = m.id WHERE m.id > ?
			AND (m.stage <> 'retired' OR s.phase IS NULL OR s.phase <> 'retired' OR EXISTS (SELECT 1 FROM score_marks k WHERE k.model_id = m.id)) ORDER BY m.id LIMIT ?`, last, atOnce).Scan(&ids).Error
		if err != nil {
			return scored, fmt.Errorf("score: %w", err)
		}
		if len(ids) == 0 {
			return scored, s.rollUpAll(ctx, p)
		}
		var marks []markRow
		if err := s.read.WithContext(ctx).Where("model_id IN ?", ids).Find(&marks).Error; err != nil {
			return scored, fmt.Errorf("score: %w", err)
		}
		if err := s.scoreBatch(ctx, ids, marks, teams, p); err != nil {
			return scored, err
		}
		scored += len(ids)
		last = ids[len(ids)-1]
	}
}

// scoreBatch reads the facts of models, scores them, and keeps what is another score than before. With
// later, the teams whose score has to follow are noted there; without, they follow at once.
func (s *Store) scoreBatch(ctx context.Context, ids []int64, marks []markRow, later map[int64]bool, p lifecycle.Policy) error {
	q := s.read.WithContext(ctx)
	g, err := s.known(q, ids, p)
	if err != nil {
		return err
	}
	var before []scoreRow
	if err := q.Where("model_id IN ?", ids).Find(&before).Error; err != nil {
		return fmt.Errorf("scores: %w", err)
	}
	var told []factsRow
	if err := q.Where("model_id IN ?", ids).Find(&told).Error; err != nil {
		return fmt.Errorf("scores: %w", err)
	}
	k := newKeeping(marks, before, told, p, g.now)
	for _, id := range ids {
		if f, ok := g.facts(id); ok {
			if err := k.add(g.known[id].Gate.Model, f); err != nil {
				return err
			}
		}
	}
	return s.keepScores(ctx, k, later)
}

// keepingScores is what one transaction writes, and what it compares with.
type keepingScores struct {
	marks  []markRow
	rows   []scoreRow    // that are not what is kept
	facts  []factsRow    // of them, those that read otherwise
	days   []scoreDayRow // of those whose score or criteria are others
	teams  map[int64]bool
	policy lifecycle.Policy

	now   time.Time
	tally *scorecard.Tally
	old   map[int64]scoreRow
	told  map[int64]string
}

func newKeeping(marks []markRow, before []scoreRow, told []factsRow, p lifecycle.Policy, now time.Time) *keepingScores {
	k := &keepingScores{marks: marks, teams: map[int64]bool{}, policy: p, now: now, tally: scorecard.NewTally(now), old: map[int64]scoreRow{}, told: map[int64]string{}}
	for _, r := range before {
		k.old[r.ModelID] = r
	}
	for _, r := range told {
		k.told[r.ModelID] = r.Facts
	}
	return k
}

func (k *keepingScores) add(m registry.Model, f scorecard.Facts) error {
	compact := f.Compact()
	var is, then scorecard.Sums
	if err := k.tally.Of(compact, &is); err != nil {
		return err
	}
	r := scoreRow{ModelID: m.ID, TeamID: m.TeamID, Phase: string(f.Phase), RiskTier: int64(f.Tier), Rules: ScoringRules(k.policy), Score: is.Score, Raw: is.Raw,
		Cap: int64(is.Cap), Tier: string(is.Tier), Earned: is.Earned, Attested: is.Attested, Sections: slices.Clone(is.Sections), Compact: compact,
		ChangesAt: ms(is.Changes), ReadAt: ms(k.now), ScoredAt: ms(k.now)}
	facts, err := wrap(f).Value()
	if err != nil {
		return err
	}
	was, had := k.old[r.ModelID]
	same := k.told[r.ModelID] == facts
	if had && same && was.Rules == r.Rules && was.Compact == r.Compact && was.Score == r.Score && was.TeamID == r.TeamID && was.ChangesAt == r.ChangesAt {
		return nil
	}
	k.rows = append(k.rows, r)
	if !same {
		k.facts = append(k.facts, factsRow{r.ModelID, facts.(string)})
	}
	if had && was.Rules == r.Rules && was.TeamID == r.TeamID && was.RiskTier == r.RiskTier && was.Phase == r.Phase && was.sums(&is) {
		if r.Phase == string(scorecard.Gone) || was.Compact == r.Compact && was.ChangesAt == r.ChangesAt {
			return nil
		}
		if err := scorecard.NewTally(at(was.ScoredAt)).Of(was.Compact, &then); err == nil && then.SameLines(&is) {
			return nil // a sentence is another, or a date
		}
	}
	k.days = append(k.days, dayOf(r, k.tally.Lines(&is), k.now))
	k.teams[r.TeamID] = true
	if had {
		k.teams[was.TeamID] = true
	}
	return nil
}

// sums reports whether what is kept are these numbers.
func (r scoreRow) sums(s *scorecard.Sums) bool {
	return r.Score == s.Score && r.Raw == s.Raw && r.Cap == int64(s.Cap) && r.Attested == s.Attested
}

// keepScores writes what was computed: the scores, their day, the teams above them, and that the marks are
// done with. A mark that was set again meanwhile stays.
func (s *Store) keepScores(ctx context.Context, k *keepingScores, later map[int64]bool) error {
	if len(k.rows) == 0 && len(k.marks) == 0 {
		return nil
	}
	atOnce := later == nil && len(k.teams) <= fewTeams
	err := s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		tx := &txn{DB: db, s: s, ctx: ctx}
		if len(k.rows) > 0 {
			if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(k.rows, 50).Error; err != nil {
				return fmt.Errorf("keep scores: %w", err)
			}
		}
		if len(k.facts) > 0 {
			if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(k.facts, 50).Error; err != nil {
				return fmt.Errorf("keep facts: %w", err)
			}
		}
		if len(k.days) > 0 {
			if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(k.days, 50).Error; err != nil {
				return fmt.Errorf("keep scores by day: %w", err)
			}
		}
		if err := tx.unmark(k.marks); err != nil {
			return err
		}
		if atOnce {
			return tx.rollUp(k.teams, k.policy)
		}
		return nil
	})
	switch {
	case err != nil || atOnce:
		return err
	case later != nil:
		maps.Copy(later, k.teams)
		return nil
	}
	return s.rollUpLater(ctx, k.teams, k.policy)
}

// fewTeams are added up while the database is locked for it; of more, the models are read before.
const fewTeams = 2

func dayOf(r scoreRow, lines string, now time.Time) scoreDayRow {
	return scoreDayRow{ModelID: r.ModelID, OnDay: string(day.Of(now)), Rules: r.Rules, Phase: r.Phase, Score: r.Score, Raw: r.Raw, Cap: r.Cap, Tier: r.Tier, Lines: lines}
}

func (tx *txn) unmark(marks []markRow) error {
	var sql strings.Builder
	args := make([]any, 0, 2*len(marks))
	for _, m := range marks {
		sql.WriteString(" OR model_id = ? AND n = ?")
		args = append(args, m.ModelID, m.N)
	}
	if len(args) == 0 {
		return nil
	}
	if err := tx.Exec("DELETE FROM score_marks WHERE "+strings.TrimPrefix(sql.String(), " OR "), args...).Error; err != nil {
		return fmt.Errorf("score marks: %w", err)
	}
	return nil
}

// KeptLine is what a criterion earned on a day that was kept.
type KeptLine struct {
	Key     string
	Points  int
	Earned  float64
	Outcome scorecard.Outcome
}

var outcomeOf = map[string]scorecard.Outcome{"p": scorecard.Pass, "f": scorecard.Fail, "s": scorecard.Skipped, "n": scorecard.NotMeasured}

func readLines(text string) []KeptLine {
	var out []KeptLine
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		if len(words) != 3 {
			continue
		}
		earned, points, _ := strings.Cut(words[1], "/")
		l := KeptLine{Key: words[0], Outcome: outcomeOf[words[2]]}
		l.Earned, _ = strconv.ParseFloat(earned, 64)
		l.Points, _ = strconv.Atoi(points)
		out = append(out, l)
	}
	return out
}

// markChanged notes the models that a transaction's events are about, in that transaction: whoever reads the
// event knows that the score follows.
func (tx *txn) markChanged() error {
	var ids []int64
	for _, n := range tx.Notes() {
		id := n.Subject.Model
		if id == 0 && n.Subject.Kind == "model" {
			id = n.Subject.ID
		}
		if id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		var err error
		switch {
		case n.Subject.Kind == "person" && (n.Verb == "person.disabled" || n.Verb == "person.enabled"):
			err = tx.markWhere("SELECT id, 1 FROM models WHERE owner_id = ? OR deputy_id = ?", n.Subject.ID, n.Subject.ID)
		case n.Subject.Kind == "vendors":
			err = tx.markWhere("SELECT DISTINCT v.model_id, 1 FROM versions v WHERE v.vendor_model <> '' AND v.stage <> 'retired'")
		}
		if err != nil {
			return err
		}
	}
	return tx.markModels(ids)
}

// markModels notes that the facts of models have to be read anew.
func (tx *txn) markModels(ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids) // replicas lock in one order
	args := make([]any, 0, len(ids))
	for _, id := range ids {
		args = append(args, id)
	}
	values := strings.TrimSuffix(strings.Repeat("(?, 1), ", len(ids)), ", ")
	err := tx.Exec("INSERT INTO score_marks (model_id, n) VALUES "+values+" ON CONFLICT (model_id) DO UPDATE SET n = score_marks.n + 1", args...).Error
	if err != nil {
		return fmt.Errorf("mark for scoring: %w", err)
	}
	return nil
}

func (tx *txn) markWhere(selected string, args ...any) error {
	err := tx.Exec("INSERT INTO score_marks (model_id, n) "+selected+" ON CONFLICT (model_id) DO UPDATE SET n = score_marks.n + 1", args...).Error
	if err != nil {
		return fmt.Errorf("mark for scoring: %w", err)
	}
	return nil
}

// factsNow are a model's facts as they are at this moment, read anew.
func (s *Store) factsNow(ctx context.Context, model int64, p lifecycle.Policy) (scorecard.Facts, *scorecard.Known, error) {
	g, err := s.known(s.read.WithContext(ctx), []int64{model}, p)
	if err != nil {
		return scorecard.Facts{}, nil, err
	}
	f, ok := g.facts(model)
	if !ok {
		return f, nil, errors.New("store: no facts of a model that is there")
	}
	return f, g.known[model], nil
}

// ScoresWait reports whether a model waits to be scored: one was marked, or time changed a score.
func (s *Store) ScoresWait(ctx context.Context) (bool, error) {
	var waits bool
	err := s.read.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM score_marks) OR EXISTS (SELECT 1 FROM model_scores WHERE changes_at > 0 AND changes_at <= ?)", ms(s.Now())).Scan(&waits).Error
	if err != nil {
		return false, fmt.Errorf("scores wait: %w", err)
	}
	return waits, nil
}

// ScoreDue scores what changed since it was last asked: marked models, and those that time changed.
func (s *Store) ScoreDue(ctx context.Context, p lifecycle.Policy) (scored int, err error) {
	var m many
	for {
		var ids []int64
		err := s.read.WithContext(ctx).Table("model_scores").Where("changes_at > 0 AND changes_at <= ?", ms(s.Now())).Order("changes_at").Limit(atOnce).Pluck("model_id", &ids).Error
		if err != nil {
			return scored, fmt.Errorf("scores that time changes: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		if err := s.scoreBatch(ctx, ids, nil, m.later(len(ids)), p); err != nil {
			return scored, err
		}
		scored += len(ids)
	}
	if err := s.rollUpLater(ctx, m.teams, p); err != nil {
		return scored, err
	}
	n, err := s.ScoreMarked(ctx, p)
	return scored + n, err
}

func rollupJSON(r scorecard.Rollup) string {
	text, err := json.Marshal(r)
	if err != nil {
		panic("store: a rollup is plain values: " + err.Error())
	}
	return string(text)
}
