package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// MaxText bounds reasons, comments and decisions, in characters.
const MaxText = 8000

// rollbackDue is how long the one review of a rollback may take before it is late.
const rollbackDue = 24 * time.Hour

// NewDossier starts a request on the facts of a version. Nothing is decided yet: Propose is the rule.
func NewDossier(f Facts, p Policy) *Dossier {
	return &Dossier{Facts: f, Policy: p, Request: Request{ModelID: f.Model.ID, VersionID: f.Version.ID, From: f.Version.Stage}}
}

// MayPropose says whether this person may ask for this move now, and why not. Where a review follows, a
// red gate does not keep anybody from asking: reviewers may look while the last fact is being mended.
func (d *Dossier) MayPropose(a org.Actor, to registry.Stage, now time.Time) org.Decision {
	ask := Dossier{Facts: d.Facts, Policy: d.Policy}
	if err := ask.begin(a, to, "asked", now); err != nil {
		return org.Decision{Reason: err.Error()}
	}
	if ask.Needs().Count > 0 {
		return org.Decision{Allowed: true}
	}
	if red := ask.Gate(now).Red(); len(red) > 0 {
		return org.Decision{Reason: holdsBack(red)}
	}
	return org.Decision{Allowed: true}
}

// Needs is whose approvals the request waits for.
func (d *Dossier) Needs() Quorum {
	return d.Policy.Quorum(d.Move, d.From, d.To, d.Facts.Model.Tier)
}

// Propose opens the request. Where no review is asked, it is applied at once if the gate is green.
func (d *Dossier) Propose(a org.Actor, to registry.Stage, reason string, now time.Time) error {
	if err := d.begin(a, to, reason, now); err != nil {
		return err
	}
	reviewed := d.Needs().Count > 0
	if red := d.Gate(now).Red(); !reviewed && len(red) > 0 {
		return gateFault(red)
	}
	d.Note("request.opened", d.Subject(), nil, map[string]any{"from": d.From, "to": to, "move": d.Move, "reason": d.Reason})
	if !reviewed {
		d.apply(a, now, "promotion")
	}
	return nil
}

// begin holds what every door asks: the right, a legal pair of stages, a reason.
func (d *Dossier) begin(a org.Actor, to registry.Stage, reason string, now time.Time) error {
	if a.ID == 0 {
		return fault.New(fault.Forbidden, "A person asks for a move. Sign in first.")
	}
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
	if move == Rollback {
		d.DueAt = now.Add(rollbackDue)
	}
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
	if why := d.retiring(to); why != "" {
		return "", fault.New(fault.Conflict, why)
	}
	if to == registry.Production && MayReturn(v, now) {
		return Rollback, nil
	}
	return move, nil
}

// retiring says why nothing enters or leaves production any more: once traffic moves, what a model serves
// is its retirement's to decide. "" while that is not so.
func (d *Dossier) retiring(to registry.Stage) string {
	phase := retirement.Phase(d.Facts.Model.Retiring)
	if !phase.Past(retirement.DualRun) || to != registry.Production && d.Facts.Version.Stage != registry.Production {
		return ""
	}
	return "This model is being retired (" + strings.ToLower(phase.Title()) + "). What it serves is decided there."
}

// MayReturn reports whether a superseded version is still inside its rollback window.
func MayReturn(v *registry.Version, now time.Time) bool {
	return v.Stage == registry.Staged && !v.SupersededAt.IsZero() && now.Before(v.RollbackUntil)
}

// MayEditReason says whether this person may reword why, and why not.
func (d *Dossier) MayEditReason(a org.Actor) org.Decision {
	if err := d.mustBeOpen(); err != nil {
		return org.Decision{Reason: err.Error()}
	}
	return d.mayAsk(a)
}

func (d *Dossier) mayAsk(a org.Actor) org.Decision {
	if a.ID == 0 {
		return org.Decision{Reason: "Sign in first."}
	}
	return org.May(a, org.Request, d.Facts.Model.TeamID)
}

// EditReason changes why; approvals of the old reason are void by their digest.
func (d *Dossier) EditReason(a org.Actor, reason string, now time.Time) error {
	if err := d.mustBeOpen(); err != nil {
		return err
	}
	if may := d.mayAsk(a); !may.Allowed {
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
	if a.ID != d.RequesterID && !slices.Contains(d.Editors, a.ID) {
		d.Editors = append(d.Editors, a.ID)
	}
	return nil
}

// MayWithdraw says whether this person may take the request back: only who asked may. Others reject.
func (d *Dossier) MayWithdraw(a org.Actor) org.Decision {
	switch {
	case d.State != Open:
		return org.Decision{Reason: fmt.Sprintf("This request is already %s.", d.State)}
	case a.ID == 0 || a.ID != d.RequesterID:
		return org.Decision{Reason: "Only " + d.Requester + ", who asked, can withdraw this request."}
	}
	return org.Decision{Allowed: true}
}

// Withdraw takes the request back, also when the version's stage has changed under it.
func (d *Dossier) Withdraw(a org.Actor, reason string, now time.Time) error {
	if d.State != Open {
		return fault.Newf(fault.Conflict, "This request is already %s.", d.State)
	}
	if may := d.MayWithdraw(a); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	reason, err := text("reason", reason, false)
	if err != nil {
		return err
	}
	d.close(a, Withdrawn, reason, now)
	d.Note("request.withdrawn", d.Subject(), nil, map[string]string{"reason": reason})
	return nil
}

// MaySay says whether this person may take part in the conversation: everybody who is signed in may.
func (d *Dossier) MaySay(a org.Actor) org.Decision {
	if a.ID == 0 {
		return org.Decision{Reason: "Sign in first."}
	}
	return org.May(a, org.Comment, d.Facts.Model.TeamID)
}

// Say adds to the conversation, also after the decision.
func (d *Dossier) Say(a org.Actor, words string, now time.Time) error {
	if may := d.MaySay(a); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	words, err := text("message", words, true)
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
	case required && retirement.Placeholder(s):
		return "", fault.At(field, "Say it in a sentence that somebody can read in a year.")
	case utf8.RuneCountInString(s) > MaxText:
		return "", fault.At(field, "Use at most 8,000 characters.")
	case !utf8.ValidString(s), strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		return "", fault.At(field, "This contains characters that cannot be shown.")
	}
	return s, nil
}

func holdsBack(red []Check) string {
	if len(red) == 1 {
		return "The gate holds this back: 1 check does not pass."
	}
	return fmt.Sprintf("The gate holds this back: %d checks do not pass.", len(red))
}

func gateFault(red []Check) error {
	f := fault.New(fault.Invalid, holdsBack(red))
	for _, c := range red {
		f.Problems = append(f.Problems, fault.Problem{Field: "check." + c.Key, Sentence: c.Title + ": " + c.Fact})
	}
	return f
}
