package retirement_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sundial/components/link"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/telemetry"
	"sundial/web/webtest"
)

func TestWhatNobodyWouldNoticeIsListedHonestly(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.As(s.Viewer)
	b.Get("/retirements/unused").Is(http.StatusOK, "Somebody would notice every one")
	for _, x := range []string{"churn", "ranker"} {
		s.Serve(t, x, "v1", 2)
	}
	_, err := s.Store.ChangeModel(s.World.As(s.Owner), "churn", 0, func(m *registry.Model) error {
		m.Consumers, m.NoConsumersReason = nil, "The campaign is over."
		m.Note("model.consumers_changed", m.Subject(), nil, nil)
		return nil
	})
	check(t, err)
	b.Get("/retirements/unused").Is(http.StatusOK, "Somebody would notice every one")
	since := s.Clock.Now().Format("2 Jan 2006")
	s.Clock.Add(31 * 24 * time.Hour)
	b = s.As(s.Viewer)

	// Nobody reports: nothing is said to be unused.
	p := b.Get("/retirements/unused").Is(http.StatusOK, "1 model", "Model churn", "Not measured", "reported no stamps at all", since, "31 days ago", "never", "Owner", "In force", "Have its stamps reported").
		Lacks("Model ranker", "Its team reports stamps")
	leadsTo(t, p, link.Monitoring("churn"))
	b.Get("/retirements/unused?measured=yes").Is(http.StatusOK, "No models match")

	_, err = s.Store.TakeStamps(s.World.As(s.Contributor), store.StampCall{Lines: []telemetry.Line{
		{Bucket: s.Clock.Now().UTC().Truncate(telemetry.Bucket), App: "checkout", Stamp: telemetry.Stamp{Model: "ranker", Version: "v1"}, Count: 3}}})
	check(t, err)
	p = b.Get("/retirements/unused?measured=yes&team=fraud").Is(http.StatusOK, "1 model", "Unused", "Its team reports stamps, and none of this model.", "Begin its retirement").Lacks("Have its stamps reported")
	leadsTo(t, p, link.Retirement("churn"))
	if p.Queries > 8 {
		t.Errorf("it takes %d queries", p.Queries)
	}
	b.Swap(http.MethodGet, "/retirements/unused?measured=yes", "unused", nil).Is(http.StatusOK, "Model churn").Lacks("<html")
	csv := b.Get("/retirements/unused.csv?team=fraud").Is(http.StatusOK).Body
	if !strings.HasPrefix(csv, "model,name,team,") || !strings.Contains(csv, "\nchurn,Model churn,Fraud,Owner,2,unused,") || !strings.HasSuffix(csv, ",approved,,begin its retirement\n") || strings.Contains(csv, "ranker") {
		t.Errorf("the file is\n%s", csv)
	}
	for _, bad := range []string{"?measured=maybe", "?whose=theirs", "?team=%01"} {
		b.Get("/retirements/unused" + bad).Is(http.StatusBadRequest)
		b.Get("/retirements/unused.csv" + bad).Is(http.StatusBadRequest)
	}
	b.Get("/retirements/unused?after=%25").Is(http.StatusBadRequest)
	b.Get("/retirements/unused?whose=mine").Is(http.StatusOK, "No models match")
	s.As(s.Deputy).Get("/retirements/unused?whose=mine").Is(http.StatusOK, "Model churn")
}

func leadsTo(t *testing.T, p *webtest.Page, address string) {
	t.Helper()
	for _, l := range p.Links() {
		if l == address {
			return
		}
	}
	t.Errorf("%s does not lead to %s: %v", p.Address, address, p.Links())
}
