package link

import "strconv"

// Prompts is the list of registered prompts, PromptsCSV its file.
func Prompts() string    { return "/prompts" }
func PromptsCSV() string { return "/prompts.csv" }

// NewPrompt registers a prompt; Prompt, EditPrompt and NewPromptVersion are about one.
func NewPrompt() string                   { return "/prompts/new" }
func Prompt(name string) string           { return path("prompts", name) }
func EditPrompt(name string) string       { return path("prompts", name, "edit") }
func NewPromptVersion(name string) string { return path("prompts", name, "versions", "new") }
func PromptVersion(name string, n int) string {
	return path("prompts", name, "versions", strconv.Itoa(n))
}

// PromptDiff compares two versions of a prompt; without numbers it is the form's address.
func PromptDiff(name string, a, b int) string {
	if a == 0 || b == 0 {
		return path("prompts", name, "diff")
	}
	return With(path("prompts", name, "diff"), "a", strconv.Itoa(a), "b", strconv.Itoa(b))
}

// Suites is the list of evaluation suites, SuitesCSV its file.
func Suites() string    { return "/evaluations" }
func SuitesCSV() string { return "/evaluations.csv" }

// NewSuite registers an evaluation suite; Suite, EditSuite and NewSuiteVersion are about one.
func NewSuite() string                   { return "/evaluations/new" }
func Suite(name string) string           { return path("evaluations", name) }
func EditSuite(name string) string       { return path("evaluations", name, "edit") }
func NewSuiteVersion(name string) string { return path("evaluations", name, "versions", "new") }

// Aliases is the list of aliases, AliasesCSV its file.
func Aliases() string    { return "/aliases" }
func AliasesCSV() string { return "/aliases.csv" }

// NewAlias registers an alias; Alias is its page, ProposeAlias asks to move it, AliasAct is a verb on its
// open proposal: decide, withdraw.
func NewAlias() string                  { return "/aliases/new" }
func Alias(name string) string          { return path("aliases", name) }
func ProposeAlias(name string) string   { return path("aliases", name, "propose") }
func AliasAct(name, verb string) string { return path("aliases", name, verb) }

// RunSuite is the form that records a run of a suite version for a model's version.
func RunSuite(slug, label string, version int64) string {
	return With(NewEvidence(slug, label), "kind", "evaluation", "suite", id(version))
}
