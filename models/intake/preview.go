package intake

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sundial/models/registry"
)

// Preview is what a dry run found: counts in full, and enough examples of everything to judge it by.
type Preview struct {
	At        time.Time             `json:"at"` // zero when there was none
	Rows      int                   `json:"rows"`
	Blank     int                   `json:"blank"`
	Refused   int                   `json:"refused"`
	Warned    int                   `json:"warned"`
	Added     int                   `json:"added"`
	Changed   int                   `json:"changed"` // OnlyFacts included
	OnlyFacts int                   `json:"only_facts"`
	Unchanged int                   `json:"unchanged"`
	Vanished  int                   `json:"vanished"`
	Unlisted  int                   `json:"unlisted"`
	Notes     []string              `json:"notes,omitempty"`
	Stages    map[Reported]int      `json:"stages"`
	Tiers     map[registry.Tier]int `json:"tiers"`
	Kinds     map[registry.Kind]int `json:"kinds"`
	Groups    []ProblemGroup        `json:"groups,omitempty"`
	Changes   []ChangeSample        `json:"changes,omitempty"`
	Gone      []GoneSample          `json:"gone,omitempty"`
	NewPlaces NewPlaces             `json:"new_places"`
	Known     int                   `json:"known"` // records of the inventory before
}

// ProblemGroup is one rule with the rows it concerns.
type ProblemGroup struct {
	Rule     Rule         `json:"rule"`
	Severity Severity     `json:"severity"`
	Count    int          `json:"count"`
	Samples  []RowProblem `json:"samples"`
}

// ChangeSample is a changed row, for people to look at.
type ChangeSample struct {
	Row    int           `json:"row"`
	Name   string        `json:"name"`
	Fields []FieldChange `json:"fields"`
}

// GoneSample is a vanished system, and what may be the same under another name.
type GoneSample struct {
	Identity   string   `json:"identity"`
	Name       string   `json:"name"`
	Department string   `json:"department"`
	Team       string   `json:"team"`
	Likely     []string `json:"likely,omitempty"`
}

// NewPlaces are the departments and teams that would be made, and the owners nobody is known by.
type NewPlaces struct {
	Departments   []string `json:"departments,omitempty"`
	Teams         []string `json:"teams,omitempty"`
	TeamCount     int      `json:"team_count"`
	OwnersKnown   int      `json:"owners_known"`
	OwnersUnknown int      `json:"owners_unknown"`
}

// How many examples a preview holds.
const (
	sampleProblems = 100
	sampleChanges  = 25
	sampleGone     = 100
	sampleText     = 240
)

// Summarise is the preview of a batch and what it would change.
func Summarise(b Batch, c Changes, known int, now time.Time) Preview {
	p := Preview{At: now, Rows: b.Rows, Blank: b.Blank, Refused: b.Refused, Warned: b.Warned, Added: len(c.Added), Changed: len(c.Changed),
		Unchanged: len(c.Unchanged), Vanished: len(c.Vanished), Unlisted: len(c.Unlisted), Notes: b.Notes, Stages: b.Stages(),
		Tiers: map[registry.Tier]int{}, Kinds: map[registry.Kind]int{}, Groups: groups(b.Problems), Known: known}
	for _, r := range b.Records {
		p.Tiers[r.Tier]++
		p.Kinds[r.Kind]++
	}
	for _, x := range c.Changed {
		if x.OnlyFacts() {
			p.OnlyFacts++
		} else if len(p.Changes) < sampleChanges {
			p.Changes = append(p.Changes, x.sample())
		}
	}
	likely := map[string][]string{}
	for _, l := range c.LikelySame {
		likely[l.Vanished] = append(likely[l.Vanished], l.Name)
	}
	for _, k := range c.Vanished[:min(len(c.Vanished), sampleGone)] {
		p.Gone = append(p.Gone, GoneSample{k.Identity, k.Name(), k.Department(), k.Team(), likely[k.Identity]})
	}
	return p
}

func (c Change) sample() ChangeSample {
	s := ChangeSample{Row: c.Record.Row, Name: c.Record.Name}
	for _, f := range c.Fields {
		f.Before, f.After = cutRunes(f.Before, sampleText), cutRunes(f.After, sampleText)
		s.Fields = append(s.Fields, f)
	}
	return s
}

// groups puts refusals first, then what concerns most rows.
func groups(problems []RowProblem) []ProblemGroup {
	by := map[Rule]*ProblemGroup{}
	for _, p := range problems {
		g := by[p.Rule]
		if g == nil {
			g = &ProblemGroup{Rule: p.Rule, Severity: p.Severity}
			by[p.Rule] = g
		}
		g.Count++
		if len(g.Samples) < sampleProblems {
			g.Samples = append(g.Samples, p)
		}
	}
	list := make([]ProblemGroup, 0, len(by))
	for _, rule := range slices.Sorted(maps.Keys(by)) {
		list = append(list, *by[rule])
	}
	slices.SortStableFunc(list, func(a, b ProblemGroup) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), b.Count-a.Count)
	})
	return list
}
