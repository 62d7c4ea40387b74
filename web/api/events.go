package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
)

// Event is one line of the audit trail. It is written as the trail itself writes it: the hash of an event
// is the SHA-256 of its canonical JSON with an empty hash, and anybody can compute it.
type Event struct {
	Seq       int64         `json:"seq" doc:"Its number, from 1 and without gaps."`
	At        time.Time     `json:"at"`
	ActorID   int64         `json:"actor_id"`
	Actor     string        `json:"actor"`
	Via       string        `json:"via" doc:"session, token: and its name, or system."`
	Verb      string        `json:"verb"`
	Subject   audit.Subject `json:"subject"`
	Before    Facts         `json:"before,omitempty"`
	After     Facts         `json:"after,omitempty"`
	RequestID string        `json:"request_id"`
	From      string        `json:"from" doc:"The address it came from."`
	PrevHash  string        `json:"prev_hash"`
	Hash      string        `json:"hash"`
}

// Facts are the values that an event changed, as they are kept.
type Facts json.RawMessage

// MarshalJSON writes them as they are kept.
func (f Facts) MarshalJSON() ([]byte, error) { return json.RawMessage(f).MarshalJSON() }

// Schema says that they are an object or nothing.
func (Facts) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Nullable: true, AdditionalProperties: true}
}

func eventOf(e audit.Event) Event {
	return Event{Seq: e.Seq, At: e.At, ActorID: e.ActorID, Actor: e.Actor, Via: e.Via, Verb: e.Verb, Subject: e.Subject, Before: Facts(e.Before), After: Facts(e.After),
		RequestID: e.RequestID, From: e.From, PrevHash: e.PrevHash, Hash: e.Hash}
}

func (a *API) events() {
	register(a, org.ReadAudit, Operation{ID: "listAudit", Method: http.MethodGet, Path: "/audit", Group: "Audit", Title: "Read the audit trail",
		About: "Oldest first, each event with the hash of the one before. The hash of an event is the SHA-256 of its canonical JSON with an empty hash."}, a.listEvents)
}

func (a *API) listEvents(ctx context.Context, in *struct {
	Paging
	After   int64  `query:"after" minimum:"0" doc:"Events behind this number. The same as a cursor."`
	Subject string `query:"subject" maxLength:"100" doc:"A kind of subject, such as request, or one of them, such as request:7."`
	Model   string `query:"model" maxLength:"200" doc:"Everything about the model of this short name."`
	Actor   string `query:"actor" maxLength:"320" doc:"Whoever did it, by e-mail address or id."`
}) (*Listed[Event], error) {
	f, err := a.eventFilter(ctx, in.Subject, in.Model, in.Actor)
	if err != nil {
		return nil, err
	}
	cursor, err := countCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	if f.After = max(in.After, cursor); f.After == 0 {
		f.After = -1 // from the start
	}
	list, err := a.Store.Events(ctx, f, in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := store.Page[audit.Event]{Rows: list}
	if len(list) > in.Limit {
		page.Rows = list[:in.Limit]
		page.Next = strconv.FormatInt(page.Rows[in.Limit-1].Seq, 10)
	}
	return listed(page, eventOf), nil
}

func (a *API) eventFilter(ctx context.Context, subject, model, actor string) (f store.EventFilter, err error) {
	kind, number, one := strings.Cut(subject, ":")
	f.Kind = kind
	if one {
		if f.Subject, err = strconv.ParseInt(number, 10, 64); err != nil || f.Subject <= 0 {
			return f, located("query", fault.At("subject", "Write a kind, or a kind, a colon and a number, such as request:7."))
		}
	}
	if model != "" {
		m, err := a.Store.Model(ctx, model)
		if fault.Is(err, fault.NotFound) {
			err = located("query", fault.At("model", "There is no model of this short name."))
		}
		if err != nil {
			return f, err
		}
		f.Model = m.ID
	}
	if f.Actor, err = a.person(ctx, "actor", actor); err != nil {
		return f, located("query", err)
	}
	return f, nil
}
