package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"

	"sundial/components/link"
)

// sizeGoal asks whether the list grows slower with the number of models.
var sizeGoal = goal{names: []string{"P6"}, what: "the models list at full size against 1,000 models", measure: func(ctx context.Context, b *bench) ([]row, error) {
	small := min(1000, b.models/2)
	smallURL := "sqlite:" + filepath.Join(b.data, fmt.Sprintf("models-%d-of-%d.db", small, b.models))
	if err := b.seeded(ctx, smallURL, small); err != nil {
		return nil, err
	}
	var loads []func() (sample, error)
	for _, url := range []string{b.sqlite, smallURL} {
		ask, err := signIn(ctx, url, link.Models())
		if err != nil {
			return nil, err
		}
		s, err := b.start(ctx, portalPart, url)
		if err != nil {
			return nil, err
		}
		defer s.stop()
		loads = append(loads, s.load(ask, 1, b.seconds, http.StatusOK))
	}
	got, err := byTurns(b.rounds, loads...)
	if err != nil {
		return nil, err
	}
	return []row{atMost("P6", fmt.Sprintf("models list, p50 of that with %d models", small), ratio(got[0], got[1], p50Of), 1.3,
		fmt.Sprintf("%.2f ms against %.2f ms; CPU %.2f x", middle(got[0], p50Of), middle(got[1], p50Of), ratio(got[0], got[1], cpuOf)))}, nil
}}
