package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"sundial/models/fault"
	"sundial/models/telemetry"
)

// StampCall is what one caller sends at once.
type StampCall struct {
	Key   string // Idempotency-Key, "" without one
	Body  []byte // as it was sent, to know the same call again under its key
	Lines []telemetry.Line
}

// StampAnswer is what became of a call.
type StampAnswer struct {
	Accepted int      // lines
	Unknown  []string // stamps that name no model, version or prompt of ours, at most 100
	Zombies  []string // stamps of retired versions, at most 100
}

var errStampsStopped = fault.New(fault.Unavailable, "Sundial is stopping. Send the counts again in a moment, under the same Idempotency-Key.")

const (
	mostNamed   = 100
	mostPending = 50_000 // keys that wait to be written; beyond it callers are told to come back
	flushTime   = 10 * time.Second
)

// stampWriter is the one goroutine of a process that writes counts. Requests decode and resolve side by
// side; their counts are collected while the previous transaction runs and written together, so that
// writers of decisions wait for one short transaction and never for a crowd.
type stampWriter struct {
	start   sync.Once
	queue   chan *stampPart
	stop    chan struct{}
	stopped chan struct{}
	pending atomic.Int64
}

// TakeStamps counts what was sent and answers after it is kept. Under a key the same call counts once,
// also when it is sent again after a crash. fault.TooMany when more waits than can be written soon: then
// nothing of the call was counted.
func (s *Store) TakeStamps(ctx context.Context, call StampCall) (StampAnswer, error) {
	src, ok := SourceOf(ctx)
	if !ok {
		return StampAnswer{}, errors.New("store: counts without a source")
	}
	rows, err := s.resolveStamps(ctx, telemetry.Aggregate(call.Lines))
	if err != nil {
		return StampAnswer{}, err
	}
	answer := stampAnswerOf(rows)
	answer.Accepted = len(call.Lines)
	if n := s.stamps.pending.Add(int64(len(rows))); n > mostPending {
		s.stamps.pending.Add(-int64(len(rows)))
		return StampAnswer{}, fault.New(fault.TooMany, "More counts are waiting than can be written at once. Nothing of this call was counted; send it again in a few seconds.")
	}
	return answer, s.submit(ctx, partsOf(src, call, rows))
}

// submit gives parts to the writer and waits for all of them.
func (s *Store) submit(ctx context.Context, parts []*stampPart) error {
	w := &s.stamps
	w.start.Do(func() {
		w.queue, w.stop, w.stopped = make(chan *stampPart), make(chan struct{}), make(chan struct{})
		go s.writeInTurn()
	})
	left := 0
	for _, p := range parts {
		left += len(p.rows)
	}
	defer func() { w.pending.Add(-int64(left)) }()
	sent := 0
	for _, p := range parts {
		select {
		case w.queue <- p:
			sent++
			left -= len(p.rows) // the writer counts them down from here
			continue
		case <-ctx.Done():
		case <-w.stop:
		}
		break
	}
	var failed error
	for _, p := range parts[:sent] {
		if err := <-p.result; err != nil && failed == nil { // who was taken is always answered
			failed = err
		}
	}
	switch {
	case failed != nil:
		return failed
	case sent < len(parts) && ctx.Err() != nil:
		return ctx.Err()
	case sent < len(parts):
		return errStampsStopped
	}
	return nil
}

// writeInTurn is the writer's life.
func (s *Store) writeInTurn() {
	w := &s.stamps
	defer close(w.stopped)
	var carry *stampPart
	for {
		batch, keys := []*stampPart(nil), 0
		if carry == nil {
			select {
			case carry = <-w.queue:
			case <-w.stop:
				return
			}
		}
		for full := false; !full; {
			batch, keys, carry = append(batch, carry), keys+len(carry.rows), nil
			select {
			case carry = <-w.queue:
				full = keys+len(carry.rows) > stampKeys
			default:
				full = true
			}
		}
		s.flush(batch)
		w.pending.Add(-int64(keys))
	}
}

func (s *Store) flush(batch []*stampPart) {
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	each, err := s.writeStamps(ctx, batch)
	for i, p := range batch {
		if err != nil {
			p.result <- fmt.Errorf("write stamps: %w", err)
		} else {
			p.result <- each[i]
		}
	}
}

// stopStamps lets the writer finish what it has begun.
func (s *Store) stopStamps() {
	w := &s.stamps
	w.start.Do(func() { // never used: nothing to stop, and nothing will start
		w.stop, w.stopped = make(chan struct{}), make(chan struct{})
		close(w.stopped)
	})
	select {
	case <-w.stop:
	default:
		close(w.stop)
	}
	<-w.stopped
}

// partsOf cuts a call into transactions. The rows of a call come sorted by what was sent, so that the
// same call is cut in the same places whenever it comes.
func partsOf(src Source, call StampCall, rows []stampRow) []*stampPart {
	key, body := "", ""
	if call.Key != "" {
		key = hashed(strconv.FormatInt(src.Actor.ID, 10), call.Key)
		body = hashed(string(call.Body))
	}
	var parts []*stampPart
	for chunk := range slices.Chunk(rows, stampKeys) {
		parts = append(parts, &stampPart{src: src, key: key, body: body, nth: len(parts), rows: chunk, result: make(chan error, 1)})
	}
	return parts
}

func hashed(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func stampAnswerOf(rows []stampRow) StampAnswer {
	var a StampAnswer
	seen := map[string]bool{}
	for _, r := range rows {
		switch {
		case r.stamp != "" && !seen[r.stamp] && len(a.Unknown) < mostNamed:
			seen[r.stamp] = true
			a.Unknown = append(a.Unknown, r.stamp)
		case r.zombie && !seen["\x00"+r.label] && len(a.Zombies) < mostNamed:
			seen["\x00"+r.label] = true
			a.Zombies = append(a.Zombies, r.label)
		}
	}
	return a
}
