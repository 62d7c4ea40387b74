package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/scorecard"
)

// TryPolicy computes every model's score and next gate from facts read anew, under the policy in force and
// under another, and hands on each that would differ, in the order in which models were registered. Nothing
// is kept. It goes on until enough says so; what was not looked at then is not counted.
func (s *Store) TryPolicy(ctx context.Context, was, is lifecycle.Policy, enough func() bool, each func(scorecard.ModelTrial) error) (scorecard.Trial, error) {
	t := trying{s: s, was: was, is: is, each: each, before: map[int64]*scorecard.Rollup{}, after: map[int64]*scorecard.Rollup{}}
	q := s.read.WithContext(ctx)
	if err := q.Raw("SELECT COUNT(*) FROM models").Scan(&t.out.Models).Error; err != nil {
		return scorecard.Trial{}, fmt.Errorf("try a policy: %w", err)
	}
	for last := int64(0); ; {
		var ids []int64
		if err := q.Raw("SELECT id FROM models WHERE id > ? ORDER BY id LIMIT ?", last, atOnce).Scan(&ids).Error; err != nil {
			return scorecard.Trial{}, fmt.Errorf("try a policy: %w", err)
		}
		if len(ids) == 0 {
			t.out.Models = t.out.Compared // some may have come meanwhile
			return t.out, t.teams(ctx)
		}
		if enough() {
			return t.out, nil
		}
		if err := t.batch(ctx, ids); err != nil {
			return scorecard.Trial{}, fmt.Errorf("try a policy: %w", err)
		}
		last = ids[len(ids)-1]
	}
}

type trying struct {
	s             *Store
	was, is       lifecycle.Policy
	each          func(scorecard.ModelTrial) error
	out           scorecard.Trial
	before, after map[int64]*scorecard.Rollup // by team
}

func (t *trying) batch(ctx context.Context, ids []int64) error {
	q := t.s.read.WithContext(ctx)
	was, err := t.s.known(q, ids, t.was)
	if err != nil {
		return err
	}
	is, err := t.s.known(q, ids, t.is)
	if err != nil {
		return err
	}
	is.now = was.now
	labels, err := was.labels()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if was.known[id] == nil || is.known[id] == nil {
			continue
		}
		m := t.model(was, is, id, labels[id])
		t.out.Count(m)
		if m.Differs() {
			if err := t.each(m); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *trying) model(was, is *gathering, id int64, labels []string) scorecard.ModelTrial {
	k := was.known[id]
	a, _ := was.facts(id)
	b, _ := is.facts(id)
	before, after := scorecard.Score(a, was.now), scorecard.Score(b, was.now)
	m := scorecard.ModelTrial{ID: id, Slug: k.Gate.Model.Slug, Name: k.Gate.Model.Name, Team: k.Gate.Team.Name, Risk: k.Gate.Model.Tier, Phase: a.Phase, Score: scorecard.Compare(before, after)}
	addTo(t.before, k.Gate.Model.TeamID, scorecard.MemberOf(m.Slug, before))
	addTo(t.after, k.Gate.Model.TeamID, scorecard.MemberOf(m.Slug, after))
	if v := &k.Gate.Version; v.ID != 0 && v.Live() {
		m.Version, m.To = v.Label, lifecycle.NextStage(v.Stage)
		if m.To == "" {
			m.To = registry.Production
		}
		m.Gate = lifecycle.CompareGates(was.gate(id, m.To, labels), is.gate(id, m.To, labels))
	}
	return m
}

func addTo(teams map[int64]*scorecard.Rollup, team int64, m scorecard.Member) {
	r := teams[team]
	if r == nil {
		fresh := scorecard.NewRollup()
		r = &fresh
		teams[team] = r
	}
	r.Add(m)
}

// teams adds up what models add up to, with what was only seen.
func (t *trying) teams(ctx context.Context) error {
	q := t.s.read.WithContext(ctx)
	var rows []teamRow
	if err := q.Select("id, slug, name").Find(&rows).Error; err != nil {
		return fmt.Errorf("try a policy: %w", err)
	}
	names := map[int64]teamRow{0: {Name: "Without a team"}}
	for _, r := range rows {
		names[r.ID] = r
	}
	ids := slices.Sorted(maps.Keys(names))
	now := t.s.Now()
	strays, err := straysOf(q, ids, now)
	if err != nil {
		return err
	}
	for team, list := range strays {
		for _, name := range list {
			m := scorecard.MemberOf(name, scorecard.Score(scorecard.AsUnregistered(), now))
			addTo(t.before, team, m)
			addTo(t.after, team, m)
		}
	}
	var before, after []scorecard.Rollup
	for _, id := range slices.Sorted(maps.Keys(t.before)) {
		before, after = append(before, *t.before[id]), append(after, *t.after[id])
		x := scorecard.TryTeam(*t.before[id], *t.after[id])
		if x.Slug, x.Name = names[id].Slug, names[id].Name; x.Was != x.Is || x.Tiered() {
			t.out.Teams = append(t.out.Teams, x)
		}
	}
	slices.SortFunc(t.out.Teams, func(a, b scorecard.TeamTrial) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	t.out.Org = scorecard.TryTeam(scorecard.Merge(before), scorecard.Merge(after))
	t.out.Org.Name = "Organisation"
	return nil
}

// labels are where rollbacks of models may lead.
func (g *gathering) labels() (map[int64][]string, error) {
	var rows []struct {
		ModelID int64
		Label   string
	}
	err := g.q.Raw("SELECT model_id, label FROM versions WHERE model_id IN ? AND stage <> 'retired' ORDER BY model_id, id DESC", g.ids).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	out := map[int64][]string{}
	for _, r := range rows {
		out[r.ModelID] = append(out[r.ModelID], r.Label)
	}
	return out, nil
}

// gate is the gate that the version which is scored stands before.
func (g *gathering) gate(id int64, to registry.Stage, labels []string) lifecycle.Gate {
	f := g.known[id].Gate
	f.Labels, f.Plan.World = labels, g.known[id].Plan
	holdPlan(&f, day.Of(g.now))
	return lifecycle.GateTo(&f, to, g.policy, g.now)
}

// AtMost says enough once a time has passed, and never when it is 0.
func AtMost(d time.Duration) func() bool {
	if d == 0 {
		return func() bool { return false }
	}
	until := time.Now().Add(d)
	return func() bool { return time.Now().After(until) }
}
