package lifecycle

import (
	"slices"
	"time"

	"sundial/models/audit"
	"sundial/models/org"
	"sundial/models/registry"
)

// State of a transition request.
type State string

// The states. Only an open request can still be decided.
const (
	Open       State = "open"
	Applied    State = "applied"
	Rejected   State = "rejected"
	Withdrawn  State = "withdrawn"
	Superseded State = "superseded"
)

// Request asks to move one version to another stage.
type Request struct {
	ID            int64
	ModelID       int64
	VersionID     int64
	From, To      registry.Stage
	Move          Move
	Reason        string
	State         State
	RequesterID   int64
	Requester     string
	Editors       []int64 // who changed the reason after the requester
	OpenedAt      time.Time
	DueAt         time.Time // reviews are late after this
	DecidedAt     time.Time
	DecidedBy     int64
	Decision      string // the reason given with a rejection or withdrawal
	BreakGlass    bool
	DebtDueAt     time.Time // break-glass: the review must be done by then
	DebtSettledAt time.Time
	PolicyVersion string
	Digest        string  // of what was decided; empty while open
	Decided       []Check // the gate as it was at the decision: it must stay explainable after the rules change
	Revision      int64
}

// Verdict of a review.
type Verdict string

// The verdicts.
const (
	Approve        Verdict = "approve"
	RequestChanges Verdict = "request_changes"
	Reject         Verdict = "reject"
)

// Review is one reviewer's verdict on what had this digest.
type Review struct {
	ID         int64
	ReviewerID int64
	Reviewer   string
	Roles      []org.Role
	Lost       []org.Role // of them, those that the reviewer no longer has: all, once the account is disabled
	OtherTeam  bool       // the reviewer was outside the model's team
	Verdict    Verdict
	Comment    string
	Digest     string
	Parts      registry.Parts // of a GenAI release, as they were then
	At         time.Time
}

// lapsed reports whether whoever gave the review decides nothing any more.
func (r Review) lapsed() bool {
	return len(r.Lost) > 0 && !slices.ContainsFunc(r.Roles, func(role org.Role) bool {
		return (role == org.Reviewer || role == org.RiskReviewer) && !slices.Contains(r.Lost, role)
	})
}

// Comment is one line of the conversation.
type Comment struct {
	ID       int64
	PersonID int64
	Person   string
	Text     string
	At       time.Time
}

// Dossier is a request with everything its decision needs, and, after a rule ran, what it changed.
// The store loads it, runs one rule and saves the outcome in the same transaction.
type Dossier struct {
	Request
	Facts    Facts
	Reviews  []Review
	Comments []Comment
	Policy   Policy

	// What a rule changed, for the store to save.
	NewReview  *Review
	NewComment *Comment
	Touched    []*registry.Version     // versions whose stage changed
	Ended      *registry.ServingRecord // the serving record that was closed
	Began      *registry.ServingRecord // the serving record that was opened

	agreed string // CurrentDigest, while a review runs

	audit.Trail
}

// Gate computes the request's gate as of now. A return or a rollback asks only what is iron: the
// version passed the rest before, and an incident does not wait.
func (d *Dossier) Gate(now time.Time) Gate {
	switch d.Move {
	case Forward:
		return GateTo(&d.Facts, d.To, d.Policy, now)
	case Rollback:
		full := GateTo(&d.Facts, d.To, d.Policy, now)
		full.Checks = slices.DeleteFunc(full.Checks, func(c Check) bool { return !c.Iron })
		return full
	}
	return Gate{To: d.To}
}

// CurrentDigest is the SHA-256 of what an approval agrees to: the version's facts, the model's
// promises, the evidence, the gate's outcomes, the plan, what is replaced, and the policy.
func (d *Dossier) CurrentDigest(now time.Time) string {
	if d.agreed != "" {
		return d.agreed
	}
	type ev struct {
		ID      int64  `json:"id"`
		Kind    string `json:"kind"`
		Outcome string `json:"outcome"`
		For     string `json:"for"`
	}
	type ck struct {
		Key     string `json:"key"`
		Outcome string `json:"outcome"`
		Waiver  int64  `json:"waiver"`
	}
	var evs []ev
	for _, e := range d.Facts.Evidence {
		if !e.Withdrawn {
			evs = append(evs, ev{e.ID, string(e.Kind), string(e.Outcome), e.VersionDigest})
		}
	}
	var checks []ck
	for _, c := range d.Gate(now).Checks {
		checks = append(checks, ck{c.Key, string(c.Outcome), c.WaiverID})
	}
	m, v := &d.Facts.Model, &d.Facts.Version
	what := map[string]any{
		"request": d.ID, "version": v.ID, "version_digest": v.Digest(), "from": d.From, "to": d.To, "stage": v.Stage,
		"reason": d.Reason, "summary": v.Summary, "rollback": v.RollbackTarget, "rollout": v.RolloutPlan, "monitoring": v.Monitoring,
		"model": map[string]any{"id": m.ID, "slug": m.Slug, "tier": m.Tier, "team": m.TeamID, "owner": m.OwnerID,
			"deputy": m.DeputyID, "purpose": m.Purpose, "sla": m.SLA, "consumers": m.Consumers, "no_consumers": m.NoConsumersReason,
			"deprecation": m.DeprecationOn},
		"evidence": evs, "checks": checks, "plan": d.planDigest(), "serving": d.servingID(), "policy": d.Policy.Version(),
	}
	digest, err := audit.Digest(what)
	if err != nil {
		panic("lifecycle: a dossier is plain values: " + err.Error())
	}
	return digest
}

func (d *Dossier) planDigest() string {
	if p := d.Facts.Plan.Plan; p != nil {
		return p.Digest()
	}
	return ""
}

func (d *Dossier) servingID() int64 {
	if s := d.Facts.Serving; s != nil {
		return s.Version.ID
	}
	return 0
}

// Subject names the request in the audit trail.
func (d *Dossier) Subject() audit.Subject {
	return audit.Subject{Kind: "request", ID: d.ID, Label: d.Facts.Model.Slug + "@" + d.Facts.Version.Label + " to " + string(d.To), Model: d.ModelID}
}
