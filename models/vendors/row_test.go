package vendors

import (
	"strings"
	"testing"

	"sundial/models/fault"
)

func TestARowIsCheckedAtItsFields(t *testing.T) {
	good := Entry{Host: OpenAI, ModelID: "gpt-4o-2024-11-20", Class: Pinned, EndOfLife: "2027-01-14", Successor: "gpt-4.1-2025-04-14",
		Source: "https://vendor.example/deprecations", ReadOn: "2026-11-01"}
	if err := good.Check("", "2026-11-22"); err != nil {
		t.Fatalf("a good row is refused: %v", err)
	}
	tests := map[string]struct {
		change func(*Entry)
		was    Class
		field  string // "" when it is fine
	}{
		"no host":                        {func(e *Entry) { e.Host, e.Class = "", Undetermined }, "", "host"},
		"no id":                          {func(e *Entry) { e.ModelID, e.Class = "", Undetermined }, "", "model_id"},
		"a look-alike letter":            {func(e *Entry) { e.ModelID, e.Class = "gpt-4\u043e", Undetermined }, "", "model_id"},
		"a blank in the middle":          {func(e *Entry) { e.ModelID, e.Class = "gpt 4o", Undetermined }, "", "model_id"},
		"an id of a thousand bytes":      {func(e *Entry) { e.ModelID, e.Class = strings.Repeat("x", 1000), Undetermined }, "", "model_id"},
		"no class":                       {func(e *Entry) { e.Class = "" }, "x", "class"},
		"a class that is none":           {func(e *Entry) { e.Class = "solid" }, "", "class"},
		"a floating id called pinned":    {func(e *Entry) { e.ModelID, e.Class = "gpt-4o", Pinned }, "", "class"},
		"a pinned id called floating":    {func(e *Entry) { e.Class = Floating }, "", "class"},
		"a class that was there already": {func(e *Entry) { e.Class = Floating }, Floating, ""},
		"no source":                      {func(e *Entry) { e.Source = "" }, "", "source"},
		"a long source":                  {func(e *Entry) { e.Source = strings.Repeat("s", 501) }, "", "source"},
		"no day it was read on":          {func(e *Entry) { e.ReadOn = "" }, "", "read_on"},
		"read tomorrow":                  {func(e *Entry) { e.ReadOn = "2026-11-23" }, "", "read_on"},
		"its own successor":              {func(e *Entry) { e.Successor = "GPT-4o-2024-11-20" }, "", "successor"},
		"a long note":                    {func(e *Entry) { e.Note = strings.Repeat("n", 2001) }, "", "note"},
		"undetermined, pinned by shrug": {func(e *Entry) {
			e.Host, e.ModelID, e.Class, e.Source = "acme", "acme-large", PinnedDateless, "heard it"
		}, "", "source"},
		"undetermined, pinned by address": {func(e *Entry) { e.Host, e.ModelID, e.Class = "acme", "acme-large", PinnedDateless }, "", ""},
		"undetermined, pinned by words": {func(e *Entry) {
			e.Host, e.ModelID, e.Class, e.Source = "acme", "acme-large", PinnedDateless, "Contract of 3 March 2026, annex 2"
		}, "", ""},
		"undetermined, called floating": {func(e *Entry) { e.Host, e.ModelID, e.Class, e.Source = "acme", "acme-large", Floating, "support chat" }, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := good
			tt.change(&e)
			err := e.Check(tt.was, "2026-11-22")
			f, _ := fault.As(err)
			if tt.field == "" && err != nil || tt.field != "" && (f == nil || len(f.Problems) != 1 || f.Problems[0].Field != tt.field) {
				t.Errorf("want a sentence at %q, got %v", tt.field, err)
			}
		})
	}
}
