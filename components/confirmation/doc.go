// Package confirmation draws the quarterly confirmation: the page on which somebody confirms their entries,
// and the lists of what was confirmed and what nobody confirmed.
package confirmation
