package lifecycle

import (
	"strings"
	"time"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// MaxText bounds reasons, comments and decisions, in bytes.
const MaxText = 8 << 10

// NewDossier starts a request on the facts of a version. Nothing is decided yet: Propose is the rule.
func NewDossier(f Facts, p Policy) *Dossier {
	return &Dossier{Facts: f, Policy: p, Request: Request{ModelID: f.Model.ID, VersionID: f.Version.ID, From: f.Version.Stage}}
}

// Propose opens the request. Where no review is asked, it is applied at once if the gate is green.
func (d *Dossier) Propose(a org.Actor, to registry.Stage, reason string, now time.Time) error {
	if err := d.begin(a, to, reason, now); err != nil {
		return err
	}
	if d.Policy.Quorum(d.Move, d.From, d.To, d.Facts.Model.Tier).Count > 0 {
		d.Note("request.opened", d.Subject(), nil, map[string]any{"to": to, "reason": reason})
		return nil
	}
	if red := d.Gate(now).Red(); len(red) > 0 {
		return gateFault(red)
	}
	d.Note("request.opened", d.Subject(), nil, map[string]any{"to": to, "reason": reason})
	d.apply(a, now, "promotion")
	return nil
}

// begin holds what every door asks: the right, a legal pair of stages, a reason.
func (d *Dossier) begin(a org.Actor, to registry.Stage, reason string, now time.Time) error {
	if may := org.May(a, org.Request, d.Facts.Model.TeamID); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	return d.start(a, to, reason, now)
}

func (d *Dossier) start(a org.Actor, to registry.Stage, reason string, now time.Time) error {
	move, err := d.moveTo(to, now)
	if err != nil {
		return err
	}
	if reason, err = text("reason", reason, true); err != nil {
		return err
	}
	d.From, d.To, d.Move, d.Reason = d.Facts.Version.Stage, to, move, reason
	d.State, d.RequesterID, d.Requester, d.OpenedAt = Open, a.ID, a.Name, now
	d.DueAt = now.AddDate(0, 0, d.Policy.ReviewDays)
	d.PolicyVersion = d.Policy.Version()
	return nil
}

// moveTo finds the move in the table. A superseded version inside its window rolls back rather than forward.
func (d *Dossier) moveTo(to registry.Stage, now time.Time) (Move, error) {
	v := &d.Facts.Version
	move, ok := Between(v.Stage, to)
	if !ok || move == Close {
		return "", illegal(v, to)
	}
	if to == registry.Production && MayReturn(v, now) {
		return Rollback, nil
	}
	return move, nil
}

// MayReturn reports whether a superseded version is still inside its rollback window.
func MayReturn(v *registry.Version, now time.Time) bool {
	return v.Stage == registry.Staged && !v.SupersededAt.IsZero() && now.Before(v.RollbackUntil)
}

// EditReason changes why; approvals of the old reason are void by their digest.
func (d *Dossier) EditReason(a org.Actor, reason string, now time.Time) error {
	if err := d.mustBeOpen(); err != nil {
		return err
	}
	if may := org.May(a, org.Request, d.Facts.Model.TeamID); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	reason, err := text("reason", reason, true)
	if err != nil {
		return err
	}
	if reason == d.Reason {
		return fault.At("reason", "This is the reason as it stands.")
	}
	d.Note("request.edited", d.Subject(), map[string]string{"reason": d.Reason}, map[string]string{"reason": reason})
	d.Reason = reason
	if a.ID != d.RequesterID {
		d.Editors = append(d.Editors, a.ID)
	}
	return nil
}

// Withdraw takes the request back; only who asked may, or an administrator.
func (d *Dossier) Withdraw(a org.Actor, reason string, now time.Time) error {
	if err := d.mustBeOpen(); err != nil {
		return err
	}
	if a.ID != d.RequesterID && !a.Has(org.Admin) {
		return fault.New(fault.Forbidden, "Only "+d.Requester+", who asked, can withdraw this request.")
	}
	reason, err := text("reason", reason, false)
	if err != nil {
		return err
	}
	d.close(a, Withdrawn, reason, now)
	d.Note("request.withdrawn", d.Subject(), nil, map[string]string{"reason": reason})
	return nil
}

// Say adds to the conversation, also after the decision.
func (d *Dossier) Say(a org.Actor, words string, now time.Time) error {
	if may := org.May(a, org.Comment, d.Facts.Model.TeamID); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	words, err := text("comment", words, true)
	if err != nil {
		return err
	}
	d.NewComment = &Comment{PersonID: a.ID, Person: a.Name, Text: words, At: now}
	d.Comments = append(d.Comments, *d.NewComment)
	d.Note("request.commented", d.Subject(), nil, nil)
	return nil
}

func (d *Dossier) mustBeOpen() error {
	if d.State != Open {
		return fault.Newf(fault.Conflict, "This request is already %s.", d.State)
	}
	if d.Facts.Version.Stage != d.From {
		return fault.Newf(fault.Conflict, "%s is no longer %s; this request is out of date.", d.Facts.Version.Label, d.From)
	}
	return nil
}

func (d *Dossier) close(a org.Actor, s State, why string, now time.Time) {
	d.Digest = d.CurrentDigest(now)
	d.Decided = d.Gate(now).Checks
	d.State, d.Decision, d.DecidedAt, d.DecidedBy = s, why, now, a.ID
	d.PolicyVersion = d.Policy.Version()
}

// text cleans and bounds what a person wrote.
func text(field, s string, required bool) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch {
	case s == "" && required:
		return "", fault.At(field, "Write at least a sentence.")
	case len(s) > MaxText:
		return "", fault.At(field, "This is longer than 8,000 characters.")
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }):
		return "", fault.At(field, "This contains characters that cannot be shown.")
	}
	return s, nil
}

func gateFault(red []Check) error {
	f := fault.Newf(fault.Invalid, "The gate holds this back: %s.", count(len(red), "check"))
	for _, c := range red {
		f.Problems = append(f.Problems, fault.Problem{Field: "check." + c.Key, Sentence: c.Title + ": " + c.Fact})
	}
	return f
}
