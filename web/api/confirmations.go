package api

import (
	"context"
	"net/http"
	"time"

	"sundial/components/link"
	"sundial/models/confirmation"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
)

// Confirmation is an inventory entry in a quarter, and the word of whoever answers for it.
type Confirmation struct {
	Model        string       `json:"model"`
	Name         string       `json:"name"`
	Quarter      string       `json:"quarter"`
	Standing     string       `json:"standing" enum:"open,confirmed,disputed"`
	Overdue      bool         `json:"overdue"`
	Due          day.Day      `json:"due"`
	Team         string       `json:"team,omitempty" doc:"The team's short name, as it is now."`
	Tier         int          `json:"tier" doc:"0 while it is not set."`
	Owner        string       `json:"owner,omitempty"`
	Deputy       string       `json:"deputy,omitempty"`
	Nobody       string       `json:"nobody,omitempty" doc:"Why there is nobody who could confirm it; missing where there is somebody."`
	Answer       *EntryAnswer `json:"answer,omitempty" doc:"The latest of the quarter; missing while there is none."`
	ChangedSince bool         `json:"changed_since" doc:"The entry says something else than when it was answered for. It stays confirmed."`
	URL          string       `json:"url"`
}

// EntryAnswer is what an owner or a deputy said of an entry.
type EntryAnswer struct {
	Reply  string    `json:"reply" enum:"as_it_says,wrong"`
	What   string    `json:"what,omitempty" doc:"What is wrong."`
	Digest string    `json:"digest" doc:"The SHA-256 of what was read."`
	By     Person    `json:"by"`
	At     time.Time `json:"at"`
}

func (a *API) confirmations() {
	register(a, org.Read, Operation{ID: "listConfirmations", Method: http.MethodGet, Path: "/confirmations", Group: "Confirmations", Title: "List what of the inventory was confirmed in a quarter",
		About: "By the models' names; without a standing, what nobody confirmed. People confirm in the browser: reading a page is nothing that a machine does for them."}, a.listConfirmations)
}

func (a *API) listConfirmations(ctx context.Context, in *struct {
	Quarter  string `query:"quarter" maxLength:"7" doc:"The quarter that runs when left out." example:"2026-Q4"`
	Team     string `query:"team" maxLength:"200" doc:"The team's short name; none for entries without a team."`
	Standing string `query:"standing" enum:"unconfirmed,open,disputed,overdue,nobody,confirmed,all" default:"unconfirmed" doc:"unconfirmed: open and disputed. nobody: there is nobody who could confirm."`
	Paging
}) (*Listed[Confirmation], error) {
	now := a.now()
	f := store.ConfirmationFilter{Quarter: day.QuarterOf(now), Team: in.Team, Show: in.Standing}
	if f.Show == "unconfirmed" {
		f.Show = store.ShowUnconfirmed
	}
	if in.Quarter != "" {
		q, err := day.ParseQuarter(in.Quarter)
		if err != nil {
			return nil, located("query", fault.At("quarter", "Give a quarter like 2026-Q4."))
		}
		f.Quarter = q
	}
	page, err := a.Store.Confirmations(ctx, f, in.Cursor, in.Limit)
	return listed(page, func(e confirmation.Entry) Confirmation { return a.confirmationOf(&e, day.Of(now)) }), err
}

func (a *API) confirmationOf(e *confirmation.Entry, today day.Day) Confirmation {
	m := e.Model
	out := Confirmation{Model: m.Slug, Name: m.Name, Quarter: string(e.Round.Quarter), Standing: string(e.Standing()), Overdue: e.Overdue(today), Due: e.Due(),
		Team: e.Team.Slug, Tier: int(m.Tier), Owner: e.Owner.Name, Deputy: e.Deputy.Name, ChangedSince: e.ChangedSince(), URL: a.page(link.Model(m.Slug))}
	if e.Standing() != confirmation.Confirmed {
		out.Nobody = e.Nobody()
	}
	if x := e.Last; x != nil {
		out.Answer = &EntryAnswer{Reply: string(x.Reply), What: x.What, Digest: x.Digest, By: Person{ID: x.By, Name: x.ByName}, At: x.At.UTC()}
	}
	return out
}
