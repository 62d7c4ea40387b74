package work

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	drawn "sundial/components/mail"
	"sundial/models/connect/mail"
	"sundial/models/notice"
	"sundial/models/store"
)

const (
	lettersJob = "letters"
	digestJob  = "digest"
)

// post is what sends letters.
type post struct {
	client *mail.Client
	desk   notice.Desk
	domain string // of Message-IDs
}

// SendLetters lets this process hand letters to a mail server; desk says what links in them begin with.
// Without it letters are made all the same, and wait.
func (r *Runner) SendLetters(c *mail.Client, desk notice.Desk) {
	r.post = &post{client: c, desk: desk, domain: "sundial.invalid"}
	if u, err := url.Parse(desk.Portal); err == nil && u.Hostname() != "" {
		r.post.domain = u.Hostname()
	}
}

// letters turns events into letters and sends what is due. A letter is claimed by one statement before it
// is sent, so that of several replicas one sends it, also when the lease of this job was lost meanwhile.
// Whoever is killed between the server's answer and writing it down leaves a letter that is sent once
// more when the claim has run out, under the same Message-ID.
func (r *Runner) letters(ctx context.Context) (time.Duration, error) {
	for begun := time.Now(); ctx.Err() == nil && time.Since(begun) < longestPass; {
		moved, err := r.store.MoveMail(ctx, outboxStep)
		if err != nil {
			return 0, err
		}
		if moved < outboxStep {
			break
		}
	}
	if r.post == nil || ctx.Err() != nil {
		return time.Hour, nil // watch wakes it long before that
	}
	return time.Hour, r.sendDue(ctx)
}

// sendDue sends until nothing is due. A server that does not answer ends it: all wait, as they are.
func (r *Runner) sendDue(ctx context.Context) error {
	for begun := time.Now(); ctx.Err() == nil && time.Since(begun) < longestPass; {
		server, err := r.store.MailServer(ctx)
		if err != nil || server.NextAt.After(r.store.Now()) {
			return err
		}
		due, err := r.store.LettersWait(ctx, true)
		if err != nil || !due {
			return err
		}
		more, err := r.sendSome(ctx, server)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// sendSome sends over one connection; more is true when another one may go on.
func (r *Runner) sendSome(ctx context.Context, server store.MailServer) (more bool, err error) {
	s, err := r.post.client.Open(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return false, nil
		}
		return false, r.serverFailed(ctx, mail.Trouble(err).Sentence)
	}
	defer s.Close()
	for begun := time.Now(); ctx.Err() == nil && time.Since(begun) < longestPass; {
		l, claimed, err := r.store.ClaimLetter(ctx)
		if err != nil || !claimed {
			return false, err
		}
		a := r.send(ctx, s, l)
		after := context.WithoutCancel(ctx)
		if err := r.store.SettleLetter(after, l, a, rand.Float64()); err != nil {
			return false, err
		}
		switch {
		case a.Outcome == notice.Trouble:
			return false, r.serverFailed(after, a.Sentence)
		case a.Outcome != notice.Taken:
			r.log.InfoContext(ctx, "letter not taken", "letter", l.ID, "kind", l.Kind, "attempt", l.Attempts, "why", a.Sentence)
			return true, nil // over another connection: some servers count refusals
		case !server.FailingSince.IsZero() || server.LastOKAt.IsZero() || r.store.Now().Sub(server.LastOKAt) > time.Hour:
			if err := r.store.MailServerAnswered(after); err != nil {
				return false, err
			}
			server = store.MailServer{LastOKAt: r.store.Now()}
		}
	}
	return true, nil
}

func (r *Runner) serverFailed(ctx context.Context, sentence string) error {
	r.log.WarnContext(ctx, "mail server in trouble", "server", r.post.client.Settings().Server(), "why", sentence)
	return r.store.MailServerFailed(ctx, sentence)
}

// farewell is how long a letter that is on its way may take when the process is told to stop: cut off in
// the middle nobody knows whether it arrived.
const farewell = 5 * time.Second

func (r *Runner) send(ctx context.Context, s *mail.Session, l store.ClaimedLetter) notice.MailAnswer {
	ready, err := r.post.draw(ctx, l.Letter)
	if err != nil {
		r.log.ErrorContext(ctx, "letter not written", "letter", l.ID, "error", err)
		return notice.MailAnswer{Outcome: notice.Refused, Sentence: "It could not be written. The log says why."}
	}
	slow, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(farewell, cancel) })()
	return s.Send(slow, ready)
}

// draw words a letter and draws it both ways.
func (p *post) draw(ctx context.Context, l store.Letter) (mail.Letter, error) {
	m, err := notice.Compose(l.Kind, l.Payload, p.desk)
	if err != nil {
		return mail.Letter{}, err
	}
	var html bytes.Buffer
	if err := drawn.HTML(m).Render(ctx, &html); err != nil {
		return mail.Letter{}, fmt.Errorf("draw letter: %w", err)
	}
	return mail.Letter{ID: messageID(l.Key, p.domain), To: l.Address, Subject: m.Subject, Text: m.Text(), HTML: html.String(), Date: l.CreatedAt, Choose: m.Choose}, nil
}

// messageID is made of the letter's key, so that it is the same at every attempt.
func messageID(key, domain string) string {
	sum := sha256.Sum256([]byte("sundial letter\x00" + domain + "\x00" + key))
	return hex.EncodeToString(sum[:16]) + "@" + domain
}

// digest makes the letters of the day at 07:00 UTC of what people want to hear of once a day.
func (r *Runner) digest(ctx context.Context) (time.Duration, error) {
	next, last := notice.UntilDigest(r.store.Now())
	n, err := r.store.PostDigests(ctx, last)
	if n > 0 {
		r.log.InfoContext(ctx, "digests posted", "people", n)
	}
	return next, err
}
