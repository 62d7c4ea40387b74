package main

import (
	"context"
	"fmt"
	"strings"

	"sundial/models/registry"
	"sundial/models/store"
)

// searchGoal holds the search against looking at every name, for a rare, a common and an unknown word.
var searchGoal = goal{names: []string{"P16"}, what: "search against a scan", measure: func(ctx context.Context, b *bench) ([]row, error) {
	s, err := store.Open(ctx, b.sqlite)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	db, err := openToRead(b.sqlite)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	scan, err := db.prepare(ctx, `SELECT COUNT(*) FROM models WHERE LOWER(name || ' ' || slug || ' ' || purpose) LIKE ?`)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, word := range []string{fmt.Sprintf("-%d", b.models/2), "turbine", "turbine loss northmoor", "score", "zzzzzz"} {
		like := "%" + strings.ReplaceAll(strings.ToLower(word), " ", "%") + "%"
		got, err := byTurns(b.rounds,
			calls(b.calls(20), func() error { _, err := s.Models(ctx, registry.Filter{Query: word}, "", pageRows); return err }),
			calls(b.calls(2), func() error {
				// The scan reads to the end: how soon it finds fifty of a common word is luck.
				var n int
				return scan.QueryRowContext(ctx, like).Scan(&n)
			}))
		if err != nil {
			return nil, err
		}
		times := ratio(got[1], got[0], cpuOf)
		rows = append(rows, row{"P16", fmt.Sprintf("search for %q against a scan", word), ">= 25 x", fmt.Sprintf("%.0f x", times), judged(times >= 25),
			fmt.Sprintf("%.2f ms against %.2f ms, of %d names and not a million", middle(got[0], cpuOf), middle(got[1], cpuOf), b.models)})
	}
	return rows, nil
}}
