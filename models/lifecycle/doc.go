// Package lifecycle decides whether a version may move to another stage: the table of legal
// transitions, the gate computed from facts, and the dossier of a transition request with its reviews,
// waivers and decision. It keeps nothing and asks nobody: facts, policy and time are handed in.
//
// Stages and the moves between them:
//
//	experiment ──▶ registered ──▶ validated ──▶ staged ──▶ production ──▶ retired
//	     ▲              ▲             ▲            ▲            │   (by a finished retirement,
//	     └──────────────┴─────────────┴────────────┴────────────┘    or superseded and lapsed)
//	                    back: to any earlier stage
//	experiment, registered, validated, staged ──▶ retired: closed with a reason, if it never served
//	superseded (staged, inside its rollback window) ──▶ production: one expedited review
//
// Some checks are iron: owner, SLA, an approved living plan and, for GenAI, a pinned vendor id. No waiver,
// policy file or broken glass lifts them. The one exception is a dated preview of a vendor: it does not
// move, so tier 3 may serve it and a waiver may let it serve elsewhere; an id that floats, or that nobody
// can classify, never goes to production.
//
// A request is open, and then exactly one of: applied, rejected, withdrawn, superseded.
// Approvals name the digest of what was read; when a fact changes, the digest changes and they are void.
package lifecycle
