package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"sundial/components/link"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
)

// ServingRecord says which version of a model served from when until when, how it was built and who approved it.
type ServingRecord struct {
	Model          string     `json:"model"`
	Name           string     `json:"name"`
	Kind           string     `json:"kind" enum:"trained,genai"`
	Tier           int        `json:"tier"`
	Team           string     `json:"team,omitempty" doc:"The team's short name."`
	Version        string     `json:"version"`
	Stamp          string     `json:"stamp"`
	Since          time.Time  `json:"since"`
	Until          *time.Time `json:"until,omitempty" doc:"Missing while it serves."`
	How            string     `json:"how" doc:"promotion, rollback or break-glass."`
	Request        int64      `json:"request,omitempty" doc:"The request that brought it there."`
	ApprovedBy     []Person   `json:"approved_by"`
	ApprovedDigest string     `json:"approved_digest,omitempty" doc:"The SHA-256 of what was approved."`
	Lineage        *Lineage   `json:"lineage,omitempty" doc:"Of a trained version; in a list only code and run."`
	Release        *Release   `json:"release,omitempty" doc:"Of a GenAI version; in a list only host and model_id."`
	URL            string     `json:"url"`
}

func (a *API) production() {
	register(a, org.Read, Operation{ID: "listProduction", Method: http.MethodGet, Path: "/production", Group: "Production", Title: "List what serves, or served at a moment",
		About: "By the models' names."}, a.listProduction)
	register(a, org.Read, Operation{ID: "production", Method: http.MethodGet, Path: "/models/{model}/production", Group: "Production", Title: "Read what a model serves, or served at a moment",
		About: "404 when nothing served."}, a.readProduction)
}

// AtMoment asks about a moment.
type AtMoment struct {
	At string `query:"at" maxLength:"40" doc:"A moment, RFC 3339; without a zone it is UTC, and a day alone is its last moment. Now when left out." example:"2026-03-03T14:32:00Z"`
}

// moments are the ways to write one, most exact first.
var moments = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly}

func (in AtMoment) moment(now time.Time) (time.Time, error) {
	if in.At == "" {
		return time.Time{}, nil
	}
	at := strings.ReplaceAll(in.At, " ", "+") // a plus sign that was not encoded arrives as a blank
	for _, layout := range moments {
		t, err := time.Parse(layout, at)
		if err != nil || t.Year() < 1970 || t.Year() > 2200 {
			continue
		}
		if layout == time.DateOnly {
			t = t.AddDate(0, 0, 1).Add(-time.Millisecond)
			if t.After(now) && t.Add(-24*time.Hour).Before(now) {
				t = now // today, as far as it went
			}
		}
		if t.After(now.Add(time.Minute)) {
			return t, located("query", fault.At("at", "This moment is yet to come. Leave it out to learn what serves now."))
		}
		return t.UTC(), nil
	}
	return time.Time{}, located("query", fault.At("at", "Write a moment like 2026-03-03T14:32:00Z, or a day like 2026-03-03."))
}

func (a *API) listProduction(ctx context.Context, in *struct {
	Paging
	AtMoment
	Team  string `query:"team" maxLength:"200" doc:"The team's short name."`
	Query string `query:"q" maxLength:"200" doc:"Part of the model's name or short name."`
}) (*Listed[ServingRecord], error) {
	at, err := in.moment(a.now())
	if err != nil {
		return nil, err
	}
	page, err := a.Store.Production(ctx, store.ServingFilter{At: at, Team: in.Team, Query: in.Query}, in.Cursor, in.Limit)
	return listed(page, a.servedOf), err
}

func (a *API) readProduction(ctx context.Context, in *struct {
	InModel
	AtMoment
}) (*Entity[ServingRecord], error) {
	at, err := in.moment(a.now())
	if err != nil {
		return nil, err
	}
	row, v, err := a.Store.ProductionAt(ctx, in.Model, at)
	if err != nil {
		return nil, err
	}
	body := a.servedOf(row)
	body.Lineage, body.Release = builtOf(v)
	out := entity(0, body)
	if !row.Until.IsZero() {
		return out, nil
	}
	return out, a.ends(ctx, in.Model, out)
}

func (a *API) servedOf(r store.ServingRow) ServingRecord {
	out := ServingRecord{Model: r.Slug, Name: r.Model, Kind: string(r.Kind), Tier: int(r.Tier), Team: r.TeamSlug, Version: r.Version, Stamp: r.Slug + "@" + r.Version,
		Since: r.Since.UTC(), Until: moment(r.Until), How: r.How, Request: r.RequestID, ApprovedBy: []Person{}, ApprovedDigest: r.ApprovedDigest,
		URL: a.page(link.Version(r.Slug, r.Version))}
	for _, p := range r.ApprovedBy {
		out.ApprovedBy = append(out.ApprovedBy, Person{ID: p.ID, Name: p.Name})
	}
	if r.Kind == registry.GenAI {
		out.Release = &Release{Host: r.Host, ModelID: r.VendorID}
	} else {
		out.Lineage = &Lineage{Code: unlessZero(Code(r.Code)), Run: unlessZero(Run(r.Run))}
	}
	return out
}
