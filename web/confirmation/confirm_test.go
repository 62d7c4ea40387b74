package confirmation_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/webtest"
)

// nextQuarter is a site with three entries that were registered in the quarter before, on its fifth day.
func nextQuarter(t *testing.T) *webtest.Site {
	t.Helper()
	s := webtest.New(t)
	for _, slug := range []string{"alpha", "beta", "gamma"} {
		s.Model(t, slug, registry.Trained, 2)
	}
	end := day.QuarterOf(s.Clock.Now()).End()
	s.Clock.Add(end.AddDate(0, 0, 4).Sub(s.Clock.Now()))
	return s
}

func entry(t *testing.T, s *webtest.Site, slug, name string) string {
	t.Helper()
	m, err := s.Store.Model(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("entries[%d].%s", m.ID, name)
}

func TestAnOwnerConfirmsOnOnePage(t *testing.T) {
	t.Parallel()
	s := nextQuarter(t)
	b := s.As(s.Owner)
	p := b.Get("/confirm").Is(http.StatusOK, "Confirm your entries", "Model alpha", "Model beta", "Model gamma", "Checkout", "Tier 2", "Scores things so that a test can look at it.", "earns no points", "To confirm 3", "Confirmed 0")
	if p.Queries > 8 {
		t.Errorf("it takes %d queries", p.Queries)
	}
	if strings.Count(p.Body, `value="not_now" checked`) != 3 || strings.Contains(p.Body, `value="as_it_says" checked`) {
		t.Error("an answer is chosen before anybody chose it")
	}
	p = b.Submit(p, "/confirm", entry(t, s, "alpha", "reply"), "as_it_says", entry(t, s, "beta", "reply"), "as_it_says",
		entry(t, s, "gamma", "reply"), "wrong", entry(t, s, "gamma", "what"), "It has belonged to Credit since May.").At("/confirm")
	p.Is(http.StatusOK, "2 entries are confirmed.", "1 entry waits to be mended.", "Model gamma", "Owner said", "It has belonged to Credit since May.", "Something is wrong").Lacks("Model alpha")
	b.Get("/confirm?show=confirmed").Is(http.StatusOK, "Model alpha", "Model beta", "Owner confirmed it").Lacks("Model gamma", `value="as_it_says"`)
	s.As(s.Deputy).Get("/confirm").Is(http.StatusOK, "Model gamma", "Owner said").Lacks("Model alpha")
	s.As(s.Contributor).Get("/confirm").Is(http.StatusOK, "Nothing to confirm")
	if events, err := s.Store.Events(t.Context(), store.EventFilter{Verb: "model.confirmed"}, 10); err != nil || len(events) != 2 || events[0].Actor != "Owner" {
		t.Errorf("%v %v", events, err)
	}
	b.Get("/models/alpha").Is(http.StatusOK, "Confirmed by Owner")
	b.Get("/models/gamma").Is(http.StatusOK, "Something is wrong", "It has belonged to Credit since May.")
}

func TestAnEntryThatChangedIsReadAgain(t *testing.T) {
	t.Parallel()
	s := nextQuarter(t)
	b := s.As(s.Owner)
	p := b.Get("/confirm")
	_, err := s.Store.ChangeModel(s.World.As(s.Contributor), "beta", 0, func(m *registry.Model) error {
		m.Purpose = "Scores refunds, as of this week."
		m.Note("model.edited", m.Subject(), nil, nil)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	alpha, beta, what := entry(t, s, "alpha", "reply"), entry(t, s, "beta", "reply"), entry(t, s, "gamma", "what")
	p = b.Submit(p, "/confirm", alpha, "as_it_says", beta, "as_it_says", entry(t, s, "gamma", "reply"), "wrong", what, "It has belonged to Credit since May.").Is(http.StatusConflict,
		"Model beta: This entry has changed since you opened the page.", "Scores refunds, as of this week.", "Read it again")
	if p.Value(alpha) != "as_it_says" || p.Value(beta) != "not_now" || strings.TrimSpace(p.Value(what)) != "It has belonged to Credit since May." || !strings.HasPrefix(p.PageTitle(), "Error:") {
		t.Errorf("kept %q %q %q", p.Value(alpha), p.Value(beta), p.Value(what))
	}
	if !strings.Contains(p.ErrorAt(beta), "has changed") || p.ErrorAt(alpha) != "" {
		t.Errorf("said %q and %q", p.ErrorAt(beta), p.ErrorAt(alpha))
	}
	s.As(s.Leader).Get("/confirmations?show=confirmed").Is(http.StatusOK, "No entries match")
	b.Submit(p, "/confirm", beta, "as_it_says").Is(http.StatusOK, "2 entries are confirmed.")
}

func TestWhatIsSentIsHeldToTheRules(t *testing.T) {
	t.Parallel()
	s := nextQuarter(t)
	b := s.As(s.Owner)
	p := b.Get("/confirm")
	alpha, what := entry(t, s, "alpha", "reply"), entry(t, s, "alpha", "what")
	for name, tt := range map[string]struct {
		pairs  []string
		status int
		says   string
	}{
		"nothing chosen":             {nil, 422, "Choose an answer for at least one entry."},
		"wrong, and not what":        {[]string{alpha, "wrong"}, 422, "Say in a sentence what is wrong"},
		"a sentence without a word":  {[]string{what, "It has another team."}, 422, "Choose whether it is as it says or something is wrong."},
		"no answer that there is":    {[]string{alpha, "maybe"}, 422, "Choose whether"},
		"more than a sentence":       {[]string{alpha, "wrong", what, strings.Repeat("x", 2001)}, 422, "Use at most"},
		"an entry that is not there": {[]string{alpha, "as_it_says", "entries[999].reply", "as_it_says"}, 404, "not yours to answer for"},
	} {
		got := b.Submit(p, "/confirm", tt.pairs...).Is(tt.status, tt.says, "Model alpha")
		if got.Value(alpha) != valueOf(tt.pairs, alpha) && name != "no answer that there is" {
			t.Errorf("%s: %q is kept", name, got.Value(alpha))
		}
	}
	for _, who := range []*webtest.Browser{s.As(s.Admin), s.As(s.Contributor), s.As(s.Auditor), s.As(s.Risk)} {
		who.Post("/confirm", url.Values{alpha: {"as_it_says"}, entry(t, s, "alpha", "digest"): {p.Value(entry(t, s, "alpha", "digest"))}}).Is(404).Lacks("Model alpha")
	}
	b.Get("/confirm?show=theirs").Is(400)
	b.Get("/confirm?after=%25").Is(400)
	b.Send("/confirm", "entries[x].reply", "as_it_says").Is(422)
	s.Nobody().Get("/confirm").At("/login?return_to=%2Fconfirm")
	if n, err := s.Store.CountConfirmations(t.Context(), store.ConfirmationFilter{Quarter: day.QuarterOf(s.Clock.Now())}); n.N != 3 || err != nil {
		t.Errorf("%d are unconfirmed, %v", n.N, err)
	}
}

func valueOf(pairs []string, name string) string {
	if i := slices.Index(pairs, name); i >= 0 {
		return pairs[i+1]
	}
	return "not_now"
}

func TestALeaderSeesWhatNobodyConfirmed(t *testing.T) {
	t.Parallel()
	s := nextQuarter(t)
	owner := s.As(s.Owner)
	owner.Submit(owner.Get("/confirm"), "/confirm", entry(t, s, "alpha", "reply"), "as_it_says", entry(t, s, "beta", "reply"), "wrong", entry(t, s, "beta", "what"), "It is not in use any more.").Is(200)
	b := s.As(s.Leader)
	b.Get("/teams").Is(http.StatusOK)
	p := b.Get("/confirmations").Is(http.StatusOK, "Quarterly confirmation", "1 of 3", "Model beta", "It is not in use any more.", "Model gamma", "deputy Deputy", "2 entries", "earns no points").Lacks("Model alpha")
	if p.Queries > 12 {
		t.Errorf("it takes %d queries", p.Queries)
	}
	for _, l := range []string{"/models/gamma", "/teams"} {
		if !slices.Contains(p.Links(), l) {
			t.Errorf("no link to %s", l)
		}
	}
	b.Get("/confirmations?show=confirmed").Is(http.StatusOK, "Model alpha").Lacks("Model gamma")
	b.Get("/confirmations?show=open&team=fraud").Is(http.StatusOK, "Model gamma").Lacks("Model beta")
	b.Get("/confirmations?team=credit").Is(http.StatusOK, "No entries match")
	b.Get("/confirmations?quarter=2001-Q1").Is(http.StatusOK, "Q1 2001", "takes no answers any more")
	b.Swap(http.MethodGet, "/confirmations?show=disputed", "entries", nil).Is(http.StatusOK, "Model beta").Lacks("<html", "Model gamma")
	for _, bad := range []string{"?show=x", "?quarter=2026", "?quarter=2026-Q5", "?team=%01", "?after=%25"} {
		b.Get("/confirmations" + bad).Is(http.StatusBadRequest)
	}
	lines, err := csv.NewReader(strings.NewReader(b.Get("/confirmations.csv?show=all").Is(http.StatusOK).Body)).ReadAll()
	if err != nil || len(lines) != 4 || lines[2][2] != "Model beta" || lines[2][11] != "disputed" || lines[2][14] != "It is not in use any more." {
		t.Errorf("%v %v", lines, err)
	}
	b.Get("/confirmations.csv?quarter=x").Is(http.StatusBadRequest)

	// Nobody is left who could.
	for _, gone := range []int64{s.Owner.ID, s.Deputy.ID} {
		if err := s.Store.SetDisabled(s.World.As(s.Admin), gone, true); err != nil {
			t.Fatal(err)
		}
	}
	b.Get("/confirmations?show=nobody").Is(http.StatusOK, "Model gamma", "Nobody can confirm", "Its owner Owner and its deputy Deputy have left.", "Its team or an administrator names somebody.")
	admin := s.As(s.Admin).Get("/confirmations?show=nobody").Is(http.StatusOK, "Name somebody")
	if !slices.Contains(admin.Links(), "/models/gamma/edit/people") {
		t.Error("no link to where it is mended")
	}
	s.Clock.Days(31)
	s.As(s.Leader).Get("/confirmations?show=overdue").Is(http.StatusOK, "Model gamma", "Overdue")
}
