package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/day"
	"sundial/models/flow"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/telemetry"
)

// flowOf is the newest figures of a group.
func flowOf(t *testing.T, w *storetest.World, scope store.Scope, id int64) store.GroupFlow {
	t.Helper()
	must(t, w.S.CountFlow(system()))
	list, err := w.S.FlowOf(t.Context(), scope, id, 1)
	must(t, err)
	if len(list) != 1 {
		t.Fatalf("%d quarters, want the newest", len(list))
	}
	return list[0]
}

// inNextQuarter moves the clock to the second day of the next quarter, so that a test ends in the quarter in
// which it began.
func inNextQuarter(w *storetest.World) *storetest.Clock {
	clock := w.MoveClock()
	next := day.QuarterOf(clock.Now()).End()
	clock.Days(int(next.Sub(clock.Now()).Hours()/24) + 2)
	return clock
}

func stampedAs(t *testing.T, w *storetest.World, model, version string) {
	t.Helper()
	_, err := w.S.TakeStamps(w.As(w.Contributor), store.StampCall{Lines: []telemetry.Line{
		{Bucket: w.S.Now().UTC().Truncate(telemetry.Bucket), App: "checkout", Stamp: telemetry.Stamp{Model: model, Version: version}, Count: 3}}})
	must(t, err)
}

// slowly brings a version to production: a day of getting ready and two of waiting before each decision, but
// ten of waiting before the last.
func slowly(t *testing.T, w *storetest.World, clock *storetest.Clock, slug, label string) {
	t.Helper()
	w.Evidence(t, slug, label)
	w.Plan(t, slug)
	w.Promote(t, slug, label, registry.Registered)
	waits(t, w, clock, slug, label, registry.Validated, 2)
	waits(t, w, clock, slug, label, registry.Staged, 2)
	waits(t, w, clock, slug, label, registry.Production, 10)
}

func waits(t *testing.T, w *storetest.World, clock *storetest.Clock, slug, label string, to registry.Stage, days int) {
	t.Helper()
	clock.Days(1)
	d, err := w.S.OpenRequest(w.As(w.Contributor), slug, label, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(storetest.Actor(w.Contributor), to, "Ready for the next stage.", now)
	})
	must(t, err)
	clock.Days(days)
	_, err = w.S.ChangeDossier(w.As(w.Risk), d.ID, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Review(storetest.Actor(w.Risk), lifecycle.Approve, d.CurrentDigest(now), "", now)
	})
	must(t, err)
}

func TestFlowFiguresComeFromTheRecords(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		clock := inNextQuarter(w)
		quarter := day.QuarterOf(clock.Now())

		w.Model(t, "fraud", registry.Trained, 3)
		w.Version(t, "fraud", "v1")
		slowly(t, w, clock, "fraud", "v1")
		w.Model(t, "churn", registry.Trained, 3)
		w.Version(t, "churn", "v1") // an experiment, which has time
		stampedAs(t, w, "churn", "v1")
		stampedAs(t, w, "fraud", "v9")
		stampedAs(t, w, "nobody-knows", "v1")

		team := flowOf(t, w, store.ScopeTeam, w.Fraud.ID)
		if team.Quarter != quarter || team.Name != w.Fraud.Name {
			t.Errorf("%+v", team)
		}
		f := team.Figures
		if f.Promoted != 1 || f.Median != 17 || f.Versions != 1 || f.Ghosts != 0 {
			t.Errorf("%+v", f)
		}
		if s, share, _ := f.Waits(); s != flow.ReviewProduction || share != 10.0/17 {
			t.Errorf("it waits in %q, %v", s.Title(), share)
		}
		if d := cmp.Diff(map[flow.Kind]int{flow.Unnamed: 2, flow.Ungoverned: 1}, f.Incidents); d != "" {
			t.Error(d)
		}
		for _, scope := range []struct {
			scope store.Scope
			id    int64
		}{{store.ScopeOrg, 0}, {store.ScopeDepartment, w.Fraud.DepartmentID}} {
			if d := cmp.Diff(f, flowOf(t, w, scope.scope, scope.id).Figures); d != "" {
				t.Errorf("%s: %s", scope.scope, d)
			}
		}

		records, err := s.TeamFlow(t.Context(), w.Fraud, quarter)
		must(t, err)
		if len(records.Passages) != 1 || records.Passages[0].Slug != "fraud" || records.Passages[0].Took() != 17*24*time.Hour || len(records.Ghosts) != 0 || len(records.Unrecorded) != 0 {
			t.Errorf("%+v", records)
		}
		var kinds []string
		for _, i := range records.Incidents {
			kinds = append(kinds, string(i.Kind)+" "+i.Name+" "+i.Version+" by "+i.By)
		}
		want := []string{"unnamed  nobody-knows@v1 by checkout", "unnamed Model fraud fraud@v9 by checkout", "ungoverned Model churn v1 by "}
		if d := cmp.Diff(want, kinds); d != "" {
			t.Error(d)
		}
	})
}

func TestAVersionTooThinToBuildAgainIsAGhost(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 3)
		_, err := s.ChangeVersion(w.As(w.Contributor), "fraud", "v1", 0, func(m *registry.Model, v *registry.Version) error {
			v.Lineage.Datasets[0].Digest, v.Lineage.Environment = "", nil
			v.Note("version.edited", v.Subject(m.Slug), nil, nil)
			return nil
		})
		must(t, err)
		if f := flowOf(t, w, store.ScopeOrg, 0).Figures; f.Ghosts != 1 || f.Versions != 1 {
			t.Errorf("%+v", f)
		}
		records, err := s.TeamFlow(t.Context(), w.Fraud, day.QuarterOf(s.Now()))
		must(t, err)
		if len(records.Ghosts) != 1 {
			t.Fatalf("%+v", records)
		}
		if d := cmp.Diff([]string{"a digest of the training data", "the environment"}, records.Ghosts[0].Lacks); d != "" {
			t.Error(d)
		}
	})
}

func TestAQuarterThatIsOverStaysAsItWasCounted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		clock := w.MoveClock()
		w.Serve(t, "fraud", "v1", 3)
		was := flowOf(t, w, store.ScopeOrg, 0)
		clock.Days(95)
		is := flowOf(t, w, store.ScopeOrg, 0)
		if is.Quarter != was.Quarter.Add(1) || is.Figures.Promoted != 0 || is.Figures.Versions != 1 {
			t.Errorf("%+v", is)
		}
		counted := func() store.GroupFlow {
			list, err := s.FlowOf(t.Context(), store.ScopeOrg, 0, 2)
			must(t, err)
			return list[1]
		}
		old := counted()
		if old.Figures.Promoted != 1 {
			t.Errorf("%+v", old)
		}
		clock.Days(1)
		must(t, s.CountFlow(system()))
		if now := counted(); !now.CountedAt.Equal(old.CountedAt) {
			t.Error("it was counted again")
		}
	})
}

func TestBrokenGlassNobodyReviewedIsAnIncident(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		clock := inNextQuarter(w)
		w.Model(t, "fraud", registry.Trained, 3)
		w.Version(t, "fraud", "v1")
		w.Evidence(t, "fraud", "v1")
		w.Plan(t, "fraud")
		for _, to := range []registry.Stage{registry.Registered, registry.Validated, registry.Staged} {
			w.Promote(t, "fraud", "v1", to)
		}
		_, err := s.BreakGlass(w.As(w.Admin), "fraud", "v1", w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.BreakGlass(storetest.Actor(w.Admin), registry.Production, "Checkout is down.", now)
		})
		must(t, err)
		if f := flowOf(t, w, store.ScopeOrg, 0).Figures; f.AllIncidents() != 0 {
			t.Errorf("its review is not due yet: %+v", f)
		}
		clock.Days(4)
		if f := flowOf(t, w, store.ScopeOrg, 0).Figures; f.Incidents[flow.Unreviewed] != 1 {
			t.Errorf("%+v", f)
		}
	})
}
