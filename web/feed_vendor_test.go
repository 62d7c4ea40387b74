package web_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"sundial/models/day"
	"sundial/models/vendors"
	"sundial/web/webtest"
)

// A vendor that moves a date changes neither the model nor its plan; subscribers hear of it all the same.
func TestTheCalendarFollowsTheVendor(t *testing.T) {
	site := webtest.New(t)
	site.ServeRelease(t, "bot", "v1")
	b := site.As(site.Viewer)
	m, err := site.Store.Model(t.Context(), "bot")
	check(t, err)
	id := "model-" + strconv.FormatInt(m.ID, 10) + "-vendor-end@127.0.0.1:8080"
	sequence := func(e *ics.VEvent) int {
		n, err := strconv.Atoi(e.GetProperty(ics.ComponentPropertySequence).Value)
		check(t, err)
		return n
	}
	before := calendar(t, b.Get(feed).Is(200).Body)[id]
	was, last := on(t, before), sequence(before)
	site.Clock.Add(time.Hour)
	moved := day.Of(site.Clock.Now()).Add(90)
	check(t, site.Store.SaveVendorModels(site.World.As(site.Admin), []vendors.Entry{{Host: vendors.OpenAI, ModelID: "gpt-4o-2024-11-20", Class: vendors.Pinned,
		EndOfLife: moved, Successor: "gpt-5.1-2025-11-13", Source: "https://vendor.example", ReadOn: day.Of(site.Clock.Now())}}))
	after := calendar(t, b.Get(feed).Is(200).Body)[id]
	if got := on(t, after); got != string(moved) || got == was {
		t.Errorf("it was on %s and is on %s, want %s", was, got, moved)
	}
	if n := sequence(after); n <= last {
		t.Errorf("its sequence went from %d to %d: programs keep the old day", last, n)
	}
	for _, words := range []string{"openai/gpt-4o-2024-11-20", "The vendor names gpt-5.1-2025-11-13 after it."} {
		if !strings.Contains(after.GetProperty(ics.ComponentPropertyDescription).Value, words) {
			t.Errorf("it does not say %q: %s", words, after.GetProperty(ics.ComponentPropertyDescription).Value)
		}
	}
	mine := calendar(t, b.Get(feed+"?team=credit").Is(200).Body)
	if mine[id] != nil {
		t.Error("another team's calendar has it")
	}
}
