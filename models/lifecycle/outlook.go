package lifecycle

import (
	"time"

	"sundial/models/org"
	"sundial/models/registry"
)

// Outlook is what a move would take, before anybody asks for it.
type Outlook struct {
	Move  Move
	Needs Quorum
	Gate  Gate
}

// Outlook looks at a move to a stage as it stands now. An illegal one is an error with the reason.
func (d *Dossier) Outlook(to registry.Stage, now time.Time) (Outlook, error) {
	move, err := d.moveTo(to, now)
	if err != nil {
		return Outlook{}, err
	}
	ask := Dossier{Facts: d.Facts, Policy: d.Policy, Request: Request{From: d.Facts.Version.Stage, To: to, Move: move}}
	return Outlook{Move: move, Needs: ask.Needs(), Gate: ask.Gate(now)}, nil
}

// Eligible are those of the people who could still approve: free of conflicts and without a standing
// approval.
func (d *Dossier) Eligible(people []org.Person, now time.Time) []org.Person {
	approved := map[int64]bool{}
	for _, r := range d.Standing(now) {
		approved[r.ReviewerID] = r.Verdict == Approve
	}
	var out []org.Person
	for _, p := range people {
		if !approved[p.ID] && d.MayDecide(org.Actor{Person: p, Via: "session"}).Allowed {
			out = append(out, p)
		}
	}
	return out
}

// Barred says why a review that was given no longer counts, "" when it does.
func (d *Dossier) Barred(r Review, now time.Time) string {
	digest := d.Digest
	if d.State == Open {
		digest = d.CurrentDigest(now)
	}
	if r.Digest != digest {
		if parts := r.Parts.Changed(d.Facts.Version.Parts()); len(parts) > 0 {
			return registry.ChangedWords(parts) + " since."
		}
		return "Facts have changed since."
	}
	if may := d.conflictOfInterest(r.ReviewerID); d.State == Open && !may.Allowed {
		return "Has an interest in it by now."
	}
	if d.State == Open && r.lapsed() {
		return "Is no longer a reviewer."
	}
	for _, later := range d.Reviews {
		if later.ReviewerID == r.ReviewerID && later.At.After(r.At) {
			return "Reviewed again."
		}
	}
	return ""
}
