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
	"sundial/models/retirement/sample"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/vendors"
)

// slugs are the models of the filtered list, over all its pages, first forwards and then back again.
func slugs(t *testing.T, w *storetest.World, f retirement.Filter, limit int) []string {
	t.Helper()
	there, last := []string{}, store.Page[retirement.Row]{}
	for after := ""; ; after = last.Next {
		page, err := w.S.Plans(t.Context(), f, w.Policy, after, limit)
		must(t, err)
		for _, r := range page.Rows {
			there = append(there, r.Model.Slug)
		}
		if last = page; page.Next == "" {
			break
		}
	}
	back := there[len(there)-len(last.Rows):]
	for before := last.Prev; before != ""; {
		page, err := w.S.Plans(t.Context(), f, w.Policy, before, limit)
		must(t, err)
		var rows []string
		for _, r := range page.Rows {
			rows = append(rows, r.Model.Slug)
		}
		back, before = append(rows, back...), page.Prev
	}
	if diff := cmp.Diff(there, append([]string{}, back...)); diff != "" {
		t.Errorf("%v: pages differ on the way back:\n%s", f, diff)
	}
	return there
}

func TestPlansAreListedByWhereTheyStand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "a-serving", "v1", 2)
		for _, slug := range []string{"b-stale", "c-revised", "d-rejected", "e-draft"} {
			w.Model(t, slug, registry.Trained, 2)
		}
		w.Model(t, "f-without", registry.Trained, 2) // an experiment without a plan is in no list
		w.Plan(t, "c-revised")
		w.Plan(t, "b-stale")
		_, err := filePlan(w, "b-stale", w.Owner)
		must(t, err)
		gone, err := s.SignIn(w.As(w.Admin), store.SignIn{Issuer: "https://idp.test", Subject: "gone", Name: "Gone", Groups: []string{"team-fraud"}})
		must(t, err)
		must(t, change(w, "b-stale", w.Owner, editSection(w.Owner, "people", func(b *retirement.Body, _ retirement.Context) { b.People.Owner = gone.ID })))
		must(t, change(w, "b-stale", w.Owner, submitPlan(w.Owner)))
		must(t, change(w, "b-stale", w.Risk, reviewPlan(w.Risk, retirement.Approve, "")))
		must(t, s.SetDisabled(w.As(w.Admin), gone.ID, true))
		for _, slug := range []string{"c-revised", "d-rejected", "e-draft"} {
			_, err := filePlan(w, slug, w.Owner)
			must(t, err)
		}
		must(t, change(w, "c-revised", w.Owner, submitPlan(w.Owner)))
		must(t, change(w, "d-rejected", w.Owner, func(p *retirement.Plan, c retirement.Context, now time.Time) error {
			return p.Replace(storetest.Actor(w.Owner), sample.Body(c.Model, day.Of(now)), c, now)
		}))
		must(t, change(w, "d-rejected", w.Owner, submitPlan(w.Owner)))
		must(t, change(w, "d-rejected", w.Risk, reviewPlan(w.Risk, retirement.Reject, "The consumers were not asked.")))

		for standing, want := range map[retirement.Standing][]string{
			"":                       {"a-serving", "b-stale", "c-revised", "d-rejected", "e-draft"},
			retirement.StandsInForce: {"a-serving", "c-revised"},
			retirement.StandsStale:   {"b-stale"},
			retirement.StandsLate:    {},
			retirement.StandsReview:  {"c-revised"},
			retirement.StandsDraft:   {"e-draft"},
			retirement.StandsRefused: {"d-rejected"},
			retirement.StandsMissing: {},
		} {
			for _, limit := range []int{1, 2, 50} {
				if diff := cmp.Diff(want, slugs(t, w, retirement.Filter{Standing: standing}, limit)); diff != "" {
					t.Errorf("%q, %d a page (-want +got):\n%s", standing, limit, diff)
				}
			}
		}
		if got := slugs(t, w, retirement.Filter{Team: "credit"}, 10); len(got) > 0 {
			t.Errorf("the other team has no models: %v", got)
		}
		if _, err := s.Plans(t.Context(), retirement.Filter{Standing: "nowhere"}, w.Policy, "", 10); !fault.Is(err, fault.Malformed) {
			t.Errorf("an unknown standing should be refused: %v", err)
		}
		if _, err := s.Plans(t.Context(), retirement.Filter{}, w.Policy, "%%%", 10); !fault.Is(err, fault.Malformed) {
			t.Errorf("a damaged cursor should be refused: %v", err)
		}
		if n, more, counted, err := s.CountPlans(t.Context(), retirement.Filter{}); n != 5 || more || !counted || err != nil {
			t.Errorf("five models have plans: %d, %v, %v, %v", n, more, counted, err)
		}
	})
}

// However many plans a page shows, it asks the same number of questions.
func TestTheListOfPlansAsksTheSameNumberOfQuestionsForManyRows(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	asked := func() int64 {
		ctx, n := store.CountQueries(t.Context())
		page, err := s.Plans(ctx, retirement.Filter{}, w.Policy, "", 50)
		must(t, err)
		if len(page.Rows) == 0 {
			t.Fatal("the list should not be empty")
		}
		return n.Load()
	}
	withCandidate := func(slug string) {
		w.Model(t, slug, registry.Trained, 2)
		_, err := filePlan(w, slug, w.Owner)
		must(t, err)
		must(t, change(w, slug, w.Owner, func(p *retirement.Plan, c retirement.Context, now time.Time) error {
			b := sample.Body(c.Model, day.Of(now))
			b.Candidate = retirement.Candidate{Model: "successor", Version: "v1", EquivalenceTests: []string{"Same decision on 98 % of cases"}}
			return p.Replace(storetest.Actor(w.Owner), b, c, now)
		}))
		must(t, change(w, slug, w.Owner, submitPlan(w.Owner)))
		must(t, change(w, slug, w.Risk, reviewPlan(w.Risk, retirement.Approve, "")))
	}
	w.Model(t, "successor", registry.Trained, 2)
	w.Version(t, "successor", "v1")
	withCandidate("m-0")
	one := asked()
	for i := 1; i < 20; i++ {
		withCandidate(fmt.Sprintf("m-%d", i))
	}
	if many := asked(); many != one || one > 6 {
		t.Errorf("one row takes %d queries and twenty take %d; want the same, and at most 6", one, many)
	}
}

func TestWhatIsKnownOfACandidate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		m := w.Model(t, "churn", registry.Trained, 2)
		w.Model(t, "successor", registry.Trained, 2)
		w.Version(t, "successor", "v1")
		today := day.Of(s.Now())
		must(t, s.SaveVendorModels(w.As(w.Admin), []vendors.Entry{
			{Host: "openai", ModelID: "gpt-4o-2024-11-20", Class: vendors.Pinned, Source: "the vendor's page"},
			{Host: "openai", ModelID: "gpt-4o-2024-05-13", Class: vendors.Pinned, Source: "the vendor's page", EndOfLife: today.Add(-1)},
		}))
		for name, x := range map[string]struct {
			candidate retirement.Candidate
			want      retirement.CandidateFact
		}{
			"nothing":                      {retirement.Candidate{None: true}, retirement.CandidateFact{}},
			"itself":                       {retirement.Candidate{Model: "churn"}, retirement.CandidateFact{Found: true, SameModel: true, Alive: true}},
			"a model":                      {retirement.Candidate{Model: "successor"}, retirement.CandidateFact{Found: true, Alive: true}},
			"a version":                    {retirement.Candidate{Model: "successor", Version: "v1"}, retirement.CandidateFact{Found: true, Alive: true}},
			"a version that is not":        {retirement.Candidate{Model: "successor", Version: "v9"}, retirement.CandidateFact{}},
			"a model that is not":          {retirement.Candidate{Model: "nobody"}, retirement.CandidateFact{}},
			"pinned, its end unknown":      {retirement.Candidate{Host: "OpenAI", VendorID: "gpt-4o-2024-11-20"}, retirement.CandidateFact{Found: true, Alive: true}},
			"pinned, ended":                {retirement.Candidate{Host: "openai", VendorID: "gpt-4o-2024-05-13"}, retirement.CandidateFact{Found: true, Retired: true}},
			"floating":                     {retirement.Candidate{Host: "openai", VendorID: "gpt-4o"}, retirement.CandidateFact{Found: true, Floating: true, Alive: true}},
			"a vendor nobody has heard of": {retirement.Candidate{Host: "nowhere", VendorID: "mystery"}, retirement.CandidateFact{Floating: true, Alive: true}},
		} {
			c, err := s.PlanContext(t.Context(), m, retirement.Body{Candidate: x.candidate}, w.Policy)
			must(t, err)
			got := c.Candidate
			got.Label = ""
			if diff := cmp.Diff(x.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestTheCatalogueTellsWhenTheVendorEndsAModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		m := w.Model(t, "assistant", registry.GenAI, 2)
		end := day.Of(s.Now()).Add(120)
		must(t, s.SaveVendorModels(w.As(w.Admin), []vendors.Entry{{Host: "openai", ModelID: "gpt-4o-2024-11-20", Class: vendors.Pinned, EndOfLife: end, Source: "the vendor's page"}}))
		_, err := s.AddVersion(w.As(w.Contributor), "assistant", func(m *registry.Model) (*registry.Version, error) {
			v := &registry.Version{ModelID: m.ID, Label: "r1", Kind: m.Kind, AuthorID: w.Contributor.ID,
				Release: registry.Release{Host: "openai", ModelID: "gpt-4o-2024-11-20"}}
			v.Note("version.added", v.Subject(m.Slug), nil, nil)
			return v, nil
		})
		must(t, err)
		c, err := s.PlanContext(t.Context(), m, retirement.Body{}, w.Policy)
		if err != nil || c.VendorEnd != end {
			t.Errorf("the vendor's end should be %s: %q, %v", end, c.VendorEnd, err)
		}
	})
}

// A version on the successor lives longer than the one that serves: its gate and the plan that is written
// for it go by the successor's end, the plan in force by the end of what serves.
func TestAPlanIsHeldToTheVendorsModelOfItsVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.ServeRelease(t, "bot", "v1")
		today := day.Of(s.Now())
		soon, next := today.Add(40), "gpt-4.1-2025-04-14"
		must(t, s.SaveVendorModels(w.As(w.Admin), []vendors.Entry{
			{Host: vendors.OpenAI, ModelID: "gpt-4o-2024-11-20", Class: vendors.Pinned, EndOfLife: soon, Source: "the vendor's page", ReadOn: today},
			{Host: vendors.OpenAI, ModelID: next, Class: vendors.Pinned, Source: "the vendor's page", ReadOn: today},
		}))
		_, err := s.AddVersion(w.As(w.Contributor), "bot", func(m *registry.Model) (*registry.Version, error) {
			v := &registry.Version{ModelID: m.ID, Label: "v2", Kind: m.Kind, AuthorID: w.Contributor.ID, Release: registry.Release{Host: "openai", ModelID: next}}
			v.Note("version.added", v.Subject(m.Slug), nil, nil)
			return v, nil
		})
		must(t, err)
		view, err := s.Plan(t.Context(), "bot", w.Policy)
		must(t, err)
		if found := retirement.Stale(view.InForce, view.InForceContext, today); len(found) != 1 || found[0].Key != "dates" {
			t.Errorf("the plan in force should be stale by v1's end: %+v", found)
		}
		m, err := s.Model(t.Context(), "bot")
		must(t, err)
		for candidate, built := range map[string]bool{next: true, "GPT‑4.1-2025-04-14": true, "gpt-4o-2024-11-20": false, "": false} {
			c, err := s.PlanContext(t.Context(), m, retirement.Body{Candidate: retirement.Candidate{Host: "openai", VendorID: candidate}}, w.Policy)
			if err != nil || c.VendorEnd.Known() || c.Candidate.BuiltOn != built {
				t.Errorf("a plan with candidate %q: %+v, %v", candidate, c.Candidate, err)
			}
		}
		page, err := s.ModelView(t.Context(), "bot", w.Policy)
		must(t, err)
		if f := page.Facts; f.Version.Label != "v2" || len(f.Plan.Findings) != 0 || f.Plan.Runway.End.Before(today.Add(41)) {
			t.Errorf("v2: %+v, %+v", f.Plan.Findings, f.Plan.Runway)
		}
		if f := page.Serving; f.Version.Label != "v1" || len(f.Plan.Findings) != 1 || f.Plan.Runway.End != soon {
			t.Errorf("v1: %+v, %+v", f.Plan.Findings, f.Plan.Runway)
		}
	})
}
