package api

import (
	"context"
	"strings"
	"time"

	"sundial/components/link"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/flow"
	"sundial/models/store"
)

// TeamFlow are a team's flow figures in a quarter.
type TeamFlow struct {
	Team              string         `json:"team"`
	Quarter           string         `json:"quarter"`
	CameToProduction  int            `json:"came_to_production" doc:"Versions whose way from registered is on record."`
	WithoutRecords    int            `json:"without_records" doc:"Versions that came to production without one."`
	MedianDays        *float64       `json:"median_days" doc:"From registered to production; null when nothing came there."`
	WaitsLongest      string         `json:"waits_longest,omitempty" enum:"preparing_validation,review_of_validation,preparing_staging,review_of_staging,preparing_production,review_of_production"`
	WaitsLongestShare float64        `json:"waits_longest_share" doc:"Of all the days of these versions, 0 to 1."`
	UnknownProduction int            `json:"unknown_production" doc:"Incidents of serving that nobody could name or that passed governance by."`
	ByKind            map[string]int `json:"by_kind" doc:"The incidents: unnamed, stray, ungoverned, zombie, unreviewed."`
	GhostVersions     int            `json:"ghost_versions" doc:"Versions whose lineage is too thin to build them again."`
	Versions          int            `json:"versions" doc:"Past the experiment."`
	CountedAt         time.Time      `json:"counted_at"`
	URL               string         `json:"url"`
}

func (a *API) teamFlow(ctx context.Context, in *struct {
	Team    string `path:"team" maxLength:"200" doc:"The team's short name."`
	Quarter string `query:"quarter" maxLength:"7" doc:"Such as 2026-Q4; without it, the one that runs."`
}) (*Entity[TeamFlow], error) {
	quarter := day.QuarterOf(a.now())
	if in.Quarter != "" {
		var err error
		if quarter, err = day.ParseQuarter(in.Quarter); err != nil {
			return nil, fault.New(fault.Malformed, "Write the quarter like 2026-Q4.")
		}
	}
	t, err := a.Store.TeamBySlug(ctx, in.Team)
	if err != nil {
		return nil, err
	}
	list, err := a.Store.FlowOf(ctx, store.ScopeTeam, t.ID, store.FlowQuarters)
	if err != nil {
		return nil, err
	}
	for _, g := range list {
		if g.Quarter == quarter {
			return entity(0, teamFlowOf(t.Slug, g, a.page(link.With(link.TeamFlow(t.Slug), "quarter", string(quarter))))), nil
		}
	}
	return nil, fault.New(fault.NotFound, "This team's flow was not counted for that quarter.")
}

func teamFlowOf(slug string, g store.GroupFlow, url string) TeamFlow {
	f := g.Figures
	out := TeamFlow{Team: slug, Quarter: string(g.Quarter), CameToProduction: f.Promoted, WithoutRecords: f.Unrecorded, UnknownProduction: f.AllIncidents(), ByKind: map[string]int{},
		GhostVersions: f.Ghosts, Versions: f.Versions, CountedAt: g.CountedAt, URL: url}
	if f.Promoted > 0 {
		out.MedianDays = &f.Median
	}
	if s, share, known := f.Waits(); known {
		out.WaitsLongest, out.WaitsLongestShare = strings.ReplaceAll(strings.ToLower(s.Title()), " ", "_"), share
	}
	for _, k := range flow.Kinds {
		out.ByKind[string(k)] = f.Incidents[k]
	}
	return out
}
