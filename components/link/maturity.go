package link

// TeamsCSV is every team's score as a file, TeamCSV one team's models.
func TeamsCSV() string           { return "/teams.csv" }
func TeamCSV(slug string) string { return path("teams", slug, "models.csv") }

// Scorecard is a model's score with every criterion.
func Scorecard(slug string) string { return path("models", slug, "maturity") }

// ScorecardSection is one section of it, ScorecardLine one criterion.
func ScorecardSection(slug, section string) string { return Scorecard(slug) + "#section-" + section }
func ScorecardLine(slug, key string) string        { return Scorecard(slug) + "#criterion-" + key }

// Flow is the three flow figures of every team in a quarter, FlowCSV the same as a file, TeamFlow the records
// behind one team's.
func Flow() string                { return "/flow" }
func FlowCSV() string             { return "/flow.csv" }
func TeamFlow(slug string) string { return path("teams", slug, "flow") }
