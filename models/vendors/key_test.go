package vendors

import "testing"

func TestOneKeyForWhatEndsTogether(t *testing.T) {
	for _, c := range []struct{ host, id, key string }{
		{"openai", "GPT-4o-2024-11-20", "gpt-4o-2024-11-20"},
		{"openai", "openai/gpt-4o", "gpt-4o"},
		{"openai", "ft:gpt-4o-mini-2024-07-18:acme:bot:Abc123", "gpt-4o-mini-2024-07-18"},
		{"openai", "ft:", "ft:"},
		{"anthropic", "claude-sonnet-4-20250514[1m]", "claude-sonnet-4-20250514"},
		{"google", "models/gemini-2.0-flash-001", "gemini-2.0-flash-001"},
		{"google", "tunedModels/my-bot", "tunedmodels/my-bot"},
		{"vertex", "publishers/anthropic/models/claude-3-opus@20240229", "claude-3-opus@20240229"},
		{"bedrock", "us.anthropic.claude-3-haiku-20240307-v1:0", "anthropic.claude-3-haiku-20240307-v1:0"},
		{"bedrock", "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"},
		{"bedrock", "arn:aws:bedrock:us-east-1:1:custom-model/amazon.nova-lite-v1:0:300k/abc", "amazon.nova-lite-v1:0:300k"},
		{"bedrock", "arn:aws:bedrock:us-east-1:1:provisioned-model/abc", "arn:aws:bedrock:us-east-1:1:provisioned-model/abc"},
		{"azure", "gpt-4o@2024-11-20@NoAutoUpgrade", "gpt-4o-2024-11-20"},
		{"azure", "gpt-4o (2024-11-20, auto-update)", "gpt-4o-2024-11-20"},
		{"azure", "gpt-4o-2024-08-06.ft-0e208cf3", "gpt-4o-2024-08-06"},
		{"openrouter", "openrouter/openai/gpt-4o", "openai/gpt-4o"},
		{"openrouter", "openrouter/auto", "openrouter/auto"},
		{"huggingface", "https://huggingface.co/BAAI/bge-m3/tree/5617a9f61b028005a4858fdac845db406aefb181", "baai/bge-m3@5617a9f61b028005a4858fdac845db406aefb181"},
		{"acme", "Acme-Large", "acme-large"},
	} {
		host, _ := ParseHost(c.host)
		if got := Key(host, c.id); got != c.key {
			t.Errorf("%s %s: %q, want %q", c.host, c.id, got, c.key)
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, h := range Hosts() {
		for _, id := range []string{"", "@", "azure/", "gpt-4o@@x", "a.ft-b", "ft:ft:x", "arn:aws:bedrock:::custom-model/a.b/c", "models/", "us.a.b", "hf.co/@", "[1m]", "\xff"} {
			f.Add(string(h), id)
		}
	}
	f.Fuzz(func(t *testing.T, provider, id string) {
		host, _ := ParseHost(provider)
		key := Key(host, id)
		if len(key) > 4*len(id)+8 {
			t.Fatalf("%q %q: a key longer than the id: %q", provider, id, key)
		}
		if unreadable(id) == "" && Normalize(id) != "" && key == "" {
			t.Fatalf("%q %q has no key", provider, id)
		}
	})
}
