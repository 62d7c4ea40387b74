package retirement

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
)

// Disposal is what became of one data asset of the plan: a deletion certificate, or who keeps it until
// when. Asset is its place in the plan, from 0.
type Disposal struct {
	Asset int `json:"asset"`

	HoldAnswer string    `json:"hold_answer,omitempty"` // how it was found that no hold forbids the deletion
	HoldBy     string    `json:"hold_by,omitempty"`
	HoldAt     time.Time `json:"hold_at,omitzero"`

	Certificate *DeletionCertificate `json:"certificate,omitempty"`
	Keeper      string               `json:"keeper,omitempty"` // who owns what is kept
	KeptUntil   day.Day              `json:"kept_until,omitempty"`
	KeptBy      string               `json:"kept_by,omitempty"`
	KeptAt      time.Time            `json:"kept_at,omitzero"`
}

// DeletionCertificate says that data was deleted, anonymised or handed over, how, by whom, and who
// looked. It is complete when somebody else than who filed it has verified it.
type DeletionCertificate struct {
	Method       string  `json:"method"`
	Tool         string  `json:"tool"`
	Performer    string  `json:"performer"`
	PerformedOn  day.Day `json:"performed_on"`
	Probe        string  `json:"probe"` // how one looked for what should be gone
	Result       string  `json:"result"`
	DigestBefore string  `json:"digest_before"` // sha256 of what was there, or why there is none
	Exceptions   string  `json:"exceptions,omitempty"`
	LegalBasis   string  `json:"legal_basis,omitempty"`

	FiledByID  int64     `json:"filed_by_id"`
	FiledBy    string    `json:"filed_by"`
	FiledAt    time.Time `json:"filed_at"`
	VerifierID int64     `json:"verifier_id,omitempty"`
	Verifier   string    `json:"verifier,omitempty"`
	VerifiedAt time.Time `json:"verified_at,omitzero"`
	Finding    string    `json:"finding,omitempty"` // the verifier's
}

// Verified reports whether somebody else looked.
func (c *DeletionCertificate) Verified() bool { return c != nil && c.VerifierID != 0 }

// Disposal is what is on record for an asset.
func (w *Workflow) Disposal(asset int) (Disposal, bool) {
	i := slices.IndexFunc(w.Disposals, func(d Disposal) bool { return d.Asset == asset })
	if i < 0 {
		return Disposal{Asset: asset}, false
	}
	return w.Disposals[i], true
}

// ClearHold records that somebody asked whether a hold forbids the deletion, and that none does.
func (w *Workflow) ClearHold(a org.Actor, asset int, answer string, c *World) error {
	data, d, err := w.disposing(a, asset, c)
	if err != nil {
		return err
	}
	if data.Hold == HoldNone || d.HoldAnswer != "" {
		return fault.New(fault.Conflict, "No hold stands in the way of this asset.")
	}
	answer, err = required("hold_answer", answer, "Say who was asked and what they answered.")
	if err != nil {
		return err
	}
	d.HoldAnswer, d.HoldBy, d.HoldAt = answer, a.Name, c.Now
	w.note("retirement.hold_cleared", c, map[string]any{"hold": data.Hold}, map[string]any{"asset": data.Name, "answer": answer})
	return nil
}

// Certify files the deletion certificate of an asset. A certificate that was filed and not yet verified
// is replaced.
func (w *Workflow) Certify(a org.Actor, asset int, cert DeletionCertificate, c *World) error {
	data, d, err := w.disposing(a, asset, c)
	if err != nil {
		return err
	}
	switch {
	case data.Decision == KeepUntil:
		return fault.New(fault.Conflict, "The plan keeps this asset. Say who keeps it instead.")
	case d.Certificate.Verified():
		return fault.New(fault.Conflict, "The certificate of this asset is verified. It does not change any more.")
	case data.erased() && data.Hold != HoldNone && d.HoldAnswer == "":
		return fault.New(fault.Conflict, "A hold may forbid the deletion. Clear that first.")
	}
	if cert, err = cert.checked(data, w, c); err != nil {
		return err
	}
	cert.FiledByID, cert.FiledBy, cert.FiledAt = a.ID, a.Name, c.Now
	d.Certificate = &cert
	w.note("retirement.certified", c, nil, map[string]any{"asset": data.Name, "decision": data.Decision, "certificate": cert})
	return nil
}

// Verify is somebody else's word that what the certificate says was found to be so.
func (w *Workflow) Verify(a org.Actor, asset int, finding string, c *World) error {
	if err := w.mustVouch(a, c); err != nil {
		return err
	}
	data, d, err := w.assetOf(asset)
	if err != nil {
		return err
	}
	cert := d.Certificate
	switch {
	case cert == nil:
		return fault.New(fault.Conflict, "No certificate has been filed for this asset yet.")
	case cert.Verified():
		return fault.New(fault.Conflict, "Somebody has verified this already.")
	case cert.FiledByID == a.ID, fold(cert.Performer) == fold(a.Name):
		return fault.New(fault.Forbidden, "You deleted this or filed its certificate. Somebody else verifies it.")
	}
	finding, err = required("finding", finding, "Say how you looked and what you found.")
	if err != nil {
		return err
	}
	cert.VerifierID, cert.Verifier, cert.VerifiedAt, cert.Finding = a.ID, a.Name, c.Now, finding
	w.note("retirement.certificate_verified", c, nil, map[string]any{"asset": data.Name, "finding": finding})
	return nil
}

// Keep records who keeps an asset that the plan keeps.
func (w *Workflow) Keep(a org.Actor, asset int, keeper string, c *World) error {
	data, d, err := w.disposing(a, asset, c)
	if err != nil {
		return err
	}
	if data.Decision != KeepUntil {
		return fault.Newf(fault.Conflict, "The plan says to %s this asset.", lower(data.Decision.Title()))
	}
	if !data.KeepUntil.After(c.Today()) {
		return fault.Newf(fault.Conflict, "It was to be kept until %s, which is past. File a deletion in the plan's next version.", data.KeepUntil.Human())
	}
	keeper, err = required("keeper", keeper, "Name who owns what is kept.")
	if err != nil {
		return err
	}
	d.Keeper, d.KeptUntil, d.KeptBy, d.KeptAt = keeper, data.KeepUntil, a.Name, c.Now
	w.note("retirement.certified", c, nil, map[string]any{"asset": data.Name, "decision": data.Decision, "keeper": keeper, "until": data.KeepUntil})
	return nil
}

// WindowEnds is the day the rollback window closes: the plan's days after the traffic had moved. "" before.
// An emergency has no window of its own, and what was deleted in haste cannot be wanted back: there it is
// counted from the moment of the emergency.
func (w *Workflow) WindowEnds() day.Day {
	from := w.MovedAt
	if from.IsZero() && w.Emergency != nil {
		from = w.Emergency.At
	}
	if from.IsZero() {
		return ""
	}
	return day.Of(from).Add(w.Plan.Rollback.WindowDays)
}

// EarliestDeletion is the first day on which an asset may be deleted, and why not before.
func (w *Workflow) EarliestDeletion(data DataAsset, c *World) (day.Day, string) {
	earliest, why := w.WindowEnds(), "the rollback window ends then"
	if keep := c.MinKeepDays[data.Kind]; keep > 0 && !w.DisabledAt.IsZero() {
		if least := day.Of(w.DisabledAt).Add(keep); least.After(earliest) {
			earliest, why = least, fmt.Sprintf("the policy keeps %s for %s after the last answer", lower(data.Kind.Title()), days(keep))
		}
	}
	return earliest, why
}

func (x DataAsset) erased() bool { return x.Decision == Delete || x.Decision == Anonymise }

func (c DeletionCertificate) checked(data DataAsset, w *Workflow, world *World) (DeletionCertificate, error) {
	var p fault.Problems
	say := func(field string, s *string, most int, sentence string) {
		*s = strings.TrimSpace(*s)
		checkText(&p, field, *s, most)
		if sentence != "" && empty(*s) {
			p.Add(field, sentence)
		}
	}
	say("method", &c.Method, 1000, "Say how it was done.")
	say("tool", &c.Tool, 200, "Name the tool or the job.")
	say("performer", &c.Performer, 200, "Name who did it.")
	say("probe", &c.Probe, 1000, "Say how one looked for what should be gone.")
	if say("result", &c.Result, 1000, ""); c.Result == "" { // "empty" and "nothing" are answers here
		p.Add("result", "Say what the probe found.")
	}
	say("digest_before", &c.DigestBefore, 200, "Give the digest of what was there, or say why there is none.")
	say("exceptions", &c.Exceptions, 1000, "")
	say("legal_basis", &c.LegalBasis, 1000, "")
	if data.PersonalData && empty(c.LegalBasis) {
		p.Add("legal_basis", "This is personal data: give the legal basis.")
	}
	on, err := day.Parse(string(c.PerformedOn))
	earliest, why := w.EarliestDeletion(data, world)
	switch {
	case err != nil:
		p.Add("performed_on", "Write the date as year-month-day, like 2027-03-31.")
	case !on.Known():
		p.Add("performed_on", "Say on which day it was done.")
	case on.After(world.Today()):
		p.Addf("performed_on", "%s is still to come. Certify it when it is done.", on.Human())
	case data.erased() && on.Before(earliest):
		p.Addf("performed_on", "Not before %s: %s.", earliest.Human(), why)
	}
	c.PerformedOn = on
	return c, p.Err()
}

func (w *Workflow) disposing(a org.Actor, asset int, c *World) (DataAsset, *Disposal, error) {
	if err := w.mustWork(a, c); err != nil {
		return DataAsset{}, nil, err
	}
	return w.assetOf(asset)
}

func (w *Workflow) assetOf(asset int) (DataAsset, *Disposal, error) {
	if err := w.mustBeIn(Disposition); err != nil {
		return DataAsset{}, nil, err
	}
	if asset < 0 || asset >= len(w.Plan.Assets) {
		return DataAsset{}, nil, fault.New(fault.NotFound, "The plan has no such data asset.")
	}
	if _, known := w.Disposal(asset); !known {
		w.Disposals = append(w.Disposals, Disposal{Asset: asset})
	}
	i := slices.IndexFunc(w.Disposals, func(d Disposal) bool { return d.Asset == asset })
	return w.Plan.Assets[asset], &w.Disposals[i], nil
}

// lower writes a title inside a sentence.
func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
