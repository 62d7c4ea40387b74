package retirement_test

import (
	"slices"
	"testing"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/retirement"
)

func TestWhereAModelStandsWithItsPlan(t *testing.T) {
	t.Parallel()
	const today = day.Day("2026-03-10")
	late := retirement.NewRunway(today.Add(20), 30, 14, 7)
	early := retirement.NewRunway(today.Add(300), 30, 14, 7)
	finding := []retirement.Finding{{Key: "owner"}}
	for name, x := range map[string]struct {
		row  retirement.Row
		want []retirement.Standing
	}{
		"nothing on file":                 {retirement.Row{}, []retirement.Standing{"missing"}},
		"a first draft":                   {retirement.Row{Newest: 1, State: retirement.Draft}, []retirement.Standing{"draft"}},
		"changes requested":               {retirement.Row{Newest: 1, State: retirement.ChangesRequested}, []retirement.Standing{"draft"}},
		"rejected":                        {retirement.Row{Newest: 1, State: retirement.Rejected}, []retirement.Standing{"rejected"}},
		"rejected beside one in force":    {retirement.Row{InForce: 1, Runway: early, Newest: 2, State: retirement.Rejected}, []retirement.Standing{"in_force"}},
		"in force":                        {retirement.Row{InForce: 1, Runway: early, Newest: 1, State: retirement.Approved}, []retirement.Standing{"in_force"}},
		"in force and the next in review": {retirement.Row{InForce: 1, Runway: early, Newest: 2, State: retirement.Submitted}, []retirement.Standing{"in_force", "review"}},
		"stale and too late":              {retirement.Row{InForce: 1, Runway: late, Findings: finding, Newest: 1, State: retirement.Approved}, []retirement.Standing{"stale", "late"}},
	} {
		if got := x.row.Stands(today); !slices.Equal(got, x.want) {
			t.Errorf("%s: stands at %v, want %v", name, got, x.want)
		}
	}
	if !(retirement.Row{Model: registry.Row{}}).StandsAt("", today) {
		t.Error("without a filter every model is in the list")
	}
}
