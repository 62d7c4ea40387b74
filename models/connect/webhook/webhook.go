// Package webhook sends one message to one receiver as the Standard Webhooks specification says: three
// headers, an HMAC over id, time and body, and two signatures while a secret is being replaced.
//
// It leaves to others: which messages there are (models/notice), when they are sent again and what is
// kept of the answers (models/work, models/store), and which addresses may be called
// (models/connect/outgoing).
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sundial/models/connect/outgoing"
	"sundial/models/notice"
)

const (
	prefix = "whsec_"

	// Timeout is the longest a receiver may take, from the connection to the last byte that is read.
	Timeout = 15 * time.Second

	longestExcerpt = 500     // characters kept of an answer
	mostRead       = 4 << 10 // bytes read of an answer
)

// Client sends messages.
type Client struct{ http *http.Client }

// New makes a client that calls what the policy allows.
func New(p outgoing.Policy) *Client { return &Client{p.Client(Timeout)} }

// Call is one attempt: the same ID and Body at every attempt, the time that of the attempt.
type Call struct {
	URL     string
	ID      string
	Body    string
	Secrets []string // the receiver may check against any of them
	At      time.Time
}

// Send makes one attempt. What went wrong is part of the answer; it never returns an error, because
// everything that can happen to a call is to be kept and shown.
func (c *Client) Send(ctx context.Context, call Call) notice.Answer {
	begun := time.Now()
	answer := notice.Answer{At: call.At}
	answer.Status, answer.Excerpt, answer.Error = c.send(ctx, call)
	answer.Took = time.Since(begun)
	return answer
}

func (c *Client) send(ctx context.Context, call Call) (status int, excerpt, sentence string) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, call.URL, strings.NewReader(call.Body))
	if err != nil {
		return 0, "", "The address cannot be called."
	}
	signatures, err := Sign(call.ID, call.At, call.Body, call.Secrets...)
	if err != nil {
		return 0, "", "The message could not be signed. Rotate the secret."
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Sundial-Webhooks/1")
	r.Header.Set("webhook-id", call.ID)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(call.At.Unix(), 10))
	r.Header.Set("webhook-signature", signatures)
	answer, err := c.http.Do(r)
	if err != nil {
		return 0, "", outgoing.Sentence(err)
	}
	defer answer.Body.Close()
	// A receiver may answer for ever; only so much is listened to, and the connection is closed then.
	read, _ := io.ReadAll(io.LimitReader(answer.Body, mostRead))
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		sentence = fmt.Sprintf("The receiver answered %d.", answer.StatusCode)
	}
	return answer.StatusCode, plain(string(read)), sentence
}

// plain is the beginning of an answer as text.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == ' ':
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > longestExcerpt {
		s = string(r[:longestExcerpt]) + "…"
	}
	return strings.TrimSpace(s)
}

// Sign writes the webhook-signature header: one "v1," and base64 for each secret, parted by blanks.
func Sign(id string, at time.Time, body string, secrets ...string) (string, error) {
	if len(secrets) == 0 {
		return "", errors.New("webhook: no secret to sign with")
	}
	var out []string
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, prefix))
		if err != nil || len(key) == 0 {
			return "", errors.New("webhook: a secret that is not whsec_ and base64")
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%d.%s", id, at.Unix(), body)
		out = append(out, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(out, " "), nil
}
