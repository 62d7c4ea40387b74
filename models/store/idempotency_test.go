package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func TestAKeyHasOneEffect(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		now := time.Now().UTC().Truncate(time.Second)
		s.SetClock(func() time.Time { return now })
		ctx := w.As(w.Owner)
		key := func(hash string) *store.Keyed { return &store.Keyed{Caller: "1 session", Key: "k", Hash: hash} }

		first := key("a")
		kept, err := s.ReserveKey(ctx, first)
		must(t, err)
		if kept != nil {
			t.Fatal("an answer before there was a request")
		}
		if _, err := s.ReserveKey(ctx, key("a")); !fault.Is(err, fault.Conflict) {
			t.Errorf("while it runs: %v", err)
		}
		if _, err := s.ReserveKey(ctx, key("b")); !errors.Is(err, store.ErrKeyReused) {
			t.Errorf("another request: %v", err)
		}
		must(t, s.AnswerKey(ctx, first, store.Kept{Status: 201, Header: map[string][]string{"Etag": {`"r1"`}}, Body: "made"}))
		kept, err = s.ReserveKey(ctx, key("a"))
		must(t, err)
		if kept == nil || kept.Status != 201 || kept.Body != "made" || kept.Header["Etag"][0] != `"r1"` {
			t.Errorf("replayed %+v", kept)
		}
		if kept, err = s.ReserveKey(ctx, &store.Keyed{Caller: "2 session", Key: "k", Hash: "a"}); err != nil || kept != nil {
			t.Errorf("somebody else's key of the same name: %v %v", kept, err)
		}
		now = now.Add(25 * time.Hour)
		n, err := s.SweepKeys(ctx)
		must(t, err)
		if n != 2 {
			t.Errorf("%d keys swept, want 2", n)
		}
	})
}

func TestAfterACrash(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		now := time.Now().UTC().Truncate(time.Second)
		s.SetClock(func() time.Time { return now })
		ctx := w.As(w.Owner)
		add := func(k *store.Keyed, slug string) error {
			m := registry.Model{Slug: slug, Name: slug, Kind: registry.Trained, TeamID: w.Fraud.ID}
			m.Note("model.registered", m.Subject(), nil, nil)
			return s.AddModel(store.WithKey(ctx, k), &m)
		}

		dead := &store.Keyed{Caller: "c", Key: "before", Hash: "a"}
		_, err := s.ReserveKey(ctx, dead)
		must(t, err)
		now = now.Add(10 * time.Minute)
		next := &store.Keyed{Caller: "c", Key: "before", Hash: "a"}
		if kept, err := s.ReserveKey(ctx, next); err != nil || kept != nil {
			t.Fatalf("nothing was changed, so it runs again: %v %v", kept, err)
		}
		if err := add(dead, "late"); !fault.Is(err, fault.Conflict) {
			t.Errorf("the attempt that was given up changed something: %v", err)
		}
		must(t, add(next, "once"))
		now = now.Add(10 * time.Minute)
		if _, err := s.ReserveKey(ctx, &store.Keyed{Caller: "c", Key: "before", Hash: "a"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the change was made and its answer lost: %v", err)
		}
		must(t, s.ReleaseKey(ctx, next))
		if _, err := s.ReserveKey(ctx, &store.Keyed{Caller: "c", Key: "before", Hash: "a"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a key whose change was made was given back: %v", err)
		}
	})
}

func TestOfManyWithOneKeyOneRuns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		var wait sync.WaitGroup
		var mu sync.Mutex
		ran := 0
		for range 20 {
			wait.Go(func() {
				kept, err := s.ReserveKey(w.As(w.Owner), &store.Keyed{Caller: "c", Key: "k", Hash: "a"})
				mu.Lock()
				defer mu.Unlock()
				if err == nil && kept == nil {
					ran++
				} else if !fault.Is(err, fault.Conflict) {
					t.Errorf("%v %v", kept, err)
				}
			})
		}
		wait.Wait()
		if ran != 1 {
			t.Errorf("%d ran", ran)
		}
	})
}
