package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
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
	Sections  asJSON[[]scorecard.SectionSum]
	Compact   string
	Facts     asJSON[scorecard.Facts]
	ChangesAt int64
	ReadAt    int64
	ScoredAt  int64
}

func (scoreRow) TableName() string { return "model_scores" }

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
	for {
		var marks []markRow
		if err := s.read.WithContext(ctx).Order("model_id").Limit(atOnce).Find(&marks).Error; err != nil {
			return scored, fmt.Errorf("score: %w", err)
		}
		if len(marks) == 0 {
			return scored, nil
		}
		ids := make([]int64, 0, len(marks))
		for _, m := range marks {
			ids = append(ids, m.ModelID)
		}
		if err := s.scoreBatch(ctx, ids, marks, nil, p); err != nil {
			return scored, err
		}
		scored += len(marks)
	}
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
// later, the teams whose score has to follow are noted there; without, they follow in the same transaction.
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
	old := map[int64]scoreRow{}
	for _, r := range before {
		old[r.ModelID] = r
	}
	k := keepingScores{marks: marks, teams: map[int64]bool{}, policy: p}
	for _, id := range ids {
		if f, ok := g.facts(id); ok {
			card := scorecard.Score(f, g.now)
			k.add(newScoreRow(g.known[id].Gate.Model, f, card, p, g.now), card, old)
		}
	}
	return s.keepScores(ctx, k, later)
}

// keepingScores is what one transaction writes.
type keepingScores struct {
	marks  []markRow
	rows   []scoreRow    // that are not what is kept
	days   []scoreDayRow // of those whose score or criteria are others
	teams  map[int64]bool
	policy lifecycle.Policy
}

func (k *keepingScores) add(r scoreRow, c scorecard.Scorecard, old map[int64]scoreRow) {
	was, had := old[r.ModelID]
	if had && was.Rules == r.Rules && was.Compact == r.Compact && was.Score == r.Score && was.TeamID == r.TeamID && was.ChangesAt == r.ChangesAt &&
		reflect.DeepEqual(was.Facts.V, r.Facts.V) {
		return
	}
	k.rows = append(k.rows, r)
	if had && was.Rules == r.Rules && was.TeamID == r.TeamID && was.RiskTier == r.RiskTier && stillSays(was, r, c) {
		return // a sentence is another, or a date
	}
	k.days = append(k.days, dayOf(r, c, at(r.ScoredAt)))
	k.teams[r.TeamID] = true
	if had {
		k.teams[was.TeamID] = true
	}
}

func newScoreRow(m registry.Model, f scorecard.Facts, c scorecard.Scorecard, p lifecycle.Policy, now time.Time) scoreRow {
	return scoreRow{ModelID: m.ID, TeamID: m.TeamID, Phase: string(f.Phase), RiskTier: int64(f.Tier), Rules: ScoringRules(p), Score: c.Score, Raw: c.Raw,
		Cap: int64(c.Cap()), Tier: string(c.Tier), Earned: c.Earned, Attested: c.Attested, Sections: wrap(c.Sections), Compact: f.Compact(), Facts: wrap(f),
		ChangesAt: ms(c.Changes), ReadAt: ms(now), ScoredAt: ms(now)}
}

// stillSays reports whether a score and what every criterion earned are what was kept.
func stillSays(was, is scoreRow, c scorecard.Scorecard) bool {
	if was.Phase != is.Phase || was.Score != is.Score || was.Raw != is.Raw || was.Cap != is.Cap || was.Attested != is.Attested {
		return false
	}
	if is.Phase == string(scorecard.Gone) || was.Compact == is.Compact {
		return true
	}
	f, err := scorecard.ParseCompact(was.Compact)
	return err == nil && keptLines(scorecard.Score(f, at(was.ScoredAt))) == keptLines(c)
}

// keepScores writes what was computed: the scores, their day, the teams above them, and that the marks are
// done with. A mark that was set again meanwhile stays.
func (s *Store) keepScores(ctx context.Context, k keepingScores, later map[int64]bool) error {
	if len(k.rows) == 0 && len(k.marks) == 0 {
		return nil
	}
	return s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		tx := &txn{DB: db, s: s, ctx: ctx}
		if len(k.rows) > 0 {
			if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(k.rows, 50).Error; err != nil {
				return fmt.Errorf("keep scores: %w", err)
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
		if later != nil {
			maps.Copy(later, k.teams)
			return nil
		}
		return tx.rollUp(k.teams, k.policy)
	})
}

func dayOf(r scoreRow, c scorecard.Scorecard, now time.Time) scoreDayRow {
	return scoreDayRow{ModelID: r.ModelID, OnDay: string(day.Of(now)), Rules: r.Rules, Phase: r.Phase, Score: r.Score, Raw: r.Raw, Cap: r.Cap, Tier: r.Tier, Lines: keptLines(c)}
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

// keptLines writes what every criterion earned: "owner 4/4 p;deputy 0/2 f". Titles and facts are not kept
// by day; which criterion moved is what a history tells.
func keptLines(c scorecard.Scorecard) string {
	var b strings.Builder
	for _, l := range c.Lines {
		fmt.Fprintf(&b, "%s %s/%d %c;", l.Key, strconv.FormatFloat(l.Earned, 'f', -1, 64), l.Points, l.Outcome[0])
	}
	return strings.TrimSuffix(b.String(), ";")
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
	for {
		var ids []int64
		err := s.read.WithContext(ctx).Table("model_scores").Where("changes_at > 0 AND changes_at <= ?", ms(s.Now())).Order("changes_at").Limit(atOnce).Pluck("model_id", &ids).Error
		if err != nil {
			return scored, fmt.Errorf("scores that time changes: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		if err := s.scoreBatch(ctx, ids, nil, nil, p); err != nil {
			return scored, err
		}
		scored += len(ids)
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
