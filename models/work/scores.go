package work

import (
	"context"
	"time"
)

// scoresJob scores models of which a fact changed.
const scoresJob = "scores"

// scores runs when watch finds a model that waits; the hour is for one that it overlooked.
func (r *Runner) scores(ctx context.Context) (time.Duration, error) {
	n, err := r.store.ScoreDue(ctx, r.policy)
	if n > 0 {
		r.log.InfoContext(ctx, "models scored", "models", n)
	}
	return time.Hour, err
}

// scoreAll reads every model's facts anew: stamps come in all day, and days pass.
func (r *Runner) scoreAll(ctx context.Context) error {
	n, err := r.store.ScoreAll(ctx, r.policy)
	r.log.InfoContext(ctx, "models scored", "models", n)
	return err
}
