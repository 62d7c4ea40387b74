package telemetry_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/telemetry"
	"sundial/web/webtest"
)

// count sends lines of the present hour: alternately an app and a stamp, ten predictions each.
func count(t *testing.T, site *webtest.Site, pairs ...string) {
	t.Helper()
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		parts = append(parts, fmt.Sprintf(`{"bucket":%q,"app":%q,"stamp":%q,"count":10,"requested_id":"asked","served_id":"got"}`, site.Clock.Now().Format(time.RFC3339), pairs[i], pairs[i+1]))
	}
	body := []byte("[" + strings.Join(parts, ",") + "]")
	lines, err := telemetry.ReadLines(body, site.Clock.Now())
	if err == nil {
		_, err = site.Store.TakeStamps(site.World.As(site.Contributor), store.StampCall{Body: body, Lines: lines})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func report(t *testing.T, site *webtest.Site, slug string, list ...telemetry.Report) {
	t.Helper()
	now := site.Clock.Now()
	for i := range list {
		list[i].From, list[i].To = now.AddDate(0, 0, -i-1), now.AddDate(0, 0, -i)
	}
	_, err := site.Store.AddReports(site.World.As(site.Contributor), slug, func(m *registry.Model, now time.Time) ([]telemetry.Report, error) {
		for i := range list {
			list[i].Judge(m.SLA)
		}
		return list, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAStampIsLookedUp(t *testing.T) {
	site := webtest.New(t)
	site.Serve(t, "fraud", "v1", 3)
	site.Version(t, "fraud", "v2")
	count(t, site, "checkout", "fraud@v1")
	b := site.As(site.Viewer)
	p := b.Get("/stamps?stamp=fraud@v1").Is(200, "Model fraud", "4f2a9c0", "This version", "approved by", "checkout", "10 predictions").Lacks("retired")
	if p.Queries > 6 {
		t.Errorf("%d queries", p.Queries)
	}
	b.Get("/stamps?stamp=fraud@v2").Is(200, "never been in production", "v1", "No prediction")
	b.Get("/stamps?stamp=fraud@v1%2Bsha256:0123456789ab").Is(200, "no prompt of this hash")
	b.Get("/stamps?stamp=fraud@v9").Is(404, "names nothing here")
	b.Get("/stamps?stamp=%3Cscript%3E").Is(422, "Write a stamp as model@version").Lacks("<script>")
}

func TestThePageOfStamps(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Viewer)
	b.Get("/stamps").Is(200, "No retired version", "Every stamp", "covered whole")
	site.Model(t, "fraud", registry.Trained, 3)
	site.Version(t, "fraud", "v1")
	_, err := site.Store.ChangeVersion(site.World.As(site.Owner), "fraud", "v1", 0, func(m *registry.Model, v *registry.Version) error {
		v.Stage = registry.Retired
		v.Note("version.closed", v.Subject(m.Slug), nil, nil)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	count(t, site, "night-batch", "fraud@v1", "ops", "fraud@v9", "<b>shop</b>", "nobody@v1", "=cmd()", "fraud@v8")
	site.Clock.Add(24 * time.Hour)
	b = site.As(site.Viewer) // the session of yesterday has ended
	p := b.Get("/stamps").Is(200, "fraud@v1", "night-batch", "fraud@v9", "nobody@v1", "no such model", "33.3 %")
	if strings.Contains(p.Body, "<b>shop") {
		t.Error("an app's name is no markup")
	}
	if p.Queries > 6 {
		t.Errorf("%d queries", p.Queries)
	}
	b.Get("/stamps.csv?list=zombies").Is(200, "fraud@v1,Model fraud,night-batch")
	b.Get("/stamps.csv?list=unknown").Is(200, "fraud@v9,ops,fraud,10", "'=cmd()")
	b.Get("/stamps.csv?list=coverage").Is(200, "fraud,Model fraud,Fraud,", ",30,10,0.3333")
	b.Get("/stamps.csv?list=everything").Is(400)
}

func TestAModelsMonitoring(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	site.Serve(t, "fraud", "v1", 3)
	b.Get("/models/fraud/monitoring").Is(200, "Nothing was reported", "No prediction was counted", "curl -X POST "+webtest.Base+"/api/v1/models/fraud/monitoring", "/api/v1/stamps")
	b.Get("/models/fraud").Is(200, "Traffic and monitoring", "No prediction was counted")
	count(t, site, "checkout", "fraud@v1", "Check-Out", "fraud@v1", "stranger", "fraud@v1", "ops", "fraud@v9")
	threshold := 0.2
	report(t, site, "fraud", telemetry.Report{Metric: "availability", Value: 99.1, Source: "grafana"}, telemetry.Report{Metric: "availability", Value: 99.9, Source: "grafana"})
	report(t, site, "fraud", telemetry.Report{Metric: "drift", Value: 0.1, Source: "<i>grafana</i>", Threshold: &threshold}, telemetry.Report{Metric: "drift", Value: 0.1, Source: "other"})
	p := b.Get("/models/fraud/monitoring").Is(200, "75 %", "1 breach", "SLA: at least 99.5 %", "Availability as a table", "Threshold: at most 0.2", "Drift by other",
		"Undeclared", "Declare", "stranger", "asked", "got", "fraud@v9")
	if strings.Contains(p.Body, "<i>grafana") {
		t.Error("a source's name is no markup")
	}
	if p.Queries > 12 {
		t.Errorf("%d queries", p.Queries)
	}
	p.Is(200, "Does retraining fit the drift?", "Not known", "not declared", "Change it")
	if n := strings.Count(p.Body, ">Undeclared<"); n != 2 {
		t.Errorf("%d undeclared, want the stranger and ops", n)
	}
	b.Get("/models/fraud").Is(200, "75 % in seven days", "1 breach", "1 unknown stamp")
	b.Get("/models/fraud/monitoring.csv").Is(200, "availability,99.1,", "SLA,true")
	site.As(site.Viewer).Get("/models/fraud/monitoring").Is(200, "Undeclared").Lacks(">Declare<")
	b.Get("/models/nobody/monitoring").Is(404)
	b.Get("/models/nobody/monitoring.csv").Is(404)

	site.ServeRelease(t, "bot", "v1")
	b.Get("/models/bot/monitoring").Is(200, "Is it evaluated often enough?", "Up to date", "Last evaluated")
	_, err := site.Store.ChangeModel(site.World.As(site.Owner), "fraud", 0, func(m *registry.Model) error {
		m.RetrainingDays = 90
		m.Note("model.promises_changed", m.Subject(), nil, map[string]int{"retraining_days": 90})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for week := range 5 { // it grows by 0.05 a week: at the limit of 0.2 after four
		site.Clock.Add(7 * 24 * time.Hour)
		report(t, site, "fraud", telemetry.Report{Metric: "drift", Value: 0.05 * float64(week), Source: "weekly", Threshold: &threshold})
	}
	site.As(site.Owner).Get("/models/fraud/monitoring").Is(200, "Too rarely", "Drift grows by 0.05 a week", "every 14 days", "every 90 days")
	if _, err := site.Store.ScoreAll(site.World.As(site.Admin), site.Policy); err != nil {
		t.Fatal(err)
	}
	site.As(site.Leader).Get("/teams/fraud").Is(200, "Do they keep up?", "Too rarely", "Retraining every quarter is too rarely")
	site.As(site.Leader).Get("/models/fraud/maturity").Is(200, "Retraining every quarter is too rarely")
}
