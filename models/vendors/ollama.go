package vendors

import "strings"

// classifyOllama looks at the digest alone: every tag, also one that names size and quantisation,
// can be pushed again.
func classifyOllama(id string) Verdict {
	_, digest, ok := strings.Cut(id, "@")
	if !ok {
		return floating("A tag, or none: it can be pushed again with other weights.").
			suggest("Add @sha256: and the digest of the model that was evaluated.")
	}
	hex := trimPrefixes(digest, "sha256:", "sha256-")
	switch {
	case hexDigits(hex, 64):
		return pinned("The digest names one set of weights.")
	case len(hex) >= 7 && hexDigits(hex, len(hex)):
		return undetermined("The digest is shortened, and only all 64 digits name one set of weights.").suggest("Write the digest out, all 64 digits.")
	}
	return floating("%q is not a digest.", digest).suggest("Add @sha256: and the digest of the model that was evaluated.")
}
