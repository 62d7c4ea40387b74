package vendors

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPastedIDsMatchTheirPlainForm(t *testing.T) {
	for name, id := range map[string]string{
		"as it is":               "gpt-4o-2024-11-20",
		"capitals":               "GPT-4o-2024-11-20",
		"blanks around":          "  gpt-4o-2024-11-20\t\r\n",
		"no-break blank":         "\u00a0gpt-4o-2024-11-20\u00a0",
		"Unicode hyphens":        "gpt‐4o‑2024–11−20",
		"full-width letters":     "ｇｐｔ－４ｏ－２０２４－１１－２０",
		"zero-width characters":  "gpt-\u200b4o-2024\u2060-11-20\ufeff",
		"soft hyphen":            "gpt-4o-2024-\u00ad11-20",
		"broken over two lines":  "gpt-4o-\n  2024-11-20",
		"in quotes":              `"gpt-4o-2024-11-20"`,
		"in backticks":           "`gpt-4o-2024-11-20`",
		"direction marks inside": "\u202agpt-4o-2024-11-20\u202c",
	} {
		t.Run(name, func(t *testing.T) {
			v := Classify("openai", id)
			if v.Class != Pinned || v.Normalized != "gpt-4o-2024-11-20" {
				t.Errorf("%q: %s as %q", id, v.Class, v.Normalized)
			}
		})
	}
}

func TestWhatCannotBeReadIsUndetermined(t *testing.T) {
	for name, c := range map[string]struct{ id, says string }{
		"nothing":                 {"", "no id"},
		"blanks":                  {" \u00a0\u200b", "no id"},
		"invalid UTF-8":           {"gpt-4o-\xff2024-11-20", "UTF-8"},
		"endless":                 {strings.Repeat("gpt-4o-2024-11-20-", 1000), "512"},
		"a blank inside":          {"gpt 4o-2024-11-20", "blank"},
		"a Cyrillic look-alike":   {"gpt-4о-2024-11-20", "look"},
		"digits of other scripts": {"gpt-4o-٢٠٢٤-11-20", "character"},
	} {
		t.Run(name, func(t *testing.T) {
			v := Classify("openai", c.id)
			if v.Class != Undetermined || !strings.Contains(v.Reason, c.says) {
				t.Errorf("%s: %s", v.Class, v.Reason)
			}
		})
	}
}

func TestHostsAreRecognisedHoweverSpelled(t *testing.T) {
	for s, want := range map[string]Host{
		"OpenAI": OpenAI, " open ai ": OpenAI, "Anthropic": Anthropic, "Gemini API": Google, "google-ai-studio": Google,
		"vertex": VertexPartner, "Vertex AI": VertexPartner, "vertex_partner": VertexPartner, "google-vertex": VertexPartner,
		"aws-bedrock": Bedrock, "Amazon Bedrock": Bedrock, "azure-openai": AzureOpenAI, "Azure OpenAI": AzureOpenAI, "azure": AzureOpenAI,
		"Mistral AI": Mistral, "x.ai": XAI, "xAI": XAI, "Hugging Face": HuggingFace, "huggingface_hub": HuggingFace, "OLLAMA": Ollama,
		"openrouter.ai": OpenRouter, "Deep‑Seek": DeepSeek,
	} {
		if got, ok := ParseHost(s); got != want || !ok {
			t.Errorf("%q: %q, %v", s, got, ok)
		}
	}
	for _, h := range Hosts() {
		if got, ok := ParseHost(string(h)); got != h || !ok {
			t.Errorf("%q does not read itself", h)
		}
		if got, ok := ParseHost(h.Name()); got != h || !ok {
			t.Errorf("%q does not read its name %q", h, h.Name())
		}
		if rules[h] == nil {
			t.Errorf("%q has no rule", h)
		}
	}
	if h, ok := ParseHost("Groq"); ok || h != "groq" {
		t.Errorf("a host without rules: %q, %v", h, ok)
	}
}

func TestAHostWithoutRulesIsUndetermined(t *testing.T) {
	for _, provider := range []string{"groq", "together", "", "\xff", strings.Repeat("x", 9999)} {
		if v := Classify(provider, "gpt-4o-2024-11-20"); v.Class != Undetermined {
			t.Errorf("%q: %s", provider, v.Class)
		}
	}
	if v := Classify("groq", "compound-latest"); v.Class != Floating {
		t.Errorf("latest says so itself, wherever: %s", v.Class)
	}
}

func TestWhoMayServe(t *testing.T) {
	for _, c := range []struct {
		class   Class
		tier    int
		waived  bool
		allowed bool
	}{
		{Pinned, 1, false, true}, {PinnedDateless, 1, false, true},
		{PreviewPinned, 1, false, false}, {PreviewPinned, 2, false, false}, {PreviewPinned, 3, false, true}, {PreviewPinned, 1, true, true},
		{PreviewFloating, 3, true, false}, {Floating, 3, true, false}, {Undetermined, 3, true, false}, {"", 3, true, false}, {"nonsense", 3, true, false},
	} {
		if got := MayServe(c.class, c.tier, c.waived); got != c.allowed {
			t.Errorf("%q in tier %d, waived %v: %v", c.class, c.tier, c.waived, got)
		}
	}
}

func TestClassesReadTheirNames(t *testing.T) {
	for _, c := range Classes() {
		if got, err := ParseClass(" " + strings.ToUpper(c.String()) + " "); got != c || err != nil {
			t.Errorf("%s: %q, %v", c, got, err)
		}
		if c.Meaning() == "" {
			t.Errorf("%s has no meaning", c)
		}
	}
	for _, s := range []string{"", "latest", "pinned!"} {
		if _, err := ParseClass(s); err == nil {
			t.Errorf("%q is no class", s)
		}
	}
	if Class("").String() != "undetermined" {
		t.Error("the zero class is undetermined")
	}
}

func TestAzureLooksAtTheUpgradePolicy(t *testing.T) {
	for _, c := range []struct{ name, version, policy, want string }{
		{"gpt-4o", "2024-11-20", "NoAutoUpgrade", "pinned"},
		{"gpt-4o", "2024-11-20", "OnceCurrentVersionExpired", "pinned"},
		{"gpt-4o", "2024-11-20", "OnceNewDefaultVersionAvailable", "floating"},
		{"gpt-4o", "2024-11-20", "Auto-update to default", "floating"},
		{"gpt-4o", "2024-11-20", "No Auto Upgrade", "pinned"},
		{"gpt-4o", "2024-11-20", "", "undetermined"},
		{"gpt-4o", "2024-11-20", "sometimes", "undetermined"},
		{"gpt-4o-2024-11-20", "", "NoAutoUpgrade", "pinned"},
		{"gpt-4", "0613", "NoAutoUpgrade", "pinned"},
		{"gpt-4", "turbo-2024-04-09", "NoAutoUpgrade", "pinned"},
		{"gpt-4", "1106-Preview", "NoAutoUpgrade", "preview_pinned"},
		{"gpt-4", "1106-Preview", "OnceNewDefaultVersionAvailable", "floating"},
		{"gpt-4", "vision-preview", "NoAutoUpgrade", "preview_floating"},
		{"gpt-4o-realtime-preview", "2024-12-17", "NoAutoUpgrade", "preview_pinned"},
		{"gpt-4o", "", "NoAutoUpgrade", "floating"},
		{"gpt-4o", "latest", "NoAutoUpgrade", "floating"},
		{"gpt-4o", "default", "NoAutoUpgrade", "floating"},
		{"gpt-4o", "2024-13-20", "NoAutoUpgrade", "undetermined"},
		{"text-embedding-3-large", "1", "NoAutoUpgrade", "pinned"},
		{"dall-e-3", "3.0", "NoAutoUpgrade", "pinned"},
		{"whisper", "001", "NoAutoUpgrade", "pinned"},
		{"our-chat", "", "", "undetermined"},
		{"", "2024-11-20", "NoAutoUpgrade", "undetermined"},
		{"gpt-4o\xff", "2024-11-20", "NoAutoUpgrade", "undetermined"},
	} {
		if v := ClassifyAzure(c.name, c.version, c.policy); v.Class.String() != c.want {
			t.Errorf("%s %s %s: %s (%s), want %s", c.name, c.version, c.policy, v.Class, v.Reason, c.want)
		}
	}
	if v := Classify("azure", "gpt-4o (2024-11-20, NoAutoUpgrade)"); v.Class != Pinned {
		t.Errorf("as a person writes it: %s (%s)", v.Class, v.Reason)
	}
}

func TestFineTunesNameTheirBase(t *testing.T) {
	for _, c := range []struct{ provider, id, base string }{
		{"openai", "ft:gpt-4o-mini-2024-07-18:acme:bot:Abc123", "gpt-4o-mini-2024-07-18"},
		{"openai", "ft:gpt-4-0613", "gpt-4-0613"},
		{"openai", "davinci:ft-acme-2023-03-01-10-00-00", "davinci"},
		{"openai", "gpt-4o-2024-11-20", ""},
		{"openai", "ft:", ""},
		{"openai", "ft:\xff", ""},
		{"azure", "gpt-4o-2024-08-06.ft-0e208cf3", "gpt-4o-2024-08-06"},
		{"mistral", "ft:open-mistral-7b:587a6b29:20240514:7e773925", "open-mistral-7b"},
		{"bedrock", "arn:aws:bedrock:us-east-1:1:custom-model/amazon.nova-lite-v1:0:300k/abc", "amazon.nova-lite-v1:0:300k"},
		{"bedrock", "arn:aws:bedrock:us-east-1:1:custom-model/imported/abc", ""},
		{"mistral", "mistral-large-2407", ""},
		{"anthropic", "ft:claude-3-haiku-20240307:x", ""},
	} {
		if got := BaseOf(c.provider, c.id); got != c.base {
			t.Errorf("%s %s: %q, want %q", c.provider, c.id, got, c.base)
		}
	}
}

// The floating id gets advice; the pinned one needs none.
func TestSuggestionsSayHowToPin(t *testing.T) {
	for _, x := range readExamples(t) {
		v := Classify(x.provider, x.id)
		switch v.Class {
		case Floating, PreviewFloating:
			if v.Suggestion == "" {
				t.Errorf("%s %s floats without advice", x.provider, x.id)
			}
		case Pinned, PinnedDateless:
			if v.Suggestion != "" {
				t.Errorf("%s %s needs no advice: %s", x.provider, x.id, v.Suggestion)
			}
		}
	}
}

func FuzzClassify(f *testing.F) {
	for i, rows := 0, strings.Fields(beyond); i+2 < len(rows); i += 3 {
		f.Add(rows[i], rows[i+1])
	}
	for _, h := range Hosts() {
		for _, id := range []string{"", "-", ":", "@", "/", ".", "a.", ".a", "ft:", "ft::", "arn:", "arn:/", "us.", "us..", "x.:0", "claude-", "gpt-", "o", "@default", "~", "?revision=", "\xff", "publishers/", "models/", "：＠", "labs", "grok-0709-", ".ft-", "x.ft-"} {
			f.Add(string(h), id)
		}
	}
	f.Fuzz(func(t *testing.T, provider, id string) {
		v := Classify(provider, id)
		if _, err := ParseClass(string(v.Class)); err != nil {
			t.Fatalf("%q %q: %q is none of the six", provider, id, v.Class)
		}
		if v.Reason == "" || !strings.HasSuffix(v.Reason, ".") || !utf8.ValidString(v.Reason) || len(v.Reason) > 4096 {
			t.Fatalf("%q %q: no reason to show: %q", provider, id, v.Reason)
		}
		again := Classify(provider, v.Normalized)
		if again.Class != v.Class || again.Normalized != v.Normalized {
			t.Fatalf("%q %q: %s as %q, then %s as %q", provider, id, v.Class, v.Normalized, again.Class, again.Normalized)
		}
		BaseOf(provider, id)
		ClassifyAzure(provider, id, id)
	})
}
