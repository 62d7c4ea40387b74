package api_test

import (
	"testing"

	"sundial/models/confirmation"
	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
)

// Whoever keeps an inventory elsewhere reads what nobody confirmed here, page by page.
func TestWhatNobodyConfirmedIsReadByMachines(t *testing.T) {
	s := site(t)
	for _, slug := range []string{"alpha", "beta", "gamma"} {
		s.Model(t, slug, registry.Trained, 2)
	}
	quarter := day.QuarterOf(s.Clock.Now()).Add(1)
	s.Clock.Add(quarter.Start().Sub(s.Clock.Now()))
	m, err := s.Store.Model(t.Context(), "alpha")
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Store.ConfirmationOf(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.AnswerEntries(s.World.As(s.Owner), []store.EntryReply{{Model: m.ID, Seen: e.Seen(), Reply: confirmation.AsItSays}}); err != nil {
		t.Fatal(err)
	}
	b := withToken(t, s, s.Viewer, org.ScopeRead)
	first := ask(t, b, "GET", "/confirmations?limit=1", "").is(t, 200, `"model":"beta"`, `"standing":"open"`, `"quarter":"`+string(quarter)+`"`, `"team":"fraud"`, `"owner":"Owner"`, `"due":"`)
	next, _ := first.Body["next"].(string)
	last := ask(t, b, "GET", "/confirmations?limit=1&cursor="+next, "").is(t, 200, `"model":"gamma"`)
	if last.Body["next"] != nil || next == "" {
		t.Errorf("the pages go on from %q to %v", next, last.Body["next"])
	}
	ask(t, b, "GET", "/confirmations?standing=confirmed&team=fraud&quarter="+string(quarter), "").
		is(t, 200, `"model":"alpha"`, `"reply":"as_it_says"`, `"digest":"`+e.Seen().Digest, `"name":"Owner"`, `"changed_since":false`)
	ask(t, b, "GET", "/confirmations?team=credit", "").is(t, 200, `"items":[]`)
	ask(t, b, "GET", "/confirmations?quarter=2026", "").is(t, 422, "query.quarter", "2026-Q4")
	ask(t, b, "GET", "/confirmations?standing=maybe", "").is(t, 422)
	ask(t, b, "GET", "/confirmations?cursor=x", "").is(t, 400)
	ask(t, withToken(t, s, s.Owner, org.ScopeWrite), "POST", "/confirmations", `{}`).is(t, 405)
}
