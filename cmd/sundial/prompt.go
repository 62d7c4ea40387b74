package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"sundial/models/registry"
)

var promptCommand = command{
	name: "prompt", args: "hash FILE|- [--config FILE]",
	summary: "print the SHA-256 by which Sundial knows a prompt; for pipelines",
	example: "sundial prompt hash prompts/answer.md --config prompts/answer.json\nprintf 'Answer kindly.' | sundial prompt hash -",
}

func init() { promptCommand.run = runPrompt }

// largestPrompt is how many bytes are read: a prompt's longest text in the widest letters.
const largestPrompt = 4*registry.LongestPrompt + 1024

// runPrompt asks no portal and no database: the hash follows from the text alone.
func runPrompt(_ context.Context, e env) error {
	set := promptCommand.flags(e)
	config := set.String("config", "", "a `file` with the JSON object that the prompt is sent with; it becomes part of the hash")
	verb, rest := split(e.args)
	words, err := parseAmong(set, rest)
	if err != nil {
		return err
	}
	if verb != "hash" || len(words) != 1 {
		return errors.New("say: sundial prompt hash FILE, or - for standard input")
	}
	if words[0] == "-" && *config == "-" {
		return errors.New("only one of text and configuration comes from standard input")
	}
	text, err := readPrompt(e, words[0])
	if err != nil {
		return err
	}
	if wrong := registry.ReadPrompt(text); wrong != "" {
		return fmt.Errorf("%s: %s", promptName(words[0]), wrong)
	}
	canonical := ""
	if *config != "" {
		raw, err := readPrompt(e, *config)
		if err != nil {
			return err
		}
		if canonical, err = registry.CanonicalConfig(string(raw)); err != nil {
			return fmt.Errorf("%s: %w", promptName(*config), err)
		}
	}
	_, err = fmt.Fprintln(e.out, registry.HashPromptWith(string(text), canonical))
	return err
}

func readPrompt(e env, name string) ([]byte, error) {
	var in io.Reader = e.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("cannot read the prompt: %w", err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, largestPrompt+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the prompt: %w", err)
	}
	if len(raw) > largestPrompt {
		return nil, fmt.Errorf("%s is too large for a prompt: at most %d characters are hashed", promptName(name), registry.LongestPrompt)
	}
	return raw, nil
}

func promptName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}
