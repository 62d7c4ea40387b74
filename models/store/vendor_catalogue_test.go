package store_test

import (
	"fmt"
	"testing"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/vendors"
)

func TestTheCatalogueIsNarrowedAndPaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		var rows []vendors.Entry
		for i := range 30 {
			rows = append(rows, vendors.Entry{Host: vendors.OpenAI, ModelID: fmt.Sprintf("gpt-%02d", i), Class: vendors.Floating, Source: "list", ReadOn: "2026-11-01",
				EndOfLife: day.Day("2027-01-01").Add(30 - i)})
		}
		rows = append(rows, vendors.Entry{Host: vendors.Mistral, ModelID: "mistral-large-2411", Class: vendors.Pinned, Source: "list", ReadOn: "2026-11-01", Conflict: "They differ."})
		if err := s.SaveVendorModels(w.As(w.Admin), rows); err != nil {
			t.Fatal(err)
		}
		tests := map[string]struct {
			f    store.VendorFilter
			want int
		}{
			"everything":     {store.VendorFilter{}, 31},
			"host":           {store.VendorFilter{Host: "OpenAI"}, 30},
			"class":          {store.VendorFilter{Class: vendors.Pinned}, 1},
			"ends by a day":  {store.VendorFilter{EndsBy: "2027-01-10"}, 9},
			"part of an id":  {store.VendorFilter{Query: "LARGE"}, 1},
			"a percent sign": {store.VendorFilter{Query: "%"}, 0},
			"conflict":       {store.VendorFilter{Conflict: true}, 1},
			"in use":         {store.VendorFilter{InUse: true}, 0},
		}
		for name, tt := range tests {
			n, err := s.CountVendorModels(t.Context(), tt.f)
			seen, after, last := 0, "", store.VendorRow{}
			for range 9 {
				page, e := s.VendorModels(t.Context(), tt.f, after, 7)
				if e != nil {
					t.Fatal(e)
				}
				for _, r := range page.Rows {
					if tt.f.EndsBy.Known() && r.EndOfLife < last.EndOfLife {
						t.Errorf("%s: the nearest end comes first", name)
					}
					last = r
				}
				if seen += len(page.Rows); page.Next == "" {
					break
				}
				after = page.Next
			}
			if err != nil || seen != tt.want || n.N != tt.want {
				t.Errorf("%s: listed %d, counted %d, want %d, %v", name, seen, n.N, tt.want, err)
			}
		}
	})
}

func TestARowIsAddedAndCorrectedWithItsHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		as := w.As(w.Reviewer)
		e := vendors.Entry{Host: "OpenAI", ModelID: "gpt-4o-2024-11-20", Class: vendors.Pinned, Source: "https://vendor.example", ReadOn: "2026-11-01"}
		if err := s.AddVendorModel(as, e); err != nil {
			t.Fatal(err)
		}
		e.ModelID = "GPT-4o-2024-11-20"
		if err := s.AddVendorModel(as, e); !fault.Is(err, fault.Invalid) {
			t.Errorf("another spelling of one id is one row: %v", err)
		}
		change := func(revision int64, fn func(*vendors.Entry) error) error {
			return s.ChangeVendorModel(as, "openai", "gpt-4o-2024-11-20", revision, fn)
		}
		ends := func(e *vendors.Entry) error { e.EndOfLife, e.ModelID = "2027-01-14", "another"; return nil }
		if err := change(1, ends); err != nil {
			t.Fatal(err)
		}
		if err := change(1, ends); !fault.Is(err, fault.Stale) {
			t.Errorf("a stale form was saved: %v", err)
		}
		if err := change(2, ends); !fault.Is(err, fault.Conflict) {
			t.Errorf("nothing to change: %v", err)
		}
		if err := change(2, func(*vendors.Entry) error { return fault.At("source", "No.") }); !fault.Is(err, fault.Invalid) {
			t.Errorf("a refusal: %v", err)
		}
		if err := s.ChangeVendorModel(as, "openai", "nothing", 1, ends); !fault.Is(err, fault.NotFound) {
			t.Errorf("a row that is not: %v", err)
		}
		got, err := s.VendorModel(t.Context(), "OpenAI", "gpt-4o-2024-11-20")
		if err != nil || got.EndOfLife != "2027-01-14" || got.Revision != 2 || got.UsedBy != 0 {
			t.Errorf("%+v, %v", got, err)
		}
		events, _ := s.Events(t.Context(), store.EventFilter{Verb: "vendors"}, 5)
		if len(events) != 2 || len(events[0].Changes()) != 1 || events[0].Changes()[0].After != "2027-01-14" {
			t.Errorf("the correction should tell before and after: %+v", events)
		}
	})
}
