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
//
// A Workflow carries an approved plan out, with the plan as it was when it was triggered:
//
//	triggered -> announced -> dual run -> cutover -> drain -> rollback window -> disabled -> disposition -> sealed -> retired
//	    |            |           |          |          |            |            ^                            |  ^      |
//	    +------------+-----------+--------------------------------- | -----------+ Order (an emergency)       |  +------+ See
//	    +--> aborted +           +----------+----------+------------+--> rolled back                          |   (a zombie: watched anew)
//	                                                                                                          +--> no way back
//
// Each phase ends when its Conditions hold: facts that stamps, consumers, certificates and dates bear
// witness to, or a person's word that a second person confirmed (Attestation). At "disabled" the version
// stops serving; it and its model are retired when the dossier is sealed. In the light profile the way is
// announced, cutover, disposition, retired. A Superseding is the cutover between two versions of one
// model and goes on by itself; a Rehearsal walks the plan and changes nothing.
package retirement
