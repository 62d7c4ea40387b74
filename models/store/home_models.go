package store

import (
	"context"
	"fmt"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// OwnModel is one of somebody's models with what its next action follows from.
type OwnModel struct {
	retirement.Row // the model, its plan in force as it is today, the newest plan

	OwnerID, DeputyID, TeamID int64
	DeprecationOn             day.Day
	VendorEnd                 day.Day // of the version in production
	VendorHost, VendorModel   string  // what it is built on
	Successor                 string  // what the vendor recommends instead
	Serving                   string  // its label
	Focus                     string  // the newest version that has not served yet and is not closed
	FocusStage                registry.Stage
	OpenRequest               int64
}

// mostOwn is how many of somebody's models their page shows; the list has them all.
const mostOwn = 30

type ownRow struct {
	List          planListRow `gorm:"embedded"`
	DeprecationOn string
	VendorEnd     string
	VendorHost    string
	VendorModel   string
	Successor     string
	Serving       string
	Focus         string
	FocusStage    string
	OpenRequest   int64
}

// OwnModels lists the models somebody answers for, furthest stage first, and whether there are more. Of
// a contributor who owns none it lists their teams' models.
func (s *Store) OwnModels(ctx context.Context, a org.Actor, p lifecycle.Policy) (out []OwnModel, more bool, err error) {
	rows, err := s.ownRows(ctx, "m.owner_id = ? OR m.deputy_id = ?", a.ID, a.ID)
	if err == nil && len(rows) == 0 && len(a.TeamIDs) > 0 && org.May(a, org.Edit, a.TeamIDs[0]).Allowed {
		rows, err = s.ownRows(ctx, "m.team_id IN ?", a.TeamIDs)
	}
	if err != nil {
		return nil, false, err
	}
	if more = len(rows) > mostOwn; more {
		rows = rows[:mostOwn]
	}
	var plans []planned
	for _, r := range rows {
		if l := r.List; l.PlanID != 0 {
			plans = append(plans, planned{l.model(), l.Body.V})
		}
	}
	world := planWorld{today: day.Of(s.Now())}
	if len(plans) > 0 {
		if world, err = s.worldOf(s.read.WithContext(ctx), plans, nil); err != nil {
			return nil, false, err
		}
	}
	for _, r := range rows {
		out = append(out, r.own(world, p))
	}
	return out, more, nil
}

func (r ownRow) own(world planWorld, p lifecycle.Policy) OwnModel {
	l := r.List
	model := registry.Row{ID: l.ID, Slug: l.Slug, Name: l.Name, Kind: registry.Kind(l.Kind), Stage: registry.Stage(l.Stage),
		Tier: registry.Tier(l.Tier), Team: l.Team, TeamSlug: l.TeamSlug, Owner: l.Owner}
	row := retirement.NewRow(model, l.plan(), world.context(l.model(), l.Body.V, p), int(l.Newest), retirement.State(l.State), world.today)
	return OwnModel{Row: row, OwnerID: deref(l.OwnerID), DeputyID: deref(l.DeputyID), TeamID: deref(l.TeamID), DeprecationOn: day.Day(r.DeprecationOn),
		VendorEnd: day.Day(r.VendorEnd), VendorHost: r.VendorHost, VendorModel: r.VendorModel, Successor: r.Successor, Serving: r.Serving, Focus: r.Focus, FocusStage: registry.Stage(r.FocusStage), OpenRequest: r.OpenRequest}
}

// ownRows picks the models first and joins afterwards, so that somebody with thousands of models pays
// for thirty.
func (s *Store) ownRows(ctx context.Context, whose string, args ...any) ([]ownRow, error) {
	focus := func(column string) string {
		return `COALESCE((SELECT v.` + column + ` FROM versions v WHERE v.model_id = m.id AND v.stage NOT IN ('production', 'retired') AND v.superseded_at = 0
			AND v.id > COALESCE(m.serving_version_id, 0) ORDER BY v.id DESC LIMIT 1), '')`
	}
	var rows []ownRow
	err := s.read.WithContext(ctx).Raw(`SELECT `+planListColumns+`, m.deprecation_on, COALESCE(c.end_of_life, '') AS vendor_end, COALESCE(c.successor, '') AS successor,
			COALESCE(sv.vendor_host, '') AS vendor_host, COALESCE(sv.vendor_model, '') AS vendor_model,
			COALESCE(sv.label, '') AS serving, `+focus("label")+` AS focus, `+focus("stage")+` AS focus_stage,
			COALESCE((SELECT MAX(r.id) FROM requests r WHERE r.model_id = m.id AND r.state = 'open'), 0) AS open_request
		FROM (SELECT * FROM models m WHERE (`+whose+`) AND m.stage <> 'retired' ORDER BY m.stage_rank DESC, m.updated_at DESC, m.id DESC LIMIT `+fmt.Sprint(mostOwn+1)+`) m
		LEFT JOIN teams t ON t.id = m.team_id LEFT JOIN people p ON p.id = m.owner_id
		LEFT JOIN plans a ON a.model_id = m.id AND a.state = 'approved'
		LEFT JOIN plans n ON n.model_id = m.id AND n.number = (SELECT MAX(number) FROM plans x WHERE x.model_id = m.id)
		LEFT JOIN versions sv ON sv.id = m.serving_version_id
		LEFT JOIN vendor_uses u ON u.host = sv.vendor_host AND u.model_id = sv.vendor_model
		LEFT JOIN vendor_models c ON c.host = u.catalogue_host AND c.key = u.key
		ORDER BY m.stage_rank DESC, m.updated_at DESC, m.id DESC`, args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("own models: %w", err)
	}
	return rows, nil
}
