package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"sundial/models/notice"
)

// LetterHold is how long a letter is one sender's: longer than sending it may take, so that nobody else
// sends it meanwhile. Whoever was killed between the mail server's answer and writing it down leaves it
// to the next one after that, who sends it again under the same Message-ID.
const LetterHold = 5 * time.Minute

// MailServer is how the mail server does.
type MailServer struct {
	FailingSince time.Time // zero while it answers
	Failures     int       // in a row
	NextAt       time.Time // before that nobody asks it
	LastOKAt     time.Time
	LastError    string
}

type mailServerRow struct {
	ID           int64
	FailingSince int64
	Failures     int64
	NextAt       int64
	LastOKAt     int64 `gorm:"column:last_ok_at"`
	LastError    string
}

func (mailServerRow) TableName() string { return "mail_server" }

// MailServer reads how the mail server does.
func (s *Store) MailServer(ctx context.Context) (MailServer, error) {
	var r mailServerRow
	if err := s.read.WithContext(ctx).Where("id = 1").Take(&r).Error; err != nil {
		return MailServer{}, fmt.Errorf("mail server: %w", err)
	}
	return MailServer{FailingSince: at(r.FailingSince), Failures: int(r.Failures), NextAt: at(r.NextAt), LastOKAt: at(r.LastOKAt), LastError: r.LastError}, nil
}

// MailServerAnswered keeps that the server takes mail.
func (s *Store) MailServerAnswered(ctx context.Context) error {
	return s.mailServer(ctx, map[string]any{"failing_since": 0, "failures": 0, "next_at": 0, "last_ok_at": ms(s.Now()), "last_error": ""})
}

// MailServerFailed keeps that it does not, and when it is asked again. Letters wait meanwhile as they are.
func (s *Store) MailServerFailed(ctx context.Context, sentence string) error {
	was, err := s.MailServer(ctx)
	if err != nil {
		return err
	}
	now := s.Now()
	if was.FailingSince.IsZero() {
		was.FailingSince = now
	}
	return s.mailServer(ctx, map[string]any{"failing_since": ms(was.FailingSince), "failures": was.Failures + 1,
		"next_at": ms(now.Add(notice.ServerWait(was.Failures + 1))), "last_error": sentence})
}

func (s *Store) mailServer(ctx context.Context, values map[string]any) error {
	if err := s.write.WithContext(ctx).Table("mail_server").Where("id = 1").Updates(values).Error; err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	return nil
}

// ClaimedLetter is a letter that is this sender's for LetterHold.
type ClaimedLetter struct {
	Letter
	claim string
}

// ready are letters whose time has come and that nobody is sending.
func (s *Store) ready() string {
	return "state = 'pending' AND next_at <= ? AND claimed_until <= " + s.nowSQL()
}

// ClaimLetter takes the letter that has waited longest; false when none is due. The claim is one
// statement: of several senders one has it.
func (s *Store) ClaimLetter(ctx context.Context) (ClaimedLetter, bool, error) {
	claim, skip := rand.Text(), ""
	if s.dialect == postgresDialect {
		skip = " FOR UPDATE SKIP LOCKED"
	}
	var row letterRow
	res := s.write.WithContext(ctx).Raw("UPDATE letters SET claim = ?, claimed_until = "+s.nowSQL()+" + ?, attempts = attempts + 1 WHERE id = (SELECT id FROM letters WHERE "+
		s.ready()+" ORDER BY next_at, id LIMIT 1"+skip+") RETURNING *", claim, LetterHold.Milliseconds(), ms(s.Now())).Scan(&row)
	if res.Error != nil {
		return ClaimedLetter{}, false, fmt.Errorf("claim letter: %w", res.Error)
	}
	return ClaimedLetter{row.letter(), claim}, row.ID != 0, nil
}

// SettleLetter keeps what became of a claimed letter, and says when it is tried again: up to a tenth later
// than it need be, by late from 0 to 1. Whoever lost the claim settles nothing.
//
// Attempts are no decisions of anybody and leave no event; a letter that an administrator sends again does.
func (s *Store) SettleLetter(ctx context.Context, l ClaimedLetter, a notice.MailAnswer, late float64) error {
	now := s.Now()
	values := map[string]any{"claim": "", "claimed_until": 0, "last_at": ms(now), "last_error": a.Sentence, "failures": l.Failures + 1}
	switch {
	case a.Outcome == notice.Taken:
		values["state"], values["sent_at"], values["failures"] = string(LetterSent), ms(now), l.Failures
	case a.Outcome == notice.Refused, l.Failures+1 >= notice.MostLetterTries:
		values["state"] = string(LetterFailed)
	default:
		wait := notice.LetterWait(l.Failures + 1)
		values["next_at"] = ms(now.Add(wait + time.Duration(late*float64(wait)/10)))
	}
	if err := s.write.WithContext(ctx).Table("letters").Where("id = ? AND claim = ? AND state = 'pending'", l.ID, l.claim).Updates(values).Error; err != nil {
		return fmt.Errorf("settle letter: %w", err)
	}
	return nil
}

// LettersWait reports whether there is something to do: events after the cursor or, where this process
// can send, letters that are due. Looking costs one read.
func (s *Store) LettersWait(ctx context.Context, canSend bool) (bool, error) {
	sql, args := "SELECT 1 FROM outbox_cursors c JOIN audit_head h ON h.id = 1 WHERE c.channel = ? AND c.seq < h.seq", []any{mailChannel}
	if canSend {
		sql += " UNION ALL SELECT 1 FROM mail_server m WHERE m.id = 1 AND m.next_at <= ? AND EXISTS (SELECT 1 FROM letters WHERE " + s.ready() + ")"
		args = append(args, ms(s.Now()), ms(s.Now()))
	}
	var n int
	if err := s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT * FROM ("+sql+") AS found LIMIT 1) AS one", args...).Scan(&n).Error; err != nil {
		return false, fmt.Errorf("look for letters: %w", err)
	}
	return n > 0, nil
}

// SweepLetters forgets letters that were done with before a moment, and gives up news that waited too
// long for a mail server; letters to consumers wait on. It returns how many it touched.
func (s *Store) SweepLetters(ctx context.Context) (int64, error) {
	now := s.Now()
	stale := s.write.WithContext(ctx).Exec("UPDATE letters SET state = 'failed', last_at = ?, last_error = ? WHERE state = 'pending' AND person_id IS NOT NULL AND created_at < ?",
		ms(now), "It waited for a month and was no news any more.", ms(now.Add(-notice.NewsFor)))
	if stale.Error != nil {
		return 0, fmt.Errorf("sweep letters: %w", stale.Error)
	}
	touched := stale.RowsAffected
	for {
		res := s.write.WithContext(ctx).Exec("DELETE FROM letters WHERE id IN (SELECT id FROM letters WHERE created_at < ? AND state <> 'pending' ORDER BY created_at LIMIT 500)",
			ms(now.Add(-notice.KeepLetters)))
		if res.Error != nil {
			return touched, fmt.Errorf("sweep letters: %w", res.Error)
		}
		if touched += res.RowsAffected; res.RowsAffected < 500 {
			return touched, nil
		}
	}
}
