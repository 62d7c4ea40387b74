package vendors

import "strings"

// classifyMistral reads year and month (2407 is July 2024, not the 24th of a seventh month).
// A bare name is an alias; a name with a version number but no date (mistral-medium-3) is
// documented as neither.
func classifyMistral(id string) Verdict {
	id = trimPrefixes(id, "mistral/", "mistralai/")
	if base, ok := mistralBase(id); ok {
		return tuned(base, strings.Count(id, ":") > 1, classifyMistral(base))
	}
	if v, moves := moving(id); moves {
		return v
	}
	if v, other := elsewhere(Mistral, byMistral, id); other {
		return v
	}
	words := parts(id)
	date, isDated := makerDate(byMistral, words)
	switch {
	case makerOfName(id) != byMistral && !isDated:
		return undetermined("No family of Mistral's models is named like this.")
	case isDated:
		return dated(date, "Mistral", isPreview(words))
	case isPreview(words):
		return undatedPreview("Mistral")
	case numbered(words):
		return undetermined("A version number without year and month: no promise was found that it never moves.").
			suggest("Use the id that ends in year and month (YYMM).")
	}
	return floating("A bare family name: Mistral points it at the newest release.").
		suggest("Use the id that ends in year and month (YYMM).")
}

// mistralBase is the base of a fine-tune, ft:BASE:org:day:job.
func mistralBase(id string) (string, bool) {
	rest, ok := strings.CutPrefix(id, "ft:")
	if !ok {
		return "", false
	}
	base, _, _ := strings.Cut(rest, ":")
	return base, base != ""
}

// numbered reports whether a word is a version number (3, 3.5, v0.3); sizes like 8b or 8x7b are not.
func numbered(words []string) bool {
	for _, w := range words[1:] {
		if _, _, ok := number(strings.TrimPrefix(w, "v")); ok {
			return true
		}
		if digits(w, len(w)) {
			return true
		}
	}
	return false
}
