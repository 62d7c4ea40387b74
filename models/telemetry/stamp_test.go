package telemetry

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseStamp(t *testing.T) {
	t.Parallel()
	full := strings.Repeat("0a", 32)
	for name, c := range map[string]struct {
		text string
		want Stamp
		ok   bool
	}{
		"model and version":                {"fraud-scorer@v7", Stamp{"fraud-scorer", "v7", ""}, true},
		"with the prompt's first digits":   {"bot@v1+sha256:0123456789ab", Stamp{"bot", "v1", "0123456789ab"}, true},
		"with the whole hash":              {"bot@v1+sha256:" + full, Stamp{"bot", "v1", full}, true},
		"digits in capitals are the same":  {"bot@v1+sha256:0123456789AB", Stamp{"bot", "v1", "0123456789ab"}, true},
		"the longest there is":             {strings.Repeat("m", 64) + "@" + strings.Repeat("v", 40) + "+sha256:" + full, Stamp{strings.Repeat("m", 64), strings.Repeat("v", 40), full}, true},
		"nothing":                          {"", Stamp{}, false},
		"no version":                       {"fraud-scorer", Stamp{}, false},
		"an empty version":                 {"fraud-scorer@", Stamp{}, false},
		"no model":                         {"@v7", Stamp{}, false},
		"eleven digits are too few":        {"bot@v1+sha256:0123456789a", Stamp{}, false},
		"sixty-five are too many":          {"bot@v1+sha256:" + full + "0", Stamp{}, false},
		"no digits":                        {"bot@v1+sha256:", Stamp{}, false},
		"not hexadecimal":                  {"bot@v1+sha256:0123456789xy", Stamp{}, false},
		"another algorithm":                {"bot@v1+md5:0123456789ab", Stamp{}, false},
		"two versions":                     {"bot@v1@v2", Stamp{}, false},
		"capitals in the model":            {"Bot@v1", Stamp{}, false},
		"a dash at its end":                {"bot-@v1", Stamp{}, false},
		"two dashes":                       {"bot--x@v1", Stamp{}, false},
		"a blank":                          {"bot@v 1", Stamp{}, false},
		"a line end":                       {"bot@v1\n", Stamp{}, false},
		"longer than a stamp can be":       {strings.Repeat("b", 300) + "@v1", Stamp{}, false},
		"what only looks like a stamp's @": {"bot＠v1", Stamp{}, false},
	} {
		got, err := ParseStamp(c.text)
		if d := cmp.Diff(c.want, got); d != "" || (err == nil) != c.ok {
			t.Errorf("%s: %v %s", name, err, d)
		}
		if err == nil && got.String() != strings.ToLower(c.text) {
			t.Errorf("%s: written as %q", name, got)
		}
	}
}

func TestAStampNamesAPromptByItsFirstDigits(t *testing.T) {
	t.Parallel()
	hashes := []string{strings.Repeat("A", 64), strings.Repeat("b", 64)}
	for prompt, want := range map[string]bool{"": true, "aaaaaaaaaaaa": true, strings.Repeat("b", 64): true, "aaaaaaaaaaab": false} {
		if got := (Stamp{Prompt: prompt}).Names(hashes); got != want {
			t.Errorf("%q: %t", prompt, got)
		}
	}
	if (Stamp{Prompt: "aaaaaaaaaaaa"}).Names(nil) {
		t.Error("a version without prompts has none of this hash")
	}
}

func FuzzParseStamp(f *testing.F) {
	for _, s := range []string{"fraud@v7", "bot@v1+sha256:0123456789ab", "@", "+sha256:", "a@b+sha256:\x00", "\xff@\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseStamp(s)
		if err != nil {
			if got != (Stamp{}) {
				t.Errorf("refused, but %+v", got)
			}
			return
		}
		again, err := ParseStamp(got.String())
		if err != nil || again != got {
			t.Errorf("%q becomes %q, which becomes %+v, %v", s, got, again, err)
		}
	})
}
