package registry_test

import (
	"strconv"
	"testing"

	"sundial/models/registry"
	"sundial/web/webtest"
)

func TestAReleaseNamesARegisteredPromptAndSuite(t *testing.T) {
	s := webtest.New(t)
	b := s.As(s.Contributor)
	team := strconv.FormatInt(s.Fraud.ID, 10)
	b.Send("/prompts/new", "name", "support-system", "team", team, "repo", "https://git.example.test/p", "path", "s.md", "commit", "4f2a9c0d1e", "text", "Be kind.", "config", `{"temperature": 0.2}`).Is(200)
	b.Send("/evaluations/new", "name", "regression", "team", team, "label", "3", "sha256", registry.HashPrompt("suite"),
		"thresholds[0].metric", "resolved", "thresholds[0].operator", ">=", "thresholds[0].value", "0.8").Is(200)
	s.Model(t, "bot", registry.GenAI, 2)
	at := "/models/bot/versions/new"
	hash := registry.HashPromptWith("Be kind.", `{"temperature":0.2}`)
	form := b.Get(at).Is(200, "Registered prompt 1", "regression 3")

	p := b.Submit(form, at, "label", "v1", "prompts[0].pick", "nobody@1", "suite.pick", "1").Is(422, "No prompt nobody is registered.")
	if p.ErrorAt("prompts[0].pick") == "" || p.Value("prompts[0].pick") != "nobody@1" || p.Value("suite.sha256") != registry.HashPrompt("suite") {
		t.Errorf("the refused form:\n%s", p.Text())
	}
	if p := b.Submit(form, at, "label", "v1", "prompts[0].pick", "support-system@main").Is(422); p.ErrorAt("prompts[0].pick") == "" {
		t.Error("a name that cannot be meant is taken")
	}
	b.Submit(form, at, "label", "v1", "prompts[0].pick", "support-system@"+hash[:12], "prompts[0].name", "system", "suite.pick", "1", "host", "openai", "model_id", "gpt-4o-2024-11-20").Is(200, "v1 is added.", "support-system, version 1", "regression 3")
	_, v, err := s.Store.Version(t.Context(), "bot", "v1")
	if err != nil {
		t.Fatal(err)
	}
	got := v.Release.Prompts[0]
	if got.Name != "system" || got.SHA256 != hash || got.Commit != "4f2a9c0d1e" || got.Text != "Be kind." || got.Config != `{"temperature":0.2}` || v.Release.EvaluationSuite != (registry.Suite{Name: "regression", Version: "3", SHA256: registry.HashPrompt("suite")}) {
		t.Errorf("%+v", v.Release)
	}
	b.Submit(b.Get("/models/bot/versions/v1/edit"), "/models/bot/versions/v1/edit", "summary", "Kept as it was.").Is(200, "Saved.")
	_, again, _ := s.Store.Version(t.Context(), "bot", "v1")
	if again.Digest() != v.Digest() {
		t.Error("saving the form as it stands made another release")
	}
	b.Get("/prompts/support-system").Is(200, "Model bot v1")
	b.Submit(form, at, "label", "v2", "prompts[0].pick", "support-system").Is(200, "v2 is added.")
	b.Submit(form, at, "label", "v3", "prompts[0].name", "typed", "prompts[0].text", "Typed by hand.").Is(200, "v3 is added.")
	b.Submit(form, at, "label", "v4", "prompts[0].name", "typed", "prompts[0].text", "Typed by hand.", "suite.pick", "77").Is(422, "There is no such version of a suite.")
}
