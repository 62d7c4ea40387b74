package vendors

// classifyXAI reads month and day (0709), which may stand before -reasoning. xAI documents the
// bare name as an alias of the newest stable version.
func classifyXAI(id string) Verdict {
	id = trimPrefixes(id, "xai/", "x-ai/")
	if v, moves := moving(id); moves {
		return v
	}
	words := parts(id)
	if len(words) == 0 || words[0] != "grok" {
		return undetermined("xAI's ids begin with \"grok\", and this one does not.")
	}
	date, isDated := makerDate(byXAI, words)
	switch {
	case isDated:
		return dated(date, "xAI", isPreview(words))
	case isPreview(words):
		return undatedPreview("xAI")
	}
	return floating("A name without month and day: xAI points it at the newest stable version.").
		suggest("Use the id with month and day (MMDD).")
}
