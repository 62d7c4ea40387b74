package vendors

import "strings"

// A maker is who trained a model, whatever host serves it. Makers decide how a date is written.
type maker string

const (
	byOpenAI    maker = "OpenAI"
	byAnthropic maker = "Anthropic"
	byGoogle    maker = "Google"
	byMistral   maker = "Mistral"
	byCohere    maker = "Cohere"
	byXAI       maker = "xAI"
	byDeepSeek  maker = "DeepSeek"
	byQwen      maker = "Qwen"
	byOther     maker = ""
)

// makerOfName guesses the maker from the family a name begins with.
func makerOfName(name string) maker {
	words := parts(after(name, "/"))
	if len(words) == 0 {
		return byOther
	}
	first := words[0]
	if has(words, "bison", "gecko", "unicorn") {
		return byGoogle // chat-bison and code-gecko begin with anybody's words
	}
	if m, ok := families[first]; ok {
		return m
	}
	switch {
	case len(first) == 2 && first[0] == 'o' && digits(first[1:], 1):
		return byOpenAI
	case first == "text" && has(words, "ada", "babbage", "curie", "davinci", "moderation", "3"):
		return byOpenAI
	case first == "text" && has(words, "bison", "unicorn", "embedding"):
		return byGoogle
	case strings.HasSuffix(first, "stral"):
		return byMistral
	case strings.HasPrefix(first, "qwen") || first == "qwq" || first == "qvq":
		return byQwen
	}
	return byOther
}

// families maps the word a family's names begin with to its maker.
var families = map[string]maker{
	"gpt": byOpenAI, "chatgpt": byOpenAI, "chat": byOpenAI, "codex": byOpenAI, "dall": byOpenAI, "whisper": byOpenAI, "tts": byOpenAI,
	"omni": byOpenAI, "sora": byOpenAI, "davinci": byOpenAI, "babbage": byOpenAI, "curie": byOpenAI, "ada": byOpenAI, "computer": byOpenAI,
	"claude": byAnthropic,
	"gemini": byGoogle, "gemma": byGoogle, "imagen": byGoogle, "veo": byGoogle, "lyria": byGoogle, "learnlm": byGoogle, "medlm": byGoogle,
	"multimodalembedding": byGoogle, "imagegeneration": byGoogle, "imagetext": byGoogle, "textembedding": byGoogle,
	"open": byMistral, "labs": byMistral, "pixtral": byMistral, "voxtral": byMistral, "mixtral": byMistral,
	"command": byCohere, "embed": byCohere, "rerank": byCohere, "c4ai": byCohere, "aya": byCohere,
	"grok": byXAI, "deepseek": byDeepSeek,
}

// publishers maps how gateways, clouds and hubs write a maker to the maker.
var publishers = map[string]maker{
	"openai": byOpenAI, "anthropic": byAnthropic, "google": byGoogle, "mistral": byMistral, "mistralai": byMistral,
	"cohere": byCohere, "coherelabs": byCohere, "x-ai": byXAI, "xai": byXAI, "deepseek": byDeepSeek, "deepseek-ai": byDeepSeek,
	"qwen": byQwen, "alibaba": byQwen,
}

// makerDate finds the date in a name, written as its maker writes dates. The same digits mean
// year and month at one maker, month and day at another.
func makerDate(m maker, words []string) (string, bool) {
	switch m {
	case byOpenAI:
		return dateIn(words, isoDay, monthDay)
	case byAnthropic:
		return dateIn(words, compactDay)
	case byGoogle:
		return dateIn(words, isoDay, monthYear, splitMonthDay, monthDay)
	case byMistral:
		return dateIn(words, yearMonth)
	case byCohere:
		return dateIn(words, monthYear, compactDay)
	case byXAI, byDeepSeek:
		return dateIn(words, isoDay, monthDay, splitMonthDay) // grok-4-0709 is grok-4-07-09 at gateways
	case byQwen:
		return dateIn(words, isoDay, yearMonth)
	}
	// A maker whose habit is unknown: year and month or month and day, a date it is.
	return dateIn(words, isoDay, compactDay, monthYear, monthDay, yearMonth)
}
