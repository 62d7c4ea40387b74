package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func TestSearchFindsEveryWord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		for _, slug := range []string{"card-fraud-score", "card-limit-advice", "fraud-letters", "scorecard"} {
			w.Model(t, slug, registry.Trained, 2)
		}
		for query, want := range map[string][]string{
			"fraud":      {"card-fraud-score", "fraud-letters"},
			"card fraud": {"card-fraud-score"},
			"fraud card": {"card-fraud-score"},
			"card":       {"card-fraud-score", "card-limit-advice", "scorecard"},
			"card zebra": {},
			"daruf":      {}, // the same letters in threes elsewhere are not the word
		} {
			page, err := s.Models(t.Context(), registry.Filter{Query: query, Sort: "name"}, "", 10)
			if err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			if diff := cmp.Diff(want, modelSlugs(page.Rows), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%q (-want +got):\n%s", query, diff)
			}
		}
	})
}
