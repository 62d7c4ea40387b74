package retirement_test

import (
	"net/http"
	"strings"
	"testing"

	"sundial/components/link"
	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/vendors"
	"sundial/web/webtest"
)

func TestTheTimelineSaysTheSameInThePictureAndInTheTable(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	today := day.Of(s.Clock.Now())
	s.As(s.Viewer).Get("/retirements/timeline").Is(http.StatusOK, "Nothing ends in the coming 18 months")
	s.ServeRelease(t, "assistant", "r1")
	s.Model(t, "bare", registry.Trained, 2)
	vendorEnds(t, s, today.Add(20))
	view, err := s.Store.Plan(t.Context(), "assistant", s.Policy)
	check(t, err)
	starts := view.InForce.Body.Runway(view.InForceContext).LatestStart

	p := s.As(s.Viewer).Get("/retirements/timeline").Is(http.StatusOK, "2 models", "Model assistant", "Model bare",
		"latest start was due", "passed", starts.Time().Format("2 Jan 2006"), today.Add(20).Time().Format("2 Jan 2006"), today.Add(300).Time().Format("2 Jan 2006"))
	for _, want := range []string{`role="img"`, `2 models with 5 days until`, `1 of them passed`, `data-shape="start" data-late`} {
		if !strings.Contains(strings.Join(strings.Fields(p.Body), " "), want) {
			t.Errorf("the picture lacks %s", want)
		}
	}
	if strings.Count(p.Body, "data-late") != 2 { // the mark and its bar; the legend shows marks as they usually are
		t.Errorf("one day has passed, %d things are red", strings.Count(p.Body, "data-late"))
	}
	if p.Queries > 8 {
		t.Errorf("it takes %d queries", p.Queries)
	}
	found := false
	for _, l := range p.Links() {
		found = found || l == link.Retirement("assistant")
	}
	if !found {
		t.Errorf("the table leads to the plan: %v", p.Links())
	}
}

func TestTheTimelineIsNarrowedByItsAddress(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	today := day.Of(s.Clock.Now())
	s.ServeRelease(t, "assistant", "r1")
	s.Model(t, "bare", registry.Trained, 2)
	vendorEnds(t, s, today.Add(20))
	b := s.As(s.Viewer)
	b.Get("/retirements/timeline?kind=vendor_end").Is(http.StatusOK, "1 model", "Model assistant").Lacks("Model bare", `data-label="Plan review"`)
	b.Get("/retirements/timeline?team=credit").Is(http.StatusOK, "No dates match").Lacks("Model bare")
	b.Get("/retirements/timeline?whose=mine").Is(http.StatusOK, "No dates match")
	s.As(s.Deputy).Get("/retirements/timeline?whose=mine").Is(http.StatusOK, "2 models")
	b.Get("/retirements/timeline?kind=vendor_end&team=fraud").Is(http.StatusOK, "1 model")
	b.Swap(http.MethodGet, "/retirements/timeline?kind=vendor_end", "timeline", nil).Is(http.StatusOK, "Model assistant").Lacks("<html", "Model bare")
	for _, bad := range []string{"?kind=never", "?whose=theirs", "?after=%25%25", "?team=%01"} {
		b.Get("/retirements/timeline" + bad).Is(http.StatusBadRequest)
		if !strings.HasPrefix(bad, "?after") {
			b.Get("/retirements/timeline.csv" + bad).Is(http.StatusBadRequest)
		}
	}
	csv := b.Get("/retirements/timeline.csv?kind=vendor_end").Is(http.StatusOK).Body
	want := "model,name,team,owner,stage,tier,plan in force,first date,vendor's end,passed\nassistant,Model assistant,Fraud,Owner,production,2,1," + string(today.Add(20)) + "," + string(today.Add(20)) + ",\n"
	if csv != want {
		t.Errorf("the file is\n%s\nwant\n%s", csv, want)
	}
}

func TestTheTimelineHasPages(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	for i := range 23 {
		s.Model(t, "m-"+string(rune('a'+i)), registry.Trained, 2)
	}
	b := s.As(s.Viewer)
	first := b.Get("/retirements/timeline?kind=deprecation").Is(http.StatusOK, "23 models", "Model m-a", "Model m-t", "Next").Lacks("Model m-u", "Previous")
	next := ""
	for _, l := range first.Links() {
		if strings.Contains(l, "after=") {
			next = l
		}
	}
	second := b.Get(next).Is(http.StatusOK, "Model m-u", "Model m-w", "Previous", "First page").Lacks("Model m-t")
	if !strings.Contains(second.Address, "kind=deprecation") {
		t.Errorf("the filter stays: %s", second.Address)
	}
}

// vendorEnds lets the vendor's model of ServeRelease end on a day.
func vendorEnds(t *testing.T, s *webtest.Site, on day.Day) {
	t.Helper()
	check(t, s.Store.SaveVendorModels(s.World.As(s.Admin), []vendors.Entry{{Host: vendors.OpenAI, ModelID: "gpt-4o-2024-11-20", Class: vendors.Pinned,
		EndOfLife: on, Source: "https://vendor.example", ReadOn: day.Of(s.Clock.Now())}}))
	_, err := s.Store.CheckLatestStarts(s.World.As(s.Admin), s.Policy)
	check(t, err)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
