package registry

import (
	"slices"
	"strings"

	"sundial/models/vendors"
)

const (
	mostPrompts   = 100
	longestPrompt = 100_000 // characters
)

// UpgradePolicies are the ways an Azure OpenAI deployment follows its model; only the last stays.
var UpgradePolicies = []string{"OnceNewDefaultVersionAvailable", "OnceCurrentVersionExpired", "NoAutoUpgrade"}

// tidy checks a release and gives it back as it is kept. Whether its model may serve is the gate's
// business: an experiment may run on anything.
func (r Release) tidy(t *typed) Release {
	r.Host = t.line("host", r.Host, 100)
	if h, known := vendors.ParseHost(r.Host); known {
		r.Host = string(h)
	}
	r.ModelID = t.line("model_id", r.ModelID, 512)
	switch {
	case r.Host != "" && r.ModelID == "":
		t.Add("model_id", "Enter the vendor's id of the model, exactly as the calls send it.")
	case r.Host == "" && r.ModelID != "":
		t.Add("host", "Choose the service that the calls go to: the same id means other things elsewhere.")
	}
	if r.Host != string(vendors.AzureOpenAI) {
		r.UpgradePolicy = ""
	} else if r.UpgradePolicy != "" {
		t.oneOf("upgrade_policy", r.UpgradePolicy, "Choose one of the three policies of a deployment.", UpgradePolicies...)
	}
	r.Prompts = tidyPrompts(t, r.Prompts)
	r.Parameters = t.pairs("parameters", r.Parameters)
	r.Tools = t.pairs("tools", r.Tools)
	for _, name := range sortedKeys(r.Tools) {
		hash := strings.TrimPrefix(strings.ToLower(r.Tools[name]), "sha256:")
		if !isSHA256(hash) {
			t.Addf("tools", "The tool %s needs the SHA-256 of its schema: 64 hexadecimal digits.", name)
		}
		r.Tools[name] = hash
	}
	r.NoToolsReason = t.line("no_tools", r.NoToolsReason, 500)
	if len(r.Tools) > 0 && r.NoToolsReason != "" {
		t.Add("no_tools", "There are tools above. Remove them, or leave this empty.")
	}
	s := &r.EvaluationSuite
	s.Name = t.name("suite.name", s.Name, longestLine)
	s.Version = t.line("suite.version", s.Version, longestName)
	s.SHA256 = t.sha256("suite.sha256", s.SHA256)
	if s.Name == "" && !blank(s.Version, s.SHA256) {
		t.Add("suite.name", "Name the suite.")
	}
	return r
}

// tidyPrompts checks the rows that hold anything. Fields keep the row's number as it was sent.
func tidyPrompts(t *typed, list []Prompt) []Prompt {
	var kept []Prompt
	for i, p := range list {
		if blank(p.Name, p.Repo, p.Path, p.Commit, p.SHA256, p.Text, p.Config) {
			continue
		}
		field := func(name string) string { return at("prompts", i, name) }
		p.Name = t.name(field("name"), p.Name, longestName)
		p.Repo = t.repo(field("repo"), p.Repo)
		p.Path = t.line(field("path"), p.Path, 500)
		p.Commit = t.commit(field("commit"), p.Commit)
		p.SHA256 = t.sha256(field("sha256"), p.SHA256)
		p.Text = t.text(field("text"), p.Text, longestPrompt)
		p.Config = t.config(field("config"), p.Config)
		if p.Name == "" {
			t.Add(field("name"), "Name the prompt, such as system.")
		}
		if p.Text != "" {
			p.SHA256 = t.hashOf(field("sha256"), p.SHA256, p.Text, p.Config)
		}
		if p.SHA256 == "" {
			t.Add(field("sha256"), "Enter the prompt's SHA-256, or its text and Sundial computes it.")
		}
		if slices.ContainsFunc(kept, func(k Prompt) bool { return strings.EqualFold(k.Name, p.Name) && p.Name != "" }) {
			t.Addf(field("name"), "There is a prompt %s already.", p.Name)
		}
		kept = append(kept, p)
	}
	if len(kept) > mostPrompts {
		t.Addf("prompts", "At most %d prompts are listed.", mostPrompts)
	}
	return kept
}
