package storetest

import (
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/registry"
	"sundial/models/vendors"
)

// Release adds a GenAI version that production would take, made by the contributor, with one prompt.
func (w *World) Release(t testing.TB, slug, label string, prompt registry.Prompt, suite registry.Suite) registry.Version {
	t.Helper()
	v, err := w.S.AddVersion(w.As(w.Contributor), slug, func(m *registry.Model) (*registry.Version, error) {
		v := &registry.Version{ModelID: m.ID, Label: label, Kind: m.Kind, AuthorID: w.Contributor.ID, Summary: "Made for a test.", RollbackTarget: "none: the first of its kind",
			RolloutPlan: "Shadow for a week.", Monitoring: registry.Monitoring{Quality: "https://grafana.example.test/q", Cost: "https://grafana.example.test/c"},
			Release: registry.Release{Host: "openai", ModelID: "gpt-4o-2024-11-20", Prompts: []registry.Prompt{prompt}, Parameters: map[string]string{"temperature": "0.2"},
				NoToolsReason: "It only answers.", EvaluationSuite: suite}}
		v.Note("version.added", v.Subject(m.Slug), nil, map[string]string{"label": label})
		return v, nil
	})
	must(t, err)
	return v
}

// Measure records passed evidence of every kind that production asks of a release, by its own suite.
func (w *World) Measure(t testing.TB, slug, label string) {
	t.Helper()
	for _, kind := range []evidence.Kind{evidence.Evaluation, evidence.Fairness, evidence.SecurityReview, evidence.Canary} {
		_, err := w.S.AddEvidence(w.As(w.Contributor), slug, label, func(m *registry.Model, v *registry.Version, now time.Time) (*evidence.Evidence, error) {
			return evidence.New(Actor(w.Contributor), m, v, evidence.Draft{Kind: kind, Outcome: evidence.Passed, SuiteSHA256: v.Release.EvaluationSuite.SHA256, Note: "Ran well.",
				Metrics: []evidence.Metric{{Name: "resolved", Value: 0.9, Operator: ">=", Threshold: 0.8}}}, now)
		})
		must(t, err)
	}
}

// SystemPrompt is a prompt of these words as a release holds it.
func SystemPrompt(text string) registry.Prompt {
	return registry.Prompt{Name: "system", Repo: "https://git.example.test/p", Path: "system.md", Commit: "4f2a9c0d1e", SHA256: registry.HashPrompt(text), Text: text}
}

// ServeRelease makes a GenAI model of the team Fraud whose version is in production.
func (w *World) ServeRelease(t testing.TB, slug, label string) {
	t.Helper()
	must(t, w.S.SaveVendorModels(w.As(w.Admin), []vendors.Entry{{Host: vendors.OpenAI, ModelID: "gpt-4o-2024-11-20", Class: vendors.Pinned,
		EndOfLife: day.Of(w.S.Now()).Add(600), Source: "https://vendor.example", ReadOn: day.Of(w.S.Now())}}))
	w.Model(t, slug, registry.GenAI, registry.Tier(2))
	w.Release(t, slug, label, SystemPrompt("Hello."), registry.Suite{Name: "support", Version: "1", SHA256: registry.HashPrompt("support")})
	w.Measure(t, slug, label)
	w.Plan(t, slug)
	w.PromoteAll(t, slug, label)
}
