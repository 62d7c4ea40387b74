package e2e

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/playwright-community/playwright-go"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web"
	"sundial/web/webtest"
)

// movable is a portal in this process whose clock a story moves: retirements take months. Sign-in has
// stories of its own, so here a person's session is opened at the store.
type movable struct {
	*webtest.Site
	URL string
}

func startMovable(t *testing.T) *movable {
	t.Helper()
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base, _ := url.Parse("http://" + at.Addr().String())
	site := webtest.New(t, func(c *web.Config) { c.BaseURL = base })
	server := &httptest.Server{Listener: at, Config: &http.Server{Handler: site.Server.Handler()}}
	server.Start()
	t.Cleanup(server.Close)
	return &movable{site, base.String()}
}

// person is somebody in a browser of their own, signed in at this moment of the moved clock.
func (m *movable) person(t *testing.T, v view, who org.Person) *page {
	t.Helper()
	p := m.stranger(t, v)
	err := p.Context().AddCookies([]playwright.OptionalCookie{{Name: "sundial", Value: m.As(who).Cookie("sundial"), URL: &m.URL}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// stranger has no account.
func (m *movable) stranger(t *testing.T, v view) *page {
	t.Helper()
	v.Base = m.URL
	return newPage(t, v)
}

// letter is the path of a consumer's link, as their letter holds it.
func (m *movable) letter(t *testing.T, slug, consumer string) string {
	t.Helper()
	view, err := m.Store.Retirement(t.Context(), slug, 0, m.Policy)
	if err != nil {
		t.Fatal(err)
	}
	key, err := m.Store.LinkKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range view.Workflow.Consumers {
		if x.Name == consumer {
			return "/answer/" + store.LinkOf(view.Workflow, x).Sign(key)
		}
	}
	t.Fatalf("%s was told nothing", consumer)
	return ""
}

// serves makes a model of tier 1 in production with two consumers outside the portal.
func (m *movable) serves(t *testing.T, slug string) {
	t.Helper()
	m.Model(t, slug, registry.Trained, 1)
	_, err := m.Store.ChangeModel(m.World.As(m.Owner), slug, 0, func(x *registry.Model) error {
		x.Consumers = append(x.Consumers, registry.Consumer{Name: "Ledger", Contact: "ledger@example.test", Criticality: "medium", Integration: "Nightly batch", NoticeDays: 14})
		x.Note("model.consumers_changed", x.Subject(), nil, map[string]int{"consumers": len(x.Consumers)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	m.Version(t, slug, "v1")
	m.Evidence(t, slug, "v1")
	m.World.Plan(t, slug)
	m.PromoteAll(t, slug, "v1")
}
