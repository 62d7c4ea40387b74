package vendors

// BaseOf is the normalised id of the model a fine-tune was trained from, "" when the id is no
// fine-tune or its base cannot be read from it. A fine-tune ends when its base does, so the
// catalogue is asked for the base's end.
func BaseOf(provider, id string) string {
	if unreadable(id) != "" || unreadable(provider) != "" {
		return ""
	}
	host, _ := ParseHost(provider)
	id = Normalize(id)
	switch host {
	case OpenAI:
		base, _ := openAIBase(trimPrefixes(id, "openai/"))
		return base
	case AzureOpenAI:
		return azureBase(trimPrefixes(id, "azure/"))
	case Mistral:
		base, _ := mistralBase(trimPrefixes(id, "mistral/"))
		return base
	case Bedrock:
		return bedrockBase(id)
	}
	return ""
}

// tuned is the verdict on a fine-tune whose base's verdict is v; job says whether the id names a
// finished job or only the kind of fine-tune. Training happened once, so the weights of a job do
// not move; but only a base that is fixed says when it ends.
func tuned(base string, job bool, v Verdict) Verdict {
	switch v.Class {
	case Pinned, PinnedDateless:
		return Verdict{Class: v.Class, Reason: "A fine-tune of " + base + ", which is pinned; it ends when that base does."}
	case PreviewPinned:
		return Verdict{Class: PreviewPinned, Reason: "A fine-tune of " + base + ", a dated preview; it ends when that base does."}
	case Floating, PreviewFloating:
		if !job {
			return Verdict{Class: v.Class, Reason: "A fine-tune of " + base + ", a name that moves, and no finished job is named.",
				Suggestion: "Use the whole id of the finished job, trained from a dated base."}
		}
		return Verdict{Class: Undetermined, Reason: "The fine-tune is fixed, but its id names the base only as " + base + ": which snapshot it is, and when it ends, cannot be read from it.",
			Suggestion: "Look up the job's base model, or train again from a dated base."}
	}
	return Verdict{Class: Undetermined, Reason: "A fine-tune of " + base + ", for which neither a date nor a promise was found."}
}
