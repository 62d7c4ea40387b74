package intake

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cleanText takes out what no reader can see or what changes how a line is read (control characters,
// byte-order marks, direction overrides), and blanks at both ends. Line breaks inside stay.
func cleanText(s string) (text string, removed bool) {
	if isPlain(s) {
		return strings.TrimSpace(s), false
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\f' || r == '\v' || r == '\u2028' || r == '\u2029':
			return '\n'
		case r == '\u00a0' || r == '\u202f':
			return ' '
		case invisible(r):
			removed = true
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(text), removed
}

// isPlain reports whether a text is printable ASCII, as most cells are: nothing there to take out.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7F || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// invisible names control characters, direction marks and zero-width characters, except the joiners
// that some scripts and emoji need.
func invisible(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || (r >= 0xFFFE && r&0xFFFE == 0xFFFE)
}

// cleanLine is cleanText on one line with single blanks.
func cleanLine(s string) string {
	text, _ := cleanText(s)
	return strings.Join(strings.Fields(text), " ")
}

// quotesAlike are characters that people and word processors write for one another.
var quotesAlike = strings.NewReplacer("’", "'", "‘", "'", "`", "'", "´", "'", "“", `"`, "”", `"`, "–", "-", "—", "-", "‑", "-", "…", "...")

// fold is the form in which names and values are compared: one line, lower case, plain quotes and dashes.
func fold(s string) string {
	return strings.ToLower(quotesAlike.Replace(cleanLine(s)))
}

// foldTitle is fold without punctuation, for titles that are whole questions and are reworded a little.
func foldTitle(s string) string {
	return strings.Join(words(s), " ")
}

// words are the letters and digits of a text, lower case.
func words(s string) []string {
	return strings.FieldsFunc(fold(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}

// cutRunes shortens a text to at most n characters.
func cutRunes(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	i := 0
	for at := range s {
		if i == n-1 {
			return strings.TrimSpace(s[:at]) + "…"
		}
		i++
	}
	return s
}
