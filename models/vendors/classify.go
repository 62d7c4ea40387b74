package vendors

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Verdict is what the classifier makes of an id.
type Verdict struct {
	Class  Class
	Reason string // one sentence in words
	// Suggestion says how to pin it, where there is an obvious way; otherwise "".
	Suggestion string
	Host       Host   // the host as understood, even when there are no rules for it
	Normalized string // the id in the form in which it was compared; "" if it could not be read
}

// maxID bounds the ids that are looked at, in bytes; the longest real ones (ARNs) have under 300.
const maxID = 512

// Classify says which class an id has at a provider, and why. It never fails: what cannot be
// read or has no rule is Undetermined, with the reason.
func Classify(provider, id string) Verdict {
	host, known := Host(""), false
	if len(provider) <= maxID && utf8.ValidString(provider) {
		host, known = ParseHost(provider)
	}
	if reason := unreadable(id); reason != "" {
		return Verdict{Class: Undetermined, Reason: reason, Host: host}
	}
	norm := Normalize(id)
	v := judge(host, known, norm)
	v.Host, v.Normalized = host, norm
	return v
}

// unreadable says why an id is not even looked at, "" when it can be.
func unreadable(id string) string {
	switch {
	case len(id) > maxID:
		return fmt.Sprintf("The id has %d bytes; no model id has more than %d.", len(id), maxID)
	case !utf8.ValidString(id):
		return "The id holds bytes that are not UTF-8 text."
	}
	return ""
}

func judge(host Host, known bool, id string) Verdict {
	if id == "" {
		return undetermined("There is no id.")
	}
	if r, found := foreign(id); found {
		if r == ' ' {
			return undetermined("The id holds a blank in its middle, and no model id does.")
		}
		return undetermined("The id holds the character %q, which no model id does; it may only look like the right one.", r)
	}
	if rule, ok := rules[host]; ok && known {
		return rule(id)
	}
	if v, moves := moving(id); moves {
		return v
	}
	if host == "" {
		return undetermined("No host is named, and the same id means other things on other hosts.")
	}
	return undetermined("Sundial has no rule for ids at %q.", string(host))
}

// rules holds the classifier of each host; each takes a normalised id.
var rules = map[Host]func(id string) Verdict{
	OpenAI: classifyOpenAI, Anthropic: classifyAnthropic, Google: classifyGoogle, VertexPartner: classifyVertex,
	Bedrock: classifyBedrock, AzureOpenAI: classifyAzureID, Mistral: classifyMistral, Cohere: classifyCohere, XAI: classifyXAI,
	DeepSeek: classifyDeepSeek, OpenRouter: classifyOpenRouter, HuggingFace: classifyHuggingFace, Ollama: classifyOllama,
}

// moving recognises the words that say themselves that the id moves.
func moving(id string) (Verdict, bool) {
	words := strings.FieldsFunc(id, func(r rune) bool { return !isAlnum(r) })
	for _, w := range []string{"latest", "nightly"} {
		if has(words, w) {
			v := floating("The id says %q: the vendor moves it to a new model whenever there is one.", w)
			return v.suggest("Use the dated id of the model it points to today."), true
		}
	}
	return Verdict{}, false
}

// elsewhere refuses to apply one vendor's rules to a name that is plainly another's.
func elsewhere(host Host, own maker, name string) (Verdict, bool) {
	m := makerOfName(name)
	if m == byOther || m == own {
		return Verdict{}, false
	}
	v := undetermined("This looks like an id of %s, not of %s.", m, host.Name())
	return v.suggest("Check the host: it is the service the calls go to."), true
}

// dated is the verdict on an id that holds a date: previews stay previews.
func dated(date, vendor string, preview bool) Verdict {
	if preview {
		return Verdict{Class: PreviewPinned, Reason: fmt.Sprintf("The date %s names one snapshot, but of a preview, which %s may withdraw at short notice.", date, vendor)}
	}
	return Verdict{Class: Pinned, Reason: fmt.Sprintf("The date %s in the id names one snapshot, which %s does not change.", date, vendor)}
}

// versionedPreview is a preview with a serial or revision in place of a date.
func versionedPreview(version, vendor string) Verdict {
	return Verdict{Class: PreviewPinned, Reason: fmt.Sprintf("%s names one version, but of a preview, which %s may withdraw at short notice.", version, vendor)}
}

func undatedPreview(vendor string) Verdict {
	v := Verdict{Class: PreviewFloating, Reason: fmt.Sprintf("An undated preview: %s may change or withdraw it any day.", vendor)}
	return v.suggest("Use the dated form of the preview, or the released model.")
}

func pinned(format string, args ...any) Verdict {
	return Verdict{Class: Pinned, Reason: fmt.Sprintf(format, args...)}
}

func dateless(format string, args ...any) Verdict {
	return Verdict{Class: PinnedDateless, Reason: fmt.Sprintf(format, args...)}
}

func floating(format string, args ...any) Verdict {
	return Verdict{Class: Floating, Reason: fmt.Sprintf(format, args...)}
}

func undetermined(format string, args ...any) Verdict {
	return Verdict{Class: Undetermined, Reason: fmt.Sprintf(format, args...)}
}

func (v Verdict) suggest(how string) Verdict {
	v.Suggestion = how
	return v
}
