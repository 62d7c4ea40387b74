// Package work is what Sundial does without a request: nightly checks, imports that go on after a
// restart, and telling others what happened. It owns when something is done and that one replica alone
// does it; what is right to do belongs to the rule packages, and what is kept to store.
package work

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/store"
)

// Runner does the work of one process. Several may run on one database: a job belongs to whoever leased it.
type Runner struct {
	store  *store.Store
	policy lifecycle.Policy
	log    *slog.Logger
	by     string
	hooks  *hooks // nil: this process sends no messages
	post   *post  // nil: this process sends no mail
	// Every is how often the runner looks for work.
	Every time.Duration

	// KeepTelemetry is how many days counts of stamps and monitoring reports are kept.
	KeepTelemetry int

	// Print makes the bytes of retirement certificates, which name Organisation, the portal's address.
	// Without it none are made here.
	Print        store.Print
	Organisation string

	scoredOnce atomic.Bool // every score was put under this process's rules
}

// UsualTelemetry is a year and what a quarter's report looks back on.
const UsualTelemetry = 400

// New makes a runner; Run starts it.
func New(s *store.Store, p lifecycle.Policy, log *slog.Logger) *Runner {
	return &Runner{store: s, policy: p, log: log, by: name(), Every: time.Second, KeepTelemetry: UsualTelemetry}
}

// name tells this process from all others that work on the database.
func name() string {
	host, _ := os.Hostname()
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return host + "-" + hex.EncodeToString(b[:])
}

// atOnce is how many jobs a process does side by side: neither a long import nor a slow receiver of
// messages nor a slow mail server holds up the nightly check.
const atOnce = 4

// Run works until the context ends. What is in hand then is given back.
func (r *Runner) Run(ctx context.Context) {
	ctx = store.WithSource(ctx, store.Source{Actor: org.System, RequestID: "work"})
	r.ensure(ctx)
	r.rouseIf(ctx, scoresJob, func(context.Context) (bool, error) { return true, nil })
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() { r.loop(ctx) })
	}
	wg.Go(func() { r.watch(ctx) })
	wg.Wait()
}

func (r *Runner) loop(ctx context.Context) {
	tick := time.NewTicker(r.Every)
	defer tick.Stop()
	for {
		for r.one(ctx) {
			if ctx.Err() != nil {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Once does everything that is due now, for tests and for commands.
func (r *Runner) Once(ctx context.Context) {
	ctx = store.WithSource(ctx, store.Source{Actor: org.System, RequestID: "work"})
	r.ensure(ctx)
	r.rouse(ctx)
	for ctx.Err() == nil && r.one(ctx) {
	}
}

func (r *Runner) ensure(ctx context.Context) {
	for name := range recurring {
		if name == webhooksJob && r.hooks == nil {
			continue
		}
		if err := r.store.EnsureJob(ctx, name); err != nil && ctx.Err() == nil {
			r.log.ErrorContext(ctx, "job not ensured", "job", name, "error", err)
		}
	}
}

// one claims a job and does it; false when nothing is due.
func (r *Runner) one(ctx context.Context) bool {
	lease, claimed, err := r.store.ClaimJob(ctx, "", r.by)
	if err != nil {
		if ctx.Err() == nil {
			r.log.ErrorContext(ctx, "no job claimed", "error", err)
		}
		return false
	}
	if !claimed {
		return false
	}
	begun := time.Now()
	err = r.held(ctx, lease, r.do)
	facts := []any{"job", lease.Name, "attempt", lease.Attempts, "took", time.Since(begun).Round(time.Millisecond)}
	switch {
	case errors.Is(err, store.ErrLeaseLost), ctx.Err() != nil:
		r.log.InfoContext(ctx, "job left to others", append(facts, "error", err)...)
	case err != nil:
		r.log.ErrorContext(ctx, "job failed", append(facts, "error", err)...)
	default:
		r.log.InfoContext(ctx, "job done", facts...)
	}
	return true
}

// held does a job while its lease is renewed; the work's context ends when the lease is lost.
func (r *Runner) held(ctx context.Context, lease store.Lease, do func(context.Context, store.Lease) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		tick := time.NewTicker(store.LeaseTime / 3)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := r.store.RenewLease(ctx, lease); errors.Is(err, store.ErrLeaseLost) {
					cancel(err)
					return
				}
			}
		}
	})
	err := do(ctx, lease)
	close(stop)
	wg.Wait()
	if cause := context.Cause(ctx); errors.Is(cause, store.ErrLeaseLost) {
		return cause
	}
	return err
}
