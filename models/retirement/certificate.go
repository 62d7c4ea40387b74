package retirement

import "time"

// Issued is a certificate that was made: a file whose bytes never change.
type Issued struct {
	Number int       `json:"number"`
	SHA256 string    `json:"sha256"`
	At     time.Time `json:"at"`
}

// Position is where an event stands in the audit trail.
type Position struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// Certificate is what a retirement certificate says. It says nothing that the dossier or the audit trail
// does not hold, and where that is proved.
type Certificate struct {
	Number       int
	Organisation string // the portal's address, so that a reader of the paper finds it
	Model, Slug  string
	Team         string
	Tier         int
	Version      string
	ServedFrom   time.Time
	ServedUntil  time.Time
	Cause        Cause
	PlanNumber   int
	PlanDigest   string
	ApprovedBy   string
	Successor    string
	Consumers    []ConsumerAnswer
	Attested     []CertifiedWord // those that a second person confirmed
	Assets       []CertifiedAsset
	Emergency    *Emergency
	Extended     int
	History      []Passage
	SealedAt     time.Time
	RetiredAt    time.Time
	WatchFrom    time.Time
	Sightings    int // of the version after it was sealed
	DossierSHA   string
	Sealed       Position
}

// CertifiedAsset is a data asset with what became of it.
type CertifiedAsset struct {
	DataAsset
	Disposal
}

// CertifiedWord is an attestation with what it says is so.
type CertifiedWord struct {
	What string
	Attestation
}

// Certificate is the newest certificate's SHA-256, "" while none was issued for the workflow as it is.
func (w *Workflow) Certificate() string {
	if n := len(w.Issued); n > 0 && w.Phase == Retired && !w.Issued[n-1].At.Before(w.FinishedAt) {
		return w.Issued[n-1].SHA256
	}
	return ""
}

// Paper draws up what the certificate of a retired model says.
func (w *Workflow) Paper(c *World, sealed Position, servedFrom time.Time, team, approvedBy, organisation string) Certificate {
	out := Certificate{
		Number: len(w.Issued) + 1, Organisation: organisation, Model: c.Model.Name, Slug: c.Model.Slug, Team: team, Tier: int(w.Tier), Version: w.VersionLabel,
		ServedFrom: servedFrom, ServedUntil: w.DisabledAt, Cause: w.Cause, PlanNumber: w.PlanNumber, PlanDigest: w.PlanDigest, ApprovedBy: approvedBy,
		Successor: succession(w.Plan.Candidate), Consumers: w.Consumers, Attested: w.vouched(c), Emergency: w.Emergency, Extended: w.Extended(),
		History: w.History, SealedAt: w.SealedAt, RetiredAt: w.FinishedAt, WatchFrom: w.WatchFrom, Sightings: len(w.Zombies),
		DossierSHA: w.DossierSHA, Sealed: sealed,
	}
	for i, a := range w.Plan.Assets {
		d, _ := w.Disposal(i)
		out.Assets = append(out.Assets, CertifiedAsset{a, d})
	}
	return out
}

// succession says what takes over, in words that stand alone.
func succession(k Candidate) string {
	if k.None {
		return "Nothing. " + k.DecisionGoesTo
	}
	return k.Label()
}

// vouched are the facts that rest on two persons' word, in the order in which they were needed.
func (w *Workflow) vouched(c *World) []CertifiedWord {
	var out []CertifiedWord
	for _, p := range w.Way() {
		for _, x := range w.ConditionsOf(p, c) {
			if a, given := w.Attestation(x.Key); given && a.Stands() {
				out = append(out, CertifiedWord{x.Title, a})
			}
		}
	}
	return out
}

// Issue puts a certificate on record: its number and the SHA-256 of its bytes.
func (w *Workflow) Issue(sha string, c *World) {
	w.Issued = append(w.Issued, Issued{Number: len(w.Issued) + 1, SHA256: sha, At: c.Now})
	w.note("retirement.certificate_issued", c, nil, map[string]any{"number": len(w.Issued), "certificate_sha256": sha, "dossier_sha256": w.DossierSHA})
}

// SealedContent is what of a workflow the dossier holds.
type SealedContent struct {
	Number     int              `json:"number"`
	Version    string           `json:"version"`
	Tier       int              `json:"tier"`
	Cause      Cause            `json:"cause"`
	EndsOn     string           `json:"ends_on"`
	Consumers  []ConsumerAnswer `json:"consumers"`
	Steps      []StepDone       `json:"steps"`
	Attested   []Attestation    `json:"attestations"`
	Disposals  []Disposal       `json:"disposals"`
	Extensions []Extension      `json:"extensions"`
	Emergency  *Emergency       `json:"emergency,omitempty"`
	History    []Passage        `json:"history"`
	CutoverAt  time.Time        `json:"cutover_at"`
	MovedAt    time.Time        `json:"moved_at"`
	DisabledAt time.Time        `json:"disabled_at"`
}

// Content is the part of the workflow that is sealed.
func (w *Workflow) Content() SealedContent {
	return SealedContent{Number: w.Number, Version: w.VersionLabel, Tier: int(w.Tier), Cause: w.Cause, EndsOn: string(w.EndsOn), Consumers: w.Consumers,
		Steps: w.Steps, Attested: w.Attested, Disposals: w.Disposals, Extensions: w.Extensions, Emergency: w.Emergency, History: w.History,
		CutoverAt: w.CutoverAt, MovedAt: w.MovedAt, DisabledAt: w.DisabledAt}
}
