// Package work is what Sundial does without being asked: nightly checks and imports that run on. What
// is right to do belongs to the rule packages; work decides when, and that it happens once.
package work

import (
	"context"
	"log/slog"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/store"
)

// Runner does the work of one process.
type Runner struct {
	store  *store.Store
	policy lifecycle.Policy
	log    *slog.Logger
}

// New makes a runner; Run starts it.
func New(s *store.Store, p lifecycle.Policy, log *slog.Logger) *Runner {
	return &Runner{store: s, policy: p, log: log}
}

// Run works until the context ends.
func (r *Runner) Run(ctx context.Context) {
	ctx = store.WithSource(ctx, store.Source{Actor: org.System, RequestID: "work"})
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if n, err := r.store.LapseSuperseded(ctx); err != nil {
			r.log.Error("lapse superseded versions", "error", err)
		} else if n > 0 {
			r.log.Info("superseded versions lapsed", "versions", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
