package home_test

import (
	"testing"
	"time"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/telemetry"
	"sundial/web/webtest"
)

func TestWhatMachinesReportedOfOnesModels(t *testing.T) {
	site := webtest.New(t)
	site.Serve(t, "fraud", "v1", 3)
	view, err := site.Store.Plan(t.Context(), "fraud", site.Policy)
	if err != nil {
		t.Fatal(err)
	}
	c, now := view.InForce.Body.Trigger.Criterion, site.Clock.Now()
	value := *c.Threshold - 1
	if c.Operator[0] == '>' {
		value += 2
	}
	site.As(site.Owner).Get("/").Is(200).Lacks("criterion holds", "breach")
	_, err = site.Store.AddReports(site.World.As(site.Owner), "fraud", func(m *registry.Model, now time.Time) ([]telemetry.Report, error) {
		list := []telemetry.Report{{Metric: "custom:" + c.Metric, Value: value, Source: c.Source, From: now.AddDate(0, 0, -c.WindowDays), To: now},
			{Metric: "availability", Value: 99, Source: "grafana", From: now.Add(-time.Hour), To: now}}
		for i := range list {
			list[i].Judge(m.SLA)
		}
		return list, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = site.Store.AddVersion(site.World.As(site.Owner), "fraud", func(m *registry.Model) (*registry.Version, error) {
		v := &registry.Version{ModelID: m.ID, Label: "v0", Kind: m.Kind, Stage: registry.Retired}
		v.Note("version.added", v.Subject(m.Slug), nil, nil)
		return v, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = site.Store.ChangeVersion(site.World.As(site.Owner), "fraud", "v0", 0, func(m *registry.Model, v *registry.Version) error {
		v.Stage = registry.Retired
		v.Note("version.closed", v.Subject(m.Slug), nil, nil)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := []telemetry.Line{{Bucket: now.Truncate(time.Hour), App: "batch", Stamp: telemetry.Stamp{Model: "fraud", Version: "v0"}, Count: 1}}
	if _, err := site.Store.TakeStamps(site.World.As(site.Owner), store.StampCall{Lines: lines}); err != nil {
		t.Fatal(err)
	}
	for _, who := range []org.Person{site.Owner, site.Deputy} {
		site.As(who).Get("/").Is(200, "Model fraud: the replacement criterion holds", c.Sentence(), "Model fraud: a retired version still answers", "Model fraud: 1 breach in seven days")
	}
	site.As(site.Stranger).Get("/").Is(200).Lacks("criterion holds", "still answers")
	site.As(site.Viewer).Get("/models/fraud/retirement").Is(200, "Replacement criterion", "Holds", "It holds:", "What was reported")
	site.As(site.Viewer).Get("/models/fraud").Is(200, "1 zombie", "Replacement criterion", c.Sentence())
	site.As(site.Viewer).Get("/models/fraud/monitoring").Is(200, "The replacement criterion holds", c.Sentence())
}
