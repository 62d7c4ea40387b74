package registry

import (
	"strings"
	"time"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/vendors"
)

// Alias is a stable name inside the organisation for a release that was approved. What it points at
// changes by an approved proposal only.
type Alias struct {
	ID        int64
	Name      string
	TeamID    int64
	Purpose   string
	ModelID   int64 // 0 while it points at nothing
	VersionID int64
	Since     time.Time // since when it points there
	Revision  int64
	CreatedAt time.Time
	UpdatedAt time.Time

	audit.Trail `json:"-"`
}

// AliasTarget is a release that an alias points at, or may, with what that rests on.
type AliasTarget struct {
	ModelID, VersionID int64
	Slug, Model, Label string
	Kind               Kind
	Stage              Stage
	Superseded         bool   // another version took its place in production
	Digest             string // of the version as it is
	Approved           bool   // somebody else approved its present stage, and it has not changed since
	OwnerID, AuthorID  int64
	Host, VendorID     string
	VendorEnd          day.Day // "" when none is known
}

// Stamp names the target as predictions do: model@version.
func (t AliasTarget) Stamp() string { return t.Slug + "@" + t.Label }

// ProposalState is how far a proposal is.
type ProposalState string

// The states of a proposal. An alias has one open proposal at most.
const (
	ProposalOpen      ProposalState = "open"
	ProposalApproved  ProposalState = "approved"
	ProposalRejected  ProposalState = "rejected"
	ProposalWithdrawn ProposalState = "withdrawn"
)

// AliasProposal asks to point an alias at a release.
type AliasProposal struct {
	ID          int64
	AliasID     int64
	FromVersion int64 // what it pointed at when this was decided, or proposed while it is open; 0 for nothing
	ToModel     int64
	ToVersion   int64
	ToDigest    string // the version's digest when it was proposed
	Reason      string
	State       ProposalState
	RequesterID int64
	OpenedAt    time.Time
	DecidedBy   int64
	DecidedAt   time.Time
	Decision    string // what the decider said
}

// NewAlias registers an alias that points at nothing yet.
func NewAlias(a org.Actor, name, purpose string, team int64, now time.Time) (*Alias, error) {
	var t typed
	al := &Alias{Name: t.slug("name", name), TeamID: team, Purpose: t.text("purpose", purpose, longestText), Revision: 1, CreatedAt: now, UpdatedAt: now}
	ownedBy(&t, a, team, "an alias")
	if err := t.Err(); err != nil {
		return nil, err
	}
	al.Note("alias.registered", al.Subject(), nil, map[string]any{"name": al.Name, "team": al.TeamID, "purpose": al.Purpose})
	return al, nil
}

// MayPropose says whether this person may propose where the alias points.
func (al *Alias) MayPropose(a org.Actor) org.Decision { return org.May(a, org.Request, al.TeamID) }

// Propose asks to point the alias at a release. open says that another proposal waits.
func (al *Alias) Propose(a org.Actor, to AliasTarget, reason string, open bool, today day.Day, now time.Time) (*AliasProposal, error) {
	if may := al.MayPropose(a); !may.Allowed {
		return nil, fault.New(fault.Forbidden, may.Reason)
	}
	if open {
		return nil, fault.Newf(fault.Conflict, "A proposal for %s is open already. Decide or withdraw that one first.", al.Name)
	}
	var t typed
	if why := to.Unfit(today); why != "" {
		t.Add("version", why)
	} else if to.VersionID == al.VersionID {
		t.Addf("version", "%s points at %s already.", al.Name, to.Stamp())
	}
	reason = t.text("reason", reason, longestText)
	if reason == "" && len(t.List()) == 0 {
		t.Add("reason", "Say why: whoever decides reads this.")
	}
	if err := t.Err(); err != nil {
		return nil, err
	}
	p := &AliasProposal{AliasID: al.ID, FromVersion: al.VersionID, ToModel: to.ModelID, ToVersion: to.VersionID, ToDigest: to.Digest, Reason: reason,
		State: ProposalOpen, RequesterID: a.ID, OpenedAt: now}
	al.Note("alias.proposed", al.Subject(), nil, map[string]any{"to": to.Stamp(), "digest": to.Digest, "reason": reason})
	return p, nil
}

// Unfit says why an alias may not point at this release, "" when it may.
func (t AliasTarget) Unfit(today day.Day) string {
	switch {
	case t.Kind != GenAI:
		return "An alias points at a GenAI release. " + t.Slug + " is a trained model."
	case t.Stage != Production && t.Stage != Staged:
		return t.Stamp() + " is in " + string(t.Stage) + ": an alias points at what is staged or in production."
	case t.Superseded:
		return t.Stamp() + " was superseded and retires by itself. Choose the version that took its place."
	case !t.Approved && t.Stage != Production:
		return t.Stamp() + " has no standing approval of its present stage: nobody approved it as it is now."
	case t.ended(today):
		return "The vendor ended " + t.VendorID + " on " + t.VendorEnd.Human() + "."
	}
	return ""
}

func (t AliasTarget) ended(today day.Day) bool {
	known, living := vendors.Alive(vendors.Entry{EndOfLife: t.VendorEnd}, today)
	return known && !living
}

// MayDecide says whether this person may decide a proposal: a reviewer who neither asked for it nor made
// or owns what it leads to.
func (p *AliasProposal) MayDecide(a org.Actor, to AliasTarget) org.Decision {
	may := org.May(a, org.Decide, 0)
	no := func(why string) org.Decision { return org.Decision{Reason: why} }
	switch {
	case p.State != ProposalOpen:
		return no("This proposal is " + string(p.State) + " already.")
	case !may.Allowed:
		return may
	case a.ID == p.RequesterID:
		return no("You proposed this; somebody else decides.")
	case a.ID == to.AuthorID:
		return no("You made this version; somebody else decides.")
	case a.ID == to.OwnerID:
		return no("You own this model; somebody else decides.")
	}
	return org.Decision{Allowed: true}
}

// Decide approves or rejects a proposal of which digest was read. An approval moves the alias at once.
func (al *Alias) Decide(p *AliasProposal, a org.Actor, to AliasTarget, approve bool, digest, comment string, today day.Day, now time.Time) error {
	if p.State != ProposalOpen {
		return fault.Newf(fault.Conflict, "This proposal is %s already.", p.State)
	}
	if may := p.MayDecide(a, to); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	if approve && (digest != to.Digest || to.Digest != p.ToDigest) {
		return fault.New(fault.Stale, "The release has changed since this was proposed. Reject it, or let it be withdrawn and proposed again.")
	}
	var t typed
	comment = t.text("comment", comment, longestText)
	if comment == "" {
		t.Add("comment", "Give the reason: it stays in the alias's history.")
	}
	if err := t.Err(); err != nil {
		return err
	}
	p.DecidedBy, p.DecidedAt, p.Decision = a.ID, now, comment
	if !approve {
		p.State = ProposalRejected
		al.Note("alias.rejected", al.Subject(), nil, map[string]any{"to": to.Stamp(), "reason": comment})
		return nil
	}
	if why := to.Unfit(today); why != "" {
		return fault.New(fault.Conflict, why)
	}
	p.State, p.FromVersion = ProposalApproved, al.VersionID
	al.Note("alias.moved", al.Subject(), map[string]any{"version": al.VersionID}, map[string]any{"to": to.Stamp(), "version": to.VersionID, "digest": to.Digest, "reason": comment, "proposal": p.ID})
	al.ModelID, al.VersionID, al.Since, al.UpdatedAt = to.ModelID, to.VersionID, now, now
	return nil
}

// MayWithdraw says whether this person may take a proposal back: who made it, or the alias's team.
func (al *Alias) MayWithdraw(p *AliasProposal, a org.Actor) org.Decision {
	if p.State != ProposalOpen {
		return org.Decision{Reason: "This proposal is " + string(p.State) + " already."}
	}
	if a.ID != 0 && a.ID == p.RequesterID {
		return org.Decision{Allowed: true}
	}
	return al.MayPropose(a)
}

// Withdraw takes a proposal back.
func (al *Alias) Withdraw(p *AliasProposal, a org.Actor, now time.Time) error {
	if p.State != ProposalOpen {
		return fault.Newf(fault.Conflict, "This proposal is %s already.", p.State)
	}
	if may := al.MayWithdraw(p, a); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	p.State, p.DecidedBy, p.DecidedAt = ProposalWithdrawn, a.ID, now
	al.Note("alias.withdrawn", al.Subject(), nil, map[string]any{"proposal": p.ID})
	return nil
}

// AliasHealth is what is wrong with where an alias points. Bad is red: whoever calls it gets something
// that nobody answers for.
type AliasHealth struct {
	Bad      bool
	Sentence string
}

// Health looks at the target as it is today. nil is an alias that points at nothing yet.
func (t *AliasTarget) Health(today day.Day) AliasHealth {
	switch {
	case t == nil:
		return AliasHealth{Sentence: "It points at nothing yet."}
	case t.Stage == Retired:
		return AliasHealth{true, t.Stamp() + " is retired."}
	case t.Superseded:
		return AliasHealth{true, t.Stamp() + " is no longer in production."}
	case t.ended(today):
		return AliasHealth{true, "The vendor ended " + t.VendorID + " on " + t.VendorEnd.Human() + "."}
	case t.Stage == Staged && !t.Approved:
		return AliasHealth{true, t.Stamp() + " is staged without a standing approval."}
	case t.Stage == Staged:
		return AliasHealth{Sentence: t.Stamp() + " is staged and not yet in production."}
	case t.Stage != Production:
		return AliasHealth{true, t.Stamp() + " is back in " + string(t.Stage) + "."}
	case t.VendorEnd.Known() && today.Until(t.VendorEnd) <= 90:
		return AliasHealth{Sentence: "The vendor ends " + t.VendorID + " on " + t.VendorEnd.Human() + "."}
	}
	return AliasHealth{}
}

// ParseStamp reads "model@version".
func ParseStamp(s string) (slug, label string, ok bool) {
	slug, label, ok = strings.Cut(strings.TrimSpace(s), "@")
	return slug, label, ok && slugShape.MatchString(slug) && labelShape.MatchString(label)
}

// Subject names the alias in the audit trail.
func (al *Alias) Subject() audit.Subject {
	return audit.Subject{Kind: "alias", ID: al.ID, Label: al.Name}
}
