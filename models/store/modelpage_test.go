package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// TestEveryOrderOfTheListIsWalkedWithoutRepeats walks the list of models forth and back in every order.
// Keys repeat on purpose: a page must not begin in the middle of equals and lose the rest.
func TestEveryOrderOfTheListIsWalkedWithoutRepeats(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		for i := range 23 {
			m := registry.Model{Slug: fmt.Sprintf("m-%02d", i), Name: fmt.Sprintf("Model %d", i/3), Kind: registry.Trained, Tier: registry.Tier(i % 4),
				Stage: registry.Stages[i%3]}
			m.Note("model.registered", m.Subject(), nil, nil)
			if err := s.AddModel(w.As(w.Admin), &m); err != nil {
				t.Fatal(err)
			}
		}
		for _, sort := range []string{"", "name", "tier", "stage"} {
			for _, desc := range []bool{false, true} {
				walk(t, s, registry.Filter{Sort: sort, Desc: desc})
			}
		}
	})
}

func walk(t *testing.T, s *store.Store, f registry.Filter) {
	t.Helper()
	whole, err := s.Models(t.Context(), f, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	want := modelSlugs(whole.Rows)
	if len(want) != 23 || len(slices.Compact(slices.Sorted(slices.Values(want)))) != 23 {
		t.Fatalf("%+v: the whole list has %d rows", f, len(want))
	}
	var forth, back []string
	last := store.Page[registry.Row]{Next: ""}
	for after := ""; ; after = last.Next {
		if last, err = s.Models(t.Context(), f, after, 4); err != nil {
			t.Fatal(err)
		}
		forth = append(forth, modelSlugs(last.Rows)...)
		back = modelSlugs(last.Rows)
		if last.Next == "" || len(forth) > 100 {
			break
		}
	}
	for last.Prev != "" && len(back) < 100 {
		if last, err = s.Models(t.Context(), f, last.Prev, 4); err != nil {
			t.Fatal(err)
		}
		back = append(modelSlugs(last.Rows), back...)
	}
	if !slices.Equal(forth, want) || !slices.Equal(back, want) {
		t.Errorf("%+v:\nwhole %v\nforth %v\nback  %v", f, want, forth, back)
	}
}

func modelSlugs(rows []registry.Row) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Slug)
	}
	return out
}

func TestTheModelViewAnswersWithABoundedNumberOfQueries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 1)
		w.Version(t, "fraud", "v2")
		count := func() int64 {
			ctx, n := store.CountQueries(context.Background())
			view, err := s.ModelView(ctx, "fraud", w.Policy)
			if err != nil {
				t.Fatal(err)
			}
			if view.Focus.Label != "v2" && len(view.Versions) == 2 || view.Serving.Version.Label != "v1" || view.Serving.Plan.Plan == nil || len(view.Served) != 1 {
				t.Errorf("focus %+v, serving %+v", view.Focus, view.Serving.Version)
			}
			return n.Load()
		}
		few := count()
		for i := range 60 {
			w.Version(t, "fraud", fmt.Sprintf("w%d", i))
		}
		if many := count(); many > few || few > 25 {
			t.Errorf("%d queries for 2 versions, %d for 62", few, many)
		}
	})
}

func TestTheFocusIsTheFurthestVersionOnItsWay(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	focus := func() string {
		view, err := s.ModelView(t.Context(), "fraud", w.Policy)
		if err != nil {
			t.Fatal(err)
		}
		if view.Focus == nil {
			return ""
		}
		return view.Focus.Label
	}
	w.Model(t, "fraud", registry.Trained, 3)
	if got := focus(); got != "" {
		t.Errorf("without versions: %q", got)
	}
	w.Version(t, "fraud", "v1")
	w.Evidence(t, "fraud", "v1")
	w.Promote(t, "fraud", "v1", registry.Registered)
	w.Version(t, "fraud", "v2")
	if got := focus(); got != "v1" {
		t.Errorf("the furthest is v1, got %q", got)
	}
	w.Plan(t, "fraud")
	for _, to := range []registry.Stage{registry.Validated, registry.Staged, registry.Production} {
		w.Promote(t, "fraud", "v1", to)
	}
	if got := focus(); got != "v2" {
		t.Errorf("v2 is newer than what serves, got %q", got)
	}
	w.ConfirmPlan(t, "fraud", "v2")
	w.Evidence(t, "fraud", "v2")
	w.PromoteAll(t, "fraud", "v2")
	if got := focus(); got != "v2" {
		t.Errorf("v1 is superseded and v2 serves, got %q", got)
	}
}

func TestChangeBasicsKnowsOfVersions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		m := w.Model(t, "fraud", registry.Trained, 2)
		rule := func(kind registry.Kind, slug string) func(*registry.Model, bool) error {
			return func(m *registry.Model, has bool) error {
				b := registry.Basics{Name: m.Name, Slug: slug, Kind: kind, Purpose: m.Purpose, Tier: m.Tier}
				return m.EditBasics(storetest.Actor(w.Owner), b, has, s.Now())
			}
		}
		if _, err := s.ChangeBasics(w.As(w.Owner), "fraud", m.Revision, rule(registry.GenAI, "bot")); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Model(t.Context(), "bot"); err != nil || got.Kind != registry.GenAI {
			t.Fatalf("%v: %+v", err, got)
		}
		w.Version(t, "bot", "v1")
		if _, err := s.ChangeBasics(w.As(w.Owner), "bot", 0, rule(registry.Trained, "bot")); !fault.Is(err, fault.Invalid) {
			t.Errorf("the kind changed under a version: %v", err)
		}
		w.Model(t, "taken", registry.Trained, 2)
		w.Model(t, "free", registry.Trained, 2)
		if _, err := s.ChangeBasics(w.As(w.Owner), "free", 0, rule(registry.Trained, "taken")); !fault.Is(err, fault.Invalid) {
			t.Errorf("two models of one name: %v", err)
		}
		if _, err := s.ChangeBasics(w.As(w.Owner), "free", 99, rule(registry.GenAI, "free")); !fault.Is(err, fault.Stale) {
			t.Errorf("a stale form: %v", err)
		}
	})
}
