package registry

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func wordsOf(list []Segment) string {
	var b strings.Builder
	for _, s := range list {
		switch s.Change {
		case "removed":
			b.WriteString("[-" + s.Text + "-]")
		case "added":
			b.WriteString("{+" + s.Text + "+}")
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

func sides(list []Segment) (before, after string) {
	for _, s := range list {
		if s.Change != "added" {
			before += s.Text
		}
		if s.Change != "removed" {
			after += s.Text
		}
	}
	return
}

func TestWordsAreCompared(t *testing.T) {
	tests := map[string]struct{ before, after, want string }{
		"nothing":                     {"", "", ""},
		"the same":                    {"Be kind.", "Be kind.", "Be kind."},
		"a word":                      {"Be kind to all.", "Be brief to all.", "Be [-kind-]{+brief+} to all."},
		"two words are one change":    {"Be very kind.", "Be rather brief.", "Be [-very kind-]{+rather brief+}."},
		"a word more":                 {"Be kind.", "Be very kind.", "Be {+very +}kind."},
		"a word less":                 {"Be very kind.", "Be kind.", "Be [-very -]kind."},
		"a mark":                      {"Be kind.", "Be kind!", "Be kind[-.-]{+!+}"},
		"a line more":                 {"One.\nThree.", "One.\nTwo.\nThree.", "One.\n{+Two.\n+}Three."},
		"all of it":                   {"abc", "xyz", "[-abc-]{+xyz+}"},
		"something out of nothing":    {"", "abc", "{+abc+}"},
		"letters of other alphabets":  {"быть добрым", "быть кратким", "быть [-добрым-]{+кратким+}"},
		"a word in a placeholder":     {"Hello {name}", "Hello {first_name}", "Hello {[-name-]{+first_name+}}"},
		"blanks alone are a change":   {"a b", "a  b", "a[- -]{+  +}b"},
		"marks alone are no ground":   {"so and by. Keep it.", "so. Offer one.", "so[- and by. Keep it-]{+. Offer one+}."},
		"line ends are common ground": {"a\nb", "c\nd", "[-a-]{+c+}\n[-b-]{+d+}"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := wordsOf(DiffWords(tt.before, tt.after)); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

// Whatever is compared, both texts can be read out of the comparison letter by letter.
func TestBothTextsStandInTheComparison(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	vocabulary := []string{"be", "kind", "to", "all", "\n", " ", ".", "é", "  ", "🙂", "{x}"}
	random := func(n int) string {
		var b strings.Builder
		for range r.IntN(n + 1) {
			b.WriteString(vocabulary[r.IntN(len(vocabulary))])
		}
		return b.String()
	}
	for range 2000 {
		a, b := random(30), random(30)
		list := DiffWords(a, b)
		if x, y := sides(list); x != a || y != b {
			t.Fatalf("%q and %q became %q and %q", a, b, x, y)
		}
		for i, s := range list {
			if s.Text == "" || i > 0 && list[i-1].Change == s.Change {
				t.Fatalf("%q and %q: an idle segment in %v", a, b, list)
			}
		}
	}
}

func FuzzDiffWords(f *testing.F) {
	f.Add("Be kind.", "Be brief.")
	f.Add("\xff\xfe", "\n\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		if x, y := sides(DiffWords(a, b)); x != a || y != b {
			t.Errorf("%q and %q became %q and %q", a, b, x, y)
		}
	})
}

func TestLongTextsAreComparedInBoundedTime(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	noise := func(n int) string {
		var b strings.Builder
		for b.Len() < n {
			fmt.Fprintf(&b, "%x ", r.IntN(1<<20))
			if r.IntN(9) == 0 {
				b.WriteByte('\n')
			}
		}
		return b.String()[:n]
	}
	text := noise(longestPrompt)
	pairs := map[string][2]string{
		"nothing in common":         {text, noise(longestPrompt)},
		"one word in the middle":    {text, text[:50_000] + "here " + text[50_000:]},
		"a letter again and again":  {strings.Repeat("a b ", 25_000), strings.Repeat("b a ", 25_000)},
		"nothing but line ends":     {strings.Repeat("\n", longestPrompt), strings.Repeat("\n", 10)},
		"one line of marks":         {strings.Repeat(".", longestPrompt), strings.Repeat(",", longestPrompt)},
		"every tenth word replaced": {text, strings.ReplaceAll(text, "1", "one")},
	}
	for name, p := range pairs {
		start := time.Now()
		list := DiffWords(p[0], p[1])
		if x, y := sides(list); x != p[0] || y != p[1] {
			t.Errorf("%s: not the texts", name)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		if name == "one word in the middle" && len(list) > 5 {
			t.Errorf("%d segments for one word", len(list))
		}
	}
}
