package vendors

import "strings"

// Host is the service that answers for an id. The same model on two hosts is two things: its
// spelling, its promise and its end differ.
type Host string

// The hosts Sundial has rules for. The words are those of the catalogue's host column.
const (
	OpenAI        Host = "openai"
	Anthropic     Host = "anthropic"
	Google        Host = "google"
	VertexPartner Host = "vertex-partner"
	Bedrock       Host = "bedrock"
	AzureOpenAI   Host = "azure-openai"
	Mistral       Host = "mistral"
	Cohere        Host = "cohere"
	XAI           Host = "xai"
	DeepSeek      Host = "deepseek"
	OpenRouter    Host = "openrouter"
	HuggingFace   Host = "huggingface"
	Ollama        Host = "ollama"
)

// Hosts lists the hosts Sundial has rules for, in the order a form offers them.
func Hosts() []Host {
	return []Host{OpenAI, Anthropic, Google, VertexPartner, Bedrock, AzureOpenAI, Mistral, Cohere, XAI, DeepSeek, OpenRouter, HuggingFace, Ollama}
}

// Name is the host as a person writes it.
func (h Host) Name() string {
	if name, ok := hostNames[h]; ok {
		return name
	}
	return string(h)
}

var hostNames = map[Host]string{
	OpenAI: "OpenAI", Anthropic: "Anthropic", Google: "Google Gemini API", VertexPartner: "Google Vertex AI",
	Bedrock: "Amazon Bedrock", AzureOpenAI: "Azure OpenAI", Mistral: "Mistral", Cohere: "Cohere", XAI: "xAI",
	DeepSeek: "DeepSeek", OpenRouter: "OpenRouter", HuggingFace: "Hugging Face", Ollama: "Ollama",
}

// ParseHost recognises a host however it is spelled ("Azure OpenAI", "aws_bedrock", "vertex").
// For a host without rules it gives the lower-case word back and false.
func ParseHost(s string) (Host, bool) {
	word := Normalize(s)
	letters := strings.Map(func(r rune) rune {
		if isAlnum(r) {
			return r
		}
		return -1
	}, word)
	if h, ok := hostSpellings[letters]; ok {
		return h, true
	}
	return Host(word), false
}

// hostSpellings is keyed by the letters and digits alone.
var hostSpellings = map[string]Host{
	"openai": OpenAI, "openaiapi": OpenAI, "oai": OpenAI,
	"anthropic": Anthropic, "anthropicapi": Anthropic, "claude": Anthropic, "claudeapi": Anthropic,
	"google": Google, "gemini": Google, "googlegemini": Google, "geminiapi": Google, "googleai": Google,
	"googleaistudio": Google, "aistudio": Google, "googlegenai": Google, "googlegeminiapi": Google, "googlegenerativeai": Google,
	"vertex": VertexPartner, "vertexai": VertexPartner, "vertexpartner": VertexPartner, "vertexaipartner": VertexPartner,
	"googlevertex": VertexPartner, "googlevertexai": VertexPartner, "googlecloud": VertexPartner, "gcp": VertexPartner,
	"gcpvertex": VertexPartner, "gcpvertexai": VertexPartner, "vertexpartnermodels": VertexPartner, "vertexaipartnermodels": VertexPartner,
	"bedrock": Bedrock, "awsbedrock": Bedrock, "amazonbedrock": Bedrock, "bedrockconverse": Bedrock, "bedrockruntime": Bedrock, "aws": Bedrock,
	"azureopenai": AzureOpenAI, "azure": AzureOpenAI, "azureai": AzureOpenAI, "azureopenaiservice": AzureOpenAI, "aoai": AzureOpenAI,
	"azurefoundry": AzureOpenAI, "azureaifoundry": AzureOpenAI, "microsoftfoundry": AzureOpenAI, "microsoftazure": AzureOpenAI,
	"mistral": Mistral, "mistralai": Mistral, "laplateforme": Mistral,
	"cohere": Cohere, "cohereai": Cohere,
	"xai": XAI, "grok": XAI,
	"deepseek": DeepSeek, "deepseekai": DeepSeek,
	"openrouter": OpenRouter, "openrouterai": OpenRouter,
	"huggingface": HuggingFace, "hf": HuggingFace, "huggingfacehub": HuggingFace, "hfhub": HuggingFace,
	"ollama": Ollama,
}
