// Package retirement knows how a model will end: the plan, what must be in it before a reviewer sees it,
// who may decide it, whether it is still true today (living) or has become stale, and how long a
// retirement needs (runway). No plan, no production: lifecycle asks this package whether a plan lives.
//
// It leaves to others: what a vendor id is and when it ends (vendors), who a person is (org), what is
// kept and that plans change one at a time (store). Facts about the world come in as a Context.
//
// A plan is versioned by number. One number lives through these states:
//
//	NewPlan, NextDraft
//	        |
//	        v      Submit                Review: approve
//	     [draft] ---------> [submitted] -----------------> [approved] --+ Confirm (at every new version)
//	        ^  |              |   |   ^                      |     ^----+
//	        +--+ EditSection  |   |   | Submit               | the next number is approved
//	                          |   |   |                      v
//	  Review: request changes |   |  [changes requested]  [superseded]
//	                          |   |   ^         ^  |
//	                          +---|---+         +--+ EditSection
//	                              |
//	                              +--> [rejected]   Review: reject
//
// Approved, rejected and superseded numbers never change again, except that an approved one is confirmed
// or superseded; NextDraft copies an approved or rejected one into the next number. The approved number
// stays in force until the next one is approved, in the same change, so that a model never has two plans
// in force and, once it has one, is never without.
package retirement
