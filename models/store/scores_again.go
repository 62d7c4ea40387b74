package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/scorecard"
)

const (
	readAgain  = 2000 // scores that are read at once
	writeAgain = 500  // scores that are written in one transaction, for which nobody has to wait long
	inOne      = 100  // rows in a statement
)

// ScoreAgain computes every score anew from the facts that were kept, as the clock and the rules are now. It
// reads no fact again, so that it takes seconds where ScoreAll takes a minute: by it a new release's points
// hold everywhere at once. What then has to be read anew, because a fact grew too old or the rules are
// others, is marked for that; what was read under another policy is marked alone, since the policy says how
// long facts hold. It returns how many scores it computed and how many are others.
func (s *Store) ScoreAgain(ctx context.Context, p lifecycle.Policy) (scored, changed int, err error) {
	now := s.Now()
	a := &again{s: s, rules: ScoringRules(p), policy: p.Version(), now: now, tally: scorecard.NewTally(now), teams: map[int64]bool{}, sums: map[int64]*teamSum{}}
	if err := a.run(ctx); err != nil {
		return a.scored, a.changed, fmt.Errorf("score again: %w", err)
	}
	return a.scored, a.changed, a.rollUp(ctx, p)
}

// run reads and scores on one core and writes on another.
func (a *again) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	steps := make(chan step, 2)
	var failed error
	go func() {
		defer close(steps)
		for more := true; more && failed == nil; {
			var st step
			if st, more, failed = a.read(ctx); failed != nil {
				return
			}
			select {
			case steps <- st:
			case <-ctx.Done():
				return
			}
		}
	}()
	var moved []int64
	for st := range steps {
		teams, err := a.write(ctx, st)
		if err != nil {
			cancel()
			for range steps { // until the reader has stopped: what it adds up is not touched meanwhile
			}
			return err
		}
		moved = append(moved, teams...)
	}
	for _, team := range moved {
		a.team(team).unsure = true
	}
	return failed
}

// step is what one reading found.
type step struct {
	rows  []rescored // to be written
	stale []int64    // models that only have to be read anew
}

// again is one pass over all scores.
type again struct {
	s      *Store
	rules  string
	policy string
	now    time.Time
	tally  *scorecard.Tally
	last   int64

	teams  map[int64]bool // whose score is another
	sums   map[int64]*teamSum
	scored int
	// changed counts the scores that are others.
	changed int
}

// rescored is a score that is another.
type rescored struct {
	id      int64
	team    int64
	was     int64 // when it was scored before
	changes int64 // when its score was to change by time alone
	phase   string
	sums    scorecard.Sums
	lines   string
	told    bool // every criterion stands as it did: the day has nothing to tell
	anew    bool
}

// read computes the next scores, and keeps those that are others.
func (a *again) read(ctx context.Context) (st step, more bool, err error) {
	rows, err := a.s.read.WithContext(ctx).Raw(`SELECT model_id, team_id, risk_tier, phase, rules, score, raw, cap, earned, attested, compact, changes_at, scored_at
		FROM model_scores WHERE model_id > ? ORDER BY model_id LIMIT ?`, a.last, readAgain).Rows()
	if err != nil {
		return st, false, err
	}
	defer rows.Close()
	n := 0
	var r scoreRow
	var is scorecard.Sums
	for rows.Next() {
		if err := rows.Scan(&r.ModelID, &r.TeamID, &r.RiskTier, &r.Phase, &r.Rules, &r.Score, &r.Raw, &r.Cap, &r.Earned, &r.Attested, &r.Compact, &r.ChangesAt, &r.ScoredAt); err != nil {
			return st, false, err
		}
		n++
		a.last = r.ModelID
		if r.Rules != a.rules && !strings.HasSuffix(r.Rules, "/"+a.policy) {
			st.stale = append(st.stale, r.ModelID)
			a.team(r.TeamID).unsure = true
			continue
		}
		if err := a.tally.Of(r.Compact, &is); err != nil {
			return st, false, fmt.Errorf("model %d: %w", r.ModelID, err)
		}
		a.scored++
		a.team(r.TeamID).add(&r, &is)
		if r.Rules == a.rules && r.sums(&is) && r.Earned == is.Earned && r.ChangesAt == ms(is.Changes) {
			continue
		}
		x, err := a.differs(&r, &is)
		if err != nil {
			return st, false, err
		}
		st.rows = append(st.rows, x)
	}
	return st, n == readAgain, rows.Err()
}

func (a *again) differs(r *scoreRow, is *scorecard.Sums) (rescored, error) {
	x := rescored{id: r.ModelID, team: r.TeamID, was: r.ScoredAt, changes: r.ChangesAt, phase: r.Phase, sums: *is, anew: r.Rules != a.rules || r.ChangesAt > 0 && r.ChangesAt <= ms(a.now)}
	x.sums.Sections = slices.Clone(is.Sections)
	if x.told = r.Rules == a.rules && r.sums(is); x.told {
		var then scorecard.Sums
		if err := scorecard.NewTally(at(r.ScoredAt)).Of(r.Compact, &then); err != nil {
			return x, err
		}
		x.told = then.SameLines(is)
	}
	if !x.told {
		x.lines = a.tally.Lines(is)
		a.teams[r.TeamID] = true
		a.changed++
	}
	return x, nil
}

// errOthersScored says that somebody else scored one of the models meanwhile.
var errOthersScored = errors.New("store: scored by others meanwhile")

// write keeps a step, in transactions that are short. Models that somebody else scored meanwhile, with facts
// that were not known here, are read anew instead; it returns their teams.
func (a *again) write(ctx context.Context, st step) (moved []int64, err error) {
	for some := range slices.Chunk(st.rows, writeAgain) {
		err := a.s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			return a.keep(&txn{DB: db, s: a.s, ctx: ctx}, some)
		})
		if errors.Is(err, errOthersScored) {
			for _, x := range some {
				st.stale, moved = append(st.stale, x.id), append(moved, x.team)
			}
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	for some := range slices.Chunk(st.stale, writeAgain) {
		err := a.s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			return (&txn{DB: db, s: a.s, ctx: ctx}).markModels(some)
		})
		if err != nil {
			return nil, err
		}
	}
	return moved, nil
}

func (a *again) keep(tx *txn, list []rescored) error {
	var days []rescored
	var anew []int64
	for _, x := range list {
		if !x.told {
			days = append(days, x)
		}
		if x.anew {
			anew = append(anew, x.id)
		}
	}
	for some := range slices.Chunk(list, inOne) {
		if err := a.update(tx, some); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(days, inOne) {
		if err := a.keepDays(tx, some); err != nil {
			return err
		}
	}
	return tx.markModels(anew)
}

// update writes scores. When they change by time alone is written only where it is another: it has an index.
func (a *again) update(tx *txn, some []rescored) error {
	moved := ""
	for i := range some {
		if ms(some[i].sums.Changes) != some[i].changes {
			moved = "changes_at = v.changes, "
		}
	}
	// The first row tells PostgreSQL the types of all.
	values := "(CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS DOUBLE PRECISION), CAST(? AS DOUBLE PRECISION), CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS DOUBLE PRECISION), CAST(? AS DOUBLE PRECISION), CAST(? AS TEXT), CAST(? AS BIGINT))" +
		strings.Repeat(", (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", len(some)-1)
	args := make([]any, 0, 10*len(some)+2)
	for i := range some {
		x := &some[i]
		args = append(args, x.id, x.was, x.sums.Score, x.sums.Raw, int64(x.sums.Cap), string(x.sums.Tier), x.sums.Earned, x.sums.Attested,
			scorecard.CompactSections(x.sums.Sections), ms(x.sums.Changes))
	}
	args = append(args, a.rules, ms(a.now))
	n, err := tx.bare(`WITH v (id, was, score, raw, cap, tier, earned, attested, sections, changes) AS (VALUES `+values+`)
		UPDATE model_scores SET score = v.score, raw = v.raw, cap = v.cap, tier = v.tier, earned = v.earned, attested = v.attested, sections = v.sections,
		`+moved+`rules = ?, scored_at = ? FROM v WHERE model_scores.model_id = v.id AND model_scores.scored_at = v.was`, args)
	if err == nil && n != int64(len(some)) {
		return errOthersScored
	}
	return err
}

// bare sends a statement past gorm, which takes longer over a thousand arguments than the database over
// writing them. It returns how many rows changed.
func (tx *txn) bare(query string, args []any) (int64, error) {
	res, err := tx.Statement.ConnPool.ExecContext(tx.ctx, tx.s.numbered(query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// numbered writes the question marks of a query as its database wants them. No query here has one in a text.
func (s *Store) numbered(query string) string {
	if s.dialect == sqliteDialect {
		return query
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(query, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}

func (a *again) keepDays(tx *txn, some []rescored) error {
	today := string(day.Of(a.now))
	args := make([]any, 0, 9*len(some))
	for i := range some {
		x := &some[i]
		args = append(args, x.id, today, a.rules, x.phase, x.sums.Score, x.sums.Raw, int64(x.sums.Cap), string(x.sums.Tier), x.lines)
	}
	_, err := tx.bare(`INSERT INTO model_score_days (model_id, on_day, rules, phase, score, raw, cap, tier, lines) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`+
		strings.Repeat(", (?, ?, ?, ?, ?, ?, ?, ?, ?)", len(some)-1)+` ON CONFLICT (model_id, on_day) DO UPDATE SET rules = excluded.rules, phase = excluded.phase,
		score = excluded.score, raw = excluded.raw, cap = excluded.cap, tier = excluded.tier, lines = excluded.lines`, args)
	return err
}
