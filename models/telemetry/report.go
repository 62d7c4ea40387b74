package telemetry

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// The metrics everybody knows. Any other one is reported as custom:NAME.
const (
	Drift        = "drift"        // how far inputs or outputs moved, by the source's own measure; lower is better
	Quality      = "quality"      // the model's quality metric; higher is better unless the SLA says otherwise
	Latency      = "latency"      // milliseconds, 95th percentile
	Availability = "availability" // percent
	Cost         = "cost"         // in the organisation's currency, for the window

	customPrefix = "custom:"
)

// Metrics lists the metrics everybody knows, in the order of pages.
var Metrics = []string{Quality, Drift, Latency, Availability, Cost}

// MaxReports is how many reports a call takes.
const MaxReports = 1000

const (
	longestMetric = 60
	longestSource = 200
	longestWindow = 366 * 24 * time.Hour
	mostValue     = 1e15
)

// Report is one value of a metric over a window of time.
type Report struct {
	ID        int64
	Metric    string
	Value     float64
	From, To  time.Time // the window, From before To
	Source    string    // which tool measured it
	Threshold *float64  // the reporter's own limit, nil when it gave none
	Operator  string    // how a good value compares with the threshold: <= or >=; "" is the metric's usual way

	Limit      *Limit // what the value was held against when it arrived, nil when there was nothing
	Breach     bool
	ReceivedAt time.Time
}

// Limit is what a good value keeps to.
type Limit struct {
	Operator string  `json:"operator"` // <= or >=
	Value    float64 `json:"value"`
	From     string  `json:"from"` // "SLA" or "report"
}

// Keeps reports whether a value is within the limit.
func (l Limit) Keeps(value float64) bool { return compares(value, l.Operator, l.Value) }

// Sentence is the limit as people read it: "at most 250".
func (l Limit) Sentence() string {
	word := "at most "
	if l.Operator == ">=" {
		word = "at least "
	}
	return word + trimmed(l.Value)
}

// MetricTitle is a metric as people read it.
func MetricTitle(metric string) string {
	if name, custom := strings.CutPrefix(metric, customPrefix); custom {
		return name
	}
	if metric == "" {
		return ""
	}
	return strings.ToUpper(metric[:1]) + metric[1:]
}

// Unit is what a metric is counted in, "" where its source decides.
func Unit(metric string) string {
	switch metric {
	case Latency:
		return "ms"
	case Availability:
		return "%"
	}
	return ""
}

// CheckReports tidies reports and notes what is wrong with each, at "[3].value".
func CheckReports(list []Report, now time.Time) error {
	var p fault.Problems
	switch {
	case len(list) == 0:
		return fault.New(fault.Invalid, "Send at least one report.")
	case len(list) > MaxReports:
		return fault.Newf(fault.TooLarge, "At most %d reports are taken in a call. Send the rest in another.", MaxReports)
	}
	for i := range list {
		list[i].check(func(field, sentence string) { p.Add(fmt.Sprintf("[%d].%s", i, field), sentence) }, now)
		if len(p.List()) >= mostProblems {
			break
		}
	}
	return p.Err()
}

func (r *Report) check(add func(field, sentence string), now time.Time) {
	r.Metric, r.Source, r.Operator = canonicalMetric(r.Metric), strings.TrimSpace(r.Source), strings.TrimSpace(r.Operator)
	r.From, r.To = r.From.UTC().Truncate(time.Millisecond), r.To.UTC().Truncate(time.Millisecond)
	if name, custom := strings.CutPrefix(r.Metric, customPrefix); !custom && !slices.Contains(Metrics, r.Metric) {
		add("metric", "Use drift, quality, latency, availability or cost, or custom: and a name, such as custom:auc.")
	} else if custom && (name == "" || !plain(name, longestMetric)) {
		add("metric", fmt.Sprintf("Name the metric after custom: in at most %d characters that can be seen.", longestMetric))
	}
	switch {
	case !finite(r.Value):
		add("value", "Send a number.")
	case r.Metric == Availability && (r.Value < 0 || r.Value > 100):
		add("value", "Availability is a percentage from 0 to 100.")
	case r.Metric == Availability && r.Value > 0 && r.Value <= 1:
		add("value", "Availability is a percentage: 99.5, not 0.995.")
	case (r.Metric == Latency || r.Metric == Cost) && r.Value < 0:
		add("value", "This metric is never below 0.")
	}
	if r.Threshold != nil && !finite(*r.Threshold) {
		add("threshold", "Send a number, or leave it out.")
	}
	if !slices.Contains([]string{"", "<=", ">="}, r.Operator) {
		add("operator", "Send <= or >=, as a good value compares with the threshold, or leave it out.")
	}
	switch {
	case r.Source == "":
		add("source", "Name the tool that measured it.")
	case !plain(r.Source, longestSource):
		add("source", fmt.Sprintf("Use at most %d characters that can be seen.", longestSource))
	}
	r.checkWindow(add, now)
}

func (r *Report) checkWindow(add func(field, sentence string), now time.Time) {
	switch {
	case r.From.Year() < 2000:
		add("window_start", "Send the moment as RFC 3339, such as 2026-03-03T14:00:00Z.")
	case !r.To.After(r.From):
		add("window_end", "The window ends after it starts.")
	case r.To.Sub(r.From) > longestWindow:
		add("window_start", "A window is at most a year long.")
	case r.To.After(now.Add(Skew)):
		add("window_end", "This moment is yet to come. Report a window when it is over.")
	case r.To.Before(now.AddDate(-2, 0, 0)):
		add("window_end", "This is more than two years ago.")
	}
}

// canonicalMetric is the metric as it is kept: in lower case, without blanks around it.
func canonicalMetric(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func finite(v float64) bool { return !math.IsNaN(v) && math.Abs(v) <= mostValue }

// Judge holds a report against the SLA and its own threshold and keeps which of them counts: the one
// that is broken, the SLA before the threshold.
func (r *Report) Judge(sla registry.SLA) {
	r.Limit, r.Breach = nil, false
	for _, l := range r.limits(sla) {
		if r.Limit == nil || !r.Breach && !l.Keeps(r.Value) {
			r.Limit = &l
		}
		r.Breach = r.Breach || !l.Keeps(r.Value)
	}
}

func (r *Report) limits(sla registry.SLA) []Limit {
	var out []Limit
	if l, ok := Promise(r.Metric, sla); ok {
		out = append(out, l)
	}
	if r.Threshold != nil {
		out = append(out, Limit{r.usually(sla), *r.Threshold, "report"})
	}
	return out
}

// Promise is what an SLA says about a metric. Its quality metric is reported as quality, or by name.
func Promise(metric string, sla registry.SLA) (Limit, bool) {
	switch {
	case metric == Availability && sla.AvailabilityPercent > 0:
		return Limit{">=", sla.AvailabilityPercent, "SLA"}, true
	case metric == Latency && sla.LatencyP95Millis > 0:
		return Limit{"<=", float64(sla.LatencyP95Millis), "SLA"}, true
	case promisedQuality(metric, sla):
		return Limit{qualityOperator(sla), sla.QualityThreshold, "SLA"}, true
	}
	return Limit{}, false
}

func promisedQuality(metric string, sla registry.SLA) bool {
	return sla.QualityMetric != "" && (metric == Quality || metric == customPrefix+canonicalMetric(sla.QualityMetric))
}

func qualityOperator(sla registry.SLA) string {
	if sla.QualityOperator == "<=" {
		return "<="
	}
	return ">="
}

// usually is how a good value compares with its threshold when the report does not say.
func (r *Report) usually(sla registry.SLA) string {
	switch {
	case r.Operator != "":
		return r.Operator
	case promisedQuality(r.Metric, sla):
		return qualityOperator(sla)
	case r.Metric == Quality || r.Metric == Availability:
		return ">="
	}
	return "<="
}

func compares(a float64, operator string, b float64) bool {
	switch operator {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	}
	return false
}

// Receive is the rule for reports that come in: only the model's own team reports on it, every report is
// whole, and each is held against what is promised at that moment.
func Receive(actor org.Actor, m *registry.Model, list []Report, now time.Time) ([]Report, error) {
	if may := org.May(actor, org.Report, m.TeamID); !may.Allowed {
		return nil, fault.New(fault.Forbidden, may.Reason)
	}
	list = slices.Clone(list)
	if err := CheckReports(list, now); err != nil {
		return nil, err
	}
	for i := range list {
		list[i].ReceivedAt = now
		list[i].Judge(m.SLA)
	}
	return list, nil
}
