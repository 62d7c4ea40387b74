package main

import (
	"slices"
	"time"
)

// sample is one round of one variant.
type sample struct {
	perSecond float64
	cpu       time.Duration // of one call
	p50, p99  time.Duration
}

func sampleOf(calls []time.Duration, wall, cpu time.Duration) sample {
	if len(calls) == 0 {
		return sample{}
	}
	n := time.Duration(len(calls))
	slices.Sort(calls)
	return sample{perSecond: float64(n) / wall.Seconds(), cpu: cpu / n, p50: quantile(calls, 0.5), p99: quantile(calls, 0.99)}
}

// quantile of sorted values.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	if len(v) == 0 {
		return 0
	}
	if len(v)%2 == 0 {
		return (v[len(v)/2-1] + v[len(v)/2]) / 2
	}
	return v[len(v)/2]
}

// ratio is the median over the rounds of a to b in the same round: what disturbs a round disturbs
// both alike.
func ratio(a, b []sample, of func(sample) float64) float64 {
	var all []float64
	for i := range a {
		if d := of(b[i]); d > 0 {
			all = append(all, of(a[i])/d)
		}
	}
	return median(all)
}

// middle is the median over the rounds of one figure of a variant.
func middle(a []sample, of func(sample) float64) float64 {
	all := make([]float64, 0, len(a))
	for _, s := range a {
		all = append(all, of(s))
	}
	return median(all)
}

func perSecond(s sample) float64 { return s.perSecond }
func cpuOf(s sample) float64     { return float64(s.cpu) / float64(time.Millisecond) }
func p50Of(s sample) float64     { return float64(s.p50) / float64(time.Millisecond) }
func p99Of(s sample) float64     { return float64(s.p99) / float64(time.Millisecond) }

// byTurns runs the variants one after the other, the other way round in every second round, and
// returns the samples of each.
func byTurns(rounds int, variants ...func() (sample, error)) ([][]sample, error) {
	out := make([][]sample, len(variants))
	for r := range rounds {
		for i := range variants {
			if r%2 == 1 {
				i = len(variants) - 1 - i
			}
			s, err := variants[i]()
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], s)
		}
	}
	return out, nil
}

// longestRound keeps one slow variant from holding up the others.
const longestRound = 3 * time.Second

// calls makes a variant of something done in this process, n times a round or, if it is slow, as often
// as the round allows.
func calls(n int, call func() error) func() (sample, error) {
	return func() (sample, error) {
		settle()
		took := make([]time.Duration, 0, n)
		began, cpu := time.Now(), cpuTime()
		for i := 0; i < n && (i < 3 || time.Since(began) < longestRound); i++ {
			t := time.Now()
			if err := call(); err != nil {
				return sample{}, err
			}
			took = append(took, time.Since(t))
		}
		return sampleOf(took, time.Since(began), cpuTime()-cpu), nil
	}
}
