package home_test

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store/storetest"
	"sundial/web/webtest"
)

// ask opens a request for the first stage that is reviewed.
func ask(t *testing.T, site *webtest.Site, who org.Person, slug string) int64 {
	t.Helper()
	site.Model(t, slug, registry.Trained, 2)
	site.Version(t, slug, "v1")
	site.Evidence(t, slug, "v1")
	site.Promote(t, slug, "v1", registry.Registered)
	d, err := site.Store.OpenRequest(site.World.As(who), slug, "v1", site.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(storetest.Actor(who), registry.Validated, "Evaluated and fair.", now)
	})
	if err != nil {
		t.Fatal(err)
	}
	return d.ID
}

func TestReviewersSeeWhatWaitsForThem(t *testing.T) {
	site := webtest.New(t)
	ask(t, site, site.Deputy, "fraud")
	site.Clock.Add(9 * 24 * time.Hour)
	ask(t, site, site.Deputy, "churn")
	p := site.As(site.Reviewer).Get("/").Is(200, "2 things wait for you", "Model fraud v1 to validated", "2 days late", "asked by Deputy, Fraud, 9 days ago", "Tier 2")
	if i, j := strings.Index(p.Body, "Model fraud v1"), strings.Index(p.Body, "Model churn v1"); i < 0 || j < i {
		t.Error("the oldest should come first")
	}
	if p := site.As(site.Reviewer).Get("/help"); !strings.Contains(p.Text(), "My work 2 waiting") {
		t.Errorf("the navigation should count what waits on other pages: %s", p.Text())
	}
	for _, barred := range []org.Person{site.Owner, site.Deputy, site.Contributor, site.Leader, site.Auditor, site.Viewer} {
		site.As(barred).Get("/").Is(200).Lacks("things wait for you")
	}
	site.As(site.Deputy).Get("/").Is(200, "You asked for", "Model fraud v1 to validated", "2 days late", "In review")
}

func TestAReviewerWithNothingToDoIsToldSo(t *testing.T) {
	site := webtest.New(t)
	site.As(site.Reviewer).Get("/").Is(200, "Nothing waits for you.", "No request, plan or waiver waits for your decision.")
}

func TestOwnersSeeTheirModelsWithTheNextStep(t *testing.T) {
	site := webtest.New(t)
	site.As(site.Owner).Get("/").Is(200, "You answer for no model yet", "Register a model")
	site.Model(t, "bare", registry.Trained, 3)
	site.Serve(t, "serving", "v1", 2)
	site.Version(t, "serving", "v2")
	site.As(site.Owner).Get("/").Is(200, "Your models", "Model bare", "Add a version", "Model serving", "v1 serves", "Ask for registered: v2")
	site.As(site.Deputy).Get("/").Is(200, "Your models", "Model serving")
	site.As(site.Contributor).Get("/").Is(200, "Your teams' models", "Model serving")
	site.As(site.Stranger).Get("/").Is(200).Lacks("Model serving")
	site.Clock.Add(200 * 24 * time.Hour)
	site.As(site.Owner).Get("/").Is(200, "Due or overdue", "look at the retirement plan again", "days overdue", "Mend the retirement plan")
}

func TestLeadershipSeesFiguresThatLeadToTheirLists(t *testing.T) {
	site := webtest.New(t)
	site.Serve(t, "serving", "v1", 2)
	p := site.As(site.Leader).Get("/").Is(200, "The organisation now", "Models in production 1", "End within 12 months 1", "Plans overdue 0", "Without a plan 0", "Reviews owed 0", "What served, and when", "What ends next", "as planned")
	for _, href := range []string{"/production", "/retirements/plans?state=ending", "/retirements/plans?state=overdue", "/retirements/plans?state=missing"} {
		if !strings.Contains(p.Body, `href="`+href+`"`) {
			t.Errorf("no link to %s", href)
		}
	}
}

func TestAuditorsSeeTheLatestEventsAndTheChain(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Auditor)
	b.Get("/").Is(200, "Nobody has verified the chain yet", "Latest changes", "added the team Credit")
	b.Send("/audit/verify").Is(200)
	b.Get("/").Is(200, "Every link held", "verified by Auditor")
}

func TestAdministratorsSeeWhatIsToBeKeptInOrder(t *testing.T) {
	site := webtest.New(t)
	site.As(site.Admin).Get("/").Is(200, "To keep in order", "People without a role 1", "Models without an owner 0", "Imports running 0")
}

func TestViewersCanLookUpWhatServed(t *testing.T) {
	site := webtest.New(t)
	site.As(site.Viewer).Get("/").Is(200, "What served, and when", "Look up").Lacks("Waits for you", "Your models", "The organisation now", "To keep in order")
	site.Nobody().Get("/").At("/login")
}

func TestOwnersReadHowManyEntriesWaitForTheirWord(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, "alpha", registry.Trained, 2)
	viewer := site.Person("Vera") // owns a model, without any role
	if _, err := site.Store.ChangeModel(site.World.As(site.Admin), "alpha", 0, func(m *registry.Model) error {
		m.DeputyID = viewer.ID
		m.Note("model.assigned", m.Subject(), nil, nil)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	site.As(site.Owner).Get("/").Is(200).Lacks("to confirm")
	quarter := day.QuarterOf(site.Clock.Now()).Add(1)
	site.Clock.Add(quarter.Start().Sub(site.Clock.Now()))
	due := day.Of(quarter.Start()).Add(29)
	for _, who := range []org.Person{site.Owner, viewer} {
		site.As(who).Get("/").Is(200, "1 entry to confirm for "+quarter.Human(), "give your word until "+due.Human(), "due in 29 days").Lacks("days overdue")
	}
	site.As(site.Contributor).Get("/").Is(200).Lacks("to confirm")
	site.Clock.Days(31)
	site.As(site.Owner).Get("/").Is(200, "1 entry to confirm for "+quarter.Human(), "It was due on "+due.Human(), "2 days overdue")
}

func TestTheFirstPageTakesFewQueries(t *testing.T) {
	site := webtest.New(t)
	for _, slug := range []string{"a", "b", "c"} {
		site.Serve(t, slug, "v1", 2)
		ask(t, site, site.Deputy, slug+"-next")
	}
	most := map[string]struct {
		who org.Person
		n   int
	}{
		"reviewer": {site.Reviewer, 3}, "leadership": {site.Leader, 5}, "auditor": {site.Auditor, 5}, "admin": {site.Admin, 7},
		"viewer": {site.Viewer, 3}, "owner": {site.Owner, 8}, "contributor": {site.Contributor, 8}, // one of them for how long their teams' cutovers took
	}
	for name, m := range most {
		if p := site.As(m.who).Get("/").Is(200); p.Queries > m.n {
			t.Errorf("%s: %d queries, at most %d", name, p.Queries, m.n)
		}
	}
}

var (
	tile  = regexp.MustCompile(`<p class="metric-label"><a href="([^"]+)">([^<]+)</a></p><p class="metric-figure">([^<]+)</p>`)
	count = regexp.MustCompile(`data-announce="(?:Events )?([0-9,]+\+?) `)
)

// The same number here and in the list it leads to, for whoever follows it.
func TestEveryFigureIsWhatItsListCounts(t *testing.T) {
	site := webtest.New(t)
	site.Serve(t, "serving", "v1", 2)
	site.Serve(t, "late", "v1", 2)
	site.Model(t, "orphan", registry.Trained, 3)
	if _, err := site.Store.ChangeModel(site.World.As(site.Admin), "orphan", 0, func(m *registry.Model) error {
		m.OwnerID, m.TeamID, m.Tier = 0, 0, 0
		m.Note("model.changed", m.Subject(), nil, nil)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	site.Clock.Add(200 * 24 * time.Hour)
	seen := 0
	for _, who := range []org.Person{site.Leader, site.Admin} {
		b := site.As(who)
		for _, m := range tile.FindAllStringSubmatch(b.Get("/").Is(200).Body, -1) {
			href, label, figure := html.UnescapeString(m[1]), m[2], m[3]
			if label == "Imports running" {
				continue // its page lists the finished ones too
			}
			seen++
			page := b.Get(href).Is(200)
			listed := "0"
			if c := count.FindStringSubmatch(page.Body); c != nil {
				listed = c[1]
			}
			if listed != figure {
				t.Errorf("%s: %s here, %s at %s", label, figure, listed, href)
			}
		}
	}
	if seen != 11 {
		t.Errorf("%d figures were followed, want 11", seen)
	}
}
