package registry

import (
	"fmt"
	"strings"
	"testing"
)

// Many long prompts must not make a page that takes minutes: beyond the bound a text is shown whole.
func TestTheWorkOfComparingPromptsIsBounded(t *testing.T) {
	text := func(word string) string { return strings.Repeat(word+"\n", mostCompared-1) + "the same" }
	var a, b Version
	for i := range mostPrompts {
		name := fmt.Sprintf("prompt %d", i)
		a.Release.Prompts = append(a.Release.Prompts, Prompt{Name: name, Text: text("before")})
		b.Release.Prompts = append(b.Release.Prompts, Prompt{Name: name, Text: text("after")})
	}
	same := 0
	for _, c := range DiffPrompts(&a, &b) {
		for _, l := range c.Lines {
			if l.Change == "same" {
				same++
			}
		}
	}
	if most := mostWork / mostCompared / mostCompared; same != most {
		t.Errorf("%d of %d texts were compared line by line, want %d", same, mostPrompts, most)
	}
}
