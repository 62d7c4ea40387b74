package work

import (
	"context"
	"time"
)

// scoresJob scores models of which a fact changed.
const scoresJob = "scores"

// scores runs when watch finds a model that waits; the hour is for one that it overlooked. What a process
// does first is to put every score under its own rules: it may be a newer release, or know another policy.
func (r *Runner) scores(ctx context.Context) (time.Duration, error) {
	if !r.scoredOnce.Load() {
		if err := r.scoreAgain(ctx); err != nil {
			return time.Hour, err
		}
		r.scoredOnce.Store(true)
	}
	n, err := r.store.ScoreDue(ctx, r.policy)
	if n > 0 {
		r.log.InfoContext(ctx, "models scored", "models", n)
	}
	return time.Hour, err
}

func (r *Runner) scoreAgain(ctx context.Context) error {
	n, changed, err := r.store.ScoreAgain(ctx, r.policy)
	if changed > 0 {
		r.log.InfoContext(ctx, "models scored again", "models", n, "changed", changed)
	}
	return err
}

// scoreAll reads every model's facts anew: stamps come in all day, and days pass. What the facts that are
// kept say by now is told first, in a moment; reading takes its time.
func (r *Runner) scoreAll(ctx context.Context) error {
	if err := r.scoreAgain(ctx); err != nil {
		return err
	}
	n, err := r.store.ScoreAll(ctx, r.policy)
	r.log.InfoContext(ctx, "models scored", "models", n)
	return err
}
