package vendors

import "strings"

// classifyOpenAI knows two ways of dating: 2024-11-20 at the end, and month and day (0613) in
// names before 2024. A bare name is an alias where OpenAI publishes dated snapshots of the
// family; where it publishes none, nothing is known of what the name promises.
func classifyOpenAI(id string) Verdict {
	id = trimPrefixes(id, "openai/", "models/")
	if base, ok := openAIBase(id); ok {
		return tuned(base, strings.Count(id, ":") > 1 || !strings.HasPrefix(id, "ft:"), classifyOpenAI(base))
	}
	if v, moves := moving(id); moves {
		return v
	}
	if v, other := elsewhere(OpenAI, byOpenAI, id); other {
		return v
	}
	words := parts(id)
	date, isDated := makerDate(byOpenAI, words)
	switch {
	case makerOfName(id) != byOpenAI && !isDated:
		return undetermined("No family of OpenAI's models is named like this.")
	case isDated:
		return dated(date, "OpenAI", isPreview(words))
	case isPreview(words):
		return undatedPreview("OpenAI")
	case has(words, "stable"):
		return floating("OpenAI moves the id that ends in \"stable\" to a newer model from time to time.")
	case openAIDates(words):
		return floating("A bare family name: OpenAI points it at the snapshot of its choice.").
			suggest("Use the id with the date at its end (family-YYYY-MM-DD), as the list of models shows it.")
	}
	return undetermined("OpenAI publishes no dated form of this id, and no promise was found that it never moves.").
		suggest("Ask a reviewer to classify it, with the page that says whether it moves.")
}

// openAIBase is the base of a fine-tune: ft:BASE:org:name:id, or BASE:ft-org-date of the early days.
func openAIBase(id string) (string, bool) {
	if rest, ok := strings.CutPrefix(id, "ft:"); ok {
		base, _, _ := strings.Cut(rest, ":")
		return base, base != ""
	}
	if base, _, ok := strings.Cut(id, ":ft-"); ok {
		return base, base != ""
	}
	return "", false
}

// openAIDates reports whether OpenAI publishes dated snapshots of the family. It did of every
// numbered GPT up to 5.5 and of the o-series; it did not of the codex models, of embeddings, of
// whisper and dall-e, nor of what came after 5.5.
func openAIDates(words []string) bool {
	switch first := words[0]; {
	case first == "gpt" && len(words) > 1:
		return gptDates(words[1], words[2:])
	case first == "tts" || first == "sora" || first == "omni" || first == "chatgpt":
		return true
	case first[0] == 'o' && digits(first[1:], 1):
		return first <= "o4"
	}
	return false
}

func gptDates(generation string, rest []string) bool {
	switch generation {
	case "audio", "realtime":
		return onlyWords(rest, "mini") // the numbered ones that followed came without dates
	case "image":
		return len(rest) == 1 && has(rest, "1.5", "2") // gpt-image-1 had no dated form
	}
	if !onlyWords(rest, "mini", "nano", "pro", "turbo", "instruct", "16k", "32k", "chat", "search", "api", "audio", "realtime", "vision", "tts", "transcribe") {
		return false
	}
	if generation == "4o" {
		return !has(rest, "transcribe") || has(rest, "mini")
	}
	major, minor, ok := number(generation)
	return ok && (major < 5 || major == 5 && minor <= 5)
}

// onlyWords reports whether every word is one of the allowed.
func onlyWords(words []string, allowed ...string) bool {
	for _, w := range words {
		if !has(allowed, w) {
			return false
		}
	}
	return true
}
