package scorecard

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The quick numbers are those of the card that people read, for whatever facts and moment.
func TestATallyIsTheCard(t *testing.T) {
	t.Parallel()
	if len(Criteria) > mostCriteria || len(Sections) != sections {
		t.Fatal("there are more criteria or sections than a tally has room for")
	}
	r := rand.New(rand.NewPCG(6, 34))
	var s Sums
	for i := range 4000 {
		f := anyFacts(r)
		if r.IntN(2) == 0 {
			for key, x := range f.Readings {
				x.Waived = ""
				f.Readings[key] = x
			}
		}
		now := noon.Add(time.Duration(r.IntN(300)-150) * 24 * time.Hour)
		text := f.Compact()
		card, tally := Score(f, now), NewTally(now)
		if err := tally.Of(text, &s); err != nil {
			t.Fatal(err)
		}
		want := []any{card.Score, card.Raw, card.Cap(), card.Tier, card.Phase, card.Earned, card.Attested, card.Changes.UnixMilli(), linesOf(card)}
		got := []any{s.Score, s.Raw, s.Cap, s.Tier, s.Phase, s.Earned, s.Attested, s.Changes.UnixMilli(), tally.Lines(&s)}
		if !reflect.DeepEqual(want, got) || len(card.Sections)+len(s.Sections) > 0 && !reflect.DeepEqual(card.Sections, s.Sections) {
			t.Fatalf("%d: %s at %s\ncard  %v %v\ntally %v %v", i, text, now, want, card.Sections, got, s.Sections)
		}
		if read, err := ParseSections(CompactSections(s.Sections)); err != nil || len(read)+len(s.Sections) > 0 && !reflect.DeepEqual(read, s.Sections) {
			t.Fatalf("%d: %v is read back as %v, %v", i, s.Sections, read, err)
		}
	}
	for _, bad := range []string{"", "x", "trained|a|production|true|true|||0|\"\"", "trained|1|production|true|true|||0|\"\"|Z", "trained|1|production|true|true|||0|\"\"|O~?"} {
		if err := NewTally(noon).Of(bad, &s); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func linesOf(c Scorecard) string {
	var parts []string
	for _, l := range c.Lines {
		parts = append(parts, fmt.Sprintf("%s %s/%d %c", l.Key, strconv.FormatFloat(l.Earned, 'f', -1, 64), l.Points, l.Outcome[0]))
	}
	return strings.Join(parts, ";")
}

func BenchmarkTally(b *testing.B) {
	r := rand.New(rand.NewPCG(6, 35))
	var texts []string
	for range 1000 {
		f := anyFacts(r)
		for key, x := range f.Readings {
			x.Waived = ""
			f.Readings[key] = x
		}
		texts = append(texts, f.Compact())
	}
	tally := NewTally(noon)
	var s Sums
	for i := 0; b.Loop(); i++ {
		if err := tally.Of(texts[i%len(texts)], &s); err != nil {
			b.Fatal(err)
		}
	}
}
