package scorecard

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/telemetry"
)

// MeasuredDays is how long a monitoring report counts after its window: monthly reports with a few days of
// grace.
const MeasuredDays = 35

// stampDays is how old the last stamp may be to still name what serves.
const stampDays = 7

func (e *establishing) serving() Reading {
	switch s := e.Gate.Serving; {
	case e.phase == Zombie:
		return Reading{Strength: Against, At: e.ZombieAt, Fact: fmt.Sprintf("It is retired, and a version of it was seen answering on %s.", dated(e.ZombieAt))}
	case s == nil:
		return Reading{Strength: Missing, Fact: "It is in operation, and no record says which version serves."}
	case e.Traffic.Known > 0 && !e.LastStamp.IsZero():
		return Reading{Strength: Observed, At: e.LastStamp, Until: e.LastStamp.AddDate(0, 0, stampDays),
			Fact: fmt.Sprintf("%s serves since %s; stamps confirm it.", s.Version.Label, dated(s.Record.Since))}
	case len(s.Record.ApprovedBy) > 0:
		return Reading{Strength: Attested, At: s.Record.Since, Fact: fmt.Sprintf("%s serves since %s by our record; no stamps confirm it.", s.Version.Label, dated(s.Record.Since))}
	default:
		return Reading{Strength: Declared, At: s.Record.Since, Fact: fmt.Sprintf("%s serves since %s by our record; neither an approval nor stamps confirm it.", s.Version.Label, dated(s.Record.Since))}
	}
}

// coverage earns nothing up to half of the predictions and everything at all of them.
func (e *establishing) coverage() Reading {
	share, known := e.Traffic.Coverage()
	if !known {
		return Reading{Strength: Unmeasured, Fact: fmt.Sprintf("No predictions were reported in the last %d days.", TrafficDays)}
	}
	return Reading{Strength: Observed, Share: clean(max(0, (share-0.5)/0.5)), At: e.LastStamp, Until: e.LastStamp.AddDate(0, 0, stampDays),
		Fact: fmt.Sprintf("%s %% of the predictions of the last %d days carried a known stamp.", percentDown(share), TrafficDays)}
}

// percentDown is a share rounded down to one decimal: 99.97 % is not all of them.
func percentDown(share float64) string {
	return strings.TrimSuffix(Text(100*share), ".0")
}

func (e *establishing) consumers() Reading {
	r := e.check("consumers")
	if r.Strength != Observed {
		return r
	}
	declared := telemetry.ConsumersOf(e.Gate.Model.Consumers)
	var strangers []string
	for _, app := range e.Apps {
		if !declared.Declared(app) {
			strangers = append(strangers, app)
		}
	}
	switch plan := e.Gate.Plan.Plan; {
	case len(strangers) > 0:
		return Reading{Strength: Against, At: e.LastStamp, Fact: fmt.Sprintf("Called by %s, which nobody declared.", strings.Join(strangers[:min(len(strangers), 3)], ", "))}
	case len(e.Apps) > 0:
		r.At, r.Fact = e.LastStamp, r.Fact+" Every app that was seen is one of them."
	case plan != nil && sameConsumers(plan.Body.Consumers.List, e.Gate.Model.Consumers):
		r.Strength, r.At, r.Fact = Attested, plan.ApprovedAt, r.Fact+" Approved with the retirement plan; no stamps show who calls."
	default:
		r.Strength, r.Fact = Declared, r.Fact+" Neither stamps nor an approved plan confirm them."
	}
	return r
}

func sameConsumers(a, b []registry.Consumer) bool {
	names := func(list []registry.Consumer) []string {
		out := make([]string, 0, len(list))
		for _, c := range list {
			out = append(out, strings.ToLower(strings.TrimSpace(c.Name)))
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(names(a), names(b))
}

// measured is the newest report of a metric. That it breaks a limit is told, and costs nothing: a score that
// fell with bad news would teach teams not to measure.
func (e *establishing) measured(metric string) Reading {
	return e.newest(metric, func(r telemetry.Report) bool {
		_, promised := telemetry.Promise(r.Metric, e.Gate.Model.SLA)
		own := metric == telemetry.Quality && promised && r.Metric != telemetry.Availability && r.Metric != telemetry.Latency
		return r.Metric == metric || own
	})
}

func (e *establishing) newest(what string, is func(telemetry.Report) bool) Reading {
	var last telemetry.Report
	for _, r := range e.Reports {
		if is(r) && r.To.After(last.To) {
			last = r
		}
	}
	if last.To.IsZero() {
		return Reading{Strength: Unmeasured, Fact: "No " + what + " was reported."}
	}
	fact := fmt.Sprintf("%s was %s%s up to %s, by %s.", telemetry.MetricTitle(last.Metric), figure(last.Value), telemetry.Unit(last.Metric), dated(last.To), last.Source)
	if last.Breach && last.Limit != nil {
		fact += " It should be " + last.Limit.Sentence() + "."
	}
	return Reading{Strength: Observed, At: last.To, Until: last.To.AddDate(0, 0, MeasuredDays), Fact: fact}
}

// slaMeasured wants a report of everything that is promised.
func (e *establishing) slaMeasured() Reading {
	sla := e.Gate.Model.SLA
	var want []string
	if sla.AvailabilityPercent > 0 {
		want = append(want, telemetry.Availability)
	}
	if sla.LatencyP95Millis > 0 {
		want = append(want, telemetry.Latency)
	}
	if sla.QualityMetric != "" {
		want = append(want, telemetry.Quality)
	}
	if len(want) == 0 {
		return Reading{Strength: Missing, Fact: "Nothing measurable is promised."}
	}
	var out Reading
	for i, metric := range want {
		r := e.newest(metric, func(x telemetry.Report) bool { return x.Metric == metric })
		if metric == telemetry.Quality {
			r = e.measured(metric)
		}
		if r.Strength != Observed || !e.now.Before(r.Until) {
			r.Fact = "Promised, but not measured lately: " + metric + ". " + r.Fact
			return r
		}
		if i == 0 || r.Until.Before(out.Until) {
			out = r
		}
	}
	out.Fact = "Measured: " + strings.Join(want, ", ") + "."
	return out
}

// cadence compares the declared retraining with the drift.
func (e *establishing) cadence() Reading {
	v := &e.Gate.Version
	c := AdviseCadence(e.Reports, e.RetrainDay, v.ServedSince, e.now)
	r := Reading{Strength: Against, At: c.At, Fact: c.Sentence}
	switch {
	case c.Fit == FitUnknown:
		r.Strength = Unmeasured
	case c.Fit != Fits:
	case !c.Kept(v.BuiltAt, e.now):
		r.Fact += fmt.Sprintf(" But the version that serves is of %s.", dated(v.BuiltAt))
	default:
		r.Strength = Observed
		r.Until = earlier(c.At.AddDate(0, 0, MeasuredDays), v.BuiltAt.Add(time.Duration(float64(c.DeclaredDays)*1.25*24)*time.Hour))
	}
	return r
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// plan: one is in force, confirmed for the version, and nothing about it is stale that has no criterion of
// its own.
func (e *establishing) plan() Reading {
	p := e.Gate.Plan.Plan
	switch {
	case p == nil && e.Gate.Plan.DraftState != "":
		return Reading{Strength: Missing, Fact: "The retirement plan is " + strings.ReplaceAll(e.Gate.Plan.DraftState, "_", " ") + ", not approved."}
	case p == nil:
		return Reading{Strength: Missing, Fact: "No retirement plan is on file."}
	}
	for _, f := range e.Gate.Plan.Findings {
		if f.Key != "candidate" && f.Key != "criterion" {
			return Reading{Strength: Against, At: p.ApprovedAt, Fact: "The plan is stale. " + f.Sentence}
		}
	}
	if e.Gate.Version.ID != 0 && !retirement.ConfirmedFor(p, e.Gate.Version.BuiltAt) {
		return Reading{Strength: Against, At: p.ApprovedAt, Fact: "The plan has not been confirmed since this version was made."}
	}
	return Reading{Strength: Observed, At: p.ApprovedAt, Until: e.planEnds(p), Fact: fmt.Sprintf("Version %d was approved on %s.", p.Number, dated(p.ApprovedAt))}
}

// planEnds is when the plan goes stale by its dates, if nothing is done.
func (e *establishing) planEnds(p *retirement.Plan) time.Time {
	var out time.Time
	for _, d := range []string{string(p.Body.Dates.ReviewBy), string(p.Body.Dates.Deprecation), string(p.Body.Trigger.Date)} {
		if t, err := time.Parse(time.DateOnly, d); err == nil && (out.IsZero() || t.AddDate(0, 0, 1).Before(out)) {
			out = t.AddDate(0, 0, 1)
		}
	}
	return out
}

// planPart is the criterion or the candidate of the plan in force.
func (e *establishing) planPart(key string) Reading {
	p := e.Gate.Plan.Plan
	if p == nil {
		return Reading{Strength: Missing, Fact: "No retirement plan is in force."}
	}
	for _, f := range e.Gate.Plan.Findings {
		if f.Key == key {
			return Reading{Strength: Against, At: p.ApprovedAt, Fact: f.Sentence}
		}
	}
	r := Reading{Strength: Observed, At: p.ApprovedAt}
	switch t := p.Body.Trigger; {
	case key == "candidate" && p.Body.Candidate.None:
		r.Fact = "Nothing takes over: " + strings.TrimSuffix(p.Body.Candidate.DecisionGoesTo, ".") + "."
	case key == "candidate":
		r.At, r.Fact = time.Time{}, p.Body.Candidate.Label()+" is alive."
	case t.Criterion.Measurable():
		r.Fact = t.Criterion.Sentence() + "."
	default:
		r.Fact = "It ends on " + t.Date.Human() + "."
	}
	return r
}

func (e *establishing) dataPlan() Reading {
	p := e.Gate.Plan.Plan
	if p == nil {
		return Reading{Strength: Missing, Fact: "No retirement plan is in force."}
	}
	whole := e.Plan
	whole.Depth = retirement.Full // the light profile lets a plan leave its data out; a score does not
	if err := retirement.CompleteSection("assets", p.Body, whole, e.today); err != nil {
		return Reading{Strength: Missing, At: p.ApprovedAt, Fact: "The data plan leaves something open: " + firstProblem(err)}
	}
	return Reading{Strength: Observed, At: p.ApprovedAt, Fact: fmt.Sprintf("Decided for %d data assets, approved with the plan.", len(p.Body.Assets))}
}

func (e *establishing) rehearsal() Reading {
	if e.RehearsedAt.IsZero() {
		return Reading{Strength: Missing, Fact: "The retirement has not been rehearsed."}
	}
	return Reading{Strength: Observed, At: e.RehearsedAt, Until: e.RehearsedAt.AddDate(1, 0, 0), Fact: "Rehearsed on " + dated(e.RehearsedAt) + "."}
}
