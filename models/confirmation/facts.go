package confirmation

import (
	"fmt"
	"slices"
	"strings"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
)

// Facts are what somebody confirms of an entry. The names are for people; the digest is taken of the ids,
// so that nobody has to confirm again because somebody else took another name.
type Facts struct {
	Model         registry.Model
	Team          org.Team
	Owner, Deputy org.Person
	Serving       string // the label of the version in production, "" for none
}

// Line is one fact as it is read. Missing says that there is nothing on record.
type Line struct {
	Label, Value string
	Missing      bool
}

// Lines are the facts in the order in which they are read.
func (f Facts) Lines() []Line {
	m := f.Model
	tier := ""
	if m.Tier > 0 {
		tier = fmt.Sprintf("Tier %d", m.Tier)
	}
	return []Line{
		line("Purpose", m.Purpose, "Not stated"),
		line("Kind", m.Kind.Title(), ""),
		line("Risk tier", tier, "Not set"),
		line("Team", f.Team.Name, "None"),
		line("Owner", standing(f.Owner), "None"),
		line("Deputy", standing(f.Deputy), "None"),
		line("Stage", m.Stage.Title(), ""),
		f.serving(),
		f.consumers(),
		line("Intended end", m.DeprecationOn.Human(), "No date"),
	}
}

func line(label, value, missing string) Line {
	if strings.TrimSpace(value) == "" {
		return Line{label, missing, true}
	}
	return Line{label, value, false}
}

func standing(p org.Person) string {
	if p.Disabled {
		return p.Name + " (has left)"
	}
	return p.Name
}

func (f Facts) serving() Line {
	switch {
	case f.Serving != "":
		return Line{"In production", f.Serving, false}
	case f.Model.Reported == "operating":
		return Line{"In production", "Reported in operation by an inventory; no version is governed here", false}
	}
	return Line{"In production", "Nothing", true}
}

func (f Facts) consumers() Line {
	switch n := len(f.Model.Consumers); {
	case n > 0:
		return Line{"Consumers", fmt.Sprintf("%d: %s", n, strings.Join(f.consumerNames(), ", ")), false}
	case f.Model.NoConsumersReason != "":
		return Line{"Consumers", "None: " + f.Model.NoConsumersReason, false}
	}
	return Line{"Consumers", "None on record", true}
}

func (f Facts) consumerNames() []string {
	out := make([]string, 0, len(f.Model.Consumers))
	for _, c := range f.Model.Consumers {
		out = append(out, c.Name)
	}
	return out
}

// Digest is the SHA-256 of what is confirmed: an answer holds for what was read.
func (f Facts) Digest() string {
	m := f.Model
	consumers := f.consumerNames()
	slices.Sort(consumers)
	digest, err := audit.Digest(struct {
		Name      string         `json:"name"`
		Purpose   string         `json:"purpose"`
		Kind      registry.Kind  `json:"kind"`
		Tier      registry.Tier  `json:"tier"`
		Team      int64          `json:"team"`
		Owner     int64          `json:"owner"`
		Deputy    int64          `json:"deputy"`
		Left      [2]bool        `json:"left"`
		Stage     registry.Stage `json:"stage"`
		Serving   string         `json:"serving"`
		Reported  string         `json:"reported"`
		Consumers []string       `json:"consumers"`
		None      string         `json:"no_consumers_reason"`
		End       day.Day        `json:"deprecation_on"`
	}{m.Name, m.Purpose, m.Kind, m.Tier, m.TeamID, m.OwnerID, m.DeputyID, [2]bool{f.Owner.Disabled, f.Deputy.Disabled}, m.Stage, f.Serving, m.Reported,
		consumers, m.NoConsumersReason, m.DeprecationOn})
	if err != nil {
		panic("confirmation: facts that cannot be written down: " + err.Error()) // strings and numbers always can
	}
	return digest
}
