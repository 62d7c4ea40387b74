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
