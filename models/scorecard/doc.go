// Package scorecard turns facts into the maturity score: of a model by its criteria, of a team by its
// models, with what would raise it most. Nothing in it is reported by whoever is scored: a person's word
// alone counts nothing, a person's record that a second person approved counts seven tenths, what a machine
// reported or this portal itself observed counts in full. Loading the facts and keeping scores by day belong
// to store.
//
// The way from facts to a number has two steps, so that the second can be run over every model at night and
// for "what if":
//
//	Known ──Establish──▶ Facts (a Reading for each criterion) ──Score──▶ Scorecard ──RollUp──▶ Rollup
//	                       ▲                                                │
//	                       └──────── Mended (what if this were done) ◀── NextActions
//
// Readings say until when they hold, so that a score ages without anybody reading the facts again.
package scorecard

// Rules is the version of the table of criteria and of everything that computes in this package. Whoever
// changes a number here counts it up: scores that were kept stay as they were computed.
const Rules = "1"
