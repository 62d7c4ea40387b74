package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sundial/models/registry"
)

// promptHash runs the command and gives back what it printed where, and its exit code.
func promptHash(in string, args ...string) (out, complaint string, code int) {
	var o, e bytes.Buffer
	code = run(context.Background(), env{args: append([]string{"prompt"}, args...), getenv: func(string) string { return "" }, in: strings.NewReader(in), out: &o, err: &e})
	return o.String(), e.String(), code
}

func TestPromptHashPrintsTheHashAlone(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	want := registry.HashPrompt("Answer kindly.\nAlways, café.") + "\n"
	for name, text := range map[string]string{"plain": "Answer kindly.\nAlways, café.", "windows": "\ufeffAnswer kindly.\r\nAlways, café.\r\n", "parts": "Answer kindly.\nAlways, cafe\u0301.", "blanks": "\n Answer kindly.\nAlways, café. \n\n"} {
		path := write(name, text)
		if out, complaint, code := promptHash("", "hash", path); out != want || complaint != "" || code != exitDone {
			t.Errorf("%s: %q %q %d", name, out, complaint, code)
		}
		if out, _, code := promptHash(text, "hash", "-"); out != want || code != exitDone {
			t.Errorf("%s from standard input: %q %d", name, out, code)
		}
	}
	config := write("config.json", "{ \"temperature\": 0.2 }\n")
	with := registry.HashPromptWith("Answer kindly.", `{"temperature":0.2}`) + "\n"
	for _, args := range [][]string{{"hash", "-", "--config", config}, {"hash", "--config", config, "-"}, {"hash", "--config=" + config, "-"}} {
		if out, complaint, _ := promptHash("Answer kindly.\n", args...); out != with {
			t.Errorf("%v: %q %q", args, out, complaint)
		}
	}
	if out, _, _ := promptHash("Answer kindly.", "hash", "-", "--config", write("empty.json", "{}")); out != registry.HashPrompt("Answer kindly.")+"\n" {
		t.Errorf("an empty configuration: %q", out)
	}
}

func TestPromptHashSaysWhatItCannotHash(t *testing.T) {
	dir := t.TempDir()
	large, binary, bad := filepath.Join(dir, "large"), filepath.Join(dir, "binary"), filepath.Join(dir, "bad.json")
	for path, raw := range map[string][]byte{large: bytes.Repeat([]byte("a"), largestPrompt+1), binary: {0x7f, 'E', 'L', 'F', 0, 1}, bad: []byte("temperature: 0.2")} {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		in   string
		args []string
		says string
	}{
		"no file":                         {"", []string{"hash"}, "sundial prompt hash FILE"},
		"no verb":                         {"", nil, "sundial prompt hash FILE"},
		"another verb":                    {"", []string{"diff", "a", "b"}, "sundial prompt hash FILE"},
		"two files":                       {"", []string{"hash", "a", "b"}, "sundial prompt hash FILE"},
		"a file that is not":              {"", []string{"hash", filepath.Join(dir, "none")}, "cannot read the prompt"},
		"a folder":                        {"", []string{"hash", dir}, "cannot read the prompt"},
		"a large file":                    {"", []string{"hash", large}, "too large"},
		"a long text":                     {strings.Repeat("a", registry.LongestPrompt+1), []string{"hash", "-"}, "at most 100000 characters"},
		"bytes":                           {"", []string{"hash", binary}, "no text in UTF-8"},
		"bytes that are no text":          {"\xff\xfeA", []string{"hash", "-"}, "no text in UTF-8"},
		"nothing":                         {" \r\n", []string{"hash", "-"}, "no text in it"},
		"hidden letters":                  {"Answer\U000E0041 kindly.", []string{"hash", "-"}, "nobody can see"},
		"a configuration that is no JSON": {"x", []string{"hash", "-", "--config", bad}, "not one JSON object"},
		"both from one place":             {"x", []string{"hash", "-", "--config", "-"}, "only one"},
		"a flag nobody knows":             {"x", []string{"hash", "-", "--salt"}, "salt"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, complaint, code := promptHash(tt.in, tt.args...)
			if out != "" || code != exitCouldNot || !strings.Contains(complaint, tt.says) {
				t.Errorf("%q %q %d", out, complaint, code)
			}
		})
	}
	if _, help, code := promptHash("", "--help"); code != exitDone || !strings.Contains(help, "Example:") {
		t.Errorf("--help: %q %d", help, code)
	}
}
