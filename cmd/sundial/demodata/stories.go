package demodata

import (
	"time"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/registry"
)

// after plans what happens to a version once it stands where its spec says.
func (f *filler) after(sp spec, v versionSpec, daysAgo, minute int) {
	next := lifecycle.NextStage(v.reach)
	var do func(now time.Time) error
	switch v.story {
	case waiting:
		do = func(now time.Time) error { return f.leaveOpen(sp, v, next, now, "") }
	case halfApproved:
		do = func(now time.Time) error { return f.leaveOpen(sp, v, next, now, "greta") }
	case changesAsked:
		do = func(now time.Time) error { return f.askChanges(sp, v, next, now) }
	case rejected:
		do = func(now time.Time) error { return f.reject(sp, v, next, now) }
	case withdrawn:
		do = func(now time.Time) error { return f.withdraw(sp, v, next, now) }
	case glassBroken:
		daysAgo = 1
		do = func(now time.Time) error { return f.breakGlass(sp, v, now) }
	case closedStory:
		do = func(now time.Time) error { return f.closeVersion(sp, v, now) }
	case waiverAsked:
		do = func(now time.Time) error { return f.askWaiver(sp, v, now) }
	default:
		return
	}
	f.at(daysAgo, minute, string(v.story), do)
}

func (f *filler) leaveOpen(sp spec, v versionSpec, to registry.Stage, now time.Time, approver string) error {
	id, _, err := f.ask(sp, v.label, to, v.summary+" The shadow run was quiet for a week.", now)
	if err != nil || approver == "" {
		return err
	}
	_, err = f.review(approver, id, lifecycle.Approve, "Evaluation and fairness read; the gap between regions is within what we agreed.", now)
	return err
}

func (f *filler) askChanges(sp spec, v versionSpec, to registry.Stage, now time.Time) error {
	id, _, err := f.ask(sp, v.label, to, "Same model, shorter prompt, a third of the cost.", now)
	if err != nil {
		return err
	}
	if _, err = f.review("rowan", id, lifecycle.RequestChanges, "The evaluation covers two languages, the assistant serves four. Please run the whole suite.", now); err != nil {
		return err
	}
	_, err = f.s.ChangeDossier(f.as(sp.owner), id, f.policy, func(d *lifecycle.Dossier, _ time.Time) error {
		return d.Say(f.actor(sp.owner), "Running it tonight.", now)
	})
	return err
}

func (f *filler) reject(sp spec, v versionSpec, to registry.Stage, now time.Time) error {
	id, _, err := f.ask(sp, v.label, to, "We would like to go on with this.", now)
	if err != nil {
		return err
	}
	_, err = f.review("greta", id, lifecycle.Reject, "It learned from decisions that we know to be unfair. Collecting better labels comes first.", now)
	return err
}

func (f *filler) withdraw(sp spec, v versionSpec, to registry.Stage, now time.Time) error {
	id, _, err := f.ask(sp, v.label, to, "Offers are agreed with marketing.", now)
	if err != nil {
		return err
	}
	_, err = f.s.ChangeDossier(f.as(sp.owner), id, f.policy, func(d *lifecycle.Dossier, _ time.Time) error {
		return d.Withdraw(f.actor(sp.owner), "The retirement plan is not finished yet.", now)
	})
	return err
}

func (f *filler) breakGlass(sp spec, v versionSpec, now time.Time) error {
	_, err := f.s.OpenRequest(f.as("greta"), sp.slug, v.label, f.policy, func(d *lifecycle.Dossier, _ time.Time) error {
		return d.BreakGlass(f.actor("greta"), registry.Production, "Storm: v5 sends drivers over closed bridges. v6 knows them.", now)
	})
	return err
}

func (f *filler) closeVersion(sp spec, v versionSpec, now time.Time) error {
	_, err := f.s.ChangeVersion(f.as(sp.owner), sp.slug, v.label, 0, func(m *registry.Model, ver *registry.Version) error {
		return lifecycle.CloseVersion(f.actor(sp.owner), m, ver, "Not carried on: "+v.summary, now)
	})
	return err
}

func (f *filler) askWaiver(sp spec, v versionSpec, now time.Time) error {
	_, err := f.s.AskWaiver(f.as(sp.owner), sp.slug, v.label, f.policy, func(facts *lifecycle.Facts, _ time.Time) (*lifecycle.Waiver, error) {
		return lifecycle.AskWaiver(f.actor(sp.owner), facts, f.policy, "rollout_evidence",
			"Calls are summarised after the fact, so a canary has nobody to protect. A shadow run follows in December.", day.Of(f.present).Add(30), now)
	})
	return err
}
