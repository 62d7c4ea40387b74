package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/telemetry"
)

// unnoticed are the models of the list over all its pages, with what is said of them.
func unnoticed(t *testing.T, s *store.Store, f retirement.UnnoticedFilter, limit int) []string {
	t.Helper()
	var out []string
	for after := ""; ; {
		page, err := s.Unnoticed(t.Context(), f, after, limit)
		must(t, err)
		for _, u := range page.Rows {
			out = append(out, fmt.Sprintf("%s since %s %v", u.Model.Slug, u.Since(), u.Measured()))
		}
		if after = page.Next; after == "" {
			return out
		}
	}
}

// disown takes a model's consumers away.
func disown(t *testing.T, w *storetest.World, slug string) {
	t.Helper()
	_, err := w.S.ChangeModel(w.As(w.Owner), slug, 0, func(m *registry.Model) error {
		m.Consumers, m.NoConsumersReason = nil, "The campaign it was made for is over."
		m.Note("model.consumers_changed", m.Subject(), nil, nil)
		return nil
	})
	must(t, err)
}

func stamped(t *testing.T, w *storetest.World, slug string, at time.Time) {
	t.Helper()
	_, err := w.S.TakeStamps(w.As(w.Contributor), store.StampCall{Lines: []telemetry.Line{
		{Bucket: at.UTC().Truncate(telemetry.Bucket), App: "checkout", Stamp: telemetry.Stamp{Model: slug, Version: "v1"}, Count: 3}}})
	must(t, err)
}

func TestWhatNobodyWouldNotice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Date(2026, 9, 1, 10, 0, 0, 0, time.UTC)
		s.SetClock(func() time.Time { return now })
		w := storetest.NewWorld(t, s)
		for _, slug := range []string{"a-busy", "b-silent", "c-stopped", "d-claimed"} {
			w.Serve(t, slug, "v1", 2)
			if slug != "d-claimed" {
				disown(t, w, slug)
			}
		}
		w.Model(t, "e-idle", registry.Trained, 2) // in production it never was
		disown(t, w, "e-idle")
		stamped(t, w, "c-stopped", now)
		served := day.Of(now)

		now = now.AddDate(0, 0, 29)
		if got := unnoticed(t, s, retirement.UnnoticedFilter{}, 10); len(got) > 0 {
			t.Errorf("nothing has been silent for 30 days yet: %v", got)
		}
		now = now.AddDate(0, 0, 3)
		unmeasured := []string{fmt.Sprintf("a-busy since %s false", served), fmt.Sprintf("b-silent since %s false", served), fmt.Sprintf("c-stopped since %s false", served.Add(1))}
		if diff := cmp.Diff(unmeasured, unnoticed(t, s, retirement.UnnoticedFilter{}, 10)); diff != "" {
			t.Errorf("while the team reports nothing, nothing is measured (-want +got):\n%s", diff)
		}
		stamped(t, w, "a-busy", now)
		measured := []string{fmt.Sprintf("b-silent since %s true", served), fmt.Sprintf("c-stopped since %s true", served.Add(1))}
		for _, limit := range []int{1, 10} {
			if diff := cmp.Diff(measured, unnoticed(t, s, retirement.UnnoticedFilter{}, limit)); diff != "" {
				t.Errorf("%d a page (-want +got):\n%s", limit, diff)
			}
		}
		for name, x := range map[string]struct {
			f    retirement.UnnoticedFilter
			want int
		}{
			"measured": {retirement.UnnoticedFilter{Measured: "yes"}, 2}, "not measured": {retirement.UnnoticedFilter{Measured: "no"}, 0},
			"its team": {retirement.UnnoticedFilter{Team: "fraud"}, 2}, "another team": {retirement.UnnoticedFilter{Team: "credit"}, 0},
			"its deputy": {retirement.UnnoticedFilter{Person: w.Deputy.ID}, 2}, "somebody else": {retirement.UnnoticedFilter{Person: w.Viewer.ID}, 0},
		} {
			n, err := s.CountUnnoticed(t.Context(), x.f)
			if got := unnoticed(t, s, x.f, 10); err != nil || n.N != x.want || len(got) != x.want {
				t.Errorf("%s: %d counted, %v listed, want %d: %v", name, n.N, got, x.want, err)
			}
		}
		page, err := s.Unnoticed(t.Context(), retirement.UnnoticedFilter{}, "", 10)
		must(t, err)
		if u := page.Rows[0]; u.Model.Owner != "Owner" || u.Model.Team != "Fraud" || u.Plan != "approved" || u.LastStamp.Known() || u.FirstServed != served {
			t.Errorf("%+v", u)
		}
		if _, err := s.Unnoticed(t.Context(), retirement.UnnoticedFilter{}, "%%%", 10); !fault.Is(err, fault.Malformed) {
			t.Errorf("a damaged cursor: %v", err)
		}
	})
}

func TestTheListOfTheUnnoticedGoesBackAsItCame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Date(2026, 9, 1, 10, 0, 0, 0, time.UTC)
		s.SetClock(func() time.Time { return now })
		w := storetest.NewWorld(t, s)
		for _, slug := range []string{"a", "b", "c"} {
			w.Serve(t, slug, "v1", 2)
			disown(t, w, slug)
		}
		now = now.AddDate(0, 0, 40)
		first, err := s.Unnoticed(t.Context(), retirement.UnnoticedFilter{}, "", 2)
		must(t, err)
		second, err := s.Unnoticed(t.Context(), retirement.UnnoticedFilter{}, first.Next, 2)
		must(t, err)
		again, err := s.Unnoticed(t.Context(), retirement.UnnoticedFilter{}, second.Prev, 2)
		must(t, err)
		if len(first.Rows) != 2 || len(second.Rows) != 1 || second.Next != "" || cmp.Diff(first.Rows, again.Rows) != "" || again.Prev != "" {
			t.Errorf("%+v\n%+v\n%+v", first, second, again)
		}
	})
}
