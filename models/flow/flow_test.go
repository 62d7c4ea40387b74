package flow

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/vendors"
)

var start = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)

func on(d float64) time.Time { return start.Add(time.Duration(d * 24 * float64(time.Hour))) }

func move(from, to registry.Stage, opened, decided float64, state lifecycle.State) Move {
	m := Move{From: from, To: to, State: state, OpenedAt: on(opened)}
	if decided >= 0 {
		m.DecidedAt = on(decided)
	}
	return m
}

func days(p Passage) (out [stretches]float64) {
	for s, d := range p.Spent {
		out[s] = d.Hours() / 24
	}
	return out
}

const (
	ex, re, va, st, pr = registry.Experiment, registry.Registered, registry.Validated, registry.Staged, registry.Production
	done, rejected     = lifecycle.Applied, lifecycle.Rejected
)

func TestPassage(t *testing.T) {
	straight := []Move{move(ex, re, 0, 1, done), move(re, va, 3, 4, done), move(va, st, 4, 4.5, done), move(st, pr, 6, 10, done)}
	for name, c := range map[string]struct {
		moves   []Move
		served  float64
		took    float64
		want    [stretches]float64
		longest Stretch
	}{
		"the straight way": {straight, 10, 9, [stretches]float64{2, 1, 0, 0.5, 1.5, 4}, ReviewProduction},
		"the order of records does not matter": {[]Move{straight[3], straight[1], straight[0], straight[2]}, 10, 9,
			[stretches]float64{2, 1, 0, 0.5, 1.5, 4}, ReviewProduction},
		"a rejected request was waiting too": {append([]Move{move(re, va, 1.5, 2, rejected)}, straight...), 10, 9,
			[stretches]float64{1.5, 1.5, 0, 0.5, 1.5, 4}, ReviewProduction},
		"moments that two requests share count once": {append([]Move{move(st, pr, 5, 7, lifecycle.Withdrawn)}, straight...), 10, 9,
			[stretches]float64{2, 1, 0, 0.5, 0.5, 5}, ReviewProduction},
		"a way back is walked again": {[]Move{move(ex, re, 0, 0, done), move(re, va, 1, 2, done), move(va, re, 2, 3, done), move(re, va, 6, 7, done),
			move(va, st, 7, 7, done), move(st, pr, 7, 8, done)}, 8, 8, [stretches]float64{4, 2, 1, 0, 0, 1}, PrepareValidated},
		"what came after it served does not count": {append([]Move{move(pr, st, 20, 21, done), move(st, pr, 30, 31, done)}, straight...), 10, 9,
			[stretches]float64{2, 1, 0, 0.5, 1.5, 4}, ReviewProduction},
	} {
		t.Run(name, func(t *testing.T) {
			p, known := PassageOf(c.moves, on(c.served))
			if !known {
				t.Fatal("not known")
			}
			if d := cmp.Diff(c.want, days(p)); d != "" {
				t.Error(d)
			}
			if got := p.Took().Hours() / 24; got != c.took {
				t.Errorf("took %v days, want %v", got, c.took)
			}
			var sum time.Duration
			for _, d := range p.Spent {
				sum += d
			}
			if sum != p.Took() {
				t.Errorf("stretches add up to %v of %v", sum, p.Took())
			}
			if p.Longest() != c.longest {
				t.Errorf("waits in %q", p.Longest().Title())
			}
		})
	}
}

func TestNoPassageWithoutRecords(t *testing.T) {
	if _, known := PassageOf([]Move{move(st, pr, 1, 2, done)}, on(2)); known {
		t.Error("a version that nobody registered has no way from registered")
	}
	if _, known := PassageOf([]Move{move(ex, re, 1, 2, done)}, time.Time{}); known {
		t.Error("a version that never served has no way to production")
	}
	if _, known := PassageOf([]Move{move(ex, re, 1, 9, done)}, on(5)); known {
		t.Error("it was registered after it served")
	}
}

func TestLacks(t *testing.T) {
	whole := func() registry.Version {
		return registry.Version{Kind: registry.Trained, Lineage: registry.Lineage{Code: registry.Code{Repo: "r", Commit: "c"},
			Datasets:   []registry.Dataset{{Name: "d", Digest: "sha256:0", Role: "training"}, {Name: "t", Role: "test"}},
			Parameters: map[string]string{"a": "1"}, Environment: map[string]string{"python": "3.12"}}}
	}
	release := func() registry.Version {
		return registry.Version{Kind: registry.GenAI, Release: registry.Release{Host: "openai", ModelID: "gpt-4o-2024-08-06",
			Prompts: []registry.Prompt{{Name: "p", SHA256: "00", Text: "Hello"}}, Parameters: map[string]string{"temperature": "0"}}}
	}
	trained := func(fn func(*registry.Lineage)) registry.Version { v := whole(); fn(&v.Lineage); return v }
	genai := func(fn func(*registry.Release)) registry.Version { v := release(); fn(&v.Release); return v }
	for name, c := range map[string]struct {
		v     registry.Version
		class vendors.Class
		want  []string
	}{
		"a whole lineage":          {whole(), vendors.Undetermined, nil},
		"a whole release":          {release(), vendors.Pinned, nil},
		"no commit":                {trained(func(l *registry.Lineage) { l.Code.Commit = "" }), "", []string{"the code commit"}},
		"test data is not enough":  {trained(func(l *registry.Lineage) { l.Datasets = l.Datasets[1:] }), "", []string{"a digest of the training data"}},
		"training data by name":    {trained(func(l *registry.Lineage) { l.Datasets[0].Digest = "" }), "", []string{"a digest of the training data"}},
		"nothing at all":           {registry.Version{Kind: registry.Trained}, "", []string{"the code commit", "a digest of the training data", "the hyperparameters", "the environment"}},
		"a floating id":            {release(), vendors.Floating, []string{"an id that fixes the vendor's weights"}},
		"a prompt in a repository": {genai(func(r *registry.Release) { r.Prompts[0] = registry.Prompt{SHA256: "00", Repo: "r", Commit: "c"} }), vendors.Pinned, nil},
		"a prompt by its name":     {genai(func(r *registry.Release) { r.Prompts[0] = registry.Prompt{Name: "p", SHA256: "00"} }), vendors.Pinned, []string{"a prompt that can be found by its hash"}},
		"an empty release": {registry.Version{Kind: registry.GenAI}, vendors.Undetermined,
			[]string{"the vendor's model id", "a prompt that can be found by its hash", "the parameters"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, Lacks(&c.v, c.class)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFigures(t *testing.T) {
	passage := func(prepare, review float64) Passage {
		p := Passage{Registered: start, Served: on(prepare + review)}
		p.Spent[PrepareValidated], p.Spent[ReviewProduction] = on(prepare).Sub(start), on(review).Sub(start)
		return p
	}
	var a, b Gathered
	a.Passages = []Passage{passage(1, 2), passage(4, 6)}
	a.Incident(Zombie, 2)
	a.Versions, a.Ghosts = 5, 1
	b.Passages, b.Unrecorded = []Passage{passage(0, 30)}, 3
	b.Incident(Zombie, 1)
	b.Incident(Unnamed, 1)

	if f := a.Figures(); f.Median != 6.5 || f.Promoted != 2 || f.AllIncidents() != 2 {
		t.Errorf("%+v", f)
	}
	a.Add(&b)
	f := a.Figures()
	if f.Median != 10 || f.Promoted != 3 || f.Unrecorded != 3 || f.AllIncidents() != 4 || f.Incidents[Zombie] != 3 || f.Ghosts != 1 || f.Versions != 5 {
		t.Errorf("%+v", f)
	}
	s, share, known := f.Waits()
	if !known || s != ReviewProduction || share != 38.0/43 {
		t.Error(s.Title(), share, known)
	}
	none := (&Gathered{}).Figures()
	if _, _, known := none.Waits(); known || none.Median != 0 {
		t.Error("nothing was promoted")
	}
	if len(Stretches()) != int(stretches) {
		t.Error("a stretch without a title")
	}
	for _, k := range Kinds {
		if k.Title() == "" {
			t.Errorf("%s has no title", k)
		}
	}
}
