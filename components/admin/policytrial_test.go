package admin

import (
	"strings"
	"testing"

	"sundial/components/layout"
	"sundial/models/scorecard"
)

func TestATrialThatWasCutShortSaysSo(t *testing.T) {
	draw := func(compared int) string {
		var b strings.Builder
		v := TrialView{Profile: "strict", Result: &TrialResult{Policy: "strict-1", Trial: scorecard.Trial{Compared: compared, Models: 100_000}}}
		if err := Trial(layout.Props{Title: "Try another policy"}, v).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	cut := draw(16_000)
	for _, says := range []string{"Not every model was compared", "16,000 of 100,000 models", "sundial policy dry-run"} {
		if !strings.Contains(cut, says) {
			t.Errorf("it does not say %q", says)
		}
	}
	if strings.Contains(cut, "Download as CSV") || strings.Contains(cut, "Organisation<") {
		t.Error("a part is offered as the whole")
	}
	if whole := draw(100_000); strings.Contains(whole, "Not every model") || !strings.Contains(whole, "Download as CSV") {
		t.Error("the whole is taken for a part")
	}
}
