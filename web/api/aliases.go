package api

import (
	"context"
	"net/http"
	"time"

	"sundial/models/day"
	"sundial/models/org"
)

// Alias is a stable name for a release that was approved.
type Alias struct {
	Alias   string       `json:"alias"`
	Team    string       `json:"team"`
	Purpose string       `json:"purpose,omitempty"`
	Target  *AliasTarget `json:"target,omitempty" doc:"Absent while the alias points at nothing."`
	Healthy bool         `json:"healthy" doc:"False when what it points at is no longer in production or staged with approval, or its vendor model ended."`
	Note    string       `json:"note,omitempty" doc:"What is wrong, or about to be."`
}

// AliasTarget is the release that an alias points at.
type AliasTarget struct {
	Model     string    `json:"model"`
	Version   string    `json:"version"`
	Stamp     string    `json:"stamp" doc:"What predictions carry: model@version."`
	Stage     string    `json:"stage"`
	Digest    string    `json:"digest"`
	Host      string    `json:"host"`
	ModelID   string    `json:"model_id" doc:"The vendor's id, exactly as calls send it."`
	VendorEnd string    `json:"vendor_end,omitempty" doc:"The first day on which the vendor model no longer answers."`
	Since     time.Time `json:"since" doc:"Since when the alias points there."`
}

func (a *API) aliases() {
	register(a, org.Read, Operation{ID: "alias", Method: http.MethodGet, Path: "/aliases/{alias}", Group: "Aliases", Title: "Resolve an alias",
		About: "Which approved release a stable name stands for now. It changes only by an approved proposal."}, a.readAlias)
}

func (a *API) readAlias(ctx context.Context, in *struct {
	Alias string `path:"alias" maxLength:"200" doc:"The alias, such as assistant-default."`
}) (*Entity[Alias], error) {
	al, err := a.Store.Alias(ctx, in.Alias)
	if err != nil {
		return nil, err
	}
	health := al.Target.Health(day.Of(a.now()))
	out := Alias{Alias: al.Name, Team: al.TeamSlug, Purpose: al.Purpose, Healthy: al.Target != nil && !health.Bad, Note: health.Sentence}
	if t := al.Target; t != nil {
		out.Target = &AliasTarget{Model: t.Slug, Version: t.Label, Stamp: t.Stamp(), Stage: string(t.Stage), Digest: t.Digest, Host: t.Host, ModelID: t.VendorID,
			VendorEnd: string(t.VendorEnd), Since: al.Since}
	}
	answer := entity(0, out) // what is wrong with the target is part of the answer, so its tag follows from all of it
	if al.Target == nil {
		return answer, nil
	}
	return answer, a.ends(ctx, al.Target.Slug, answer)
}
