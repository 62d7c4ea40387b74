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
	mu      sync.RWMutex // held for writing to stop
	queue   chan *stampPart
	stopped chan struct{}
	closed  bool
	pending atomic.Int64

	waits     int64 // how often anybody had to wait for the writing connection, as of the last look
	contended time.Time
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
	return answer, s.submit(partsOf(src, call, rows))
}

// submit gives parts to the writer and waits for all of them.
func (s *Store) submit(parts []*stampPart) error {
	if err := s.enqueue(parts); err != nil {
		return err
	}
	var failed error
	for _, p := range parts {
		if err := <-p.result; err != nil && failed == nil { // what is in the queue is always answered
			failed = err
		}
	}
	return failed
}

func (s *Store) enqueue(parts []*stampPart) error {
	w := &s.stamps
	s.startStamps()
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		for _, p := range parts {
			w.pending.Add(-int64(len(p.rows)))
		}
		return errStampsStopped
	}
	for _, p := range parts {
		w.queue <- p
	}
	return nil
}

// startStamps begins the writer with the first call: most processes of the store never take one.
func (s *Store) startStamps() {
	w := &s.stamps
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.queue == nil && !w.closed {
		w.queue, w.stopped = make(chan *stampPart, 1024), make(chan struct{})
		go s.writeInTurn(w.queue, w.stopped)
	}
}

// stopStamps lets the writer finish what is in the queue.
func (s *Store) stopStamps() {
	w := &s.stamps
	w.mu.Lock()
	if w.queue != nil && !w.closed {
		close(w.queue)
	}
	w.closed = true
	stopped := w.stopped
	w.mu.Unlock()
	if stopped != nil {
		<-stopped
	}
}

// writeInTurn is the writer's life.
func (s *Store) writeInTurn(queue <-chan *stampPart, stopped chan<- struct{}) {
	defer close(stopped)
	var next *stampPart
	for {
		if next == nil {
			var more bool
			if next, more = <-queue; !more {
				return
			}
		}
		var batch []*stampPart
		keys, most := 0, s.keysAtOnce()
		for next != nil && (len(batch) == 0 || keys+len(next.rows) <= most) {
			batch, keys = append(batch, next), keys+len(next.rows)
			select {
			case next = <-queue: // nil when it is closed and empty
			default:
				next = nil
			}
		}
		s.flush(batch)
		s.stamps.pending.Add(-int64(keys))
	}
}

// keysAtOnce is how long a transaction may be: a fourth while somebody else has had to wait for the
// writing connection, which on SQLite is the only one.
func (s *Store) keysAtOnce() int {
	w := &s.stamps
	db, err := s.write.DB()
	if err != nil {
		return partKeys
	}
	if waits := db.Stats().WaitCount; waits != w.waits {
		w.waits, w.contended = waits, time.Now()
	}
	if time.Since(w.contended) < time.Second {
		return partKeys
	}
	return stampKeys
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

// partsOf cuts a call into transactions. The rows of a call stand in the order in which they were sent, so
// that the same call is cut in the same places whenever it comes.
func partsOf(src Source, call StampCall, rows []stampRow) []*stampPart {
	key, body := "", ""
	if call.Key != "" {
		key = hashed(strconv.FormatInt(src.Actor.ID, 10), call.Key)
		body = hashed(string(call.Body))
	}
	var parts []*stampPart
	for chunk := range slices.Chunk(rows, partKeys) {
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
