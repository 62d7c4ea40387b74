package vendors

import "strings"

// classifyVertex covers other makers' models on Google's Vertex AI, which writes the version
// behind an @. Without one, Vertex serves what it takes for the default. Google's own models have
// the same ids as on the Gemini API.
func classifyVertex(id string) Verdict {
	if v, hidden := customGoogle(id); hidden {
		return v
	}
	m := makerOfPath(id)
	if m == byGoogle {
		return classifyGoogle(id)
	}
	name := after(after(id, "models/"), "/")
	if m == byOpenAI && !strings.HasPrefix(name, "gpt-oss") {
		return undetermined("This looks like an id of OpenAI, not of Google's.").suggest("Check the host: it is the service the calls go to.")
	}
	if v, moves := moving(name); moves {
		return v
	}
	family, version, versioned := strings.Cut(name, "@")
	words := parts(strings.TrimSuffix(family, "-maas"))
	if versioned {
		return vertexVersion(m, version, isPreview(words))
	}
	date, isDated := makerDate(m, words)
	switch {
	case isDated:
		return dated(date, "the maker", isPreview(words))
	case isPreview(words):
		return undatedPreview("the maker")
	case m == byAnthropic:
		return vertexClaude(family)
	}
	return floating("No version behind an @: Vertex AI serves the version it takes for the default.").
		suggest("Add @ and the version the model card names.")
}

// vertexVersion judges what stands behind the @: a day (Anthropic), year and month (Mistral), or
// a serial.
func vertexVersion(m maker, version string, preview bool) Verdict {
	date, isDated := makerDate(m, parts(version)) // a serial may follow, as in @2411-001
	switch {
	case version == "default":
		return floating("\"@default\" is whatever Vertex AI serves today.").suggest("Name the dated version behind the @.")
	case isDated:
		return dated(date, "the maker", preview)
	case digits(version, 3) && preview:
		return versionedPreview("@"+version, "the maker")
	case digits(version, 3):
		return pinned("The version @%s names one release.", version)
	}
	return undetermined("%q behind the @ is neither a date nor a serial.", version)
}

// vertexClaude applies Anthropic's promise for 4.6 and later, which holds on Vertex AI as well.
func vertexClaude(family string) Verdict {
	v := classifyAnthropic(family)
	if v.Class == Floating {
		return floating("No version behind an @: Vertex AI serves the version it takes for the default.").
			suggest("Add @ and the day, as in @YYYYMMDD.")
	}
	return v
}

// makerOfPath reads the maker from publishers/MAKER/models/NAME or MAKER/NAME, else from the name.
func makerOfPath(id string) maker {
	if _, rest, ok := strings.Cut(id, "publishers/"); ok {
		id = rest
	}
	id = trimPrefixes(id, "vertex_ai/")
	if publisher, _, ok := strings.Cut(id, "/"); ok {
		if m, known := publishers[publisher]; known {
			return m
		}
	}
	return makerOfName(id)
}
