package store_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func addTemplate(w *storetest.World, slug string) (retirement.Template, error) {
	return w.S.AddPlanTemplate(w.As(w.Admin), func(now time.Time) (*retirement.Template, error) {
		return retirement.NewTemplate(storetest.Actor(w.Admin), retirement.TemplateDraft{Slug: slug, Name: "Season of " + slug, Summary: "For models of one season."}, retirement.Body{}, now)
	})
}

func editTemplate(w *storetest.World, who org.Person, slug string, number, window int) (retirement.Template, error) {
	return w.S.ChangePlanTemplate(w.As(who), slug, number, func(t *retirement.Template, now time.Time) error {
		b := t.Body
		b.Rollback.WindowDays = window
		return t.EditSection(storetest.Actor(who), "rollback", b, now)
	})
}

func TestTemplatesAreKeptNumberByNumber(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		shipped, err := s.PlanTemplates(t.Context())
		must(t, err)
		if len(shipped) != len(retirement.StartingTemplates()) || shipped[0].Name > shipped[1].Name {
			t.Errorf("those that came with Sundial, by name: %d", len(shipped))
		}
		edited, err := editTemplate(w, w.Admin, "unused-model", 1, 3)
		must(t, err)
		_, err = addTemplate(w, "season")
		must(t, err)
		all, err := s.PlanTemplates(t.Context())
		must(t, err)
		if len(all) != len(shipped)+1 || edited.Number != 2 {
			t.Errorf("%d templates, number %d", len(all), edited.Number)
		}
		now, err := s.PlanTemplate(t.Context(), "unused-model")
		must(t, err)
		if now.Number != 2 || now.Body.Rollback.WindowDays != 3 || now.ByName != "Admin" || now.Changed != "Rollback" || now.At.IsZero() || len(now.Body.Steps) == 0 {
			t.Errorf("%+v", now)
		}
		numbers, err := s.PlanTemplateNumbers(t.Context(), "unused-model")
		must(t, err)
		if len(numbers) != 2 || numbers[0].Number != 2 || numbers[1].Number != 1 || numbers[1].Body.Rollback.WindowDays == 3 {
			t.Errorf("%+v", numbers)
		}
		for _, missing := range []string{"nonsense", ""} {
			if _, err := s.PlanTemplate(t.Context(), missing); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", missing, err)
			}
			if _, err := s.PlanTemplateNumbers(t.Context(), missing); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", missing, err)
			}
		}
		events, err := s.Events(t.Context(), store.EventFilter{Kind: "template"}, 10)
		must(t, err)
		if len(events) != 2 || events[0].Verb != "template.added" || events[1].Verb != "template.edited" || events[1].Subject.Label != "unused-model" || !strings.Contains(string(events[1].After), `"changed":"Rollback"`) {
			t.Errorf("%+v", events)
		}
	})
}

func TestWhatIsRefusedOfTemplatesChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		for _, slug := range []string{"unused-model", "season"} {
			_, err := addTemplate(w, "season")
			if slug == "season" && !fault.Is(err, fault.Invalid) {
				t.Errorf("twice: %v", err)
			}
		}
		if _, err := addTemplate(w, "unused-model"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a name that Sundial uses: %v", err)
		}
		if _, err := editTemplate(w, w.Admin, "season", 2, 3); !fault.Is(err, fault.Stale) {
			t.Errorf("a number that is not there: %v", err)
		}
		if _, err := editTemplate(w, w.Risk, "season", 1, 3); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a reviewer: %v", err)
		}
		if _, err := editTemplate(w, w.Admin, "nonsense", 1, 3); !fault.Is(err, fault.NotFound) {
			t.Errorf("none: %v", err)
		}
		if x, err := s.PlanTemplate(t.Context(), "season"); err != nil || x.Number != 1 {
			t.Errorf("%+v, %v", x, err)
		}
	})
}

// Two administrators save the same form at once: one number, one event, one who reads it again.
func TestTwoWhoChangeATemplateAtOnceMakeOneNumber(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		errs := make([]error, 6)
		var wait sync.WaitGroup
		for i := range errs {
			wait.Go(func() { _, errs[i] = editTemplate(w, w.Admin, "replaced", 1, 20+i) })
		}
		wait.Wait()
		done := 0
		for _, err := range errs {
			switch {
			case err == nil:
				done++
			case !fault.Is(err, fault.Stale):
				t.Errorf("%v", err)
			}
		}
		events, err := s.Events(t.Context(), store.EventFilter{Kind: "template"}, 10)
		if numbers, e := s.PlanTemplateNumbers(t.Context(), "replaced"); done != 1 || len(events) != 1 || len(numbers) != 2 || err != nil || e != nil {
			t.Errorf("%d saved, %d events, %d numbers", done, len(events), len(numbers))
		}
	})
}

func TestAPlanBeginsFromATemplate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "churn", registry.Trained, 2)
		x, err := editTemplate(w, w.Admin, "replaced", 1, 21)
		must(t, err)
		actor := storetest.Actor(w.Owner)
		_, err = s.FilePlan(w.As(w.Owner), "churn", w.Policy, func(v store.PlanView, now time.Time) (*retirement.Plan, error) {
			p, err := retirement.NewPlan(v.Context.Model, actor, now)
			if err != nil {
				return nil, err
			}
			return p, p.FillFrom(actor, x, v.Context, now)
		})
		must(t, err)
		view, err := s.Plan(t.Context(), "churn", w.Policy)
		must(t, err)
		if b := view.Plan.Body; b.Rollback.WindowDays != 21 || len(b.Steps) != 3 || b.People.Owner != w.Owner.ID || len(b.Consumers.List) != 1 {
			t.Errorf("%+v", b)
		}
		err = change(w, "churn", w.Owner, func(p *retirement.Plan, c retirement.Context, now time.Time) error {
			return p.FillFrom(actor, x, c, now)
		})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("nothing is empty any more: %v", err)
		}
		if err := change(w, "churn", w.Owner, submitPlan(w.Owner)); !fault.Is(err, fault.Invalid) || !strings.Contains(problemsOf(err), "[[") {
			t.Errorf("what the template left open is refused at submit: %v", err)
		}
		events, err := s.Events(t.Context(), store.EventFilter{Model: view.Plan.ModelID, Kind: "plan"}, 10)
		must(t, err)
		if len(events) != 2 || events[0].Verb != "plan.filled" || events[1].Verb != "plan.filed" || !strings.Contains(string(events[0].After), `"template":"replaced 2"`) {
			t.Errorf("%+v", events)
		}
	})
}

func problemsOf(err error) string {
	f, _ := fault.As(err)
	var out strings.Builder
	for _, p := range f.Problems {
		out.WriteString(p.Sentence)
	}
	return out.String()
}
