package retirement

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// Template is one number of a prefilled plan. It says what is alike in many plans, and what each has to say
// for itself stands in double square brackets: [[name the desk]]. A plan takes from it only what it lacks, and
// owns what it took: a later number of the template changes no plan.
type Template struct {
	Slug, Name string
	Summary    string        // when to start from it, in a sentence
	Kind       registry.Kind // of the models it is for, "" for both
	Body       Body
	Retired    bool // no longer offered

	Number  int    // 1, 2, ...; 1 came with Sundial or was added by somebody
	Changed string // what this number changed, in words
	By      int64  // 0 for what came with Sundial
	ByName  string
	At      time.Time

	audit.Trail `json:"-"`
}

// MostTemplates is how many an organisation keeps, the retired ones included: more is a list that nobody
// reads before they choose.
const MostTemplates = 100

// TemplateDraft is what is said about a template besides its sections.
type TemplateDraft struct {
	Slug, Name, Summary string
	Kind                registry.Kind
}

// TemplateSections are the parts of a plan that may be alike in many: people, consumers and dates are not.
var TemplateSections = func() []Section {
	var out []Section
	for _, s := range Sections {
		if !slices.Contains([]string{"dates", "consumers", "people"}, s.Key) {
			out = append(out, s)
		}
	}
	return out
}()

// TriggerTitle is what ends the models that the template is for, "" when it does not say.
func (t Template) TriggerTitle() string { return t.Body.Trigger.Kind.Title() }

// Fits reports whether the template is offered for a model of this kind.
func (t Template) Fits(k registry.Kind) bool { return !t.Retired && (t.Kind == "" || t.Kind == k) }

// Says reports whether the template says anything in a section.
func (t Template) Says(key string) bool { return !t.Body.empty(key) }

// Label names this number of the template: "unused-model 3".
func (t Template) Label() string { return t.Slug + " " + strconv.Itoa(t.Number) }

// MayEditTemplates lets administrators keep the templates: they speak for the whole organisation, and
// whoever reviews plans must not have written them.
func MayEditTemplates(actor org.Actor) org.Decision { return org.May(actor, org.Administer, 0) }

// NewTemplate adds a template, empty or with what another one says.
func NewTemplate(actor org.Actor, d TemplateDraft, from Body, now time.Time) (*Template, error) {
	t := &Template{Slug: d.Slug, Number: 0, Body: from.tidy()}
	if err := t.describe(d, true); err != nil {
		return nil, err
	}
	if err := t.change(actor, "template.added", "Added", now); err != nil {
		return nil, err
	}
	return t, nil
}

// Describe changes what is said about a template.
func (t *Template) Describe(actor org.Actor, d TemplateDraft, now time.Time) error {
	d.Slug = t.Slug
	if err := t.describe(d, false); err != nil {
		return err
	}
	return t.change(actor, "template.edited", "Name and use", now)
}

func (t *Template) describe(d TemplateDraft, fresh bool) error {
	d.Name, d.Summary = strings.TrimSpace(d.Name), strings.TrimSpace(d.Summary)
	var p fault.Problems
	checkText(&p, "name", d.Name, 80)
	checkText(&p, "summary", d.Summary, 300)
	if fresh && !templateSlug.MatchString(d.Slug) {
		p.Add("slug", "Use lower-case letters, digits and dashes, at most 64.")
	}
	if d.Name == "" {
		p.Add("name", "Give the template a name.")
	}
	if d.Summary == "" {
		p.Add("summary", "Say in a sentence when to start from it.")
	}
	if d.Kind != "" && d.Kind != registry.Trained && d.Kind != registry.GenAI {
		p.Add("kind", "Choose one of the listed answers.")
	}
	t.Name, t.Summary, t.Kind = d.Name, d.Summary, d.Kind
	return p.Err()
}

var templateSlug = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)

// Same reports whether a section already says this.
func (t *Template) Same(key string, body Body) bool {
	other := t.Body
	other.take(key, body)
	return reflect.DeepEqual(t.Body.part(key), other.part(key))
}

// EditSection takes one section over from the body and leaves the others alone.
func (t *Template) EditSection(actor org.Actor, key string, body Body, now time.Time) error {
	s, ok := FindSection(key)
	if !ok || !slices.ContainsFunc(TemplateSections, func(x Section) bool { return x.Key == key }) {
		return fault.New(fault.NotFound, "A template has no such section.")
	}
	p := malformed(key, body)
	noDays(p, key, reflect.ValueOf(body.part(key)).Elem())
	if p.Any() {
		return p.Err()
	}
	t.Body.take(key, body)
	return t.change(actor, "template.edited", s.Title, now)
}

// noDays refuses calendar days: what is right for every plan is not a day.
func noDays(p *fault.Problems, field string, v reflect.Value) {
	if d, is := v.Interface().(day.Day); is {
		if d.Known() {
			p.Add(field, "A template names no calendar day. Leave it to each plan, or give a number of days.")
		}
		return
	}
	eachField(field, v, func(name string, x reflect.Value) { noDays(p, name, x) })
}

// Retire stops offering the template. Plans that began from it stay as they are.
func (t *Template) Retire(actor org.Actor, now time.Time) error {
	if t.Retired {
		return fault.New(fault.Conflict, "This template is retired already.")
	}
	t.Retired = true
	return t.change(actor, "template.retired", "Retired", now)
}

// Revive offers it again.
func (t *Template) Revive(actor org.Actor, now time.Time) error {
	if !t.Retired {
		return fault.New(fault.Conflict, "This template is offered already.")
	}
	t.Retired = false
	return t.change(actor, "template.revived", "Offered again", now)
}

// change makes the next number of what the template says now.
func (t *Template) change(actor org.Actor, verb, what string, now time.Time) error {
	if d := MayEditTemplates(actor); !d.Allowed {
		return fault.New(fault.Forbidden, d.Reason)
	}
	t.Number, t.Changed, t.By, t.ByName, t.At = t.Number+1, what, actor.ID, actor.Name, now
	t.Note(verb, t.Subject(), nil, map[string]any{"number": t.Number, "changed": what, "name": t.Name, "kind": t.Kind, "retired": t.Retired, "body": t.Body})
	return nil
}

// Subject names the template in the audit trail.
func (t *Template) Subject() audit.Subject { return audit.Subject{Kind: "template", Label: t.Slug} }

// FillFrom writes what the template says where the plan says nothing. What somebody wrote is never touched.
func (p *Plan) FillFrom(actor org.Actor, t Template, ctx Context, now time.Time) error {
	if err := p.mayChange(actor, ctx); err != nil {
		return err
	}
	switch {
	case p.State == Submitted:
		return fault.New(fault.Conflict, "This plan is in review. It can be changed again when the reviewer asks for changes.")
	case !p.State.Open():
		return p.closed("Start its next version to change it.")
	case t.Retired:
		return fault.At("template", "This template is no longer offered. Choose another.")
	case !t.Fits(ctx.Model.Kind):
		return fault.At("template", "This template is for other models. Choose another.")
	}
	filled := p.Body.tidy()
	filled.fill(t.Body.tidy())
	before, after := map[string]any{}, map[string]any{}
	for _, s := range TemplateSections {
		if was, is := p.Body.part(s.Key), filled.part(s.Key); !reflect.DeepEqual(was, is) {
			before[s.Key], after[s.Key] = snapshot(was), snapshot(is)
		}
	}
	if len(after) == 0 {
		return fault.New(fault.Conflict, "Nothing that this template says is empty in the plan.")
	}
	after["template"] = t.Label()
	p.Body = filled
	p.wrote(actor)
	p.UpdatedAt = now
	p.note("plan.filled", ctx.Model.Slug, before, after)
	return nil
}

// fill takes over what is empty. Parts that answer one question are taken whole: a criterion next to
// somebody's date, or one more step after somebody's steps, would say something that nobody meant.
func (b *Body) fill(t Body) {
	if b.Trigger.Kind == "" {
		b.Trigger.Kind = t.Trigger.Kind
	}
	if b.Trigger.Explanation == "" {
		b.Trigger.Explanation = t.Trigger.Explanation
	}
	if !b.Trigger.Criterion.Given() && !b.Trigger.Date.Known() {
		b.Trigger.Criterion = t.Trigger.Criterion
	}
	switch {
	case b.empty("candidate"):
		b.Candidate = t.Candidate
	case !b.Candidate.None && len(b.Candidate.EquivalenceTests) == 0:
		b.Candidate.EquivalenceTests = t.Candidate.EquivalenceTests
	}
	fillBlank(reflect.ValueOf(&b.Rollback).Elem(), reflect.ValueOf(t.Rollback))
	for _, key := range []string{"steps", "assets", "access", "archive"} {
		if b.empty(key) {
			reflect.ValueOf(b.part(key)).Elem().Set(reflect.ValueOf(t.part(key)).Elem())
		}
	}
}

func fillBlank(v, from reflect.Value) {
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			v.Field(i).Set(from.Field(i))
		}
	}
}

// leftover is what a template left for the plan to say.
var leftover = regexp.MustCompile(`\[\[[^\[\]]*\]\]`)

// leftovers refuses texts that still hold what a template left open, wherever they stand.
func (c *inspector) leftovers(key string) {
	var walk func(field string, v reflect.Value)
	walk = func(field string, v reflect.Value) {
		if v.Kind() == reflect.String {
			if found := leftover.FindString(v.String()); found != "" {
				c.wrong(field, "Replace “%s”, which a template left for you to say.", found)
			}
			return
		}
		eachField(field, v, walk)
	}
	walk(key, reflect.ValueOf(c.part(key)).Elem())
}

// eachField calls fn for every value under v with the name of its input. A list of texts is one input.
func eachField(field string, v reflect.Value, fn func(string, reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fn(field+"."+jsonName(v.Type().Field(i)), v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			at := field + "[" + strconv.Itoa(i) + "]"
			if v.Type().Elem().Kind() == reflect.String {
				at = field
			}
			fn(at, v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fn(field, v.Elem())
		}
	}
}
