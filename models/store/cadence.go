package store

import (
	"context"
	"fmt"

	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/scorecard"
)

// Advice is the cadence advice of those of these models that are in production, from the same records as their
// scores.
func (s *Store) Advice(ctx context.Context, ids []int64, p lifecycle.Policy) (map[int64]scorecard.Advice, error) {
	out := map[int64]scorecard.Advice{}
	if len(ids) == 0 {
		return out, nil
	}
	g := s.gathers(s.read.WithContext(ctx), ids, p)
	if err := g.cadence(); err != nil {
		return nil, fmt.Errorf("cadence advice: %w", err)
	}
	for id, k := range g.known {
		v := &k.Gate.Version
		if v.Stage != registry.Production {
			continue
		}
		a := scorecard.Advice{Kind: k.Gate.Model.Kind, Version: v.Label}
		if a.Kind == registry.GenAI {
			a.Again = lifecycle.Reevaluation(&k.Gate, p, g.now)
		} else {
			a.Retrain = scorecard.AdviseCadence(k.Reports, k.RetrainDay, v.ServedSince, g.now)
		}
		out[id] = a
	}
	return out, nil
}

// cadence reads what advice rests on: reports for trained models, evidence and the catalogue for GenAI.
func (g *gathering) cadence() error {
	for _, read := range []func() error{g.models, g.versions} {
		if err := read(); err != nil {
			return err
		}
	}
	kinds := map[registry.Kind]bool{}
	for _, k := range g.known {
		kinds[k.Gate.Model.Kind] = kinds[k.Gate.Model.Kind] || k.Gate.Version.Stage == registry.Production
	}
	var reads []func() error
	if kinds[registry.Trained] {
		reads = append(reads, g.reports)
	}
	if kinds[registry.GenAI] {
		reads = append(reads, g.evidence, g.vendors)
	}
	for _, read := range reads {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}
