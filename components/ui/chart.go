package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Chart is one series over time: a line, or bars that begin at nought. The picture has a table beside
// it that says the same; colour alone says nothing in it.
type Chart struct {
	ID     string // unique on the page
	Title  string
	Desc   string // what the picture shows, in a sentence, for those who do not see it
	Unit   string // "ms", "%"
	Points []ChartPoint
	From   time.Time // the picture's left and right end
	To     time.Time
	Bars   bool
	Zero   bool     // the scale begins at 0, as with Bars
	Top    float64  // the scale's upper end, 0 to fit what is drawn
	Limit  *float64 // a line across, nil for none
	Says   string   // what the limit is: "SLA: at most 250 ms"
	Marked string   // what a marked point is: "breach"
	Many   string   // and several: "breaches"
	Value  string   // head of the table's column of values
	Days   bool     // points are days and not moments
}

// ChartPoint is one value. Marked ones stand out, and say so in the table.
type ChartPoint struct {
	At     time.Time
	Value  float64
	Marked bool
	Note   string // beside the value in the table
}

// The picture is drawn in units of its own and stretched to its place; strokes keep their width.
const (
	chartWide = 1000.0
	chartHigh = 240.0
)

// scale is the range of values from the bottom to the top of the picture.
func (c Chart) scale() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range c.Points {
		low, high = min(low, p.Value), max(high, p.Value)
	}
	if c.Limit != nil {
		low, high = min(low, *c.Limit), max(high, *c.Limit)
	}
	if math.IsInf(low, 0) {
		low, high = 0, 1
	}
	if c.Bars || c.Zero {
		low = min(low, 0)
	}
	if high == low {
		high += max(math.Abs(high)*0.1, 0.5)
	}
	step := roundStep((high - low) / 4)
	from, to := math.Floor(low/step)*step, math.Ceil(high/step)*step
	if c.Limit != nil && *c.Limit >= to { // a line along the edge is hard to see
		to += step
	}
	if c.Top != 0 {
		to = c.Top
	}
	return from, to
}

// roundStep is the next of 1, 2, 5, 10, ... that is no smaller, so that the scale ends on numbers people
// read easily.
func roundStep(v float64) float64 {
	ten := math.Pow(10, math.Floor(math.Log10(v)))
	for _, s := range []float64{1, 2, 5} {
		if s*ten >= v*(1-1e-9) {
			return s * ten
		}
	}
	return 10 * ten
}

func (c Chart) x(t time.Time) float64 {
	span := c.To.Sub(c.From)
	if span <= 0 {
		return chartWide / 2
	}
	return min(max(float64(t.Sub(c.From))/float64(span), 0), 1) * chartWide
}

func (c Chart) y(v float64) float64 {
	low, high := c.scale()
	return chartHigh - (v-low)/(high-low)*chartHigh
}

// line is the path through all points; a single one is a short stroke.
func (c Chart) line() string {
	var b strings.Builder
	low, high := c.scale()
	for i, p := range c.Points {
		verb := "L"
		if i == 0 {
			verb = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", verb, c.x(p.At), chartHigh-(p.Value-low)/(high-low)*chartHigh)
	}
	if len(c.Points) == 1 {
		b.WriteString("h0.1")
	}
	return b.String()
}

// marks are dots: strokes of no length with round ends, which stay round however the picture is
// stretched.
func (c Chart) marks() string {
	var b strings.Builder
	low, high := c.scale()
	for _, p := range c.Points {
		if p.Marked {
			fmt.Fprintf(&b, "M%.1f %.1fh0.01", c.x(p.At), chartHigh-(p.Value-low)/(high-low)*chartHigh)
		}
	}
	return b.String()
}

func (c Chart) marked() (n int) {
	for _, p := range c.Points {
		if p.Marked {
			n++
		}
	}
	return n
}

func (c Chart) limitLine() string { return fmt.Sprintf("M0 %.1fH%.0f", c.y(*c.Limit), chartWide) }

// bar is a point's rectangle, from nought up.
func (c Chart) bar(p ChartPoint) (x, y, width, height string) {
	each := chartWide
	if span := c.To.Sub(c.From); span > 0 {
		each = chartWide * float64(24*time.Hour) / float64(span)
	}
	top, bottom := c.y(p.Value), c.y(0)
	f := func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
	return f(min(c.x(p.At), chartWide-each) + each*0.1), f(top), f(each * 0.8), f(max(bottom-top, 0))
}

func (c Chart) top() string    { _, high := c.scale(); return c.number(high) }
func (c Chart) bottom() string { low, _ := c.scale(); return c.number(low) }

// end is the last day that is drawn.
func (c Chart) end() time.Time {
	if c.Days {
		return c.To.AddDate(0, 0, -1)
	}
	return c.To
}

// number is a value as charts write it, with its unit.
func (c Chart) number(v float64) string {
	if c.Unit == "" {
		return ChartNumber(v)
	}
	return ChartNumber(v) + " " + c.Unit
}

func (c Chart) when(t time.Time) string {
	if c.Days {
		return FormatDate(t)
	}
	return FormatTime(t)
}

func (c Chart) latest() string {
	if len(c.Points) == 0 {
		return "nothing yet"
	}
	return c.number(c.Points[len(c.Points)-1].Value)
}

// ChartNumber is a value with four significant digits, thousands apart.
func ChartNumber(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1e15 || a != 0 && a < 1e-4:
		return strconv.FormatFloat(v, 'g', 4, 64)
	case a >= 1000:
		return Number(int64(math.Round(v)))
	default:
		digits := 3
		for x := a; x >= 10; x /= 10 {
			digits--
		}
		if a < 1 {
			digits = 4
		}
		s := strconv.FormatFloat(v, 'f', digits, 64)
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
}

// Share is a part of a whole in percent, cut and not rounded: only the whole is 100 %.
func Share(part float64) string {
	tenths := int64(part*1000 + 1e-9)
	if part < 1 {
		tenths = min(tenths, 999)
	}
	return strings.TrimSuffix(strconv.FormatFloat(float64(tenths)/10, 'f', 1, 64), ".0") + " %"
}
