package store_test

import (
	"slices"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/retirement/sample"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// work is what somebody's page lists, by kind.
func work(t *testing.T, w *storetest.World, who org.Person) map[store.WorkKind][]store.WorkItem {
	t.Helper()
	items, err := w.S.Work(t.Context(), storetest.Actor(who), w.Policy)
	if err != nil {
		t.Fatal(err)
	}
	out := map[store.WorkKind][]store.WorkItem{}
	waiting := 0
	for _, i := range items {
		out[i.Kind] = append(out[i.Kind], i)
		if i.WaitsForDecision() {
			waiting++
		}
	}
	if n, _, err := w.S.CountWaiting(t.Context(), storetest.Actor(who)); err != nil || n != waiting {
		t.Errorf("%s: the navigation counts %d, the page lists %d, %v", who.Name, n, waiting, err)
	}
	return out
}

func open(t *testing.T, w *storetest.World, who org.Person, slug, label string) int64 {
	t.Helper()
	d, err := w.S.OpenRequest(w.As(who), slug, label, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(storetest.Actor(who), registry.Registered, "Ready to be registered.", now)
	})
	if err != nil {
		t.Fatal(err)
	}
	return d.ID
}

func TestARequestWaitsForThoseWhoMayDecideIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Policy, _ = lifecycle.Profile("strict") // registering is reviewed
		w.Model(t, "fraud", registry.Trained, 1)
		w.Version(t, "fraud", "v1")
		id := open(t, w, w.Deputy, "fraud", "v1")
		waits := func(p org.Person) bool {
			return slices.ContainsFunc(work(t, w, p)[store.WorkReview], func(i store.WorkItem) bool { return i.ID == id })
		}
		for _, p := range []org.Person{w.Reviewer, w.Risk, w.OtherReviewer} {
			if !waits(p) {
				t.Errorf("%s may decide it and is not told", p.Name)
			}
		}
		for _, p := range []org.Person{w.Owner, w.Contributor, w.Leader, w.Auditor, w.Viewer, w.Admin} {
			if waits(p) {
				t.Errorf("%s may not decide it and is asked to", p.Name)
			}
		}
		mine := work(t, w, w.Deputy)[store.AskedRequest]
		if len(mine) != 1 || mine[0].ID != id || mine[0].State != "open" || mine[0].Due.IsZero() || mine[0].Version != "v1" {
			t.Errorf("who asked should see it: %+v", mine)
		}
		// The list of requests narrowed to a decider says the same.
		for _, p := range []org.Person{w.Reviewer, w.Risk} {
			n, _, err := s.CountRequests(t.Context(), store.RequestFilter{Decider: p.ID})
			if want := len(work(t, w, p)[store.WorkReview]); err != nil || n != want {
				t.Errorf("%s: the list counts %d, the page %d, %v", p.Name, n, want, err)
			}
		}
		_, err := s.ChangeDossier(w.As(w.Reviewer), id, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Review(storetest.Actor(w.Reviewer), lifecycle.RequestChanges, d.CurrentDigest(now), "The evaluation is missing.", now)
		})
		if err != nil {
			t.Fatal(err)
		}
		if mine = work(t, w, w.Deputy)[store.AskedRequest]; mine[0].Verdict != "request_changes" {
			t.Errorf("who asked should see that changes are wanted: %+v", mine[0])
		}
	})
}

func TestAPlanWaitsForThoseWhoMayDecideIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "fraud", registry.Trained, 2)
		both, _ := s.SignIn(w.As(w.Admin), store.SignIn{Issuer: "https://idp.test", Subject: "both", Name: "Both",
			Roles: []org.Role{org.Contributor, org.Reviewer}, Groups: []string{"team-fraud"}})
		if _, err := filePlan(w, "fraud", w.Owner); err != nil {
			t.Fatal(err)
		}
		if got := work(t, w, w.Owner)[store.AskedPlan]; len(got) != 1 || got[0].State != "draft" {
			t.Errorf("a draft stands on its author's page: %+v", got)
		}
		change := func(who org.Person, rule planRule) {
			t.Helper()
			if _, err := s.ChangePlan(w.As(who), "fraud", 0, w.Policy, rule); err != nil {
				t.Fatal(err)
			}
		}
		change(both, func(p *retirement.Plan, c retirement.Context, now time.Time) error {
			return p.Replace(storetest.Actor(both), sample.Body(c.Model, day.Of(now)), c, now)
		})
		change(w.Owner, submitPlan(w.Owner))
		view, err := s.Plan(t.Context(), "fraud", w.Policy)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []org.Person{w.Reviewer, w.Risk, w.OtherReviewer, both, w.Owner, w.Deputy, w.Leader} {
			may := view.Plan.MayReview(storetest.Actor(p), view.Context).Allowed
			if listed := len(work(t, w, p)[store.WorkPlan]) == 1; listed != may {
				t.Errorf("%s may decide it: %v, and it is listed: %v", p.Name, may, listed)
			}
		}
	})
}

func TestEvidenceThatRunsOutIsToldOf(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		now := s.Now()
		s.SetClock(func() time.Time { return now })
		w.Serve(t, "fraud", "v1", 2)
		if got := work(t, w, w.Owner)[store.DueEvidence]; len(got) != 0 {
			t.Errorf("fresh evidence is told of: %+v", got)
		}
		now = now.AddDate(0, 0, 70) // a canary counts for 90 days
		got := work(t, w, w.Owner)[store.DueEvidence]
		if len(got) != 1 || got[0].Detail != "canary" || day.Of(got[0].Due) != day.Of(got[0].At).Add(90) {
			t.Errorf("the canary ends in 20 days: %+v", got)
		}
		if got := work(t, w, w.Stranger)[store.DueEvidence]; len(got) != 0 {
			t.Errorf("a stranger is told of it: %+v", got)
		}
	})
}

func TestOwnModelsComeWithWhatTheirNextActionFollowsFrom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "serving", "v1", 2)
		w.Version(t, "serving", "v2")
		w.Model(t, "bare", registry.Trained, 3)
		got, more, err := s.OwnModels(t.Context(), storetest.Actor(w.Owner), w.Policy)
		if err != nil || more || len(got) != 2 {
			t.Fatalf("two models, furthest first: %+v, %v", got, err)
		}
		if m := got[0]; m.Model.Slug != "serving" || m.Serving != "v1" || m.Focus != "v2" || m.InForce != 1 || len(m.Findings) != 0 {
			t.Errorf("what serves: %+v", m)
		}
		if m := got[1]; m.Model.Slug != "bare" || m.Serving != "" || m.Focus != "" || m.Newest != 0 {
			t.Errorf("what has nothing: %+v", m)
		}
		id := open(t, w, w.Contributor, "serving", "v2")
		if got, _, _ = s.OwnModels(t.Context(), storetest.Actor(w.Deputy), w.Policy); len(got) != 2 || id == 0 {
			t.Errorf("a deputy answers for them too: %+v", got)
		}
		if got, _, _ = s.OwnModels(t.Context(), storetest.Actor(w.Contributor), w.Policy); len(got) != 2 {
			t.Errorf("who owns none sees the team's: %d", len(got))
		}
		if got, _, _ = s.OwnModels(t.Context(), storetest.Actor(w.Viewer), w.Policy); len(got) != 0 {
			t.Errorf("a viewer has none: %d", len(got))
		}
	})
}

// The same number on the first page and in the list it leads to.
func TestLeadershipFiguresAreThoseOfTheirLists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		now := s.Now()
		s.SetClock(func() time.Time { return now })
		w.Serve(t, "first", "v1", 2)
		w.Serve(t, "second", "v1", 2)
		now = now.AddDate(0, 0, 200) // the plans' review-by days are past
		f, err := s.LeadershipFigures(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		lists := map[string]struct {
			figure store.Figure
			count  func() (int, bool, error)
		}{
			"serving": {f.Serving, func() (int, bool, error) { return s.CountProduction(t.Context(), store.ServingFilter{}) }},
			"debts":   {f.Debts, func() (int, bool, error) { return s.CountRequests(t.Context(), store.RequestFilter{Owed: true}) }},
			"ending":  {f.Ending, plansCounted(t, s, retirement.StandsEnding)},
			"overdue": {f.Overdue, plansCounted(t, s, retirement.StandsOverdue)},
			"without": {f.WithoutPlan, plansCounted(t, s, retirement.StandsMissing)},
		}
		for name, l := range lists {
			n, more, err := l.count()
			if err != nil || n != l.figure.N || more != l.figure.More {
				t.Errorf("%s: the page says %+v, its list %d, %v", name, l.figure, n, err)
			}
		}
		if f.Serving.N != 2 || f.Ending.N != 2 || f.Overdue.N != 2 {
			t.Errorf("two of each: %+v", f)
		}
		if next, err := s.EndingNext(t.Context(), 5); err != nil || len(next) != 2 || !next[0].EndsOn.Known() || next[1].EndsOn < next[0].EndsOn || next[0].Team != "Fraud" {
			t.Errorf("what ends next: %+v, %v", next, err)
		}
		for _, st := range []retirement.Standing{retirement.StandsEnding, retirement.StandsOverdue} {
			page, err := s.Plans(t.Context(), retirement.Filter{Standing: st}, w.Policy, "", 10)
			if err != nil || len(page.Rows) != 2 {
				t.Errorf("%s lists %d, %v", st, len(page.Rows), err)
			}
		}
	})
}

func plansCounted(t *testing.T, s *store.Store, st retirement.Standing) func() (int, bool, error) {
	return func() (int, bool, error) {
		n, more, counted, err := s.CountPlans(t.Context(), retirement.Filter{Standing: st})
		if !counted {
			t.Errorf("%s is not counted", st)
		}
		return n, more, err
	}
}

func TestHousekeepingFiguresCountWhatLacks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		m := registry.Model{Slug: "orphan", Name: "Orphan", Kind: registry.Trained}
		m.Note("model.registered", m.Subject(), nil, nil)
		if err := s.AddModel(w.As(w.Admin), &m); err != nil {
			t.Fatal(err)
		}
		f, err := s.HousekeepingFigures(t.Context())
		one := store.Figure{N: 1}
		if err != nil || f.NoOwner != one || f.NoTeam != one || f.NoTier != one || f.NoRole != one {
			t.Errorf("one of each: %+v, %v", f, err)
		}
	})
}

func TestTheFirstPageAsksTheSameNumberOfQuestionsForManyRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		for _, slug := range []string{"a", "b", "c", "d"} {
			w.Serve(t, slug, "v1", 2)
			w.Version(t, slug, "v2")
			open(t, w, w.Contributor, slug, "v2")
		}
		most := map[string]int64{"work": 1, "own models": 4, "leadership": 1, "admin": 1, "waits count": 1}
		ctx, n := store.CountQueries(t.Context())
		a := storetest.Actor(w.Owner)
		asks := map[string]func() error{
			"work":        func() error { _, err := s.Work(ctx, a, w.Policy); return err },
			"own models":  func() error { _, _, err := s.OwnModels(ctx, a, w.Policy); return err },
			"leadership":  func() error { _, err := s.LeadershipFigures(ctx); return err },
			"admin":       func() error { _, err := s.HousekeepingFigures(ctx); return err },
			"waits count": func() error { _, _, err := s.CountWaiting(ctx, storetest.Actor(w.Risk)); return err },
		}
		for name, ask := range asks {
			n.Store(0)
			if err := ask(); err != nil || n.Load() > most[name] {
				t.Errorf("%s took %d queries, at most %d, %v", name, n.Load(), most[name], err)
			}
		}
	})
}
