package registry

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sundial/models/fault"
)

// How long what people type may be, in characters.
const (
	longestName = 120
	longestLine = 200
	longestURI  = 2000
	longestText = 4000
)

// How long a model's name and purpose may be: inventories that people keep call a system by a whole
// sentence. What is imported keeps to the same, so that it can be edited.
const (
	MaxName    = 400
	MaxPurpose = 8000
)

// typed tidies what came from a form or a pipeline and notes what is wrong with it at its field, so
// that a person hears everything at once.
type typed struct{ fault.Problems }

// line is one line of text; it may be blank.
func (t *typed) line(field, s string, most int) string {
	return t.bounded(field, strings.Join(strings.Fields(s), " "), most, "")
}

// text is several lines; it may be blank.
func (t *typed) text(field, s string, most int) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	return t.bounded(field, strings.TrimSpace(s), most, "\n\t")
}

// bounded notes one problem at most: the first is the one to mend.
func (t *typed) bounded(field, s string, most int, controls string) string {
	n := utf8.RuneCountInString(s)
	switch {
	case !utf8.ValidString(s):
		t.Add(field, "This holds bytes that are not text. Type it again.")
	case strings.ContainsFunc(s, func(r rune) bool { return unseen(r) && !strings.ContainsRune(controls, r) }):
		t.Add(field, "This holds characters that nobody can see. Type it again without them.")
	case n > most:
		t.Addf(field, "Use at most %d characters; this has %d.", most, n)
	}
	return s
}

// unseen are control characters and what turns the reading direction or joins nothing. The two joiners
// stay: some scripts cannot be written without them.
func unseen(r rune) bool {
	return unicode.IsControl(r) || r != '\u200c' && r != '\u200d' && unicode.Is(unicode.Cf, r) || r == '\u115f' || r == '\u1160' || r == '\u3164'
}

// name is a line by which people tell things apart: no joiners, and no word in two alphabets, because
// "pаypal" with a Cyrillic а is not paypal.
func (t *typed) name(field, s string, most int) string {
	before := len(t.List())
	s = t.line(field, s, most)
	if len(t.List()) > before {
		return s
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cf, r) }) {
		t.Add(field, "This name holds characters that nobody can see. Type it again without them.")
		return s
	}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		if lookalike(word) {
			t.Addf(field, "The word %q holds letters that only look like the usual ones. Type it in one alphabet.", word)
			return s
		}
	}
	return s
}

// alphabets that hold each other's look-alikes.
var alphabets = []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee}

func lookalike(word string) bool {
	seen := -1
	for _, r := range word {
		if r >= 0xff01 && r <= 0xff5e || r >= 0x1d400 && r <= 0x1d7ff { // wide and mathematical forms of plain letters
			return true
		}
		for i, a := range alphabets {
			if unicode.Is(a, r) {
				if seen >= 0 && seen != i {
					return true
				}
				seen = i
			}
		}
	}
	return false
}

var (
	slugShape  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	labelShape = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)
	hexShape   = regexp.MustCompile(`^[0-9a-f]+$`)
	repoShape  = regexp.MustCompile(`^([A-Za-z0-9_-]+@[A-Za-z0-9.-]+:)?[A-Za-z0-9._~/-]+$`)
	storeShape = regexp.MustCompile(`^[A-Za-z0-9._:+/=-]{1,200}$`)
)

// Words that are pages of their own and so cannot be the name of something.
var (
	reservedSlugs  = []string{"new"}
	reservedLabels = []string{"new", "diff", ".", ".."}
)

func (t *typed) slug(field, s string) string {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		t.Add(field, "Enter a short name for addresses, such as fraud-scorer.")
	case !slugShape.MatchString(s):
		t.Add(field, "Use lower-case letters a to z, digits and single dashes, such as fraud-scorer.")
	case len(s) < 2 || len(s) > 64:
		t.Addf(field, "Use 2 to 64 characters; this has %d.", len(s))
	case slices.Contains(reservedSlugs, s):
		t.Addf(field, "The short name %q is used by a page of Sundial. Choose another.", s)
	}
	return s
}

func (t *typed) label(field, s string) string {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		t.Add(field, "Name the version, such as v7.")
	case !labelShape.MatchString(s):
		t.Add(field, "Use up to 40 letters a to z, digits, dots, dashes and underscores, such as v7.")
	case slices.Contains(reservedLabels, strings.ToLower(s)):
		t.Addf(field, "%q is used by a page of Sundial. Choose another name, such as v7.", s)
	}
	return s
}

func (t *typed) oneOf(field, s string, sentence string, allowed ...string) string {
	if !slices.Contains(allowed, s) {
		t.Add(field, sentence)
	}
	return s
}

// link is an address that pages show as a link: http or https, and no password in it.
func (t *typed) link(field, s string) string {
	if s = t.line(field, s, longestURI); s == "" {
		return s
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || strings.ContainsRune(s, ' '):
		t.Add(field, "Enter a whole address, such as https://runs.example.org/42.")
	case u.Scheme != "http" && u.Scheme != "https":
		t.Add(field, "Enter an address that begins with https:// or http://.")
	case u.User != nil:
		t.Add(field, "Leave the user name and password out of the address; everybody here can read it.")
	}
	return s
}

// place is where something is kept, in any scheme, but never with a password.
func (t *typed) place(field, s string) string {
	if s = t.line(field, s, longestURI); s == "" {
		return s
	}
	if u, err := url.Parse(s); err == nil && u.User != nil {
		if _, secret := u.User.Password(); secret || u.Scheme == "http" || u.Scheme == "https" {
			t.Add(field, "Leave the user name and password out of the address; everybody here can read it.")
		}
	}
	return s
}

// repo is a repository: its address, or its path as a code host writes it.
func (t *typed) repo(field, s string) string {
	if strings.Contains(s, "://") {
		return t.link(field, s)
	}
	if s = t.line(field, s, longestURI); s != "" && !repoShape.MatchString(s) {
		t.Add(field, "Enter the repository's address or path, such as https://code.example.org/risk/fraud.")
	}
	return s
}

func (t *typed) commit(field, s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if s != "" && (!hexShape.MatchString(s) || len(s) < 7 || len(s) > 64) {
		t.Add(field, "A commit is 7 to 64 of the digits 0 to 9 and letters a to f. A branch or tag moves, so it does not say which code it was.")
	}
	return s
}

// sha256 is 64 hexadecimal digits, with or without their prefix; blank stays blank.
func (t *typed) sha256(field, s string) string {
	s = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "sha256:")
	if s != "" && !isSHA256(s) {
		t.Addf(field, "A SHA-256 is 64 of the digits 0 to 9 and letters a to f; this has %d characters.", utf8.RuneCountInString(s))
	}
	return s
}

// digest says which bytes a dataset was: their SHA-256, or the id that a versioned store gave them.
func (t *typed) digest(field, s string) string {
	s = strings.TrimSpace(s)
	low := strings.ToLower(s)
	hex, prefixed := strings.CutPrefix(low, "sha256:")
	switch {
	case s == "":
	case prefixed || isSHA256(low):
		if !isSHA256(hex) {
			t.Addf(field, "After sha256: come 64 of the digits 0 to 9 and letters a to f; this has %d.", utf8.RuneCountInString(hex))
		}
		return "sha256:" + hex
	case !storeShape.MatchString(s):
		t.Add(field, "Enter sha256: and 64 hexadecimal digits, or the version id that the data store gives.")
	}
	return s
}

func isSHA256(s string) bool { return len(s) == 64 && hexShape.MatchString(s) }

// pairs are named values such as parameters. An empty map is nil, so that there is one way to say "none".
func (t *typed) pairs(field string, m map[string]string) map[string]string {
	if len(m) > mostPairs {
		t.Addf(field, "At most %d entries are kept; this has %d.", mostPairs, len(m))
		return m
	}
	var out map[string]string
	for _, key := range sortedKeys(m) {
		k, v := t.line(field, key, longestName), t.line(field, m[key], 1000)
		if k == "" {
			t.Addf(field, "The value %q has no name.", v)
			continue
		}
		if strings.Contains(k, ": ") {
			t.Addf(field, "The name %q holds a colon and a blank, which part names from values.", k)
		}
		if out == nil {
			out = make(map[string]string, len(m))
		}
		out[k] = v
	}
	return out
}

const mostPairs = 200

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func at(list string, i int, field string) string { return fmt.Sprintf("%s[%d].%s", list, i, field) }
