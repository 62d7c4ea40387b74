package main

import (
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"time"

	"sundial/models/audit"
)

// chain is where the seeded audit trail ends.
type chain struct {
	seq  int64
	hash string
}

// eventRows is a trail that holds: every event names its predecessor's hash.
func (o organisation) eventRows(c *chain) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		step := 3 * 365 * 24 * time.Hour / time.Duration(o.events())
		for n := 1; n <= o.events(); n++ {
			e := o.event(n, o.now.Add(-time.Duration(o.events()-n)*step))
			if err := e.Seal(c.hash); err != nil {
				panic("perfcheck: seeded events are plain values: " + err.Error())
			}
			c.seq, c.hash = e.Seq, e.Hash
			if !yield([]any{e.Seq, e.At.UnixMilli(), e.ActorID, e.Actor, e.Via, e.Verb, e.Subject.Kind, e.Subject.ID, e.Subject.Label, e.Subject.Model,
				string(e.Before), string(e.After), e.RequestID, e.From, e.PrevHash, e.Hash}) {
				return
			}
		}
	}
}

var verbs = []struct{ kind, verb, before, after string }{
	{"version", "version.added", ``, `{"label":"v2"}`},
	{"version", "version.changed", `{"summary":"First try."}`, `{"summary":"Retrained on the latest quarter."}`},
	{"model", "model.changed", `{"tier":3}`, `{"tier":2}`},
	{"evidence", "evidence.recorded", ``, `{"kind":"evaluation","outcome":"passed"}`},
	{"request", "request.opened", ``, `{"from":"validated","move":"forward","reason":"Ready.","to":"staged"}`},
	{"request", "request.approved", ``, `{"digest":"5f1d8c0b7a2e4936"}`},
	{"version", "version.promoted", `{"stage":"validated"}`, `{"stage":"staged"}`},
	{"session", "session.opened", ``, `{"person":17}`},
	{"person", "person.signed_in", `{"roles":["contributor"],"teams":[3]}`, `{"roles":["contributor"],"teams":[3]}`},
	{"plan", "plan.confirmed", ``, `{"version":"v2"}`},
}

func (o organisation) event(n int, at time.Time) audit.Event {
	d := chance(4, n)
	v := verbs[d.IntN(len(verbs))]
	actor := int64(firstOwner + d.IntN(o.teams*perTeam))
	model := int64(1 + int(float64(o.models)*math.Pow(d.Float64(), 2))) // some are changed often
	e := audit.Event{Seq: int64(n), At: at, ActorID: actor, Actor: fmt.Sprintf("Person %d", actor), Via: "session", Verb: v.verb,
		Subject: audit.Subject{Kind: v.kind, ID: model, Label: fmt.Sprintf("%s %d", v.kind, model), Model: model}, RequestID: fmt.Sprintf("%016x", d.Uint64()), From: "10.0.0.7"}
	if v.kind == "session" || v.kind == "person" {
		e.Subject.Model = 0
	}
	if v.before != "" {
		e.Before = json.RawMessage(v.before)
	}
	if v.after != "" {
		e.After = json.RawMessage(v.after)
	}
	return e
}
