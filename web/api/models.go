package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
)

// ModelRow is a model in a list.
type ModelRow struct {
	Slug         string    `json:"slug"`
	Name         string    `json:"name"`
	Kind         string    `json:"kind" enum:"trained,genai"`
	Stage        string    `json:"stage" enum:"experiment,registered,validated,staged,production,retired"`
	Tier         int       `json:"tier" doc:"1 is the highest risk; 0 when nobody has said."`
	Team         string    `json:"team,omitempty" doc:"The team's short name."`
	Owner        string    `json:"owner,omitempty" doc:"The owner's name."`
	InProduction string    `json:"in_production,omitempty" doc:"The label of the version that serves."`
	Plan         string    `json:"plan,omitempty" doc:"The state of its retirement plan."`
	Reported     string    `json:"reported,omitempty" doc:"What an imported inventory said of it."`
	UpdatedAt    time.Time `json:"updated_at"`
}

func modelRow(r registry.Row) ModelRow {
	return ModelRow{Slug: r.Slug, Name: r.Name, Kind: string(r.Kind), Stage: string(r.Stage), Tier: int(r.Tier), Team: r.TeamSlug, Owner: r.Owner,
		InProduction: r.Serving, Plan: r.Plan, Reported: r.Reported, UpdatedAt: r.UpdatedAt.UTC()}
}

func (a *API) models() {
	register(a, org.Read, Operation{ID: "listModels", Method: http.MethodGet, Path: "/models", Group: "Models", Title: "List models",
		About: "The inventory, newest change first."}, a.listModels)
	register(a, org.Register, Operation{ID: "addModel", Method: http.MethodPost, Path: "/models", Group: "Models", Title: "Register a model",
		About: "What it lacks for a stage is the gate's business; what is said must be right.", Status: http.StatusCreated}, a.addModel)
}

func (a *API) listModels(ctx context.Context, in *struct {
	paging
	Query string `query:"q" maxLength:"200" doc:"Part of the name, short name or purpose."`
	Team  string `query:"team" maxLength:"200" doc:"The team's short name."`
	Stage string `query:"stage" enum:"experiment,registered,validated,staged,production,retired"`
	Kind  string `query:"kind" enum:"trained,genai"`
	Tier  int    `query:"tier" minimum:"1" maximum:"3"`
	Owner string `query:"owner" maxLength:"320" doc:"The owner's e-mail address or id, or me for what you own or stand in for."`
}) (*Listed[ModelRow], error) {
	f := registry.Filter{Query: in.Query, Team: in.Team, Stage: registry.Stage(in.Stage), Kind: registry.Kind(in.Kind), Tier: registry.Tier(in.Tier)}
	if in.Owner == "me" {
		f.Mine = actorIn(ctx).ID
	} else {
		var err error
		if f.Owner, err = a.person(ctx, "owner", in.Owner); err != nil {
			return nil, inQuery(err)
		}
	}
	page, err := a.Store.Models(ctx, f, in.Cursor, in.Limit)
	return listed(page, modelRow), err
}

// ModelDraft is what registering a model asks.
type ModelDraft struct {
	Slug    string `json:"slug" maxLength:"64" doc:"Its name in addresses and stamps: a to z, digits, single dashes." example:"payment-fraud"`
	Name    string `json:"name" maxLength:"400" example:"Payment fraud"`
	Kind    string `json:"kind" enum:"trained,genai"`
	Purpose string `json:"purpose,omitempty" maxLength:"8000"`
	Team    string `json:"team" maxLength:"200" doc:"The short name of the team that answers for it." example:"fraud"`
	Owner   string `json:"owner,omitempty" maxLength:"320" doc:"Who answers for it, by e-mail address or id." example:"owner@example.test"`
	Deputy  string `json:"deputy,omitempty" maxLength:"320" doc:"Who stands in, by e-mail address or id."`
	Tier    int    `json:"tier,omitempty" minimum:"0" maximum:"3" doc:"The risk: 1 is the highest; 0 when nobody has said yet."`
}

func (a *API) addModel(ctx context.Context, in *struct{ Body ModelDraft }) (*Entity[Model], error) {
	b := in.Body
	team, e1 := a.team(ctx, "team", b.Team)
	owner, e2 := a.person(ctx, "owner", b.Owner)
	deputy, e3 := a.person(ctx, "deputy", b.Deputy)
	if err := all(e1, e2, e3); err != nil {
		return nil, err
	}
	dir, err := a.Store.Directory(ctx, owner, deputy)
	if err != nil {
		return nil, err
	}
	m, err := registry.NewModel(actorIn(ctx), registry.Draft{
		Basics: registry.Basics{Name: b.Name, Slug: b.Slug, Kind: registry.Kind(b.Kind), Purpose: b.Purpose, Tier: registry.Tier(b.Tier)},
		People: registry.People{TeamID: team, OwnerID: owner, DeputyID: deputy}}, dir, a.now())
	if err != nil {
		return nil, err
	}
	if err := a.Store.AddModel(ctx, m); err != nil {
		return nil, err
	}
	out, err := a.modelAnswer(ctx, m.Slug)
	if err == nil {
		out.Location = Prefix + "/models/" + m.Slug
	}
	return out, err
}

// inQuery says that a field is a parameter of the address and not of the body.
func inQuery(err error) error {
	p := ProblemOf(err)
	for i, x := range p.Errors {
		p.Errors[i] = wrong("query."+x.Field, x.Message)
	}
	return p
}

func (a *API) modelAnswer(ctx context.Context, slug string) (*Entity[Model], error) {
	m, err := a.Store.Model(ctx, slug)
	if err != nil {
		return nil, err
	}
	return entity(m.Revision, Model{Slug: m.Slug, Name: m.Name, DeprecationOn: m.DeprecationOn}), nil
}

// Model is one model.
type Model struct {
	Slug          string  `json:"slug"`
	Name          string  `json:"name"`
	DeprecationOn day.Day `json:"deprecation_on,omitempty"`
}

// deprecation is the value of the header by RFC 9745, sunset that of RFC 8594.
func deprecation(d day.Day) string { return "@" + strconv.FormatInt(d.Time().Unix(), 10) }

func sunset(d day.Day) string { return d.Time().UTC().Format(http.TimeFormat) }
