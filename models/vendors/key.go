package vendors

import "strings"

// Key is the id by which the catalogue finds a model: two ids with one key have one row, and so one
// end. What changes the route and not the weights is left out of it (gateways' prefixes, regions, a
// longer context window), a deployment's name and version are joined, and a fine-tune has its base's
// key, because it ends when its base does. Key of a key is that key. An id that cannot be read has its
// bare form.
func Key(host Host, id string) string {
	if unreadable(id) != "" {
		return id
	}
	norm := Normalize(id)
	if base := BaseOf(string(host), norm); base != "" {
		norm = base
	}
	if key := bareID(host, norm); key != "" {
		return key
	}
	return norm
}

// bareID strips what the rules of a host strip before they look at an id.
func bareID(host Host, id string) string {
	switch host {
	case OpenAI:
		return trimPrefixes(id, "openai/", "models/")
	case Anthropic:
		return strings.TrimSuffix(trimPrefixes(id, "anthropic/", "anthropic."), "[1m]")
	case Google, VertexPartner:
		if _, hidden := customGoogle(id); hidden {
			return id
		}
		return after(after(id, "models/"), "/")
	case Bedrock:
		return bedrockKey(id)
	case AzureOpenAI:
		return azureKey(id)
	case Mistral:
		return trimPrefixes(id, "mistral/", "mistralai/")
	case Cohere:
		return trimPrefixes(id, "cohere/", "cohere.", "coherelabs/", "models/")
	case XAI:
		return trimPrefixes(id, "xai/", "x-ai/")
	case DeepSeek:
		return trimPrefixes(id, "deepseek/", "deepseek-ai/")
	case OpenRouter:
		if rest, ok := strings.CutPrefix(id, "openrouter/"); ok && strings.Contains(rest, "/") {
			return rest
		}
	case HuggingFace:
		if name, revision, ok := hubParts(id); ok {
			return name + "@" + revision
		}
	}
	return id
}

// bedrockKey is the id of the foundation model; an ARN that hides it stays as it is.
func bedrockKey(id string) string {
	whole := id
	if _, hidden := bedrockARN(&id); hidden {
		return whole
	}
	return withoutRegion(id)
}

// azureKey joins name and version and leaves the upgrade policy out: it is the deployment's, not the
// model's.
func azureKey(id string) string {
	id = trimPrefixes(id, azurePrefixes...)
	name, version := "", ""
	for _, piece := range strings.FieldsFunc(id, azureMark) {
		switch {
		case policyOf(piece) != policyUnknown || has([]string{"version", "policy"}, piece):
		case name == "":
			name = piece
		case version == "":
			version = piece
		}
	}
	return joined("-", name, version)
}
