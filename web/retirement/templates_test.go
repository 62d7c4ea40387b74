package retirement_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sundial/components/link"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/webtest"
)

const templates = "/admin/plan-templates"

func TestAnAdministratorKeepsTheTemplates(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.As(s.Admin)
	b.Get(templates).Is(http.StatusOK, "4 templates", "The vendor ends the model", "Something better replaces it", "Nobody uses it any more", "A regulated tier 1 model", "Came with Sundial", "GenAI models", "Trained models", "All models")
	b.Get(templates+"/unused-model").Is(http.StatusOK, "Nobody uses it any more", "Version 1", "Switch it off for a week", "People, consumers and dates are each plan's own.")

	edit := link.PlanTemplateSection("unused-model", "rollback")
	form := b.Get(edit).Is(http.StatusOK, "Plan template Nobody uses it any more", "double square brackets")
	if form.Value("rollback.window_days") != "7" {
		t.Errorf("the form holds what the template says: %q", form.Value("rollback.window_days"))
	}
	b.Submit(form, edit).At(templates+"/unused-model").Is(http.StatusOK, "Nothing was changed.", "Version 1")
	b.Submit(form, edit, "rollback.window_days", "3", "rollback.decides", "[[who decides]]").At(templates+"/unused-model").
		Is(http.StatusOK, "Rollback saved.", "Version 2", "May return for 3 days", "[[who decides]]")
}

func TestATemplatesFormKeepsWhatWasTypedWhenItIsRefused(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.As(s.Admin)
	edit := link.PlanTemplateSection("replaced", "rollback")
	stale := b.Get(edit)
	p := b.Submit(b.Get(edit), edit, "rollback.window_days", "many", "rollback.decides", "The desk").Is(http.StatusUnprocessableEntity, "Enter a whole number.")
	if p.Value("rollback.window_days") != "many" || p.Value("rollback.decides") != "The desk" || !strings.HasPrefix(p.PageTitle(), "Error:") {
		t.Errorf("%q %q %q", p.Value("rollback.window_days"), p.Value("rollback.decides"), p.PageTitle())
	}
	day := link.PlanTemplateSection("replaced", "trigger")
	p = b.Submit(b.Get(day), day, "trigger.by", "date", "trigger.date", "2027-01-01").Is(http.StatusUnprocessableEntity)
	if at := p.ErrorAt("trigger.date"); !strings.Contains(at, "names no calendar day") {
		t.Errorf("at the date stands %q", at)
	}

	b.Submit(b.Get(edit), edit, "rollback.window_days", "20").Is(http.StatusOK, "Rollback saved.")
	p = b.Submit(stale, edit, "rollback.window_days", "30").Is(http.StatusConflict, "This was changed while you were editing", "Admin saved a change", "20", "30")
	if p.Value("rollback.window_days") != "30" {
		t.Errorf("what was typed is kept: %q", p.Value("rollback.window_days"))
	}
	b.Submit(p, edit).Is(http.StatusOK, "Rollback saved.", "Version 3", "May return for 30 days")

	steps := link.PlanTemplateSection("replaced", "steps")
	p = b.Submit(b.Get(steps), steps, "add", "steps").Is(http.StatusOK, "Step 4")
	b.Submit(p, steps, "remove", "steps[0]").Is(http.StatusOK).Lacks("Step 4")
	b.Get(link.PlanTemplate("replaced")).Is(http.StatusOK, "Version 3") // rows alone save nothing
	b.Get(link.PlanTemplateSection("replaced", "people")).Is(http.StatusNotFound)
	b.Get(templates + "/nonsense").Is(http.StatusNotFound)
	b.Get(templates + "/replaced?number=9").Is(http.StatusNotFound)
	b.Get(templates+"/replaced?number=1").Is(http.StatusOK, "This is version 1 as it was kept", "May return for 14 days").Lacks("Change name and use")
}

func TestATemplateIsAddedRenamedRetiredAndOfferedAgain(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b := s.As(s.Admin)
	p := b.Send(templates+"/new", "name", "", "slug", "Not a slug", "summary", "", "kind", "robot").Is(http.StatusUnprocessableEntity)
	for _, field := range []string{"name", "slug", "summary", "kind"} {
		if p.ErrorAt(field) == "" {
			t.Errorf("nothing is said at %s", field)
		}
	}
	b.Send(templates+"/new", "name", "Twice", "slug", "replaced", "summary", "Again.").Is(http.StatusUnprocessableEntity, "Another template has this short name already.")
	b.Send(templates+"/new", "name", "Of none", "slug", "of-none", "summary", "Of none.", "from", "nonsense").Is(http.StatusUnprocessableEntity, "There is no such template.")
	b.Send(templates+"/new", "name", "Season", "slug", "season", "summary", "For models of one season.", "kind", "trained", "from", "unused-model").
		At(templates+"/season").Is(http.StatusOK, "Template Season added.", "Version 1", "Trained models", "Switch it off for a week")
	edit := link.EditPlanTemplate("season")
	stale := b.Get(edit).Is(http.StatusOK)
	b.Submit(b.Get(edit), edit, "name", "Season's end").Is(http.StatusOK, "Name and use saved.", "Season's end", "Version 2")
	p = b.Submit(stale, edit, "name", "Spring").Is(http.StatusConflict, "This was changed while you were editing", "Season's end")
	b.Submit(p, edit).Is(http.StatusOK, "Spring", "Version 3")

	retire := link.PlanTemplateAct("season", "retire")
	p = b.Submit(b.Get(retire).Is(http.StatusOK, "Retire the template Spring?"), retire).Is(http.StatusOK, "is no longer offered", "Retired")
	b.Send(retire, "revision", "4").Is(http.StatusConflict, "This template is retired already.")
	b.Send(retire, "revision", "1").Is(http.StatusConflict, "Somebody else has changed this")
	b.Submit(p, link.PlanTemplateAct("season", "revive")).Is(http.StatusOK, "is offered again", "Version 5")
	csv := b.Get(templates + ".csv").Is(http.StatusOK).Body
	if !strings.Contains(csv, "season,Spring,For models of one season.,trained,unused,5,offered,Admin\n") || strings.Count(csv, "\n") != 6 {
		t.Errorf("%s", csv)
	}
	events, err := s.Store.Events(t.Context(), store.EventFilter{Kind: "template"}, 10)
	check(t, err)
	if len(events) != 5 || events[0].Actor != "Admin" {
		t.Errorf("%d events", len(events))
	}
}

func TestAPlanIsFiledFromATemplate(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.Model(t, slug, registry.Trained, 2)
	b := s.As(s.Owner)
	page := b.Get(plan+"?template=unused-model").Is(http.StatusOK, "Start from a template", "Nobody uses it any more", "A regulated tier 1 model").Lacks("The vendor ends the model")
	if page.Value("template") != "unused-model" {
		t.Errorf("a link chooses: %q", page.Value("template"))
	}
	b.Send(plan, "template", "nonsense").Is(http.StatusUnprocessableEntity, "There is no such template.")
	b.Send(plan, "template", "vendor-end-of-life").Is(http.StatusUnprocessableEntity, "for other models")
	b.Submit(page, plan).Is(http.StatusOK, "Plan 1 is open.", "Owner filled plan 1 from", "Needs attention")
	trigger := b.Get(link.RetirementSection(slug, "trigger")).Is(http.StatusOK, "which a template left for you to say")
	if !strings.Contains(trigger.Value("trigger.explanation"), "[[since when]]") {
		t.Errorf("%q", trigger.Value("trigger.explanation"))
	}
	b.Submit(trigger, link.RetirementSection(slug, "trigger"), "trigger.by", "date", "trigger.date", "2027-06-30", "then", "continue").Is(http.StatusUnprocessableEntity, "[[since when]]")
	b.Send(link.RetirementAct(slug, "submit")).Is(http.StatusUnprocessableEntity, "[[since when]]", "[[bucket or registry]]", "[[records archive]]")
	b.Get(link.RetirementSection(slug, "consumers")).Is(http.StatusOK)
}

func TestADraftIsFilledWhereItIsEmpty(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.Model(t, slug, registry.Trained, 2)
	b := s.As(s.Owner)
	b.Send(plan).Is(http.StatusOK)
	b.Send(link.RetirementSection(slug, "rollback"), "revision", "1", "was", b.Get(link.RetirementSection(slug, "rollback")).Value("was"), "rollback.window_days", "60", "then", "list").Is(http.StatusOK, "Rollback saved.")
	fill := link.RetirementAct(slug, "fill")
	page := b.Get(plan).Is(http.StatusOK, "Fill what is empty")
	b.Submit(page, fill).Is(http.StatusUnprocessableEntity, "Choose a template.")
	b.Submit(page, fill, "template", "replaced").Is(http.StatusOK, "Filled from Something better replaces it.")
	if form := b.Get(link.RetirementSection(slug, "rollback")); form.Value("rollback.window_days") != "60" || form.Value("rollback.capacity_held_days") != "21" {
		t.Errorf("what was written stays and the rest is filled: %q, %q", form.Value("rollback.window_days"), form.Value("rollback.capacity_held_days"))
	}
	b.Send(fill, "template", "replaced").Is(http.StatusConflict, "Nothing that this template says is empty in the plan.")
	for _, who := range []*webtest.Browser{s.As(s.Stranger), s.As(s.Viewer)} {
		who.Get(plan).Is(http.StatusOK).Lacks("Fill what is empty")
		who.Send(fill, "template", "unused-model").Is(http.StatusForbidden)
	}
	s.As(s.Admin).Send(templates+"/unused-model/retire", "revision", "1").Is(http.StatusOK)
	b.Get(plan).Lacks("Nobody uses it any more")
	b.Send(fill, "template", "unused-model").Is(http.StatusUnprocessableEntity, "no longer offered")
}

func TestOnlyAdministratorsSeeTheTemplatesDesk(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	for _, who := range []*webtest.Browser{s.As(s.Owner), s.As(s.Reviewer), s.As(s.Auditor), s.As(s.Leader)} {
		who.Get(templates).Is(http.StatusForbidden)
		who.Post(link.PlanTemplateSection("replaced", "rollback"), url.Values{"revision": {"1"}, "rollback.window_days": {"1"}}).Is(http.StatusForbidden)
		who.Send(templates+"/replaced/retire", "revision", "1").Is(http.StatusForbidden)
	}
}
