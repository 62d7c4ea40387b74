package demodata

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sundial/models/org"
	"sundial/models/store"
)

// calendar plays what happened in the organisation in the order of time, so that the audit trail reads
// like one that grew by itself.
type calendar struct {
	events []event
}

type event struct {
	when time.Time
	what string
	do   func(now time.Time) error
}

// at plans an event so many days before the present, at an hour of the working day.
func (f *filler) at(daysAgo, minute int, what string, do func(now time.Time) error) {
	when := f.present.AddDate(0, 0, -daysAgo).Truncate(24 * time.Hour).Add(8*time.Hour + time.Duration(minute)*time.Minute)
	if when.After(f.present) {
		when = f.present.Add(-time.Minute)
	}
	f.calendar.events = append(f.calendar.events, event{when, what, do})
}

// play runs the events under a clock that stands at each one's moment.
func (f *filler) play() error {
	slices.SortStableFunc(f.calendar.events, func(a, b event) int { return a.when.Compare(b.when) })
	now := f.present
	f.s.SetClock(func() time.Time { return now })
	defer f.s.SetClock(nil)
	for i, e := range f.calendar.events {
		now = e.when.Add(time.Duration(i) * time.Millisecond)
		if err := e.do(now); err != nil {
			return fmt.Errorf("%s, %s: %w", e.when.Format(time.DateOnly), e.what, err)
		}
	}
	return nil
}

// as is a context in which a demo person acts from the browser.
func (f *filler) as(subject string) context.Context {
	return store.WithSource(f.ctx, store.Source{Actor: f.actor(subject), RequestID: "demo", From: "127.0.0.1"})
}

func (f *filler) actor(subject string) org.Actor {
	return org.Actor{Person: f.people[subject], Via: "session"}
}
