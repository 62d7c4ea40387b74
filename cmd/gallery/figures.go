package main

import (
	"time"

	"sundial/components/ui"
)

var limit70 = 70.0

var trend = ui.Chart{ID: "trend", Title: "Score", Desc: "The score rose from 44 to 51.5 within 90 days.", From: ago(90 * days), To: now, Zero: true, Top: 100, Days: true,
	Limit: &limit70, Says: "Good from 70", Points: trendPoints()}

func trendPoints() []ui.ChartPoint {
	var out []ui.ChartPoint
	for i, v := range []float64{44, 44.2, 47, 47.1, 46, 49.5, 49.5, 51, 51.5} {
		out = append(out, ui.ChartPoint{At: ago(time.Duration(80-10*i) * days), Value: v})
	}
	return out
}

var tierBars = []ui.Bar{{Label: "Elite", Value: 3, Text: "3", Level: "elite"}, {Label: "Good", Value: 11, Text: "11", Level: "good"},
	{Label: "Average", Value: 14, Text: "14", Level: "average"}, {Label: "Weak", Value: 5, Text: "5", Level: "weak"}, {Label: "Chaos", Value: 1, Text: "1", Level: "chaos"}}

var radar = ui.Radar{ID: "radar", Title: "By section", Desc: "Monitoring is lowest with 31 of 100, control highest with 100.", What: "Section", Axes: []ui.RadarAxis{
	{Label: "Inventory", Value: 92, Text: "92.0"}, {Label: "Lineage", Value: 73, Text: "73.3"}, {Label: "Validation", Value: 81, Text: "81.2"}, {Label: "Production", Value: 64, Text: "64.0"},
	{Label: "Monitoring", Value: 31, Text: "31.2"}, {Label: "Retirement", Value: 88, Text: "88.2"}, {Label: "Control", Value: 100, Text: "100.0"}}}

var heatColumns = []ui.Column{{Label: "Team", SortHref: "/?sort=name"}, {Label: "Score", Number: true, SortHref: "/?sort=score", Sorted: "ascending"}, {Label: "Inventory", Number: true}, {Label: "Lineage", Number: true},
	{Label: "Validation", Number: true}, {Label: "Monitoring", Number: true}, {Label: "90 days"}}

var heatRows = []struct {
	name  string
	cells []ui.Heat
}{
	{"Growth", []ui.Heat{{Text: "18.2", Word: "Chaos", Level: "chaos", Firm: true}, {Text: "41.6", Word: "Average", Level: "average"}, {Text: "0.0", Word: "Chaos", Level: "chaos"}, {Text: "25.0", Word: "Weak", Level: "weak"}, {Text: "12.5", Word: "Chaos", Level: "chaos"}}},
	{"Payments risk", []ui.Heat{{Text: "51.5", Word: "Average", Level: "average", Firm: true}, {Text: "92.0", Word: "Elite", Level: "elite"}, {Text: "73.3", Word: "Good", Level: "good"}, {Text: "81.2", Word: "Good", Level: "good"}, {Text: "31.2", Word: "Weak", Level: "weak"}}},
	{"Legal", []ui.Heat{{Word: "No models"}, {Word: "None"}, {Word: "None"}, {Word: "None"}, {Word: "None"}}},
}
