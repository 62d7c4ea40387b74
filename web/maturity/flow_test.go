package maturity_test

import (
	"strings"
	"testing"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/telemetry"
	"sundial/web/webtest"
)

// flowing is a site with a version in production, one that cannot be built again and one that nobody can name.
func flowing(t *testing.T) *webtest.Site {
	t.Helper()
	site := webtest.New(t)
	site.Serve(t, "fraud", "v1", 3)
	site.Serve(t, "churn", "v1", 3)
	_, err := site.Store.ChangeVersion(site.World.As(site.Contributor), "churn", "v1", 0, func(m *registry.Model, v *registry.Version) error {
		v.Lineage.Environment = nil
		v.Note("version.edited", v.Subject(m.Slug), nil, nil)
		return nil
	})
	must(t, err)
	_, err = site.Store.TakeStamps(site.World.As(site.Contributor), store.StampCall{Lines: []telemetry.Line{
		{Bucket: site.Store.Now().UTC().Truncate(telemetry.Bucket), App: "checkout", Stamp: telemetry.Stamp{Model: "fraud", Version: "v9"}, Count: 3}}})
	must(t, err)
	must(t, site.Store.CountFlow(t.Context()))
	score(t, site)
	return site
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestALeaderSeesHowModelsFlow(t *testing.T) {
	site := flowing(t)
	b := site.As(site.Leader)
	quarter := day.QuarterOf(site.Store.Now())

	p := b.Get("/teams").Is(200, "Flow in "+quarter.Human(), "Time to production", "Unknown production", "Ghost versions", "of 2 versions could not be built again")
	leads(t, p, "/flow")
	p = b.Get("/flow").Is(200, "How models flow", quarter.Human()+" so far", "Fraud", "Credit", "2 teams")
	leads(t, p, "/teams/fraud/flow?quarter="+string(quarter), "/flow.csv?quarter="+string(quarter), "/teams")
	if p.Queries > 6 {
		t.Errorf("the page takes %d queries", p.Queries)
	}
	p = b.Get("/teams/fraud/flow").Is(200, "Came to production", "Model fraud v1", "Where the days went", "fraud@v9", "No version could be named", "checkout", "Model churn v1", "the environment")
	leads(t, p, "/models/churn/versions/v1", "/stamps", "/teams/fraud")
	b.Get("/teams/credit/flow").Is(200, "Nothing came to production", "Nothing ran past governance", "Every version can be built again")
	leads(t, b.Get("/teams/fraud").Is(200, "Flow in "+quarter.Human()), "/teams/fraud/flow")

	b.Get("/flow?quarter="+string(quarter.Add(-3))).Is(200, quarter.Add(-3).Human()).Lacks(" so far")
	b.Get("/flow?quarter=" + string(quarter.Add(1))).Is(400)
	b.Get("/flow?quarter=soon").Is(400)
	b.Get("/teams/nobody/flow").Is(404)
	site.As(site.Viewer).Get("/flow").Is(site.As(site.Viewer).Get("/teams").Status)
}

func TestFlowSortsAndFilters(t *testing.T) {
	site := flowing(t)
	b := site.As(site.Leader)
	for _, sort := range []string{"name", "-name", "days", "-days", "incidents", "-incidents", "ghosts", "-ghosts"} {
		p := b.Get("/flow?sort="+sort).Is(200, "Fraud", "Credit")
		direction := map[bool]string{false: `aria-sort="ascending"`, true: `aria-sort="descending"`}[strings.HasPrefix(sort, "-")]
		if strings.Count(p.Body, direction) != 1 {
			t.Errorf("sorted by %s, the heads do not say so", sort)
		}
		fraudFirst := strings.Index(p.Body, "/teams/fraud/flow") < strings.Index(p.Body, "/teams/credit/flow")
		if want := map[string]bool{"-name": true, "days": true, "-days": true, "-incidents": true, "-ghosts": true}[sort]; fraudFirst != want {
			t.Errorf("sorted by %s, Fraud comes first: %v", sort, fraudFirst)
		}
	}
	b.Get("/flow?department=nothing").Is(200, "No teams").Lacks("/teams/fraud/flow")
	b.Get("/flow?sort=nonsense").Is(400)
	csv := b.Get("/flow.csv?sort=-ghosts").Is(200).Body
	lines := strings.Split(strings.TrimSpace(csv), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], "Fraud,fraud,") || !strings.HasSuffix(strings.TrimSpace(lines[1]), ",1,1,0,0,0,0,1,2") {
		t.Errorf("%s", csv)
	}
}

func TestFlowIsNotThereBeforeItWasCounted(t *testing.T) {
	site := webtest.New(t)
	site.Serve(t, "fraud", "v1", 3)
	score(t, site)
	b := site.As(site.Leader)
	b.Get("/flow").Is(200, "Not counted yet")
	b.Get("/teams").Is(200).Lacks("Ghost versions")
	b.Get("/teams/fraud/flow").Is(200, "Model fraud v1")
}
