package vendors

import "strings"

// classifyHuggingFace looks at the revision alone. Names of repositories may hold dates, but
// their files can be replaced; branches and tags can be moved; only the commit stays.
func classifyHuggingFace(id string) Verdict {
	name, revision, ok := hubParts(id)
	if !ok && strings.Count(name, "/") > 1 {
		return undetermined("A Hugging Face id is written OWNER/NAME@COMMIT; this one has more parts.")
	}
	if !ok {
		return floating("No revision: the repository's main branch is served, and it can change.").
			suggest("Add @ and the 40-digit commit of the revision that was evaluated.")
	}
	return hubRevision(revision)
}

// hubParts cuts owner/name@revision, and the same in an address or behind ?revision=.
func hubParts(id string) (name, revision string, ok bool) {
	id = trimPrefixes(id, "https://", "http://", "www.", "huggingface.co/", "hf.co/", "huggingface/", "hf://", "models/")
	for _, mark := range []string{"@", "?revision=", "/tree/", "/commit/", "/blob/", "/resolve/"} {
		name, revision, ok = strings.Cut(id, mark)
		if !ok {
			continue
		}
		if mark == "/blob/" || mark == "/resolve/" {
			revision, _, _ = strings.Cut(revision, "/") // a file's path follows
		}
		return name, revision, true
	}
	return id, "", false
}

// hubRevision judges a revision of a model repository.
func hubRevision(revision string) Verdict {
	switch {
	case hexDigits(revision, 40):
		return pinned("The revision is a commit, and a commit never changes.")
	case len(revision) >= 7 && len(revision) < 40 && hexDigits(revision, len(revision)):
		return undetermined("%q may be a shortened commit, but a branch or tag may bear the same name.", revision).
			suggest("Write the commit out, all 40 digits.")
	}
	return floating("%q is a branch or a tag, and both can be moved.", revision).
		suggest("Replace it by the 40-digit commit it points to today.")
}
