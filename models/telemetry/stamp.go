package telemetry

import (
	"strings"

	"sundial/models/fault"
)

// Stamp names the version that made a prediction. Version is "" where a caller could name the model
// alone, Prompt is "" or 12 to 64 lower-case hex digits of the prompt's SHA-256.
type Stamp struct {
	Model, Version, Prompt string
}

const longestStamp = 64 + 1 + 40 + len("+sha256:") + 64

const stampSentence = "Write a stamp as model@version, or model@version+sha256: and at least 12 hexadecimal digits of the prompt's hash."

// ParseStamp reads model@version or model@version+sha256:HEX.
func ParseStamp(s string) (Stamp, error) {
	bad := fault.At("stamp", stampSentence)
	if len(s) > longestStamp {
		return Stamp{}, bad
	}
	model, rest, found := strings.Cut(s, "@")
	version, prompt, hashed := strings.Cut(rest, "+sha256:")
	st := Stamp{Model: model, Version: version}
	if !found || !isModel(model) || !isVersion(version) {
		return Stamp{}, bad
	}
	if hashed {
		if st.Prompt = promptHash(prompt); st.Prompt == "" {
			return Stamp{}, bad
		}
	}
	return st, nil
}

// String is the stamp as it is written; the model alone where there is no version.
func (s Stamp) String() string {
	out := s.Model
	if s.Version != "" {
		out += "@" + s.Version
	}
	if s.Prompt != "" {
		out += "+sha256:" + s.Prompt
	}
	return out
}

// Names reports whether the stamp's prompt is one of these SHA-256 hashes; without one it is.
func (s Stamp) Names(hashes []string) bool {
	if s.Prompt == "" {
		return true
	}
	for _, h := range hashes {
		if strings.HasPrefix(strings.ToLower(h), s.Prompt) {
			return true
		}
	}
	return false
}

// isModel holds a name to the shape that registry gives to short names. It is asked of every line, so
// there is no regular expression here.
func isModel(s string) bool {
	if len(s) < 2 || len(s) > 64 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || s[i-1] == '-') {
			return false
		}
	}
	return true
}

// isVersion holds a label to the shape that registry gives to labels.
func isVersion(s string) bool {
	if len(s) < 1 || len(s) > 40 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// promptHash is the digits of a hash in lower case, "" when they are none, too few or too many.
func promptHash(s string) string {
	s = strings.ToLower(strings.TrimPrefix(s, "sha256:"))
	if len(s) < 12 || len(s) > 64 {
		return ""
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return ""
		}
	}
	return s
}
