package registry

import (
	"slices"
	"testing"
)

// aRelease has something in every part.
func aRelease() Release {
	return Release{Host: "azure-openai", ModelID: "gpt-4o-2024-11-20", UpgradePolicy: "NoAutoUpgrade",
		Prompts:    []Prompt{{Name: "system", Repo: "https://git.example.test/p", Path: "s.md", Commit: "4f2a9c0d", SHA256: HashPrompt("Hello."), Text: "Hello."}},
		Parameters: map[string]string{"temperature": "0.2"}, Tools: map[string]string{"search": HashPrompt("schema")},
		EvaluationSuite: Suite{Name: "support", Version: "3", SHA256: HashPrompt("suite")}}
}

// partChanges change one part of aRelease each, by what is changed.
var partChanges = map[string]struct {
	part   string
	change func(*Release)
}{
	"the host":                 {"host", func(r *Release) { r.Host = "openai" }},
	"the upgrade policy":       {"host", func(r *Release) { r.UpgradePolicy = "OnceCurrentVersionExpired" }},
	"the model id":             {"model", func(r *Release) { r.ModelID = "gpt-4o-2024-08-06" }},
	"a prompt's name":          {"prompts", func(r *Release) { r.Prompts[0].Name = "greeting" }},
	"a prompt's text":          {"prompts", func(r *Release) { r.Prompts[0].Text, r.Prompts[0].SHA256 = "Hi.", HashPrompt("Hi.") }},
	"a prompt's commit":        {"prompts", func(r *Release) { r.Prompts[0].Commit = "aaaaaaaa" }},
	"a prompt's repository":    {"prompts", func(r *Release) { r.Prompts[0].Repo = "https://git.example.test/q" }},
	"a prompt's path":          {"prompts", func(r *Release) { r.Prompts[0].Path = "t.md" }},
	"a prompt's configuration": {"prompts", func(r *Release) { r.Prompts[0].Config = `{"a":1}` }},
	"a prompt more":            {"prompts", func(r *Release) { r.Prompts = append(r.Prompts, Prompt{Name: "two", SHA256: HashPrompt("2")}) }},
	"a prompt less":            {"prompts", func(r *Release) { r.Prompts = nil }},
	"a parameter":              {"parameters", func(r *Release) { r.Parameters = map[string]string{"temperature": "0.3"} }},
	"a parameter more":         {"parameters", func(r *Release) { r.Parameters = map[string]string{"temperature": "0.2", "top_p": "1"} }},
	"a tool's schema":          {"tools", func(r *Release) { r.Tools = map[string]string{"search": HashPrompt("another")} }},
	"why it has no tools":      {"tools", func(r *Release) { r.NoToolsReason = "It may call none." }},
	"the suite's name":         {"suite", func(r *Release) { r.EvaluationSuite.Name = "other" }},
	"the suite's version":      {"suite", func(r *Release) { r.EvaluationSuite.Version = "4" }},
	"the suite's hash":         {"suite", func(r *Release) { r.EvaluationSuite.SHA256 = HashPrompt("another") }},
}

func TestAnyPartMakesAnotherReleaseAndIsNamed(t *testing.T) {
	of := func(r Release) *Version { return &Version{ModelID: 1, Label: "v1", Kind: GenAI, Release: r} }
	first := aRelease()
	for name, tt := range partChanges {
		t.Run(name, func(t *testing.T) {
			r := aRelease()
			tt.change(&r)
			if of(r).Digest() == of(first).Digest() {
				t.Error("the digest is the same")
			}
			if got := first.Parts().Changed(r.Parts()); !slices.Equal(got, []string{tt.part}) {
				t.Errorf("changed: %v", got)
			}
		})
	}
	if got := first.Parts().Changed(aRelease().Parts()); got != nil {
		t.Errorf("the same release differs in %v", got)
	}
	seen := map[string]bool{}
	for _, tt := range partChanges {
		seen[tt.part] = true
	}
	for _, key := range PartKeys {
		if !seen[key] || PartTitle(key) == "" {
			t.Errorf("no change of %s is tried", key)
		}
	}
}

func TestChangedPartsAreWords(t *testing.T) {
	for want, keys := range map[string][]string{"The prompts changed": {"prompts"}, "The host and the tools changed": {"host", "tools"},
		"The model id, the parameters and the evaluation suite changed": {"model", "parameters", "suite"}, "The version changed": nil} {
		if got := ChangedWords(keys); got != want {
			t.Errorf("%q", got)
		}
	}
	if got := (Parts{}).Changed(aRelease().Parts()); got != nil {
		t.Errorf("nothing is known, yet %v", got)
	}
}
