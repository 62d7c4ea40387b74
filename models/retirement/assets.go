package retirement

import "fmt"

// assets asks what happens to each part of the data. A hold, or not knowing of one, is allowed in a plan:
// it blocks the deletion when the day comes, not the intention.
func (c *inspector) assets() {
	if len(c.Assets) == 0 {
		c.missing("assets[0].name", "Name at least one part of the data that the model leaves behind.")
	}
	for i, a := range c.Assets {
		at := fmt.Sprintf("assets[%d].", i)
		c.chosen(at+"kind", string(a.Kind), "Choose what kind of data it is.")
		c.need(at+"name", a.Name, "Name the data.")
		c.need(at+"location", a.Location, "Say where the data lies.")
		c.chosen(at+"hold", string(a.Hold), "Say whether a hold forbids its deletion.")
		c.disposition(at, a)
		if a.PersonalData || a.Decision == KeepUntil {
			c.need(at+"legal_basis", a.LegalBasis, "Give the legal basis.")
		} else {
			c.honest(at+"legal_basis", a.LegalBasis, "Give the legal basis.")
		}
	}
}

func (c *inspector) disposition(at string, a DataAsset) {
	c.chosen(at+"decision", string(a.Decision), "Decide what happens to it.")
	if a.Verifier != "" && fold(a.Verifier) == fold(a.Performer) {
		c.wrong(at+"verifier", "Somebody else than the performer verifies.")
	}
	switch a.Decision {
	case KeepUntil:
		c.keeping(at, a)
	case Delete, Anonymise:
		c.erasure(at, a)
		c.handiwork(at, a)
	case Transfer:
		c.handiwork(at, a)
	}
}

func (c *inspector) handiwork(at string, a DataAsset) {
	c.need(at+"method", a.Method, "Say how it is done.")
	c.need(at+"performer", a.Performer, "Name who does it.")
	c.need(at+"verifier", a.Verifier, "Name who verifies it.")
}

func (c *inspector) keeping(at string, a DataAsset) {
	switch {
	case !a.KeepUntil.Known():
		c.missing(at+"keep_until", "Say until when it is kept.")
	case a.KeepUntil.Before(c.today):
		c.wrong(at+"keep_until", "%s is past.", a.KeepUntil.Human())
	case a.KeepUntil.Before(c.RollbackEnds()):
		c.wrong(at+"keep_until", "The rollback window ends on %s: keep it at least until then.", c.RollbackEnds().Human())
	}
}

// erasure cannot be undone, so it waits until nobody can want to roll back any more.
func (c *inspector) erasure(at string, a DataAsset) {
	switch {
	case !a.DeleteOn.Known() && a.DeleteAfterDays == 0:
		c.missing(at+"delete_on", "Say on which day, or how many days after the deprecation date.")
	case a.DeleteOn.Known() && a.DeleteAfterDays > 0:
		c.wrong(at+"delete_after_days", "Give a day or a number of days, not both.")
	case a.DeleteOn.Before(c.today):
		c.wrong(at+"delete_on", "%s is past.", a.DeleteOn.Human())
	case a.DeleteOn.Known() && !c.Ends().Known() && c.ctx.Depth == Light:
		c.wrong(at+"delete_on", "The plan names no end date to compare this day with: give a number of days instead.")
	case a.DeleteOn.Before(c.RollbackEnds()):
		c.wrong(at+"delete_on", "The rollback window ends on %s; not before then.", c.RollbackEnds().Human())
	case a.DeleteAfterDays > 0 && a.DeleteAfterDays < c.Rollback.WindowDays:
		c.wrong(at+"delete_after_days", "The rollback window is %s; not before then.", days(c.Rollback.WindowDays))
	}
}
