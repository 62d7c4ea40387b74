package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"sundial/models/evidence"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/scorecard"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func tried(t *testing.T, w *storetest.World, is lifecycle.Policy) (scorecard.Trial, map[string]scorecard.ModelTrial) {
	t.Helper()
	differ := map[string]scorecard.ModelTrial{}
	sums, err := w.S.TryPolicy(system(), w.Policy, is, store.AtMost(0), func(m scorecard.ModelTrial) error { differ[m.Slug] = m; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return sums, differ
}

// What a dry-run says of a policy is what then happens under it, of every model and team, and nothing was kept.
func TestADryRunIsWhatThenHappens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.ServeRelease(t, "bot", "v1")
		w.ServeRelease(t, "other", "v1")
		w.Model(t, "coming", registry.Trained, 3)
		evaluateByMachine(t, w, "bot", "v1")
		now := s.Now().AddDate(0, 0, 20)
		s.SetClock(func() time.Time { return now })
		if _, err := s.ScoreAll(system(), w.Policy); err != nil {
			t.Fatal(err)
		}
		strict := w.Policy
		strict.FreshDays = map[evidence.Kind]int{evidence.Evaluation: 10, evidence.Fairness: 365, evidence.SecurityReview: 365, evidence.Shadow: 90, evidence.Canary: 90}
		was := modelScore(t, w, "bot").Card
		sums, differ := tried(t, w, strict)
		if !sums.Whole() || sums.Compared != 3 || sums.Fall != 2 || sums.Rise != 0 {
			t.Errorf("%+v", sums)
		}
		bot := differ["bot"]
		if len(bot.Score.Moved) != 2 || bot.Score.Moved[0].Key != "release_evaluation" || bot.Score.Moved[1].Key != "reevaluation" || bot.Score.Was != was.Score || bot.Team != "Fraud" {
			t.Errorf("%+v", bot)
		}
		if !slices.ContainsFunc(bot.Gate.Fails, func(c lifecycle.Check) bool { return c.Key == "release_evaluation" }) || sums.Fails != 2 || !bot.Gate.Was || bot.Gate.Is {
			t.Errorf("the gate: %+v, %d", bot.Gate, sums.Fails)
		}
		if kept, _ := s.KeptScore1("bot"); kept != was.Score {
			t.Errorf("a dry-run left %v where %v was", kept, was.Score)
		}
		if waits, _ := s.ScoresWait(system()); waits {
			t.Error("a dry-run left something to do")
		}
		if _, err := s.ScoreAll(system(), strict); err != nil {
			t.Fatal(err)
		}
		for _, slug := range []string{"bot", "other", "coming"} {
			kept, err := s.KeptScore1(slug)
			want := kept
			if d, differs := differ[slug]; differs {
				want = d.Score.Is
			}
			if err != nil || kept != want {
				t.Errorf("%s is %v under the policy, the dry-run said %v", slug, kept, want)
			}
		}
		fraud, err := s.TeamScore(system(), w.Fraud.ID)
		if err != nil || len(sums.Teams) != 1 || sums.Teams[0].Slug != "fraud" || sums.Teams[0].Is != mustScore(fraud.Rollup) || sums.Org.Is != mustScore(fraud.Rollup) {
			t.Errorf("teams %+v, then %v, %v", sums.Teams, mustScore(fraud.Rollup), err)
		}
	})
}

// The gates of a dry-run are read for many models at once; they say what each version's page says.
func TestADryRunsGatesAreThePages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.ServeRelease(t, "bot", "v1")
		w.Model(t, "trained", registry.Trained, 1)
		w.Version(t, "trained", "v1")
		light, _ := lifecycle.Profile("light")
		strict, _ := lifecycle.Profile("strict")
		now := s.Now().AddDate(0, 0, 120)
		s.SetClock(func() time.Time { return now })
		for _, is := range []lifecycle.Policy{light, strict} {
			_, differ := tried(t, w, is)
			for _, slug := range []string{"bot", "trained"} {
				d, err := s.Prospect(system(), slug, "v1", is)
				if err != nil {
					t.Fatal(err)
				}
				before, err := s.Prospect(system(), slug, "v1", w.Policy)
				if err != nil {
					t.Fatal(err)
				}
				to := lifecycle.NextStage(d.Facts.Version.Stage)
				if to == "" {
					to = registry.Production
				}
				want := lifecycle.CompareGates(lifecycle.GateTo(&before.Facts, to, w.Policy, now), lifecycle.GateTo(&d.Facts, to, is, now))
				got := differ[slug].Gate
				if len(want.Fails)+len(want.Passes) == 0 {
					continue
				}
				if !slices.Equal(keys(got.Fails), keys(want.Fails)) || !slices.Equal(keys(got.Passes), keys(want.Passes)) || got.Is != want.Is || got.Was != want.Was {
					t.Errorf("%s under %s: fails %v, passes %v; its page %v, %v", slug, is.Profile, keys(got.Fails), keys(got.Passes), keys(want.Fails), keys(want.Passes))
				}
			}
		}
	})
}

func TestADryRunThatIsStoppedSaysHowFarItCame(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	w.Model(t, "one", registry.Trained, 1)
	sums, err := s.TryPolicy(system(), w.Policy, w.Policy, func() bool { return true }, func(scorecard.ModelTrial) error { return nil })
	if err != nil || sums.Whole() || sums.Compared != 0 || sums.Models != 1 || len(sums.Teams) != 0 {
		t.Errorf("%+v, %v", sums, err)
	}
}

func keys(list []lifecycle.Check) (out []string) {
	for _, c := range list {
		out = append(out, c.Key)
	}
	return out
}

// evaluateByMachine records a passed evaluation as a pipeline reports it: it counts in full.
func evaluateByMachine(t *testing.T, w *storetest.World, slug, label string) {
	t.Helper()
	ci := storetest.Actor(w.Contributor)
	ci.Via, ci.Scopes = "token:ci", []org.Scope{org.ScopeRead, org.ScopeWrite}
	ctx := store.WithSource(context.Background(), store.Source{Actor: ci, RequestID: "ci"})
	_, err := w.S.AddEvidence(ctx, slug, label, func(m *registry.Model, v *registry.Version, now time.Time) (*evidence.Evidence, error) {
		return evidence.New(ci, m, v, evidence.Draft{Kind: evidence.Evaluation, Outcome: evidence.Passed, SuiteSHA256: v.Release.EvaluationSuite.SHA256,
			Metrics: []evidence.Metric{{Name: "resolved", Value: 0.9, Operator: ">=", Threshold: 0.8}}}, now)
	})
	if err != nil {
		t.Fatal(err)
	}
}
