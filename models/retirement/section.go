package retirement

import (
	"reflect"
	"slices"
	"strings"

	"sundial/models/day"
	"sundial/models/fault"
)

// Section is one part of the plan: one page of its task list, one key of its JSON.
type Section struct {
	Key, Title, Help string
}

// Sections lists the parts of a plan in the order they are filled in.
var Sections = []Section{
	{"trigger", "Trigger", "What would end this model: a criterion that is measured, or a date."},
	{"dates", "Dates", "When it should be gone, when the plan is looked at again, and what the vendor announced."},
	{"candidate", "Replacement", "What takes over and how you know it is as good, or where the decision goes instead."},
	{"consumers", "Consumers", "Who depends on the model, how much, and how long before they must know."},
	{"steps", "Cutover steps", "How traffic moves, in order: who does it, and how one sees that it worked."},
	{"rollback", "Rollback", "How long the old version may return, who decides, and when there is no way back."},
	{"assets", "Data", "What the model leaves behind and what happens to each part of it."},
	{"access", "Access and cost", "Keys, endpoints and machines to release, and what they cost a month."},
	{"archive", "Archive", "Which evidence is kept, where, and for how long."},
	{"people", "People", "Who carries the retirement: owner, deputy, cutover lead and data steward."},
}

// FindSection returns the section of this key.
func FindSection(key string) (Section, bool) {
	i := slices.IndexFunc(Sections, func(s Section) bool { return s.Key == key })
	if i < 0 {
		return Section{}, false
	}
	return Sections[i], true
}

// SectionOf is the key of the section that a field's name belongs to: "steps" for "steps[0].title".
func SectionOf(field string) string {
	if i := strings.IndexAny(field, ".["); i >= 0 {
		return field[:i]
	}
	return field
}

// Depth says how much of a plan is asked for. The zero value asks for everything.
type Depth string

// Full is asked by the standard and strict profiles; Light is for teams with two models.
const (
	Full  Depth = ""
	Light Depth = "light"
)

// DepthOf is what a policy profile asks of a plan.
func DepthOf(profile string) Depth {
	if profile == "light" {
		return Light
	}
	return Full
}

// lightParts are the sections that even the light profile needs.
var lightParts = []string{"trigger", "candidate", "rollback", "assets", "people"}

// Required reports whether the section must be filled in at this depth.
func Required(key string, d Depth) bool { return d != Light || slices.Contains(lightParts, key) }

// Status is where a section stands in the task list.
type Status string

// The statuses. NeedsAttention: something in it is wrong, rather than missing.
const (
	NotStarted     Status = "not_started"
	InProgress     Status = "in_progress"
	Completed      Status = "complete"
	NeedsAttention Status = "needs_attention"
)

// Title is the status as people read it.
func (s Status) Title() string {
	switch s {
	case InProgress:
		return "In progress"
	case Completed:
		return "Complete"
	case NeedsAttention:
		return "Needs attention"
	}
	return "Not started"
}

// Status says where one section stands today.
func (b Body) Status(key string, ctx Context, today day.Day) Status {
	c := inspect(b, key, ctx, today)
	switch {
	case c.anyWrong():
		return NeedsAttention
	case b.empty(key):
		return NotStarted
	case len(c.found) > 0:
		return InProgress
	}
	return Completed
}

// part points at one section of the body; nil when there is no such section.
func (b *Body) part(key string) any {
	switch key {
	case "trigger":
		return &b.Trigger
	case "dates":
		return &b.Dates
	case "candidate":
		return &b.Candidate
	case "consumers":
		return &b.Consumers
	case "steps":
		return &b.Steps
	case "rollback":
		return &b.Rollback
	case "assets":
		return &b.Assets
	case "access":
		return &b.Access
	case "archive":
		return &b.Archive
	case "people":
		return &b.People
	}
	return nil
}

// empty reports whether nothing was written in the section.
func (b Body) empty(key string) bool {
	return blank(reflect.ValueOf(b.part(key)).Elem())
}

// take copies one section of another body, tidied: blanks trimmed, empty rows left out.
func (b *Body) take(key string, from Body) {
	from = from.tidy()
	reflect.ValueOf(b.part(key)).Elem().Set(reflect.ValueOf(from.part(key)).Elem())
}

func unknownSection(key string) error {
	if _, ok := FindSection(key); !ok {
		return fault.New(fault.NotFound, "A retirement plan has no such section.")
	}
	return nil
}
