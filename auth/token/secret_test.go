package token

import (
	"regexp"
	"strings"
	"testing"
)

func TestSecretsAreTokensAndKnownAgain(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(Pattern)
	seen := map[Secret]bool{}
	for range 1000 {
		s := NewSecret()
		if again, ok := Parse(string(s)); !ok || again != s || seen[s] {
			t.Fatalf("%q is not known again, or came twice", s)
		}
		if found := shape.FindString("SUNDIAL_TOKEN='" + string(s) + "' make deploy"); found != string(s) {
			t.Errorf("a scanner finds %q in a line with %q", found, s)
		}
		if len(s.Hash()) != 64 || strings.Contains(s.Hash(), string(s)) || !strings.HasPrefix(string(s), s.Hint()) || len(s.Hint()) > 10 {
			t.Errorf("hash %q, hint %q", s.Hash(), s.Hint())
		}
		seen[s] = true
	}
}

func TestWhatIsNoTokenIsRefusedByItself(t *testing.T) {
	t.Parallel()
	good := string(NewSecret())
	swapped := good[:10] + string(good[11]) + string(good[10]) + good[12:]
	if good[10] == good[11] {
		swapped = good + "x"
	}
	for name, text := range map[string]string{
		"nothing": "", "the prefix alone": "sdl_", "another prefix": "ghp_" + good[4:], "no prefix": good[4:], "cut off": good[:len(good)-1], "one more": good + "0",
		"two letters swapped": swapped, "a wrong checksum": good[:len(good)-6] + "aaaaaa", "blanks around": " " + good, "upper case": strings.ToUpper(good),
		"letters of another kind": "sdl_" + strings.Repeat("é", 49), "zero bytes": "sdl_" + strings.Repeat("\x00", 49), "a megabyte": "sdl_" + strings.Repeat("a", 1<<20),
	} {
		if _, ok := Parse(text); ok {
			t.Errorf("%s is taken for a token", name)
		}
	}
}

func TestAddressesAreCountedAsWhoeverHasThem(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64", "": "unknown", "x": "unknown"} {
		if got := network(address); got != want {
			t.Errorf("%s is %s, want %s", address, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(NewSecret()))
	f.Add("sdl_")
	f.Fuzz(func(t *testing.T, text string) {
		if s, ok := Parse(text); ok && string(s) != text {
			t.Errorf("%q became %q", text, s)
		}
	})
}
