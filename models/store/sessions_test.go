package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func TestSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		ctx, now := w.As(w.Owner), s.Now()
		open := func(hash string) store.Session {
			t.Helper()
			x, err := s.OpenSession(ctx, hash, store.Session{PersonID: w.Owner.ID, CreatedAt: now, IdleEnd: now.Add(8 * time.Hour),
				AbsoluteEnd: now.Add(24 * time.Hour), UserAgent: "Firefox", Address: "192.0.2.7", Sealed: "sealed"})
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		live := func(hash string, at time.Time) bool {
			t.Helper()
			x, p, err := s.LiveSession(ctx, hash, at)
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			if err == nil && (p.ID != w.Owner.ID || p.Name != "Owner" || len(p.TeamIDs) != 1 || len(p.Roles) != 1 || x.Sealed != "sealed" || x.Address != "192.0.2.7") {
				t.Errorf("session %+v of %+v", x, p)
			}
			return err == nil
		}

		first, second := open("hash-1"), open("hash-2")
		if !live("hash-1", now) || live("hash-3", now) || live("", now) {
			t.Error("a session is found by its token's hash alone")
		}
		if live("hash-1", now.Add(8*time.Hour)) {
			t.Error("alive after its idle end")
		}
		if err := s.TouchSession(ctx, first.ID, now.Add(7*time.Hour), now.Add(15*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if !live("hash-1", now.Add(14*time.Hour)) || live("hash-1", now.Add(15*time.Hour)) {
			t.Error("use does not move the idle end")
		}
		if err := s.TouchSession(ctx, first.ID, now, now.Add(48*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if live("hash-1", now.Add(24*time.Hour)) {
			t.Error("alive after its absolute end")
		}

		if err := s.EndSession(ctx, w.Stranger.ID, first.ID, "session.revoked"); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else ended it: %v", err)
		}
		if err := s.EndSession(ctx, w.Owner.ID, first.ID, "session.revoked"); err != nil {
			t.Fatal(err)
		}
		if err := s.EndSession(ctx, w.Owner.ID, first.ID, "session.revoked"); !fault.Is(err, fault.NotFound) {
			t.Errorf("ended twice: %v", err)
		}
		if live("hash-1", now) || !live("hash-2", now) {
			t.Error("the wrong session ended")
		}
		if list, err := s.SessionsOf(ctx, w.Owner.ID, now); err != nil || len(list) != 1 || list[0].ID != second.ID || list[0].Sealed != "" {
			t.Errorf("%+v %v", list, err)
		}

		events, err := s.Events(ctx, store.EventFilter{Kind: "session"}, 10)
		if err != nil || len(events) != 3 || events[0].Verb != "session.revoked" || events[2].Verb != "session.opened" {
			t.Errorf("audit: %+v %v", events, err)
		}

		if err := s.SetDisabled(w.As(w.Admin), w.Owner.ID, true); err != nil {
			t.Fatal(err)
		}
		if live("hash-2", now) {
			t.Error("a disabled person's session lives")
		}
		if n, err := s.SweepSessions(ctx, now.Add(25*time.Hour)); n != 2 || err != nil {
			t.Errorf("swept %d, %v", n, err)
		}
	})
}

// A refresh token is good for one use: of many requests at once, one asks the provider.
func TestOneRequestAsksTheProvider(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		ctx, now := w.As(w.Owner), s.Now()
		x, err := s.OpenSession(ctx, "hash", store.Session{PersonID: w.Owner.ID, CreatedAt: now, IdleEnd: now.Add(time.Hour), AbsoluteEnd: now.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		var winners atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if mine, err := s.ClaimCheck(ctx, x.ID, x.CheckedAt, now.Add(time.Minute)); err != nil {
					t.Error(err)
				} else if mine {
					winners.Add(1)
				}
			})
		}
		wg.Wait()
		if winners.Load() != 1 {
			t.Errorf("%d requests ask", winners.Load())
		}
		if err := s.KeepSealed(ctx, x.ID, "renewed", now.Add(2*time.Minute)); err != nil {
			t.Fatal(err)
		}
		if got, _, err := s.LiveSession(ctx, "hash", now); err != nil || got.Sealed != "renewed" || !got.CheckedAt.Equal(now.Add(2*time.Minute)) {
			t.Errorf("%+v %v", got, err)
		}
	})
}
