package api

import (
	"context"
	"net/http"
	"time"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/telemetry"
)

// Report is one value of a metric over a window.
type Report struct {
	Metric      string    `json:"metric" minLength:"1" maxLength:"80" doc:"drift, quality, latency (milliseconds, 95th percentile), availability (percent), cost, or custom: and a name." example:"latency"`
	Value       float64   `json:"value"`
	WindowStart time.Time `json:"window_start"`
	WindowEnd   time.Time `json:"window_end"`
	Source      string    `json:"source" minLength:"1" maxLength:"200" doc:"The tool that measured it. The replacement criterion names one." example:"grafana"`
	Threshold   *float64  `json:"threshold,omitempty" doc:"The reporter's own limit. Beyond it, or beyond the SLA, is a breach."`
	Operator    string    `json:"operator,omitempty" enum:",<=,>=" doc:"How a good value compares with the threshold. Usually >= for quality and availability, <= for everything else."`
}

// ReportKept is a report with what it was held against.
type ReportKept struct {
	Report
	Limit      *Limit    `json:"limit,omitempty" doc:"Missing when nothing was promised and no threshold given."`
	Breach     bool      `json:"breach"`
	ReceivedAt time.Time `json:"received_at"`
}

// Limit is what a good value keeps to.
type Limit struct {
	Operator string  `json:"operator" enum:"<=,>="`
	Value    float64 `json:"value"`
	From     string  `json:"from" enum:"SLA,report"`
}

// Reported says what became of reports.
type Reported struct {
	Accepted  int             `json:"accepted"`
	Breaches  []ReportKept    `json:"breaches" doc:"Those beyond the SLA or their threshold."`
	Criterion *CriterionState `json:"criterion,omitempty" doc:"The replacement criterion of the retirement plan in force, as it stands now; missing when the plan has none, or nothing was reported about it yet."`
}

// CriterionState is how a replacement criterion stands.
type CriterionState struct {
	Criterion string     `json:"criterion"`
	Met       bool       `json:"met"`
	MetAt     *time.Time `json:"met_at,omitempty"`
	Standing  string     `json:"standing" doc:"In words."`
}

func reportKept(r telemetry.Report) ReportKept {
	out := ReportKept{Report: Report{Metric: r.Metric, Value: r.Value, WindowStart: r.From, WindowEnd: r.To, Source: r.Source, Threshold: r.Threshold, Operator: r.Operator},
		Breach: r.Breach, ReceivedAt: r.ReceivedAt}
	if r.Limit != nil {
		out.Limit = &Limit{r.Limit.Operator, r.Limit.Value, r.Limit.From}
	}
	return out
}

func (a *API) monitoring() {
	register(a, org.Report, Operation{ID: "sendReports", Method: http.MethodPost, Path: "/models/{model}/monitoring", Group: "Monitoring", Title: "Send monitoring reports",
		About: "Up to 1,000 in a call. A report of the same metric, source and window replaces the earlier one."}, a.sendReports)
	register(a, org.Read, Operation{ID: "listReports", Method: http.MethodGet, Path: "/models/{model}/monitoring", Group: "Monitoring", Title: "List a model's monitoring reports",
		About: "Those whose windows ended last first."}, a.listReports)
}

func (a *API) sendReports(ctx context.Context, in *struct {
	Model string   `path:"model" maxLength:"200" doc:"The model's short name." example:"payment-fraud"`
	Body  []Report `minItems:"1" maxItems:"1000"`
}) (*struct{ Body Reported }, error) {
	list := make([]telemetry.Report, 0, len(in.Body))
	for _, r := range in.Body {
		list = append(list, telemetry.Report{Metric: r.Metric, Value: r.Value, From: r.WindowStart, To: r.WindowEnd, Source: r.Source, Threshold: r.Threshold, Operator: r.Operator})
	}
	kept, err := a.Store.AddReports(ctx, in.Model, func(m *registry.Model, now time.Time) ([]telemetry.Report, error) {
		return telemetry.Receive(actorIn(ctx), m, list, now)
	})
	if err != nil {
		return nil, atIndex(err)
	}
	out := Reported{Accepted: len(kept.Reports), Breaches: []ReportKept{}}
	for _, r := range kept.Reports {
		if r.Breach {
			out.Breaches = append(out.Breaches, reportKept(r))
		}
	}
	if c := kept.Criterion; c.Criterion != "" {
		out.Criterion = &CriterionState{Criterion: c.Criterion, Met: !c.MetAt.IsZero(), MetAt: moment(c.MetAt), Standing: c.Standing.Sentence}
	}
	return &struct{ Body Reported }{out}, nil
}

func (a *API) listReports(ctx context.Context, in *struct {
	Model  string    `path:"model" maxLength:"200" doc:"The model's short name." example:"payment-fraud"`
	Limit  int       `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
	Cursor string    `query:"cursor" maxLength:"2000" doc:"Where to go on: next of the page before."`
	Metric string    `query:"metric" maxLength:"80"`
	Since  time.Time `query:"since" doc:"Windows that ended after this moment."`
	Breach bool      `query:"breach" doc:"Breaches only."`
}) (*Listed[ReportKept], error) {
	m, err := a.Store.Model(ctx, in.Model)
	if err != nil {
		return nil, err
	}
	page, err := a.Store.Reports(ctx, m.ID, store.ReportFilter{Metric: in.Metric, Since: in.Since, Breach: in.Breach}, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return listed(page, reportKept), nil
}
