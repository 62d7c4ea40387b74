package vendors_test

import (
	"strings"
	"testing"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/vendors"
	"sundial/web"
	"sundial/web/webtest"
)

// build adds a GenAI model with a version on a vendor's model.
func build(t *testing.T, site *webtest.Site, slug, host, id string) {
	t.Helper()
	site.Model(t, slug, registry.GenAI, 2)
	_, err := site.Store.AddVersion(site.World.As(site.Contributor), slug, func(m *registry.Model) (*registry.Version, error) {
		v := &registry.Version{ModelID: m.ID, Label: "v1", Kind: m.Kind, AuthorID: site.Contributor.ID, Summary: "For a test.",
			Release: registry.Release{Host: host, ModelID: id, Parameters: map[string]string{"temperature": "0"}, Prompts: []registry.Prompt{{Name: "system", Repo: "acme/prompts", Commit: "4f2a9c0", SHA256: strings.Repeat("a", 64)}}}}
		v.Note("version.added", v.Subject(m.Slug), nil, map[string]string{"label": "v1"})
		return v, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsInUseStandsFirst(t *testing.T) {
	site := webtest.New(t)
	seed(t, site)
	build(t, site, "triage", "openai", "gpt-4o-2024-11-20")
	build(t, site, "tuned", "openai", "ft:gpt-4o-2024-11-20:acme::Abc123")
	build(t, site, "chat", "acme", "acme-large")
	b := site.As(site.Viewer)
	p := b.Get("/vendors").Is(200, "2 vendor models in use", "Model triage", "v1, experiment", "Owner", "14 Jan 2027", "It takes 51 days.", "gpt-4.1-2025-04-14", "Not in the catalogue", "Undetermined").
		Lacks("mistral-large")
	if p.Queries > 8 {
		t.Errorf("%d queries", p.Queries)
	}
	b.Get("/vendors?show=floating").Is(200, "1 vendor model in use", "acme-large").Lacks("Model triage")
	b.Get("/vendors?ends=365").Is(200, "1 vendor model in use", "Model triage")
	b.Get("/vendors?q=acme-large").Is(200, "1 vendor model in use")
	b.Get("/vendors?show=conflict").Is(200, "No vendor models in use match")
	for _, bad := range []string{"ends=never", "show=x", "after=zz"} {
		b.Get("/vendors?" + bad).Is(400)
	}
	file := b.Get("/vendors.csv?host=openai").Is(200)
	if strings.Count(file.Body, "\n") != 3 || !strings.Contains(file.Body, "tuned,v1,experiment,Owner,Fraud") {
		t.Errorf("the file:\n%s", file.Body)
	}
	part := b.Swap("GET", "/vendors?q=acme-large", "in-use", nil).Is(200, "acme-large")
	if strings.Contains(part.Body, "<html") {
		t.Error("the whole page came where a part was asked for")
	}
}

func TestAVendorModelHasAPageOfItsOwn(t *testing.T) {
	site := webtest.New(t)
	seed(t, site)
	build(t, site, "triage", "openai", "gpt-4o-2024-11-20")
	build(t, site, "tuned", "openai", "ft:gpt-4o-2024-11-20:acme::Abc123")
	at := "/vendors/model?host=openai&id=gpt-4o-2024-11-20"
	owner := site.As(site.Owner)
	owner.Get(at).Is(200, "What each source says", "https://vendor.example/ends", "Model triage", "Model tuned", "First read: Pinned, it ends on 14 January 2027", "Make a version from the successor")
	site.As(site.Stranger).Get(at).Is(200, "Model triage").Lacks("Make a version from the successor")
	owner.Get("/vendors/model?host=openai&id=ft:gpt-4o-2024-11-20:acme::Abc123").Is(200, "which is the same model", "A fine-tune ends when its base does")
	owner.Get("/vendors/model?host=acme&id=acme-large").Is(200, "Not in the catalogue", "No version that is not retired")
	owner.Get("/vendors/model?host=openai").Is(404)
	owner.Get("/models/triage/versions/v1/vendor").At(at).Is(200, "gpt-4o-2024-11-20")
	owner.Get("/models/triage/versions/v9/vendor").Is(404)

	next := owner.Get("/models/triage/versions/new?from=v1&host=openai&model_id=gpt-4.1-2025-04-14").Is(200, "These are the facts of v1", "Pinned")
	if next.Value("model_id") != "gpt-4.1-2025-04-14" || next.Value("prompts[0].name") != "system" || next.Value("parameters") == "" || next.Value("label") != "v2" {
		t.Error("the form should have the successor's id and everything else of v1")
	}
	owner.Submit(next, "/models/triage/versions/new").Is(200, "v2 is added.")
	_, v, err := site.Store.Version(t.Context(), "triage", "v2")
	if err != nil || v.Release.ModelID != "gpt-4.1-2025-04-14" || v.Release.Prompts[0].Commit != "4f2a9c0" {
		t.Errorf("%v: %+v", err, v.Release)
	}
}

const catalogueFile = "provider,model_id,class,end_of_life,successor\n" +
	"openai,gpt-4o-2024-11-20,,2027-02-14,gpt-4.1-2025-04-14\n" +
	"openai,gpt-4-0613,,2027-03-01,\n" +
	"openai,gpt-4o,pinned,,\n" +
	"acme,acme-large,pinned,,\n"

func TestAListIsSeenBeforeItIsTakenIn(t *testing.T) {
	site := webtest.New(t)
	seed(t, site)
	b := site.As(site.Reviewer)
	upload := func(content string, pairs ...string) *webtest.Page {
		return b.Upload("/vendors/import", "file", "ends.csv", []byte(content), pairs...)
	}
	good := []string{"list", "catalogue", "source", "https://vendor.example/november", "read_on", "2026-11-20"}
	today := day.Of(site.Clock.Now())
	good[5] = string(today)
	p := upload(catalogueFile, good...).Is(200, "This is what would happen", "Sources disagree", "To confirm", "Rows that cannot be used", "The id itself says that it is floating").Lacks("Something went wrong")
	if got, _ := site.Store.VendorReadings(t.Context(), "openai", "gpt-4-0613"); len(got) != 0 {
		t.Error("the preview saved something")
	}
	if err := site.Store.SaveVendorModels(site.World.As(site.Admin), []vendors.Entry{{Host: vendors.OpenAI, ModelID: "gpt-4-0613", Class: vendors.Pinned, EndOfLife: "2027-01-01", Source: "list", ReadOn: "2026-01-01"}}); err != nil {
		t.Fatal(err)
	}
	again := b.Submit(p, "/vendors/import/apply").Is(409, "was changed since you looked at this")
	b.Submit(again, "/vendors/import/apply").Is(200, "3 rows read: 0 added, 2 changed. 1 row waits to be confirmed")
	b.Get("/vendors/model?host=openai&id=gpt-4o-2024-11-20").Is(200, "14 January 2027 by https://vendor.example/ends, but 14 February 2027 by https://vendor.example/november")
	site.As(site.Auditor).Get("/audit?verb=vendors").Is(200, "imported ends.csv into the catalogue", "uploaded ends.csv")

	list := `{"data": [{"id": "gpt-4-0613", "shutdown_date": "2027-04-01"}, {"id": "o3", "shutdown_date": "never"}]}`
	b.Submit(upload(list, "list", "openai", "source", "https://api.openai.com/v1/models", "read_on", string(today)).Is(200, "neither a day nor seconds"), "/vendors/import/apply").Is(200)
	for name, c := range map[string]struct {
		content, field string
		pairs          []string
	}{
		"a file that is no list":   {"<html>", "file", append([]string{}, append(good, "list", "openai")...)},
		"no columns":               {"a,b\n1,2\n", "file", good},
		"nothing said of the file": {catalogueFile, "list", []string{"source", "x", "read_on", string(today)}},
		"no source":                {catalogueFile, "source", []string{"list", "catalogue", "read_on", string(today)}},
		"no day":                   {catalogueFile, "read_on", []string{"list", "catalogue", "source", "x"}},
		"a day to come":            {catalogueFile, "read_on", []string{"list", "catalogue", "source", "x", "read_on", "2199-01-01"}},
		"an empty file":            {"", "file", good},
	} {
		t.Run(name, func(t *testing.T) {
			pairs := c.pairs
			if name == "a file that is no list" {
				pairs = []string{"list", "openai", "source", "x", "read_on", string(today)}
			}
			got := b.On(t).Upload("/vendors/import", "file", "x.csv", []byte(c.content), pairs...)
			if got.Status < 400 || got.Status > 499 || got.ErrorAt(c.field) == "" {
				t.Errorf("%d, at %s: %q\n%s", got.Status, c.field, got.ErrorAt(c.field), got.Text())
			}
		})
	}
	b.Get("/vendors/import/preview?file=" + strings.Repeat("0", 64) + "&list=catalogue&source=x&read_on=" + string(today)).Is(404)
	b.Get("/vendors/import/preview").Is(400)
	b.Send("/vendors/import/apply").Is(400)
	site.As(site.Owner).Get("/vendors/import").Is(403)
	site.As(site.Owner).Send("/vendors/import/apply").Is(403)
}

func TestUnderTheLightProfileOneMayClassify(t *testing.T) {
	site := webtest.New(t, func(c *web.Config) { c.Policy, _ = lifecycle.Profile("light") })
	b := site.As(site.Reviewer)
	form := b.Get("/vendors/new?host=acme&id=acme-large").Is(200)
	b.Submit(form, "/vendors/new", "class", "pinned_dateless", "source", "Contract of 3 March 2026, annex 2").Is(200, "acme-large added.", "Pinned, no date")
}
