package registry

import (
	"time"
	"unicode/utf8"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
)

// Draft is what registering a model asks. Ids are 0 when nobody is named.
type Draft struct {
	Basics
	People
}

// Basics are what a model is called and what it is for.
type Basics struct {
	Name, Slug string
	Kind       Kind
	Purpose    string
	Tier       Tier // 0 when nobody has said yet
}

// People are the team and the persons who answer for a model; 0 names nobody.
type People struct{ TeamID, OwnerID, DeputyID int64 }

// Directory is who is meant by the ids of a form: at least those it names, and those named before.
type Directory struct {
	Teams  map[int64]org.Team
	People map[int64]org.Person
}

// NewModel registers a model for a team. What it lacks for a stage is the gate's business; what is
// said must be right.
func NewModel(actor org.Actor, d Draft, dir Directory, now time.Time) (*Model, error) {
	var t typed
	basics := d.tidy(&t)
	if d.TeamID == 0 {
		t.Add("team", "Choose the team that answers for it.")
	}
	d.check(&t, dir)
	if may := org.May(actor, org.Register, d.TeamID); !may.Allowed {
		return nil, fault.New(fault.Forbidden, may.Reason)
	}
	if err := t.Err(); err != nil {
		return nil, err
	}
	m := &Model{Slug: basics.Slug, Name: basics.Name, Kind: basics.Kind, Purpose: basics.Purpose, Tier: basics.Tier,
		TeamID: d.TeamID, OwnerID: d.OwnerID, DeputyID: d.DeputyID, Stage: Experiment, CreatedAt: now, UpdatedAt: now}
	m.Note("model.registered", m.Subject(), nil, map[string]any{"slug": m.Slug, "name": m.Name, "kind": m.Kind, "purpose": m.Purpose,
		"tier": m.Tier, "team": dir.team(m.TeamID), "owner": dir.person(m.OwnerID), "deputy": dir.person(m.DeputyID)})
	return m, nil
}

// tidy checks the basics and gives them back as they are kept.
func (b Basics) tidy(t *typed) Basics {
	before := len(t.List())
	b.Name = t.name("name", b.Name, MaxName)
	if len(t.List()) == before && utf8.RuneCountInString(b.Name) < 2 {
		t.Add("name", "Enter the name by which people know it.")
	}
	b.Slug = t.slug("slug", b.Slug)
	b.Kind = Kind(t.oneOf("kind", string(b.Kind), "Choose whether it is trained or GenAI.", string(Trained), string(GenAI)))
	b.Purpose = t.text("purpose", b.Purpose, MaxPurpose)
	if b.Tier < 0 || b.Tier > 3 {
		t.Add("tier", "Choose tier 1, 2 or 3.")
	}
	return b
}

// check holds the people against the directory.
func (p People) check(t *typed, dir Directory) {
	if _, known := dir.Teams[p.TeamID]; p.TeamID != 0 && !known {
		t.Add("team", "Choose a team from the list.")
	}
	dir.active(t, "owner", p.OwnerID)
	dir.active(t, "deputy", p.DeputyID)
	if p.OwnerID != 0 && p.OwnerID == p.DeputyID {
		t.Add("deputy", "Choose somebody else than the owner: a deputy stands in when the owner is away.")
	}
}

func (dir Directory) active(t *typed, field string, id int64) {
	p, known := dir.People[id]
	switch {
	case id == 0:
	case !known:
		t.Add(field, "Choose somebody from the list.")
	case !p.Active():
		t.Addf(field, "%s no longer has an active account. Choose somebody else.", p.Name)
	}
}

// named is how the audit trail writes somebody down: the name of that day, beside the id.
type named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func (dir Directory) person(id int64) any {
	if id == 0 {
		return nil
	}
	return named{id, dir.People[id].Name}
}

func (dir Directory) team(id int64) any {
	if id == 0 {
		return nil
	}
	return named{id, dir.Teams[id].Name}
}

// Promises are what consumers may rely on: the service level, and until when.
type Promises struct {
	SLA            SLA
	DeprecationOn  day.Day
	RetrainingDays int // every how many days it is trained anew; 0: not said
}
