package store_test

import (
	"fmt"
	"testing"

	"sundial/models/day"
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
