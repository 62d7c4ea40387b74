package retirement

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
	"unicode/utf8"

	"sundial/models/day"
	"sundial/models/fault"
)

// AnswerLink is what a signed link lets somebody without an account answer: one consumer's part in one
// retirement, until the end of a day. What is kept of it opens nothing; the token that does is derived
// from it, under the instance's key, when the letter is sent.
type AnswerLink struct {
	Workflow int64   `json:"workflow"` // the retirement's id
	Consumer string  `json:"consumer"` // the consumer's key within it
	Nonce    string  `json:"nonce"`    // another one voids the links before
	Expires  day.Day `json:"expires"`  // it opens through this day, UTC
}

const (
	answerVersion = 1
	answerPurpose = "sundial answer link 1\x00" // a signature for anything else is none for this
	longestAnswer = 2000                        // characters of a token: nothing of ours is longer
)

// Sign is the link's token: what it says and an HMAC-SHA256 of that under the key, in the alphabet of URLs.
func (l AnswerLink) Sign(key []byte) string {
	said := l.bytes()
	return base64.RawURLEncoding.EncodeToString(append(said, answerMAC(key, said)...))
}

// bytes are version, retirement, day, nonce and consumer, each text after its length: no two links have
// the same ones.
func (l AnswerLink) bytes() []byte {
	b := binary.AppendUvarint([]byte{answerVersion}, uint64(l.Workflow))
	for _, text := range []string{string(l.Expires), l.Nonce, l.Consumer} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return b
}

func answerMAC(key, said []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(answerPurpose))
	m.Write(said)
	return m.Sum(nil)
}

// ReadAnswerLink reads a token that Sign made under the same key. One that was altered, cut short or made
// elsewhere is not found, as is any address that does not exist; one whose day is over is a conflict,
// with a sentence that says so. The link comes back with the latter too.
func ReadAnswerLink(key []byte, token string, now time.Time) (AnswerLink, error) {
	l, read := readAnswer(token)
	// The whole token is compared, in constant time: base64 has several spellings of the same bytes, and
	// one link has one address.
	if !read || len(key) == 0 || !hmac.Equal([]byte(l.Sign(key)), []byte(token)) {
		return AnswerLink{}, fault.New(fault.NotFound, "This link is not one of ours. Copy it whole from the letter.")
	}
	if day.Of(now).After(l.Expires) {
		return l, fault.Newf(fault.Conflict, "This link ended on %s. Ask for another at the address in the letter.", l.Expires.Human())
	}
	return l, nil
}

// readAnswer takes a token apart. Nothing that it returns is to be believed before it is compared.
func readAnswer(token string) (l AnswerLink, ok bool) {
	if len(token) > longestAnswer {
		return l, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < 1+sha256.Size || raw[0] != answerVersion {
		return l, false
	}
	raw = raw[1 : len(raw)-sha256.Size]
	workflow, n := binary.Uvarint(raw)
	if n <= 0 {
		return l, false
	}
	l.Workflow, raw = int64(workflow), raw[n:]
	var parts [3]string
	for i := range parts {
		size, n := binary.Uvarint(raw)
		if n <= 0 || size > uint64(len(raw)-n) {
			return l, false
		}
		parts[i], raw = string(raw[n:n+int(size)]), raw[n+int(size):]
		if !utf8.ValidString(parts[i]) {
			return l, false
		}
	}
	expires, err := day.Parse(parts[0])
	l.Expires, l.Nonce, l.Consumer = expires, parts[1], parts[2]
	return l, err == nil && expires.Known() && len(raw) == 0
}
