package vendors

import "strings"

// classifyAnthropic follows Anthropic's page on model ids: up to generation 4.5 an id ends in its
// day and the shorter forms are aliases; from 4.6 on the dateless id itself is the pinned one.
func classifyAnthropic(id string) Verdict {
	// The suffix [1m] asks for the long context window of the same weights.
	id = strings.TrimSuffix(trimPrefixes(id, "anthropic/", "anthropic."), "[1m]")
	if v, moves := moving(id); moves {
		return v
	}
	if v, other := elsewhere(Anthropic, byAnthropic, id); other {
		return v
	}
	words := parts(id)
	if len(words) == 0 || words[0] != "claude" {
		return undetermined("Anthropic's ids begin with \"claude\", and this one does not.")
	}
	date, isDated := makerDate(byAnthropic, words)
	switch {
	case isDated:
		return dated(date, "Anthropic", isPreview(words))
	case isPreview(words):
		return undatedPreview("Anthropic")
	case has(words, "default"):
		return floating("\"default\" is whatever the host serves today.").suggest("Name the dated version instead.")
	}
	return claudeByName(words[1:])
}

// claudeByName judges an undated Claude by what follows "claude-".
func claudeByName(rest []string) Verdict {
	alias := floating("A convenience alias: up to generation 4.5 Anthropic pins only the id that ends in a day.").
		suggest("Use the id that ends in YYYYMMDD.")
	if len(rest) == 0 || !letters(rest[0]) || rest[0] == "instant" {
		return earlyClaude(rest, alias)
	}
	if len(rest) == 1 {
		return alias // claude-opus: a name without a number
	}
	major, minor, dotted, ok := claudeGeneration(rest[1:])
	switch {
	case !ok && onlyWords(rest[1:], "v1", "v2", "v3"):
		return alias
	case !ok:
		return undetermined("Anthropic writes claude-NAME-MAJOR-MINOR, with nothing behind it; this id has more.")
	case major < 4 || major == 4 && minor < 6:
		return alias
	case dotted:
		return undetermined("Anthropic writes the generation with a hyphen, not with a dot.").
			suggest("Write it with hyphens, as in claude-NAME-4-6.")
	}
	return dateless("Anthropic promises that from generation 4.6 on the dateless id is a pinned version.")
}

// claudeGeneration reads 5, 4-6 or (mistyped) 4.6, and nothing else.
func claudeGeneration(words []string) (major, minor int, dotted, ok bool) {
	if len(words) == 1 {
		major, minor, ok = number(words[0])
		return major, minor, strings.Contains(words[0], "."), ok
	}
	if len(words) != 2 {
		return 0, 0, false, false
	}
	major, okMajor := smallNumber(words[0])
	minor, okMinor := smallNumber(words[1])
	return major, minor, false, okMajor && okMinor && major < 20
}

// earlyClaude covers claude-2.1, claude-instant-1.2 and claude-3-5-sonnet: a number with a dot
// was one release, a number without was the newest of its line.
func earlyClaude(rest []string, alias Verdict) Verdict {
	if len(rest) > 0 && rest[0] == "instant" {
		rest = rest[1:]
	}
	if len(rest) == 0 || !onlyWords(rest[1:], "100k") {
		return alias
	}
	major, _, ok := number(strings.TrimPrefix(rest[0], "v"))
	if ok && major <= 2 && strings.Contains(rest[0], ".") {
		return dateless("A numbered release of the first two generations; Anthropic never changed one.")
	}
	return alias
}
