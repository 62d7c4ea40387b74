// Package fault names the ways a request can fail that the person can do something about:
// a kind, a sentence to act on and, where it helps, the fields to mend.
// Everything else is an ordinary error, and a stranger only learns its request id.
package fault

import (
	"errors"
	"fmt"
)

// Kind says which way a request failed; web maps it to a status, the API to a problem type.
type Kind int

const (
	// Invalid input: 422, with the fields to mend.
	Invalid Kind = iota + 1
	// NotFound also covers what the person may not see.
	NotFound
	// Forbidden: the person is known and may not do this; the sentence says why.
	Forbidden
	// Conflict with the present state: already decided, already open, illegal transition.
	Conflict
	// Stale: what was read has changed since; nothing was saved.
	Stale
	// TooLarge: more bytes or rows than are taken.
	TooLarge
	// TooMany requests in too short a time.
	TooMany
	// Unavailable: a peer (database, identity provider) does not answer right now.
	Unavailable
	// Malformed: the request itself cannot be read (bad cursor, bad number, bad encoding).
	Malformed
)

// Problem is one sentence at one field. Field is the form's name of the input, "" for the whole form.
type Problem struct {
	Field    string `json:"field,omitempty"`
	Sentence string `json:"message"`
}

// Fault is an error with a sentence for the person who caused it.
type Fault struct {
	Kind     Kind
	Sentence string
	Problems []Problem
}

func (f *Fault) Error() string {
	if len(f.Problems) == 0 {
		return f.Sentence
	}
	s := f.Sentence
	for _, p := range f.Problems {
		s += "; " + p.Field + ": " + p.Sentence
	}
	return s
}

// New makes a fault of a kind with a sentence to act on.
func New(kind Kind, sentence string) *Fault { return &Fault{Kind: kind, Sentence: sentence} }

// Newf is New with formatting.
func Newf(kind Kind, format string, args ...any) *Fault {
	return New(kind, fmt.Sprintf(format, args...))
}

// At is an Invalid fault at one field.
func At(field, sentence string) *Fault {
	return &Fault{Kind: Invalid, Sentence: "Some fields need your attention.", Problems: []Problem{{field, sentence}}}
}

// As returns the fault inside err, if there is one.
func As(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// Is reports whether err holds a fault of this kind.
func Is(err error, kind Kind) bool {
	f, ok := As(err)
	return ok && f.Kind == kind
}

// Problems collects what is wrong with a form, so that a person hears everything at once.
type Problems struct{ list []Problem }

// Add notes a sentence at a field.
func (p *Problems) Add(field, sentence string) { p.list = append(p.list, Problem{field, sentence}) }

// Addf is Add with formatting.
func (p *Problems) Addf(field, format string, args ...any) {
	p.Add(field, fmt.Sprintf(format, args...))
}

// Merge takes over the problems of a fault, with a prefix before each field.
func (p *Problems) Merge(prefix string, err error) {
	if f, ok := As(err); ok {
		for _, x := range f.Problems {
			p.Add(prefix+x.Field, x.Sentence)
		}
	}
}

// Any reports whether a problem was noted.
func (p *Problems) Any() bool { return len(p.list) > 0 }

// List is what was noted, in order.
func (p *Problems) List() []Problem { return p.list }

// Err is nil without problems, else an Invalid fault that holds them all.
func (p *Problems) Err() error {
	if len(p.list) == 0 {
		return nil
	}
	return &Fault{Kind: Invalid, Sentence: "Some fields need your attention.", Problems: p.list}
}
