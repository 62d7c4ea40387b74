package retirement_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sundial/components/link"
	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/retirement/sample"
	web "sundial/web/retirement"
	"sundial/web/webtest"
)

const slug = "churn"

var plan = link.Retirement(slug)

// site is a portal with one model whose plan is to be written.
func site(t *testing.T) (*webtest.Site, registry.Model) {
	t.Helper()
	s := webtest.New(t)
	return s, s.Model(t, slug, registry.Trained, 2)
}

// section is what a finished form of a section sends.
func section(m registry.Model, today day.Day, key string, pairs ...string) url.Values {
	v := url.Values{}
	for name, value := range web.InputsOf(sample.Body(m, today), key) {
		v.Set(name, value)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// write sends one section as the browser would: with the hidden values of the page, and these inputs.
func write(b *webtest.Browser, key string, values url.Values, then string) *webtest.Page {
	page := b.Get(link.RetirementSection(slug, key))
	for _, hidden := range []string{"revision", "was"} {
		if !values.Has(hidden) {
			values.Set(hidden, page.Value(hidden))
		}
	}
	values.Set("then", then)
	return b.Post(link.RetirementSection(slug, key), values)
}

// written files a plan and writes all of it.
func written(t *testing.T, s *webtest.Site, m registry.Model, who org.Person) *webtest.Browser {
	t.Helper()
	b := s.As(who)
	b.Send(plan).Is(http.StatusOK)
	for _, x := range retirement.Sections {
		write(b, x.Key, section(m, day.Of(s.Clock.Now()), x.Key), "list").Is(http.StatusOK, x.Title+" saved.").At(plan)
	}
	return b
}

func submitted(t *testing.T, s *webtest.Site, m registry.Model) {
	t.Helper()
	b := written(t, s, m, s.Owner)
	b.Submit(b.Get(plan), link.RetirementAct(slug, "submit")).Is(http.StatusOK, "Plan 1 is in review.")
}

func TestAnOwnerFilesAPlanAndAReviewerApprovesIt(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	owner := s.As(s.Owner)
	page := owner.Get(plan).Is(http.StatusOK, "No plan, no production", "File the retirement plan")
	page = owner.Submit(page, plan).Is(http.StatusOK, "Plan 1 is open", "1 of 10 done", "sections are not done")
	if page.Form(link.RetirementAct(slug, "submit")) != nil {
		t.Error("the submit must be off while sections are missing")
	}
	today := day.Of(s.Clock.Now())
	for i, x := range retirement.Sections {
		page = write(owner, x.Key, section(m, today, x.Key), "continue").Is(http.StatusOK, x.Title+" saved.")
		if i+1 < len(retirement.Sections) {
			page.At(link.RetirementSection(slug, retirement.Sections[i+1].Key))
		}
	}
	page.At(plan).Is(http.StatusOK, "10 of 10 done").Lacks("Needs attention", "In progress")
	owner.Submit(page, link.RetirementAct(slug, "submit")).Is(http.StatusOK, "Plan 1 is in review.",
		"Only reviewers and risk reviewers decide.", "When auc falls below 0.78 for 30 days, read from Weekly monitoring report.")

	reviewer := s.As(s.Reviewer)
	page = reviewer.Get(plan).Is(http.StatusOK, "Your decision", "Prediction log", "Move all traffic and drain", "Data protection office verifies it")
	page = reviewer.Submit(page, link.RetirementAct(slug, "review"), "verdict", "approve").Is(http.StatusOK, "Plan approved. It is in force.", "In force")
	page.Is(http.StatusOK, "Revise the plan", "Latest start", "days left", "Reviewer approved plan 1", "Owner submitted plan 1 for review")
	if page.Form(link.RetirementAct(slug, "review")) != nil {
		t.Error("a decided plan must offer no decision")
	}
}

func TestChangesAreRequestedMendedAndSubmittedAgain(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	submitted(t, s, m)
	reviewer, owner := s.As(s.Reviewer), s.As(s.Owner)
	page := reviewer.Submit(reviewer.Get(plan), link.RetirementAct(slug, "review"), "verdict", "request_changes", "note", "Who decides at night?")
	page.Is(http.StatusOK, "Changes requested")
	owner.Get(plan).Is(http.StatusOK, "Reviewer asked for changes", "Who decides at night?", "Mend what the note names")
	write(owner, "rollback", section(m, day.Of(s.Clock.Now()), "rollback", "rollback.decides", "The risk desk on call"), "list").Is(http.StatusOK)
	owner.Submit(owner.Get(plan), link.RetirementAct(slug, "submit")).Is(http.StatusOK, "Plan 1 is in review.", "The risk desk on call")
}

func TestARejectedPlanStartsTheNext(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	submitted(t, s, m)
	reviewer, owner := s.As(s.Reviewer), s.As(s.Owner)
	reviewer.Submit(reviewer.Get(plan), link.RetirementAct(slug, "review"), "verdict", "reject", "note", "The consumers were not asked.").Is(http.StatusOK, "Plan rejected.")
	page := owner.Get(plan).Is(http.StatusOK, "Reviewer rejected this plan", "The consumers were not asked.", "Nothing is in force")
	owner.Submit(page, plan).Is(http.StatusOK, "Plan 2 is open", "10 of 10 done")
	owner.Get(link.RetirementNumber(slug, 1)).Is(http.StatusOK, "This is plan 1 as it was kept", "rejected")
}

func TestTheNextPlanIsReadAgainstTheOneInForce(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	s.Plan(t, slug)
	owner := s.As(s.Owner)
	owner.Submit(owner.Get(plan), plan).Is(http.StatusOK, "Plan 2 is open", "Plan 1 stays in force")
	write(owner, "rollback", section(m, day.Of(s.Clock.Now()), "rollback", "rollback.window_days", "10"), "list").Is(http.StatusOK)
	owner.Submit(owner.Get(plan), link.RetirementAct(slug, "submit")).Is(http.StatusOK, "Plan 2 is in review.")
	page := s.As(s.Reviewer).Get(plan).Is(http.StatusOK, "What changes from plan 1", "The old version may return for", "Plan 1 stays in force")
	if strings.Contains(page.Body, "Differences") {
		t.Error("only what changed is compared")
	}
	owner.Get(link.RetirementNumber(slug, 1)).Is(http.StatusOK, "It is the one in force.")
	owner.Get(link.RetirementNumber(slug, 9)).Is(http.StatusNotFound)
	owner.Get("/models/" + slug + "/retirement/0").Is(http.StatusNotFound)
	owner.Get("/models/" + slug + "/retirement/x").Is(http.StatusNotFound)
}

func TestAPlanIsConfirmedForTheVersionThatCameAfterIt(t *testing.T) {
	t.Parallel()
	s, _ := site(t)
	s.Plan(t, slug)
	owner := s.As(s.Owner)
	owner.Get(plan).Is(http.StatusOK).Lacks("Confirm it still holds")
	s.Clock.Add(time.Hour)
	s.Version(t, slug, "v8")
	page := owner.Get(plan).Is(http.StatusOK, "Version v8 came after this plan was approved", "Confirm it still holds for v8")
	s.As(s.Stranger).Get(plan).Is(http.StatusOK, "Only the model's own team changes it.")
	s.As(s.Stranger).Send(link.RetirementAct(slug, "confirm"), "version", "v8").Is(http.StatusForbidden, "Only the model's own team")
	owner.Send(link.RetirementAct(slug, "confirm"), "version", "v9").Is(http.StatusConflict, "no live version of that name")
	s.Clock.Add(time.Hour)
	owner.Submit(page, link.RetirementAct(slug, "confirm")).Is(http.StatusOK, "The plan is confirmed for v8.", "confirmed that plan 1 still holds for v8").Lacks("Confirm it still holds")
}

func TestAStalePlanSaysWhatToMendAndWhere(t *testing.T) {
	t.Parallel()
	s, _ := site(t)
	s.Plan(t, slug)
	s.Clock.Add(200 * 24 * time.Hour)
	page := s.As(s.Owner).Get(plan).Is(http.StatusOK, "This plan is stale, and a stale plan counts as none",
		"The plan was to be looked at again by", "See Dates", "Mend it in the next plan")
	page.Lacks(">In force<")
	s.As(s.Viewer).Get("/retirements/plans?state=stale").Is(http.StatusOK, "Stale", "overdue")
}

// The table below names every refusal of a plan that is submitted, by the section that is wrong.
func TestASubmitShowsAllRefusalsAtTheirSections(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	owner := s.As(s.Owner)
	owner.Send(plan).Is(http.StatusOK)
	write(owner, "rollback", section(m, day.Of(s.Clock.Now()), "rollback", "rollback.decides", "TBD", "rollback.capacity_held_days", "3"), "list").
		Is(http.StatusOK, "Needs attention")
	page := owner.Send(link.RetirementAct(slug, "submit")).Is(http.StatusUnprocessableEntity, "The plan was not submitted",
		"“TBD” only holds the place of an answer.", "Old capacity is held for 3 days", "Choose what would end this model.", "Step 1: Describe at least one step")
	if !strings.HasPrefix(page.PageTitle(), "Error:") {
		t.Errorf("the title of a refused page begins with Error: %q", page.PageTitle())
	}
	for _, x := range retirement.Sections {
		if want := link.RetirementSection(slug, x.Key) + "?check=yes"; x.Key != "people" && x.Key != "consumers" && x.Key != "dates" && !strings.Contains(page.Body, want) {
			t.Errorf("there is no way from the refusals to %s", want)
		}
	}
	owner.Get(link.RetirementSection(slug, "assets")+"?check=yes").Is(http.StatusOK, "Name at least one part of the data", "Still to do")
	owner.Get(link.RetirementSection(slug, "assets")).Is(http.StatusOK).Lacks("Name at least one part of the data")
	owner.Get(plan+"?check=yes").Is(http.StatusOK, "missing or wrong")
}

func TestWhoMayNotDecideIsToldWhy(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	m := s.Model(t, slug, registry.Trained, 2)
	both := s.Person("Both", org.Contributor, org.Reviewer)
	submitted(t, s, m)
	owning := s.As(both)
	for name, x := range map[string]struct {
		by     *webtest.Browser
		reason string
	}{
		"a contributor":      {s.As(s.Contributor), "Only reviewers and risk reviewers decide."},
		"an administrator":   {s.As(s.Admin), "Only reviewers and risk reviewers decide."},
		"somebody of others": {s.As(s.Stranger), "Only reviewers and risk reviewers decide."},
	} {
		t.Run(name, func(t *testing.T) {
			b := x.by.On(t)
			page := b.Get(plan).Is(http.StatusOK, x.reason)
			if page.Form(link.RetirementAct(slug, "review")) != nil {
				t.Error("the buttons must be off")
			}
			b.Send(link.RetirementAct(slug, "review"), "verdict", "approve", "digest", page.Value("digest")).Is(http.StatusForbidden, x.reason)
		})
	}
	_, err := s.Store.ChangeModel(s.World.As(s.Admin), slug, 0, func(m *registry.Model) error {
		m.OwnerID = both.ID
		m.Note("model.edited", m.Subject(), nil, nil)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	page := owning.Get(plan).Is(http.StatusOK, "You answer for this model. Somebody else decides its plan.")
	owning.Send(link.RetirementAct(slug, "review"), "verdict", "approve", "digest", digestOn(page)).
		Is(http.StatusForbidden, "You answer for this model. Somebody else decides its plan.")
}

// digestOn is the digest of the plan that a page shows.
func digestOn(p *webtest.Page) string {
	const before = `name="digest" value="`
	_, rest, _ := strings.Cut(p.Body, before)
	digest, _, _ := strings.Cut(rest, `"`)
	return digest
}

func TestADecisionIsAboutThePlanThatWasRead(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	submitted(t, s, m)
	reviewer, owner := s.As(s.Reviewer), s.As(s.Owner)
	read := reviewer.Get(plan).Is(http.StatusOK)
	other := s.As(s.Risk)
	other.Submit(other.Get(plan), link.RetirementAct(slug, "review"), "verdict", "request_changes", "note", "Say who decides.").Is(http.StatusOK)
	write(owner, "rollback", section(m, day.Of(s.Clock.Now()), "rollback", "rollback.decides", "The risk desk on call"), "list").Is(http.StatusOK)
	owner.Submit(owner.Get(plan), link.RetirementAct(slug, "submit")).Is(http.StatusOK)
	page := reviewer.Submit(read, link.RetirementAct(slug, "review"), "verdict", "approve", "note", "Fine by me.").
		Is(http.StatusConflict, "This plan has changed since you read it.", "The risk desk on call", "Fine by me.")
	reviewer.Submit(page, link.RetirementAct(slug, "review"), "verdict", "approve").Is(http.StatusOK, "Plan approved.")
	other.Submit(read, link.RetirementAct(slug, "review"), "verdict", "reject", "note", "Too late.").Is(http.StatusConflict, "A decision is made once.")
}

func TestAVerdictNeedsAReasonUnlessItApproves(t *testing.T) {
	t.Parallel()
	s, m := site(t)
	submitted(t, s, m)
	b := s.As(s.Reviewer)
	for _, pairs := range [][]string{
		{"verdict", "reject"}, {"verdict", "request_changes", "note", "TBD"}, {"verdict", "reject", "note", strings.Repeat("x", 2001)},
	} {
		page := b.Submit(b.Get(plan), link.RetirementAct(slug, "review"), pairs...).Is(http.StatusUnprocessableEntity)
		if page.ErrorAt("note") == "" {
			t.Errorf("%.40v: the note should be asked for", pairs)
		}
	}
	b.Submit(b.Get(plan), link.RetirementAct(slug, "review"), "verdict", "perhaps").Is(http.StatusUnprocessableEntity, "Choose to approve")
	b.Submit(b.Get(plan), link.RetirementAct(slug, "review")).Is(http.StatusUnprocessableEntity, "Choose to approve")
}

// A page asks the database a number of questions that its rows do not raise.
func TestAPlanPageAsksFewQuestions(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.Serve(t, slug, "v1", 2)
	b := s.As(s.Owner)
	for address, most := range map[string]int{
		plan: 9, link.RetirementSection(slug, "people"): 9, "/retirements/plans": 9,
	} {
		if address != plan {
			b.Send(plan)
		}
		if got := b.Get(address).Is(http.StatusOK).Queries; got > most {
			t.Errorf("%s takes %d queries, want at most %d", address, got, most)
		}
	}
}
