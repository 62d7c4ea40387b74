package notice

import (
	"time"
)

// waits are the times between attempts that the Standard Webhooks specification suggests: at once,
// then after each of these.
var waits = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour}

const (
	// MostAttempts is how often a message is tried by itself.
	MostAttempts = 8
	// GiveUpAfter is how long an endpoint may fail before it is switched off.
	GiveUpAfter = 5 * 24 * time.Hour
	// OldSecret is how long the secret before a rotation signs too.
	OldSecret = 24 * time.Hour
	// KeepLog is how long deliveries are kept.
	KeepLog = 30 * 24 * time.Hour
)

// Wait is the time until the next attempt after so many have failed; false when there is none.
func Wait(failed int) (time.Duration, bool) {
	if failed < 1 || failed > len(waits) {
		return 0, false
	}
	return waits[failed-1], true
}

// Answer is what became of one attempt. Status is 0 when nobody answered.
type Answer struct {
	At      time.Time
	Status  int
	Took    time.Duration
	Error   string // a sentence, "" when it arrived
	Excerpt string // the beginning of what the receiver answered
}

// Arrived reports whether the receiver took the message: any 2xx.
func (a Answer) Arrived() bool { return a.Error == "" && a.Status >= 200 && a.Status < 300 }

// Gone reports whether the receiver asked never to be called again.
func (a Answer) Gone() bool { return a.Status == 410 }

// mailWaits are the times between attempts to send one letter that the mail server puts off, and between
// looks at a server that does not answer. The last one repeats.
var mailWaits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

const (
	// MostLetterTries is how often a letter is tried that the mail server puts off again and again: for
	// five days. A server that is down is no try.
	MostLetterTries = 123
	// LongestServerWait is how long after it came back a mail server is used again, at most.
	LongestServerWait = 5 * time.Minute
	// NewsFor is how long a letter to people of the portal waits for a mail server: then it is no news.
	NewsFor = 30 * 24 * time.Hour
	// KeepLetters is how long letters are kept that are done with.
	KeepLetters = 90 * 24 * time.Hour
)

// LetterWait is the time until a letter is tried again after so many failures, 1 or more.
func LetterWait(failed int) time.Duration { return mailWaits[max(min(failed, len(mailWaits)), 1)-1] }

// ServerWait is the time until a mail server that failed so often in a row is asked again.
func ServerWait(failed int) time.Duration { return min(LetterWait(failed), LongestServerWait) }

// MailOutcome is what became of one attempt to send a letter.
type MailOutcome int

// The outcomes.
const (
	Taken   MailOutcome = iota // the server answers for it now
	PutOff                     // the server said: later
	Refused                    // the server said: never
	Trouble                    // the server itself does not answer, or not to us: no letter's fault
)

// MailAnswer is an outcome with the sentence for it, "" for Taken.
type MailAnswer struct {
	Outcome  MailOutcome
	Sentence string
}

// UntilDigest is the time until the daily digest is due, and since when the last one was: 07:00 UTC.
func UntilDigest(now time.Time) (next time.Duration, last time.Time) {
	now = now.UTC()
	last = time.Date(now.Year(), now.Month(), now.Day(), digestHour, 0, 0, 0, time.UTC)
	if last.After(now) {
		last = last.AddDate(0, 0, -1)
	}
	return last.AddDate(0, 0, 1).Sub(now), last
}

const digestHour = 7
