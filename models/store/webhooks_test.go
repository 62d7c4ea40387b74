package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/notice"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// hooked is a world with one endpoint that is told of everything.
type hooked struct {
	*storetest.World
	t      *testing.T
	e      notice.Endpoint
	secret string
	now    time.Time
}

func newHooked(t *testing.T, s *store.Store, types ...notice.Type) *hooked {
	t.Helper()
	h := &hooked{World: storetest.NewWorld(t, s), t: t, now: time.Now().UTC().Truncate(time.Millisecond)}
	s.SetClock(func() time.Time { return h.now })
	var err error
	h.e, h.secret, err = s.AddEndpoint(h.As(h.Admin), notice.Endpoint{URL: "https://hooks.example.test/in?key=canary-of-the-path", Description: "Chat", Types: types})
	must(t, err)
	return h
}

func (h *hooked) move() {
	h.t.Helper()
	for {
		n, err := h.S.MoveOutbox(h.As(h.Admin), "https://sundial.example.test", 7)
		must(h.t, err)
		if n == 0 {
			return
		}
	}
}

func (h *hooked) due() []store.Delivery {
	h.t.Helper()
	list, err := h.S.Due(h.t.Context(), h.e.ID, nil, 1000)
	must(h.t, err)
	return list
}

func (h *hooked) stand() store.EndpointStand {
	h.t.Helper()
	e, err := h.S.Endpoint(h.t.Context(), h.e.ID)
	must(h.t, err)
	return e
}

func (h *hooked) attempt(d store.Delivery, a notice.Answer) {
	h.t.Helper()
	a.At = h.now
	must(h.t, h.S.Attempted(h.As(h.Admin), d, a, 0))
}

func TestEventsBecomeMessagesOnceAndInTheirOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHooked(t, s)
		h.Serve(t, "fraud", "v1", 2)
		if waits, err := s.WebhooksWait(t.Context()); err != nil || !waits {
			t.Errorf("nothing waits: %v", err)
		}
		h.move()
		h.move()
		var goes []audit.Event
		must(t, s.EachEvent(t.Context(), store.EventFilter{}, func(e audit.Event) error {
			if _, ok := notice.TypeOf(e.Verb); ok {
				goes = append(goes, e)
			}
			return nil
		}))
		list := h.due()
		if len(list) != len(goes) || len(list) < 10 {
			t.Fatalf("%d messages of %d events", len(list), len(goes))
		}
		for i, d := range list {
			e := goes[i]
			var m notice.Message
			must(t, json.Unmarshal([]byte(d.Body), &m))
			if d.EventSeq != e.Seq || m.Data.AuditSeq != e.Seq || d.MessageID != notice.ID(e.Seq, e.Hash) || m.Data.Model != "fraud" || d.State != store.Pending {
				t.Errorf("message %d: %+v", i, d)
			}
			if kind := e.Subject.Kind; (kind == "version" || kind == "request" || kind == "evidence") && m.Data.Version != "v1" {
				t.Errorf("%s does not name its version: %s", e.Verb, d.Body)
			}
			if e.Subject.Kind == "request" && m.Data.Request != e.Subject.ID {
				t.Errorf("%s does not name its request: %s", e.Verb, d.Body)
			}
		}
		if st := h.stand(); st.Waiting != len(list) || st.Oldest.IsZero() {
			t.Errorf("%+v", st)
		}
	})
}

func TestOnlyWhatWasAskedForAndWhatCameAfter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHooked(t, s, "version.added")
		h.Model(t, "before", registry.Trained, 2)
		h.Version(t, "before", "v1")
		late, _, err := s.AddEndpoint(h.As(h.Admin), notice.Endpoint{URL: "https://late.example.test/"})
		must(t, err)
		h.Model(t, "after", registry.Trained, 2)
		must(t, s.TestEndpoint(h.As(h.Admin), late.ID))
		h.move()
		if list := h.due(); len(list) != 1 || list[0].Type != "version.added" {
			t.Errorf("%+v", list)
		}
		list, err := s.Due(t.Context(), late.ID, nil, 100)
		must(t, err)
		if len(list) != 2 || list[0].Type != "model.registered" || list[1].Type != notice.Test {
			t.Errorf("%+v", list)
		}
	})
}

func TestWhereNobodyIsToldNothingIsMade(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "fraud", registry.Trained, 2)
		waits, err := s.WebhooksWait(t.Context())
		n, err2 := s.MoveOutbox(w.As(w.Admin), "", 100)
		if waits || n != 0 || err != nil || err2 != nil {
			t.Errorf("%v %d %v %v", waits, n, err, err2)
		}
		for i := range notice.MostEndpoints {
			_, _, err := s.AddEndpoint(w.As(w.Admin), notice.Endpoint{URL: fmt.Sprintf("https://h%d.example.test/", i)})
			must(t, err)
		}
		if _, _, err := s.AddEndpoint(w.As(w.Admin), notice.Endpoint{URL: "https://more.example.test/"}); !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
	})
}

func TestAttemptsAreCountedAndSpaced(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHooked(t, s)
		h.Model(t, "fraud", registry.Trained, 2)
		h.move()
		broke := notice.Answer{Status: 500, Error: "The receiver answered 500.", Excerpt: "oops", Took: 12 * time.Millisecond}
		d := h.due()[0]
		h.attempt(d, broke)
		h.attempt(d, broke) // somebody who lost the race
		for n := 1; n < notice.MostAttempts; n++ {
			wait, _ := notice.Wait(n)
			if list := h.due(); len(list) != 0 {
				t.Fatalf("due again before %s are over", wait)
			}
			h.now = h.now.Add(wait)
			list := h.due()
			if len(list) != 1 || list[0].Attempts != n {
				t.Fatalf("after %d attempts and %s: %+v", n, wait, list)
			}
			h.attempt(list[0], broke)
		}
		h.now = h.now.Add(48 * time.Hour)
		got, tries, err := s.Delivery(t.Context(), h.e.ID, d.ID)
		must(t, err)
		if len(h.due()) != 0 || got.State != store.Undone || got.Attempts != 8 || len(tries) != 8 || tries[0].Excerpt != "oops" || tries[0].Took != 12*time.Millisecond {
			t.Errorf("%+v %+v", got, tries)
		}
		if st := h.stand(); st.Health() != notice.Failing || st.Last.Status != 500 {
			t.Errorf("%+v", st)
		}

		must(t, s.Resend(h.As(h.Admin), h.e.ID, d.ID))
		if err := s.Resend(h.As(h.Admin), h.e.ID, d.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		again := h.due()
		if len(again) != 1 || again[0].MessageID != d.MessageID || again[0].Body != d.Body {
			t.Fatalf("%+v", again)
		}
		h.attempt(again[0], notice.Answer{Status: 200})
		got, tries, _ = s.Delivery(t.Context(), h.e.ID, d.ID)
		if got.State != store.Delivered || len(tries) != 9 || h.stand().Health() != notice.Healthy {
			t.Errorf("%+v %+v", got, h.stand())
		}
	})
}

func TestAnEndpointIsGivenUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHooked(t, s)
		h.Model(t, "one", registry.Trained, 2)
		h.Model(t, "two", registry.Trained, 2)
		h.move()
		list := h.due()
		h.attempt(list[0], notice.Answer{Error: "The receiver did not answer in time."})
		h.now = h.now.Add(notice.GiveUpAfter)
		h.attempt(list[1], notice.Answer{Error: "The receiver did not answer in time."})
		if st := h.stand(); st.Health() != notice.Failing {
			t.Fatalf("given up too early: %+v", st)
		}
		h.now = h.now.Add(time.Hour)
		d, _, err := s.Delivery(t.Context(), h.e.ID, list[0].ID)
		must(t, err)
		h.attempt(d, notice.Answer{Error: "The receiver did not answer in time."})
		st := h.stand()
		if st.Health() != notice.Disabled || !strings.Contains(st.Why, "five days") {
			t.Fatalf("%+v", st)
		}
		last, err := s.Events(t.Context(), store.EventFilter{}, 1)
		must(t, err)
		if last[0].Verb != "webhook.disabled" || last[0].Actor != "Sundial" {
			t.Errorf("%+v", last[0])
		}

		// What happens meanwhile waits, and goes out when somebody resumes it.
		h.Model(t, "three", registry.Trained, 2)
		h.move()
		if r, err := s.Receivers(t.Context()); err != nil || len(r) != 0 {
			t.Errorf("it is still called: %+v %v", r, err)
		}
		must(t, s.ResumeEndpoint(h.As(h.Admin), h.e.ID))
		h.now = h.now.Add(48 * time.Hour)
		if r, err := s.Receivers(t.Context()); err != nil || len(r) != 1 || len(h.due()) != 3 {
			t.Errorf("%+v %v, %d due", r, err, len(h.due()))
		}
		h.attempt(h.due()[0], notice.Answer{Status: 410, Error: "The receiver answered 410."})
		if st := h.stand(); st.Health() != notice.Disabled || !strings.Contains(st.Why, "410") {
			t.Errorf("%+v", st)
		}
	})
}

func TestSecretsAreSealedAndOverlapWhenTheyChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHooked(t, s)
		h.Model(t, "fraud", registry.Trained, 2)
		h.move()
		secrets := func() []string {
			t.Helper()
			r, err := s.Receivers(t.Context())
			must(t, err)
			return r[0].Secrets
		}
		if got := secrets(); len(got) != 1 || got[0] != h.secret || !strings.HasPrefix(h.secret, "whsec_") {
			t.Fatalf("%d secrets", len(got))
		}
		next, err := s.RotateSecret(h.As(h.Admin), h.e.ID, h.e.Revision)
		must(t, err)
		if _, err := s.RotateSecret(h.As(h.Admin), h.e.ID, h.e.Revision); !fault.Is(err, fault.Stale) {
			t.Errorf("the form was sent twice: %v", err)
		}
		if got := secrets(); len(got) != 2 || got[0] != next || got[1] != h.secret {
			t.Errorf("%d secrets after the rotation", len(got))
		}
		h.now = h.now.Add(notice.OldSecret)
		if got := secrets(); len(got) != 1 || got[0] != next {
			t.Errorf("%d secrets a day after the rotation", len(got))
		}
		s.SetSealKey([]byte("another key altogether"))
		if got := secrets(); len(got) != 0 {
			t.Error("another key opens them")
		}
		s.SetSealKey(nil)
		if _, _, err := s.AddEndpoint(h.As(h.Admin), notice.Endpoint{URL: "https://x.example.test/"}); err == nil {
			t.Error("a secret was kept without a key")
		}
		var trail strings.Builder
		must(t, s.EachEvent(t.Context(), store.EventFilter{}, func(e audit.Event) error {
			b, err := audit.Canonical(e)
			trail.Write(b)
			return err
		}))
		for _, canary := range []string{h.secret, next, strings.TrimPrefix(h.secret, "whsec_"), "canary-of-the-path"} {
			if strings.Contains(trail.String(), canary) {
				t.Errorf("the trail holds %s", canary)
			}
		}
	})
}

func TestEndpointsAreChangedPausedAndDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHooked(t, s)
		ctx := h.As(h.Admin)
		to := notice.Endpoint{URL: "https://other.example.test/", Description: "Pager", Types: []notice.Type{"plan.stale"}}
		must(t, s.ChangeEndpoint(ctx, h.e.ID, h.e.Revision, to))
		if err := s.ChangeEndpoint(ctx, h.e.ID, h.e.Revision, to); !fault.Is(err, fault.Stale) {
			t.Errorf("a stale form: %v", err)
		}
		if st := h.stand(); st.URL != to.URL || st.Description != "Pager" || len(st.Types) != 1 || st.Creator != "Admin" || st.Revision != 2 {
			t.Errorf("%+v", st)
		}
		if _, _, err := s.AddEndpoint(ctx, to); !fault.Is(err, fault.Invalid) {
			t.Errorf("the same address twice: %v", err)
		}
		must(t, s.PauseEndpoint(ctx, h.e.ID))
		for name, err := range map[string]error{"pause twice": s.PauseEndpoint(ctx, h.e.ID), "test while paused": s.TestEndpoint(ctx, h.e.ID)} {
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		must(t, s.ResumeEndpoint(ctx, h.e.ID))
		if err := s.ResumeEndpoint(ctx, h.e.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("resume twice: %v", err)
		}
		must(t, s.TestEndpoint(ctx, h.e.ID))
		h.move()
		d := h.due()[0]
		h.attempt(d, notice.Answer{Status: 200})
		must(t, s.DeleteEndpoint(ctx, h.e.ID))
		_, err := s.Endpoint(ctx, h.e.ID)
		_, _, err2 := s.Delivery(ctx, h.e.ID, d.ID)
		for name, err := range map[string]error{"open": err, "its log": err2, "delete": s.DeleteEndpoint(ctx, h.e.ID), "resend": s.Resend(ctx, h.e.ID, d.ID)} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s after the deletion: %v", name, err)
			}
		}
		n, err := s.SweepDeliveries(ctx, time.Time{})
		list, err2 := s.Endpoints(ctx)
		if n != 1 || err != nil || len(list) != 0 || err2 != nil {
			t.Errorf("%d %v %v %v", n, err, list, err2)
		}
	})
}

func TestTheLogIsPagedFilteredAndForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHooked(t, s)
		for i := range 12 {
			h.Model(t, fmt.Sprintf("m%d", i), registry.Trained, 2)
		}
		h.move()
		for _, d := range h.due()[:5] {
			h.attempt(d, notice.Answer{Status: 200})
		}
		seen, after := 0, ""
		for range 9 {
			page, err := s.Deliveries(t.Context(), h.e.ID, "", after, 5)
			must(t, err)
			seen += len(page.Rows)
			if after = page.Next; after == "" {
				back, err := s.Deliveries(t.Context(), h.e.ID, "", page.Prev, 5)
				must(t, err)
				if len(back.Rows) != 5 {
					t.Errorf("%d rows on the way back", len(back.Rows))
				}
				break
			}
		}
		for state, want := range map[store.DeliveryState]int{"": 12, store.Delivered: 5, store.Pending: 7, store.Undone: 0} {
			page, err := s.Deliveries(t.Context(), h.e.ID, state, "", 50)
			n, err2 := s.CountDeliveries(t.Context(), h.e.ID, state)
			if err != nil || err2 != nil || len(page.Rows) != want || n.N != want {
				t.Errorf("%q: %d rows, counted %d; %v %v", state, len(page.Rows), n.N, err, err2)
			}
		}
		if _, err := s.Deliveries(t.Context(), h.e.ID, "", "zz", 5); seen != 12 || !fault.Is(err, fault.Malformed) {
			t.Errorf("%d seen, %v", seen, err)
		}
		h.now = h.now.Add(notice.KeepLog + time.Hour)
		n, err := s.SweepDeliveries(t.Context(), h.now.Add(-notice.KeepLog))
		if n != 12 || err != nil || len(h.due()) != 0 {
			t.Errorf("%d swept, %v", n, err)
		}
	})
}
