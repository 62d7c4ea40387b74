package vendors

import "strings"

// classifyGoogle covers Gemini, and the older and the specialised models of Google, both on the
// Gemini API and on Vertex AI. A three-digit serial pins (-001, @002); previews carry month and
// day or month and year; from 2.5 on the undated stable name is a version of its own.
func classifyGoogle(id string) Verdict {
	if v, hidden := customGoogle(id); hidden {
		return v
	}
	if m := makerOfPath(id); m != byGoogle && m != byOther {
		return classifyVertex(id)
	}
	id = trimPrefixes(after(id, "models/"), "vertex_ai/", "gemini/", "google/")
	if v, moves := moving(id); moves {
		return v
	}
	if _, version, ok := strings.Cut(id, "@"); ok {
		return googleVersion(version)
	}
	words := parts(id)
	date, isDated := makerDate(byGoogle, words)
	switch {
	case len(words) == 0:
		return undetermined("There is no id.")
	case isDated:
		return dated(date, "Google", isPreview(words))
	case googleSerial(words) != "" && isPreview(words):
		return versionedPreview(googleSerial(words), "Google")
	case googleSerial(words) != "":
		return pinned("The serial %s names one stable version, which Google does not change.", googleSerial(words))
	case isPreview(words):
		return undatedPreview("Google")
	}
	return googleByName(words)
}

// customGoogle recognises tuned models and endpoints: the path hides which model answers.
func customGoogle(id string) (Verdict, bool) {
	if strings.HasPrefix(id, "tunedmodels/") || strings.Contains(id, "/endpoints/") || strings.HasPrefix(id, "endpoints/") {
		v := undetermined("A tuned model or an endpoint: its id does not say which base it runs on.")
		return v.suggest("Register the base model it was tuned from, with its version."), true
	}
	return Verdict{}, false
}

// googleVersion judges what stands behind the @.
func googleVersion(version string) Verdict {
	_, isDay := dateIn([]string{version}, compactDay)
	switch {
	case version == "default":
		return floating("\"@default\" is whatever the host serves today.").suggest("Name the version behind the @, as in @001.")
	case digits(version, 3):
		return pinned("The version @%s names one stable release, which Google does not change.", version)
	case isDay:
		return dated(version, "Google", false)
	}
	return undetermined("%q behind the @ is neither a serial nor a date.", version)
}

// googleSerial is the three-digit number of a stable version (001), "" without one.
func googleSerial(words []string) string {
	for _, w := range words[1:] {
		if digits(w, 3) && w[0] == '0' && w != "000" {
			return w
		}
	}
	return ""
}

// googleByName judges a stable name without date or serial.
func googleByName(words []string) Verdict {
	alias := floating("A bare family name: Google points it at the newest stable version.").
		suggest("Use the version with its three-digit serial, or a stable model from 2.5 on.")
	if words[0] != "gemini" {
		if has(words, "bison", "gecko", "unicorn", "embedding", "multimodalembedding", "imagegeneration", "imagetext", "medlm") {
			return alias
		}
		return undetermined("Neither a serial nor a date, and no promise was found that this id never moves.")
	}
	if has(words, "robotics") {
		return undetermined("The robotics models are numbered on their own, and no promise was found for them.")
	}
	for _, w := range words[1:] {
		major, minor, ok := number(w)
		if !ok {
			continue
		}
		// The second embedding model is listed as stable like the chat models from 2.5 on.
		if major > 2 || major == 2 && minor >= 5 || has(words, "embedding") && major == 2 {
			return dateless("Google lists this undated name as a stable version with its own retirement date.")
		}
		return alias
	}
	return alias
}
