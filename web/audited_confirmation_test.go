package web_test

import (
	"testing"

	"sundial/web/webtest"
)

// confirmEntry confirms an entry of last quarter.
func confirmEntry(t *testing.T, s *webtest.Site, do press) {
	bare(t, s)
	s.Clock.Days(100)
	submit(s.As(s.Owner), "/confirm", do, "entries[1].reply", "as_it_says")
}
