package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/web/webtest"
)

const (
	slug  = "fraud-scorer"
	v1    = "/models/fraud-scorer/versions/v1"
	words = "For the reasons that I have read here."
)

// staged is a site with a complete version that waits for its way to production, and a plan.
func staged(t *testing.T, tier registry.Tier) *webtest.Site {
	t.Helper()
	return stagedOn(t, storetest.New(t), tier)
}

// each runs a test on both databases.
func each(t *testing.T, tier registry.Tier, test func(*testing.T, *webtest.Site)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, stagedOn(t, s, tier)) })
}

func stagedOn(t *testing.T, s *store.Store, tier registry.Tier) *webtest.Site {
	t.Helper()
	site := webtest.NewOn(t, s)
	site.Model(t, slug, registry.Trained, tier)
	site.Version(t, slug, "v1")
	site.Evidence(t, slug, "v1")
	site.Plan(t, slug)
	for _, to := range []registry.Stage{registry.Registered, registry.Validated, registry.Staged} {
		site.Promote(t, slug, "v1", to)
	}
	return site
}

// asked opens a request and returns its address.
func asked(t *testing.T, site *webtest.Site, who org.Person, label string, to registry.Stage) string {
	t.Helper()
	d, err := site.Store.OpenRequest(site.World.As(who), slug, label, site.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(storetest.Actor(who), to, "Better on refunds.", now)
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/requests/%d", d.ID)
}

// superseded is a site on which v2 has taken the place of v1.
func superseded(t *testing.T) *webtest.Site {
	t.Helper()
	site := staged(t, 2)
	site.Promote(t, slug, "v1", registry.Production)
	site.Clock.Add(time.Hour)
	site.Version(t, slug, "v2")
	site.Evidence(t, slug, "v2")
	site.ConfirmPlan(t, slug, "v2")
	site.PromoteAll(t, slug, "v2")
	site.Clock.Add(time.Hour)
	return site
}
