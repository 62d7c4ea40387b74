// Package rate limits how often somebody may ask in a minute, over all replicas together. A replica
// takes blocks of the limit from the database and spends them by itself, so that most requests write
// nothing and the sum never exceeds the limit. Who is limited, and what they hear, is auth/token's.
package rate

import (
	"context"
	"sync"
	"time"

	"sundial/models/store"
)

const (
	// Window is the time a limit is for.
	Window = time.Minute

	// blocks is into how many parts a limit is given out: the more, the more is written, and the less lies
	// unspent with a replica that has nothing to do.
	blocks = 20

	// mostKeys is how many counters a replica holds before it looks for those that are over.
	mostKeys = 10_000
)

// Limiter counts for one replica.
type Limiter struct {
	store *store.Store
	clock func() time.Time // nil: the database's, with this process's own in between

	mu   sync.Mutex
	held map[string]*counter
}

// New makes a limiter. With a clock, windows are those of that clock; without, of the database's, which
// replicas share.
func New(s *store.Store, clock func() time.Time) *Limiter {
	return &Limiter{store: s, clock: clock, held: map[string]*counter{}}
}

// counter is what this replica has left of a block.
type counter struct {
	sync.Mutex
	left, used int
	ends       time.Time
}

// Verdict says whether one more request may pass.
type Verdict struct {
	Allowed   bool
	Limit     int
	Remaining int           // as far as this replica knows
	Reset     time.Duration // until the window ends
}

// Take takes one request out of a key's limit. A limit below one never refuses.
func (l *Limiter) Take(ctx context.Context, key string, limit int) (Verdict, error) {
	if limit < 1 {
		return Verdict{Allowed: true}, nil
	}
	c := l.counter(key)
	c.Lock()
	defer c.Unlock()
	now := l.now()
	// A block may come back so late that its window is over; the next one is then claimed at its start.
	for range 3 {
		if now.Before(c.ends) && (c.left > 0 || c.used >= limit) {
			break
		}
		if err := l.claim(ctx, c, key, limit, now); err != nil {
			return Verdict{}, err
		}
		now = l.now()
	}
	v := Verdict{Limit: limit, Reset: max(0, c.ends.Sub(now))}
	if c.left > 0 && now.Before(c.ends) {
		c.left--
		v.Allowed = true
	}
	v.Remaining = max(0, limit-c.used) + c.left
	return v, nil
}

// claim gets the next block. The window's end is counted from before the question was asked, so that
// nothing of it is spent after it.
func (l *Limiter) claim(ctx context.Context, c *counter, key string, limit int, asked time.Time) error {
	var now time.Time
	if l.clock != nil {
		now = asked
	}
	b, err := l.store.ClaimRate(ctx, key, Window, limit, max(1, limit/blocks), now)
	if err != nil {
		return err
	}
	c.left, c.used, c.ends = b.Granted, b.Used, asked.Add(b.Left)
	return nil
}

func (l *Limiter) now() time.Time {
	if l.clock != nil {
		return l.clock()
	}
	return time.Now()
}

func (l *Limiter) counter(key string) *counter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, ok := l.held[key]; ok {
		return c
	}
	if len(l.held) >= mostKeys {
		l.forget()
	}
	c := &counter{}
	l.held[key] = c
	return c
}

// forget drops counters whose window is over. One that is in use right now stays.
func (l *Limiter) forget() {
	now := l.now()
	for key, c := range l.held {
		if !c.TryLock() {
			continue
		}
		if !now.Before(c.ends) {
			delete(l.held, key)
		}
		c.Unlock()
	}
}
