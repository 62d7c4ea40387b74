package retirement

import (
	"slices"
	"strings"
	"time"

	"sundial/models/fault"
	"sundial/models/org"
)

// Attestation is a person's word for a fact that no machine reports. It counts when a second person
// confirms it, and is marked as what it is wherever the fact is shown.
type Attestation struct {
	Key       string    `json:"key"` // of the condition
	Statement string    `json:"statement"`
	Artefact  string    `json:"artefact,omitempty"` // where it can be looked up
	ByID      int64     `json:"by_id"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
	SecondID  int64     `json:"second_id,omitempty"`
	Second    string    `json:"second,omitempty"`
	SecondAt  time.Time `json:"second_at,omitzero"`
}

// Stands reports whether a second person confirmed it.
func (x Attestation) Stands() bool { return x.SecondID != 0 }

// Attest gives a person's word that a condition of the present phase is met.
func (w *Workflow) Attest(a org.Actor, key, statement, artefact string, c *World) error {
	if err := w.mustWork(a, c); err != nil {
		return err
	}
	if err := w.mustBeIn(running...); err != nil {
		return err
	}
	cond, err := w.condition(key, c)
	if err != nil {
		return err
	}
	switch {
	case !cond.Attestable:
		return fault.New(fault.Conflict, "This is measured or recorded. It cannot be attested.")
	case cond.State == Met:
		return fault.New(fault.Conflict, "This is met already.")
	}
	statement, err = required("statement", statement, "Say what you saw, and when.")
	if err != nil {
		return err
	}
	artefact = strings.TrimSpace(artefact)
	var p fault.Problems
	checkText(&p, "artefact", artefact, 500)
	if p.Any() {
		return p.Err()
	}
	w.Attested = slices.DeleteFunc(w.Attested, func(x Attestation) bool { return x.Key == key })
	w.Attested = append(w.Attested, Attestation{Key: key, Statement: statement, Artefact: artefact, ByID: a.ID, By: a.Name, At: c.Now})
	w.note("retirement.attested", c, nil, map[string]any{"condition": cond.Title, "key": key, "statement": statement, "artefact": artefact})
	return nil
}

// ConfirmAttestation is the second person's word.
func (w *Workflow) ConfirmAttestation(a org.Actor, key string, c *World) error {
	if err := w.mustVouch(a, c); err != nil {
		return err
	}
	if err := w.mustBeIn(running...); err != nil {
		return err
	}
	cond, err := w.condition(key, c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(w.Attested, func(x Attestation) bool { return x.Key == key })
	switch {
	case i < 0:
		return fault.New(fault.Conflict, "Nobody has attested this yet.")
	case w.Attested[i].Stands():
		return fault.New(fault.Conflict, "Somebody has confirmed this already.")
	case w.Attested[i].ByID == a.ID:
		return fault.New(fault.Forbidden, "You attested this. Somebody else confirms it.")
	}
	x := &w.Attested[i]
	x.SecondID, x.Second, x.SecondAt = a.ID, a.Name, c.Now
	w.note("retirement.attestation_confirmed", c, nil, map[string]any{"condition": cond.Title, "key": key, "attested_by": x.By})
	return nil
}

// Attestation is the word given for a condition, if any.
func (w *Workflow) Attestation(key string) (Attestation, bool) {
	i := slices.IndexFunc(w.Attested, func(x Attestation) bool { return x.Key == key })
	if i < 0 {
		return Attestation{}, false
	}
	return w.Attested[i], true
}
