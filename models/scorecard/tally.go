package scorecard

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/vendors"
)

// Tally computes the numbers of scorecards from compact facts, many one after the other, and nothing for
// people: a hundred thousand models are scored anew in the time that it takes to read them. The numbers are
// those of Score. One Tally is used by one goroutine.
type Tally struct {
	now   time.Time
	ms    int64
	today day.Day
	text  []byte
}

// NewTally scores as of a moment, to the millisecond.
func NewTally(now time.Time) *Tally {
	now = now.UTC().Truncate(time.Millisecond)
	return &Tally{now: now, ms: now.UnixMilli(), today: day.Of(now)}
}

// Sums are the numbers of one scorecard.
type Sums struct {
	Score, Raw       float64
	Cap              int
	Tier             Tier
	Phase            Phase
	Earned, Attested float64
	Sections         []SectionSum
	Changes          time.Time

	kind  registry.Kind
	lines [mostCriteria]sum
	held  [sections]SectionSum
}

// sum is what one criterion earned; outcome is 0 for what is not asked of the kind.
type sum struct {
	earned  float64
	outcome byte
}

const (
	mostCriteria = 48
	sections     = 7
)

// Outcomes in a letter, as the lines of a day are kept.
const (
	passed      byte = 'p'
	failed      byte = 'f'
	skipped     byte = 's'
	notMeasured byte = 'n'
)

// Of scores compact facts into s, whatever s held before.
func (t *Tally) Of(compact string, s *Sums) error {
	if strings.IndexByte(compact, '!') >= 0 {
		return t.withWaivers(compact, s)
	}
	f, rest, err := parseHead(compact)
	if err != nil {
		return err
	}
	*s = Sums{Phase: f.Phase, kind: f.Kind}
	if f.Phase == Unregistered {
		s.Tier = Chaos
		return nil
	}
	var strength [mostCriteria]float64
	applicable, count, operates := 0, 0, f.Phase.Operates()
	for i := range Criteria {
		c := &Criteria[i]
		var part string
		part, rest, _ = strings.Cut(rest, "|")
		var r reading
		if part != "" {
			if r, err = parseNumbers(part); err != nil {
				return err
			}
			t.next(s, r.until)
		}
		points := c.Points(f.Kind)
		if points == 0 {
			continue
		}
		if count == 0 || s.held[count-1].Section != c.Section {
			s.held[count] = SectionSum{Section: c.Section}
			count++
		}
		if c.Serving && !operates {
			s.lines[i].outcome = skipped
			continue
		}
		stale := r.until != 0 && t.ms >= r.until
		if !stale {
			strength[i] = clean(r.strength.factor() * r.share)
		}
		earned := clean(float64(points) * strength[i])
		s.lines[i] = sum{earned, outcomeLetter(r.strength, strength[i], stale)}
		section := &s.held[count-1]
		section.Applicable += points
		section.Earned = clean(section.Earned + earned)
		applicable += points
		s.Earned += earned
		if r.strength == Attested {
			s.Attested += earned
		}
	}
	s.Sections = s.held[:count]
	s.Earned, s.Attested = clean(s.Earned), clean(s.Attested)
	if applicable > 0 {
		s.Raw = clean(100 * s.Earned / float64(applicable))
	}
	s.Cap = 100
	for i, has := range capped(&f, func(key string) bool { return strength[places[key]] > 0 }, t.today) {
		if has {
			s.Cap = min(s.Cap, capLimits[i])
		}
	}
	s.Score = min(s.Raw, float64(s.Cap))
	s.Tier = TierOf(s.Score)
	if f.VendorEnd.Known() {
		t.next(s, f.VendorEnd.Time().UnixMilli())
		t.next(s, f.VendorEnd.Add(-f.RunwayDays).Time().UnixMilli())
	}
	return nil
}

// withWaivers goes the long way: which lines waivers set aside is a choice over all of them, and few models
// have any.
func (t *Tally) withWaivers(compact string, s *Sums) error {
	f, err := ParseCompact(compact)
	if err != nil {
		return err
	}
	c := Score(f, t.now)
	*s = Sums{Score: c.Score, Raw: c.Raw, Cap: c.Cap(), Tier: c.Tier, Phase: c.Phase, Earned: c.Earned, Attested: c.Attested, Sections: c.Sections, Changes: c.Changes, kind: f.Kind}
	for _, l := range c.Lines {
		s.lines[places[l.Key]] = sum{l.Earned, l.Outcome[0]}
	}
	return nil
}

func (t *Tally) next(s *Sums, until int64) {
	if until > t.ms && (s.Changes.IsZero() || until < s.Changes.UnixMilli()) {
		s.Changes = time.UnixMilli(until).UTC()
	}
}

func outcomeLetter(s Strength, worth float64, stale bool) byte {
	switch {
	case stale:
		return failed
	case worth > 0:
		return passed
	case s == Unmeasured:
		return notMeasured
	}
	return failed
}

// SameLines reports whether every criterion stands as in another card of the model.
func (s *Sums) SameLines(o *Sums) bool { return s.kind == o.kind && s.lines == o.lines }

// Lines writes what every criterion earned: "owner 4/4 p;deputy 0/2 f". Titles and facts are not kept by
// day; which criterion moved is what a history tells.
func (t *Tally) Lines(s *Sums) string {
	b := t.text[:0]
	for i := range Criteria {
		l := s.lines[i]
		if l.outcome == 0 {
			continue
		}
		if len(b) > 0 {
			b = append(b, ';')
		}
		b = append(b, Criteria[i].Key...)
		b = append(b, ' ')
		b = strconv.AppendFloat(b, l.earned, 'f', -1, 64)
		b = append(b, '/')
		b = strconv.AppendInt(b, int64(Criteria[i].Points(s.kind)), 10)
		b = append(b, ' ', l.outcome)
	}
	t.text = b
	return string(b)
}

// parseHead reads the parts before the criteria.
func parseHead(text string) (f Facts, rest string, err error) {
	next := func() (part string) {
		part, text, _ = strings.Cut(text, "|")
		return part
	}
	var bad error
	number := func() int {
		n, err := strconv.Atoi(next())
		if err != nil {
			bad = err
		}
		return n
	}
	f.Kind = registry.Kind(next())
	f.Tier = registry.Tier(number())
	f.Phase = Phase(next())
	f.Named, f.CutoverStarted = next() == "true", next() == "true"
	f.VendorClass, f.VendorEnd = vendors.Class(next()), day.Day(next())
	f.RunwayDays = number()
	if f.VendorID, err = strconv.Unquote(next()); err != nil || bad != nil {
		return Facts{}, "", fmt.Errorf("scorecard: facts that cannot be read")
	}
	return f, text, nil
}

// reading is a Reading without words and waiver.
type reading struct {
	strength Strength
	share    float64
	until    int64 // milliseconds; 0: it does not age
}

func parseNumbers(part string) (reading, error) {
	i := strings.IndexByte(strengthLetters, part[0])
	if i < 0 {
		return reading{}, fmt.Errorf("scorecard: no strength is written %q", part[0])
	}
	r := reading{strength: strengths[i], share: 1}
	share, until, ages := strings.Cut(part[1:], "~")
	if share != "" {
		n, err := strconv.ParseInt(share, 36, 64)
		if err != nil {
			return reading{}, fmt.Errorf("scorecard: a share: %w", err)
		}
		r.share = float64(n) / 1e9
	}
	if ages {
		n, err := strconv.ParseInt(until, 36, 64)
		if err != nil {
			return reading{}, fmt.Errorf("scorecard: a moment: %w", err)
		}
		r.until = n
	}
	return r, nil
}
