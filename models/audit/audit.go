// Package audit knows what an event is, how it is written down so that two machines agree on every
// byte (canonical JSON), and how events chain. Keeping them, and refusing to change them, is store's work.
package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Subject is what an event is about. Model is set for everything that belongs to a model,
// so that a model's page can show the history of all its parts.
type Subject struct {
	Kind  string `json:"kind"` // model, version, request, plan, evidence, person, import, session, ...
	ID    int64  `json:"id"`
	Label string `json:"label"`
	Model int64  `json:"model,omitempty"`
}

// Event is one line of the audit trail. Seq starts at 1 and has no gaps.
type Event struct {
	Seq       int64           `json:"seq"`
	At        time.Time       `json:"at"`
	ActorID   int64           `json:"actor_id"`
	Actor     string          `json:"actor"`
	Via       string          `json:"via"`
	Verb      string          `json:"verb"`
	Subject   Subject         `json:"subject"`
	Before    json.RawMessage `json:"before,omitempty"`
	After     json.RawMessage `json:"after,omitempty"`
	RequestID string          `json:"request_id"`
	From      string          `json:"from"`
	PrevHash  string          `json:"prev_hash"`
	Hash      string          `json:"hash"`
}

// Note is what a record says about its own change; who, when and from where come from the request.
type Note struct {
	Verb    string
	Subject Subject
	Before  any
	After   any
}

// Trail collects the notes of one change. A change with an empty trail is refused by the store:
// no state changes without its audit event.
type Trail struct{ notes []Note }

// Note adds an event to the trail. Before and after are small, plain values without secrets.
func (t *Trail) Note(verb string, subject Subject, before, after any) {
	t.notes = append(t.notes, Note{verb, subject, before, after})
}

// Notes returns what was noted, in order.
func (t *Trail) Notes() []Note { return t.notes }

// Seal gives the event its place in the chain: the predecessor's hash and its own, which is the
// SHA-256 of the canonical JSON of everything else, the predecessor's hash included.
func (e *Event) Seal(prev string) error {
	e.PrevHash, e.Hash = prev, ""
	e.At = e.At.UTC().Truncate(time.Millisecond)
	digest, err := e.digest()
	if err != nil {
		return err
	}
	e.Hash = digest
	return nil
}

// Intact reports whether the event's hash is that of its content.
func (e Event) Intact() bool {
	digest, err := e.digest()
	return err == nil && digest == e.Hash
}

func (e Event) digest() (string, error) {
	e.Hash = ""
	e.At = e.At.UTC().Truncate(time.Millisecond)
	return Digest(e)
}

// Digest is the SHA-256, in hex, of a value's canonical JSON.
func Digest(v any) (string, error) {
	b, err := Canonical(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Fill gives the notes about a record that had no id yet the one it was saved under.
func (t *Trail) Fill(kind string, id int64) {
	for i := range t.notes {
		if s := &t.notes[i].Subject; s.Kind == kind && s.ID == 0 {
			s.ID = id
		}
	}
}

// FillModel gives the notes of a model that had no id yet the one it was saved under.
func (t *Trail) FillModel(id int64) {
	for i := range t.notes {
		if s := &t.notes[i].Subject; s.Model == 0 {
			s.Model = id
		}
	}
}
