package api_test

import (
	"testing"

	"sundial/models/day"
	"sundial/web/webtest"
)

func TestTeamsWithScoreAndFlow(t *testing.T) {
	s := webtest.New(t)
	b := s.As(s.Leader)
	quarter := string(day.QuarterOf(s.Store.Now()))
	ask(t, b, "GET", "/teams/fraud/flow", "").is(t, 404)
	s.Serve(t, "alpha", "v1", 2)
	if _, err := s.Store.ScoreAll(s.World.As(s.Admin), s.Policy); err != nil {
		t.Fatal(err)
	}
	if err := s.Store.CountFlow(t.Context()); err != nil {
		t.Fatal(err)
	}
	teams := ask(t, b, "GET", "/teams", "").is(t, 200).Body["items"].([]any)
	scored := map[string]map[string]any{}
	for _, x := range teams {
		scored[x.(map[string]any)["slug"].(string)] = x.(map[string]any)
	}
	maturity := ask(t, b, "GET", "/teams/fraud/maturity", "").is(t, 200).Body
	if fraud := scored["fraud"]; fraud["score"] == nil || fraud["score"] != maturity["score"] || fraud["tier"] != maturity["tier"] || fraud["models"] != 1.0 {
		t.Errorf("listed %v, alone %v", fraud, maturity)
	}
	if credit := scored["credit"]; credit["score"] != nil || credit["models"] != 0.0 {
		t.Errorf("a team without models: %v", credit)
	}
	flow := ask(t, b, "GET", "/teams/fraud/flow?quarter="+quarter, "").is(t, 200).Body
	if flow["came_to_production"] != 1.0 || flow["median_days"] == nil || flow["versions"] != 1.0 || flow["ghost_versions"] != 0.0 || flow["quarter"] != quarter {
		t.Errorf("%v", flow)
	}
	if credit := ask(t, b, "GET", "/teams/credit/flow", "").is(t, 200).Body; credit["median_days"] != nil || credit["came_to_production"] != 0.0 {
		t.Errorf("%v", credit)
	}
	ask(t, b, "GET", "/teams/fraud/flow?quarter=2026-Q5", "").is(t, 400)
	ask(t, b, "GET", "/teams/fraud/flow?quarter=2019-Q1", "").is(t, 404)
	ask(t, b, "GET", "/teams/nobody/flow", "").is(t, 404)
}
