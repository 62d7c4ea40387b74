package vendors

import "strings"

// classifyBedrock reads [region.]maker.name[-vN[:N]]. The suffix is Bedrock's own version and
// does not move; a date inside is the maker's. Ids that came without a suffix keep no such
// promise, except Anthropic's own from 4.6 on.
func classifyBedrock(id string) Verdict {
	if base := bedrockBase(id); base != "" {
		return tuned(base, true, classifyBedrock(base))
	}
	if v, done := bedrockARN(&id); done {
		return v
	}
	if v, moves := moving(id); moves {
		return v
	}
	vendor, name, ok := strings.Cut(withoutRegion(id), ".")
	if !ok || name == "" {
		return undetermined("A Bedrock id begins with its maker and a dot, as in MAKER.NAME-v1:0; this one does not.")
	}
	m := publishers[vendor]
	name, revision, _ := strings.Cut(name, ":")
	words := parts(name)
	date, isDated := makerDate(m, words)
	switch {
	case len(words) == 0:
		return undetermined("There is no model behind the maker %q.", vendor)
	case isDated:
		return dated(date, "the maker", isPreview(words))
	case isPreview(words) && isRevision(revision):
		return versionedPreview(":"+revision, "the maker")
	case isPreview(words):
		return undatedPreview("the maker")
	case isRevision(revision):
		return dateless("Bedrock's version at the end of the id (:%s) names one revision, which it does not change.", revision)
	case revision != "":
		return undetermined("%q behind the colon is not a revision number.", revision)
	}
	return bedrockBare(m, vendor, name, words)
}

// bedrockBare judges an id without date and revision.
func bedrockBare(m maker, vendor, name string, words []string) Verdict {
	last := words[len(words)-1]
	_, versioned := smallNumber(strings.TrimPrefix(last, "v"))
	versioned = versioned && last[0] == 'v'
	if m == byAnthropic {
		if v := classifyAnthropic(strings.TrimSuffix(name, "-"+last)); versioned && v.Class == PinnedDateless {
			return v
		}
		if v := classifyAnthropic(name); v.Class == PinnedDateless {
			return v
		}
	}
	// Before revisions were written behind a colon, -vN alone was the whole version. Later makers
	// bring a v of their own in the name (nemotron-nano-12b-v2), which is not Bedrock's.
	if versioned && has([]string{"amazon", "anthropic", "ai21", "cohere", "meta", "stability"}, vendor) {
		return dateless("Bedrock's version %s at the end of the id names one model, which it does not change.", last)
	}
	return undetermined("The id has neither a date nor Bedrock's version (-vN:N), and no promise was found that it never moves.")
}

// isRevision accepts 0, 0:48k and 0:512 (context sizes) and 0:mm.
func isRevision(s string) bool {
	n, size, _ := strings.Cut(s, ":")
	_, ok := smallNumber(n)
	count := strings.TrimSuffix(size, "k")
	return ok && (size == "" || size == "mm" || len(count) > 0 && digits(count, len(count)))
}

// withoutRegion takes off us., eu., apac., global., us-gov. and the like: they say where the
// model runs, not which.
func withoutRegion(id string) string {
	region, rest, ok := strings.Cut(id, ".")
	if !ok || !strings.Contains(rest, ".") {
		return id
	}
	country, _, _ := strings.Cut(region, "-")
	if region == "apac" || region == "global" || len(country) == 2 && letters(country) {
		return rest
	}
	return id
}

// bedrockARN replaces an ARN or a gateway's path by the id at its end; where the ARN hides the
// model, it gives the verdict.
func bedrockARN(id *string) (Verdict, bool) {
	if !strings.HasPrefix(*id, "arn:") {
		*id = after(*id, "/")
		return Verdict{}, false
	}
	resource := (*id)[strings.LastIndex(*id, ":")+1:]
	if i := strings.Index(*id, "/"); i > 0 {
		resource = after((*id)[:i], ":")
	}
	*id, resource = after(*id, "/"), strings.TrimSpace(resource)
	switch resource {
	case "foundation-model", "inference-profile":
		return Verdict{}, false
	case "default-prompt-router", "prompt-router":
		return floating("A prompt router chooses the model anew for every request.").suggest("Call one model by its own id."), true
	}
	v := undetermined("The ARN names %q, which does not say which model answers.", resource)
	return v.suggest("Register the id of the foundation model behind it."), true
}

// bedrockBase reads the base of a custom model from its ARN: .../custom-model/BASE/JOB.
func bedrockBase(id string) string {
	_, rest, ok := strings.Cut(id, ":custom-model/")
	if !ok {
		return ""
	}
	base, _, ok := strings.Cut(rest, "/")
	if !ok || !strings.Contains(base, ".") {
		return ""
	}
	return base
}
