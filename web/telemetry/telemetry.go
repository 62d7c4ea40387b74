// Package telemetry serves what machines reported: the page that leads from a stamp to its version, and
// a model's traffic and monitoring. Machines report through web/api; what counts as what is
// models/telemetry's, how it looks is components/telemetry.
package telemetry

import (
	"strings"
	"time"

	"sundial/components/ui"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store"
)

// Handlers answers for this subject.
type Handlers struct {
	Store   *store.Store
	Policy  lifecycle.Policy
	BaseURL string // where machines send their reports, for the examples
	Clock   func() time.Time
}

const (
	daysBack   = 30 // of traffic, and of zombies
	reportDays = 90 // of monitoring reports
	onPage     = 50
	inFile     = 1000
	drawn      = 2000 // reports on a page, of all metrics
	perChart   = 200
)

func names(list []registry.Approver) string {
	out := make([]string, 0, len(list))
	for _, a := range list {
		out = append(out, a.Name)
	}
	if n := len(out); n > 1 {
		return strings.Join(out[:n-1], ", ") + " and " + out[n-1]
	}
	return strings.Join(out, "")
}

func crumb(label, href string) ui.Crumb { return ui.Crumb{Label: label, Href: href} }
