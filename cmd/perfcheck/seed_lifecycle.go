package main

import (
	"time"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/retirement"
	plans "sundial/models/retirement/sample"
)

// served is one stretch in production: the version, its request's number, from when until when.
type served struct {
	version      registry.Version
	request      int64
	since, until time.Time
}

// servings are the last two stretches of a model that serves.
func (o organisation) servings(m model) []served {
	if m.stage != registry.Production {
		return nil
	}
	now := served{version: m.version, request: 2 * m.ID, since: m.version.StageSince}
	if m.versions == 1 {
		return []served{now}
	}
	before := o.version(m, m.versions-1)
	return []served{{before, 2*m.ID - 1, before.StageSince, now.since}, now}
}

func (o organisation) requestRows(m model) [][]any {
	var out [][]any
	for _, s := range o.servings(m) {
		out = append(out, []any{s.request, m.ID, s.version.ID, string(registry.Staged), string(registry.Production), "forward",
			"Better on the holdout, shadowed for two weeks.", "applied", m.OwnerID, s.since.AddDate(0, 0, -2).UnixMilli(), s.since.AddDate(0, 0, 5).UnixMilli(),
			s.since.UnixMilli(), reviewerID, "standard-000000000000", hexDigits(uint64(s.request), 64)})
	}
	if m.stage == registry.Validated && m.OwnerID != 0 && m.ID%10 == 0 {
		out = append(out, []any{2 * m.ID, m.ID, m.version.ID, string(registry.Validated), string(registry.Staged), "forward", "Ready to be tried.",
			"open", m.OwnerID, m.UpdatedAt.UnixMilli(), m.UpdatedAt.AddDate(0, 0, 7).UnixMilli(), 0, nil, "standard-000000000000", ""})
	}
	return out
}

func (o organisation) reviewRows(m model) [][]any {
	var out [][]any
	for _, s := range o.servings(m) {
		out = append(out, []any{s.request, reviewerID, `["reviewer","risk_reviewer"]`, "approve", hexDigits(uint64(s.request), 64), s.since.UnixMilli()})
	}
	return out
}

func (o organisation) servingRows(m model) [][]any {
	var out [][]any
	for _, s := range o.servings(m) {
		out = append(out, []any{m.ID, s.version.ID, s.since.UnixMilli(), orZero(s.until), s.request, "promotion", hexDigits(uint64(s.request), 64),
			asJSON([]registry.Approver{{ID: reviewerID, Name: "Bela Brook"}})})
	}
	return out
}

// planRows is the approved retirement plan without which nothing serves.
func (o organisation) planRows(m model) [][]any {
	if !m.complete {
		return nil
	}
	p := retirement.Plan{ModelID: m.ID, Number: 1, Body: plans.Body(m.Model, day.Of(o.now))}
	facts := asJSON(map[string]any{"editors": []int64{m.OwnerID}, "submitted_by": m.OwnerID, "reviewed_by": reviewerID, "approved_by": reviewerID, "approved_digest": p.Digest()})
	submitted, approved := m.UpdatedAt.UnixMilli(), m.UpdatedAt.Add(time.Hour).UnixMilli()
	return [][]any{{m.ID, 1, "approved", asJSON(p.Body), facts, m.OwnerID, string(p.Body.Dates.ReviewBy), submitted, approved, submitted, approved}}
}
