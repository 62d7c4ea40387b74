package telemetry

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/telemetry"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/telemetry"
	"sundial/web/form"
	"sundial/web/respond"
)

// Monitoring is a model's traffic and reports.
func (h Handlers) Monitoring(c echo.Context) error {
	slug, err := form.Param(c, "model")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	m, err := h.Store.Model(ctx, slug)
	if err != nil {
		return err
	}
	now := h.Clock()
	tr, err := h.Store.Traffic(ctx, m.ID, day.Of(now).Add(1-daysBack))
	if err != nil {
		return err
	}
	reports, err := h.Store.Reports(ctx, m.ID, store.ReportFilter{Since: now.AddDate(0, 0, -reportDays)}, "", drawn)
	if err != nil {
		return err
	}
	state, err := h.Store.CriterionState(ctx, m.ID)
	if err != nil {
		return err
	}
	v := views.MonitoringView{Slug: m.Slug, Name: m.Name, Days: daysBack, Now: now, Cut: reports.Next != "", Coverage: coverageChart(tr.Days, now),
		MayEdit: org.May(auth.Actor(c), org.Edit, m.TeamID).Allowed, ReportCurl: h.reportCurl(m, now), StampCurl: h.stampCurl(m, tr, now)}
	v.Charts = charts(reports.Rows, m.SLA, now)
	v.Tiles = tiles(tr, reports.Rows, now)
	if state.Criterion != "" {
		v.Criterion = &views.CriterionView{Sentence: state.Criterion, MetAt: state.MetAt, Standing: state.Standing.Sentence, AskedAt: state.AskedAt}
	}
	advice, err := h.Store.Advice(ctx, []int64{m.ID}, h.Policy)
	if err != nil {
		return err
	}
	if a, serves := advice[m.ID]; serves {
		v.Advice = &a
	}
	trafficRows(&v, tr, m)
	p := respond.Props(c, "Monitoring of "+m.Name)
	p.Crumbs = []ui.Crumb{crumb("Models", link.Models()), crumb(m.Name, link.Model(slug)), crumb("Monitoring", "")}
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Monitoring(p, v))
}

func trafficRows(v *views.MonitoringView, tr store.ModelTraffic, m registry.Model) {
	total := telemetry.Sum(tr.Days).Total
	for _, x := range tr.Versions {
		v.Versions = append(v.Versions, views.VersionRow{Label: x.Label, Stage: string(x.Stage), Count: x.Count, Share: float64(x.Count) / float64(max(total, 1)), Last: x.Last})
	}
	declared := telemetry.ConsumersOf(m.Consumers)
	for _, x := range tr.Apps {
		v.Apps = append(v.Apps, views.AppRow{App: x.App, Count: x.Count, Last: x.Last, Declared: declared.Declared(x.App)})
	}
	slices.SortStableFunc(v.Apps, func(a, b views.AppRow) int { // what needs a hand comes first
		if a.Declared == b.Declared {
			return 0
		}
		if b.Declared {
			return -1
		}
		return 1
	})
	for _, x := range tr.Served {
		v.Served = append(v.Served, views.ServedIDs(x))
	}
	v.Zombies, v.Unknown = zombieRows(tr.Zombies), unknownRows(tr.Unknown)
}

func tiles(tr store.ModelTraffic, reports []telemetry.Report, now time.Time) []views.Tile {
	var out []views.Tile
	if len(tr.Days) > 0 {
		week := telemetry.Sum(slices.DeleteFunc(slices.Clone(tr.Days), func(t telemetry.Traffic) bool { return t.Day.Before(day.Of(now).Add(-6)) }))
		figure := "–"
		if share, ok := week.Coverage(); ok {
			figure = ui.Share(share)
		}
		out = append(out, views.Tile{Label: "Stamp coverage", Figure: figure, Note: "of the predictions reported in seven days", Href: "#traffic"},
			views.Tile{Label: "Predictions", Figure: ui.Number(week.Total), Note: "in seven days; the last hour reported is " + ui.FormatTime(tr.Last)})
	}
	breaches := 0
	for _, r := range reports {
		if r.Breach && r.To.After(now.AddDate(0, 0, -7)) {
			breaches++
		}
	}
	if len(reports) > 0 {
		out = append(out, views.Tile{Label: "Breaches", Figure: ui.Number(int64(breaches)), Note: "in seven days", Href: "#reports"})
	}
	if n := len(tr.Zombies); n > 0 {
		out = append(out, views.Tile{Label: "Zombies", Figure: ui.Number(int64(n)), Note: "retired versions that answered an app in 30 days", Href: "#traffic"})
	}
	return out
}

// charts are a picture for every metric and source, the metrics everybody knows first.
func charts(reports []telemetry.Report, sla registry.SLA, now time.Time) []views.MetricChart {
	type series struct{ metric, source string }
	by := map[series][]telemetry.Report{}
	var order []series
	for _, r := range reports { // newest first
		k := series{r.Metric, r.Source}
		if by[k] == nil {
			order = append(order, k)
		}
		by[k] = append(by[k], r)
	}
	rank := func(metric string) int {
		if i := slices.Index(telemetry.Metrics, metric); i >= 0 {
			return i
		}
		return len(telemetry.Metrics)
	}
	slices.SortStableFunc(order, func(a, b series) int {
		if d := rank(a.metric) - rank(b.metric); d != 0 {
			return d
		}
		return strings.Compare(a.metric+a.source, b.metric+b.source)
	})
	sources := map[string]int{}
	for _, k := range order {
		sources[k.metric]++
	}
	out := make([]views.MetricChart, 0, len(order))
	for i, k := range order {
		title := telemetry.MetricTitle(k.metric)
		if sources[k.metric] > 1 {
			title += " by " + k.source
		}
		out = append(out, metricChart(fmt.Sprint("metric-", i+1), title, by[k], sla, now))
	}
	return out
}

func metricChart(id, title string, newest []telemetry.Report, sla registry.SLA, now time.Time) views.MetricChart {
	last := newest[0]
	c := ui.Chart{ID: id, Title: title, Unit: telemetry.Unit(last.Metric), Marked: "breach", Many: "breaches", From: now.AddDate(0, 0, -reportDays), To: now}
	if last.Metric == telemetry.Availability {
		c.Top = 100
	}
	limit, promised := telemetry.Promise(last.Metric, sla)
	if !promised && last.Limit != nil {
		limit, promised = *last.Limit, true
	}
	if promised {
		c.Limit, c.Says = &limit.Value, limitWords(limit, c.Unit)
	}
	out := views.MetricChart{Source: last.Source}
	list := newest[:min(len(newest), perChart)]
	if len(list) < len(newest) || list[len(list)-1].To.After(c.From.AddDate(0, 0, 10)) { // not much of the time is reported: draw that
		c.From = list[len(list)-1].To.AddDate(0, 0, -1)
	}
	for _, r := range slices.Backward(list) {
		p := ui.ChartPoint{At: r.To, Value: r.Value, Marked: r.Breach}
		if r.Limit != nil {
			p.Note = limitWords(*r.Limit, c.Unit)
		}
		if r.Breach {
			out.Breaches++
		}
		c.Points = append(c.Points, p)
	}
	c.Desc = fmt.Sprintf("%s reported by %s from %s to %s: %s, the newest %s.", title, last.Source, ui.FormatDate(c.From), ui.FormatDate(c.To),
		ui.Count(int64(len(c.Points)), "value", "values"), ui.ChartNumber(last.Value))
	if c.Says != "" {
		c.Desc += " " + c.Says + ", " + ui.Count(int64(out.Breaches), "breach", "breaches") + "."
	}
	out.Chart = c
	return out
}

func limitWords(l telemetry.Limit, unit string) string {
	who := "SLA: "
	if l.From != "SLA" {
		who = "Threshold: "
	}
	return strings.TrimSpace(who + l.Sentence() + " " + unit)
}

// coverageChart is a bar for every day of the page's time; days without a report have none.
func coverageChart(days []telemetry.Traffic, now time.Time) ui.Chart {
	today := day.Of(now)
	c := ui.Chart{ID: "coverage", Title: "Stamp coverage by day", Unit: "%", Bars: true, Top: 100, Days: true, Value: "Coverage", Marked: "day with a gap", Many: "days with gaps",
		From: today.Add(1 - daysBack).Time(), To: today.Add(1).Time()}
	for _, d := range days {
		share, ok := d.Coverage()
		if !ok {
			continue
		}
		c.Points = append(c.Points, ui.ChartPoint{At: d.Day.Time(), Value: float64(int(share*1000)) / 10, Marked: d.Known < d.Total,
			Note: ui.Number(d.Known) + " of " + ui.Count(d.Total, "prediction", "predictions")})
	}
	share, _ := telemetry.Sum(days).Coverage()
	c.Desc = fmt.Sprintf("The share of each day's reported predictions that carried a known stamp: %s over %s.", ui.Share(share), ui.Count(int64(len(c.Points)), "day", "days"))
	return c
}

// reportCurl and stampCurl are what a machine would send, ready to be tried.
func (h Handlers) reportCurl(m registry.Model, now time.Time) string {
	to := now.UTC().Truncate(time.Hour)
	return fmt.Sprintf(`curl -X POST %s/api/v1/models/%s/monitoring \
  -H "Authorization: Bearer $SUNDIAL_TOKEN" -H "Content-Type: application/json" \
  -d '[{"metric": "latency", "value": 182, "window_start": "%s", "window_end": "%s", "source": "grafana", "threshold": 250}]'`,
		h.BaseURL, m.Slug, to.Add(-time.Hour).Format(time.RFC3339), to.Format(time.RFC3339))
}

func (h Handlers) stampCurl(m registry.Model, tr store.ModelTraffic, now time.Time) string {
	version := "v1"
	for _, v := range tr.Versions {
		if v.Label != "" {
			version = v.Label
			break
		}
	}
	return fmt.Sprintf(`curl -X POST %s/api/v1/stamps \
  -H "Authorization: Bearer $SUNDIAL_TOKEN" -H "Content-Type: application/json" -H "Idempotency-Key: $(uuidgen)" \
  -d '[{"bucket": "%s", "app": "checkout", "stamp": "%s@%s", "count": 1200}]'`,
		h.BaseURL, now.UTC().Truncate(time.Hour).Format(time.RFC3339), m.Slug, version)
}

var errEnough = errors.New("enough")

// MonitoringCSV is every report of a model as a file, newest first.
func (h Handlers) MonitoringCSV(c echo.Context) error {
	slug, err := form.Param(c, "model")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	m, err := h.Store.Model(ctx, slug)
	if err != nil {
		return err
	}
	head := []string{"metric", "value", "window_start", "window_end", "source", "limit", "limit_operator", "limit_from", "breach", "received_at"}
	return respond.CSV(c, slug+"-monitoring.csv", head, func(yield func([]string, error) bool) {
		err := h.Store.EachReport(ctx, m.ID, func(r telemetry.Report) error {
			if !yield(reportLine(r), nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && err != errEnough {
			yield(nil, err)
		}
	})
}

func reportLine(r telemetry.Report) []string {
	limit, operator, from := "", "", ""
	if r.Limit != nil {
		limit, operator, from = plain(r.Limit.Value), r.Limit.Operator, r.Limit.From
	}
	return []string{r.Metric, plain(r.Value), r.From.Format(time.RFC3339), r.To.Format(time.RFC3339), r.Source, limit, operator, from,
		strconv.FormatBool(r.Breach), r.ReceivedAt.Format(time.RFC3339)}
}

func plain(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
