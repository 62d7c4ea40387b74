package scorecard

import (
	"slices"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/telemetry"
)

// Known is everything on record about a model that its score rests on. The store fills it.
type Known struct {
	Gate     lifecycle.Facts    // of the version that is scored: the one that serves, else the furthest live one
	Plan     retirement.Context // the world around the plan in force
	BuiltVia string             // who reported what the version is made of: session, or token:NAME and other machines
	Requests []Move             // of the model, newest first

	Traffic    telemetry.Traffic // the sum of the last TrafficDays
	LastStamp  time.Time         // the last hour reported, zero for none
	Apps       []string          // that called it within TrafficDays
	ZombieAt   time.Time         // when a retired version of it was last seen, zero for never
	Reports    []telemetry.Report
	RetrainDay int // every how many days the team says that it retrains; 0: not said

	RehearsedAt    time.Time // the last finished rehearsal of its retirement
	CutoverStarted bool      // a retirement is under way and has come to its cutover
}

// TrafficDays is over how many days stamps are added up.
const TrafficDays = 7

// Move is a transition request with what a score wants to know of it.
type Move struct {
	ID            int64
	VersionID     int64
	Requester     int64
	State         lifecycle.State
	To            registry.Stage
	OpenedAt      time.Time
	DueAt         time.Time
	DecidedAt     time.Time
	Approvers     []int64 // whoever approved what was decided
	Reviewed      bool    // the policy asked for a review then
	BreakGlass    bool
	DebtSettledAt time.Time
}

// Owes reports whether a break-glass still waits for its review.
func (m Move) Owes() bool { return m.BreakGlass && m.DebtSettledAt.IsZero() }

// byOthers reports whether somebody approved it who neither asked for it nor is one of these people.
func (m Move) byOthers(hands ...int64) bool {
	return slices.ContainsFunc(m.Approvers, func(id int64) bool { return id != m.Requester && !slices.Contains(hands, id) })
}

// zombieDays is how long a retired version counts as answering after it was last seen.
const zombieDays = 30

// PhaseOf says whether and how a model counts.
func PhaseOf(k *Known, now time.Time) Phase {
	m := k.Gate.Model
	switch {
	case m.Stage == registry.Production:
		return Serving
	case m.Stage == registry.Retired && !k.ZombieAt.IsZero() && now.Sub(k.ZombieAt) < zombieDays*24*time.Hour:
		return Zombie
	case m.Stage == registry.Retired:
		return Gone
	case m.Reported == "operating":
		return Unregistered
	}
	return Before
}

// approvedSince is the last applied move of the scored version that a second person approved after a
// moment: what was on record then has been read by somebody else.
func (k *Known) approvedSince(at time.Time, hands ...int64) (Move, bool) {
	for _, m := range k.Requests {
		if m.VersionID == k.Gate.Version.ID && m.State == lifecycle.Applied && !m.DecidedAt.Before(at) && m.byOthers(hands...) {
			return m, true
		}
	}
	return Move{}, false
}

// machine reports whether a record came from a machine and not from somebody's hands.
func machine(via string) bool { return via != "" && via != "session" && via != "import" }
