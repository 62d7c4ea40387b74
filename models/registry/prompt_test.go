package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/org"
)

func hashOf(b string) string {
	sum := sha256.Sum256([]byte(b))
	return hex.EncodeToString(sum[:])
}

func TestAnEditorsHabitsMakeNoOtherPrompt(t *testing.T) {
	plain := "Answer kindly.\nStay short, and café stays one word."
	tests := map[string]struct{ text, removed string }{
		"as it is":               {plain, ""},
		"a byte-order mark":      {"\ufeff" + plain, "byte-order mark"},
		"line ends of Windows":   {strings.ReplaceAll(plain, "\n", "\r\n"), "Carriage returns"},
		"line ends of old":       {strings.ReplaceAll(plain, "\n", "\r"), "Carriage returns"},
		"a final line end":       {plain + "\n", "after the text"},
		"blanks around it":       {" \t\n" + plain + "  \n\n", "before the text"},
		"letters in two parts":   {strings.ReplaceAll(plain, "é", "e\u0301"), "NFC"},
		"all of it at once":      {"\ufeff\r\n" + strings.ReplaceAll(plain, "é", "e\u0301") + "\r\n", "byte-order mark"},
		"a no-break space after": {plain + "\u00a0", "after the text"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := NormalizePrompt(tt.text)
			if n.Text != plain || HashPrompt(tt.text) != hashOf(plain) {
				t.Errorf("it became %q", n.Text)
			}
			if said := strings.Join(n.Removed, " "); (said == "") != (tt.removed == "") || !strings.Contains(said, tt.removed) {
				t.Errorf("removed: %q", said)
			}
		})
	}
	for name, other := range map[string]string{"a blank at the end of a line": strings.Replace(plain, "\n", " \n", 1), "two blanks": strings.Replace(plain, " ", "  ", 1),
		"capitals": strings.ToUpper(plain), "a line more": strings.Replace(plain, "\n", "\n\n", 1)} {
		if HashPrompt(other) == hashOf(plain) {
			t.Errorf("%s is another prompt and has the same hash", name)
		}
	}
}

func TestAConfigurationIsPartOfTheHash(t *testing.T) {
	same := []string{`{"temperature":0.2,"stop":["\n"]}`, "\ufeff{ \"stop\": [\"\\n\"],\r\n \"temperature\": 0.2 }\n"}
	var hashes []string
	for _, s := range same {
		c, err := CanonicalConfig(s)
		if err != nil || c != `{"stop":["\n"],"temperature":0.2}` {
			t.Fatalf("%q: %q, %v", s, c, err)
		}
		hashes = append(hashes, HashPromptWith("Hello.\n", c))
	}
	if hashes[0] != hashes[1] || hashes[0] != hashOf("\x00"+`{"config":{"stop":["\n"],"temperature":0.2},"text":"Hello."}`) {
		t.Error("not the documented form")
	}
	for _, none := range []string{"", " \n", "null", "{}", "{ }"} {
		if c, err := CanonicalConfig(none); c != "" || err != nil || HashPromptWith("Hello.", c) != HashPrompt("Hello.") {
			t.Errorf("%q is no configuration, yet %q, %v", none, c, err)
		}
	}
	if other, _ := CanonicalConfig(`{"temperature":0.3}`); HashPromptWith("Hello.", other) == hashes[0] || HashPromptWith("Hello.", other) == HashPrompt("Hello.") {
		t.Error("another configuration has the same hash")
	}
	for _, bad := range []string{"temperature: 0.2", "[1]", `"x"`, "3", "{", `{"a":1`, `{"a":1} {"b":2}`, `{"a":1,"a":2}`, strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40),
		`{"a":"` + strings.Repeat("x", longestConfig) + `"}`, `{"a":NaN}`, "{\"a\":\x00}"} {
		if _, err := CanonicalConfig(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.40q is taken: %v", bad, err)
		}
	}
}

func FuzzCanonicalConfig(f *testing.F) {
	f.Add(`{"a":[1,2.50,{"b":null}]}`)
	f.Fuzz(func(t *testing.T, s string) {
		c, err := CanonicalConfig(s)
		if err != nil {
			return
		}
		if again, err := CanonicalConfig(c); err != nil || again != c {
			t.Errorf("%q: %q becomes %q (%v)", s, c, again, err)
		}
		HashPromptWith("x", c)
	})
}

var (
	promptNow = time.Date(2026, 3, 3, 14, 32, 0, 0, time.UTC)
	promptPen = org.Actor{Person: org.Person{ID: 4, Name: "Pen", Roles: []org.Role{org.Contributor}, TeamIDs: []int64{7}}, Via: "session"}
)

func TestAPromptIsRegistered(t *testing.T) {
	good := PromptDraft{Name: "support-system", TeamID: 7, Purpose: "Greets.", Version: PromptVersionDraft{Repo: "https://git.example.test/p", Path: "s.md", Commit: "4f2a9c0d", Text: "\ufeffHello.\r\n"}}
	p, v, err := NewPrompt(promptPen, good, promptNow)
	if err != nil || p.Name != "support-system" || v.Number != 1 || v.Text != "Hello." || v.SHA256 != HashPrompt("Hello.") || len(v.Removed) != 3 {
		t.Fatalf("%+v, %+v, %v", p, v, err)
	}
	if notes := p.Notes(); len(notes) != 1 || strings.Contains(fmt.Sprint(notes[0].After), "Hello") {
		t.Errorf("the trail: %v", notes)
	}
	bad := map[string]struct {
		change func(*PromptDraft)
		field  string
	}{
		"no name":                         {func(d *PromptDraft) { d.Name = "" }, "name"},
		"a name with blanks":              {func(d *PromptDraft) { d.Name = "My prompt" }, "name"},
		"no team":                         {func(d *PromptDraft) { d.TeamID = 0 }, "team"},
		"another team":                    {func(d *PromptDraft) { d.TeamID = 8 }, "team"},
		"neither text nor hash":           {func(d *PromptDraft) { d.Version.Text = " \n" }, "text"},
		"a hash that is not the text's":   {func(d *PromptDraft) { d.Version.SHA256 = strings.Repeat("a", 64) }, "sha256"},
		"half a hash":                     {func(d *PromptDraft) { d.Version.SHA256, d.Version.Text = "abc", "" }, "sha256"},
		"a branch for a commit":           {func(d *PromptDraft) { d.Version.Commit = "main" }, "commit"},
		"a commit of no repository":       {func(d *PromptDraft) { d.Version.Repo = "" }, "repo"},
		"a configuration that is no JSON": {func(d *PromptDraft) { d.Version.Config = "hot" }, "config"},
		"letters that nobody sees":        {func(d *PromptDraft) { d.Version.Text = "Hello\U000E0041." }, "text"},
		"a text of a million":             {func(d *PromptDraft) { d.Version.Text = strings.Repeat("a", 1_000_000) }, "text"},
	}
	for name, tt := range bad {
		t.Run(name, func(t *testing.T) {
			d := good
			tt.change(&d)
			_, _, err := NewPrompt(promptPen, d, promptNow)
			f, ok := fault.As(err)
			if !ok || !slices.ContainsFunc(f.Problems, func(p fault.Problem) bool { return p.Field == tt.field }) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAPromptsNextVersion(t *testing.T) {
	p := &PromptRecord{ID: 3, Name: "support-system", TeamID: 7}
	have := []PromptVersion{{Number: 2, SHA256: HashPrompt("two")}, {Number: 1, SHA256: HashPrompt("one")}}
	v, err := p.AddVersion(promptPen, PromptVersionDraft{SHA256: "SHA256:" + strings.ToUpper(HashPrompt("three"))}, have, promptNow)
	if err != nil || v.Number != 3 || v.SHA256 != HashPrompt("three") || v.Text != "" || v.PromptID != 3 {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := p.AddVersion(promptPen, PromptVersionDraft{Text: "one\r\n"}, have, promptNow); err == nil || !strings.Contains(err.Error(), "Version 1 has this hash already") {
		t.Errorf("the same again: %v", err)
	}
	stranger := promptPen
	stranger.TeamIDs = []int64{9}
	if _, err := p.AddVersion(stranger, PromptVersionDraft{Text: "three"}, have, promptNow); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a stranger: %v", err)
	}
}

func TestAPromptVersionIsNamed(t *testing.T) {
	one, two := PromptVersion{Number: 1, SHA256: HashPrompt("one")}, PromptVersion{Number: 12, SHA256: HashPrompt("two")}
	list := []PromptVersion{one, two}
	tests := map[string]struct {
		ok   bool
		want int // its number, 0 for none
	}{
		"support-system":                         {true, 12},
		"support-system@1":                       {true, 1},
		"support-system@12":                      {true, 12},
		"support-system@3":                       {true, 0},
		" Support-System @ " + one.SHA256[:12]:   {true, 1},
		"support-system@sha256:" + two.SHA256:    {true, 12},
		"support-system@ffffffff":                {true, 0},
		"support system@1":                       {false, 0},
		"@1":                                     {false, 0},
		"support-system@main":                    {false, 0},
		"support-system@" + one.SHA256[:6] + "x": {false, 0},
	}
	for s, want := range tests {
		name, rest, ok := ParseNamed(s)
		if ok != want.ok || ok && name != "support-system" {
			t.Errorf("%q: %q %q %v", s, name, rest, ok)
			continue
		}
		if !ok {
			continue
		}
		if v, found := Pick(list, rest); found != (want.want > 0) || found && v.Number != want.want {
			t.Errorf("%q picks %d, %v", s, v.Number, found)
		}
	}
}
