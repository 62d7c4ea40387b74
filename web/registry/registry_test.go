package registry_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web/webtest"
)

func newModel(pairs ...string) url.Values {
	v := webtest.Pairs("name", "Fraud scorer", "slug", "fraud-scorer", "kind", "trained", "purpose", "Scores card payments before they settle.", "tier", "1")
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

func TestRegisterAModel(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	b := site.As(site.Owner)
	page := b.Get("/models/new").Is(200, "Register a model")
	if got := page.Value("team"); got != id(site.Fraud.ID) {
		t.Errorf("the only team is not chosen: %q", got)
	}
	if got := page.Value("owner"); got != id(site.Owner.ID) {
		t.Errorf("who registers is not the owner at first: %q", got)
	}
	b.Submit(page, "/models/new", "name", "Fraud scorer", "slug", "fraud-scorer", "kind", "trained", "tier", "1", "deputy", id(site.Deputy.ID)).
		At("/models/fraud-scorer").Is(200, "Fraud scorer is registered.", "Add the first version", "Owner", "Deputy", "Tier 1")
	m, err := site.Store.Model(t.Context(), "fraud-scorer")
	if err != nil || m.OwnerID != site.Owner.ID || m.DeputyID != site.Deputy.ID || m.TeamID != site.Fraud.ID || m.Stage != registry.Experiment {
		t.Errorf("%v: %+v", err, m)
	}
}

func TestARefusedFormKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "taken", registry.Trained, 2)
	b := site.As(site.Owner)
	team := id(site.Fraud.ID)
	for name, c := range map[string]struct {
		values url.Values
		field  string
		says   string
	}{
		"a short name in use":    {newModel("team", team, "slug", "taken"), "slug", "Another model has this short name already."},
		"a strange short name":   {newModel("team", team, "slug", "Fraud Scorer"), "slug", "lower-case letters"},
		"no name":                {newModel("team", team, "name", ""), "name", "Enter the name"},
		"a look-alike":           {newModel("team", team, "name", "Frаud"), "name", "letters that only look like"},
		"a control character":    {newModel("team", team, "name", "Fr\x00aud"), "name", "control characters"},
		"bytes that are no text": {newModel("team", team, "name", "Fr\xffaud"), "name", "not text"},
		"a name too long":        {newModel("team", team, "name", strings.Repeat("x", 401)), "name", "Use at most 400 characters"},
		"a tier that is a word":  {newModel("team", team, "tier", "high"), "tier", "whole number"},
		"a tier there is not":    {newModel("team", team, "tier", "9"), "tier", "Choose tier 1, 2 or 3."},
		"no kind":                {newModel("team", team, "kind", ""), "kind", "Choose whether"},
		"no team":                {newModel("team", ""), "team", "Choose the team"},
		"an owner nobody knows":  {newModel("team", team, "owner", "99999"), "owner", "Choose somebody from the list."},
		"a negative owner":       {newModel("team", team, "owner", "-1"), "owner", "Choose somebody from the list."},
		"a huge owner":           {newModel("team", team, "owner", "99999999999999999999999"), "owner", "whole number"},
	} {
		t.Run(name, func(t *testing.T) {
			page := b.On(t).Post("/models/new", c.values).Is(422, "Scores card payments before they settle.")
			if got := page.ErrorAt(c.field); !strings.Contains(got, c.says) {
				t.Errorf("at %s: %q, want %q", c.field, got, c.says)
			}
			if !strings.HasPrefix(page.PageTitle(), "Error: ") {
				t.Errorf("the title is %q", page.PageTitle())
			}
		})
	}
	if _, err := site.Store.Model(t.Context(), "fraud-scorer"); err == nil {
		t.Error("a refused model was saved")
	}
}

func TestRegisteringForAnotherTeamIsRefused(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.As(site.Stranger).Post("/models/new", newModel("team", id(site.Fraud.ID))).Is(403, "Only the model's own team changes it.")
	site.As(site.Viewer).Get("/models/new").Is(403)
	site.As(site.Viewer).Post("/models/new", newModel("team", id(site.Fraud.ID))).Is(403)
}

func TestOnlyItsTeamChangesAModel(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 1)
	site.Version(t, "fraud", "v1")
	for name, c := range map[string]struct {
		address string
		values  url.Values
	}{
		"basics":     {"/models/fraud/edit", newModel("slug", "fraud", "revision", "1")},
		"people":     {"/models/fraud/edit/people", webtest.Pairs("team", id(site.Other.ID), "revision", "1")},
		"promises":   {"/models/fraud/edit/promises", webtest.Pairs("availability", "1", "revision", "1")},
		"consumers":  {"/models/fraud/consumers", webtest.Pairs("no_consumers_reason", "Nobody calls it.", "revision", "1")},
		"no version": {"/models/fraud/versions/new", webtest.Pairs("label", "v2")},
		"versions":   {"/models/fraud/versions/v1/edit", webtest.Pairs("summary", "Mine", "revision", "1")},
	} {
		for who, p := range map[string]org.Person{"another team": site.Stranger, "an auditor": site.Auditor, "a leader": site.Leader, "a reviewer": site.Reviewer} {
			site.As(p).On(t).Post(c.address, c.values).Is(403)
			if p.ID == site.Stranger.ID {
				page := site.As(p).Get(c.address).Is(200, "Only the model's own team changes it.")
				if page.Form(c.address) != nil && strings.Contains(page.Body, `data-kind="primary" disabled`) == false {
					t.Errorf("%s: %s can press save", name, who)
				}
			}
		}
	}
	m, _ := site.Store.Model(t.Context(), "fraud")
	if m.Name != "Model fraud" || m.TeamID != site.Fraud.ID {
		t.Errorf("it was changed: %+v", m)
	}
}

func TestWhatThereIsNotIsNotFound(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 1)
	site.Version(t, "fraud", "v1")
	site.Model(t, "other", registry.Trained, 1)
	site.Version(t, "other", "x9")
	b := site.As(site.Owner)
	for _, address := range []string{"/models/nothing", "/models/nothing/edit", "/models/nothing/edit/people", "/models/nothing/consumers", "/models/nothing/versions/new",
		"/models/nothing/diff?a=v1&b=v2", "/models/nothing/history", "/models/fraud/versions/v9/edit", "/models/fraud/versions/x9/edit",
		"/models/fraud/diff?a=v1&b=x9", "/models/fraud/versions/new?from=x9", "/models/%00/edit", "/models/fraud/versions/" + strings.Repeat("v", 300) + "/edit"} {
		b.Get(address).Is(404)
	}
	for _, address := range []string{"/models/nothing/edit", "/models/nothing/versions/new", "/models/fraud/versions/x9/edit"} {
		b.Send(address, "revision", "1", "label", "v2").Is(404)
	}
}

func TestEditAModel(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 2)
	b := site.As(site.Owner)
	b.Submit(b.Get("/models/fraud/edit"), "/models/fraud/edit", "name", "Card fraud", "tier", "1").At("/models/fraud").Is(200, "Card fraud", "Tier 1", "Saved.")
	b.Submit(b.Get("/models/fraud/edit"), "/models/fraud/edit", "tier", "3").Is(422, "Only a risk reviewer or an administrator lowers the risk")
	b.Submit(b.Get("/models/fraud/edit/people"), "/models/fraud/edit/people", "deputy", id(site.Contributor.ID)).At("/models/fraud").Is(200, "Contributor")
	b.Submit(b.Get("/models/fraud/edit/promises"), "/models/fraud/edit/promises", "latency", "250", "deprecation_on", "2099-01-31").At("/models/fraud").
		Is(200, "95 of 100 answers within 250 ms", "31 Jan 2099")
	b.Submit(b.Get("/models/fraud/consumers"), "/models/fraud/consumers", "consumers[0].name", "Till").At("/models/fraud").Is(200, "Till")
	b.Submit(b.Get("/models/fraud/edit"), "/models/fraud/edit").Is(409, "Nothing has changed.")
	b.Get("/models/fraud/history").Is(200, "changed name and tier", "changed deputy", "Deputy", "Contributor", "changed consumers", "Checkout", "Till")
}

func TestEverythingThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 1)
	b := site.As(site.Owner)
	page := b.Submit(b.Get("/models/fraud/edit/promises"), "/models/fraud/edit/promises", "latency", "soon", "availability", "200", "deprecation_on", "2001-01-01").Is(422)
	for field, says := range map[string]string{"latency": "whole number", "availability": "1 to 100", "deprecation_on": "past"} {
		if got := page.ErrorAt(field); !strings.Contains(got, says) {
			t.Errorf("at %s: %q", field, got)
		}
	}
	if got := page.Value("latency"); got != "soon" {
		t.Errorf("what was typed is lost: %q", got)
	}
}

func TestAStaleFormShowsBothValues(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 1)
	mine, theirs := site.As(site.Owner), site.As(site.Deputy)
	open := mine.Get("/models/fraud/edit")
	theirs.Submit(theirs.Get("/models/fraud/edit"), "/models/fraud/edit", "name", "Their name").Is(200)
	page := mine.Submit(open, "/models/fraud/edit", "name", "My name", "purpose", "Mine too, and longer.").
		Is(409, "This was changed while you were editing", "Deputy saved a change", "My name", "Their name", "Save mine over theirs").Lacks("Risk tier, ")
	if m, _ := site.Store.Model(t.Context(), "fraud"); m.Name != "Their name" {
		t.Fatalf("the stale form was saved: %s", m.Name)
	}
	mine.Submit(page, "/models/fraud/edit").At("/models/fraud").Is(200, "My name")
	page = mine.Get("/models/fraud/edit/people")
	theirs.Submit(theirs.Get("/models/fraud/edit/people"), "/models/fraud/edit/people", "deputy", "").Is(200)
	mine.Submit(page, "/models/fraud/edit/people", "deputy", id(site.Contributor.ID)).Is(409, "Contributor", "nothing").Lacks(">" + id(site.Contributor.ID) + "<")
	mine.Send("/models/fraud/edit", "name", "No revision", "slug", "fraud", "kind", "trained").Is(400)
}

func TestKindAndShortNameAreFixedWithTheFirstVersion(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 1)
	b := site.As(site.Owner)
	b.Submit(b.Get("/models/fraud/edit"), "/models/fraud/edit", "slug", "card-fraud", "kind", "genai").At("/models/card-fraud").Is(200, "GenAI model")
	b.Submit(b.Get("/models/card-fraud/edit"), "/models/card-fraud/edit", "kind", "trained").Is(200, "Trained model")
	site.Version(t, "card-fraud", "v1")
	page := b.Get("/models/card-fraud/edit").Is(200, "fixed since the first version")
	b.Submit(page, "/models/card-fraud/edit", "kind", "genai", "slug", "x2").Is(422, "The kind is fixed", "The short name is fixed")
}

func TestConsumersRowsNeedNoScript(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 1)
	b := site.As(site.Owner)
	page := b.Get("/models/fraud/consumers").Is(200)
	page = b.Submit(page, "/models/fraud/consumers", "consumers[0].contact", "typed@example.test", "add", "consumers").Is(200, "Consumer 2")
	if got := page.Value("consumers[0].contact"); got != "typed@example.test" {
		t.Errorf("what was typed is lost: %q", got)
	}
	page = b.Submit(page, "/models/fraud/consumers", "consumers[1].name", "Till", "consumers[1].contact", "till", "consumers[1].criticality", "low", "consumers[1].notice_days", "many").
		Is(422)
	if got := page.ErrorAt("consumers[1].notice_days"); !strings.Contains(got, "whole number") {
		t.Errorf("at the row: %q", got)
	}
	page = b.Submit(page, "/models/fraud/consumers", "remove", "consumers:0").Is(200).Lacks("Consumer 2")
	if got := page.Value("consumers[0].name"); got != "Till" {
		t.Errorf("the second row did not move up: %q", got)
	}
	b.Submit(page, "/models/fraud/consumers", "consumers[0].notice_days", "14").At("/models/fraud").Is(200, "Till", "needs 14 days notice").Lacks("depends critically")
	page = b.Submit(b.Get("/models/fraud/consumers"), "/models/fraud/consumers", "remove", "consumers:0")
	b.Submit(page, "/models/fraud/consumers").Is(422, "Name at least one consumer, or say why there are none.")
	for _, odd := range []string{"consumers:99", "consumers:-1", "consumers:x", "nothing:0", ":"} {
		b.Submit(b.Get("/models/fraud/consumers"), "/models/fraud/consumers", "remove", odd)
	}
	site.As(site.Viewer).Get("/models/fraud/consumers").Is(200, "Only contributors change models.")
}
