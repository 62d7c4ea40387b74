package lifecycle

import (
	"fmt"
	"time"

	"sundial/models/evidence"
	"sundial/models/registry"
)

// Cadence says whether a GenAI version is to be evaluated again, and why.
type Cadence struct {
	Applies bool      // a release of a model that is on its way to production or there
	Due     bool      // now
	Why     string    // a sentence, also when nothing is due
	Last    time.Time // the last evaluation of exactly this release; zero for none
	Next    time.Time // when the last one gets too old; zero when it does not age
}

// Reevaluation is the cadence of a release: it is measured again when the prompt, the vendor's model or
// what is known of it changed after the last evaluation of exactly this release, or when that is older
// than the policy lets evaluations be. Experiments and registered versions have none to repeat yet.
func Reevaluation(f *Facts, p Policy, now time.Time) Cadence {
	if f.Version.Kind != registry.GenAI || f.Version.Stage.Rank() < registry.Validated.Rank() || f.Version.Stage == registry.Retired {
		return Cadence{}
	}
	c := Cadence{Applies: true}
	last, of := lastEvaluation(f)
	if last.ID == 0 && last.RecordedAt.IsZero() {
		return c.due("It has not been evaluated yet.")
	}
	if !of {
		return c.due(fmt.Sprintf("Its prompt, model, parameters, tools or suite changed after the evaluation of %s.", today(last.RecordedAt).Human()))
	}
	c.Last = last.RecordedAt
	c.Next = last.FreshUntil(p.FreshFor(evidence.Evaluation))
	switch changed := f.Vendor.ChangedAt; {
	case last.Outcome != evidence.Passed:
		return c.due("Its last evaluation did not pass.")
	case changed.After(last.RecordedAt):
		return c.due(fmt.Sprintf("What is known of the vendor's model changed on %s, after the evaluation of %s.", today(changed).Human(), today(last.RecordedAt).Human()))
	case !last.Fresh(now, p.FreshFor(evidence.Evaluation)):
		return c.due(fmt.Sprintf("Its evaluation is of %s, and too old by now.", today(last.RecordedAt).Human()))
	case c.Next.IsZero():
		c.Why = fmt.Sprintf("Evaluated on %s; nothing changed since.", today(last.RecordedAt).Human())
	default:
		c.Why = fmt.Sprintf("Evaluated on %s; nothing changed since. Again by %s, or when prompt or model change.", today(last.RecordedAt).Human(), today(c.Next).Human())
	}
	return c
}

func (c Cadence) due(why string) Cadence {
	c.Due, c.Why = true, why
	return c
}

// lastEvaluation is the newest evaluation of exactly this release, else the newest of what it was before.
func lastEvaluation(f *Facts) (e evidence.Evidence, ofThisRelease bool) {
	digest := f.Version.Digest()
	for _, x := range f.Evidence {
		if x.Withdrawn || x.Kind != evidence.Evaluation {
			continue
		}
		of := x.VersionDigest == digest
		switch {
		case of && !ofThisRelease, of == ofThisRelease && x.RecordedAt.After(e.RecordedAt):
			e, ofThisRelease = x, of
		}
	}
	return e, ofThisRelease
}

// OneMayClassify reports whether one person alone may say what an id does not tell, or which of two
// sources is right. A team of two models has nobody else to ask.
func (p Policy) OneMayClassify() bool { return p.Profile == "light" }
