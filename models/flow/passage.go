package flow

import (
	"cmp"
	"slices"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/registry"
)

// Stretch is a part of the way from registered to production.
type Stretch int

// The stretches, in the order in which a version passes them: what a stage asks is got ready, then a request
// waits for its decision.
const (
	PrepareValidated Stretch = iota
	ReviewValidated
	PrepareStaged
	ReviewStaged
	PrepareProduction
	ReviewProduction
	stretches
)

var stretchTitles = [stretches]string{
	"Preparing validation", "Review of validation", "Preparing staging", "Review of staging", "Preparing production", "Review of production",
}

// Stretches are all of them, in order.
func Stretches() []Stretch {
	out := make([]Stretch, 0, stretches)
	for s := range stretches {
		out = append(out, s)
	}
	return out
}

// Title is the stretch as people read it.
func (s Stretch) Title() string { return stretchTitles[s] }

// Waiting reports whether the stretch is one of waiting for reviewers.
func (s Stretch) Waiting() bool { return s%2 == 1 }

// Move is a transition request of a version, as far as time goes.
type Move struct {
	From, To  registry.Stage
	State     lifecycle.State
	OpenedAt  time.Time
	DecidedAt time.Time // zero while it is open
}

// Passage is a version's way from registered to its first day in production.
type Passage struct {
	Registered, Served time.Time
	Spent              [stretches]time.Duration
}

// Took is how long it took in all.
func (p Passage) Took() time.Duration { return p.Served.Sub(p.Registered) }

// Longest is the stretch that took most; of two alike, the earlier.
func (p Passage) Longest() Stretch { return longest(p.Spent) }

func longest(spent [stretches]time.Duration) Stretch {
	top := Stretch(0)
	for s := range stretches {
		if spent[s] > spent[top] {
			top = s
		}
	}
	return top
}

// PassageOf follows a version from the moment it was first registered to the moment it first served. Time
// that a request to leave a stage was open is waiting, whatever became of the request; the rest of the stage
// is getting ready. known is false for a version that no record shows being registered before it served, such
// as one that an inventory brought.
func PassageOf(moves []Move, served time.Time) (p Passage, known bool) {
	var steps []Move
	for _, m := range moves {
		if m.State == lifecycle.Applied && !m.DecidedAt.After(served) {
			steps = append(steps, m)
		}
	}
	slices.SortStableFunc(steps, func(a, b Move) int { return cmp.Compare(a.DecidedAt.UnixNano(), b.DecidedAt.UnixNano()) })
	first := slices.IndexFunc(steps, func(m Move) bool { return m.To == registry.Registered && m.From == registry.Experiment })
	if first < 0 || served.IsZero() {
		return Passage{}, false
	}
	p = Passage{Registered: steps[first].DecidedAt, Served: served}
	stage, since := registry.Registered, p.Registered
	for _, m := range steps[first+1:] {
		p.spend(stage, since, m.DecidedAt, moves)
		stage, since = m.To, m.DecidedAt
	}
	p.spend(stage, since, served, moves)
	return p, true
}

// spend divides the time in a stage into getting ready and waiting.
func (p *Passage) spend(stage registry.Stage, from, to time.Time, moves []Move) {
	prepare, ok := map[registry.Stage]Stretch{
		registry.Experiment: PrepareValidated, registry.Registered: PrepareValidated,
		registry.Validated: PrepareStaged, registry.Staged: PrepareProduction,
	}[stage]
	if !ok || !to.After(from) {
		return
	}
	open := waited(stage, from, to, moves)
	p.Spent[prepare+1] += open
	p.Spent[prepare] += to.Sub(from) - open
}

// waited is how much of a stretch of time a request to move on from the stage was open. Only one can be open
// at a time, but a withdrawn one and the next may share a moment.
func waited(stage registry.Stage, from, to time.Time, moves []Move) time.Duration {
	type span struct{ from, to time.Time }
	var spans []span
	for _, m := range moves {
		end := m.DecidedAt
		if end.IsZero() || end.After(to) {
			end = to
		}
		begin := m.OpenedAt
		if begin.Before(from) {
			begin = from
		}
		if m.From == stage && m.To.Rank() > stage.Rank() && end.After(begin) {
			spans = append(spans, span{begin, end})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	var sum time.Duration
	var until time.Time
	for _, s := range spans {
		if s.from.Before(until) {
			s.from = until
		}
		if s.to.After(s.from) {
			sum += s.to.Sub(s.from)
			until = s.to
		}
	}
	return sum
}
