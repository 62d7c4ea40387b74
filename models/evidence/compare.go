package evidence

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"sundial/models/fault"
	"sundial/models/registry"
)

// Comparison is one metric of a version beside the version in production.
type Comparison struct {
	Metric      string
	Threshold   string   // ">= 0.9", "" where nobody set one
	This, Other *float64 // nil where it was not measured
	Holds       bool     // this against its threshold
	Difference  float64  // this less the other; only when both are known
	Direction   string   // better, worse, same, "" when it cannot be told
	Measured    bool     // both are known
}

// Words say the difference with its direction: "0.03 higher, better".
func (c Comparison) Words() string {
	switch {
	case c.This == nil && c.Other == nil:
		return "not measured"
	case c.This == nil:
		return "not measured for this version"
	case c.Other == nil:
		return "not measured in production"
	case c.Difference == 0:
		return "the same"
	}
	way := "higher"
	if c.Difference < 0 {
		way = "lower"
	}
	// Six digits are more than any evaluation means; they hide what binary fractions add.
	return strings.TrimSuffix(fmt.Sprintf("%s %s, %s", strconv.FormatFloat(round(math.Abs(c.Difference)), 'f', -1, 64), way, c.Direction), ", ")
}

func round(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) {
		return x
	}
	scale := math.Pow(10, 6-math.Ceil(math.Log10(x)))
	if r := math.Round(x*scale) / scale; !math.IsInf(r, 0) && !math.IsNaN(r) {
		return r
	}
	return x
}

// Compare sets the metrics of a version beside those of another, those of this first. Which way is better
// follows from the threshold.
func Compare(this, other []Metric) []Comparison {
	var out []Comparison
	for _, m := range this {
		c := Comparison{Metric: m.Name, Threshold: fmt.Sprintf("%s %g", m.Operator, m.Threshold), This: &m.Value, Holds: m.Holds()}
		if i := slices.IndexFunc(other, func(o Metric) bool { return strings.EqualFold(o.Name, m.Name) }); i >= 0 {
			c.Other, c.Measured = &other[i].Value, true
			c.Difference = m.Value - other[i].Value
			c.Direction = direction(m.Operator, c.Difference)
		}
		out = append(out, c)
	}
	for _, o := range other {
		if !slices.ContainsFunc(this, func(m Metric) bool { return strings.EqualFold(o.Name, m.Name) }) {
			out = append(out, Comparison{Metric: o.Name, Threshold: fmt.Sprintf("%s %g", o.Operator, o.Threshold), Other: &o.Value})
		}
	}
	return out
}

func direction(operator string, difference float64) string {
	switch {
	case difference == 0:
		return "same"
	case strings.HasPrefix(operator, ">") == (difference > 0):
		return "better"
	}
	return "worse"
}

// Latest are the metrics of the newest evaluation that is of the version as it is and was not withdrawn.
// With suite, the SHA-256 of one, only of that suite.
func Latest(list []Evidence, digest, suite string) (Evidence, bool) {
	var newest Evidence
	found := false
	for _, e := range list {
		if e.Kind != Evaluation || e.Withdrawn || e.VersionDigest != digest || suite != "" && !SameDigest(e.SuiteSHA256, suite) {
			continue
		}
		if !found || e.RecordedAt.After(newest.RecordedAt) || e.RecordedAt.Equal(newest.RecordedAt) && e.ID > newest.ID {
			newest, found = e, true
		}
	}
	return newest, found
}

// RunOf makes the draft of a run of a registered suite version: thresholds are the suite's, values what was
// measured, in the order of the thresholds, and whether it passed follows from both.
func RunOf(suite string, v registry.SuiteVersion, values []string, d Draft) (Draft, error) {
	var p fault.Problems
	d.Kind, d.Outcome, d.Metrics = Evaluation, Passed, nil
	d.Suite, d.SuiteSHA256 = strings.TrimSpace(suite+" "+v.Label), v.SHA256
	for i, t := range v.Thresholds {
		typed := ""
		if i < len(values) {
			typed = strings.TrimSpace(values[i])
		}
		n, err := strconv.ParseFloat(typed, 64)
		field := fmt.Sprintf("metrics[%d].value", i)
		switch {
		case typed == "":
			p.Addf(field, "Enter the value that the run measured for %s.", t.Metric)
		case err != nil || !finite(n):
			p.Add(field, "Enter a number, with a point for decimals.")
		}
		m := Metric{Name: t.Metric, Value: n, Operator: t.Operator, Threshold: t.Value}
		if !m.Holds() {
			d.Outcome = Failed
		}
		d.Metrics = append(d.Metrics, m)
	}
	return d, p.Err()
}
