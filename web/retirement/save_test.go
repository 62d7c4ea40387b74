package retirement_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sundial/components/link"
	"sundial/models/day"
	"sundial/models/registry"
	"sundial/web/webtest"
)

func TestWhatCannotBeRightIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	today := day.Of(s.Clock.Now())
	gone := s.Person("Gone")
	if err := s.Store.SetDisabled(s.World.As(s.Admin), gone.ID, true); err != nil {
		t.Fatal(err)
	}
	s.Model(t, "successor", registry.Trained, 2)
	written(t, s, m, s.Owner)
	end := string(today.Add(100))
	for name, x := range map[string]struct {
		section, field, sentence string
		pairs                    []string
	}{
		"to be decided":                            {"rollback", "rollback.decides", "only holds the place of an answer", []string{"rollback.decides", "TBD"}},
		"not applicable":                           {"assets", "assets[0].method", "only holds the place of an answer", []string{"assets[0].method", "n/a"}},
		"later":                                    {"steps", "steps[0].check", "only holds the place of an answer", []string{"steps[0].check", "later"}},
		"the model replaces itself":                {"candidate", "candidate.model", "A model cannot replace itself.", []string{"candidate.kind", "model", "candidate.model", slug, "candidate.equivalence_tests", "Same on 98 % of cases"}},
		"a replacement nobody knows":               {"candidate", "candidate.model", "Sundial does not know no-such-model", []string{"candidate.kind", "model", "candidate.model", "no-such-model", "candidate.equivalence_tests", "Same on 98 % of cases"}},
		"a floating replacement":                   {"candidate", "candidate.vendor_id", "is a floating id", []string{"candidate.kind", "vendor", "candidate.host", "openai", "candidate.vendor_id", "gpt-4o", "candidate.equivalence_tests", "Same on 98 % of cases"}},
		"no equivalence tests":                     {"candidate", "candidate.equivalence_tests", "Name the tests", []string{"candidate.kind", "model", "candidate.model", "successor"}},
		"nothing chosen to take over":              {"candidate", "candidate.kind", "Name what takes over", []string{"candidate.kind", "", "candidate.decision_goes_to", ""}},
		"gone in the past":                         {"dates", "dates.deprecation", "is past", []string{"dates.deprecation", "2020-01-01"}},
		"gone after the vendor's end":              {"dates", "dates.deprecation", "The vendor ends the model on", []string{"dates.vendor_end", end, "dates.review_by", end, "dates.deprecation", string(today.Add(101))}},
		"deleted before the rollback window ends":  {"assets", "assets[0].delete_after_days", "The rollback window is 14 days", []string{"assets[0].delete_after_days", "3"}},
		"deleted on a day within the window":       {"assets", "assets[0].delete_on", "The rollback window ends on", []string{"assets[0].delete_after_days", "", "assets[0].delete_on", string(m.DeprecationOn)}},
		"the verifier is the performer":            {"assets", "assets[0].verifier", "Somebody else than the performer verifies.", []string{"assets[0].verifier", "platform operations "}},
		"no consumers and no reason":               {"consumers", "consumers.none_reason", "List the consumers, or say why", []string{"consumers.list[0].name", "", "consumers.list[0].contact", "", "consumers.list[0].criticality", "", "consumers.list[0].integration", "", "consumers.list[0].notice_days", ""}},
		"a consumer left out":                      {"consumers", "", "The model has a consumer that the plan leaves out: Checkout.", []string{"consumers.list[0].name", "Another"}},
		"the window is longer than capacity":       {"rollback", "rollback.window_days", "Old capacity is held for 21 days", []string{"rollback.window_days", "30"}},
		"an owner who is gone":                     {"people", "people.owner", "Gone is no longer active.", []string{"people.owner", fmt.Sprint(gone.ID)}},
		"the deputy is the owner":                  {"people", "people.deputy", "somebody else than the owner", []string{"people.deputy", fmt.Sprint(s.Owner.ID)}},
		"a threshold that is no number":            {"trigger", "trigger.criterion.threshold", "Enter a number", []string{"trigger.criterion.threshold", "a lot"}},
		"an endless threshold":                     {"trigger", "trigger.criterion.threshold", "not a number", []string{"trigger.criterion.threshold", "NaN"}},
		"a date after the model is gone":           {"trigger", "trigger.date", "before this date", []string{"trigger.by", "date", "trigger.date", string(m.DeprecationOn.Add(1))}},
		"two steps with one number":                {"steps", "steps[1].order", "Another step has the number 1.", []string{"steps[1].order", "1"}},
		"evidence that does not outlive the model": {"archive", "archive[0].until", "Evidence outlives the model", []string{"archive[0].years", "", "archive[0].until", string(today.Add(5))}},
		"access without an action":                 {"access", "access[0].action", "Say what is done with it.", []string{"access[0].action", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := s.As(s.Owner).On(t)
			values := section(m, today, x.section, x.pairs...)
			page := write(b, x.section, values, "continue").Is(http.StatusUnprocessableEntity, x.sentence)
			if at := page.ErrorAt(x.field); x.field != "" && !strings.Contains(at, x.sentence) {
				t.Errorf("at %s stands %q, want %q", x.field, at, x.sentence)
			}
			for name := range values {
				if got := strings.TrimSpace(page.Value(name)); got != strings.TrimSpace(values.Get(name)) && name != "then" {
					t.Errorf("%s was typed as %q and came back as %q", name, values.Get(name), got)
				}
			}
			if !strings.HasPrefix(page.PageTitle(), "Error:") {
				t.Errorf("the title of a refused page begins with Error: %q", page.PageTitle())
			}
		})
	}
}

func TestWhatCannotBeKeptIsRefusedEvenUnfinished(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	today := day.Of(s.Clock.Now())
	written(t, s, m, s.Owner)
	b := s.As(s.Owner)
	for name, x := range map[string]struct {
		section, field, value, sentence string
	}{
		"a text that is too long":     {"trigger", "trigger.explanation", strings.Repeat("a", 20_001), "At most 2000 characters; this has 20001."},
		"control characters":          {"rollback", "rollback.decides", "The owner\x00\x1b[31m", "control characters"},
		"bytes that are no text":      {"rollback", "rollback.decides", "\xff\xfe", "bytes that are not text"},
		"a day that is none":          {"dates", "dates.deprecation", "31/03/2027", "year-month-day"},
		"a choice nobody offered":     {"assets", "assets[0].decision", "burn", "Choose one of the listed answers."},
		"a person who is no number":   {"people", "people.owner", "Ada", "Choose a person from the list."},
		"a person below nobody":       {"people", "people.owner", "-1", "Choose a person from the list."},
		"half a day":                  {"steps", "steps[0].expected_days", "1.5", "Enter a whole number."},
		"more days than there are":    {"steps", "steps[0].expected_days", "99999999999999999999", "Enter a whole number."},
		"days before there were any":  {"rollback", "rollback.window_days", "-3", "At least 0."},
		"a cost that is no number":    {"access", "access[0].monthly_cost", "1,000", "Enter a number"},
		"an unknown choice of people": {"consumers", "consumers.list[0].criticality", "utter", "Choose one of the listed answers."},
	} {
		t.Run(name, func(t *testing.T) {
			page := write(b.On(t), x.section, section(m, today, x.section, x.field, x.value), "list").Is(http.StatusUnprocessableEntity)
			if at := page.ErrorAt(x.field); !strings.Contains(at, x.sentence) {
				t.Errorf("at %s stands %q, want %q", x.field, at, x.sentence)
			}
		})
	}
	b.On(t).Get(link.RetirementSection(slug, "people")).Is(http.StatusOK)
	if got := b.Get(link.RetirementSection(slug, "rollback")).Value("rollback.decides"); got != "The owner, after a call with the cutover lead" {
		t.Errorf("nothing refused may be saved: %q", got)
	}
}

func TestTooManyRowsAreRefused(t *testing.T) {
	t.Parallel()
	s, _ := site(t)
	b := s.As(s.Owner)
	b.Send(plan).Is(http.StatusOK)
	rows := func(n int) url.Values {
		v := url.Values{}
		for i := range n {
			v.Set(fmt.Sprintf("steps[%d].title", i), "A step")
		}
		return v
	}
	write(b, "steps", rows(10_000), "list").Is(http.StatusBadRequest)
	write(b, "steps", rows(3_000), "list").Is(http.StatusRequestEntityTooLarge, "more than 2000 fields")
	write(b, "steps", rows(120), "list").Is(http.StatusUnprocessableEntity, "At most 50 rows; there are 120.")
	write(b, "steps", rows(50), "list").Is(http.StatusOK, "Cutover steps saved.")
	full := rows(50)
	full.Set("add", "steps")
	b.Post(link.RetirementSection(slug, "steps"), full).Is(http.StatusOK, "At most 50 rows; there are 51.")
	huge := url.Values{"trigger.explanation": {strings.Repeat("a", 1<<20)}}
	b.Post(link.RetirementSection(slug, "trigger"), huge).Is(http.StatusRequestEntityTooLarge)
}

func TestRowsAreAddedAndRemovedWithoutLosingAnything(t *testing.T) {
	t.Parallel()
	s, _ := site(t)
	b := s.As(s.Owner)
	b.Send(plan).Is(http.StatusOK)
	for list, x := range map[string]struct{ section, field string }{
		"steps":          {"steps", "title"},
		"assets":         {"assets", "name"},
		"access":         {"access", "what"},
		"archive":        {"archive", "what"},
		"consumers.list": {"consumers", "name"},
	} {
		action := link.RetirementSection(slug, x.section)
		name := func(i int) string { return fmt.Sprintf("%s[%d].%s", list, i, x.field) }
		page := b.Get(action).Is(http.StatusOK)
		page = b.Submit(page, action, name(0), "The first", "add", list).Is(http.StatusOK)
		page = b.Submit(page, action, name(1), "The second", "add", list).Is(http.StatusOK)
		page = b.Submit(page, action, name(2), "The third", "remove", list+"[1]").Is(http.StatusOK)
		if page.Value(name(0)) != "The first" || page.Value(name(1)) != "The third" || strings.Contains(page.Body, name(2)) {
			t.Errorf("%s: the second row should be gone and the others kept: %q, %q", list, page.Value(name(0)), page.Value(name(1)))
		}
		b.Submit(page, action, "then", "list").Is(http.StatusOK, "saved.")
		page = b.Get(action)
		want := 1
		if list == "consumers.list" {
			want = 1 // the model's own consumer was offered in the first row
		}
		if page.Value(name(want)) != "The third" {
			t.Errorf("%s: what was typed should be kept, the second row is %q", list, page.Value(name(want)))
		}
		for _, odd := range []string{"nothing", "steps[x]", "steps[-1]", "steps[99]", list + "[", ""} {
			b.Submit(page, action, "remove", odd+" ", "add", "").Is(http.StatusOK)
		}
		b.Submit(page, action, "add", "no.such.list").Is(http.StatusOK)
	}
}

func TestAConflictShowsBothValuesAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	today := day.Of(s.Clock.Now())
	written(t, s, m, s.Owner)
	first, second := s.As(s.Contributor), s.As(s.Owner)
	action := link.RetirementSection(slug, "rollback")
	open := second.Get(action).Is(http.StatusOK)
	write(first, "rollback", section(m, today, "rollback", "rollback.decides", "The risk desk on call"), "list").Is(http.StatusOK)

	page := second.Submit(open, action, "rollback.decides", "The owner alone", "then", "continue").
		Is(http.StatusConflict, "This was changed while you were editing", "Contributor saved a change", "The risk desk on call", "The owner alone")
	if got := page.Value("rollback.decides"); got != "The owner alone" {
		t.Errorf("what was typed should be kept: %q", got)
	}
	second.Submit(page, action, "then", "continue").Is(http.StatusOK, "Rollback saved.")
	if got := first.Get(action).Value("rollback.decides"); got != "The owner alone" {
		t.Errorf("saving again replaces the other value: %q", got)
	}
}

// Two people write different sections at once: neither stands in the other's way.
func TestAChangeOfAnotherSectionIsNoConflict(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	today := day.Of(s.Clock.Now())
	written(t, s, m, s.Owner)
	first, second := s.As(s.Contributor), s.As(s.Owner)
	open := second.Get(link.RetirementSection(slug, "rollback")).Is(http.StatusOK)
	write(first, "dates", section(m, today, "dates", "dates.review_by", string(today.Add(90))), "list").Is(http.StatusOK)
	second.Submit(open, link.RetirementSection(slug, "rollback"), "rollback.decides", "The owner alone", "then", "list").Is(http.StatusOK, "Rollback saved.")
	if got := first.Get(link.RetirementSection(slug, "dates")).Value("dates.review_by"); got != string(today.Add(90)) {
		t.Errorf("the other section should be as it was saved: %q", got)
	}
}

func TestAFormWithoutARevisionSavesNothing(t *testing.T) {
	t.Parallel()
	s, _ := site(t)
	b := s.As(s.Owner)
	b.Send(plan).Is(http.StatusOK)
	for _, revision := range []string{"", "0", "-5", "99"} {
		b.Send(link.RetirementSection(slug, "rollback"), "revision", revision, "rollback.decides", "Anybody", "then", "list").Is(http.StatusConflict)
	}
	if got := b.Get(link.RetirementSection(slug, "rollback")).Value("rollback.decides"); got != "" {
		t.Errorf("nothing may be saved: %q", got)
	}
}

func TestWhoMayNotWriteIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	written(t, s, m, s.Owner)
	for name, x := range map[string]struct {
		by     *webtest.Browser
		reason string
	}{
		"another team's contributor": {s.As(s.Stranger), "Only the model's own team changes it."},
		"a viewer":                   {s.As(s.Viewer), "Only contributors change models."},
		"an auditor":                 {s.As(s.Auditor), "Auditors read everything and change nothing."},
	} {
		t.Run(name, func(t *testing.T) {
			b := x.by.On(t)
			b.Get(plan).Is(http.StatusOK, x.reason)
			b.Get(link.RetirementSection(slug, "people")).Is(http.StatusForbidden, x.reason)
			b.Send(plan).Is(http.StatusForbidden, x.reason)
			b.Send(link.RetirementSection(slug, "rollback"), "revision", "11", "rollback.decides", "Me", "then", "list").Is(http.StatusForbidden, x.reason)
			b.Send(link.RetirementAct(slug, "submit"), "revision", "11").Is(http.StatusForbidden, x.reason)
		})
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	s, _ := site(t)
	b := s.As(s.Owner)
	b.Get("/models/nobody/retirement").Is(http.StatusNotFound)
	b.Send("/models/nobody/retirement").Is(http.StatusNotFound)
	b.Get(link.RetirementSection(slug, "dates")).Is(http.StatusNotFound)
	b.Send(link.RetirementAct(slug, "submit")).Is(http.StatusNotFound)
	s.As(s.Reviewer).Send(link.RetirementAct(slug, "review"), "verdict", "approve").Is(http.StatusNotFound)
	b.Send(plan).Is(http.StatusOK)
	b.Get(link.RetirementSection(slug, "nonsense")).Is(http.StatusNotFound)
	b.Send(link.RetirementSection(slug, "nonsense"), "then", "list").Is(http.StatusNotFound)
	b.Get(plan + "/edit").At(plan)
	s.Nobody().Get(plan).Is(http.StatusOK, "Sign in")
}

func TestAPlanInReviewIsNotWritten(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	submitted(t, s, m)
	b := s.As(s.Owner)
	b.Get(link.RetirementSection(slug, "rollback")).At(plan)
	b.Send(link.RetirementSection(slug, "rollback"), "revision", "12", "rollback.decides", "The owner alone", "then", "list").
		Is(http.StatusConflict, "This plan is in review.")
	b.Send(link.RetirementAct(slug, "submit")).Is(http.StatusConflict, "already submitted")
	b.Send(plan).Is(http.StatusConflict, "already being written or reviewed")
}

// With JavaScript only the part that changes is asked for; it is the same part.
func TestThePartsThatAreSwapped(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	written(t, s, m, s.Owner)
	b := s.As(s.Owner)
	values := section(m, day.Of(s.Clock.Now()), "steps", "add", "steps")
	part := b.Swap(http.MethodPost, link.RetirementSection(slug, "steps"), "section", values)
	part.Is(http.StatusOK, "Step 4").Lacks("<html")
	b.Swap(http.MethodGet, "/retirements/plans?state=draft", "plans", nil).Is(http.StatusOK, "Being written").Lacks("<html")
	part = b.Swap(http.MethodPost, link.RetirementAct(slug, "submit"), "plan", url.Values{})
	if part.Header.Get("HX-Redirect") == "" && part.Header.Get("HX-Refresh") == "" {
		t.Error("a success should lead to the page that shows it")
	}
}

func TestTheListOfPlans(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.As(s.Viewer).Get("/retirements/plans").Is(http.StatusOK, "No plans yet")
	s.Serve(t, slug, "v1", 2)
	s.Model(t, "other", registry.Trained, 2)
	b := s.As(s.Owner)
	b.Send(link.Retirement("other")).Is(http.StatusOK)
	b.Get("/retirements/plans").Is(http.StatusOK, "2 models", "Model churn", "Model other", "In force", "Being written")
	b.Get("/retirements/plans?state=draft").Is(http.StatusOK, "1 model", "Model other").Lacks("Model churn")
	b.Get("/retirements/plans?state=in_force&team=fraud").Is(http.StatusOK, "Model churn").Lacks("Model other")
	b.Get("/retirements/plans?state=missing").Is(http.StatusOK, "No plans match")
	b.Get("/retirements/plans?team=credit").Is(http.StatusOK, "No plans match")
	b.Get("/retirements/plans?state=nowhere").Is(http.StatusBadRequest)
	b.Get("/retirements/plans?after=%25%25").Is(http.StatusBadRequest)
	csv := b.Get("/retirements.csv?state=in_force").Is(http.StatusOK, slug+",Model churn,Fraud,Owner,production,2,in_force,1,1,approved,")
	if lines := strings.Count(strings.TrimSpace(csv.Body), "\n"); lines != 1 {
		t.Errorf("the file should hold one model: %s", csv.Body)
	}
	if page := b.Get("/retirements/plans"); page.Queries > 12 {
		t.Errorf("the list takes %d queries", page.Queries)
	}
}

// Names that the portal knows are suggested where one is typed: who is named exactly hears by mail.
func TestPeopleOfTheTeamAreSuggested(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	written(t, s, m, s.Owner)
	for _, section := range []string{"steps", "assets"} {
		page := s.As(s.Owner).Get(link.EditRetirement(slug)+"/"+section).Is(http.StatusOK, "Who is suggested hears by mail")
		for _, name := range []string{s.Owner.Name, s.Deputy.Name, s.Contributor.Name} {
			if !strings.Contains(page.Body, `<option value="`+name+`"`) {
				t.Errorf("%s: %s is not suggested", section, name)
			}
		}
		if strings.Contains(page.Body, `<option value="`+s.Stranger.Name+`"`) {
			t.Errorf("%s: somebody of another team is suggested", section)
		}
	}
}
