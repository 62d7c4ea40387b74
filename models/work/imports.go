package work

import (
	"context"
	"errors"
	"time"

	"sundial/models/intake"
	"sundial/models/store"
)

// doImport brings an import in from where it stands. told, if given, hears of every step.
func (r *Runner) doImport(ctx context.Context, lease store.Lease, id int64, told func(intake.Progress)) error {
	err := r.importRows(ctx, lease, id, told)
	return r.giveBack(ctx, lease, id, err)
}

func (r *Runner) importRows(ctx context.Context, lease store.Lease, id int64, told func(intake.Progress)) error {
	run, err := r.store.BeginImport(ctx, lease, id)
	if err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		done, err := run.Step()
		if err != nil {
			return err
		}
		if told != nil {
			told(run.Progress())
		}
		if done {
			return nil
		}
	}
}

// Import does one import that was started, here and now, and tells how far it is after every batch. When
// another process does it already, it watches until that is over. A cancelled context leaves the rest to
// whoever works on the database next.
func (r *Runner) Import(ctx context.Context, id int64, told func(intake.Progress)) (intake.Job, error) {
	for {
		lease, claimed, err := r.store.ClaimJob(ctx, store.ImportWork(id), r.by)
		if err != nil {
			return intake.Job{}, err
		}
		if claimed {
			err = r.held(ctx, lease, func(ctx context.Context, l store.Lease) error { return r.doImport(ctx, l, id, told) })
			if err != nil && !errors.Is(err, store.ErrLeaseLost) {
				job, readErr := r.store.Import(context.WithoutCancel(ctx), id)
				if readErr == nil && job.Progress.State == intake.JobFailed {
					return job, nil
				}
				return job, err
			}
		}
		job, err := r.store.Import(ctx, id)
		if err != nil || job.Progress.State.Over() {
			return job, err
		}
		if told != nil {
			told(job.Progress)
		}
		select {
		case <-ctx.Done():
			return job, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}
