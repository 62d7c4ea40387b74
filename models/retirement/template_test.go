package retirement

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

var keeper = org.Actor{Person: org.Person{ID: 90, Name: "Alma", Roles: []org.Role{org.Admin}}, Via: "session"}

func template(t *testing.T, slug string) Template {
	t.Helper()
	for _, x := range StartingTemplates() {
		if x.Slug == slug {
			return x
		}
	}
	t.Fatalf("no template %s", slug)
	return Template{}
}

func TestTheStartingTemplatesAreSound(t *testing.T) {
	seen := map[string]bool{}
	for _, x := range StartingTemplates() {
		if seen[x.Slug] || x.Name == "" || x.Summary == "" || x.Number != 1 || x.Retired || !x.Body.Trigger.Kind.Known() || x.TriggerTitle() == "" {
			t.Errorf("%s: %+v", x.Slug, x)
		}
		seen[x.Slug] = true
		again := x
		for _, s := range TemplateSections {
			if err := again.EditSection(keeper, s.Key, x.Body, time.Now()); err != nil {
				t.Errorf("%s, %s: an administrator could not save what it ships with: %v", x.Slug, s.Key, err)
			}
			if x.Body.empty(s.Key) {
				t.Errorf("%s says nothing about %s", x.Slug, s.Key)
			}
		}
		for _, key := range []string{"dates", "consumers", "people"} {
			if !x.Body.empty(key) {
				t.Errorf("%s says something about %s, which each plan says for itself", x.Slug, key)
			}
		}
		if !leftover.MatchString(text(t, x.Body)) {
			t.Errorf("%s leaves nothing to say: nobody would read it", x.Slug)
		}
	}
}

func text(t *testing.T, b Body) string {
	t.Helper()
	raw, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestOnlyAdministratorsKeepTemplates(t *testing.T) {
	now := time.Now()
	for _, role := range org.Roles {
		who := org.Actor{Person: org.Person{ID: 7, Name: "Somebody", Roles: []org.Role{role}}, Via: "session"}
		allowed := role == org.Admin
		x := template(t, "unused-model")
		for what, err := range map[string]error{
			"add": func() error {
				_, err := NewTemplate(who, TemplateDraft{"mine", "Mine", "For mine.", ""}, Body{}, now)
				return err
			}(),
			"describe": x.Describe(who, TemplateDraft{Name: "Other", Summary: "Other."}, now),
			"edit":     x.EditSection(who, "rollback", Body{Rollback: Rollback{WindowDays: 3}}, now),
			"retire":   x.Retire(who, now),
		} {
			if allowed != (err == nil) || !allowed && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s as %s: %v", what, role, err)
			}
		}
	}
}

func TestEveryChangeOfATemplateIsANumber(t *testing.T) {
	now := time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)
	x := template(t, "unused-model")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(x.EditSection(keeper, "rollback", Body{Rollback: Rollback{WindowDays: 3, Decides: "The desk"}}, now))
	must(x.Describe(keeper, TemplateDraft{Name: "Unused", Summary: "For what is unused.", Kind: registry.Trained}, now))
	must(x.Retire(keeper, now))
	if x.Fits(registry.Trained) {
		t.Error("a retired template is offered")
	}
	if err := x.Retire(keeper, now); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
	must(x.Revive(keeper, now))
	var verbs []string
	for _, n := range x.Notes() {
		verbs = append(verbs, n.Verb)
	}
	want := []string{"template.edited", "template.edited", "template.retired", "template.revived"}
	if x.Number != 5 || x.ByName != "Alma" || x.Slug != "unused-model" || cmp.Diff(want, verbs) != "" {
		t.Errorf("number %d by %s: %v", x.Number, x.ByName, verbs)
	}
	if !x.Fits(registry.Trained) || x.Fits(registry.GenAI) || !template(t, "replaced").Fits(registry.GenAI) {
		t.Error("a template is offered for its kind of model, one without a kind for both")
	}
}

func TestWhatATemplateMayNotSay(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		key, field string
		body       Body
	}{
		"a day":                 {"trigger", "trigger.date", Body{Trigger: Trigger{Date: "2027-01-01"}}},
		"a day in a row":        {"assets", "assets[1].delete_on", Body{Assets: []DataAsset{{Name: "a"}, {Name: "b", DeleteOn: "2027-01-01"}}}},
		"a choice nobody knows": {"trigger", "trigger.kind", Body{Trigger: Trigger{Kind: "mood"}}},
		"a text too long":       {"rollback", "rollback.decides", Body{Rollback: Rollback{Decides: strings.Repeat("a", 300)}}},
	} {
		x := template(t, "replaced")
		f, bad := fault.As(x.EditSection(keeper, c.key, c.body, now))
		if !bad || len(f.Problems) != 1 || f.Problems[0].Field != c.field || x.Number != 1 || len(x.Notes()) > 0 {
			t.Errorf("%s: %+v", name, f)
		}
	}
	x := template(t, "replaced")
	for _, key := range []string{"people", "dates", "consumers", "nonsense"} {
		if err := x.EditSection(keeper, key, Body{}, now); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", key, err)
		}
	}
	for name, d := range map[string]TemplateDraft{
		"no name": {"a", "", "Why.", ""}, "no use": {"a", "A", "", ""}, "no short name": {"", "A", "Why.", ""}, "a strange short name": {"A b", "A", "Why.", ""}, "an unknown kind": {"a", "A", "Why.", "robot"},
	} {
		if _, err := NewTemplate(keeper, d, Body{}, now); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestATemplateFillsOnlyWhatIsEmpty(t *testing.T) {
	x := template(t, "replaced")
	x.Body.Trigger.Criterion = Criterion{Metric: "auc", Operator: "<", Threshold: new(0.8), WindowDays: 30, Source: "Report"}
	for name, c := range map[string]struct {
		have, want func(*Body)
	}{
		"an empty plan takes it all":                      {func(*Body) {}, func(*Body) {}},
		"somebody's kind of trigger stays":                {func(b *Body) { b.Trigger.Kind = "cost" }, func(b *Body) { b.Trigger.Kind = "cost" }},
		"a date leaves no room for a criterion":           {func(b *Body) { b.Trigger.Date = "2027-03-01" }, func(b *Body) { b.Trigger.Date = "2027-03-01"; b.Trigger.Criterion = Criterion{} }},
		"half a criterion is somebody's":                  {func(b *Body) { b.Trigger.Criterion.Metric = "f1" }, func(b *Body) { b.Trigger.Criterion = Criterion{Metric: "f1"} }},
		"somebody's steps are not followed by others":     {func(b *Body) { b.Steps = []Step{{Title: "Pull the plug"}} }, func(b *Body) { b.Steps = []Step{{Title: "Pull the plug"}} }},
		"the gaps of a half-written way back are filled":  {func(b *Body) { b.Rollback.WindowDays = 60 }, func(b *Body) { b.Rollback.WindowDays = 60 }},
		"a named candidate gets the tests that it lacks":  {func(b *Body) { b.Candidate.Model = "other" }, func(b *Body) { b.Candidate.Model = "other" }},
		"its own tests stay":                              {func(b *Body) { b.Candidate = Candidate{Model: "other", EquivalenceTests: []string{"Mine"}} }, func(b *Body) { b.Candidate = Candidate{Model: "other", EquivalenceTests: []string{"Mine"}} }},
		"who says that nothing takes over needs no tests": {func(b *Body) { b.Candidate = Candidate{None: true} }, func(b *Body) { b.Candidate = Candidate{None: true} }},
		"people, consumers and dates are the plan's own":  {func(b *Body) { b.People.Owner = 5; b.Dates.ReviewBy = "2027-01-01" }, func(b *Body) { b.People.Owner = 5; b.Dates.ReviewBy = "2027-01-01" }},
	} {
		var got Body
		c.have(&got)
		want := x.Body.tidy()
		c.want(&want)
		got.fill(x.Body.tidy())
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	var b Body
	b.fill(x.Body.tidy())
	b.Steps[0].Title = "Changed in the plan"
	if template(t, "replaced").Body.Steps[0].Title == b.Steps[0].Title || x.Body.Steps[0].Title == b.Steps[0].Title {
		t.Error("a plan shares nothing with its template")
	}
}

// Every text that a template may hold is looked at, whatever it is in: none is submitted with a gap.
func TestWhatATemplateLeftOpenIsRefusedAtSubmit(t *testing.T) {
	for _, x := range StartingTemplates() {
		c := &inspector{Body: x.Body}
		want := strings.Count(text(t, x.Body), "[[")
		for _, s := range TemplateSections {
			c.leftovers(s.Key)
		}
		fields := map[string]bool{}
		for _, f := range c.found {
			if fields[f.field] = true; !f.wrong || !strings.Contains(f.sentence, "[[") {
				t.Errorf("%s: %+v", x.Slug, f)
			}
		}
		if len(fields) == 0 || len(c.found) > want {
			t.Errorf("%s: %d of at most %d gaps are refused", x.Slug, len(c.found), want)
		}
	}
	every := reflect.ValueOf(&Body{}).Elem()
	open := 0
	var gap func(v reflect.Value)
	gap = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				gap(v.Field(i))
			}
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			gap(v.Index(0))
		case reflect.String:
			v.SetString("so [[what]] then")
			open++
		}
	}
	gap(every)
	c := &inspector{Body: every.Interface().(Body)}
	for _, s := range Sections {
		c.leftovers(s.Key)
	}
	if len(c.found) != open {
		t.Errorf("%d texts are left open and %d refused", open, len(c.found))
	}
	for _, fine := range []string{"See [the runbook](https://runbook.example)", "a[0][1]", "[[", "]] [[", "[ [x] ]"} {
		c := &inspector{Body: Body{Rollback: Rollback{Decides: fine}}}
		if c.leftovers("rollback"); len(c.found) > 0 {
			t.Errorf("%q holds nothing open: %v", fine, c.found)
		}
	}
}
