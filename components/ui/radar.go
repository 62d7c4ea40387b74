package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// radarRim is the radius of 100 in the picture's units.
const radarRim = 100.0

// at is a point on an axis; the first axis points up, the others follow clockwise.
func (r Radar) at(i int, radius float64) (x, y float64) {
	turn := 2*math.Pi*float64(i)/float64(max(len(r.Axes), 1)) - math.Pi/2
	return radius * math.Cos(turn), radius * math.Sin(turn)
}

func (r Radar) ring(share float64) string {
	var b strings.Builder
	for i := range r.Axes {
		x, y := r.at(i, radarRim*share)
		fmt.Fprintf(&b, "%s%.1f %.1f", verb(i), x, y)
	}
	return b.String() + "Z"
}

func (r Radar) spokes() string {
	var b strings.Builder
	for i := range r.Axes {
		x, y := r.at(i, radarRim)
		fmt.Fprintf(&b, "M0 0L%.1f %.1f", x, y)
	}
	return b.String()
}

// outline joins the values of the axes that apply.
func (r Radar) outline() string {
	var b strings.Builder
	n := 0
	for i, a := range r.Axes {
		if a.None {
			continue
		}
		x, y := r.at(i, radarRim*bounded(a.Value)/100)
		fmt.Fprintf(&b, "%s%.1f %.1f", verb(n), x, y)
		n++
	}
	if n == 0 {
		return "M0 0"
	}
	return b.String() + "Z"
}

func (r Radar) dots() string {
	var b strings.Builder
	for i, a := range r.Axes {
		if !a.None {
			x, y := r.at(i, radarRim*bounded(a.Value)/100)
			fmt.Fprintf(&b, "M%.1f %.1fh0.01", x, y)
		}
	}
	if b.Len() == 0 {
		return "M0 0"
	}
	return b.String()
}

// label is where an axis is named: beyond its rim, on the side it points to.
func (r Radar) label(i int) (x, y, anchor string) {
	px, py := r.at(i, radarRim+14)
	anchor = "middle"
	switch {
	case px > 12:
		anchor = "start"
	case px < -12:
		anchor = "end"
	}
	return strconv.FormatFloat(px, 'f', 1, 64), strconv.FormatFloat(py+4, 'f', 1, 64), anchor
}

func verb(i int) string {
	if i == 0 {
		return "M"
	}
	return "L"
}

func bounded(v float64) float64 { return min(max(v, 0), 100) }

// width is a bar's length in a picture of 1000 units, from nought.
func (p BarsProps) width(b Bar) string {
	top := p.Top
	for _, x := range p.Bars {
		if p.Top == 0 {
			top = max(top, x.Value)
		}
	}
	if top <= 0 {
		return "0"
	}
	return strconv.FormatFloat(min(max(b.Value/top, 0), 1)*1000, 'f', 1, 64)
}
