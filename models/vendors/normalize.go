package vendors

import (
	"strings"
	"unicode"
)

// Normalize gives the form in which ids are compared: hyphens of all kinds become "-", blanks of
// all kinds and invisible characters go, full-width letters become plain, capitals small.
// It is for matching only; ids are stored and shown as they were typed. Applying it twice
// changes nothing.
func Normalize(s string) string {
	s = strings.Map(plain, s)
	s = strings.Join(strings.Fields(s), " ")
	for _, sep := range []string{"-", ":", "@", "/", ".", ",", ";", "=", "(", ")"} {
		s = strings.ReplaceAll(s, " "+sep, sep)
		s = strings.ReplaceAll(s, sep+" ", sep)
	}
	return strings.Trim(s, " \"'`")
}

// plain maps one pasted character to the one an id would hold; negative drops it.
func plain(r rune) rune {
	switch {
	case isHyphen(r):
		return '-'
	case unicode.IsSpace(r):
		return ' '
	case unicode.In(r, unicode.Cf, unicode.Cc, unicode.Variation_Selector):
		// Zero-width characters, soft hyphens, direction marks and control characters are never
		// part of an id, and cannot be seen by whoever pasted them.
		return -1
	case r >= '！' && r <= '～':
		r -= '！' - '!'
	case r == '“' || r == '”' || r == '‘' || r == '’':
		return '"'
	}
	if r >= 'A' && r <= 'Z' {
		return r + ('a' - 'A')
	}
	return r
}

func isHyphen(r rune) bool {
	switch r {
	case '‐', '‑', '‒', '–', '—', '―', '⁃', '−', '﹘', '﹣', '－':
		return true
	}
	return false
}

// foreign finds a character no model id holds: a blank inside, or anything but ASCII.
func foreign(id string) (rune, bool) {
	for _, r := range id {
		if r <= ' ' || r >= 0x7f {
			return r, true
		}
	}
	return 0, false
}

func isAlnum(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }
