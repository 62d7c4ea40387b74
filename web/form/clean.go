package form

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sundial/models/fault"
)

const (
	longestLine = 200   // characters, unless a field says otherwise
	longestText = 20000 // characters
)

// Clean is a value as it is kept: one form of each character (NFC), plain line ends, no invisible
// characters, no blanks around it. Bytes that are no text, and control characters, are left out and
// the sentence says so.
func Clean(raw string) (text, sentence string) {
	if !utf8.ValidString(raw) {
		raw, sentence = strings.ToValidUTF8(raw, ""), "This holds bytes that are not text. Type it again."
	}
	raw = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(raw)
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || r == utf8.RuneError:
			sentence = "This holds control characters. Type it again without them."
			return -1
		case invisible(r):
			return -1
		}
		return r
	}, raw)
	return strings.TrimSpace(norm.NFC.String(text)), sentence
}

// invisible characters come along when text is copied and make two equal names differ, or turn the
// reading direction. The two joiners stay: some scripts cannot be written without them.
func invisible(r rune) bool {
	return r != '\u200c' && r != '\u200d' && (unicode.Is(unicode.Cf, r) || r == '\u115f' || r == '\u1160' || r == '\u3164')
}

var slugShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Slug checks a name for addresses and returns the sentence for its field, "" when it is fine.
func Slug(s string) string {
	switch {
	case s == "":
		return "Enter a short name for addresses, such as fraud-scorer."
	case len(s) > 64:
		return fmt.Sprintf("Use at most 64 characters; this has %d.", utf8.RuneCountInString(s))
	case !slugShape.MatchString(s):
		return "Use lower-case letters a to z, digits and single dashes, such as fraud-scorer."
	}
	return ""
}

// Name checks a name that people tell things apart by: "" when it is fine. One word in two alphabets
// is refused, because pаypal with a Cyrillic а is not paypal.
func Name(s string) string {
	if strings.ContainsAny(s, "\u200c\u200d") {
		return "This name holds invisible characters. Type it again."
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "A name is one line of text."
	}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		if mixed(word) {
			return fmt.Sprintf("The word %q mixes letters of different alphabets that look alike. Type it in one alphabet.", word)
		}
	}
	return ""
}

// alphabets that hold each other's look-alikes.
var alphabets = []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee}

func mixed(word string) bool {
	seen := -1
	for _, r := range word {
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

// bound walks a decoded struct and holds its texts to the lengths their tags give.
func bound(p *fault.Problems, into any) { boundValue(p, reflect.ValueOf(into).Elem(), "", "") }

func boundValue(p *fault.Problems, v reflect.Value, field string, tag reflect.StructTag) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			boundValue(p, v.Elem(), field, tag)
		}
	case reflect.Slice:
		for i := range v.Len() {
			entry := field
			if v.Index(i).Kind() == reflect.Struct {
				entry = fmt.Sprintf("%s[%d]", field, i)
			}
			boundValue(p, v.Index(i), entry, tag)
		}
	case reflect.Map: // of structs by a number: entries[7].what
		for _, key := range v.MapKeys() {
			boundValue(p, v.MapIndex(key), fmt.Sprintf("%s[%v]", field, key), tag)
		}
	case reflect.Struct:
		boundStruct(p, v, field)
	case reflect.String:
		boundText(p, v, field, tag)
	}
}

func boundStruct(p *fault.Problems, v reflect.Value, field string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("form"), ",")
		if !f.IsExported() || name == "" && !f.Anonymous || name == "-" {
			continue
		}
		if field != "" && name != "" {
			name = field + "." + name
		}
		boundValue(p, v.Field(i), name, f.Tag)
	}
}

func boundText(p *fault.Problems, v reflect.Value, field string, tag reflect.StructTag) {
	most := longestLine
	if tag.Get("is") == "text" {
		most = longestText
	} else if s := v.String(); strings.ContainsAny(s, "\n\t") && v.CanSet() {
		v.SetString(strings.Join(strings.Fields(s), " "))
	}
	if n, err := strconv.Atoi(tag.Get("max")); err == nil {
		most = n
	}
	if n := utf8.RuneCountInString(v.String()); n > most {
		p.Addf(field, "Use at most %d characters; this has %d.", most, n)
	}
}
