package retirement

import (
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// MayAdvance says whether this person may lead the workflow into its next phase now, and what holds it.
func (w *Workflow) MayAdvance(a org.Actor, c *World) org.Decision {
	if d := w.MayLead(a, c); !d.Allowed {
		return d
	}
	if _, more := w.next(); !more {
		return org.Decision{Reason: "Nothing follows."}
	}
	if w.Kind == Rehearsal {
		return org.Decision{Allowed: true}
	}
	if open := w.Blockers(c); len(open) > 0 {
		return org.Decision{Reason: holdsBack(open)}
	}
	return org.Decision{Allowed: true}
}

// Advance ends the present phase, whose conditions must all hold, and enters the next one. Entering
// Announced is Announce's, because there consumers are told.
func (w *Workflow) Advance(a org.Actor, phase Phase, c *World) error {
	if err := w.mustLead(a, c); err != nil {
		return err
	}
	if phase != w.Phase {
		return fault.Newf(fault.Conflict, "Somebody has led this on already: it is in the phase “%s”.", lower(w.Phase.Title()))
	}
	to, more := w.next()
	switch {
	case !more:
		return w.mustBeIn(running...)
	case w.Kind == Rehearsal:
		return fault.New(fault.Conflict, "A rehearsal goes on with a finding for each phase.")
	case w.Phase == Triggered:
		return w.Announce(a, c)
	}
	if open := w.Blockers(c); len(open) > 0 {
		return blocked(open)
	}
	w.pass(to, a, c)
	return nil
}

// pass does what entering a phase means.
func (w *Workflow) pass(to Phase, a org.Actor, c *World) {
	switch {
	case to == Cutover:
		w.CutoverAt = c.Now
	case w.Phase == Cutover && w.Kind == Ending:
		w.MovedAt = c.Now
	}
	switch {
	case to == Disabled, w.Depth == Light && to == Disposition && w.DisabledAt.IsZero():
		w.disable(to, a, "", c)
		return
	case to == Sealed, w.Depth == Light && to == Retired && w.Kind == Ending:
		w.seal(c)
	case to == Retired && w.Kind == Superseding && c.Version != nil:
		w.lapse(c)
	}
	w.enter(to, a, "", c)
}

// seal ends the model: nothing of it lives any more, and the watch begins. The store hashes the dossier
// in the same transaction and gives the hash to SealWith.
func (w *Workflow) seal(c *World) {
	w.SealedAt, w.WatchFrom = c.Now, c.Now
	for _, v := range append([]*registry.Version{c.Version}, c.Others...) {
		if v == nil || v.Stage == registry.Retired {
			continue
		}
		before := v.Stage
		v.Stage, v.StageSince, v.RollbackUntil = registry.Retired, c.Now, c.Now
		v.ClosedReason = "The model was retired."
		w.Note("version.retired", v.Subject(c.Model.Slug), map[string]any{"stage": before}, map[string]any{"stage": v.Stage})
	}
}

// SealWith puts the digest of the dossier on record.
func (w *Workflow) SealWith(sha string, c *World) {
	w.DossierSHA = sha
	w.note("retirement.sealed", c, nil, map[string]any{"dossier_sha256": sha})
}

// lapse retires a superseded version at the end of its window.
func (w *Workflow) lapse(c *World) {
	v := c.Version
	if v.Stage != registry.Staged || v.SupersededAt.IsZero() {
		return
	}
	w.Note("version.lapsed", v.Subject(c.Model.Slug), map[string]any{"stage": v.Stage}, map[string]any{"stage": registry.Retired})
	v.Stage, v.StageSince, v.ClosedReason = registry.Retired, c.Now, "Superseded, and its rollback window is over."
}

// Tick lets time do what needs nobody's decision: a superseding goes on by its facts, and a watch that
// stayed clean ends. It reports whether anything moved.
func (w *Workflow) Tick(c *World) bool {
	moved := false
	for w.Open() && (w.Kind == Superseding || w.Phase == Sealed) {
		to, more := w.next()
		if !more || len(w.Blockers(c)) > 0 {
			break
		}
		w.pass(to, org.System, c)
		moved = true
	}
	return moved
}

// See takes up stamps of a version that was sealed: an alarm that names the callers. The watch begins
// anew, and what was retired is watched again; the sealed dossier itself does not change.
func (w *Workflow) See(seen []Sighting, c *World) bool {
	if w.Kind != Ending || !w.Closed() || len(seen) == 0 {
		return false
	}
	apps := make([]string, 0, len(seen))
	for _, s := range seen {
		apps = append(apps, s.App)
	}
	const most = 100
	w.Zombies = append(w.Zombies, seen...)
	w.Zombies = w.Zombies[max(0, len(w.Zombies)-most):]
	w.WatchFrom = c.Now
	if w.Phase == Retired {
		w.History = append(w.History, Passage{From: Retired, To: Sealed, At: c.Now, By: org.System.Name, Note: "A retired version answered " + strings.Join(apps, ", ") + "."})
		w.Phase, w.PhaseSince = Sealed, c.Now
	}
	w.note("retirement.reopened", c, nil, map[string]any{"apps": apps, "watch_until": c.Today().Add(WatchDays)})
	return true
}

// Walk ends a phase of a rehearsal with what was found: works, or what has to be mended in the plan.
func (w *Workflow) Walk(a org.Actor, phase Phase, works bool, finding string, c *World) error {
	if err := w.mustWork(a, c); err != nil {
		return err
	}
	if w.Kind != Rehearsal {
		return fault.New(fault.Conflict, "Only a rehearsal is walked.")
	}
	if phase != w.Phase {
		return fault.Newf(fault.Conflict, "Somebody has walked on already: it is in the phase “%s”.", lower(w.Phase.Title()))
	}
	to, more := w.next()
	if !more {
		return w.mustBeIn(running...)
	}
	finding, err := required("finding", finding, "Say what you tried and what you found.")
	if err != nil {
		return err
	}
	w.enter(to, a, finding, c)
	went := "works"
	if !works {
		went = "mend"
	}
	w.History[len(w.History)-1].Went = went
	return nil
}

func holdsBack(open []Condition) string {
	s := "Not yet: " + lower(open[0].Title) + "."
	if n := len(open) - 1; n > 0 {
		s += " And " + count(n, "more condition") + "."
	}
	return s
}

func blocked(open []Condition) error {
	f := fault.New(fault.Conflict, holdsBack(open))
	for _, x := range open {
		f.Problems = append(f.Problems, fault.Problem{Field: x.Key, Sentence: x.Title + ": " + x.Fact})
	}
	return f
}

// NextTick is when time may next move something without anybody's doing; zero when it will not.
func (w *Workflow) NextTick(c *World) time.Time {
	morning := func(d day.Day) time.Time { return d.Time() }
	switch {
	case w.Kind == Superseding && w.Open():
		if c.Version != nil && c.Version.RollbackUntil.After(c.Now) {
			return c.Version.RollbackUntil
		}
		return c.Now.Add(time.Hour) // the window is over and stamps still hold it back
	case w.Kind == Ending && w.Phase == Sealed:
		return morning(day.Of(w.WatchFrom).Add(WatchDays))
	case w.Kind == Ending && w.Phase == Announced && !w.AnnouncedAt.IsZero():
		return morning(c.Today().Add(1))
	}
	return time.Time{}
}
