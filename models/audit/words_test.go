package audit

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestEventsReadAsSentences(t *testing.T) {
	tests := map[string]struct {
		e    Event
		want string
	}{
		"with its subject":     {Event{Verb: "request.approved", Subject: Subject{Label: "fraud@v3 to production"}}, "approved the request fraud@v3 to production"},
		"without a subject":    {Event{Verb: "person.signed_in", Subject: Subject{Label: "Mira"}}, "signed in"},
		"label left empty":     {Event{Verb: "model.edited"}, "changed the model"},
		"a verb without words": {Event{Verb: "stamp.taken_in", Subject: Subject{Label: "x"}}, "taken in the stamp x"},
		"a percent sign":       {Event{Verb: "model.edited", Subject: Subject{Label: "100%s"}}, "changed the model 100%s"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.e.Sentence(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

var noted = regexp.MustCompile(`\b[nN]ote\("([a-z]+\.[a-z_]+)"`)

// Whatever the rules and the store note has words, so that no page shows a programmer's.
func TestEveryVerbHasWords(t *testing.T) {
	seen := 0
	for _, folder := range []string{"..", "../../auth"} {
		err := fs.WalkDir(os.DirFS(folder), ".", func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "store/storetest") {
				return err
			}
			source, err := os.ReadFile(folder + "/" + path)
			for _, m := range noted.FindAllStringSubmatch(string(source), -1) {
				seen++
				if _, known := told[m[1]]; !known {
					t.Errorf("%s: %s has no words in told", path, m[1])
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 30 {
		t.Errorf("only %d verbs were found; is the search still right?", seen)
	}
}
