package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/telemetry"
)

func report(now time.Time, metric string, value float64, daysAgo int) telemetry.Report {
	return telemetry.Report{Metric: metric, Value: value, Source: "grafana", From: now.AddDate(0, 0, -daysAgo-1), To: now.AddDate(0, 0, -daysAgo)}
}

func addReports(w *storetest.World, who org.Person, slug string, list ...telemetry.Report) (store.ReportsKept, error) {
	return w.S.AddReports(w.As(who), slug, func(m *registry.Model, now time.Time) ([]telemetry.Report, error) {
		return telemetry.Receive(storetest.Actor(who), m, list, now)
	})
}

func TestReportsAreKeptAndJudged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		m := w.Model(t, "fraud", registry.Trained, 3) // promises an availability of 99.5
		now := s.Now()
		kept, err := addReports(w, w.Contributor, "fraud", report(now, "availability", 99.9, 1), report(now, "availability", 99.1, 0), report(now, "drift", 0.1, 0))
		must(t, err)
		if len(kept.Reports) != 3 || kept.Reports[0].Breach || !kept.Reports[1].Breach || kept.Reports[2].Breach || kept.Criterion.Criterion != "" {
			t.Errorf("%+v", kept)
		}
		page, err := s.Reports(t.Context(), m.ID, store.ReportFilter{}, "", 2)
		must(t, err)
		rest, err := s.Reports(t.Context(), m.ID, store.ReportFilter{}, page.Next, 2)
		must(t, err)
		if len(page.Rows) != 2 || len(rest.Rows) != 1 || rest.Next != "" || rest.Rows[0].Value != 99.9 || rest.Rows[0].Limit == nil || rest.Rows[0].Limit.From != "SLA" {
			t.Errorf("%+v then %+v", page, rest)
		}
		for f, want := range map[store.ReportFilter]int{{Metric: "drift"}: 1, {Breach: true}: 1, {Since: now.Add(-time.Hour)}: 2, {Metric: "cost"}: 0} {
			if p, err := s.Reports(t.Context(), m.ID, f, "", 10); err != nil || len(p.Rows) != want {
				t.Errorf("%+v: %d rows, %v", f, len(p.Rows), err)
			}
		}
		events, err := s.Events(t.Context(), store.EventFilter{Verb: "monitoring.reported"}, 10)
		must(t, err)
		if len(events) != 1 || events[0].Subject.Label != "fraud" || !strings.Contains(string(events[0].After), `"breaches":1`) {
			t.Errorf("%+v", events)
		}
	})
}

func TestAReportOfTheSameWindowReplacesTheEarlier(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		m := w.Model(t, "fraud", registry.Trained, 3)
		now := s.Now()
		for _, list := range [][]telemetry.Report{{report(now, "drift", 1, 0)}, {report(now, "drift", 2, 0), report(now, "drift", 3, 0)}} {
			_, err := addReports(w, w.Contributor, "fraud", list...)
			must(t, err)
		}
		page, err := s.Reports(t.Context(), m.ID, store.ReportFilter{}, "", 10)
		must(t, err)
		if len(page.Rows) != 1 || page.Rows[0].Value != 3 {
			t.Errorf("%+v", page.Rows)
		}
	})
}

func TestWhoMayReport(t *testing.T) {
	t.Parallel()
	w := storetest.NewWorld(t, storetest.New(t))
	w.Model(t, "fraud", registry.Trained, 3)
	for _, who := range []org.Person{w.Stranger, w.Viewer, w.Auditor, w.Reviewer} {
		if _, err := addReports(w, who, "fraud", report(w.S.Now(), "drift", 1, 0)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s reported: %v", who.Name, err)
		}
	}
	if _, err := addReports(w, w.Contributor, "nobody", report(w.S.Now(), "drift", 1, 0)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a model that does not exist: %v", err)
	}
}

func criterionEvents(t *testing.T, s *store.Store) (out []string) {
	t.Helper()
	events, err := s.Events(context.Background(), store.EventFilter{Verb: "criterion"}, 100)
	must(t, err)
	for _, e := range events {
		out = append([]string{strings.TrimPrefix(e.Verb, "criterion.")}, out...)
	}
	return out
}

func TestTheCriterionIsAskedWhenReportsArrive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		m := w.Model(t, "fraud", registry.Trained, 3)
		w.Plan(t, "fraud")
		view, err := s.Plan(t.Context(), "fraud", w.Policy)
		must(t, err)
		c := view.InForce.Body.Trigger.Criterion
		if !c.Measurable() {
			t.Fatalf("the sample plan has no criterion: %+v", c)
		}
		bad, good := *c.Threshold-1, *c.Threshold+1
		if strings.HasPrefix(string(c.Operator), ">") {
			bad, good = good, bad
		}
		now := s.Now()
		about := func(value float64, from, to int) telemetry.Report {
			return telemetry.Report{Metric: "custom:" + c.Metric, Value: value, Source: c.Source, From: now.AddDate(0, 0, -from), To: now.AddDate(0, 0, -to)}
		}
		for i, step := range []struct {
			report telemetry.Report
			met    bool
			events []string
		}{
			{report(now, "drift", 1, 0), false, nil},
			{about(bad, 3, 1), c.WindowDays <= 2, nil},
			{about(bad, c.WindowDays+2, 3), true, []string{"met"}},
			{about(bad, 1, 0), true, []string{"met"}},
			{about(good, 1, 0), false, []string{"met", "cleared"}},
			{about(bad, 1, 0), true, []string{"met", "cleared", "met"}},
		} {
			kept, err := addReports(w, w.Contributor, "fraud", step.report)
			must(t, err)
			if got := !kept.Criterion.MetAt.IsZero(); got != step.met {
				t.Errorf("step %d: met %t, %+v", i, got, kept.Criterion)
			}
			if got := criterionEvents(t, s); fmt.Sprint(got) != fmt.Sprint(step.events) {
				t.Errorf("step %d: events %v, want %v", i, got, step.events)
			}
		}
		state, err := s.CriterionState(t.Context(), m.ID)
		must(t, err)
		if state.Criterion != c.Sentence() || state.Standing.Sentence == "" || state.PlanID != view.InForce.ID {
			t.Errorf("%+v", state)
		}
	})
}
