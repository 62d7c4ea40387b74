package ui

import (
	"strconv"

	"sundial/models/day"
)

// RunwayProps is the time that is left until something has to begin.
type RunwayProps struct {
	LatestStart day.Day
	Today       day.Day
	NeedsDays   int    // from the beginning to the end; 0 says nothing of it
	Unknown     string // stands there while there is no day to count to
	Begun       string // what is under way already, "" for nothing: then nothing is late
	Large       bool   // names the floors under the bar
}

// runwayScale is how many days the bar shows: twice the first floor.
const runwayScale = 180

// runwayFloors are the days before the latest start at which Sundial warns.
var runwayFloors = []int{90, 60, 30}

func (p RunwayProps) left() int { return p.Today.Until(p.LatestStart) }

// RunwayTone is how loudly so many days warn; below 0 the latest start has passed.
func RunwayTone(left int) Tone {
	switch {
	case left <= runwayFloors[2]:
		return Bad
	case left <= runwayFloors[0]:
		return Warn
	}
	return Good
}

func (p RunwayProps) tone() Tone {
	if p.Begun != "" {
		return Info
	}
	return RunwayTone(p.left())
}

// words say what the bar says.
func (p RunwayProps) words() string {
	if p.Begun != "" {
		return p.Begun
	}
	switch left := p.left(); {
	case left < 0:
		return "passed " + DaysLeft(p.LatestStart, p.Today)
	case left == 0:
		return "today at the latest"
	default:
		return Count(int64(left), "day", "days") + " left"
	}
}

// described is the bar in a sentence.
func (p RunwayProps) described() string {
	s := "Latest start on " + p.LatestStart.Human() + ": " + p.words() + "."
	if p.Begun == "" && p.left() >= 0 {
		for i := len(runwayFloors) - 1; i >= 0; i-- {
			if p.left() <= runwayFloors[i] {
				return s + " That is within the warning at " + strconv.Itoa(runwayFloors[i]) + " days."
			}
		}
	}
	return s
}

// fill is how much of the bar is left. When nothing is left the bar is full, and red.
func (p RunwayProps) fill() string {
	if p.Begun != "" || p.left() < 0 {
		return "100%"
	}
	return runwayAt(p.left())
}

func runwayAt(days int) string { return percents(min(float64(days)/runwayScale, 1) * 100) }

func (p RunwayProps) height() string {
	if p.Large {
		return "28"
	}
	return "8"
}

// tick is how far down a floor's line goes.
func (p RunwayProps) tick() string {
	if p.Large {
		return "12"
	}
	return "8"
}
