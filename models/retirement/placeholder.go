package retirement

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// stopgaps are whole answers that say nothing.
var stopgaps = []string{
	"tbd", "tba", "tbc", "tbdl", "todo", "to do", "na", "not applicable", "not available", "later", "soon",
	"asap", "eventually", "someday", "unknown", "not known", "unclear", "not sure", "no idea", "dont know", "don t know",
	"idk", "pending", "open", "wip", "work in progress", "not yet", "not decided", "undecided", "fixme", "placeholder",
	"none", "nothing", "nobody", "no one", "nil", "null", "empty", "blank", "test", "asdf", "foo", "bar", "lorem ipsum",
	"same", "see above", "as above", "as usual", "whatever", "anything", "something", "somebody", "someone", "various",
	"will follow", "to follow", "follows", "decide later", "do later", "done later", "will do later", "decided later",
	"will be decided later", "to come", "coming soon", "in progress",
}

// stopgapInside says nothing wherever it stands: "owner TBD", "to be decided by the board".
var stopgapInside = regexp.MustCompile(`(^| )(tbd|tba|tbc|todo|fixme|x{3,}|` +
	`to be (decided|defined|determined|done|announced|confirmed|clarified|discussed|filled|agreed|specified))( |$)`)

// Placeholder reports whether a text only holds the place of an answer: "TBD", "n/a", "later", "?", "xxx".
func Placeholder(s string) bool {
	folded := joined(fold(s))
	return s != "" && (oneLetter(folded) || slices.Contains(stopgaps, folded) || stopgapInside.MatchString(folded))
}

// joined makes one word of spelt letters: "t b d" is "tbd".
func joined(folded string) string {
	words := strings.Fields(folded)
	for _, w := range words {
		if len(w) > 1 {
			return folded
		}
	}
	return strings.Join(words, "")
}

// fold keeps lower-case letters and digits, one blank between words: "N/A." and "n a" are the same answer.
func fold(s string) string {
	var out strings.Builder
	gap := false
	for _, r := range s {
		if r >= '！' && r <= '～' { // full-width twins of ASCII
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			gap = out.Len() > 0
			continue
		}
		if gap {
			out.WriteByte(' ')
			gap = false
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

// oneLetter is true for no letter at all ("?", "-", "...") and for one repeated ("x", "aaa").
func oneLetter(folded string) bool {
	first := rune(0)
	for _, r := range folded {
		switch {
		case r == ' ':
		case r > unicode.MaxASCII:
			return false
		case first == 0:
			first = r
		case r != first:
			return false
		}
	}
	return true
}
