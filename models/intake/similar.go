package intake

import (
	"cmp"
	"slices"
)

// Likeness is the suspicion that a vanished system is listed again under another name or team.
type Likeness struct {
	Vanished string  // identity of the known record
	Listed   string  // identity of the added record
	Name     string  // the added record's name
	Score    float64 // 0 to 1
	Why      string
}

const (
	likelyScore   = 0.5
	maxLikely     = 3   // suggestions per vanished system
	commonWord    = 200 // a word in more added names than this tells nothing
	maxCandidates = 50  // names compared in full per vanished system
)

// likelySame looks for every vanished system among the added ones of its department. Words lead to
// candidates, three-letter pieces of the names decide: they forgive spelling, plurals and order.
func likelySame(vanished []Known, added []Record) []Likeness {
	type entry struct {
		record Record
		pieces map[string]bool
	}
	byWord := map[string][]int{}
	entries := make([]entry, len(added))
	for i, r := range added {
		entries[i] = entry{r, trigrams(r.Name)}
		for _, w := range distinct(words(r.Name)) {
			byWord[fold(r.Department)+"\n"+w] = append(byWord[fold(r.Department)+"\n"+w], i)
		}
	}
	var all []Likeness
	for _, v := range vanished {
		shared := map[int]int{}
		for _, w := range distinct(words(v.Name())) {
			if at := byWord[fold(v.Department())+"\n"+w]; len(at) <= commonWord {
				for _, i := range at {
					shared[i]++
				}
			}
		}
		var found []Likeness
		pieces := trigrams(v.Name())
		for _, i := range mostShared(shared) {
			e := entries[i]
			if score := likeness(pieces, e.pieces); score >= likelyScore {
				found = append(found, Likeness{v.Identity, e.record.Identity, e.record.Name, score, whyAlike(v, e.record)})
			}
		}
		slices.SortStableFunc(found, func(a, b Likeness) int { return cmp.Compare(b.Score, a.Score) })
		all = append(all, found[:min(len(found), maxLikely)]...)
	}
	return all
}

func whyAlike(v Known, r Record) string {
	switch {
	case fold(v.Name()) == fold(r.Name):
		return "The same name is listed under another team."
	case fold(v.Team()) == fold(r.Team):
		return "A similar name is new in the same team."
	}
	return "A similar name is new in the same department."
}

// mostShared are the candidates with most words in common, in a stable order.
func mostShared(shared map[int]int) []int {
	at := make([]int, 0, len(shared))
	for i := range shared {
		at = append(at, i)
	}
	slices.SortFunc(at, func(a, b int) int { return cmp.Or(shared[b]-shared[a], a-b) })
	return at[:min(len(at), maxCandidates)]
}

func distinct(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// trigrams are the three-letter pieces of a name's words, each word framed by blanks.
func trigrams(name string) map[string]bool {
	pieces := map[string]bool{}
	for _, w := range words(name) {
		letters := []rune("  " + w + " ")
		for i := 0; i+3 <= len(letters); i++ {
			pieces[string(letters[i:i+3])] = true
		}
	}
	return pieces
}

// likeness is the share of pieces that two names have in common (Dice).
func likeness(a, b map[string]bool) float64 {
	both := 0
	for p := range a {
		if b[p] {
			both++
		}
	}
	if len(a)+len(b) == 0 {
		return 0
	}
	return 2 * float64(both) / float64(len(a)+len(b))
}
