package retirement

import (
	"fmt"
	"slices"
	"time"

	"sundial/models/day"
)

// BoardFilter narrows the board and its lists. Empty fields let everything through.
type BoardFilter struct {
	Kind  WorkflowKind // Ending when ""
	Team  string       // slug
	Phase Phase        // of lists; the board shows all that are under way
	Ended bool         // those that are over rather than those under way
	Late  bool         // retirements whose model was to be gone before today and still serves
}

// Listed reports whether the filter asks for a list rather than for the board.
func (f BoardFilter) Listed() bool { return f.Phase != "" || f.Ended || f.Late }

// BoardKinds lists what the board can show.
var BoardKinds = []Choice{
	{string(Ending), "Retirements"},
	{string(Superseding), "Versions giving way"},
	{string(Rehearsal), "Rehearsals"},
}

// BoardRow is a workflow as lists show it.
type BoardRow struct {
	Model, Slug     string
	Team, TeamSlug  string
	Owner           string
	Tier            int
	Workflow        *Workflow
	Since, Finished time.Time
}

// BoardColumn is a phase with its first rows and how many there are in all.
type BoardColumn struct {
	Phase Phase
	Rows  []BoardRow
	Count int64
}

// Late says that the model was to be gone before today and still serves.
func (w *Workflow) Late(today day.Day) bool {
	return w.Kind == Ending && w.Open() && w.EndsOn.Before(today) && slices.Contains(StillServing(), w.Phase)
}

// StillServing are the phases in which a model that is being retired still serves.
func StillServing() []Phase {
	var out []Phase
	for _, p := range Way(Ending, Full) {
		if !p.Over() && !p.Past(RollbackWindow) {
			out = append(out, p)
		}
	}
	return out
}

// Waits says in a few words what the phase waits for, from what the workflow itself holds; stamps and
// dates are on its own page. "" where only those decide.
func (w *Workflow) Waits() string {
	if w.Kind != Ending {
		return ""
	}
	if e, waits := w.PendingExtension(); waits {
		return fmt.Sprintf("%s asks for time until %s", e.By, e.To.Human())
	}
	if w.Emergency.Owes() {
		return "The emergency's review is owed"
	}
	switch w.Phase {
	case Triggered:
		return "The consumers are to be told"
	case Announced:
		return w.heardOf()
	case Cutover:
		return fmt.Sprintf("%d of %s done", len(w.Steps), count(len(w.Plan.Steps), "step"))
	case Disabled:
		return fmt.Sprintf("%d of %d released", w.wordsFor("access."), len(w.Plan.Access))
	case Disposition:
		return fmt.Sprintf("%d of %s settled", w.disposedOf(), count(len(w.Plan.Assets), "data asset"))
	case Sealed:
		return "Watched until " + day.Of(w.WatchFrom).Add(WatchDays).Human()
	}
	return ""
}

func (w *Workflow) heardOf() string {
	if w.AnnouncedAt.IsZero() {
		return "The consumers are to be told"
	}
	answered, objects := 0, 0
	for _, x := range w.Consumers {
		if x.Answer != "" && !x.Pending() || x.OverruledBy != "" {
			answered++
		}
		if x.Answer == Object && x.OverruledBy == "" {
			objects++
		}
	}
	s := fmt.Sprintf("%d of %s answered", answered, count(len(w.Consumers), "consumer"))
	if objects > 0 {
		s += fmt.Sprintf(", %d objecting", objects)
	}
	return s
}

func (w *Workflow) wordsFor(prefix string) int {
	n := 0
	for _, a := range w.Attested {
		if len(a.Key) > len(prefix) && a.Key[:len(prefix)] == prefix && a.Stands() {
			n++
		}
	}
	return n
}

func (w *Workflow) disposedOf() int {
	n := 0
	for _, d := range w.Disposals {
		if d.Keeper != "" || d.Certificate.Verified() {
			n++
		}
	}
	return n
}
