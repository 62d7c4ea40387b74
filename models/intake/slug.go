package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const maxSlug = 64

// letters that do not come apart into an ASCII letter and an accent.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "&", " and ", "+", " plus ", "'", "")

// Slug suggests a name for addresses: lower-case ASCII letters, digits and single dashes, at most 64
// long, cut between words. A name without a Latin letter or digit gets a stable made-up one.
func Slug(name string) string {
	var b strings.Builder
	dash := false
	for _, r := range norm.NFKD.String(letters.Replace(fold(name))) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r < 0x80 && (unicode.IsLower(r) || unicode.IsDigit(r)):
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
		default:
			dash = true
		}
	}
	if slug := cutSlug(b.String(), maxSlug); slug != "" {
		return slug
	}
	sum := sha256.Sum256([]byte(fold(name)))
	return "system-" + hex.EncodeToString(sum[:4])
}

// UniqueSlug returns the slug, or the slug with the first free number behind it.
func UniqueSlug(slug string, taken func(string) bool) string {
	if !taken(slug) {
		return slug
	}
	for n := 2; ; n++ {
		tail := "-" + strconv.Itoa(n)
		if s := cutSlug(slug, maxSlug-len(tail)) + tail; !taken(s) {
			return s
		}
	}
}

func cutSlug(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut := s[:n]
	if i := strings.LastIndexByte(cut, '-'); s[n] != '-' && i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, "-")
}
