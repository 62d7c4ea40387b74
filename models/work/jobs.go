package work

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/notice"
	"sundial/models/store"
)

// recurring are the jobs that come back, and when.
var recurring = map[string]func(*Runner, context.Context) (again time.Duration, err error){
	"lapse":     (*Runner).lapse,
	"retire":    (*Runner).retire,
	"nightly":   (*Runner).nightly,
	webhooksJob: (*Runner).webhooks,
	lettersJob:  (*Runner).letters,
	digestJob:   (*Runner).digest,
	"rates":     (*Runner).rates,
	scoresJob:   (*Runner).scores,
}

// do does a claimed job and says when it is due again.
func (r *Runner) do(ctx context.Context, lease store.Lease) error {
	// The job is given back also when the process is told to stop in the middle of it.
	after := context.WithoutCancel(ctx)
	if text, is := strings.CutPrefix(lease.Name, store.ImportPrefix); is {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return r.store.EndJob(after, lease)
		}
		return r.doImport(ctx, lease, id, nil)
	}
	job, known := recurring[lease.Name]
	if !known || lease.Name == webhooksJob && r.hooks == nil {
		// A newer replica's job, or one that another is set up for: it will claim it again.
		return r.store.DeferJob(after, lease, time.Minute, nil)
	}
	again, err := job(r, ctx)
	if err != nil {
		again = time.Minute
	}
	return errors.Join(err, r.store.DeferJob(after, lease, again, err))
}

// lapse ends rollback windows soon after they are over.
func (r *Runner) lapse(ctx context.Context) (time.Duration, error) {
	n, err := r.store.LapseSuperseded(ctx)
	if n > 0 {
		r.log.InfoContext(ctx, "superseded versions lapsed", "versions", n)
	}
	return time.Minute, err
}

// retire moves the retirements that time, stamps and reports move, and makes the certificates of those
// that ended.
func (r *Runner) retire(ctx context.Context) (time.Duration, error) {
	moved, ticked := r.store.TickRetirements(ctx, r.policy)
	reopened, seen := r.store.ReopenForZombies(ctx, r.policy)
	begun, met := r.store.TriggerMet(ctx, r.policy)
	if moved+reopened+begun > 0 {
		r.log.InfoContext(ctx, "retirements moved", "moved", moved, "reopened", reopened, "begun", begun)
	}
	var issued error
	if r.Print != nil {
		_, issued = r.store.IssueCertificates(ctx, r.policy, r.Organisation, r.Print)
	}
	return time.Minute, errors.Join(ticked, seen, met, issued)
}

// keptRates is how long windows of rate limits are kept after they ended.
const keptRates = 10 * time.Minute

// rates forgets windows of rate limits that are over.
func (r *Runner) rates(ctx context.Context) (time.Duration, error) {
	return time.Minute, r.store.SweepRates(ctx, keptRates)
}

// nightly sweeps what has outlived its use and asks of every plan in force whether it is still true.
// It asks for the confirmation of the quarter's entries too. It runs at the first start, then at 02:00 UTC.
func (r *Runner) nightly(ctx context.Context) (time.Duration, error) {
	swept := r.sweep(ctx)
	changed, checked := r.store.CheckPlans(ctx, r.policy)
	if changed > 0 {
		r.log.InfoContext(ctx, "plans went stale or live again", "plans", changed)
	}
	ends := r.vendorEnds(ctx)
	starts, moved := r.store.CheckLatestStarts(ctx, r.policy)
	if starts > 0 {
		r.log.InfoContext(ctx, "latest starts moved", "plans", starts)
	}
	_, toldOf := r.store.AskConfirmations(ctx)
	begun, due := r.store.TriggerDue(ctx, r.policy)
	if begun > 0 {
		r.log.InfoContext(ctx, "retirements began by themselves", "models", begun)
	}
	return untilTwo(r.store.Now()), errors.Join(swept, checked, ends, moved, toldOf, due, r.scoreAll(ctx), r.store.CountFlow(ctx))
}

// sweep forgets what was kept for a time that is over.
func (r *Runner) sweep(ctx context.Context) error {
	now := r.store.Now()
	failed := r.store.SweepTokenUses(ctx, now)
	for _, s := range []struct {
		what   string
		forget func() (int64, error)
	}{
		{"sessions that ended", func() (int64, error) { return r.store.SweepSessions(ctx, now.AddDate(0, 0, -7)) }},
		{"webhook deliveries", func() (int64, error) { return r.store.SweepDeliveries(ctx, now.Add(-notice.KeepLog)) }},
		{"letters", func() (int64, error) { return r.store.SweepLetters(ctx) }},
		{"counts and reports", func() (int64, error) { return r.store.SweepTelemetry(ctx, day.Of(now).Add(-r.KeepTelemetry)) }},
		{"idempotency keys", func() (int64, error) { return r.store.SweepKeys(ctx) }},
	} {
		n, err := s.forget()
		if n > 0 {
			r.log.InfoContext(ctx, "swept", "what", s.what, "rows", n)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// vendorEnds tells the owners of what is built on a vendor's model that is about to end.
func (r *Runner) vendorEnds(ctx context.Context) error {
	if err := r.store.RefreshVendorUses(ctx); err != nil {
		return err
	}
	raised, err := r.store.CheckVendorEnds(ctx, r.policy)
	if raised > 0 {
		r.log.InfoContext(ctx, "vendors' ends came within runways", "models", raised)
	}
	return err
}

func untilTwo(now time.Time) time.Duration {
	two := time.Date(now.Year(), now.Month(), now.Day(), 2, 0, 0, 0, time.UTC)
	if !two.After(now) {
		two = two.AddDate(0, 0, 1)
	}
	return two.Sub(now)
}

// An import that fails for reasons of ours is tried again, and not for ever.
const mostAttempts = 5

// afterFailure grows with every attempt.
func afterFailure(attempts int64) time.Duration {
	return time.Duration(attempts*attempts) * 5 * time.Second
}

// giveBack decides what becomes of an import's job after a run of it ended with err.
func (r *Runner) giveBack(ctx context.Context, lease store.Lease, id int64, err error) error {
	after := context.WithoutCancel(ctx)
	f, isFault := fault.As(err)
	switch {
	case err == nil, errors.Is(err, store.ErrImportStopped):
		return r.store.EndJob(after, lease)
	case errors.Is(err, store.ErrLeaseLost):
		return err
	case ctx.Err() != nil: // told to stop: whoever is next goes on at once
		return errors.Join(ctx.Err(), r.store.DeferJob(after, lease, 0, nil))
	case isFault && f.Kind == fault.NotFound: // the job is gone, and its work with it
		return errors.Join(err, r.store.EndJob(after, lease))
	case isFault:
		return r.fail(after, lease, id, sentences(f), err)
	case lease.Attempts >= mostAttempts:
		return r.fail(after, lease, id, "Something went wrong on our side, several times. Rows that came in stay; import the file again to go on.", err)
	}
	return errors.Join(err, r.store.DeferJob(after, lease, afterFailure(lease.Attempts), err))
}

func (r *Runner) fail(ctx context.Context, lease store.Lease, id int64, sentence string, cause error) error {
	err := r.store.FailImport(ctx, id, sentence)
	if err != nil && !errors.Is(err, store.ErrImportStopped) {
		return errors.Join(cause, err)
	}
	return errors.Join(fmt.Errorf("import %d ended: %w", id, cause), r.store.EndJob(ctx, lease))
}

func sentences(f *fault.Fault) string {
	s := f.Sentence
	for _, p := range f.Problems {
		s += " " + p.Sentence
	}
	return s
}
