package vendors

import "strings"

// classifyDeepSeek reads month and day (0324). Without one an id moves: DeepSeek has put new
// weights behind the same name again and again.
func classifyDeepSeek(id string) Verdict {
	if _, revision, ok := strings.Cut(id, "@"); ok {
		return hubRevision(revision)
	}
	id = trimPrefixes(id, "deepseek/", "deepseek-ai/")
	if v, moves := moving(id); moves {
		return v
	}
	words := parts(id)
	if len(words) == 0 || words[0] != "deepseek" {
		return undetermined("DeepSeek's ids begin with \"deepseek\", and this one does not.")
	}
	date, isDated := makerDate(byDeepSeek, words)
	switch {
	case isDated:
		return dated(date, "DeepSeek", isPreview(words))
	case isPreview(words):
		return undatedPreview("DeepSeek")
	}
	return floating("A name without month and day: DeepSeek puts new weights behind it without a new name.").
		suggest("Use a host that serves the dated weights (MMDD), or the open weights at a commit.")
}
