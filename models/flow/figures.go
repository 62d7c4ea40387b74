package flow

import (
	"slices"
	"time"
)

// Figures are the three figures of a team, a department or the organisation in a quarter.
type Figures struct {
	Promoted   int                      `json:"promoted"`   // versions that came to production, and whose way is on record
	Unrecorded int                      `json:"unrecorded"` // that came to production without one
	Median     float64                  `json:"median"`     // days from registered to production; 0 when nothing was promoted
	Spent      [stretches]time.Duration `json:"spent"`      // by all of them, by stretch
	Incidents  map[Kind]int             `json:"incidents"`  // by kind
	Ghosts     int                      `json:"ghosts"`     // versions that cannot be built again
	Versions   int                      `json:"versions"`   // that were past the experiment
}

// Gathered are the records of a group and quarter that its figures are computed from.
type Gathered struct {
	Passages   []Passage
	Unrecorded int
	Incidents  map[Kind]int
	Ghosts     int
	Versions   int
}

// Add takes another group's records in. Medians cannot be added up, so a department is computed from records.
func (g *Gathered) Add(o *Gathered) {
	g.Passages = append(g.Passages, o.Passages...)
	g.Unrecorded += o.Unrecorded
	g.Ghosts += o.Ghosts
	g.Versions += o.Versions
	for k, n := range o.Incidents {
		g.Incident(k, n)
	}
}

// Incident counts n incidents of a kind.
func (g *Gathered) Incident(k Kind, n int) {
	if g.Incidents == nil {
		g.Incidents = map[Kind]int{}
	}
	g.Incidents[k] += n
}

// Figures computes the figures of what was gathered.
func (g *Gathered) Figures() Figures {
	f := Figures{Promoted: len(g.Passages), Unrecorded: g.Unrecorded, Incidents: map[Kind]int{}, Ghosts: g.Ghosts, Versions: g.Versions}
	took := make([]time.Duration, 0, len(g.Passages))
	for _, p := range g.Passages {
		took = append(took, p.Took())
		for s, d := range p.Spent {
			f.Spent[s] += d
		}
	}
	f.Median = median(took)
	for k, n := range g.Incidents {
		f.Incidents[k] = n
	}
	return f
}

// median is in days.
func median(list []time.Duration) float64 {
	n := len(list)
	if n == 0 {
		return 0
	}
	slices.Sort(list)
	days := func(d time.Duration) float64 { return d.Hours() / 24 }
	if n%2 == 1 {
		return days(list[n/2])
	}
	return (days(list[n/2-1]) + days(list[n/2])) / 2
}

// Waits is the stretch in which the most time went, and its share of all of it; known is false when nothing
// was promoted.
func (f Figures) Waits() (s Stretch, share float64, known bool) {
	var sum time.Duration
	for _, d := range f.Spent {
		sum += d
	}
	if sum == 0 {
		return 0, 0, false
	}
	s = longest(f.Spent)
	return s, float64(f.Spent[s]) / float64(sum), true
}

// AllIncidents is their number.
func (f Figures) AllIncidents() int {
	n := 0
	for _, x := range f.Incidents {
		n += x
	}
	return n
}
