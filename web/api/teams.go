package api

import (
	"context"
	"net/http"

	"sundial/models/org"
	"sundial/models/store"
)

// Team is who models belong to.
type Team struct {
	Slug       string `json:"slug"`
	Name       string `json:"name"`
	Department string `json:"department"`
}

func teamOf(t org.Team) Team { return Team{Slug: t.Slug, Name: t.Name, Department: t.Department} }

func (a *API) teams() {
	register(a, org.Read, Operation{ID: "listTeams", Method: http.MethodGet, Path: "/teams", Group: "Teams", Title: "List the teams"}, a.listTeams)
	register(a, org.Read, Operation{ID: "team", Method: http.MethodGet, Path: "/teams/{team}", Group: "Teams", Title: "Read a team"}, a.readTeam)
	register(a, org.Read, Operation{ID: "teamMaturity", Method: http.MethodGet, Path: "/teams/{team}/maturity", Group: "Teams", Title: "How mature a team is",
		About: "Computed from facts alone. Without at: now; with it, as it was kept at the end of that day."}, a.teamMaturity)
	register(a, org.Read, Operation{ID: "modelMaturity", Method: http.MethodGet, Path: "/models/{model}/maturity", Group: "Models", Title: "How mature a model is",
		About: "Every criterion with what it earned and the fact it rests on. With at, as it was kept at the end of that day: facts are not kept by day, what was earned is."}, a.modelMaturity)
}

func (a *API) listTeams(ctx context.Context, _ *struct{}) (*Listed[Team], error) {
	teams, err := a.Store.Teams(ctx)
	return listed(store.Page[org.Team]{Rows: teams}, teamOf), err
}

func (a *API) readTeam(ctx context.Context, in *struct {
	Team string `path:"team" maxLength:"200" doc:"The team's short name."`
}) (*Entity[Team], error) {
	t, err := a.Store.TeamBySlug(ctx, in.Team)
	if err != nil {
		return nil, err
	}
	return entity(0, teamOf(t)), nil
}
