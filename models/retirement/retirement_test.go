package retirement_test

import (
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/retirement/sample"
)

// The people of these tests, all invented.
const (
	ownerID int64 = iota + 1
	deputyID
	memberID
	reviewerID
	riskID
	strangerID
	goneID
	teamReviewerID
)

const team = 7

var (
	now   = time.Date(2026, 3, 2, 14, 30, 0, 0, time.UTC)
	today = day.Of(now)
)

func people() map[int64]org.Person {
	list := []org.Person{
		{ID: ownerID, Name: "Orla Owner", Roles: []org.Role{org.Contributor}, TeamIDs: []int64{team}},
		{ID: deputyID, Name: "Dario Deputy", Roles: []org.Role{org.Contributor, org.Reviewer}, TeamIDs: []int64{team}},
		{ID: memberID, Name: "Mina Member", Roles: []org.Role{org.Contributor}, TeamIDs: []int64{team}},
		{ID: reviewerID, Name: "Rex Reviewer", Roles: []org.Role{org.Reviewer}},
		{ID: riskID, Name: "Rita Risk", Roles: []org.Role{org.RiskReviewer}},
		{ID: strangerID, Name: "Stan Stranger", Roles: []org.Role{org.Contributor}, TeamIDs: []int64{99}},
		{ID: goneID, Name: "Gone Gustav", Disabled: true},
		{ID: teamReviewerID, Name: "Tea Both", Roles: []org.Role{org.Contributor, org.Reviewer}, TeamIDs: []int64{team}},
	}
	out := map[int64]org.Person{}
	for _, p := range list {
		out[p.ID] = p
	}
	return out
}

func actor(id int64) org.Actor { return org.Actor{Person: people()[id], Via: "session"} }

func model() registry.Model {
	return registry.Model{
		ID: 40, Slug: "fraud-scorer", Name: "Fraud scorer", Kind: registry.Trained, TeamID: team, Tier: 1,
		OwnerID: ownerID, DeputyID: deputyID, Stage: registry.Staged,
		Consumers: []registry.Consumer{{Name: "Payments", Contact: "payments@example.org", Criticality: "high", Integration: "API", NoticeDays: 30}},
	}
}

func world() retirement.Context {
	return retirement.Context{
		Model:     model(),
		People:    people(),
		Candidate: retirement.CandidateFact{Found: true, Alive: true, Label: "fraud-scorer-2"},
	}
}

// body is a complete plan that ends on 2027-03-02, with a 14-day rollback window.
func body() retirement.Body {
	b := sample.Body(model(), today)
	b.Candidate = sample.Replacement("fraud-scorer-2", "v1")
	return b
}

func draft(t *testing.T) *retirement.Plan {
	t.Helper()
	p, err := retirement.NewPlan(model(), actor(memberID), now)
	must(t, err)
	p.ID = 1
	must(t, p.Replace(actor(memberID), body(), world(), now))
	return p
}

func submitted(t *testing.T) *retirement.Plan {
	t.Helper()
	p := draft(t)
	must(t, p.Submit(actor(memberID), world(), now))
	return p
}

func approved(t *testing.T) *retirement.Plan {
	t.Helper()
	p := submitted(t)
	must(t, p.Review(actor(reviewerID), retirement.Approve, p.Digest(), "", world(), now))
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks the kind of a fault, 0 for none.
func refused(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	switch {
	case kind == 0 && err != nil:
		t.Fatalf("refused: %v", err)
	case kind != 0 && !fault.Is(err, kind):
		t.Fatalf("got %v, want a fault of kind %d", err, kind)
	}
}

// fields are the fields at which a fault has problems.
func fields(err error) []string {
	f, ok := fault.As(err)
	if !ok {
		return nil
	}
	var out []string
	for _, p := range f.Problems {
		out = append(out, p.Field)
	}
	return out
}
