package lifecycle

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// PolicyProblem is one thing that is wrong with a policy file, and where; Line is 0 where no line is at fault.
type PolicyProblem struct {
	Line     int
	Sentence string
}

func (p PolicyProblem) String() string {
	if p.Line == 0 {
		return p.Sentence
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Sentence)
}

// PolicyError is everything that is wrong with a policy file.
type PolicyError struct {
	Problems []PolicyProblem
	what     string
}

func (e *PolicyError) Error() string {
	var all []string
	for _, p := range e.Problems {
		all = append(all, p.String())
	}
	return e.what + ": " + strings.Join(all, "; ")
}

func policyProblem(sentence string) error {
	return &PolicyError{what: "the policy file", Problems: []PolicyProblem{{0, sentence}}}
}

var (
	atLine       = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (\S+) not found in type`)
	wrongType    = regexp.MustCompile("^cannot unmarshal \\S+ (`[^`]*` )?into (.*)$")
)

// unreadableYAML translates what the parser says, which is for programmers.
func unreadableYAML(err error) error {
	lines := []string{err.Error()}
	var typed *yaml.TypeError
	if errors.As(err, &typed) {
		lines = typed.Errors
	}
	out := &PolicyError{what: "the policy file cannot be read"}
	for _, text := range lines {
		var p PolicyProblem
		if m := atLine.FindStringSubmatch(text); m != nil {
			p.Line, _ = strconv.Atoi(m[1])
			text = m[2]
		}
		text = strings.TrimPrefix(text, "yaml: ")
		switch field, wrong := unknownField.FindStringSubmatch(text), wrongType.FindStringSubmatch(text); {
		case field != nil:
			p.Sentence = fmt.Sprintf("there is no setting %s here", field[1])
		case wrong != nil:
			p.Sentence = strings.TrimSpace(strings.ReplaceAll(wrong[1], "`", "\"")) + " is no " + kindOfValue(wrong[2])
			if wrong[1] == "" {
				p.Sentence = "this is no " + kindOfValue(wrong[2])
			}
		default:
			p.Sentence = "this is no YAML: " + text
		}
		out.Problems = append(out.Problems, p)
	}
	return out
}

func kindOfValue(goType string) string {
	switch {
	case strings.HasPrefix(goType, "int"), strings.HasSuffix(goType, "Tier"):
		return "whole number"
	case strings.HasPrefix(goType, "[]"):
		return "list"
	case strings.HasPrefix(goType, "string"):
		return "text"
	}
	return "group of settings"
}

// locate finds the line that each sentence is about: the innermost key that it names.
func locate(raw []byte, sentences []string) []PolicyProblem {
	var doc yaml.Node
	_ = yaml.Unmarshal(raw, &doc) // it has been read before
	out := make([]PolicyProblem, 0, len(sentences))
	for _, s := range sentences {
		p := PolicyProblem{Sentence: s}
		if len(doc.Content) > 0 {
			p.Line = lineOf(doc.Content[0], strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(` :;,."'`, r) }))
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b PolicyProblem) int { return a.Line - b.Line })
	return out
}

func lineOf(n *yaml.Node, words []string) (line int) {
	if n.Kind != yaml.MappingNode {
		return 0
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !slices.Contains(words, key.Value) {
			continue
		}
		if inner := lineOf(value, words); inner != 0 {
			return inner
		}
		return key.Line
	}
	return 0
}
