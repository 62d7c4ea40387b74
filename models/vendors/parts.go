package vendors

import (
	"strconv"
	"strings"
	"time"
)

// parts cuts a normalised id at the marks that separate its words.
func parts(id string) []string {
	return strings.FieldsFunc(id, func(r rune) bool { return r == '-' || r == '@' || r == '_' || r == ':' || r == '/' })
}

// A dateShape reads a date that starts at words[0] and says how many words it took, 0 for none.
type dateShape func(words []string) (date string, took int)

// dateIn finds the first date of one of the shapes anywhere among the words: vendors append
// "-reasoning" or "-preview" behind their dates. It returns the date as written.
func dateIn(words []string, shapes ...dateShape) (string, bool) {
	for i := range words {
		for _, shape := range shapes {
			if date, took := shape(words[i:]); took > 0 {
				return date, true
			}
		}
	}
	return "", false
}

// isoDay is 2024-11-20.
func isoDay(words []string) (string, int) {
	if len(words) < 3 || !digits(words[0], 4) || !digits(words[1], 2) || !digits(words[2], 2) {
		return "", 0
	}
	date := strings.Join(words[:3], "-")
	if !realDay(date) {
		return "", 0
	}
	return date, 3
}

// compactDay is 20241120.
func compactDay(words []string) (string, int) {
	w := words[0]
	if !digits(w, 8) || !realDay(w[:4]+"-"+w[4:6]+"-"+w[6:]) {
		return "", 0
	}
	return w, 1
}

// monthDay is 0613, the 13th of June.
func monthDay(words []string) (string, int) {
	// 2024 was a leap year: without a year, 29 February must pass.
	if !digits(words[0], 4) || !realDay("2024-"+words[0][:2]+"-"+words[0][2:]) {
		return "", 0
	}
	return words[0], 1
}

// splitMonthDay is 03-25, the 25th of March.
func splitMonthDay(words []string) (string, int) {
	if len(words) < 2 || !digits(words[0], 2) || !digits(words[1], 2) || !realDay("2024-"+words[0]+"-"+words[1]) {
		return "", 0
	}
	return words[0] + "-" + words[1], 2
}

// yearMonth is 2407 or 24.07, July 2024.
func yearMonth(words []string) (string, int) {
	w := strings.Replace(words[0], ".", "", 1)
	if !digits(w, 4) || len(words[0]) == 5 && words[0][2] != '.' || !realDay("20"+w[:2]+"-"+w[2:]+"-01") {
		return "", 0
	}
	return words[0], 1
}

// monthYear is 08-2024, August 2024.
func monthYear(words []string) (string, int) {
	if len(words) < 2 || !digits(words[0], 2) || !digits(words[1], 4) || !realDay(words[1]+"-"+words[0]+"-01") {
		return "", 0
	}
	return words[0] + "-" + words[1], 2
}

// realDay refuses month 13 and 30 February, and years before or long after there were such models.
func realDay(iso string) bool {
	t, err := time.Parse(time.DateOnly, iso)
	return err == nil && t.Year() >= 2019 && t.Year() <= 2039
}

func digits(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// hexDigits reports whether s is n hexadecimal digits.
func hexDigits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}

// letters reports whether s is a word of letters alone.
func letters(s string) bool { return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == "" }

// number reads a version number like 5, 4.1 or 4.20 as (major, minor). Nothing a vendor calls a
// generation reaches 20: what does is a typing error (claude-opus-46) or part of a name.
func number(s string) (major, minor int, ok bool) {
	whole, frac, dotted := strings.Cut(s, ".")
	major, ok = smallNumber(whole)
	if ok && dotted {
		minor, ok = smallNumber(frac)
	}
	return major, minor, ok && major < 20
}

func smallNumber(s string) (int, bool) {
	if len(s) == 0 || len(s) > 2 || len(s) == 2 && s[0] == '0' || !digits(s, len(s)) {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// has reports whether one of the wanted words is among words.
func has(words []string, wanted ...string) bool {
	for _, w := range words {
		for _, x := range wanted {
			if w == x {
				return true
			}
		}
	}
	return false
}

// isPreview recognises the words by which vendors keep the right to withdraw a model at once.
func isPreview(words []string) bool {
	return has(words, "preview", "exp", "experimental", "beta", "alpha")
}

// after cuts everything up to and including the last mark, if there is one.
func after(id, mark string) string {
	if i := strings.LastIndex(id, mark); i >= 0 {
		return id[i+len(mark):]
	}
	return id
}

// trimPrefixes takes off each of the prefixes once, in their order. Gateways and SDKs put the
// vendor's name before an id.
func trimPrefixes(id string, prefixes ...string) string {
	for _, p := range prefixes {
		id = strings.TrimPrefix(id, p)
	}
	return id
}
