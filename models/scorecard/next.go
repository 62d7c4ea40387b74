package scorecard

import (
	"cmp"
	"slices"
	"time"
)

// How many actions per model NextActions combines, and out of how many it chooses: a cap that two
// shortcomings hold down only lifts when both are mended, so actions are weighed together.
const (
	mostNext   = 3
	candidates = 4 // by points, besides those that lift a cap
)

// NextActions are the few actions that together raise a team most, found by re-scoring: for each model the
// best one, two and three, and of those the best that fit into n for the whole team. They come in an order
// in which each says what it adds to those before it.
func NextActions(models []TeamModel, n int, now time.Time) []TeamAction {
	n = min(n, mostNext)
	sums := newTotals(models, now)
	best := make([]bundle, n+1) // best[k]: the most that k actions bring
	for i := range models {
		own := bundles(models[i], i, n, sums, now)
		for k := n; k > 0; k-- {
			for take := 1; take <= k; take++ {
				if joined := best[k-take].join(own[take]); joined.gain > best[k].gain {
					best[k] = joined
				}
			}
		}
	}
	return ordered(models, best[n].picks, now)
}

// pick is one action on one model of the list.
type pick struct {
	model int
	key   string
}

type bundle struct {
	gain  float64
	picks []pick
}

func (b bundle) join(o bundle) bundle {
	if len(o.picks) == 0 {
		return bundle{gain: -1}
	}
	return bundle{b.gain + o.gain, slices.Concat(b.picks, o.picks)}
}

// totals are what a team adds up to, so that one model's change is seen without adding up all the others.
type totals struct{ whole Share }

func newTotals(models []TeamModel, now time.Time) totals {
	return totals{WhatIf(models, nil, now).Total}
}

// gain is by how much the team's mean rises when one model's part in it changes. What takes a model out of
// a team of one leaves no score to compare; it counts as everything.
func (t totals) gain(before, after Share) float64 {
	was, _ := t.whole.Mean()
	is, known := Share{t.whole.Sum - before.Sum + after.Sum, t.whole.Weight - before.Weight + after.Weight}.Mean()
	if !known {
		return 100 - was
	}
	return is - was
}

// bundles are the best sets of one, two, ... actions on a model.
func bundles(m TeamModel, place, n int, t totals, now time.Time) []bundle {
	out := make([]bundle, n+1)
	if !m.Facts.Phase.Counts() {
		return out
	}
	base := Score(m.Facts, now)
	before := RollUp([]Member{MemberOf(m.Slug, base)}).Total
	for _, set := range subsets(worthTrying(m.Facts, base, now), n) {
		after := RollUp([]Member{MemberOf(m.Slug, Score(Mended(m.Facts, set...), now))}).Total
		gain := t.gain(before, after)
		if k := len(set); gain > out[k].gain {
			out[k] = bundle{gain: gain}
			for _, key := range set {
				out[k].picks = append(out[k].picks, pick{place, key})
			}
		}
	}
	return out
}

// worthTrying are the keys that lift a cap, and those with the most points to gain.
func worthTrying(f Facts, base Scorecard, now time.Time) []string {
	var keys []string
	add := func(key string) {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	switch f.Phase {
	case Unregistered:
		return []string{ActRegister}
	case Zombie:
		return []string{ActStop}
	}
	for _, c := range base.Caps {
		if len(keys) < mostNext && float64(c.Limit) < base.Raw {
			add(c.Action)
		}
	}
	lines := slices.Clone(base.Lines)
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(b.Gap(), a.Gap()) })
	for _, l := range lines[:min(len(lines), candidates)] {
		if l.Gap() > 0 {
			add(l.Key)
		}
	}
	return keys
}

// subsets are all sets of one to n of the keys.
func subsets(keys []string, n int) [][]string {
	out := [][]string{{}}
	for _, key := range keys {
		for _, set := range out {
			if len(set) < n {
				out = append(out, append(slices.Clone(set), key))
			}
		}
	}
	return out[1:]
}

// ordered puts what was chosen into an order in which every step adds most, and re-scores the whole team
// after each.
func ordered(models []TeamModel, picks []pick, now time.Time) []TeamAction {
	done := map[string][]string{}
	was, _ := WhatIf(models, nil, now).Score()
	var out []TeamAction
	for len(picks) > 0 {
		top, then := -1, 0.0
		for i, p := range picks {
			slug := models[p.model].Slug
			trial := map[string][]string{}
			for k, v := range done {
				trial[k] = v
			}
			trial[slug] = append(slices.Clone(done[slug]), p.key)
			s, known := WhatIf(models, trial, now).Score()
			if !known {
				s = 100
			}
			if top < 0 || s > then {
				top, then = i, s
			}
		}
		m, key := models[picks[top].model], picks[top].key
		mend := "plan"
		if c, ok := CriterionOf(key); ok {
			mend = c.Mend
		}
		done[m.Slug] = append(done[m.Slug], key)
		out = append(out, TeamAction{Action: Action{Key: key, Title: ActionTitle(key), Mend: mend}, Slug: m.Slug, Name: m.Name, Then: then, TeamGain: clean(then - was)})
		was = then
		picks = slices.Delete(picks, top, top+1)
	}
	return out
}

// Step is an action on a model in an order in which each adds to those before it.
type Step struct {
	Action
	Then float64 // the model's score with this action and those before it
}

// BestActions are the up to three actions that together raise a model most, found by re-scoring: where two
// shortcomings hold the score under one cap, both are there.
func BestActions(f Facts, now time.Time) []Step {
	base := Score(f, now)
	var best []string
	top := base.Score
	for _, set := range subsets(worthTrying(f, base, now), mostNext) {
		if s := Score(Mended(f, set...), now).Score; s > top || s == top && len(set) < len(best) {
			top, best = s, set
		}
	}
	var out []Step
	var done []string
	for was := base; len(best) > 0; {
		place, then := -1, Scorecard{}
		for i, key := range best {
			s := Score(Mended(f, append(slices.Clone(done), key)...), now)
			if place < 0 || s.Score > then.Score || s.Score == then.Score && s.Raw > then.Raw {
				place, then = i, s
			}
		}
		key := best[place]
		mend := "plan"
		if c, ok := CriterionOf(key); ok {
			mend = c.Mend
		}
		out = append(out, Step{Action{key, ActionTitle(key), mend, clean(then.Score - was.Score), clean(then.Raw - was.Raw)}, then.Score})
		done, best, was = append(done, key), slices.Delete(slices.Clone(best), place, place+1), then
	}
	return out
}
