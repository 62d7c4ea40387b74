package retirement

import (
	"time"

	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
)

// World is what a workflow's rules ask about the world, as it is at Now. A rule that ends the serving of
// a version changes Version and Serving here; the store saves both with the workflow.
type World struct {
	Now       time.Time
	Model     registry.Model
	Version   *registry.Version // that is to end; nil when nothing of the model ever served
	Serving   *registry.ServingRecord
	People    map[int64]org.Person
	Candidate CandidateFact
	VendorEnd day.Day // by the catalogue
	Depth     Depth
	Traffic   Traffic

	BreakGlass      []org.Role          // the roles that may order an emergency
	BreakGlassHours int                 // within which its review is due
	MinKeepDays     map[AssetKind]int   // after the last answer, by the organisation's policy
	Undeclared      []AppSeen           // callers of the last 30 days whom no consumer list names
	Others          []*registry.Version // the model's other live versions; sealing ends them
}

// Traffic is what stamps say of the old version and of what takes over.
type Traffic struct {
	Reported bool // any stamp of the old version was ever reported
	// Counts of the 24 hours before Now, by the hour in which the prediction was made.
	OldLastDay, NewLastDay int64
	NewMeasured            bool      // what takes over is a model of this portal, so its stamps are seen
	LastOld                time.Time // the last hour with a stamp of the old version
}

// Today is the calendar day of Now, in UTC.
func (c *World) Today() day.Day { return day.Of(c.Now) }

// Share is the part of the last day's predictions that the new one made, from 0 to 1; false when it cannot
// be said.
func (t Traffic) Share() (float64, bool) {
	all := t.OldLastDay + t.NewLastDay
	if !t.Reported || !t.NewMeasured || all == 0 {
		return 0, false
	}
	return float64(t.NewLastDay) / float64(all), true
}

// context is the plan's view of the same world.
func (c *World) context() Context {
	return Context{Model: c.Model, Candidate: c.Candidate, People: c.People, VendorEnd: c.VendorEnd, Depth: c.Depth}
}

// stop ends the serving of the version: it is in production no more.
func (c *World) stop() {
	if c.Version == nil || c.Version.Stage != registry.Production {
		return
	}
	v := c.Version
	v.Stage, v.StageSince, v.SupersededAt, v.RollbackUntil = registry.Staged, c.Now, c.Now, time.Time{}
	if c.Serving != nil && c.Serving.Until.IsZero() {
		c.Serving.Until = c.Now
	}
}

// AppSeen is an app whose stamps name the version.
type AppSeen struct {
	App string
	N   int64
}
