package store_test

import (
	"testing"

	"sundial/models/day"
	"sundial/models/notice"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func TestTheDatesOfEveryModelThatHasSome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 2)
		w.Model(t, "bare", registry.Trained, 2)
		list, err := s.Dates(t.Context(), store.DatesFilter{}, w.Policy)
		must(t, err)
		if len(list) != 2 {
			t.Fatalf("%d models", len(list))
		}
		planned, bare := list[0], list[1]
		if planned.Model.Slug != "fraud" || planned.Model.Team != "Fraud" || planned.Plan != 1 || !planned.ReviewBy.Known() || !planned.LatestStart.Before(planned.End) {
			t.Errorf("%+v", planned)
		}
		if want := day.Of(s.Now()).Add(300); bare.Deprecation != want || bare.Plan != 0 || bare.LatestStart.Known() || bare.Sequence < 1 || bare.ChangedAt.IsZero() {
			t.Errorf("%+v, want %s", bare, want)
		}
		for _, f := range []store.DatesFilter{{Team: "credit"}, {Team: "nowhere"}, {Owner: w.Viewer.ID}} {
			if list, err := s.Dates(t.Context(), f, w.Policy); err != nil || len(list) != 0 {
				t.Errorf("%+v: %d, %v", f, len(list), err)
			}
		}
		for _, who := range []int64{w.Owner.ID, w.Deputy.ID} {
			if list, err := s.Dates(t.Context(), store.DatesFilter{Team: "fraud", Owner: who}, w.Policy); err != nil || len(list) != 2 {
				t.Errorf("of whoever answers for them: %d, %v", len(list), err)
			}
		}
	})
}

func TestVitals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHooked(t, s)
		h.Model(t, "fraud", registry.Trained, 2)
		must(t, s.EnsureJob(t.Context(), "nightly"))
		v, err := s.Vitals(t.Context())
		must(t, err)
		if v.AuditHead == 0 || v.Outbox != 2 || v.Waiting != 0 || v.Endpoints != 1 || v.Failing != 0 || len(v.Jobs) != 1 {
			t.Errorf("%+v", v)
		}
		h.move()
		h.attempt(h.due()[0], notice.Answer{Status: 500, Error: "The receiver answered 500."})
		v, err = s.Vitals(t.Context())
		must(t, err)
		if v.Outbox != 0 || v.Waiting != 1 || !v.Oldest.Equal(h.now) || v.Failing != 1 {
			t.Errorf("%+v", v)
		}
		if pools := s.Pools(); len(pools) == 0 || pools["write"].MaxOpenConnections == 0 {
			t.Errorf("%+v", pools)
		}
	})
}
