package retirement_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/retirement"
)

func TestCheckSectionRefusesWhatCannotBeKept(t *testing.T) {
	type B = retirement.Body
	nan, inf, low := math.NaN(), math.Inf(1), -4.5
	rows := []struct {
		name    string
		section string
		change  func(*B)
		want    []string
	}{
		{"nothing written yet", "trigger", func(b *B) { *b = B{} }, nil},
		{"a spare row", "steps", func(b *B) { b.Steps = append(b.Steps, retirement.Step{}) }, nil},
		{"unknown kind", "trigger", func(b *B) { b.Trigger.Kind = "boredom" }, []string{"trigger.kind"}},
		{"unknown operator", "trigger", func(b *B) { b.Trigger.Criterion.Operator = "=>" }, []string{"trigger.criterion.operator"}},
		{"threshold that is no number", "trigger", func(b *B) { b.Trigger.Criterion.Threshold = &nan }, []string{"trigger.criterion.threshold"}},
		{"infinite threshold", "trigger", func(b *B) { b.Trigger.Criterion.Threshold = &inf }, []string{"trigger.criterion.threshold"}},
		{"negative threshold", "trigger", func(b *B) { b.Trigger.Criterion.Threshold = &low }, nil},
		{"window of a year", "trigger", func(b *B) { b.Trigger.Criterion.WindowDays = 365 }, nil},
		{"window of more", "trigger", func(b *B) { b.Trigger.Criterion.WindowDays = 366 }, []string{"trigger.criterion.window_days"}},
		{"no date", "dates", func(b *B) { b.Dates.ReviewBy = "2027-02-30" }, []string{"dates.review_by"}},
		{"negative days", "rollback", func(b *B) { b.Rollback.WindowDays = -1 }, []string{"rollback.window_days"}},
		{"text as long as it may be", "steps", func(b *B) { b.Steps[1].Title = strings.Repeat("é", 200) }, nil},
		{"text too long", "steps", func(b *B) { b.Steps[1].Title = strings.Repeat("é", 201) }, []string{"steps[1].title"}},
		{"line breaks", "steps", func(b *B) { b.Steps[1].Check = "one\r\ntwo" }, nil},
		{"control character", "steps", func(b *B) { b.Steps[1].Title = "a\x07b" }, []string{"steps[1].title"}},
		{"zero-width space", "assets", func(b *B) { b.Assets[1].Verifier = "Platform\u200b operations" }, []string{"assets[1].verifier"}},
		{"text that is not UTF-8", "access", func(b *B) { b.Access[0].What = "\xff" }, []string{"access[0].what"}},
		{"unknown mode", "steps", func(b *B) { b.Steps[0].Mode = "hope" }, []string{"steps[0].mode"}},
		{"unknown decision", "assets", func(b *B) { b.Assets[0].Decision = "forget" }, []string{"assets[0].decision"}},
		{"unknown hold", "assets", func(b *B) { b.Assets[0].Hold = "maybe" }, []string{"assets[0].hold"}},
		{"unknown asset kind", "assets", func(b *B) { b.Assets[0].Kind = "socks" }, []string{"assets[0].kind"}},
		{"unknown criticality", "consumers", func(b *B) { b.Consumers.List[0].Criticality = "vital" }, []string{"consumers.list[0].criticality"}},
		{"cost below nothing", "access", func(b *B) { b.Access[0].MonthlyCost = -1 }, []string{"access[0].monthly_cost"}},
		{"a person who cannot be", "people", func(b *B) { b.People.Deputy = -1 }, []string{"people.deputy"}},
		{"equivalence test too long", "candidate", func(b *B) { b.Candidate.EquivalenceTests[1] = strings.Repeat("a", 201) }, []string{"candidate.equivalence_tests"}},
		{"as many steps as may be", "steps", func(b *B) { b.Steps = make([]retirement.Step, 50) }, nil},
		{"too many steps", "steps", func(b *B) { b.Steps = make([]retirement.Step, 51) }, []string{"steps"}},
		{"too many assets", "assets", func(b *B) { b.Assets = make([]retirement.DataAsset, 101) }, []string{"assets"}},
		{"too many consumers", "consumers", func(b *B) { b.Consumers.List = make([]registry.Consumer, 201) }, []string{"consumers.list"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			b := body()
			r.change(&b)
			if d := cmp.Diff(r.want, fields(retirement.CheckSection(r.section, b))); d != "" {
				t.Error(d)
			}
		})
	}
	refused(t, retirement.CheckSection("colour", body()), fault.NotFound)
}

// Every text of a plan, also one added later, is refused when it is far too long.
func TestEveryTextIsBounded(t *testing.T) {
	long := strings.Repeat("a", 5000)
	for _, s := range retirement.Sections {
		b := body()
		texts := fillTexts(reflect.ValueOf(&b).Elem(), long, s.Key)
		if got := len(fields(retirement.CheckSection(s.Key, b))); got < texts {
			t.Errorf("%s: %d of %d texts refused", s.Key, got, texts)
		}
	}
}

// fillTexts puts the text into every string of one section and counts them.
func fillTexts(v reflect.Value, text, section string) (n int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); section == "" || section == name {
				n += fillTexts(v.Field(i), text, "")
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += fillTexts(v.Index(i), text, "")
		}
	case reflect.String:
		v.SetString(text)
		n = 1
	}
	return n
}

func TestPlaceholder(t *testing.T) {
	for _, s := range []string{"TBD", "tbd.", "T.B.D", "t b d", "ＴＢＤ", "n/a", "N/A", "n.a.", "na", "later", "Later!", "to be decided",
		"To be decided by the board", "owner TBD", "TODO: ask", "?", "???", "-", "--", "...", "…", "x", "xxx", "XXXX", "aaa",
		"none", "unknown", "not yet", "don't know", "will be decided later", "soon", "_", "1", "see xxx"} {
		if !retirement.Placeholder(s) {
			t.Errorf("%q passes", s)
		}
	}
	for _, s := range []string{"", "Payments", "auc", "R2", "Nadia", "None of the consumers reads it after May", "Later than the cutover",
		"Latest backup", "人", "数", "xx-large bucket", "Todor", "42"} {
		if retirement.Placeholder(s) {
			t.Errorf("%q is refused", s)
		}
	}
}

func FuzzPlaceholder(f *testing.F) {
	f.Add("TBD")
	f.Add("\xff？")
	f.Fuzz(func(t *testing.T, s string) { retirement.Placeholder(s) })
}

func TestCriterionSentence(t *testing.T) {
	zero := 0.0
	c := retirement.Criterion{Metric: "requests", Operator: "<=", Threshold: &zero, WindowDays: 1, Source: "Gateway counters"}
	if got, want := c.Sentence(), "requests <= 0 over 1 day (Gateway counters)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if c.Threshold = nil; c.Measurable() || c.Sentence() != "" {
		t.Error("a criterion without a threshold is measurable")
	}
}
