// Package maturity serves scores: the leadership page, a team's page with its what-if, and a model's
// scorecard. What a score is belongs to models/scorecard, how it looks to components/maturity.
package maturity

import (
	"time"

	"sundial/components/ui"
	"sundial/models/lifecycle"
	"sundial/models/store"
)

// Handlers answers for this subject.
type Handlers struct {
	Store  *store.Store
	Policy lifecycle.Policy
	Clock  func() time.Time
}

const (
	teamsOnPage  = 50
	mostTeams    = 10_000 // in a file
	modelsOnPage = 200
	nextActions  = 3
	ifChoices    = 12
	mostTicked   = 50
	trendDays    = store.TrendDays
)

func crumb(label, href string) ui.Crumb { return ui.Crumb{Label: label, Href: href} }
