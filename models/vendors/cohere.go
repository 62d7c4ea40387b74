package vendors

// classifyCohere reads month and year (08-2024). A bare command name is an alias. Embedding and
// ranking models carry a version number (v3.0) and no promise about it.
func classifyCohere(id string) Verdict {
	id = trimPrefixes(id, "cohere/", "cohere.", "coherelabs/", "models/")
	if v, moves := moving(id); moves {
		return v
	}
	if v, other := elsewhere(Cohere, byCohere, id); other {
		return v
	}
	words := parts(id)
	date, isDated := makerDate(byCohere, words)
	switch {
	case len(words) == 0:
		return undetermined("There is no id.")
	case isDated:
		return dated(date, "Cohere", isPreview(words))
	case isPreview(words):
		return undatedPreview("Cohere")
	case words[0] == "command":
		return floating("A bare family name: Cohere points it at the release of its choice.").
			suggest("Use the id that ends in month and year (MM-YYYY).")
	}
	return undetermined("Cohere publishes no dated form of this id, and no promise was found that it never moves.")
}
