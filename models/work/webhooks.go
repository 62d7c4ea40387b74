package work

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"sundial/models/connect/webhook"
	"sundial/models/store"
)

const (
	webhooksJob = "webhooks"

	outboxStep  = 200 // events that become messages in one transaction
	mostPerHost = 4   // messages under way to one endpoint: a slow one holds up itself alone
	mostFlying  = 32  // messages under way at all

	// longestPass ends a pass though there is more to do, so that no job is held for hours.
	longestPass = time.Minute
)

// hooks is what sends messages.
type hooks struct {
	client *webhook.Client
	portal string
}

// SendWebhooks lets this process tell endpoints what happened; portal is the address that links in
// messages begin with. Without it messages wait in the outbox.
func (r *Runner) SendWebhooks(c *webhook.Client, portal string) { r.hooks = &hooks{c, portal} }

// watch wakes the job when there is something to send. Looking is one read a second; the job itself,
// which writes, runs when it is needed.
func (r *Runner) watch(ctx context.Context) {
	tick := time.NewTicker(r.Every)
	defer tick.Stop()
	for {
		r.rouse(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (r *Runner) rouse(ctx context.Context) {
	r.rouseIf(ctx, lettersJob, func(ctx context.Context) (bool, error) { return r.store.LettersWait(ctx, r.post != nil) })
	if r.hooks != nil {
		r.rouseIf(ctx, webhooksJob, r.store.WebhooksWait)
	}
	r.rouseIf(ctx, scoresJob, r.store.ScoresWait)
}

func (r *Runner) rouseIf(ctx context.Context, job string, waits func(context.Context) (bool, error)) {
	found, err := waits(ctx)
	if err == nil && found {
		err = r.store.RouseJob(ctx, job)
	}
	if err != nil && ctx.Err() == nil {
		r.log.ErrorContext(ctx, "work not looked for", "job", job, "error", err)
	}
}

// webhooks turns events into messages and sends what is due. One replica does it at a time. A message
// is sent at least once: whoever is stopped between the receiver's answer and writing it down sends it
// again, under the same id, by which receivers know it.
func (r *Runner) webhooks(ctx context.Context) (time.Duration, error) {
	f := &flights{r: r, byID: map[int64]int64{}, landed: make(chan struct{}, 1)}
	err := r.pass(ctx, f)
	f.wg.Wait()
	if ctx.Err() != nil {
		return 0, nil // told to stop: whoever is next goes on at once
	}
	return time.Hour, errors.Join(err, f.failure()) // watch wakes it long before that
}

// pass sends until nothing is due and nothing under way.
func (r *Runner) pass(ctx context.Context, f *flights) error {
	for begun := time.Now(); ctx.Err() == nil && time.Since(begun) < longestPass; {
		moved, err := r.store.MoveOutbox(ctx, r.hooks.portal, outboxStep)
		if err != nil {
			return err
		}
		started, err := f.start(ctx)
		if err != nil {
			return err
		}
		if moved > 0 || started > 0 {
			continue
		}
		if f.none() {
			return nil
		}
		select {
		case <-f.landed:
		case <-time.After(r.Every / 4):
		case <-ctx.Done():
		}
	}
	return nil
}

// flights are the messages under way.
type flights struct {
	r      *Runner
	wg     sync.WaitGroup
	landed chan struct{} // somebody did

	mu   sync.Mutex
	byID map[int64]int64 // message to endpoint
	err  error
}

// start sends what is due as far as there is room, and says how many messages that were.
func (f *flights) start(ctx context.Context) (int, error) {
	if err := f.failure(); err != nil {
		return 0, err
	}
	receivers, err := f.r.store.Receivers(ctx)
	if err != nil {
		return 0, err
	}
	started := 0
	for _, to := range receivers {
		flying, room := f.to(to.ID)
		if room < 1 {
			continue
		}
		due, err := f.r.store.Due(ctx, to.ID, flying, room)
		if err != nil {
			return started, err
		}
		for _, d := range due {
			f.fly(ctx, to, d)
			started++
		}
	}
	return started, nil
}

// to is what is under way to an endpoint, and how many more may be.
func (f *flights) to(endpoint int64) (ids []int64, room int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, e := range f.byID {
		if e == endpoint {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, min(mostPerHost-len(ids), mostFlying-len(f.byID))
}

func (f *flights) fly(ctx context.Context, to store.Receiver, d store.Delivery) {
	f.mu.Lock()
	f.byID[d.ID] = to.ID
	f.mu.Unlock()
	f.wg.Go(func() {
		err := f.r.deliver(ctx, to, d)
		f.mu.Lock()
		delete(f.byID, d.ID)
		f.err = errors.Join(f.err, err)
		f.mu.Unlock()
		select {
		case f.landed <- struct{}{}:
		default:
		}
	})
}

func (f *flights) none() bool { f.mu.Lock(); defer f.mu.Unlock(); return len(f.byID) == 0 }

func (f *flights) failure() error { f.mu.Lock(); defer f.mu.Unlock(); return f.err }

// deliver makes one attempt and writes down what became of it. An attempt that was cut short because
// this process ends, or because another took over, is nobody's fault and counts as none.
func (r *Runner) deliver(ctx context.Context, to store.Receiver, d store.Delivery) error {
	a := r.hooks.client.Send(ctx, webhook.Call{URL: to.URL, ID: d.MessageID, Body: d.Body, Secrets: to.Secrets, At: r.store.Now()})
	if ctx.Err() != nil && !a.Arrived() {
		return nil
	}
	if !a.Arrived() {
		r.log.InfoContext(ctx, "webhook not taken", "endpoint", to.ID, "message", d.MessageID, "attempt", d.Attempts+1, "status", a.Status, "why", a.Error)
	}
	return r.store.Attempted(context.WithoutCancel(ctx), d, a, rand.Float64())
}
