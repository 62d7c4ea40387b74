package evidence

import (
	"math"
	"strings"
	"testing"

	"sundial/models/fault"
	"sundial/models/registry"
)

func TestMetricsStandBesideProduction(t *testing.T) {
	this := []Metric{{"resolved", 0.84, ">=", 0.8}, {"refusals", 0.04, "<", 0.05}, {"cost", 3, "<=", 2}, {"tone", 5, ">", 1}, {"new", 1, ">=", 0}}
	other := []Metric{{"Resolved", 0.81, ">=", 0.8}, {"refusals", 0.02, "<", 0.05}, {"cost", 4, "<=", 5}, {"tone", 5, ">", 1}, {"old", 7, ">=", 0}}
	want := map[string]string{"resolved": "0.03 higher, better", "refusals": "0.02 higher, worse", "cost": "1 lower, better", "tone": "the same",
		"new": "not measured in production", "old": "not measured for this version"}
	got := Compare(this, other)
	if len(got) != 6 {
		t.Fatalf("%d metrics", len(got))
	}
	for _, c := range got {
		if c.Words() != want[c.Metric] {
			t.Errorf("%s: %q, want %q", c.Metric, c.Words(), want[c.Metric])
		}
		if c.Holds != (c.Metric != "cost" && c.Metric != "old") {
			t.Errorf("%s holds: %v", c.Metric, c.Holds)
		}
	}
	for _, x := range []float64{math.MaxFloat64, math.SmallestNonzeroFloat64, 1e-300} {
		if s := (Comparison{This: &x, Other: &x, Difference: x, Direction: "better"}).Words(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
			t.Errorf("%g is told as %q", x, s)
		}
	}
}

func TestWhetherARunPassedFollowsFromItsValues(t *testing.T) {
	v := registry.SuiteVersion{Label: "3", SHA256: strings.Repeat("a", 64), Thresholds: []registry.Threshold{{Metric: "resolved", Operator: ">=", Value: 0.8}, {Metric: "refusals", Operator: "<", Value: 0.05}}}
	tests := map[string]struct {
		values  []string
		outcome Outcome
		field   string
	}{
		"all hold":               {[]string{"0.8", " 0.01"}, Passed, ""},
		"one does not":           {[]string{"0.9", "0.05"}, Failed, ""},
		"none does":              {[]string{"0", "1"}, Failed, ""},
		"a value is missing":     {[]string{"0.9"}, "", "metrics[1].value"},
		"a value is empty":       {[]string{" ", "0.01"}, "", "metrics[0].value"},
		"a value is no number":   {[]string{"0.9", "few"}, "", "metrics[1].value"},
		"a value is not a value": {[]string{"NaN", "0.01"}, "", "metrics[0].value"},
		"more values than asked": {[]string{"0.9", "0.01", "7"}, Passed, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d, err := RunOf("support", v, tt.values, Draft{Kind: Fairness, Outcome: Passed, Metrics: []Metric{{"made up", 1, ">", 0}}, Note: "kept"})
			if tt.field != "" {
				if f, ok := fault.As(err); !ok || f.Problems[0].Field != tt.field {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil || d.Outcome != tt.outcome || d.Kind != Evaluation || len(d.Metrics) != 2 || d.Suite != "support 3" || d.SuiteSHA256 != v.SHA256 || d.Note != "kept" {
				t.Errorf("%+v, %v", d, err)
			}
		})
	}
}

func TestVoidEvidenceNamesThePart(t *testing.T) {
	v := &registry.Version{ModelID: 1, Label: "v1", Kind: registry.GenAI, Release: registry.Release{Host: "openai", ModelID: "gpt-4o-2024-11-20", Parameters: map[string]string{"temperature": "0.2"}}}
	e := Evidence{VersionDigest: v.Digest(), Parts: v.Parts()}
	if why := e.WhyVoid(v.Digest(), v.Parts()); why != "" {
		t.Errorf("the same version: %q", why)
	}
	v.Release.Parameters = map[string]string{"temperature": "0.9"}
	if why := e.WhyVoid(v.Digest(), v.Parts()); why != "The parameters changed since it was recorded." {
		t.Errorf("%q", why)
	}
	e.Parts = nil
	if why := e.WhyVoid(v.Digest(), v.Parts()); why != "The version has changed since it was recorded." {
		t.Errorf("from before parts were kept: %q", why)
	}
}
