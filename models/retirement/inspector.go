package retirement

import (
	"fmt"

	"sundial/models/day"
	"sundial/models/fault"
)

// Complete refuses a plan that a reviewer should not have to read: with a sentence at each field that is
// missing or cannot be right. In the light profile optional sections may be left out, but what is written
// in them must be right all the same.
func Complete(b Body, ctx Context, today day.Day) error {
	var p fault.Problems
	for _, s := range Sections {
		p.Merge("", CompleteSection(s.Key, b, ctx, today))
	}
	return p.Err()
}

// CompleteSection is Complete for one section: what a person hears who says that it is done.
func CompleteSection(key string, b Body, ctx Context, today day.Day) error {
	if err := unknownSection(key); err != nil {
		return err
	}
	var p fault.Problems
	for _, f := range inspect(b, key, ctx, today).found {
		if f.wrong || Required(key, ctx.Depth) {
			p.Add(f.field, f.sentence)
		}
	}
	return p.Err()
}

// Unfinished lists the sections that keep a plan from being submitted.
func Unfinished(b Body, ctx Context, today day.Day) []Section {
	var out []Section
	for _, s := range Sections {
		if CompleteSection(s.Key, b, ctx, today) != nil {
			out = append(out, s)
		}
	}
	return out
}

// inspector looks at one section and notes what is missing and what is wrong: the task list tells them
// apart, and an optional section may lack things but not be wrong.
type inspector struct {
	Body
	ctx   Context
	today day.Day
	found []finding
}

type finding struct {
	field, sentence string
	wrong           bool
}

func inspect(b Body, key string, ctx Context, today day.Day) *inspector {
	c := &inspector{Body: b, ctx: ctx, today: today}
	if p := malformed(key, b); p.Any() {
		for _, x := range p.List() {
			c.wrong(x.Field, "%s", x.Sentence)
		}
		return c
	}
	switch key {
	case "trigger":
		c.trigger()
	case "dates":
		c.dates()
	case "candidate":
		c.candidate()
	case "consumers":
		c.consumers()
	case "steps":
		c.steps()
	case "rollback":
		c.rollback()
	case "assets":
		c.assets()
	case "access":
		c.access()
	case "archive":
		c.archive()
	case "people":
		c.people()
	}
	c.leftovers(key)
	return c
}

func (c *inspector) missing(field, sentence string) {
	c.found = append(c.found, finding{field: field, sentence: sentence})
}

func (c *inspector) wrong(field, format string, args ...any) {
	c.found = append(c.found, finding{field, fmt.Sprintf(format, args...), true})
}

func (c *inspector) anyWrong() bool {
	for _, f := range c.found {
		if f.wrong {
			return true
		}
	}
	return false
}

// need asks for a real answer in a text.
func (c *inspector) need(field, text, sentence string) {
	if text == "" {
		c.missing(field, sentence)
		return
	}
	c.honest(field, text, sentence)
}

// needFull asks for it unless the profile is light; a placeholder is refused in both.
func (c *inspector) needFull(field, text, sentence string) {
	if text != "" || c.ctx.Depth != Light {
		c.need(field, text, sentence)
	}
}

// honest refuses an answer that only holds its place.
func (c *inspector) honest(field, text, sentence string) {
	if Placeholder(text) {
		c.wrong(field, "“%s” only holds the place of an answer. %s", text, sentence)
	}
}

// needDays asks for a number of days, at least one.
func (c *inspector) needDays(field string, n int, sentence string) {
	if n < 1 {
		c.missing(field, sentence)
	}
}

func (c *inspector) chosen(field, value, sentence string) {
	if value == "" {
		c.missing(field, sentence)
	}
}
