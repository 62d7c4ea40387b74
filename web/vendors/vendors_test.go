package vendors_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"sundial/models/org"
	"sundial/models/vendors"
	"sundial/web/webtest"
)

func seed(t *testing.T, site *webtest.Site) {
	t.Helper()
	err := site.Store.SaveVendorModels(site.World.As(site.Admin), []vendors.Entry{
		{Host: vendors.OpenAI, ModelID: "gpt-4o-2024-11-20", Class: vendors.Pinned, EndOfLife: "2027-01-14", Successor: "gpt-4.1-2025-04-14", Source: "https://vendor.example/ends", ReadOn: "2026-11-01"},
		{Host: vendors.OpenAI, ModelID: "gpt-4o", Class: vendors.Floating, Source: "vendor's list", ReadOn: "2026-11-01", Note: "=HYPERLINK(1)"},
		{Host: vendors.Mistral, ModelID: "mistral-large-2411", Class: vendors.Pinned, EndOfLife: "2020-05-31", Source: "framework's documentation", ReadOn: "2026-10-01"},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheCatalogueIsShownAndFiltered(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Viewer)
	b.Get("/vendors/catalogue").Is(200, "The catalogue is empty")
	seed(t, site)
	p := b.Get("/vendors/catalogue").Is(200, "3 vendor models", "gpt-4o-2024-11-20", "Pinned", "The date 2024-11-20", "Floating", "ended", "gpt-4.1-2025-04-14", "no model", "Only reviewers, risk reviewers and administrators")
	if p.Queries > 5 {
		t.Errorf("%d queries", p.Queries)
	}
	b.Get("/vendors/catalogue?host=mistral").Is(200, "1 vendor model").Lacks("gpt-4o-2024-11-20</code>")
	b.Get("/vendors/catalogue?class=floating").Is(200, "1 vendor model").Lacks("mistral-large")
	b.Get("/vendors/catalogue?ends=past").Is(200, "1 vendor model", "mistral-large-2411")
	b.Get("/vendors/catalogue?show=in-use").Is(200, "No vendor models match")
	b.Get("/vendors/catalogue?q=2411").Is(200, "1 vendor model")
	for _, bad := range []string{"class=solid", "ends=never", "show=x", "after=zz"} {
		b.Get("/vendors/catalogue?" + bad).Is(400)
	}
}

func TestTheFileIsTheFilteredSetWithHarmlessCells(t *testing.T) {
	site := webtest.New(t)
	seed(t, site)
	b := site.As(site.Viewer)
	p := b.Get("/vendors/catalogue.csv?host=openai").Is(200)
	if strings.Count(p.Body, "\n") != 3 || !strings.Contains(p.Body, "'=HYPERLINK(1)") || strings.Contains(p.Body, "mistral") {
		t.Errorf("the file:\n%s", p.Body)
	}
	b.Get("/vendors/catalogue.csv?class=solid").Is(400)
}

func TestAnyIDIsClassifiedWithItsReason(t *testing.T) {
	site := webtest.New(t)
	seed(t, site)
	b := site.As(site.Viewer)
	b.Get("/vendors/try").Is(200, "Try an id")
	b.Get("/vendors/try?at=openai&id=gpt-4o-2024-11-20").Is(200, "Pinned", "The date 2024-11-20", "may go to production at every tier", "In the catalogue")
	b.Get("/vendors/try?at=openai&id=gpt-4o").Is(200, "Floating", "no waiver lifts that")
	b.Get("/vendors/try?at=acme&id=acme-large").Is(200, "Undetermined", "until a reviewer has classified it", "No row, so nothing is known")
	b.Get("/vendors/try?at=openai").Is(200, "Enter an id.")
	b.Get("/vendors/try?at=openai&id="+strings.Repeat("x", 1500)).Is(200, "Undetermined", "no model id has more than")
	part := b.Swap("GET", "/vendors/try?at=openai&id=gpt-4o", "try", nil).Is(200, "Floating")
	if strings.Contains(part.Body, "<html") {
		t.Error("the whole page came where a part was asked for")
	}
}

func TestWhoMayWriteInTheCatalogue(t *testing.T) {
	site := webtest.New(t)
	seed(t, site)
	for _, who := range []org.Person{site.Owner, site.Leader, site.Auditor, site.Viewer} {
		b := site.As(who)
		b.Get("/vendors/new").Is(403, "Only reviewers")
		b.Get("/vendors/edit?host=openai&id=gpt-4o").Is(403)
		b.Send("/vendors/new", "host", "openai", "model_id", "x").Is(403)
		b.Send("/vendors/edit?host=openai&id=gpt-4o", "note", "x").Is(403)
	}
	for _, who := range []org.Person{site.Reviewer, site.Risk, site.Admin} {
		site.As(who).Get("/vendors/new").Is(200, "Add a vendor model")
	}
}

func TestARowIsAddedWithItsCitation(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Reviewer)
	form := b.Get("/vendors/new?host=acme&id=acme-large").Is(200)
	p := b.Submit(form, "/vendors/new", "class", "pinned_dateless", "source", "heard it").Is(422)
	if !strings.Contains(p.ErrorAt("source"), "needs a citation") || p.Value("model_id") != "acme-large" || !strings.HasPrefix(p.PageTitle(), "Error:") {
		t.Errorf("at source: %q", p.ErrorAt("source"))
	}
	b.Submit(p, "/vendors/new", "source", "Contract of 3 March 2026, annex 2").Is(200, "Proposed.", "A reading waits to be confirmed", "Not in the catalogue")
	b.Submit(p, "/vendors/new", "source", "Contract of 3 March 2026, annex 2").Is(409, "proposed already")
	b.Get("/").Is(200).Lacks("acme-large")
	b.Get("/vendors").Is(200, "To confirm", "proposed by you")
	own := b.Get("/vendors/readings/1").Is(200, "You proposed this", "Take it back")
	b.Submit(own, "/vendors/readings/1", "decision", "confirm").Is(403, "Somebody else has to confirm it")

	other := site.As(site.Risk)
	other.Get("/").Is(200, "acme-large", "Reviewer")
	seen := other.Get("/vendors/readings/1").Is(200, "Pinned, no date", "Contract of 3 March 2026", "The id does not tell")
	other.Submit(seen, "/vendors/readings/1", "decision", "refuse").Is(422, "Say why")
	other.Submit(seen, "/vendors/readings/1", "decision", "sideways").Is(400)
	other.Submit(seen, "/vendors/readings/1", "decision", "confirm").Is(200, "Confirmed.", "Pinned, no date", "Classified in the catalogue", "confirmed by Risk")
	other.Submit(seen, "/vendors/readings/1", "decision", "confirm").Is(409, "decided already")
	other.Get("/vendors/readings/77").Is(404)
	b.Submit(form, "/vendors/new", "source", "https://acme.example").Is(422, "already")
	site.As(site.Auditor).Get("/audit?verb=vendors").Is(200, "proposed a reading of acme-large at acme", "confirmed a reading of acme-large at acme")
}

func TestARowIsCorrectedOrMergedWithAnotherSource(t *testing.T) {
	site := webtest.New(t)
	seed(t, site)
	b := site.As(site.Risk)
	at := "/vendors/edit?host=openai&id=gpt-4o-2024-11-20"
	first := b.Get(at).Is(200, "Correct gpt-4o-2024-11-20")
	if first.Value("source") != "https://vendor.example/ends" {
		t.Error("the one source there is should stand in the form")
	}
	b.Submit(first, at, "how", "another", "end_of_life", "2026-12-31", "source", "https://other.example", "read_on", string(site.Clock.Now().Format("2006-01-02"))).
		Is(200, "saved.", "Sources disagree", "The end is 14 January 2027 by https://vendor.example/ends, but 31 December 2026 by https://other.example", "31 Dec 2026",
			"The end was 14 January 2027 until read on", "not believed")
	if b.Get(at).Value("source") != "" {
		t.Error("two sources are none that can be cited again")
	}
	stale := b.Submit(first, at, "end_of_life", "2027-02-01").Is(409, "changed while you were editing", "2027-02-01", "2026-12-31")
	b.Submit(stale, at).Is(200, "Proposed.", "A reading waits")
	other := site.As(site.Reviewer)
	waits, err := site.Store.ProposedReadings(t.Context(), 5)
	if err != nil || len(waits) != 1 {
		t.Fatal(waits, err)
	}
	desk := fmt.Sprintf("/vendors/readings/%d", waits[0].ID)
	other.Submit(other.Get(desk).Is(200, "what other sources said is set aside"), desk, "decision", "confirm").
		Is(200, "1 Feb 2027", "The disagreement was settled.").Lacks("not believed")
	b.Send(at, "how", "sideways", "source", "https://x.example", "read_on", "2026-11-01", "revision", "3").Is(422, "Say whether this corrects the row")
	b.Get("/vendors/edit?host=openai&id=nothing").Is(404)
	b.Send("/vendors/edit?host=openai&id=nothing", "how", "correct").Is(404)
}

func TestABadRowIsToldAtItsFields(t *testing.T) {
	site := webtest.New(t)
	seed(t, site)
	good := url.Values{"host": {"openai"}, "model_id": {"gpt-5-2026-01-01"}, "source": {"https://vendor.example"}, "read_on": {"2026-01-02"}}
	tests := map[string]struct{ field, value, at string }{
		"no host":                     {"host", "", "host"},
		"no id":                       {"model_id", "", "model_id"},
		"an id with a look-alike":     {"model_id", "gpt-4\u043e", "model_id"},
		"control characters":          {"model_id", "gpt\x00", "model_id"},
		"an id of a thousand":         {"model_id", strings.Repeat("x", 1000), "model_id"},
		"the same id again":           {"model_id", "GPT-4o", "model_id"},
		"a class that is none":        {"class", "solid", "class"},
		"a class against the id":      {"class", "floating", "class"},
		"no source":                   {"source", "", "source"},
		"no day":                      {"read_on", "", "read_on"},
		"a day to come":               {"read_on", "2199-01-01", "read_on"},
		"an end that is no date":      {"end_of_life", "soon", "end_of_life"},
		"its own successor":           {"successor", "gpt-5-2026-01-01", "successor"},
		"a note of thirty thousand":   {"note", strings.Repeat("n", 30000), "note"},
		"a successor of two thousand": {"successor", strings.Repeat("s", 2000), "successor"},
	}
	b := site.As(site.Reviewer)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := url.Values{}
			for k, x := range good {
				v[k] = x
			}
			v.Set(tt.field, tt.value)
			if p := b.On(t).Post("/vendors/new", v).Is(422); p.ErrorAt(tt.at) == "" {
				t.Errorf("no sentence at %s:\n%s", tt.at, p.Text())
			}
		})
	}
	b.On(t).Get("/vendors/catalogue").Is(200, "3 vendor models")
}
