package lifecycle

import (
	"time"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// WaiverState says how far a waiver is.
type WaiverState string

// The states of a waiver; it ends by its date without another event.
const (
	WaiverAsked   WaiverState = "asked"
	WaiverGranted WaiverState = "granted"
	WaiverRefused WaiverState = "refused"
)

// Waiver sets one check of one version aside, with a reason, by somebody other than who asked, for
// 90 days at most.
type Waiver struct {
	ID        int64
	ModelID   int64
	VersionID int64
	Digest    string // of the version it was asked for: another build is another risk
	Key       string
	Reason    string
	Until     day.Day
	State     WaiverState
	AskedBy   int64
	Asker     string
	AskedAt   time.Time
	DecidedBy int64
	Decider   string
	DecidedAt time.Time
	Answer    string // the decider's words
	Revision  int64

	audit.Trail `json:"-"`
}

// InForce reports whether the waiver sets its check aside today, for the version as it was when asked.
func (w Waiver) InForce(version int64, digest string, today day.Day) bool {
	return w.State == WaiverGranted && w.VersionID == version && w.Digest == digest && today <= w.Until
}

// MayAskWaiver says whether this person may ask for a check of this version to be set aside.
func MayAskWaiver(a org.Actor, f *Facts) org.Decision {
	if a.ID == 0 {
		return org.Decision{Reason: "Sign in first."}
	}
	return org.May(a, org.Request, f.Model.TeamID)
}

// Waivable lists the checks between a version and production that fail and that a waiver may set aside.
func Waivable(f *Facts, p Policy, now time.Time) []Check {
	var out []Check
	for _, c := range GateTo(f, registry.Production, p, now).Red() {
		if !c.Iron {
			out = append(out, c)
		}
	}
	return out
}

// notWaivable says why there is nothing to waive, "" when there is.
func notWaivable(f *Facts, p Policy, key string, now time.Time) string {
	for _, c := range GateTo(f, registry.Production, p, now).Checks {
		switch {
		case c.Key != key:
		case c.Outcome == Waived:
			return "This check is waived already."
		case c.Green():
			return c.Title + " needs no waiver: it passes."
		case c.Iron:
			return c.Title + " cannot be waived."
		default:
			return ""
		}
	}
	return "Choose one of the checks that do not pass."
}

// AskWaiver asks for a check to be set aside.
func AskWaiver(a org.Actor, f *Facts, p Policy, key, reason string, until day.Day, now time.Time) (*Waiver, error) {
	if may := MayAskWaiver(a, f); !may.Allowed {
		return nil, fault.New(fault.Forbidden, may.Reason)
	}
	if f.Version.Stage == registry.Retired {
		return nil, fault.Newf(fault.Conflict, "%s is retired; it has no gate before it.", f.Version.Label)
	}
	var problems fault.Problems
	if why := notWaivable(f, p, key, now); why != "" {
		problems.Add("check", why)
	}
	reason, err := text("reason", reason, true)
	problems.Merge("", err)
	last := today(now).Add(p.WaiverDays)
	if !until.Known() || until < today(now) || until > last {
		problems.Addf("until", "Give an end date between today and %s.", last.Human())
	}
	for _, w := range f.Waivers {
		if w.Key == key && w.State == WaiverAsked && today(now) <= w.Until {
			problems.Add("check", "A waiver for this check is already asked for.")
			break
		}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	w := &Waiver{ModelID: f.Model.ID, VersionID: f.Version.ID, Digest: f.Version.Digest(), Key: key, Reason: reason, Until: until,
		State: WaiverAsked, AskedBy: a.ID, Asker: a.Name, AskedAt: now}
	w.note("waiver.asked", f, map[string]any{"check": key, "reason": reason, "until": until})
	return w, nil
}

// MayDecideWaiver says whether this person may grant or refuse it: a reviewer who neither asked nor
// owns the model nor made or changed the version.
func (w *Waiver) MayDecideWaiver(a org.Actor, f *Facts) org.Decision {
	if a.ID == w.AskedBy {
		return org.Decision{Reason: "You asked for this waiver; somebody else decides."}
	}
	d := Dossier{Facts: *f}
	return d.MayDecide(a)
}

// Decide grants or refuses a waiver.
func (w *Waiver) Decide(a org.Actor, f *Facts, grant bool, note string, now time.Time) error {
	if w.State != WaiverAsked {
		return fault.Newf(fault.Conflict, "This waiver is already %s.", w.State)
	}
	if may := w.MayDecideWaiver(a, f); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	if grant && today(now) > w.Until {
		return fault.Newf(fault.Conflict, "This waiver was asked for until %s, which is past. Refuse it; a new one can be asked for.", w.Until.Human())
	}
	note, err := text("note", note, !grant)
	if err != nil {
		return err
	}
	w.State, w.DecidedBy, w.Decider, w.DecidedAt, w.Answer = WaiverRefused, a.ID, a.Name, now, note
	if grant {
		w.State = WaiverGranted
	}
	w.note("waiver."+string(w.State), f, map[string]any{"check": w.Key, "until": w.Until, "note": note})
	return nil
}

func (w *Waiver) note(verb string, f *Facts, after map[string]any) {
	s := f.Version.Subject(f.Model.Slug)
	s.Kind, s.ID = "waiver", w.ID
	w.Note(verb, s, nil, after)
}
