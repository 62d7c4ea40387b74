package telemetry

import (
	"math"
	"strings"
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/registry"
)

func report(change func(*Report)) Report {
	r := Report{Metric: "latency", Value: 200, From: noon.AddDate(0, 0, -1), To: noon, Source: "grafana"}
	if change != nil {
		change(&r)
	}
	return r
}

func TestAReportIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	low := math.Inf(1)
	for name, c := range map[string]struct {
		change func(*Report)
		field  string // "" for none
	}{
		"a usual report":              {nil, ""},
		"a custom metric":             {func(r *Report) { r.Metric = "custom:auc" }, ""},
		"capitals do not matter":      {func(r *Report) { r.Metric = " Custom:AUC" }, ""},
		"a metric nobody knows":       {func(r *Report) { r.Metric = "auc" }, "metric"},
		"a custom metric without one": {func(r *Report) { r.Metric = "custom:" }, "metric"},
		"a metric too long":           {func(r *Report) { r.Metric = "custom:" + strings.Repeat("x", 61) }, "metric"},
		"no number":                   {func(r *Report) { r.Value = math.NaN() }, "value"},
		"no end of a number":          {func(r *Report) { r.Value = math.Inf(-1) }, "value"},
		"availability as a fraction":  {func(r *Report) { r.Metric, r.Value = "availability", 0.995 }, "value"},
		"more than always":            {func(r *Report) { r.Metric, r.Value = "availability", 101 }, "value"},
		"answers before the question": {func(r *Report) { r.Value = -1 }, "value"},
		"an endless threshold":        {func(r *Report) { r.Threshold = &low }, "threshold"},
		"an operator nobody knows":    {func(r *Report) { r.Operator = "==" }, "operator"},
		"no source":                   {func(r *Report) { r.Source = " " }, "source"},
		"a source with controls":      {func(r *Report) { r.Source = "graf\x00ana" }, "source"},
		"no window":                   {func(r *Report) { r.From, r.To = time.Time{}, time.Time{} }, "window_start"},
		"a window backwards":          {func(r *Report) { r.From, r.To = r.To, r.From }, "window_end"},
		"a window of no length":       {func(r *Report) { r.From = r.To }, "window_end"},
		"a window of two years":       {func(r *Report) { r.From = noon.AddDate(-2, 0, 0) }, "window_start"},
		"a window that is not over":   {func(r *Report) { r.To = noon.Add(time.Hour) }, "window_end"},
		"a window long gone":          {func(r *Report) { r.From, r.To = noon.AddDate(-3, 0, 0), noon.AddDate(-3, 0, 1) }, "window_end"},
	} {
		err := CheckReports([]Report{report(nil), report(c.change)}, noon)
		f, _ := fault.As(err)
		if c.field == "" && err != nil || c.field != "" && (f == nil || f.Problems[0].Field != "[1]."+c.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := CheckReports(nil, noon); !fault.Is(err, fault.Invalid) {
		t.Errorf("no report: %v", err)
	}
	if err := CheckReports(make([]Report, MaxReports+1), noon); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too many: %v", err)
	}
}

func TestBreaches(t *testing.T) {
	t.Parallel()
	sla := registry.SLA{AvailabilityPercent: 99.5, LatencyP95Millis: 250, QualityMetric: "AUC", QualityOperator: ">=", QualityThreshold: 0.9}
	at := func(v float64) *float64 { return &v }
	for name, c := range map[string]struct {
		sla    registry.SLA
		report Report
		breach bool
		limit  string // "" for none
	}{
		"slower than promised":                     {sla, Report{Metric: "latency", Value: 251}, true, "SLA at most 250"},
		"as slow as promised":                      {sla, Report{Metric: "latency", Value: 250}, false, "SLA at most 250"},
		"away more often than promised":            {sla, Report{Metric: "availability", Value: 99.4}, true, "SLA at least 99.5"},
		"worse than promised":                      {sla, Report{Metric: "quality", Value: 0.89}, true, "SLA at least 0.9"},
		"worse by the metric's own name":           {sla, Report{Metric: "custom:auc", Value: 0.89}, true, "SLA at least 0.9"},
		"another metric is not the promised one":   {sla, Report{Metric: "custom:f1", Value: 0.1}, false, ""},
		"nothing promised, nothing broken":         {registry.SLA{}, Report{Metric: "latency", Value: 1e6}, false, ""},
		"drift above its threshold":                {sla, Report{Metric: "drift", Value: 0.3, Threshold: at(0.2)}, true, "report at most 0.2"},
		"quality below its threshold":              {registry.SLA{}, Report{Metric: "quality", Value: 0.7, Threshold: at(0.8)}, true, "report at least 0.8"},
		"a custom metric is to stay below":         {sla, Report{Metric: "custom:toxicity", Value: 0.1, Threshold: at(0.2)}, false, "report at most 0.2"},
		"or above, when the report says so":        {sla, Report{Metric: "custom:recall", Value: 0.1, Threshold: at(0.2), Operator: ">="}, true, "report at least 0.2"},
		"within the SLA, beyond its own threshold": {sla, Report{Metric: "latency", Value: 240, Threshold: at(200)}, true, "report at most 200"},
		"beyond the SLA, within its own threshold": {sla, Report{Metric: "latency", Value: 300, Threshold: at(400)}, true, "SLA at most 250"},
		"a threshold of nought is a threshold":     {sla, Report{Metric: "custom:errors", Value: 1, Threshold: at(0)}, true, "report at most 0"},
		"an error metric that is to stay below": {registry.SLA{QualityMetric: "mape", QualityOperator: "<=", QualityThreshold: 12}, Report{Metric: "custom:mape", Value: 13, Threshold: at(20)},
			true, "SLA at most 12"},
	} {
		r := c.report
		r.Judge(c.sla)
		limit := ""
		if r.Limit != nil {
			limit = r.Limit.From + " " + r.Limit.Sentence()
		}
		if r.Breach != c.breach || limit != c.limit {
			t.Errorf("%s: breach %t, limit %q", name, r.Breach, limit)
		}
	}
}

func TestCoverageAndConsumers(t *testing.T) {
	t.Parallel()
	if _, ok := (Traffic{}).Coverage(); ok {
		t.Error("nothing reported is no coverage of 0")
	}
	if c, ok := Sum([]Traffic{{Total: 10, Known: 5}, {Total: 30, Known: 25}}).Coverage(); !ok || c != 0.75 {
		t.Errorf("%v", c)
	}
	c := ConsumersOf([]registry.Consumer{{Name: "Card checkout"}, {Name: "Überweisung"}})
	for app, want := range map[string]bool{"card-checkout": true, "CardCheckout": true, "überweisung": true, "checkout": false, "": false} {
		if c.Declared(app) != want {
			t.Errorf("%q: declared should be %t", app, want)
		}
	}
}

func TestTheCriterion(t *testing.T) {
	t.Parallel()
	c := Criterion{Metric: "AUC", Operator: "<", Threshold: 0.8, WindowDays: 10, Source: "Weekly report"}
	// daily is one report a day, of the last n days, newest first.
	daily := func(values ...float64) (out []Report) {
		for i, v := range values {
			out = append(out, Report{Metric: "custom:auc", Source: "weekly-report", Value: v, From: noon.AddDate(0, 0, -i-1), To: noon.AddDate(0, 0, -i)})
		}
		return out
	}
	low := []float64{.7, .7, .7, .7, .7, .7, .7, .7, .7, .7}
	for name, c := range map[string]struct {
		c       Criterion
		reports []Report
		now     time.Time
		met     bool
	}{
		"below for the whole window":               {c, daily(low...), noon, true},
		"and good before it":                       {c, daily(append(low[:10:10], .95)...), noon, true},
		"two nights without a report":              {c, append(daily(low...)[:4], daily(low...)[6:]...), noon, true},
		"one report over the whole window":         {c, []Report{{Metric: "custom:auc", Source: "Weekly report", Value: .7, From: noon.AddDate(0, 0, -10), To: noon}}, noon, true},
		"nothing reported":                         {c, nil, noon, false},
		"below for some days only":                 {c, daily(low[:7]...), noon, false},
		"the same day reported ten times":          {c, slicesRepeat(daily(.7)[0], 10), noon, false},
		"one good day among them":                  {c, daily(.7, .7, .7, .9, .7, .7, .7, .7, .7, .7), noon, false},
		"exactly the threshold is not below":       {c, daily(.7, .7, .7, .8, .7, .7, .7, .7, .7, .7), noon, false},
		"reports that are too old":                 {c, daily(low...), noon.AddDate(0, 0, 11), false},
		"another source":                           {c, elsewhere(daily(low...)), noon, false},
		"above, when the criterion asks for above": {Criterion{"custom:auc", ">=", 0.5, 10, "WEEKLY REPORT"}, daily(low...), noon, true},
	} {
		got := c.c.Evaluate(c.reports, c.now)
		if got.Met != c.met || got.Sentence == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func slicesRepeat(r Report, n int) (out []Report) {
	for range n {
		out = append(out, r)
	}
	return out
}

func elsewhere(list []Report) []Report {
	for i := range list {
		list[i].Source = "elsewhere"
	}
	return list
}
