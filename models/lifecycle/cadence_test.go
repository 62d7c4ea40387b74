package lifecycle

import (
	"strings"
	"testing"
	"time"

	"sundial/models/evidence"
	"sundial/models/registry"
)

func TestWhenAReleaseIsEvaluatedAgain(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	p := standard() // evaluations are good for 180 days
	for name, c := range map[string]struct {
		change func(f *Facts)
		due    bool
		says   string
	}{
		"evaluated, and nothing changed":       {func(*Facts) {}, false, "Again by 29 April 2027"},
		"never evaluated":                      {func(f *Facts) { f.Evidence = nil }, true, "not been evaluated"},
		"the prompt changed":                   {func(f *Facts) { f.Version.Release.Prompts[0].SHA256 = "other" }, true, "changed after the evaluation"},
		"an old result of another release":     {func(f *Facts) { f.Evidence[0].VersionDigest = "other" }, true, "changed after the evaluation"},
		"the vendor's facts changed since":     {func(f *Facts) { f.Vendor.ChangedAt = now.Add(-day) }, true, "vendor's model changed on 19 November 2026"},
		"the vendor's facts changed before":    {func(f *Facts) { f.Vendor.ChangedAt = now.Add(-40 * day) }, false, ""},
		"the evaluation is too old":            {func(f *Facts) { f.Evidence[0].RecordedAt = now.Add(-181 * day) }, true, "too old"},
		"the evaluation has an end of its own": {func(f *Facts) { f.Evidence[0].ExpiresAt = now.Add(-day) }, true, "too old"},
		"it failed":                            {func(f *Facts) { f.Evidence[0].Outcome = evidence.Failed }, true, "did not pass"},
		"it was withdrawn":                     {func(f *Facts) { f.Evidence[0].Withdrawn = true }, true, "not been evaluated"},
	} {
		t.Run(name, func(t *testing.T) {
			f := Facts{Version: registry.Version{ID: 1, Kind: registry.GenAI, Stage: registry.Production, Label: "v1",
				Release: registry.Release{Host: "openai", ModelID: "gpt-4o-2024-11-20", Prompts: []registry.Prompt{{Name: "system", SHA256: "one"}}}}}
			f.Evidence = []evidence.Evidence{{ID: 1, Kind: evidence.Evaluation, Outcome: evidence.Passed, RecordedAt: now.Add(-20 * day), VersionDigest: f.Version.Digest()}}
			c.change(&f)
			got := Reevaluation(&f, p, now)
			if !got.Applies || got.Due != c.due || !strings.Contains(got.Why, c.says) || !strings.HasSuffix(got.Why, ".") {
				t.Errorf("%+v", got)
			}
		})
	}
	for _, v := range []registry.Version{{Kind: registry.Trained, Stage: registry.Production}, {Kind: registry.GenAI, Stage: registry.Experiment}, {Kind: registry.GenAI, Stage: registry.Retired}} {
		if got := Reevaluation(&Facts{Version: v}, p, now); got.Applies || got.Due {
			t.Errorf("%s %s: %+v", v.Kind, v.Stage, got)
		}
	}
	light, _ := Profile("light")
	if !light.OneMayClassify() || p.OneMayClassify() {
		t.Error("one person alone classifies under the light profile only")
	}
}
