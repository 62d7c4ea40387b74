package auth_test

import (
	"net/url"
	"strings"
	"testing"

	"sundial/auth"
)

func TestReturnToNeverLeavesTheSite(t *testing.T) {
	kept := []string{"/", "/models", "/models/fraud-scorer?tab=history#x", "/models?q=a%20b&next=https%3A%2F%2Fevil.example",
		"/production?at=2026-03-03T14:32", "/models/zażółć", "/teams/a:b"}
	for _, s := range kept {
		if got := auth.ReturnTo(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
	refused := []string{"", "models", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
		"/%09/evil.example", "/%5Cevil.example", "/%2Fevil.example", "/%2f%2fevil.example", "/a//evil.example", "/.//evil.example", "/./a", "/../a", "/%2e%2e/a",
		"https://evil.example", "https:evil.example", "javascript:alert(1)", "http:/evil.example", " /models", "/mod\nels", "/models\r\nSet-Cookie: a=b",
		"/\u2028", "/\u202emodels", "/%0d%0aX: y", "/%zz", "/%00", "/\x00", "/\xff",
		"/login", "/login/start", "/login?return_to=/login", "/logout", "/" + strings.Repeat("a", 700)}
	for _, s := range refused {
		if got := auth.ReturnTo(s); got != "/" {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// Whatever comes in, a browser that resolves what comes out stays where it is.
func FuzzReturnTo(f *testing.F) {
	for _, s := range []string{"/models", "//x", "/\\x", "/%2f/x", "/a?b#c", "/\t//x"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://sundial.example.test/login/callback")
	f.Fuzz(func(t *testing.T, s string) {
		got := auth.ReturnTo(s)
		u, err := base.Parse(got)
		if err != nil || u.Host != base.Host || u.Scheme != "https" || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Errorf("%q became %q", s, got)
		}
	})
}
