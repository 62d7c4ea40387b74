// Package confirmation knows the quarterly confirmation of the inventory: which entries are asked for, who
// gives their word for one, what exactly they confirm, and until when. It is not an attestation, which
// stands in for a fact that a machine could not observe: a confirmation earns no points anywhere.
//
// It leaves to others: what an entry says (models/registry), keeping answers and finding what nobody
// confirmed (models/store), and the letters that ask for it (models/notice).
//
//	round.go   a quarter that is asked for, its due day, and which entries belong to it
//	facts.go   what is confirmed, as lines to read and as a digest
//	entry.go   an entry with its answers: who may answer, and what an answer makes of it
//
// An entry goes through a quarter like this; each arrow is an answer of its owner or deputy:
//
//	open ── as it says ──> confirmed ── something is wrong ──> disputed
//	  └─── something is wrong ──> disputed ── as it says, once mended ──> confirmed
package confirmation
