package registry

import (
	"errors"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
)

// Patch changes some of a model's own facts and leaves those that are nil as they are. A service level and
// a list of consumers are replaced whole.
type Patch struct {
	Name, Slug, Purpose       *string
	Kind                      *Kind
	Tier                      *Tier
	TeamID, OwnerID, DeputyID *int64
	SLA                       *SLA
	DeprecationOn             *day.Day
	RetrainingDays            *int
	Consumers                 *[]Consumer
	NoConsumersReason         *string
}

// Edit changes whatever a patch names, by the rules of the forms that each of it is on, and tells all that
// is wrong at once.
func (m *Model) Edit(actor org.Actor, p Patch, dir Directory, hasVersions bool, now time.Time) error {
	var wrong fault.Problems
	changed, named := false, false
	for _, part := range m.parts(actor, p, dir, hasVersions, now) {
		named = true
		switch err := part(); {
		case err == nil:
			changed = true
		case fault.Is(err, fault.Invalid):
			wrong.Merge("", err)
		case !Unchanged(err):
			return err
		}
	}
	switch {
	case wrong.Any():
		return wrong.Err()
	case !named:
		return fault.New(fault.Invalid, "Name at least one field to change.")
	case !changed:
		return errUnchanged
	}
	return nil
}

// parts are the edits that a patch amounts to.
func (m *Model) parts(actor org.Actor, p Patch, dir Directory, hasVersions bool, now time.Time) []func() error {
	var out []func() error
	if p.Name != nil || p.Slug != nil || p.Purpose != nil || p.Kind != nil || p.Tier != nil {
		b := Basics{Name: or(p.Name, m.Name), Slug: or(p.Slug, m.Slug), Kind: or(p.Kind, m.Kind), Purpose: or(p.Purpose, m.Purpose), Tier: or(p.Tier, m.Tier)}
		out = append(out, func() error { return m.EditBasics(actor, b, hasVersions, now) })
	}
	if p.SLA != nil || p.DeprecationOn != nil || p.RetrainingDays != nil {
		x := Promises{SLA: or(p.SLA, m.SLA), DeprecationOn: or(p.DeprecationOn, m.DeprecationOn), RetrainingDays: or(p.RetrainingDays, m.RetrainingDays)}
		out = append(out, func() error { return m.EditPromises(actor, x, now) })
	}
	if p.Consumers != nil || p.NoConsumersReason != nil {
		list, reason := p.consumers(m)
		out = append(out, func() error { return m.EditConsumers(actor, list, reason, now) })
	}
	// The team goes last: whoever gives the model away may change the rest of it until then.
	if p.TeamID != nil || p.OwnerID != nil || p.DeputyID != nil {
		x := People{TeamID: or(p.TeamID, m.TeamID), OwnerID: or(p.OwnerID, m.OwnerID), DeputyID: or(p.DeputyID, m.DeputyID)}
		out = append(out, func() error { return m.EditPeople(actor, x, dir, now) })
	}
	return out
}

// consumers and the reason for none exclude each other, so naming the one takes the other back.
func (p Patch) consumers(m *Model) (list []Consumer, reason string) {
	list, reason = or(p.Consumers, m.Consumers), or(p.NoConsumersReason, m.NoConsumersReason)
	switch {
	case p.NoConsumersReason == nil && len(list) > 0:
		reason = ""
	case p.Consumers == nil && reason != "":
		list = nil
	}
	return list, reason
}

func or[T any](given *T, kept T) T {
	if given != nil {
		return *given
	}
	return kept
}

var errUnchanged = fault.New(fault.Conflict, "Nothing has changed.")

// Unchanged reports whether an edit was refused only because everything is so already.
func Unchanged(err error) bool { return errors.Is(err, errUnchanged) }
