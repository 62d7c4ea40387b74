// Package models holds no code: it is the glossary. Pages, code and documents use these words and no others.
//
//	model                 what an organisation governs: one purpose, one team, one owner; trained or GenAI
//	version               one concrete, buildable state of a model; versions move through stages, models do not
//	stage                 experiment, registered, validated, staged, production, retired
//	lineage               how a trained version was built: run, code commit, datasets, parameters, environment, metrics
//	release               the exact GenAI tuple that is approved: host, vendor model id, prompts, parameters, tools, evaluation suite
//	evidence              a recorded result (evaluation, fairness, security review, shadow, canary) for one version digest
//	check                 one rule of a gate, computed from facts: pass, fail, not applicable, waived or unknown
//	gate                  all checks of one transition
//	transition request    the proposal to move a version to another stage, with its checks, conversation and decision
//	review                approve, request changes or reject, bound to the digest of what was read
//	waiver                a check set aside with a reason, by somebody else, until a date at most 90 days away
//	break-glass           a promotion or rollback at once by a named role, which opens a 72-hour review debt
//	serving record        which version served where, from when until when
//	retirement plan       how a model will end, filed before it may begin to serve
//	replacement criterion the predicate that triggers the retirement
//	replacement candidate the model, version or release that takes over
//	cutover step          one ordered step of moving traffic to the candidate
//	data asset            data the model leaves behind, with the decision what happens to it
//	deletion certificate  proof that a data asset is gone, verified by somebody else
//	consumer              a person, team or system that depends on the model
//	acknowledgement       a consumer's answer to an announcement
//	workflow              a retirement as it is carried out, by the plan it began from
//	phase                 a stretch of a workflow; it ends when its conditions hold
//	disposal              what became of one data asset: deleted, kept, handed over
//	dossier (sealed)      everything about a retired model, hashed into the audit trail
//	retirement certificate the paper that says so, issued after a clean watch
//	superseding           the lighter workflow of a version that gives way to another of its model
//	rehearsal             a walk through the plan without effect
//	runway                the days that a retirement needs before its end date
//	stamp                 model@version plus prompt hash, carried by every prediction
//	zombie                a retired version that still answers
//	prompt version        a prompt's text and configuration under one SHA-256
//	vendor model          a hosted model under (host, id), with a class and an end of life
//	pinned, floating      whether a vendor id fixes the weights or may move
//	evaluation            a run of a suite of tests against one version, with thresholds
//	drift, cadence        how fast the world moves away, and how often the model follows
//	criterion             one line of the maturity score
//	cap                   the highest score that a known shortcoming still allows
//	tier                  risk tier 1 (highest), 2, 3; also the maturity tier Elite to Chaos
//	confirmation          an owner's or deputy's word, each quarter, that an inventory entry is as it says; it earns no points
//	attestation           a person's word that a second person confirmed, weaker than a machine's observation
package models
