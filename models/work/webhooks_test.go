package work_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"sundial/models/connect/outgoing"
	"sundial/models/connect/webhook"
	"sundial/models/lifecycle"
	"sundial/models/notice"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/work"
)

// receiver takes messages and keeps what it got.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    map[string]int // message id to how often it came
	bodies map[string]string
	bad    []string
	secret string
	answer http.HandlerFunc
}

func newReceiver(t testing.TB, answer http.HandlerFunc) *receiver {
	r := &receiver{got: map[string]int{}, bodies: map[string]string{}, answer: answer}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	id := q.Header.Get("webhook-id")
	r.mu.Lock()
	r.got[id]++
	if before, known := r.bodies[id]; known && before != string(body) {
		r.bad = append(r.bad, "another body under the id "+id)
	}
	r.bodies[id] = string(body)
	if r.secret != "" {
		if wh, err := standardwebhooks.NewWebhook(r.secret); err != nil || wh.Verify(body, q.Header) != nil {
			r.bad = append(r.bad, "not signed: "+id)
		}
	}
	r.mu.Unlock()
	if r.answer != nil {
		r.answer(w, q)
	}
}

func (r *receiver) messages() (ids, calls int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.got {
		calls += n
	}
	return len(r.got), calls
}

func sender(t testing.TB, s *store.Store) *work.Runner {
	return senderTo(t, s, io.Discard)
}

func senderTo(t testing.TB, s *store.Store, log io.Writer) *work.Runner {
	t.Helper()
	policy, _ := lifecycle.Profile("standard")
	r := work.New(s, policy, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	r.Every = 20 * time.Millisecond
	allow, err := outgoing.Parse("127.0.0.1")
	must(t, err)
	r.SendWebhooks(webhook.New(allow), "https://sundial.example.test")
	return r
}

func endpoint(t testing.TB, w *storetest.World, r *receiver) notice.Endpoint {
	t.Helper()
	e, secret, err := w.S.AddEndpoint(w.As(w.Admin), notice.Endpoint{URL: r.URL + "/in"})
	must(t, err)
	r.mu.Lock()
	r.secret = secret
	r.mu.Unlock()
	return e
}

// until waits for something that others bring about.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("never came: %s", what)
}

func stand(t testing.TB, s *store.Store, id int64) store.EndpointStand {
	t.Helper()
	e, err := s.Endpoint(t.Context(), id)
	must(t, err)
	return e
}

func TestThreeReplicasTellEachEventOnce(t *testing.T) {
	s := storetest.NewPostgres(t)
	w := storetest.NewWorld(t, s)
	r := newReceiver(t, nil)
	e := endpoint(t, w, r)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { sender(t, s).Run(ctx) })
	}
	const models = 40
	for i := range models {
		w.Model(t, fmt.Sprintf("m%d", i), registry.Trained, 2)
		w.Version(t, fmt.Sprintf("m%d", i), "v1")
	}
	until(t, "all messages", func() bool { ids, _ := r.messages(); return ids == 2*models })
	until(t, "an empty queue", func() bool { return stand(t, s, e.ID).Waiting == 0 })
	time.Sleep(200 * time.Millisecond)
	stop()
	wg.Wait()
	if ids, calls := r.messages(); ids != 2*models || calls != ids || len(r.bad) > 0 {
		t.Errorf("%d messages in %d calls, want %d; %v", ids, calls, 2*models, r.bad)
	}
}

func TestWhoeverIsStoppedWhileSendingSendsAgainUnderTheSameName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		arrived, hold := make(chan struct{}, 9), make(chan struct{})
		r := newReceiver(t, func(_ http.ResponseWriter, q *http.Request) {
			arrived <- struct{}{}
			select {
			case <-hold:
			case <-q.Context().Done():
			}
		})
		e := endpoint(t, w, r)
		w.Model(t, "fraud", registry.Trained, 2)
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { sender(t, s).Run(ctx) })
		<-arrived
		stop() // after it was sent, before the answer
		wg.Wait()
		if st := stand(t, s, e.ID); st.Waiting != 1 || st.Health() != notice.Healthy {
			t.Fatalf("being stopped counts as a failure: %+v", st)
		}
		close(hold)
		sender(t, s).Once(t.Context())
		if ids, calls := r.messages(); ids != 1 || calls != 2 || len(r.bad) > 0 {
			t.Errorf("%d messages in %d calls, %v", ids, calls, r.bad)
		}
		if st := stand(t, s, e.ID); st.Waiting != 0 {
			t.Errorf("%+v", st)
		}
	})
}

func TestReceiversThatMisbehaveHoldUpNobodyElse(t *testing.T) {
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	slow := newReceiver(t, func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() })
	broken := newReceiver(t, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) })
	gone := newReceiver(t, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(410) })
	inside := newReceiver(t, func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
	moved := newReceiver(t, func(rw http.ResponseWriter, q *http.Request) {
		http.Redirect(rw, q, inside.URL, http.StatusTemporaryRedirect)
	})
	loud := newReceiver(t, func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(rw, strings.Repeat("flood ", 1<<20))
	})
	good := newReceiver(t, nil)
	list := map[string]*receiver{"slow": slow, "broken": broken, "gone": gone, "moved": moved, "loud": loud, "good": good}
	ids := map[string]int64{}
	for name, r := range list {
		ids[name] = endpoint(t, w, r).ID
	}
	const models = 10
	for i := range models {
		w.Model(t, fmt.Sprintf("m%d", i), registry.Trained, 2)
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { sender(t, s).Run(ctx) })
	until(t, "what the good ones get", func() bool {
		a, _ := good.messages()
		b, _ := loud.messages()
		return a == models && b == models
	})
	until(t, "an end to those who are gone", func() bool { return stand(t, s, ids["gone"]).Health() == notice.Disabled })
	until(t, "the broken one's turn", func() bool { n, _ := broken.messages(); return n == models })
	if n, _ := slow.messages(); n > 4 {
		t.Errorf("%d messages under way to one endpoint", n)
	}
	if n, _ := gone.messages(); n > 8 { // those under way, and those that took off beside them
		t.Errorf("somebody who asked not to be called was called %d times", n)
	}
	stop()
	wg.Wait()
	for name, want := range map[string]string{"broken": "answered 500", "moved": "redirect", "good": "", "loud": ""} {
		if st := stand(t, s, ids[name]); (want == "") != (st.Last.Error == "") || !strings.Contains(st.Last.Error, want) {
			t.Errorf("%s: %+v", name, st)
		}
	}
}

func TestWhatFailedIsTriedAgainAndResentOnRequest(t *testing.T) {
	s := storetest.New(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	s.SetClock(func() time.Time { return now })
	w := storetest.NewWorld(t, s)
	down := true
	r := newReceiver(t, func(rw http.ResponseWriter, _ *http.Request) {
		if down {
			rw.WriteHeader(503)
		}
	})
	e := endpoint(t, w, r)
	w.Model(t, "fraud", registry.Trained, 2)
	runner := sender(t, s)
	runner.Once(t.Context())
	runner.Once(t.Context())
	if _, calls := r.messages(); calls != 1 {
		t.Fatalf("%d calls before the wait is over", calls)
	}
	down, now = false, now.Add(6*time.Second)
	runner.Once(t.Context())
	page, err := s.Deliveries(t.Context(), e.ID, "", "", 10)
	must(t, err)
	if d := page.Rows[0]; d.State != store.Delivered || d.Attempts != 2 {
		t.Fatalf("%+v", d)
	}
	must(t, s.Resend(w.As(w.Admin), e.ID, page.Rows[0].ID))
	runner.Once(t.Context())
	if ids, calls := r.messages(); ids != 1 || calls != 3 {
		t.Errorf("%d messages in %d calls", ids, calls)
	}
}

func TestNeitherSecretNorAddressComesIntoTheLog(t *testing.T) {
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	r := newReceiver(t, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) })
	_, secret, err := s.AddEndpoint(w.As(w.Admin), notice.Endpoint{URL: r.URL + "/in?key=canary-of-the-query"})
	must(t, err)
	w.Model(t, "fraud", registry.Trained, 2)
	var log strings.Builder
	senderTo(t, s, &log).Once(t.Context())
	if ids, _ := r.messages(); ids != 1 || !strings.Contains(log.String(), "webhook not taken") {
		t.Fatalf("%d messages, log %q", ids, log.String())
	}
	for _, canary := range []string{secret, strings.TrimPrefix(secret, "whsec_"), "canary-of-the-query"} {
		if strings.Contains(log.String(), canary) {
			t.Errorf("the log holds %s", canary)
		}
	}
}

func TestAPortalThatTellsNobodyDoesNothing(t *testing.T) {
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	w.Model(t, "fraud", registry.Trained, 2)
	if waits, err := s.WebhooksWait(t.Context()); waits || err != nil {
		t.Errorf("%v %v", waits, err)
	}
	runner(s).Once(t.Context())
	jobs, err := s.Jobs(t.Context())
	must(t, err)
	for _, j := range jobs {
		if j.Name == "webhooks" {
			t.Error("a process that sends nothing keeps a job for it")
		}
		if j.Failures != 0 || j.LastOKAt.IsZero() {
			t.Errorf("%+v", j)
		}
	}
}
