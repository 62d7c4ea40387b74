package store_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/scorecard"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/telemetry"
)

func scoreDue(t *testing.T, w *storetest.World) int {
	t.Helper()
	n, err := w.S.ScoreDue(system(), w.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func modelScore(t *testing.T, w *storetest.World, slug string) store.ModelScore {
	t.Helper()
	s, err := w.S.ModelScore(system(), slug, w.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func outcome(t *testing.T, s store.ModelScore, key string) scorecard.Line {
	t.Helper()
	i := slices.IndexFunc(s.Card.Lines, func(l scorecard.Line) bool { return l.Key == key })
	if i < 0 {
		t.Fatalf("no criterion %s", key)
	}
	return s.Card.Lines[i]
}

func TestScoresFollowFacts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.ServeRelease(t, "bot", "v1")
		if n := scoreDue(t, w); n == 0 {
			t.Fatal("nothing was marked")
		}
		if n := scoreDue(t, w); n != 0 {
			t.Errorf("%d models are scored again though nothing changed", n)
		}
		bot := modelScore(t, w, "bot")
		for key, want := range map[string]scorecard.Outcome{"owner": scorecard.Pass, "pin": scorecard.Pass, "vendor_end": scorecard.Pass, "prompt": scorecard.Pass, "plan": scorecard.Pass,
			"candidate": scorecard.Pass, "data": scorecard.Pass, "approval": scorecard.Pass, "four_eyes": scorecard.Pass, "serving": scorecard.Pass, "coverage": scorecard.NotMeasured,
			"quality": scorecard.NotMeasured, "rehearsal": scorecard.Fail, "release_evaluation": scorecard.Fail} {
			if l := outcome(t, bot, key); l.Outcome != want {
				t.Errorf("%s is %s, want %s: %s", key, l.Outcome, want, l.Fact)
			}
		}
		if bot.Card.Cap() != 89 {
			t.Errorf("cap %d, want 89 for quality that nobody measures: %v", bot.Card.Cap(), bot.Card.Caps)
		}
		if err := s.SetDisabled(w.As(w.Admin), w.Owner.ID, true); err != nil {
			t.Fatal(err)
		}
		if l := outcome(t, modelScore(t, w, "bot"), "owner"); l.Outcome != scorecard.Fail {
			t.Errorf("the page does not know yet that the owner left")
		}
		if n := scoreDue(t, w); n != 1 {
			t.Errorf("%d models are scored after their owner left, want 1", n)
		}
	})
}

func TestScoresOfAMachinesRecord(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.ServeRelease(t, "bot", "v1")
		ci := storetest.Actor(w.Contributor)
		ci.Via, ci.Scopes = "token:ci", []org.Scope{org.ScopeRead, org.ScopeWrite}
		ctx := store.WithSource(context.Background(), store.Source{Actor: ci, RequestID: "ci"})
		_, err := s.AddEvidence(ctx, "bot", "v1", func(m *registry.Model, v *registry.Version, now time.Time) (*evidence.Evidence, error) {
			return evidence.New(ci, m, v, evidence.Draft{Kind: evidence.Evaluation, Outcome: evidence.Passed, SuiteSHA256: v.Release.EvaluationSuite.SHA256,
				Metrics: []evidence.Metric{{Name: "resolved", Value: 0.9, Operator: ">=", Threshold: 0.8}}}, now)
		})
		if err != nil {
			t.Fatal(err)
		}
		if l := outcome(t, modelScore(t, w, "bot"), "release_evaluation"); l.Evidence != scorecard.Observed {
			t.Errorf("an evaluation by a token is %s: %s", l.Evidence, l.Fact)
		}
		if _, err := addReports(w, w.Contributor, "bot", report(s.Now(), telemetry.Quality, 0.9, 0)); err != nil {
			t.Fatal(err)
		}
		bot := modelScore(t, w, "bot")
		if l := outcome(t, bot, "quality"); l.Outcome != scorecard.Pass || bot.Card.Cap() != 100 {
			t.Errorf("quality is %s, the cap %d", l.Outcome, bot.Card.Cap())
		}
	})
}

func TestScoresAreKeptByDayAndNeverRewritten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.ServeRelease(t, "bot", "v1")
		scoreDue(t, w)
		first := day.Of(s.Now())
		was := modelScore(t, w, "bot")
		later := s.Now().AddDate(0, 0, 3)
		s.SetClock(func() time.Time { return later })
		if _, err := addReports(w, w.Contributor, "bot", report(later, telemetry.Quality, 0.9, 0)); err != nil {
			t.Fatal(err)
		}
		strict := w.Policy
		strict.RollbackDays++ // other rules
		if _, err := s.ScoreAll(system(), strict); err != nil {
			t.Fatal(err)
		}
		days, err := s.ModelDays(system(), was.Model.ID, first.Add(-10))
		if err != nil || len(days) != 2 {
			t.Fatalf("%d days, %v; want 2", len(days), err)
		}
		if days[0].Day != first || days[0].Score != was.Card.Score || days[0].Rules != store.ScoringRules(w.Policy) {
			t.Errorf("the first day is %+v, want %v under %s", days[0], was.Card.Score, store.ScoringRules(w.Policy))
		}
		if days[1].Score <= days[0].Score || days[1].Rules != store.ScoringRules(strict) || len(days[1].Lines) != len(was.Card.Lines) {
			t.Errorf("the second day is %+v", days[1])
		}
		for on, want := range map[day.Day]float64{first: was.Card.Score, first.Add(2): was.Card.Score, first.Add(3): days[1].Score, first.Add(9): days[1].Score} {
			if d, found, err := s.ModelScoreAt(system(), was.Model.ID, on); err != nil || !found || d.Score != want {
				t.Errorf("on %s the score was %v, %v, want %v", on, d.Score, err, want)
			}
		}
		if _, found, _ := s.ModelScoreAt(system(), was.Model.ID, first.Add(-1)); found {
			t.Error("there is a score from before there was one")
		}
		team, found, err := s.GroupScoreAt(system(), store.ScopeTeam, w.Fraud.ID, first)
		if err != nil || !found || team.Score == nil || *team.Score != was.Card.Score {
			t.Errorf("the team's first day: %+v, %v", team, err)
		}
		board, err := s.Board(system())
		if err != nil {
			t.Fatal(err)
		}
		if change, known := board.Org.Trend(); !known || math.Abs(change-(days[1].Score-days[0].Score)) > 1e-9 {
			t.Errorf("trend %v, %t", change, known)
		}
	})
}

func TestTeamsRollUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.ServeRelease(t, "bot", "v1")
		w.Model(t, "coming", registry.Trained, 3)
		seen := w.Model(t, "seen", registry.Trained, 1)
		if _, err := s.ChangeModel(w.As(w.Admin), seen.Slug, 0, func(m *registry.Model) error {
			m.Reported = "operating"
			m.Note("model.edited", m.Subject(), nil, map[string]string{"reported": m.Reported})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		scoreDue(t, w)
		if _, err := s.ScoreAll(system(), w.Policy); err != nil {
			t.Fatal(err)
		}
		bot := modelScore(t, w, "bot").Card.Score
		want := math.Floor(bot*1e9+0.5) * 2 / 4 / 1e9 // tier 2 each, one of them 0
		board, err := s.Board(system())
		if err != nil {
			t.Fatal(err)
		}
		fraud, err := s.TeamScore(system(), w.Fraud.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range []store.GroupScore{fraud, board.Org, board.Departments[0]} {
			score, known := g.Rollup.Score()
			if !known || math.Abs(score-want) > 1e-8 || g.Rollup.Models != 2 || g.Rollup.Unregistered != 1 || g.Rollup.Lowest != "seen" {
				t.Errorf("%s %s: %v of %+v, want %v", g.Scope, g.Name, score, g.Rollup, want)
			}
		}
		if fraud.Rollup.Coming != 1 || fraud.Name != "Fraud" || fraud.Department != "Risk" {
			t.Errorf("%+v", fraud)
		}
		if len(board.Teams) != 2 {
			t.Errorf("%d teams on the board, want 2: also the one without models", len(board.Teams))
		}
		models, err := s.TeamModels(system(), w.Fraud.ID)
		if err != nil || len(models) != 3 || models[0].Slug != "seen" || models[2].Slug != "coming" {
			t.Fatalf("team's models: %+v, %v", models, err)
		}
		var list []scorecard.TeamModel
		for _, m := range models {
			list = append(list, scorecard.TeamModel{Slug: m.Slug, Name: m.Name, Facts: m.Facts})
		}
		again := scorecard.WhatIf(list, nil, s.Now())
		if a, _ := again.Score(); a != mustScore(fraud.Rollup) {
			t.Errorf("scored from compact facts the team is %v, kept %v", a, mustScore(fraud.Rollup))
		}
	})
}

func mustScore(r scorecard.Rollup) float64 {
	s, _ := r.Score()
	return s
}

// Scoring two hundred models takes as many queries as scoring one.
func TestFactsOfManyModelsAreFewQueries(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	count := func() int64 {
		ctx, n := store.CountQueries(system())
		if _, err := s.ScoreAll(ctx, w.Policy); err != nil {
			t.Fatal(err)
		}
		return n.Load()
	}
	w.ServeRelease(t, "bot", "v1")
	one := count()
	for _, slug := range []string{"a1", "a2", "a3", "a4", "a5", "a6"} {
		w.ServeRelease(t, slug, "v1")
	}
	if many := count(); many > one+2 {
		t.Errorf("one model takes %d queries, seven %d", one, many)
	}
}

// What kept facts say of a moment is what the page says of it, and what is read anew agrees.
func TestScoringAgainIsScoringByTheClock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.ServeRelease(t, "bot", "v1")
		w.ServeRelease(t, "other", "v1")
		if _, err := addReports(w, w.Contributor, "bot", report(s.Now(), telemetry.Quality, 0.9, 0)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ScoreAll(system(), w.Policy); err != nil {
			t.Fatal(err)
		}
		again := func(p lifecycle.Policy, scored, changed int) {
			t.Helper()
			if n, c, err := s.ScoreAgain(system(), p); err != nil || n != scored || c != changed {
				t.Errorf("%d scored, %d others, %v; want %d and %d", n, c, err, scored, changed)
			}
		}
		again(w.Policy, 2, 0)
		marked := func() bool {
			t.Helper()
			waits, err := s.ScoresWait(system())
			if err != nil {
				t.Fatal(err)
			}
			return waits
		}
		if marked() {
			t.Error("something waits, and nothing changed")
		}
		was := modelScore(t, w, "bot").Card.Score
		first := day.Of(s.Now())
		later := s.Now().AddDate(0, 0, 40)
		s.SetClock(func() time.Time { return later })
		n, changed, err := s.ScoreAgain(system(), w.Policy)
		if err != nil || n != 2 || changed == 0 {
			t.Fatalf("%d scored, %d others, %v", n, changed, err)
		}
		again(w.Policy, 2, 0)
		bot, err := s.KeptScore1("bot")
		if err != nil || bot >= was || bot != modelScore(t, w, "bot").Card.Score {
			t.Errorf("kept %v, %v; the page says %v, it was %v", bot, err, modelScore(t, w, "bot").Card.Score, was)
		}
		team, err := s.TeamScore(system(), w.Fraud.ID)
		if err != nil {
			t.Fatal(err)
		}
		mean := (modelScore(t, w, "bot").Card.Score + modelScore(t, w, "other").Card.Score) / 2
		if got := mustScore(team.Rollup); math.Abs(got-mean) > 1e-8 {
			t.Errorf("the team is %v, its models %v", got, mean)
		}
		if days, err := s.ModelDays(system(), modelScore(t, w, "bot").Model.ID, first); err != nil || len(days) != 2 || days[1].Day != first.Add(40) || days[1].Score != bot {
			t.Errorf("days %+v, %v", days, err)
		}
		if !marked() {
			t.Error("a fact grew too old, and it is not read anew")
		}
		scoreDue(t, w)
		if after, _ := s.KeptScore1("bot"); after != bot {
			t.Errorf("read anew it is %v, by the clock %v", after, bot)
		}
		strict := w.Policy
		strict.RollbackDays++
		again(strict, 0, 0)
		if n := scoreDueUnder(t, w, strict); n != 2 {
			t.Errorf("%d models are read anew under another policy, want 2", n)
		}
		again(strict, 2, 0)
	})
}

func scoreDueUnder(t *testing.T, w *storetest.World, p lifecycle.Policy) int {
	t.Helper()
	n, err := w.S.ScoreDue(system(), p)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTeamsInEveryOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.ServeRelease(t, "bot", "v1")
		if _, err := s.ScoreAll(system(), w.Policy); err != nil {
			t.Fatal(err)
		}
		slugs := func(by store.TeamsBy, from string, limit int) (out []string, p store.BoardPage) {
			t.Helper()
			p, err := s.BoardPage(system(), by, from, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range p.Teams {
				out = append(out, g.Slug)
			}
			return out, p
		}
		for _, c := range []struct {
			by   store.TeamsBy
			want []string
		}{
			{store.TeamsBy{}, []string{"credit", "fraud"}},
			{store.TeamsBy{Sort: "name"}, []string{"credit", "fraud"}},
			{store.TeamsBy{Sort: "name", Down: true}, []string{"fraud", "credit"}},
			{store.TeamsBy{Sort: "score"}, []string{"fraud", "credit"}}, // one has no score, and comes last
			{store.TeamsBy{Sort: "score", Down: true}, []string{"fraud", "credit"}},
			{store.TeamsBy{Sort: "trend"}, []string{"fraud", "credit"}},
			{store.TeamsBy{Sort: "capped", Down: true}, []string{"credit", "fraud"}},
			{store.TeamsBy{Sort: "A", Down: true}, []string{"fraud", "credit"}},
			{store.TeamsBy{Department: "nowhere"}, nil},
		} {
			if got, _ := slugs(c.by, "", 50); !slices.Equal(got, c.want) {
				t.Errorf("%+v: %v, want %v", c.by, got, c.want)
			}
		}
		if got, p := slugs(store.TeamsBy{}, "", 1); !slices.Equal(got, []string{"credit"}) || p.Total != 2 || p.Older != "fraud" || p.At != 0 || p.Org.Rollup.Models != 1 {
			t.Errorf("the first page: %v, %+v", got, p)
		}
		if got, p := slugs(store.TeamsBy{}, "fraud", 1); !slices.Equal(got, []string{"fraud"}) || p.Newer != "credit" || p.Older != "" || p.At != 1 {
			t.Errorf("the second page: %v, %+v", got, p)
		}
	})
}

// A stricter policy asks reviews of moves that needed none before. It does not make those moves wrong.
func TestAnotherPolicyDoesNotJudgeOldMoves(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 3)
		strict, _ := lifecycle.Profile("strict")
		if w.Policy.Quorum(lifecycle.Forward, registry.Experiment, registry.Registered, 3).Count != 0 || strict.Quorum(lifecycle.Forward, registry.Experiment, registry.Registered, 3).Count == 0 {
			t.Fatal("the policies do not differ in what this is about")
		}
		got, err := s.ModelScore(system(), "fraud", strict)
		if err != nil {
			t.Fatal(err)
		}
		if l := outcome(t, got, "four_eyes"); l.Outcome != scorecard.Pass {
			t.Errorf("%s: %s", l.Outcome, l.Fact)
		}
	})
}
