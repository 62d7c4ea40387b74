package auth

import (
	"net/url"
	"strings"
	"unicode"
)

const longestReturn = 600

// ReturnTo is where to go after signing in: the wished page when it is a path of ours, else the start
// page. Whatever a browser could read as another site is not a path of ours.
func ReturnTo(wish string) string {
	if !localPath(wish) {
		return "/"
	}
	return wish
}

func localPath(s string) bool {
	if len(s) > longestReturn || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") {
		return false
	}
	if strings.ContainsFunc(s, func(r rune) bool {
		return r == '\\' || r == unicode.ReplacementChar || !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r)
	}) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") {
		return false
	}
	// What is encoded now may be decoded on the way: the decoded path must be harmless too.
	if strings.HasPrefix(u.Path, "//") || strings.ContainsFunc(u.Path, func(r rune) bool { return r == '\\' || unicode.IsControl(r) }) {
		return false
	}
	// "/%2F/evil.example" and "/.//evil.example" become "//evil.example" for whoever cleans a path.
	if strings.Contains(u.Path, "//") || strings.Contains(u.Path, "/./") || strings.Contains(u.Path, "/../") {
		return false
	}
	// Signing in to be signed out, or to sign in again, is a loop.
	return !under(u.Path, "/login") && !under(u.Path, "/logout")
}

func under(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }
