package demodata

import (
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"time"

	"sundial/models/registry"
	"sundial/models/retirement/sample"
	"sundial/models/store"
	"sundial/models/telemetry"
)

// What serving stacks and monitoring tools report of the models that serve: quiet mostly, with a few
// stories a reader of the pages should meet.
const (
	stampDays   = 30
	reportWeeks = 8

	slowModel     = "limit-setter"  // answers too slowly since ten days
	driftingModel = "demand-weekly" // its inputs move, and nobody has retrained it
	fadingModel   = "cash-forecast" // so weak for weeks that its replacement criterion holds
	gappyModel    = "churn"         // a part of its calls carries no version
	zombieModel   = "fraud-scorer"  // a batch still calls the version before
	strayModel    = "ranking"       // an app calls it that nobody declared, another sends a stamp with a slip
	aliasModel    = "support-bot"   // asked for by its family name, answered by the pinned id
)

// telemetry plans what is reported, a call a day for counts and one a week and model for metrics.
func (f *filler) telemetry() {
	for days := stampDays - 1; days >= 0; days-- {
		f.at(days, 690, "stamps are counted", func(now time.Time) error { return f.countStamps(days, now) })
	}
	for week := reportWeeks - 1; week >= 0; week-- {
		for i, sp := range specs {
			if reports(sp.slug) {
				f.at(week*7, 640+i%40, "monitoring of "+sp.slug, func(now time.Time) error { return f.reportWeek(sp, week, now) })
			}
		}
	}
}

// serving is what serves at the clock's moment, by short name.
func (f *filler) serving() (map[string]store.ServingRow, error) {
	page, err := f.s.Production(f.ctx, store.ServingFilter{}, "", 100)
	out := map[string]store.ServingRow{}
	for _, r := range page.Rows {
		out[r.Slug] = r
	}
	return out, err
}

func (f *filler) countStamps(daysAgo int, now time.Time) error {
	serving, err := f.serving()
	if err != nil {
		return err
	}
	var lines []telemetry.Line
	for _, sp := range specs {
		row, serves := serving[sp.slug]
		if !serves || !reports(sp.slug) {
			continue
		}
		for _, hour := range []int{1, 4, 7, 10} {
			bucket := now.UTC().Truncate(telemetry.Bucket).Add(-time.Duration(hour) * time.Hour)
			lines = append(lines, linesOf(sp, row, bucket, daysAgo)...)
		}
	}
	_, err = f.s.TakeStamps(f.as("dara"), store.StampCall{Lines: lines})
	return err
}

// linesOf is what one model's stack counted in an hour.
func linesOf(sp spec, row store.ServingRow, bucket time.Time, daysAgo int) []telemetry.Line {
	n := int64(400 + wobble(sp.slug, bucket.String())*300 + float64(len(sp.slug))*90)
	if day := bucket.Weekday(); day == time.Saturday || day == time.Sunday {
		n /= 3
	}
	stamp := telemetry.Stamp{Model: sp.slug, Version: row.Version}
	var out []telemetry.Line
	add := func(app string, s telemetry.Stamp, n int64) {
		out = append(out, telemetry.Line{Bucket: bucket, App: app, Stamp: s, Count: max(n, 1), Requested: row.VendorID, Served: row.VendorID})
	}
	for i, consumer := range sp.consumers {
		add(appName(consumer), stamp, n/int64(i+1))
	}
	switch {
	case sp.slug == gappyModel:
		add(appName(sp.consumers[0]), telemetry.Stamp{Model: sp.slug}, n/9)
	case sp.slug == zombieModel && daysAgo < 5:
		add("reconciliation-batch", telemetry.Stamp{Model: sp.slug, Version: sp.versions[0].label}, 14)
	case sp.slug == strayModel:
		add("partner-portal", stamp, n/20)
		if daysAgo < 3 {
			add("ab-test-runner", telemetry.Stamp{Model: sp.slug, Version: "v13-rc1"}, 40)
		}
	case sp.slug == aliasModel:
		for i := range out {
			out[i].Requested = "gpt-4o"
		}
	}
	if sp.slug == strayModel && daysAgo == 1 {
		add("web-shop", telemetry.Stamp{Model: "product-rankings", Version: "v12"}, 25)
	}
	return out
}

func appName(consumer string) string {
	return strings.ReplaceAll(strings.ToLower(consumer), " ", "-")
}

func (f *filler) reportWeek(sp spec, week int, now time.Time) error {
	serving, err := f.serving()
	if err != nil {
		return err
	}
	if _, serves := serving[sp.slug]; !serves {
		return nil
	}
	m, err := f.s.Model(f.ctx, sp.slug)
	if err != nil {
		return err
	}
	list := weekly(sp, m, week, now.UTC().Truncate(time.Hour))
	by := sp.deputy
	_, err = f.s.AddReports(f.as(by), sp.slug, func(m *registry.Model, now time.Time) ([]telemetry.Report, error) {
		return telemetry.Receive(f.actor(by), m, list, now)
	})
	return err
}

// weekly is a week of daily values of the usual metrics, and the week's value of what the replacement
// criterion is about.
func weekly(sp spec, m registry.Model, week int, end time.Time) []telemetry.Report {
	var out []telemetry.Report
	at := func(v float64) *float64 { return &v }
	for d := 6; d >= 0; d-- {
		to := end.AddDate(0, 0, -d)
		ago := float64(week*7 + d)
		w := func(metric string) float64 { return wobble(sp.slug, metric, to.Format(time.DateOnly)) }
		add := func(metric string, value float64, threshold *float64) {
			out = append(out, telemetry.Report{Metric: metric, Value: math.Round(value*1000) / 1000, From: to.AddDate(0, 0, -1), To: to, Source: "Metrics hub", Threshold: threshold})
		}
		latency, drift := 120+40*w("latency"), 0.05+0.05*w("drift")
		if sp.slug == slowModel && ago < 10 {
			latency += 15 * (12 - ago)
		}
		if sp.slug == driftingModel {
			drift += 0.2 * max(0, 40-ago) / 40
		}
		add(telemetry.Latency, latency, nil)
		add(telemetry.Availability, 99.99-0.3*w("availability")*w("more"), nil)
		add(telemetry.Drift, drift, at(0.2))
		if slices.Contains(pipelines, sp.team) || sp.tier == 1 {
			add(telemetry.Quality, 0.91+0.02*w("quality"), nil)
		}
		add(telemetry.Cost, 20+float64(len(sp.name))+4*w("cost"), nil)
	}
	// By the words of the plan, so that its criterion finds them.
	c := sample.Body(m, "2026-01-01").Trigger.Criterion
	value := 0.9 + 0.02*wobble(sp.slug, "auc", end.String())
	if sp.slug == fadingModel {
		value = 0.81 - 0.012*float64(reportWeeks-week)
	}
	if c.Metric != "auc" {
		value = 2.4 + wobble(sp.slug, "cost", end.String())
	}
	return append(out, telemetry.Report{Metric: "custom:" + c.Metric, Value: math.Round(value*1000) / 1000, From: end.AddDate(0, 0, -7), To: end, Source: c.Source})
}

// wobble is a number from 0 to 1 that is always the same for the same words.
func wobble(words ...string) float64 {
	h := fnv.New32a()
	for _, w := range slices.Concat(words, []string{"demo"}) {
		_, _ = h.Write([]byte(w + "/"))
	}
	return float64(h.Sum32()%1000) / 999
}
