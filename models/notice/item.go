package notice

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sundial/models/audit"
)

// Item is one piece of news as it is kept in a letter or for the next digest.
type Item struct {
	Matter string    `json:"matter"`
	Event  int64     `json:"event"`
	At     time.Time `json:"at"`
	Said   string    `json:"said"`            // one sentence: who did what to what
	Note   string    `json:"note,omitempty"`  // the reason that was given
	Todo   string    `json:"todo,omitempty"`  // what to do now
	Model  string    `json:"model,omitempty"` // its name
	Path   string    `json:"path"`            // the page that shows it
}

// Digest is the news of somebody's day, the oldest first.
type Digest struct {
	Items []Item `json:"items"`
	More  int    `json:"more,omitempty"` // how many there are besides
}

// MostDigested is how many pieces of news a digest lists.
const MostDigested = 100

// Tell words an event for somebody who is to do what todo says.
func Tell(e audit.Event, f Facts, name, todo string) Item {
	t := tellings[e.Verb]
	actor := e.Actor
	if actor == "" {
		actor = "Sundial"
	}
	return Item{Matter: t.Matter, Event: e.Seq, At: e.At.UTC(), Said: clip(actor+" "+e.Sentence(), longestSaid), Note: noteOf(e), Todo: todo,
		Model: name, Path: address(e, f)}
}

// Waiting is what is to do of so many entries that wait for one person's word: "3 entries wait for you. ..."
func Waiting(n int, todo string) string {
	return count(n, "entry waits", "entries wait") + " for you. " + todo
}

const (
	longestSaid = 300
	longestNote = 1000
)

// noteOf is the reason that somebody gave, or where the version stands now, where the event keeps that.
func noteOf(e audit.Event) string {
	var after map[string]any
	if json.Unmarshal(e.After, &after) != nil {
		return ""
	}
	for _, key := range []string{"reason", "comment", "note", "cause", "finding", "statement", "standing", "why"} {
		if s, ok := after[key].(string); ok && strings.TrimSpace(s) != "" {
			return clip(s, longestNote)
		}
	}
	if stage, ok := after["stage"].(string); ok && e.Subject.Kind == "version" && stage != "" {
		return "Its stage is " + stage + " now."
	}
	return ""
}

// clip is a text as one line of at most so many characters: a subject must not gain a header on its way.
func clip(s string, most int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	runes := []rune(s)
	return strings.TrimRight(string(runes[:most-1]), " ") + "…"
}
