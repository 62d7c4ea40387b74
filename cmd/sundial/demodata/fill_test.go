package demodata_test

import (
	"context"
	"testing"

	"sundial/cmd/sundial/demodata"
	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func TestTheDemoOrganisationIsBelievable(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	ctx := store.WithSource(context.Background(), store.Source{Actor: org.System})
	p, _ := lifecycle.Profile("standard")
	if err := demodata.Fill(ctx, s, p, "http://127.0.0.1:8080/idp", false); err != nil {
		t.Fatal(err)
	}
	byStage, byKind := map[registry.Stage]int{}, map[registry.Kind]int{}
	err := s.EachModel(ctx, registry.Filter{}, func(r registry.Row) error {
		byStage[r.Stage]++
		byKind[r.Kind]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range registry.Stages {
		if byStage[stage] == 0 {
			t.Errorf("no model is %s", stage)
		}
	}
	if total := byKind[registry.Trained] + byKind[registry.GenAI]; total < 40 || byKind[registry.GenAI] < 5 {
		t.Errorf("40 models of both kinds are promised, there are %v", byKind)
	}
	prompts, _ := s.CountPrompts(ctx, store.NamedFilter{})
	suites, _ := s.CountSuites(ctx, store.NamedFilter{})
	aliases, _ := s.CountAliases(ctx, store.NamedFilter{Show: "open"}, day.Of(s.Now()))
	if unused, err := s.CountPrompts(ctx, store.NamedFilter{Show: "unused"}); prompts.N < 5 || suites.N < 3 || aliases.N != 1 || unused.N > 0 || err != nil {
		t.Errorf("%d prompts of which %d are unused, %d suites, %d aliases with a proposal: %v", prompts.N, unused.N, suites.N, aliases.N, err)
	}
	if quiet, err := s.CountUnnoticed(ctx, retirement.UnnoticedFilter{Measured: "yes"}); quiet.N != 1 || err != nil {
		t.Errorf("one model is measured as unused: %d, %v", quiet.N, err)
	}
	if quiet, err := s.CountUnnoticed(ctx, retirement.UnnoticedFilter{Measured: "no"}); quiet.N != 1 || err != nil {
		t.Errorf("of one nobody can tell: %d, %v", quiet.N, err)
	}
	if _, err := s.CheckLatestStarts(ctx, p); err != nil {
		t.Error(err)
	}
	for _, kind := range retirement.DateKinds {
		if n, err := s.CountTimeline(ctx, retirement.TimelineFilter{Kind: retirement.DateKind(kind.Value)}); n.N == 0 || err != nil {
			t.Errorf("no %s is on the timeline: %v", kind.Title, err)
		}
	}
	for show, least := range map[string]int{"confirmed": 10, "open": 4, "disputed": 1, "nobody": 1} {
		if n, err := s.CountConfirmations(ctx, store.ConfirmationFilter{Quarter: day.QuarterOf(s.Now()), Show: show}); n.N < least || err != nil {
			t.Errorf("%d entries of the quarter are %s, %v", n.N, show, err)
		}
	}
	if templates, err := s.PlanTemplates(ctx); len(templates) != 5 || err != nil {
		t.Errorf("%d templates, %v", len(templates), err)
	}
	if _, broken, err := s.VerifyAudit(ctx); err != nil || broken != nil {
		t.Errorf("the audit chain should hold: %v %v", broken, err)
	}
}
