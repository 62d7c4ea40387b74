package retirement_test

import (
	"net/http"
	"strings"
	"testing"

	"sundial/components/link"
	"sundial/models/retirement"
	"sundial/web/webtest"
)

func TestTheBoardShowsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.As(s.Viewer)
	b.Get(link.Retirements()).Is(http.StatusOK, "Nothing is on its way out")
	s.Serve(t, "churn", "v1", 1)
	s.Serve(t, "leads", "v1", 2)
	s.Trigger(t, "churn")
	s.Trigger(t, "leads")
	s.RetireTo(t, "leads", retirement.Announced, s.Clock)
	page := b.Get(link.Retirements()).Is(http.StatusOK, "2 under way", "Model churn", "The consumers are to be told", "Model leads", "0 of 1 consumer answered")
	if links := strings.Join(page.Links(), " "); !strings.Contains(links, link.WorkflowNumber("churn", 1)) {
		t.Errorf("no way to the workflow: %s", links)
	}
	b.Get(link.Retirements()+"?phase=announced").Is(http.StatusOK, "Model leads").Lacks("Model churn")
	b.Get(link.Retirements()+"?phase=ended").Is(http.StatusOK, "No retirements")
	b.Get(link.Retirements()+"?team=credit").Is(http.StatusOK, "No retirements").Lacks("Model leads")
	b.Get(link.Retirements() + "?phase=nonsense").Is(http.StatusBadRequest)
	b.Get(link.RetirementsBoardCSV()+"?phase=announced").Is(http.StatusOK, "leads,Model leads,retirement,1,v1,announced").Lacks("churn")

	b.Get(link.Retirements()+"?phase=late").Is(http.StatusOK, "Nothing is late")
	if _, err := s.Store.ScoreAll(s.World.As(s.Admin), s.Policy); err != nil {
		t.Fatal(err)
	}
	s.As(s.Leader).Get(link.Teams()).Is(http.StatusOK, "Retirements late 0")
	s.Clock.Days(800)
	s.As(s.Viewer).Get(link.Retirements()+"?phase=late").Is(http.StatusOK, "Late: to be gone by now, and still serving", "Model leads", "Model churn")
	s.As(s.Leader).Get(link.Teams()).Is(http.StatusOK, "Retirements late 2")
}
