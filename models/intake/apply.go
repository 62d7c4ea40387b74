package intake

import (
	"fmt"
	"slices"
	"time"

	"sundial/models/fault"
	"sundial/models/registry"
)

// Outcome is what became of one row.
type Outcome string

// The outcomes.
const (
	OutcomeAdded     Outcome = "added"
	OutcomeChanged   Outcome = "changed"
	OutcomeFacts     Outcome = "facts" // changed, but only in columns that no field of ours takes
	OutcomeUnchanged Outcome = "unchanged"
	OutcomeRefused   Outcome = "refused"
)

// Outcomes lists the outcomes in the order of pages.
var Outcomes = []Outcome{OutcomeAdded, OutcomeChanged, OutcomeFacts, OutcomeUnchanged, OutcomeRefused}

// Title is the outcome as people read it.
func (o Outcome) Title() string {
	switch o {
	case OutcomeAdded:
		return "Added"
	case OutcomeChanged:
		return "Changed"
	case OutcomeFacts:
		return "Source facts changed"
	case OutcomeUnchanged:
		return "Unchanged"
	case OutcomeRefused:
		return "Refused"
	}
	return "Unknown"
}

// Result is what one row of a file comes to: a record and how it compares, or why it is refused.
type Result struct {
	Row, Line int
	Outcome   Outcome
	Record    Record // zero when refused
	Change    Change // of a changed record
	Problems  []RowProblem
}

// Results lists every row of a batch once, in the file's order. It is the same list each time the same
// file is compared, except that rows which came in meanwhile are unchanged.
func (b Batch) Results(c Changes) []Result {
	at := map[int]int{}
	results := make([]Result, 0, b.Rows)
	put := func(r Record, o Outcome, change Change) {
		at[r.Row] = len(results)
		results = append(results, Result{Row: r.Row, Line: r.Line, Outcome: o, Record: r, Change: change})
	}
	for _, r := range c.Added {
		put(r, OutcomeAdded, Change{})
	}
	for _, x := range c.Changed {
		o := OutcomeChanged
		if x.OnlyFacts() {
			o = OutcomeFacts
		}
		put(x.Record, o, x)
	}
	for _, r := range c.Unchanged {
		put(r, OutcomeUnchanged, Change{})
	}
	for _, p := range b.Problems {
		i, seen := at[p.Row]
		if !seen {
			i = len(results)
			at[p.Row] = i
			results = append(results, Result{Row: p.Row, Line: p.Line, Outcome: OutcomeRefused})
		}
		results[i].Problems = append(results[i].Problems, p)
	}
	slices.SortFunc(results, func(a, b Result) int { return a.Row - b.Row })
	return results
}

// Places are the records of ours that a row's names stand for, 0 where nobody is known by that name.
type Places struct{ TeamID, OwnerID int64 }

// NewModel is what a record becomes that was not known before. Its stage is never past experiment,
// unless it is reported to have ended.
func NewModel(r Record, slug string, at Places, src registry.Source, now time.Time) *registry.Model {
	m := &registry.Model{Slug: slug, Name: r.Name, Kind: r.Kind, Purpose: r.Purpose, TeamID: at.TeamID, OwnerID: at.OwnerID, Tier: r.Tier,
		Stage: r.Reported.Stage(), Reported: string(r.Reported), Source: src, CreatedAt: now, UpdatedAt: now}
	after := map[string]any{"name": r.Name, "kind": r.Kind, "stage": m.Stage, "reported": r.Reported, "file_sha256": src.FileSHA256, "row": src.Row}
	if r.Tier > 0 {
		after["tier"] = r.Tier
	}
	if why := r.CloseReason(); why != "" {
		after["closed"] = why
	}
	m.Note("model.imported", m.Subject(), nil, after)
	return m
}

// ClosedLabel is what the one version of a system is called that was retired before it was imported.
const ClosedLabel = "reported"

// ClosedVersion is the version that stands for a system reported retired, nil for all others: the
// record of its end needs something that ended.
func ClosedVersion(r Record) *registry.Version {
	if r.Reported != Retired {
		return nil
	}
	return &registry.Version{Label: ClosedLabel, Kind: r.Kind, Stage: registry.Retired, ClosedReason: r.CloseReason(),
		Summary: "Stands for whatever ran before this system was imported as retired."}
}

// FieldResult is what became of one changed field. Kept holds the value that stays because a person
// entered it here after the import before.
type FieldResult struct {
	Name   string `json:"name"`
	Fact   bool   `json:"fact,omitempty"`
	Before string `json:"before"`
	After  string `json:"after"`
	Kept   string `json:"kept,omitempty"`
}

// Title is the field as people read it.
func (f FieldResult) Title() string { return FieldChange{Name: f.Name, Fact: f.Fact}.Title() }

// Here is what the model has now, where ids have names.
type Here struct {
	Team, Owner string
	HasVersions bool // its kind is fixed
}

// Update brings a known model up to its changed record, field by field. A field is taken over when the
// model still holds what the import before put there; what a person entered since stays, and is told.
func Update(m *registry.Model, c Change, before, now Places, here Here, src registry.Source) []FieldResult {
	u := update{m: m, c: c, was: map[string]any{}, is: map[string]any{}}
	for _, f := range c.Fields {
		u.results = append(u.results, FieldResult{Name: f.Name, Fact: f.Fact, Before: f.Before, After: f.After})
		if !f.Fact {
			u.field(Field(f.Name), &u.results[len(u.results)-1], before, now, here)
		}
	}
	m.Source = src
	u.is["file_sha256"], u.is["row"] = src.FileSHA256, src.Row
	if len(u.kept) > 0 {
		u.is["kept"] = u.kept
	}
	m.Note("model.reimported", m.Subject(), u.was, u.is)
	return u.results
}

type update struct {
	m       *registry.Model
	c       Change
	results []FieldResult
	was, is map[string]any
	kept    []string
}

func (u *update) field(f Field, out *FieldResult, before, now Places, here Here) {
	m, r := u.m, u.c.Record
	switch f {
	case FieldName:
		take(u, out, &m.Name, out.Before, r.Name, m.Name)
	case FieldPurpose:
		take(u, out, &m.Purpose, out.Before, r.Purpose, cutRunes(m.Purpose, 200))
	case FieldTier:
		take(u, out, &m.Tier, tierOf(out.Before), r.Tier, fmt.Sprintf("Tier %d", m.Tier))
	case FieldKind:
		if here.HasVersions && m.Kind != r.Kind {
			u.keep(out, m.Kind.Title())
			return
		}
		take(u, out, &m.Kind, registry.Kind(out.Before), r.Kind, m.Kind.Title())
	case FieldTeam, FieldDepartment:
		take(u, out, &m.TeamID, before.TeamID, now.TeamID, here.Team)
	case FieldOwner:
		take(u, out, &m.OwnerID, before.OwnerID, now.OwnerID, here.Owner)
	case FieldStage: // what an inventory reports nobody enters by hand
		u.was["reported"], u.is["reported"] = m.Reported, r.Reported
		m.Reported = string(r.Reported)
	}
}

// take sets a value if the model holds what the import before put there, or nothing.
func take[T comparable](u *update, out *FieldResult, into *T, before, now T, shown string) {
	var none T
	switch {
	case *into == now:
	case *into == before || *into == none:
		u.was[out.Name], u.is[out.Name] = *into, now
		*into = now
	default:
		u.keep(out, shown)
	}
}

func (u *update) keep(out *FieldResult, shown string) {
	out.Kept = shown
	u.kept = append(u.kept, out.Name)
}

func tierOf(s string) registry.Tier {
	if len(s) == 1 && s[0] >= '1' && s[0] <= '3' {
		return registry.Tier(s[0] - '0')
	}
	return 0
}

// Refuse is the result of a row that could not be kept although it reads well.
func (r Result) Refuse(sentence string) Result {
	p := RowProblem{Row: r.Row, Line: r.Line, Rule: RuleNotKept, Sentence: sentence, Severity: Refuses}
	return Result{Row: r.Row, Line: r.Line, Outcome: OutcomeRefused, Problems: append(slices.Clone(r.Problems), p)}
}

// Names are the distinct departments, teams and owners that records name.
type Names struct {
	Departments []string
	Teams       []TeamName
	Owners      []string
}

// TeamName is a team by name, within the department by name.
type TeamName struct{ Department, Team string }

// mostTeams bounds what a column that is no team could make: the mapping is wrong, not the organisation.
const mostTeams = 1500

// NamesOf collects the names in records. More teams than an organisation has is a fault at the mapping.
func NamesOf(records []Record) (Names, error) {
	var n Names
	departments, teams, owners := map[string]bool{}, map[TeamName]bool{}, map[string]bool{}
	for _, r := range records {
		if key := fold(r.Department); key != "" && !departments[key] {
			departments[key] = true
			n.Departments = append(n.Departments, r.Department)
		}
		if key := (TeamName{fold(r.Department), fold(r.Team)}); (r.Team != "" || r.Department != "") && !teams[key] {
			teams[key] = true
			n.Teams = append(n.Teams, TeamName{r.Department, r.Team})
		}
		if key := fold(r.Owner); key != "" && !owners[key] {
			owners[key] = true
			n.Owners = append(n.Owners, r.Owner)
		}
	}
	if len(n.Teams) > mostTeams {
		return n, fault.At("columns.team", fmt.Sprintf("This would make %d teams. Choose a column that names teams, or none.", len(n.Teams)))
	}
	return n, nil
}

// SameName reports whether two names differ at most in case, blanks and kinds of quotes.
func SameName(a, b string) bool { return fold(a) == fold(b) }

// NameKey is equal for names that SameName calls one.
func NameKey(s string) string { return fold(s) }

// RenamedTo is the change that a known record undergoes when it turns out to be listed under another
// identity now, with these fields.
func RenamedTo(before Known, identity string, fields map[string]string) Change {
	field := func(f Field) string { return fields[string(f)] }
	r := Record{Identity: identity, Name: field(FieldName), Purpose: field(FieldPurpose), Department: field(FieldDepartment), Team: field(FieldTeam),
		Owner: field(FieldOwner), Kind: registry.Kind(field(FieldKind)), Tier: tierOf(field(FieldTier)), Reported: Reported(field(FieldStage))}
	return Change{Record: r, Before: before, Fields: diff(before.Fields, fields)}
}
