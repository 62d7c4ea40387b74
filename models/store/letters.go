package store

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"sundial/models/notice"
)

// LetterState is where a letter stands.
type LetterState string

// The states. Failed: the mail server refused it for good, or it waited too long; somebody may send it
// again. Skipped: there is no address to send it to.
const (
	LetterWaiting LetterState = "pending"
	LetterSent    LetterState = "sent"
	LetterFailed  LetterState = "failed"
	LetterSkipped LetterState = "skipped"
)

// LetterStates lists the states in the order of pages.
var LetterStates = []LetterState{LetterWaiting, LetterSent, LetterFailed, LetterSkipped}

// Letter is one mail to one recipient, and what became of it.
type Letter struct {
	ID        int64
	Key       string
	Kind      notice.LetterKind
	Person    int64
	Name      string // the person's, "" for a consumer
	Address   string // as it was typed when there is no e-mail address in it
	Model     int64
	ModelSlug string
	Event     int64
	Payload   string
	State     LetterState
	Attempts  int // ever
	Failures  int // since it was last put in the queue
	NextAt    time.Time
	LastAt    time.Time
	LastError string // a sentence, "" when all went well
	SentAt    time.Time
	CreatedAt time.Time
}

type letterRow struct {
	ID           int64
	Key          string
	Kind         string
	PersonID     *int64
	Address      string
	ModelID      *int64
	EventSeq     int64
	Payload      string
	State        string
	Attempts     int64
	Failures     int64
	NextAt       int64
	Claim        string
	ClaimedUntil int64
	LastAt       int64
	LastError    string
	SentAt       int64
	CreatedAt    int64 `gorm:"autoCreateTime:false"`
}

func (letterRow) TableName() string { return "letters" }

// postLetter puts a letter in the queue, in the transaction that gives the reason for it: committed means
// it goes out, rolled back means never. A second letter under the same key is none.
func (tx *txn) postLetter(l notice.Letter) error { return tx.postLetters([]notice.Letter{l}) }

func (tx *txn) postLetters(letters []notice.Letter) error {
	rows := make([]letterRow, 0, len(letters))
	for _, l := range letters {
		row, err := tx.letterRow(l)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.Clauses(onConflictNothing).CreateInBatches(rows, 200).Error; err != nil {
		return fmt.Errorf("post letters: %w", err)
	}
	return nil
}

func (tx *txn) letterRow(l notice.Letter) (letterRow, error) {
	if l.Key == "" || l.Kind == "" {
		return letterRow{}, errors.New("store: a letter without key or kind")
	}
	payload, err := l.Encode()
	if err != nil {
		return letterRow{}, err
	}
	now := ms(tx.s.Now())
	row := letterRow{Key: l.Key, Kind: string(l.Kind), PersonID: ref(l.Person), Address: l.To, ModelID: ref(l.Model), EventSeq: l.Event,
		Payload: payload, State: string(LetterWaiting), NextAt: now, CreatedAt: now}
	if bare, ok := notice.Address(l.To); ok {
		row.Address = bare
	} else {
		row.State, row.LastError = string(LetterSkipped), "There is no e-mail address to send this to."
	}
	return row, nil
}

// LinkKey is the key that signs consumers' links, derived from the instance's own for this alone. It
// is an error for a store that was given none.
func (s *Store) LinkKey() ([]byte, error) {
	if len(s.sealKey) == 0 {
		return nil, errors.New("store: no key to sign links with")
	}
	key, err := hkdf.Key(sha256.New, s.sealKey, nil, "sundial answer link", 32)
	if err != nil {
		return nil, fmt.Errorf("derive key of links: %w", err)
	}
	return key, nil
}

func (r letterRow) letter() Letter {
	return Letter{ID: r.ID, Key: r.Key, Kind: notice.LetterKind(r.Kind), Person: deref(r.PersonID), Address: r.Address, Model: deref(r.ModelID), Event: r.EventSeq,
		Payload: r.Payload, State: LetterState(r.State), Attempts: int(r.Attempts), Failures: int(r.Failures), NextAt: at(r.NextAt), LastAt: at(r.LastAt),
		LastError: r.LastError, SentAt: at(r.SentAt), CreatedAt: at(r.CreatedAt)}
}
