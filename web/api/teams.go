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

// ScoredTeam is a team in the list, with its maturity in short.
type ScoredTeam struct {
	Team
	Score  *float64 `json:"score" doc:"0 to 100, not rounded; null while no model counts."`
	Tier   string   `json:"tier,omitempty" enum:"Elite,Good,Average,Weak,Chaos"`
	Models int      `json:"models" doc:"That count in the score."`
	Capped int      `json:"capped" doc:"Of them, held down by a shortcoming."`
	Change *float64 `json:"change_90_days,omitempty"`
}

func teamOf(t org.Team) Team { return Team{Slug: t.Slug, Name: t.Name, Department: t.Department} }

func (a *API) teams() {
	register(a, org.Read, Operation{ID: "listTeams", Method: http.MethodGet, Path: "/teams", Group: "Teams", Title: "List the teams"}, a.listTeams)
	register(a, org.Read, Operation{ID: "team", Method: http.MethodGet, Path: "/teams/{team}", Group: "Teams", Title: "Read a team"}, a.readTeam)
	register(a, org.Read, Operation{ID: "teamMaturity", Method: http.MethodGet, Path: "/teams/{team}/maturity", Group: "Teams", Title: "How mature a team is",
		About: "Computed from facts alone. Without at: now; with it, as it was kept at the end of that day."}, a.teamMaturity)
	register(a, org.Read, Operation{ID: "teamFlow", Method: http.MethodGet, Path: "/teams/{team}/flow", Group: "Teams", Title: "How a team's models flow",
		About: "Time to production, unknown production and ghost versions of a quarter, counted each night from the records. A quarter that is over stays as it was counted."}, a.teamFlow)
	register(a, org.Read, Operation{ID: "modelMaturity", Method: http.MethodGet, Path: "/models/{model}/maturity", Group: "Models", Title: "How mature a model is",
		About: "Every criterion with what it earned and the fact it rests on. With at, as it was kept at the end of that day: facts are not kept by day, what was earned is."}, a.modelMaturity)
}

func (a *API) listTeams(ctx context.Context, _ *struct{}) (*Listed[ScoredTeam], error) {
	teams, err := a.Store.Teams(ctx)
	if err != nil {
		return nil, err
	}
	board, err := a.Store.Board(ctx)
	if err != nil {
		return nil, err
	}
	scored := map[int64]store.GroupScore{}
	for _, g := range board.Teams {
		scored[g.ID] = g
	}
	return listed(store.Page[org.Team]{Rows: teams}, func(t org.Team) ScoredTeam {
		g := scored[t.ID]
		out := ScoredTeam{Team: teamOf(t), Tier: string(g.Rollup.Tier()), Models: g.Rollup.Models, Capped: g.Rollup.Capped}
		if score, known := g.Rollup.Score(); known {
			out.Score = &score
		}
		if change, known := g.Trend(); known {
			out.Change = &change
		}
		return out
	}), nil
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
