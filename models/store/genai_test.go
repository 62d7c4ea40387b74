package store_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// addPrompt registers a prompt of the team Fraud.
func addPrompt(t *testing.T, w *storetest.World, name, text string) (registry.PromptRecord, registry.PromptVersion) {
	t.Helper()
	p, v, err := w.S.AddPrompt(w.As(w.Contributor), func(now time.Time) (*registry.PromptRecord, *registry.PromptVersion, error) {
		return registry.NewPrompt(storetest.Actor(w.Contributor), registry.PromptDraft{Name: name, TeamID: w.Fraud.ID, Purpose: "Greets.",
			Version: registry.PromptVersionDraft{Repo: "https://git.example.test/p", Path: "s.md", Commit: "4f2a9c0d1e", Text: text}}, now)
	})
	must(t, err)
	return p, v
}

func morePrompt(w *storetest.World, name, text string) (registry.PromptVersion, error) {
	return w.S.AddPromptVersion(w.As(w.Contributor), name, func(p *registry.PromptRecord, have []registry.PromptVersion, now time.Time) (*registry.PromptVersion, error) {
		return p.AddVersion(storetest.Actor(w.Contributor), registry.PromptVersionDraft{Text: text}, have, now)
	})
}

func addSuite(t *testing.T, w *storetest.World, name string) (registry.SuiteRecord, registry.SuiteVersion) {
	t.Helper()
	s, v, err := w.S.AddSuite(w.As(w.Contributor), func(now time.Time) (*registry.SuiteRecord, *registry.SuiteVersion, error) {
		return registry.NewSuite(storetest.Actor(w.Contributor), registry.SuiteDraft{Name: name, TeamID: w.Fraud.ID, Version: registry.SuiteVersionDraft{
			Label: "1", SHA256: registry.HashPrompt(name), Thresholds: []registry.ThresholdDraft{{Metric: "resolved", Operator: ">=", Value: "0.8"}}}}, now)
	})
	must(t, err)
	return s, v
}

func TestPromptsAreKeptWithTheirVersions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, ctx := storetest.NewWorld(t, s), context.Background()
		p, v := addPrompt(t, w, "support-system", "\ufeffHello.\r\n")
		if p.ID == 0 || v.ID == 0 || v.Text != "Hello." {
			t.Fatalf("%+v %+v", p, v)
		}
		if _, _, err := s.AddPrompt(w.As(w.Contributor), func(now time.Time) (*registry.PromptRecord, *registry.PromptVersion, error) {
			return registry.NewPrompt(storetest.Actor(w.Contributor), registry.PromptDraft{Name: "support-system", TeamID: w.Fraud.ID, Version: registry.PromptVersionDraft{Text: "x"}}, now)
		}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a name twice: %v", err)
		}
		second, err := morePrompt(w, "support-system", "Hello there.")
		if err != nil || second.Number != 2 {
			t.Fatalf("%+v, %v", second, err)
		}
		if _, err := morePrompt(w, "support-system", "Hello there.\n"); !fault.Is(err, fault.Invalid) {
			t.Errorf("the same hash: %v", err)
		}
		for named, want := range map[string]int{"support-system": 2, "support-system@1": 1, "support-system@" + v.SHA256[:10]: 1, "support-system@7": 0, "nobody@1": 0, "no name": 0} {
			_, got, err := s.PickPrompt(ctx, named)
			if want == 0 && !fault.Is(err, fault.NotFound) || want > 0 && (err != nil || got.Number != want || got.Text == "") {
				t.Errorf("%s: %+v, %v", named, got, err)
			}
		}
		list, err := s.PromptVersions(ctx, p.ID, 0, 10)
		if err != nil || len(list) != 2 || list[0].Number != 2 || list[0].Text != "" {
			t.Errorf("%+v, %v", list, err)
		}
		older, err := s.PromptVersions(ctx, p.ID, 2, 10)
		if err != nil || len(older) != 1 {
			t.Errorf("before the second: %v, %v", older, err)
		}
		if _, err := s.PromptVersion(ctx, p.ID, 3); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such version: %v", err)
		}
		events, err := s.Events(ctx, store.EventFilter{Kind: "prompt", Subject: p.ID}, 10)
		must(t, err)
		if len(events) != 2 || strings.Contains(string(events[0].After)+string(events[1].After), "Hello") {
			t.Errorf("the trail of a prompt tells its hashes, not its words: %+v", events)
		}
	})
}

func TestPromptsAreListedByName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, ctx := storetest.NewWorld(t, s), context.Background()
		for _, name := range []string{"cc", "aa", "dd", "bb", "ee"} {
			addPrompt(t, w, name, "Text of "+name)
		}
		w.Model(t, "bot", registry.GenAI, 2)
		w.Release(t, "bot", "v1", registry.Prompt{Name: "system", SHA256: registry.HashPrompt("Text of bb")}, registry.Suite{})
		var names []string
		for after := ""; ; {
			page, err := s.Prompts(ctx, store.NamedFilter{}, after, 2)
			must(t, err)
			for _, r := range page.Rows {
				names = append(names, r.Name)
				if used := map[bool]int{true: 1}[r.Name == "bb"]; r.UsedBy != used || r.Versions != 1 || r.SHA256 != registry.HashPrompt("Text of "+r.Name) || r.Team != "Fraud" {
					t.Errorf("%+v", r)
				}
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if got := strings.Join(names, " "); got != "aa bb cc dd ee" {
			t.Errorf("in the order %s", got)
		}
		for f, want := range map[store.NamedFilter]int{{}: 5, {Query: "A"}: 1, {Query: "GREETS"}: 5, {Team: "fraud"}: 5, {Team: "credit"}: 0, {Show: "unused"}: 4, {Query: "%"}: 0} {
			if n, err := s.CountPrompts(ctx, f); err != nil || n.N != want {
				t.Errorf("%+v: %d, %v", f, n.N, err)
			}
		}
		if _, err := s.Prompts(ctx, store.NamedFilter{}, "zz", 2); !fault.Is(err, fault.Malformed) {
			t.Errorf("a damaged cursor: %v", err)
		}
	})
}

func TestWhatAReleaseUsesFollowsItsFacts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, ctx := storetest.NewWorld(t, s), context.Background()
		one, two := registry.HashPrompt("one"), registry.HashPrompt("two")
		w.Model(t, "bot", registry.GenAI, 2)
		w.Release(t, "bot", "v1", registry.Prompt{Name: "system", SHA256: one}, registry.Suite{Name: "s", SHA256: two})
		uses := func(hash string) int {
			list, err := s.PromptUses(ctx, []string{hash}, 10)
			must(t, err)
			return len(list)
		}
		if suites, err := s.SuiteUses(ctx, []string{two}, 10); uses(one) != 1 || uses(two) != 0 || err != nil || len(suites) != 1 || suites[0].Slug != "bot" {
			t.Errorf("%d %d %v %v", uses(one), uses(two), suites, err)
		}
		_, err := s.ChangeVersion(w.As(w.Contributor), "bot", "v1", 0, func(m *registry.Model, v *registry.Version) error {
			v.Release.Prompts = []registry.Prompt{{Name: "system", SHA256: two}, {Name: "again", SHA256: two}}
			v.Note("version.edited", v.Subject(m.Slug), nil, nil)
			return nil
		})
		must(t, err)
		if uses(one) != 0 || uses(two) != 1 {
			t.Errorf("after the change: %d and %d", uses(one), uses(two))
		}
	})
}

// What releases use is found in versions from before it was kept.
func TestTheMigrationFindsWhatReleasesUse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, ctx := storetest.NewWorld(t, s), context.Background()
		one, two := registry.HashPrompt("one"), registry.HashPrompt("two")
		w.Model(t, "bot", registry.GenAI, 2)
		w.Release(t, "bot", "v1", registry.Prompt{Name: "system", SHA256: one}, registry.Suite{Name: "s", SHA256: two})
		w.Release(t, "bot", "v2", registry.Prompt{Name: "system"}, registry.Suite{})
		w.Model(t, "tree", registry.Trained, 2)
		w.Version(t, "tree", "v1")
		must(t, s.DB().Exec("DELETE FROM release_uses").Error)
		must(t, s.DB().Exec(`UPDATE versions SET built = '{"release":{"prompts":null,"evaluation_suite":{}}}' WHERE label = 'v2'`).Error)
		raw, err := os.ReadFile("migrate/" + s.Engine() + "/0009_genai.sql")
		must(t, err)
		found := 0
		for _, statement := range strings.Split(string(raw), ";") {
			if statement = strings.TrimSpace(statement); strings.HasPrefix(statement, "INSERT INTO release_uses") {
				found++
				must(t, s.DB().Exec(statement).Error)
			}
		}
		prompts, err := s.PromptUses(ctx, []string{one, ""}, 10)
		suites, err2 := s.SuiteUses(ctx, []string{two, ""}, 10)
		if found != 2 || err != nil || err2 != nil || len(prompts) != 1 || len(suites) != 1 || prompts[0].Version != "v1" {
			t.Errorf("%d statements: %v %v, %v %v", found, prompts, suites, err, err2)
		}
	})
}

func TestSuitesAreKeptWithTheirResults(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, ctx := storetest.NewWorld(t, s), context.Background()
		rec, v := addSuite(t, w, "support")
		next, err := s.AddSuiteVersion(w.As(w.Contributor), "support", func(r *registry.SuiteRecord, have []registry.SuiteVersion, now time.Time) (*registry.SuiteVersion, error) {
			return r.AddVersion(storetest.Actor(w.Contributor), registry.SuiteVersionDraft{Label: "2", SHA256: registry.HashPrompt("two"),
				Thresholds: []registry.ThresholdDraft{{Metric: "resolved", Operator: ">=", Value: "0.9"}}}, have, now)
		})
		must(t, err)
		list, err := s.SuiteVersions(ctx, rec.ID, 0, 10)
		if err != nil || len(list) != 2 || list[0].Label != "2" || list[0].Thresholds[0].Value != 0.9 {
			t.Fatalf("%+v, %v", list, err)
		}
		got, err := s.SuiteByVersion(ctx, next.ID)
		if err != nil || got.Suite != "support" || got.Label != "2" {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := s.SuiteByHash(ctx, "", v.SHA256); err != nil || got.Label != "1" {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := s.SuiteByVersion(ctx, 999); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such version: %v", err)
		}
		choices, err := s.SuiteChoices(ctx, w.Fraud.ID, registry.Suite{SHA256: v.SHA256}, 10)
		if err != nil || len(choices) != 2 || choices[0].Label != "1" {
			t.Errorf("%+v, %v", choices, err)
		}
		w.Model(t, "bot", registry.GenAI, 2)
		w.Release(t, "bot", "v1", registry.Prompt{Name: "system", SHA256: registry.HashPrompt("x")}, v.InRelease("support"))
		w.Measure(t, "bot", "v1")
		results, err := s.SuiteResults(ctx, []string{v.SHA256, next.SHA256}, 10)
		if err != nil || len(results) != 1 || results[0].Slug != "bot" || !results[0].Current || len(results[0].Metrics) != 1 {
			t.Errorf("%+v, %v", results, err)
		}
		all, err := s.Evidence(ctx, 1)
		if err != nil || len(all[0].Parts) != len(registry.PartKeys) {
			t.Errorf("evidence keeps the parts: %+v, %v", all, err)
		}
		for f, want := range map[store.NamedFilter]int{{}: 1, {Show: "unused"}: 0, {Query: "port"}: 1} {
			if n, err := s.CountSuites(ctx, f); err != nil || n.N != want {
				t.Errorf("%+v: %d, %v", f, n.N, err)
			}
		}
	})
}

func proposeAlias(w *storetest.World, who org.Person, alias, slug, label string) error {
	return w.S.ProposeAlias(w.As(who), alias, slug, label, func(al *registry.Alias, to registry.AliasTarget, open bool, now time.Time) (*registry.AliasProposal, error) {
		return al.Propose(storetest.Actor(who), to, "It answers better.", open, day.Of(now), now)
	})
}

func decideAlias(w *storetest.World, who org.Person, alias string, proposal int64, approve bool) error {
	return w.S.DecideAlias(w.As(who), alias, proposal, func(al *registry.Alias, p *registry.AliasProposal, to registry.AliasTarget, now time.Time) error {
		return al.Decide(p, storetest.Actor(who), to, approve, to.Digest, "Read it.", day.Of(now), now)
	})
}

func addAlias(t *testing.T, w *storetest.World, name string) {
	t.Helper()
	_, err := w.S.AddAlias(w.As(w.Contributor), func(now time.Time) (*registry.Alias, error) {
		return registry.NewAlias(storetest.Actor(w.Contributor), name, "What teams call by default.", w.Fraud.ID, now)
	})
	must(t, err)
}

func TestAnAliasMovesByASecondPersonsWord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, ctx := storetest.NewWorld(t, s), context.Background()
		w.ServeRelease(t, "bot", "v1")
		addAlias(t, w, "assistant-default")
		today := day.Of(s.Now())
		if al, err := s.Alias(ctx, "assistant-default"); err != nil || al.Target != nil {
			t.Fatalf("%+v, %v", al, err)
		}
		must(t, proposeAlias(w, w.Contributor, "assistant-default", "bot", "v1"))
		if err := proposeAlias(w, w.Contributor, "assistant-default", "bot", "v1"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second proposal: %v", err)
		}
		if err := proposeAlias(w, w.Contributor, "assistant-default", "bot", "v9"); !fault.Is(err, fault.Invalid) {
			t.Errorf("no such version: %v", err)
		}
		al, err := s.Alias(ctx, "assistant-default")
		must(t, err)
		if al.Open == 0 || al.Target != nil {
			t.Fatalf("a proposal moves nothing: %+v", al)
		}
		if err := decideAlias(w, w.Owner, "assistant-default", al.Open, true); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the owner: %v", err)
		}
		must(t, decideAlias(w, w.Reviewer, "assistant-default", al.Open, true))
		al, err = s.Alias(ctx, "assistant-default")
		if err != nil || al.Target == nil || al.Target.Stamp() != "bot@v1" || al.Target.Stage != registry.Production || al.Open != 0 || al.Target.Health(today).Bad {
			t.Errorf("%+v, %v", al, err)
		}
		history, err := s.AliasHistory(ctx, al.ID, 0, 10)
		if err != nil || len(history) != 1 || history[0].To != "bot@v1" || history[0].From != "" || history[0].Decider != "Reviewer" || history[0].Requester != "Contributor" {
			t.Errorf("%+v, %v", history, err)
		}
		for f, want := range map[store.NamedFilter]int{{}: 1, {Show: "red"}: 0, {Show: "open"}: 0, {Show: "unset"}: 0, {Query: "assist"}: 1} {
			if n, err := s.CountAliases(ctx, f, today); err != nil || n.N != want {
				t.Errorf("%+v: %d, %v", f, n.N, err)
			}
		}
		if n, err := s.CountAliases(ctx, store.NamedFilter{Show: "red"}, today.Add(600)); err != nil || n.N != 1 {
			t.Errorf("once the vendor ended it: %d, %v", n.N, err)
		}
		if targets, err := s.AliasTargets(ctx, w.Fraud.ID, 10); err != nil || len(targets) != 1 || targets[0] != "bot@v1" {
			t.Errorf("%v, %v", targets, err)
		}
	})
}

// A staged version is a target while somebody's approval of the stage stands.
func TestAnAliasOfAStagedVersionFollowsItsApproval(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, ctx := storetest.NewWorld(t, s), context.Background()
		w.ServeRelease(t, "bot", "v1")
		w.Release(t, "bot", "v2", registry.Prompt{Name: "system", Repo: "https://git.example.test/p", Commit: "4f2a9c0d1e", SHA256: registry.HashPrompt("Hi.")},
			registry.Suite{Name: "support", Version: "1", SHA256: registry.HashPrompt("support")})
		w.Measure(t, "bot", "v2")
		for _, stage := range []registry.Stage{registry.Registered, registry.Validated, registry.Staged} {
			w.Promote(t, "bot", "v2", stage)
		}
		to, err := s.AliasTarget(ctx, "bot", "v2")
		if err != nil || !to.Approved || to.Unfit(day.Of(s.Now())) != "" {
			t.Fatalf("%+v, %v", to, err)
		}
		later := s.Now().Add(time.Minute)
		s.SetClock(func() time.Time { return later })
		_, err = s.ChangeVersion(w.As(w.Contributor), "bot", "v2", 0, func(m *registry.Model, v *registry.Version) error {
			v.Release.Parameters = map[string]string{"temperature": "1"}
			v.Note("version.edited", v.Subject(m.Slug), nil, nil)
			return nil
		})
		must(t, err)
		if to, err = s.AliasTarget(ctx, "bot", "v2"); err != nil || to.Approved {
			t.Errorf("changed since: %+v, %v", to, err)
		}
	})
}

func TestTwoDecidersHaveOneOutcome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, ctx := storetest.NewWorld(t, s), context.Background()
		w.ServeRelease(t, "bot", "v1")
		addAlias(t, w, "assistant-default")
		must(t, proposeAlias(w, w.Contributor, "assistant-default", "bot", "v1"))
		al, err := s.Alias(ctx, "assistant-default")
		must(t, err)
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				errs[i] = decideAlias(w, []org.Person{w.Reviewer, w.Reviewer2, w.Risk}[i%3], "assistant-default", al.Open, i%2 == 0)
			}()
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !fault.Is(err, fault.Conflict):
				t.Errorf("the others hear a sentence: %v", err)
			}
		}
		events, err := s.Events(ctx, store.EventFilter{Kind: "alias", Subject: al.ID}, 20)
		if won != 1 || err != nil || len(events) != 3 {
			t.Errorf("%d decided, %d events, %v", won, len(events), err)
		}
	})
}
