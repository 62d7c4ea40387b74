// Package maturity draws scores: the leadership page, a team's page and a model's scorecard. What a score is
// computed from, and by what rule, is models/scorecard's.
package maturity
