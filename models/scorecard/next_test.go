package scorecard

import (
	"testing"
	"time"

	"sundial/models/registry"
	"sundial/models/telemetry"
)

func team() []TeamModel {
	return []TeamModel{{"fraud-scorer", "Fraud scorer", fraudScorer()}, {"support-bot", "Support bot", supportBot()}, {"churn", "Churn", churn()}, {"seen", "Seen", AsUnregistered()}}
}

func TestNextActionsAreReScored(t *testing.T) {
	t.Parallel()
	list := NextActions(team(), 3, noon)
	if len(list) != 3 {
		t.Fatalf("%d actions", len(list))
	}
	// What was only seen holds the team down by 0 at tier 2; the bot, next, is capped because its id floats.
	if list[0].Slug != "seen" || list[1].Slug != "support-bot" || list[1].Key != "pin" {
		t.Errorf("first: %+v", list)
	}
	done := map[string][]string{}
	was, _ := WhatIf(team(), nil, noon).Score()
	for _, a := range list {
		done[a.Slug] = append(done[a.Slug], a.Key)
		then, _ := WhatIf(team(), done, noon).Score()
		if then != a.Then || clean(then-was) != a.TeamGain || a.TeamGain <= 0 {
			t.Errorf("%s on %s says %v and +%v, re-scored it is %v and +%v", a.Key, a.Slug, a.Then, a.TeamGain, then, then-was)
		}
		was = then
	}
}

// Of all sets of three actions in the team, none brings more.
func TestNextActionsAreTheBestThree(t *testing.T) {
	t.Parallel()
	list := NextActions(team(), 3, noon)
	got := list[len(list)-1].Then
	type one struct{ slug, key string }
	var all []one
	for _, m := range team() {
		for _, a := range Actions(m.Facts, noon) {
			all = append(all, one{m.Slug, a.Key})
		}
	}
	for i := range all {
		for j := range i {
			for k := range j {
				done := map[string][]string{}
				for _, x := range []one{all[i], all[j], all[k]} {
					done[x.slug] = append(done[x.slug], x.key)
				}
				if then, _ := WhatIf(team(), done, noon).Score(); then > got+1e-9 {
					t.Fatalf("%v brings %v, the advice %v", done, then, got)
				}
			}
		}
	}
}

func TestTwoShortcomingsUnderOneCapAreAdvisedTogether(t *testing.T) {
	t.Parallel()
	gone := Reading{Strength: Against, Share: 1, Fact: "No."}
	f := supportBot().with("owner", gone).with("deputy", gone)
	for _, a := range Actions(f, noon)[:2] {
		if a.Gain != 0 {
			t.Errorf("%s alone raises the score by %v", a.Key, a.Gain)
		}
	}
	steps := BestActions(f, noon)
	if len(steps) != 3 || steps[0].Then != 39 || steps[2].Then != Score(Mended(f, steps[0].Key, steps[1].Key, steps[2].Key), noon).Score || steps[2].Then <= 39 {
		t.Errorf("%+v", steps)
	}
	list := NextActions([]TeamModel{{"support-bot", "Support bot", f}}, 2, noon)
	if len(list) != 2 || list[1].Then <= 39 {
		t.Errorf("%+v", list)
	}
}

func TestWholeTeamsNeedNothing(t *testing.T) {
	t.Parallel()
	if list := NextActions([]TeamModel{{"m", "M", whole(registry.Trained, 1)}}, 3, noon); len(list) != 0 {
		t.Errorf("a model without a gap gets %+v", list)
	}
	if list := NextActions(nil, 3, noon); len(list) != 0 {
		t.Errorf("no models get %+v", list)
	}
	if list := BestActions(whole(registry.GenAI, 1), noon); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	if list := Actions(whole(registry.GenAI, 1), noon); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestCadenceAdvice(t *testing.T) {
	t.Parallel()
	reports := func(perWeek float64, weeks int) []telemetry.Report {
		var out []telemetry.Report
		for i := range weeks {
			out = append(out, telemetry.Report{Metric: telemetry.Drift, Value: 0.02 + perWeek*float64(i), To: noon.AddDate(0, 0, -7*(weeks-i)), Source: "evidently"})
		}
		return out
	}
	for _, c := range []struct {
		name     string
		perWeek  float64
		weeks    int
		declared int
		fit      Fit
		needs    int
		words    string
	}{
		{"stable, quarterly is fine", 0, 8, 91, Fits, 91, "Drift does not grow. Retraining every quarter fits."},
		{"stable, monthly is fine too", 0, 8, 30, Fits, 91, "Drift does not grow. Retraining every 30 days fits."},
		{"stable, weekly is waste", 0, 8, 7, TooOften, 91, "Drift does not grow. Retraining every week is more often than it needs; every quarter is fine."},
		{"stable, every two years is neglect", 0, 8, 730, TooRarely, 91, "Drift does not grow. Retraining every 730 days is too rarely; every quarter would fit."},
		{"fast, weekly", 0.125, 8, 7, Fits, 7, "Drift grows by 0.125 a week: at the limit of 0.25 after 2 weeks. Retraining every week fits."},
		{"fast, quarterly is neglect", 0.125, 8, 91, TooRarely, 7, "Drift grows by 0.125 a week: at the limit of 0.25 after 2 weeks. Retraining every quarter is too rarely; every week would fit."},
		{"in between", 0.025, 8, 35, Fits, 35, "Drift grows by 0.025 a week: at the limit of 0.25 after 10 weeks. Retraining every 35 days fits."},
		{"in between, quarterly is too rarely", 0.025, 8, 91, TooRarely, 35, "Drift grows by 0.025 a week: at the limit of 0.25 after 10 weeks. Retraining every quarter is too rarely; every 35 days would fit."},
		{"nothing declared", 0.025, 8, 0, FitUnknown, 35, "Drift grows by 0.025 a week: at the limit of 0.25 after 10 weeks. No retraining cadence is declared; every 35 days would fit."},
		{"too few reports", 0.025, 2, 35, FitUnknown, 0, "Drift since this version serves was reported 2 times; 3 reports over a week are needed to see how fast it grows."},
		{"falling drift does not grow", -0.05, 8, 91, Fits, 91, "Drift does not grow. Retraining every quarter fits."},
	} {
		got := AdviseCadence(reports(c.perWeek, c.weeks), c.declared, noon.AddDate(0, 0, -100), noon)
		if got.Fit != c.fit || got.NeedsDays != c.needs || got.Sentence != c.words {
			t.Errorf("%s: %s, needs %d: %q", c.name, got.Fit, got.NeedsDays, got.Sentence)
		}
	}
	limited := reports(0.025, 8)
	limited[7].Limit = &telemetry.Limit{Operator: "<=", Value: 0.05}
	if got := AdviseCadence(limited, 35, time.Time{}, noon); got.Limit != 0.05 || got.Fit != TooRarely || got.NeedsDays != 7 {
		t.Errorf("with a limit of its own: %+v", got)
	}
	if got := AdviseCadence(reports(0.5, 8), 7, noon.AddDate(0, 0, -10), noon); got.Fit != FitUnknown || got.Reports != 1 {
		t.Errorf("drift of the version before is held against this one: %+v", got)
	}
	other := append(reports(0, 8), telemetry.Report{Metric: telemetry.Drift, Value: 9, To: noon, Source: "other"}, telemetry.Report{Metric: telemetry.Quality, Value: 9, To: noon, Source: "evidently"})
	if got := AdviseCadence(other, 91, time.Time{}, noon); got.PerWeek != 0 || got.Reports != 8 {
		t.Errorf("two sources or metrics are mixed: %+v", got)
	}
}
