package scorecard

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sundial/models/vendors"
)

// Keys of actions that are not criteria.
const (
	ActStop     = "stop"     // a zombie, or what was never registered, no longer answers
	ActRegister = "register" // the same for what was never registered; it then counts by its own facts
	ActCutover  = "cutover"  // the cutover away from a vendor's model begins
)

// Action is one thing that could be done about a model, with what re-scoring it says of it.
type Action struct {
	Key     string  `json:"key"` // of the criterion, or one of the Act constants
	Title   string  `json:"title"`
	Mend    string  `json:"mend"`
	Gain    float64 `json:"gain"`     // of the model's score, by itself
	RawGain float64 `json:"raw_gain"` // the same before caps: what a second cap still hides
}

// ActionTitle is what an action is called, its key when there is none.
func ActionTitle(key string) string {
	switch key {
	case ActStop:
		return "Stop what still answers"
	case ActRegister:
		return "Bring it through the gates, or switch it off"
	case ActCutover:
		return "Begin the cutover"
	}
	if c, ok := CriterionOf(key); ok {
		return c.Action
	}
	return key
}

// Mended are the facts as they would be if these actions were done, each in full.
func Mended(f Facts, keys ...string) Facts {
	f.Readings = maps.Clone(f.Readings)
	if f.Readings == nil {
		f.Readings = map[string]Reading{}
	}
	for _, key := range keys {
		switch key {
		case ActStop, ActRegister:
			if f.Phase == Zombie || f.Phase == Unregistered {
				f.Phase = Gone
			}
			continue
		case ActCutover:
			f.CutoverStarted = true
			continue
		case "serving":
			f.Named = true
		case "pin":
			f.VendorClass, f.VendorEnd = vendors.Pinned, ""
		}
		if c, ok := CriterionOf(key); ok && c.Points(f.Kind) > 0 {
			f.Readings[key] = Reading{Strength: Observed, Share: 1, Fact: "If this were done: " + c.Action + "."}
		}
	}
	return f
}

// Actions lists everything that could raise a model's score, what raises it most first. Each is really
// re-scored: its gain is what the score would be with it, less what it is.
func Actions(f Facts, now time.Time) []Action {
	base := Score(f, now)
	var out []Action
	add := func(key, mend string) {
		then := Score(Mended(f, key), now)
		out = append(out, Action{key, ActionTitle(key), mend, clean(then.Score - base.Score), clean(then.Raw - base.Raw)})
	}
	if f.Phase == Unregistered {
		return []Action{{Key: ActRegister, Title: ActionTitle(ActRegister), Mend: "version"}}
	}
	if f.Phase == Zombie {
		out = append(out, Action{Key: ActStop, Title: ActionTitle(ActStop), Mend: "stamps"})
	}
	for _, l := range base.Lines {
		if l.Gap() > 0 {
			add(l.Key, l.Mend)
		}
	}
	for _, c := range base.Caps {
		if c.Action == ActCutover || !slices.ContainsFunc(out, func(a Action) bool { return a.Key == c.Action }) {
			add(c.Action, c.Mend)
		}
	}
	slices.SortStableFunc(out, func(a, b Action) int {
		return cmp.Or(cmp.Compare(b.Gain, a.Gain), cmp.Compare(b.RawGain, a.RawGain))
	})
	return out
}

// TeamModel is a model of a team with its facts.
type TeamModel struct {
	Slug, Name string
	Facts      Facts
}

// TeamAction is an action with the model it is done to and what the team gains.
type TeamAction struct {
	Action
	Slug, Name string
	Then       float64 // the team's score with this action and those before it in the list
	TeamGain   float64 // of this action, after those before it
}

// WhatIf is a team's score as it would be if these actions, keys by the model's slug, were done.
func WhatIf(models []TeamModel, done map[string][]string, now time.Time) Rollup {
	members := make([]Member, 0, len(models))
	for _, m := range models {
		f := m.Facts
		if keys := done[m.Slug]; len(keys) > 0 {
			f = Mended(f, keys...)
		}
		members = append(members, MemberOf(m.Slug, Score(f, now)))
	}
	return RollUp(members)
}

// TeamActions lists single actions on a team's models, what raises the team most first, at most n. Gains are
// those of each action alone.
func TeamActions(models []TeamModel, n int, now time.Time) []TeamAction {
	t := newTotals(models, now)
	was, _ := t.whole.Mean()
	var out []TeamAction
	for _, m := range models {
		if !m.Facts.Phase.Counts() {
			continue
		}
		before := RollUp([]Member{MemberOf(m.Slug, Score(m.Facts, now))}).Total
		for _, a := range Actions(m.Facts, now) {
			after := RollUp([]Member{MemberOf(m.Slug, Score(Mended(m.Facts, a.Key), now))}).Total
			gain := clean(t.gain(before, after))
			out = append(out, TeamAction{Action: a, Slug: m.Slug, Name: m.Name, Then: clean(was + gain), TeamGain: gain})
		}
	}
	slices.SortStableFunc(out, func(a, b TeamAction) int {
		return cmp.Or(cmp.Compare(b.TeamGain, a.TeamGain), cmp.Compare(b.RawGain, a.RawGain))
	})
	return out[:min(n, len(out))]
}
