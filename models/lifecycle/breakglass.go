package lifecycle

import (
	"time"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// MayBreakGlass says whether this person holds a role that the policy lets promote at once.
func (p Policy) MayBreakGlass(a org.Actor) org.Decision {
	if a.ID == 0 || a.Disabled || !a.Has(p.BreakGlass...) {
		return org.Decision{Reason: "Only the roles that the policy names may break glass."}
	}
	return org.Decision{Allowed: true}
}

// BreakGlass promotes or rolls back at once. What is iron still holds: an owner, an SLA and a living
// retirement plan are never skipped. The review follows within the hours that the policy gives.
func (d *Dossier) BreakGlass(a org.Actor, to registry.Stage, reason string, now time.Time) error {
	if may := d.Policy.MayBreakGlass(a); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	if to != registry.Production {
		return fault.New(fault.Invalid, "Breaking glass is for promoting to production or rolling back.")
	}
	if err := d.start(a, to, reason, now); err != nil {
		return err
	}
	if red := GateTo(&d.Facts, to, d.Policy, now).IronRed(); len(red) > 0 {
		return gateFault(red)
	}
	d.Request.BreakGlass = true
	d.DebtDueAt = now.Add(time.Duration(d.Policy.BreakGlassHours) * time.Hour)
	d.Note("request.break_glass", d.Subject(), nil, map[string]any{"to": to, "reason": reason, "debt_due": d.DebtDueAt})
	d.apply(a, now, "break-glass")
	return nil
}

// OwesReview reports whether a break-glass promotion still waits for its review.
func (r *Request) OwesReview() bool { return r.BreakGlass && r.DebtSettledAt.IsZero() }

// MaySettle says whether this person may give the review that a break-glass promotion owes.
func (d *Dossier) MaySettle(a org.Actor) org.Decision {
	if !d.OwesReview() {
		return org.Decision{Reason: "No review is owed."}
	}
	return d.MayDecide(a)
}

// Settle records the review owed, by somebody who could have reviewed the request. It keeps the
// verdict either way: a broken glass that was wrong is on record as wrong.
func (d *Dossier) Settle(a org.Actor, v Verdict, comment string, now time.Time) error {
	if !d.OwesReview() {
		return fault.New(fault.Conflict, "The review owed has been given already.")
	}
	if may := d.MayDecide(a); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	if v != Approve && v != Reject {
		return fault.At("verdict", "Choose whether breaking glass was right or wrong.")
	}
	comment, err := text("comment", comment, true)
	if err != nil {
		return err
	}
	d.record(a, v, d.Digest, comment, now)
	d.DebtSettledAt = now
	d.Note("request.debt_settled", d.Subject(), nil, map[string]any{"verdict": v, "comment": comment})
	return nil
}
