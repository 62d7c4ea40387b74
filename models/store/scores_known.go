package store

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/scorecard"
	"sundial/models/vendors"
)

// gathering is the facts of a batch of models while they are read: two dozen queries for two hundred
// models as for one.
type gathering struct {
	s      *Store
	q      *gorm.DB
	policy lifecycle.Policy
	now    time.Time
	ids    []int64
	known  map[int64]*scorecard.Known // by model
	rows   map[int64]modelRow
	plans  map[int64]PlanView
	people map[int64]org.Person
	at     map[int64]int64 // model by the version that is scored
}

// known reads everything that the scores of these models rest on.
func (s *Store) known(q *gorm.DB, ids []int64, p lifecycle.Policy) (*gathering, error) {
	g := s.gathers(q, ids, p)
	for _, read := range []func() error{g.models, g.versions, g.readPlans, g.persons, g.teams, g.evidence, g.serving, g.world, g.vendors,
		g.requests, g.traffic, g.apps, g.zombies, g.reports, g.waivers, g.retirements} {
		if err := read(); err != nil {
			return nil, fmt.Errorf("facts of models: %w", err)
		}
	}
	return g, nil
}

// gathers begins a gathering in which nothing was read yet.
func (s *Store) gathers(q *gorm.DB, ids []int64, p lifecycle.Policy) *gathering {
	return &gathering{s: s, q: q, policy: p, now: s.Now(), ids: ids, known: map[int64]*scorecard.Known{}, rows: map[int64]modelRow{},
		plans: map[int64]PlanView{}, at: map[int64]int64{}}
}

func (g *gathering) models() error {
	var rows []modelRow
	if err := g.q.Where("id IN ?", g.ids).Find(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		k := &scorecard.Known{RetrainDay: int(r.RetrainingDays)}
		k.Gate.Model = r.model()
		g.rows[r.ID], g.known[r.ID] = r, k
	}
	return nil
}

// versions finds the one that is scored: in production, else the furthest that lives, else the newest.
func (g *gathering) versions() error {
	var rows []versionRow
	err := g.q.Raw(`SELECT * FROM (SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.model_id ORDER BY CASE v.stage WHEN 'production' THEN 5 WHEN 'staged' THEN 4
		WHEN 'validated' THEN 3 WHEN 'registered' THEN 2 WHEN 'experiment' THEN 1 ELSE 0 END DESC, v.id DESC) AS place FROM versions v WHERE v.model_id IN ?) AS ranked
		WHERE place = 1`, g.ids).Scan(&rows).Error
	if err != nil {
		return err
	}
	for _, r := range rows {
		k := g.known[r.ModelID]
		if k == nil {
			continue
		}
		k.Gate.Version, k.Gate.Editors, k.BuiltVia = r.version(), r.Editors.V, r.BuiltVia
		g.at[r.ID] = r.ModelID
	}
	return nil
}

func (g *gathering) scored() []int64 {
	ids := make([]int64, 0, len(g.at))
	for id := range g.at {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (g *gathering) readPlans() error {
	var rows []planRow
	err := g.q.Raw(`SELECT p.* FROM plans p WHERE p.model_id IN ? AND (p.state = 'approved' OR p.number = (SELECT MAX(o.number) FROM plans o WHERE o.model_id = p.model_id))
		ORDER BY p.model_id, p.number DESC`, g.ids).Scan(&rows).Error
	if err != nil {
		return err
	}
	for _, r := range rows {
		view, plan := g.plans[r.ModelID], r.plan()
		if view.Plan == nil {
			view.Plan = plan
		}
		if plan.State == retirement.Approved {
			view.InForce = plan
		}
		g.plans[r.ModelID] = view
	}
	return nil
}

func (g *gathering) persons() (err error) {
	var ids []int64
	for id, k := range g.known {
		ids = append(ids, namedByPlans(k.Gate.Model, g.plans[id])...)
		ids = append(ids, k.Gate.Version.AuthorID)
	}
	if g.people, err = peopleByID(g.q, ids); err != nil {
		return err
	}
	for _, k := range g.known {
		m := k.Gate.Model
		k.Gate.Owner, k.Gate.Deputy, k.Gate.Author = g.people[m.OwnerID], g.people[m.DeputyID], g.people[k.Gate.Version.AuthorID]
	}
	return nil
}

func (g *gathering) teams() error {
	var ids []int64
	for _, k := range g.known {
		if id := k.Gate.Model.TeamID; id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	teams, err := teamsWhere(g.q, "t.id IN ?", ids)
	if err != nil {
		return err
	}
	byID := map[int64]org.Team{}
	for _, t := range teams {
		byID[t.ID] = t
	}
	for _, k := range g.known {
		k.Gate.Team = byID[k.Gate.Model.TeamID]
	}
	return nil
}

func (g *gathering) evidence() error {
	if len(g.at) == 0 {
		return nil
	}
	all, err := evidenceByVersion(g.q, g.scored())
	if err != nil {
		return err
	}
	for version, model := range g.at {
		k := g.known[model]
		k.Gate.Evidence = all[version]
		for _, e := range k.Gate.Evidence {
			if e.RecordedBy != 0 && !slices.Contains(k.Gate.Editors, e.RecordedBy) {
				k.Gate.Editors = append(slices.Clone(k.Gate.Editors), e.RecordedBy)
			}
		}
	}
	return nil
}

func (g *gathering) serving() error {
	var rows []servingRow
	if err := g.q.Where("model_id IN ? AND until = 0", g.ids).Find(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		k := g.known[r.ModelID]
		if k != nil && k.Gate.Version.ID == r.VersionID {
			k.Gate.Serving = &lifecycle.Serving{Record: r.record(), Version: k.Gate.Version}
		}
	}
	return nil
}

// world looks at the plans in force as the nightly check does.
func (g *gathering) world() error {
	var list []planned
	for id, view := range g.plans {
		if k := g.known[id]; k != nil && view.InForce != nil {
			list = append(list, planned{k.Gate.Model, view.InForce.Body})
		}
	}
	slices.SortFunc(list, func(a, b planned) int { return cmp.Compare(a.model.ID, b.model.ID) })
	w, err := g.s.worldAround(g.q, list, g.people)
	if err != nil {
		return err
	}
	for id, k := range g.known {
		view := g.plans[id]
		if view.Plan != nil && view.Plan.State != retirement.Approved {
			k.Gate.Plan.DraftState = string(view.Plan.State)
		}
		if view.InForce == nil {
			continue
		}
		k.Plan = w.context(k.Gate.Model, view.InForce.Body, g.policy)
		k.Plan.InForce, k.Plan.Latest = view.InForce, view.Plan
		k.Gate.Plan.Plan = view.InForce
		k.Gate.Plan.Findings = retirement.Stale(view.InForce, k.Plan, day.Of(g.now))
		k.Gate.Plan.Runway = view.InForce.Body.Runway(k.Plan)
	}
	return nil
}

func (g *gathering) vendors() error {
	var keys []vendorKey
	of := map[int64]vendorKey{}
	for id, k := range g.known {
		r := k.Gate.Version.Release
		if k.Gate.Model.Kind == registry.GenAI && r.ModelID != "" {
			of[id] = keyOf(r.Host, r.ModelID)
			if !slices.Contains(keys, of[id]) {
				keys = append(keys, of[id])
			}
		}
	}
	have, err := vendorRows(g.q, keys)
	if err != nil {
		return err
	}
	for id, key := range of {
		k := g.known[id]
		r := k.Gate.Version.Release
		row, known := have[key]
		k.Gate.Vendor = followed(vendorFactOf(r.Host, r.ModelID, row, known), r)
	}
	return nil
}

// followed lets the upgrade policy of an Azure deployment say as much as its version: while that is not
// known, no row of the catalogue can say that it stays.
func followed(f lifecycle.VendorFact, r registry.Release) lifecycle.VendorFact {
	if hostName(r.Host) != string(vendors.AzureOpenAI) {
		return f
	}
	v := vendors.Classify(r.Host, r.ModelID+"@"+r.UpgradePolicy)
	if r.UpgradePolicy == "" || v.Class != vendors.Undetermined {
		f.Verdict = v
	}
	return f
}
