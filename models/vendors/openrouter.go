package vendors

import "strings"

// classifyOpenRouter judges a gateway's slug, [~]maker/name[:variant]. The gateway promises
// nothing of its own, so only a date or serial of the maker pins, and no vendor's promise about
// dateless ids reaches through. The variant (:free, :nitro) changes the route.
func classifyOpenRouter(id string) Verdict {
	if rest, ok := strings.CutPrefix(id, "openrouter/"); ok && strings.Contains(rest, "/") {
		id = rest
	}
	if strings.HasPrefix(id, "~") || strings.HasPrefix(id, "@preset/") {
		return floating("OpenRouter resolves this slug anew: it names a family or a preset, not a model.").
			suggest("Use the slug of one model, with its date.")
	}
	if v, moves := moving(id); moves {
		return v
	}
	publisher, name, ok := strings.Cut(id, "/")
	name, _, _ = strings.Cut(name, ":")
	words := parts(name)
	if !ok || len(words) == 0 {
		return undetermined("An OpenRouter slug is written MAKER/MODEL; this one is not.")
	}
	m := publishers[publisher]
	date, isDated := makerDate(m, words)
	switch {
	case publisher == "openrouter" && isPreview(words):
		return undatedPreview("OpenRouter")
	case publisher == "openrouter":
		return floating("OpenRouter's own router chooses the model anew for every request.").suggest("Use the slug of one model, with its date.")
	case isDated:
		return dated(date, "the maker", isPreview(words))
	case m == byGoogle && googleSerial(words) != "":
		return pinned("The serial %s names one stable version, which Google does not change.", googleSerial(words))
	case isPreview(words):
		return undatedPreview("the maker")
	}
	return floating("A gateway's slug without a date: OpenRouter chooses which version and which provider answers.").
		suggest("Use the slug with the maker's date, where there is one, or call the vendor itself.")
}
