// Package flow computes the three figures that stand beside a maturity score, per team and quarter and from
// the records alone:
//
//	time to production    median days from registered to production, and where versions wait on that way
//	unknown production    incidents of serving that nobody could name, or that passed governance by
//	ghost versions        versions whose lineage is too thin to build them again
//
// Which records there are belongs to store; how mature a model is, to scorecard.
package flow
