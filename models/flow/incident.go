package flow

import "time"

// Kind is a sort of unknown-production incident.
type Kind string

// The kinds.
const (
	Unnamed    Kind = "unnamed"    // a stamp by which nobody can name a version
	Stray      Kind = "stray"      // an inventory says that it operates; it never came through the gates
	Ungoverned Kind = "ungoverned" // a version answered before it was staged
	Zombie     Kind = "zombie"     // a retired version answered
	Unreviewed Kind = "unreviewed" // broken glass that nobody reviewed in time
)

// Kinds are all of them, in the order in which pages show them.
var Kinds = []Kind{Unnamed, Stray, Ungoverned, Zombie, Unreviewed}

// Title is the kind as people read it.
func (k Kind) Title() string {
	return map[Kind]string{
		Unnamed:    "No version could be named",
		Stray:      "Operates, never registered",
		Ungoverned: "Answered before it was staged",
		Zombie:     "Retired and still answering",
		Unreviewed: "Broken glass not reviewed in time",
	}[k]
}

// Incident is one thing that served and that nobody could name, or that passed governance by. A stamp and an
// entry of an inventory count in the quarter in which they first came, broken glass in that in which its review
// was due, a version in each quarter in which it answered.
type Incident struct {
	Kind    Kind
	At      time.Time
	Model   string // its slug, "" when no model is known
	Name    string
	Version string // a label, or the stamp that nobody knows
	By      string // the app that called it, where one is known
}
