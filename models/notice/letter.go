package notice

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"sundial/models/day"
	"sundial/models/retirement"
)

// LetterKind says what a letter is, and with that how its payload is read and worded.
type LetterKind string

// The kinds of letters. The first three go to people of the portal, the others to consumers outside it.
const (
	EventLetter          LetterKind = "event"  // something happened; payload Item
	DigestLetter         LetterKind = "digest" // what happened since the last one; payload Digest
	TestLetter           LetterKind = "test"   // somebody tries whether mail arrives; no payload
	ConsumerAnnouncement LetterKind = "consumer_announcement"
	ConsumerReminder     LetterKind = "consumer_reminder"
	ConsumerEscalation   LetterKind = "consumer_escalation" // payload of all three: ConsumerLetter
)

// LetterKinds lists the kinds in the order of pages.
var LetterKinds = []LetterKind{EventLetter, DigestLetter, TestLetter, ConsumerAnnouncement, ConsumerReminder, ConsumerEscalation}

// Title is the kind as people read it.
func (k LetterKind) Title() string {
	switch k {
	case EventLetter:
		return "Notice"
	case DigestLetter:
		return "Daily digest"
	case TestLetter:
		return "Test"
	case ConsumerAnnouncement:
		return "Announcement"
	case ConsumerReminder:
		return "Reminder"
	case ConsumerEscalation:
		return "Escalation"
	}
	return "Letter"
}

// ToConsumer reports whether the letter leaves the portal's own people.
func (k LetterKind) ToConsumer() bool {
	return k == ConsumerAnnouncement || k == ConsumerReminder || k == ConsumerEscalation
}

// Letter is one mail to one recipient as it is put in the queue. Key names it for ever: a second letter
// under the same key is none, so whoever posts it twice posts it once.
type Letter struct {
	Key     string // "retirement:7:announcement:checkout:1"
	Kind    LetterKind
	Person  int64  // of the portal, 0 for a consumer
	To      string // an e-mail address, bare or as "Name <address>"; anything else is kept and not sent
	Model   int64  // what it is about, 0 for nothing in particular
	Event   int64  // the event of the trail behind it, 0 for none
	Payload any    // of the kind's type; without secrets, for it is kept as it is
}

// ConsumerLetter is what a consumer outside the portal is told: no more than they need.
type ConsumerLetter struct {
	Consumer    string                `json:"consumer"`              // their name in the plan
	Model       string                `json:"model"`                 // its name, not its address
	Team        string                `json:"team,omitempty"`        // who asks
	EndsOn      day.Day               `json:"ends_on,omitempty"`     // when it stops answering
	AnswerBy    day.Day               `json:"answer_by,omitempty"`   // when an answer is expected
	Why         string                `json:"why,omitempty"`         // one sentence
	Replacement string                `json:"replacement,omitempty"` // what takes over, or where the decision goes
	Contact     string                `json:"contact,omitempty"`     // whom to ask
	Silence     bool                  `json:"silence,omitempty"`     // no answer counts as yes after AnswerBy
	Reminder    int                   `json:"reminder,omitempty"`    // 1 for the first one
	Link        retirement.AnswerLink `json:"link"`                  // the sender makes the address of it
}

// Encode is the payload as it is kept.
func (l Letter) Encode() (string, error) {
	if l.Payload == nil {
		return "{}", nil
	}
	b, err := json.Marshal(l.Payload)
	if err != nil {
		return "", fmt.Errorf("write letter: %w", err)
	}
	return string(b), nil
}

// longestAddress is what SMTP carries (RFC 5321, 4.5.3.1.3).
const longestAddress = 254

// Address is the bare e-mail address in what somebody typed as a contact; false when there is none to
// send to: a chat channel, a phone number, several addresses.
func Address(contact string) (string, bool) {
	contact = strings.TrimSpace(contact)
	if strings.ContainsFunc(contact, unicode.IsControl) {
		return "", false
	}
	a, err := mail.ParseAddress(strings.TrimPrefix(contact, "mailto:"))
	if err != nil || len(a.Address) > longestAddress {
		return "", false
	}
	local, domain, _ := strings.Cut(a.Address, "@")
	if local == "" || strings.Contains(domain, "@") || !strings.Contains(strings.Trim(domain, "."), ".") && domain != "localhost" {
		return "", false
	}
	return a.Address, true
}
