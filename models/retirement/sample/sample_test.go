package sample_test

import (
	"testing"

	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/retirement/sample"
)

func TestEveryProfileTakesTheSample(t *testing.T) {
	const today = day.Day("2026-03-02")
	bare := registry.Model{ID: 1, Slug: "churn", OwnerID: 1, DeputyID: 2}
	rows := map[string]func(*registry.Model){
		"trained":                        func(m *registry.Model) { m.Kind = registry.Trained },
		"genai":                          func(m *registry.Model) { m.Kind = registry.GenAI },
		"with a consumer little is said": func(m *registry.Model) { m.Consumers = []registry.Consumer{{Name: "Retention desk"}} },
		"ending within the month":        func(m *registry.Model) { m.DeprecationOn = today.Add(20) },
	}
	for name, change := range rows {
		for _, profile := range []string{"light", "standard", "strict"} {
			t.Run(name+", "+profile, func(t *testing.T) {
				m := bare
				change(&m)
				ctx := retirement.Context{
					Model: m, Depth: retirement.DepthOf(profile),
					People: map[int64]org.Person{1: {ID: 1}, 2: {ID: 2}},
				}
				if err := retirement.Complete(sample.Body(m, today), ctx, today); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
