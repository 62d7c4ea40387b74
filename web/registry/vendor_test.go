package registry_test

import (
	"strings"
	"testing"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/vendors"
	"sundial/web/webtest"
)

func TestAModelTellsOfItsVendorsEnd(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "bot", registry.GenAI, 2)
	v, err := site.Store.AddVersion(site.World.As(site.Contributor), "bot", func(m *registry.Model) (*registry.Version, error) {
		v := &registry.Version{ModelID: m.ID, Label: "v1", Kind: m.Kind, AuthorID: site.Contributor.ID, Stage: registry.Validated,
			Release: registry.Release{Host: "openai", ModelID: "gpt-4o-2024-11-20", Prompts: []registry.Prompt{{Name: "system", SHA256: strings.Repeat("a", 64)}}}}
		v.Note("version.added", v.Subject(m.Slug), nil, map[string]string{"label": "v1"})
		return v, nil
	})
	if err != nil || v.Stage != registry.Validated {
		t.Fatal(err)
	}
	owner := site.As(site.Owner)
	owner.Get("/models/bot").Is(200, "Not in the catalogue", "Evaluate again", "It has not been evaluated yet.", "Record the result")
	owner.Get("/").Is(200, "Evaluate Model bot v1 again")
	today := day.Of(site.Clock.Now())
	say := func(end day.Day) {
		t.Helper()
		_, err := site.Store.AddReading(site.World.As(site.Reviewer), vendors.Reading{Via: vendors.ByForm, Entry: vendors.Entry{Host: vendors.OpenAI, ModelID: "gpt-4o-2024-11-20",
			Class: vendors.Pinned, EndOfLife: end, Successor: "gpt-4.1-2025-04-14", Source: "page", ReadOn: today}}, false, 0, site.Policy)
		if err != nil {
			t.Fatal(err)
		}
	}
	say(today.Add(200))
	owner.Get("/models/bot").Is(200, "Make a version from it", "gpt-4.1-2025-04-14", "in 200 days").Lacks("within the runway")
	say(today.Add(40))
	p := owner.Get("/models/bot").Is(200, "within the runway", "the vendor's model behind v1 is within its runway")
	found := false
	for _, l := range p.Links() {
		found = found || l == "/models/bot/versions/new?from=v1&host=openai&model_id=gpt-4.1-2025-04-14"
	}
	if !found {
		t.Errorf("no way to a version on the successor: %v", p.Links())
	}
	site.As(site.Viewer).Get("/models/bot").Is(200, "within the runway").Lacks("Make a version from it", "Record the result")
	owner.Get("/models/bot/versions/v1").Is(200, "To be evaluated again", "What is known of gpt-4o-2024-11-20")
}
