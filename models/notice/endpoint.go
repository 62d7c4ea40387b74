package notice

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sundial/models/fault"
)

const (
	longestURL         = 1000
	longestDescription = 200

	// MostEndpoints bounds how many there can be: every event is looked at for each.
	MostEndpoints = 50
)

// Endpoint is an address that asked to be told. Its secret is with the store, sealed.
type Endpoint struct {
	ID            int64
	URL           string
	Description   string
	Types         []Type // empty: everything in the catalogue
	Enabled       bool
	Why           string // why it is off, when Sundial itself switched it off
	FailingSince  time.Time
	PreviousUntil time.Time // so long the secret before the last rotation signs too
	CreatedBy     int64
	Creator       string
	CreatedAt     time.Time
	Revision      int64
}

// Wants reports whether the endpoint asked for messages of this type.
func (e Endpoint) Wants(t Type) bool { return len(e.Types) == 0 || slices.Contains(e.Types, t) }

// Health is how an endpoint does, in a word.
type Health string

// The healths. Disabled: Sundial switched it off.
const (
	Healthy  Health = "ok"
	Failing  Health = "failing"
	Paused   Health = "paused"
	Disabled Health = "disabled"
)

// Health looks at the endpoint's own record.
func (e Endpoint) Health() Health {
	switch {
	case !e.Enabled && e.Why != "":
		return Disabled
	case !e.Enabled:
		return Paused
	case !e.FailingSince.IsZero():
		return Failing
	}
	return Healthy
}

// Check says what is wrong with what somebody asked for, at the fields url, description and types.
// Whether the address may be called is for the network's policy to say.
func (e Endpoint) Check() error {
	var p fault.Problems
	switch {
	case e.URL == "":
		p.Add("url", "Enter the address that is to be called, as https://hooks.example.org/sundial.")
	case utf8.RuneCountInString(e.URL) > longestURL:
		p.Addf("url", "Use at most %d characters.", longestURL)
	case strings.ContainsFunc(e.URL, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }):
		p.Add("url", "An address has no blanks.")
	}
	if n := utf8.RuneCountInString(e.Description); n > longestDescription {
		p.Addf("description", "Use at most %d characters; this has %d.", longestDescription, n)
	}
	if strings.ContainsFunc(e.Description, unicode.IsControl) {
		p.Add("description", "A description is one line of text.")
	}
	for _, t := range e.Types {
		if !Known(t) {
			p.Add("types", "There is no such event. Choose from the list.")
			break
		}
	}
	return p.Err()
}
