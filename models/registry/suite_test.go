package registry

import (
	"math"
	"slices"
	"strings"
	"testing"

	"sundial/models/fault"
)

func goodSuite() SuiteDraft {
	return SuiteDraft{Name: "support-regression", TeamID: 7, Purpose: "What must not get worse.", Version: SuiteVersionDraft{Label: "2026-03", SHA256: HashPrompt("suite"),
		Repo: "https://git.example.test/evals", Path: "support", Commit: "4f2a9c0d", Thresholds: []ThresholdDraft{{"resolved", ">=", "0.8"}, {}, {"refusals", "<", "0.05"}}}}
}

func TestASuiteIsRegistered(t *testing.T) {
	s, v, err := NewSuite(promptPen, goodSuite(), promptNow)
	if err != nil || s.Name != "support-regression" || len(v.Thresholds) != 2 || v.Thresholds[1].String() != "refusals < 0.05" || len(s.Notes()) != 1 {
		t.Fatalf("%+v, %+v, %v", s, v, err)
	}
	bad := map[string]struct {
		change func(*SuiteDraft)
		field  string
	}{
		"no team":                {func(d *SuiteDraft) { d.TeamID = 0 }, "team"},
		"another team":           {func(d *SuiteDraft) { d.TeamID = 8 }, "team"},
		"no version":             {func(d *SuiteDraft) { d.Version.Label = "" }, "label"},
		"no hash":                {func(d *SuiteDraft) { d.Version.SHA256 = "" }, "sha256"},
		"no threshold":           {func(d *SuiteDraft) { d.Version.Thresholds = nil }, "thresholds[0].metric"},
		"a metric twice":         {func(d *SuiteDraft) { d.Version.Thresholds[2].Metric = "Resolved" }, "thresholds[2].metric"},
		"no metric":              {func(d *SuiteDraft) { d.Version.Thresholds[0].Metric = "" }, "thresholds[0].metric"},
		"an operator that is no": {func(d *SuiteDraft) { d.Version.Thresholds[0].Operator = "=" }, "thresholds[0].operator"},
		"a threshold of words":   {func(d *SuiteDraft) { d.Version.Thresholds[0].Value = "most" }, "thresholds[0].value"},
		"a threshold of nothing": {func(d *SuiteDraft) { d.Version.Thresholds[0].Value = "NaN" }, "thresholds[0].value"},
		"an address with a word": {func(d *SuiteDraft) { d.Version.URL = "https://me:secret@example.test" }, "url"},
	}
	for name, tt := range bad {
		t.Run(name, func(t *testing.T) {
			d := goodSuite()
			tt.change(&d)
			_, _, err := NewSuite(promptPen, d, promptNow)
			if f, ok := fault.As(err); !ok || !slices.ContainsFunc(f.Problems, func(p fault.Problem) bool { return p.Field == tt.field }) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestASuitesNextVersionIsAnother(t *testing.T) {
	s, v, err := NewSuite(promptPen, goodSuite(), promptNow)
	if err != nil {
		t.Fatal(err)
	}
	d := goodSuite().Version
	if _, err := s.AddVersion(promptPen, d, []SuiteVersion{*v}, promptNow); err == nil || !strings.Contains(err.Error(), "There is a version 2026-03 already") {
		t.Errorf("the same label: %v", err)
	}
	d.Label = "2026-04"
	if _, err := s.AddVersion(promptPen, d, []SuiteVersion{*v}, promptNow); err == nil || !strings.Contains(err.Error(), "Version 2026-03 has this hash already") {
		t.Errorf("the same hash: %v", err)
	}
	d.SHA256 = HashPrompt("another")
	if got, err := s.AddVersion(promptPen, d, []SuiteVersion{*v}, promptNow); err != nil || got.Label != "2026-04" || math.IsNaN(got.Thresholds[0].Value) {
		t.Errorf("%+v, %v", got, err)
	}
}
