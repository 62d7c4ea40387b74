package lifecycle_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"sundial/models/evidence"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store/storetest"
	"sundial/web/webtest"
)

const botV2 = "/models/bot/versions/v2"

// second adds a version to the model that serves, with the same suite and another prompt.
func second(t *testing.T, s *webtest.Site) {
	t.Helper()
	s.ServeRelease(t, "bot", "v1")
	s.Release(t, "bot", "v2", storetest.SystemPrompt("Hello there."), registry.Suite{Name: "support", Version: "1", SHA256: registry.HashPrompt("support")})
}

func suite(t *testing.T, s *webtest.Site, name, label, hash string) {
	t.Helper()
	s.As(s.Contributor).Send("/evaluations/new", "name", name, "team", strconv.FormatInt(s.Fraud.ID, 10), "label", label, "sha256", hash,
		"thresholds[0].metric", "resolved", "thresholds[0].operator", ">=", "thresholds[0].value", "0.8",
		"thresholds[1].metric", "refusals", "thresholds[1].operator", "<", "thresholds[1].value", "0.05").Is(200)
}

func TestTheVersionPageShowsThePartsBesideProduction(t *testing.T) {
	s := webtest.New(t)
	second(t, s)
	b := s.As(s.Contributor)
	p := b.Get(botV2).Is(200, "What is approved", "Against v1, in production", "gpt-4o-2024-11-20", "Changed", "the same")
	if n := strings.Count(p.Body, ">Changed<") + strings.Count(p.Body, "Changed\n"); n > 2 {
		t.Errorf("more than the prompt is said to have changed:\n%s", p.Text())
	}
	b.Get("/models/bot/versions/v1").Is(200, "What was approved").Lacks("Against v1")
	s.Model(t, "tree", registry.Trained, 2)
	s.Version(t, "tree", "v1")
	b.Get("/models/tree/versions/v1").Is(200).Lacks("What was approved", "What is approved")
}

func TestPagesSayWhichPartMadeWhatVoid(t *testing.T) {
	s := webtest.New(t)
	second(t, s)
	s.Measure(t, "bot", "v2")
	s.Promote(t, "bot", "v2", registry.Registered)
	d, err := s.Store.OpenRequest(s.World.As(s.Owner), "bot", "v2", s.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(storetest.Actor(s.Owner), registry.Validated, "Evaluated.", now)
	})
	must(t, err)
	_, err = s.Store.ChangeDossier(s.World.As(s.Reviewer), d.ID, s.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Review(storetest.Actor(s.Reviewer), lifecycle.RequestChanges, d.CurrentDigest(now), "The suite is too small for four languages.", now)
	})
	must(t, err)
	b := s.As(s.Contributor)
	b.Get(botV2).Lacks("no longer counts")
	day := s.Clock.Now().Format("2 January 2006")
	s.Clock.Add(time.Minute)
	_, err = s.Store.ChangeVersion(s.World.As(s.Contributor), "bot", "v2", 0, func(m *registry.Model, v *registry.Version) error {
		v.Release.Prompts = []registry.Prompt{storetest.SystemPrompt("Hello, you.")}
		v.Note("version.edited", v.Subject(m.Slug), nil, nil)
		return nil
	})
	must(t, err)
	says := "The prompts changed, so the evaluation of " + day[:1]
	for _, page := range []string{botV2, "/requests/" + strconv.FormatInt(d.ID, 10)} {
		p := b.Get(page).Is(200, "The prompts changed since it was recorded", "no longer counts")
		if !strings.Contains(p.Text(), "The prompts changed, so the evaluation of ") {
			t.Errorf("%s does not say %q:\n%s", page, says, p.Text())
		}
	}
}

func TestARunOfARegisteredSuiteNeedsValuesAlone(t *testing.T) {
	s := webtest.New(t)
	second(t, s)
	suite(t, s, "support", "1", registry.HashPrompt("support"))
	suite(t, s, "other", "7", registry.HashPrompt("other"))
	b := s.As(s.Contributor)
	at := botV2 + "/evidence/new"
	form := b.Get(at).Is(200, "What support 1 measured", "passes when >= 0.8", "passes when < 0.05", "the release's own").Lacks("How did it come out?")
	b.Get(at+"?kind=fairness").Is(200, "How did it come out?").Lacks("Registered suite")
	b.Get(at+"?kind=evaluation&suite=0").Is(200, "How did it come out?", "Registered suite")
	b.Get(at+"?kind=evaluation&suite=2").Is(200, "What other 7 measured", "a run of another one does not pass its gate")
	b.Get(at + "?kind=evaluation&suite=99").Is(404)
	b.Get(at + "?kind=evaluation&suite=x").Is(400)
	p := b.Submit(form, at, "metrics[0].value", "0.9", "metrics[1].value", "few").Is(422)
	if p.ErrorAt("metrics[1].value") == "" || p.Value("metrics[0].value") != "0.9" {
		t.Errorf("what was typed, and what is wrong:\n%s", p.Text())
	}
	other := b.Submit(form, at, "suite_version", "2", "metrics[0].value", "0.9").Is(200, "What other 7 measured")
	if other.Value("metrics[0].value") != "0.9" {
		t.Error("what was typed is lost when the suite changes")
	}
	b.Submit(form, at, "suite_version", "0").Is(200, "How did it come out?")
	if p := b.Submit(form, at, "metrics[1].value", "0.01").Is(422); p.ErrorAt("metrics[0].value") == "" {
		t.Error("a value is missing and nobody says so")
	}
	b.Submit(form, at, "metrics[0].value", "0.7", "metrics[1].value", "0.01").Is(200, "Evaluation recorded: it failed.")
	// Neither thresholds nor an outcome come from the form.
	b.Submit(form, at, "metrics[0].value", "0.95", "metrics[1].value", "0.01", "outcome", "failed", "metrics[0].threshold", "0.1", "metrics[0].name", "made up").Is(200, "Evaluation recorded: it passed.")
	list, err := s.Store.Evidence(t.Context(), 2)
	must(t, err)
	e := list[0]
	if e.Outcome != evidence.Passed || e.Suite != "support 1" || e.SuiteSHA256 != registry.HashPrompt("support") || len(e.Metrics) != 2 || e.Metrics[0].Name != "resolved" || e.Metrics[0].Threshold != 0.8 {
		t.Errorf("%+v", e)
	}
	s.Promote(t, "bot", "v2", registry.Registered)
	b.Get(botV2).Is(200, "Beside production", "0.05 higher, better", "not measured in production", "For exactly this release")
	b.Get("/evaluations/support").Is(200, "Model bot v2", "passed", "failed")
}

func TestAmongSuitesOfOneHashTheReleasesOwnIsTakenByItsName(t *testing.T) {
	s := webtest.New(t)
	second(t, s)
	suite(t, s, "copy", "1", registry.HashPrompt("support"))
	suite(t, s, "support", "1", registry.HashPrompt("support"))
	suite(t, s, "zebra", "1", registry.HashPrompt("support"))
	b := s.As(s.Contributor)
	b.Get(botV2+"/evidence/new").Is(200, "What support 1 measured", "copy 1, with the same hash as the release's own", "support 1, the release's own")
	b.Get(botV2).Is(200, "support 1").Lacks("zebra 1")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
