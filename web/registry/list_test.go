package registry_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sundial/models/registry"
	"sundial/web/webtest"
)

// fill adds models straight to the store.
func fill(t *testing.T, site *webtest.Site, n int) {
	t.Helper()
	for i := range n {
		m := registry.Model{Slug: fmt.Sprintf("m-%03d", i), Name: fmt.Sprintf("Model %03d", i), Kind: registry.Trained, TeamID: site.Fraud.ID, Tier: registry.Tier(i%3 + 1)}
		if i%2 == 0 {
			m.OwnerID = site.Owner.ID
		}
		m.Note("model.registered", m.Subject(), nil, map[string]string{"slug": m.Slug})
		if err := site.Store.AddModel(site.World.As(site.Owner), &m); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheListSaysWhatToDoWhenItIsEmpty(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.As(site.Owner).Get("/models").Is(200, "No models yet", "Register the first model").Lacks("Import an inventory", "CSV")
	site.As(site.Admin).Get("/models").Is(200, "Import an inventory")
	site.As(site.Viewer).Get("/models").Is(200, "No models yet").Lacks("/models/new")
	site.As(site.Owner).Get("/models?q=nothing").Is(200, "No models match", "Clear all filters")
}

func TestTheListIsFilteredByItsAddress(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Serve(t, "served", "v1", 2)
	site.Model(t, "bot", registry.GenAI, 1)
	fill(t, site, 4)
	if err := site.Store.SetDisabled(site.World.As(site.Admin), site.Deputy.ID, true); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string][]string{
		"/models?q=served":                   {"served"},
		"/models?kind=genai":                 {"bot"},
		"/models?stage=production":           {"served"},
		"/models?tier=3":                     {"m-002"},
		"/models?missing=owner&sort=name":    {"m-001", "m-003"},
		"/models?team=credit":                nil,
		"/models?team=fraud&q=m-00&tier=1":   {"m-003", "m-000"},
		"/models?owner=me&sort=-name":        {"served", "bot", "m-002", "m-000"},
		"/models?q=%25":                      nil,
		"/models?sort=oldest":                {"bot", "m-000", "m-001", "m-002", "m-003", "served"},
		"/models?owner=" + id(site.Owner.ID): {"m-002", "m-000", "bot", "served"},
	} {
		page := site.As(site.Owner).On(t).Get(address).Is(200)
		var got []string
		for _, l := range page.Links() {
			if slug, ok := strings.CutPrefix(l, "/models/"); ok && slug != "new" {
				got = append(got, slug)
			}
		}
		sorted := strings.Contains(address, "sort=") && !strings.Contains(address, "oldest")
		if !sorted {
			slices.Sort(got)
			slices.Sort(want)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s lists %v, want %v", address, got, want)
		}
	}
	site.As(site.Owner).Get("/models").Is(200, "6 models", "No owner", "serves v1")
	for _, bad := range []string{"?tier=9", "?stage=gone", "?sort=secret", "?missing=mind", "?owner=x", "?after=nonsense", "?after=e30", "?q=" + strings.Repeat("x", 300), "?q=%00", "?owner=-1"} {
		site.As(site.Owner).Get("/models" + bad).Is(400)
	}
}

func TestTheListIsPagedWithoutRepeats(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	fill(t, site, 120)
	b := site.As(site.Owner)
	first := b.Get("/models?sort=name&team=fraud").Is(200, "120 models", "Model 000", "Model 049", "Next").Lacks("Model 050", "Previous")
	second := b.Get(linkTo(t, first, "after=", "")).Is(200, "Model 050", "Model 099", "Previous", "First page")
	third := b.Get(linkTo(t, second, "after=", "next")).Is(200, "Model 119").Lacks("Next")
	b.Get(linkTo(t, third, "after=", "prev")).Is(200, "Model 050", "Model 099").Lacks("Model 100")
	part := b.Swap("GET", "/models?sort=name", "models", nil).Is(200, "Model 000")
	if strings.Contains(part.Body, "<html") || strings.Contains(part.Body, "Filter models") {
		t.Error("more than the list came")
	}
}

// linkTo is the last link of a page whose address holds this; with rel, the one marked so.
func linkTo(t *testing.T, p *webtest.Page, part, rel string) string {
	t.Helper()
	found := ""
	for _, l := range p.Links() {
		if strings.Contains(l, part) && (rel == "" || strings.Contains(p.Body, fmt.Sprintf(`href="%s" rel="%s"`, strings.ReplaceAll(l, "&", "&amp;"), rel))) {
			found = l
		}
	}
	if found == "" {
		t.Fatalf("%s has no link with %s (%s)", p.Address, part, rel)
	}
	return found
}

func TestListQueriesDoNotGrow(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	fill(t, site, 60)
	b := site.As(site.Owner)
	for _, address := range []string{"/models", "/models?sort=stage&team=fraud&owner=me", "/models?q=model"} {
		if page := b.Get(address).Is(200); page.Queries > 6 {
			t.Errorf("%s makes %d queries", address, page.Queries)
		}
	}
}

func TestCSVIsTheFilteredList(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	fill(t, site, 30)
	evil := registry.Model{Slug: "evil", Name: `=HYPERLINK("http://x")`, Kind: registry.GenAI, TeamID: site.Fraud.ID}
	evil.Note("model.registered", evil.Subject(), nil, nil)
	if err := site.Store.AddModel(site.World.As(site.Owner), &evil); err != nil {
		t.Fatal(err)
	}
	b := site.As(site.Owner)
	link := linkTo(t, b.Get("/models?tier=2&sort=name"), ".csv", "")
	page := b.Get(link).Is(200)
	rows := readCSV(t, page)
	if len(rows) != 11 || rows[1][0] != "m-001" || rows[10][0] != "m-028" {
		t.Errorf("%d rows: %v", len(rows), rows)
	}
	if !strings.Contains(page.Header.Get("Content-Disposition"), "models-") {
		t.Error("the file has no name")
	}
	rows = readCSV(t, b.Get("/models.csv?kind=genai"))
	if name := rows[1][1]; !strings.HasPrefix(name, "'=") {
		t.Errorf("a spreadsheet would run %q", name)
	}
	if rows := readCSV(t, b.Get("/models.csv?q=nothing")); len(rows) != 1 {
		t.Errorf("an empty list is %v", rows)
	}
	b.Get("/models.csv?tier=9").Is(400)
}

func readCSV(t *testing.T, p *webtest.Page) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(p.Body)).ReadAll()
	if err != nil {
		t.Fatalf("%v in %s", err, p.Body)
	}
	return rows
}

func TestTheModelPageAnswersInOneLook(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Serve(t, "fraud", "v1", 1)
	page := site.As(site.Owner).Get("/models/fraud").Is(200, "Serving now v1", "since", "Built from 4f2a9c0d1e2b", "Trained on payments", "Approved by Risk",
		"request", "Approved, in force", "Its retirement must begin by", "Nothing. v1 serves and passes every check.", "Owner", "Deputy", "Fraud", "99.5 % available", "Checkout",
		"Promoted", "serves now", "moved v1 to production")
	if page.Queries > 40 {
		t.Errorf("the page makes %d queries", page.Queries)
	}
	before := page.Queries
	for i := range 5 {
		site.Version(t, "fraud", fmt.Sprintf("w%d", i))
	}
	page = site.As(site.Viewer).Get("/models/fraud").Is(200, "Serving now v1", "w4 passes the gate to registered", "Only contributors change models.").
		Lacks("/models/fraud/edit", "/versions/new")
	t.Logf("queries: %d, with a version on its way %d", before, page.Queries)
	if page.Queries > before+4 {
		t.Errorf("queries grow with versions: %d, then %d", before, page.Queries)
	}
}

func TestTheModelPageSaysWhatToDoNext(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	owner := site.As(site.Owner)
	m := site.Model(t, "fraud", registry.Trained, 2)
	owner.Get("/models/fraud").Is(200, "Add the first version", "Nothing of this model is in production.")
	site.As(site.Viewer).Get("/models/fraud").Is(200, "Add the first version: how").Lacks("/versions/new")
	site.Version(t, "fraud", "v1")
	owner.Get("/models/fraud").Is(200, "v1 passes every check of registered. Ask for the move.", "Request registered")
	site.Promote(t, "fraud", "v1", registry.Registered)
	owner.Get("/models/fraud").Is(200, "Before v1 can be validated: No evaluation is on record.", "Add an evaluation", "What v1 still lacks for validated")
	if err := site.Store.SetDisabled(site.World.As(site.Admin), m.OwnerID, true); err != nil {
		t.Fatal(err)
	}
	site.As(site.Deputy).Get("/models/fraud").Is(200, "no longer has an active account", "Name an owner", "inactive")
}

func TestHistoryIsPaged(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 2)
	for i := range 60 {
		site.Version(t, "fraud", fmt.Sprintf("v%d", i))
	}
	b := site.As(site.Viewer)
	page := b.Get("/models/fraud/history").Is(200, "added v59", "added v10").Lacks("added v9 ")
	b.Get(linkTo(t, page, "before=", "")).Is(200, "added v9", "added v0", "registered the model")
	b.Get("/models/fraud/history?before=x").Is(400)
}
