package main

import "context"

// postgresGoal measures on PostgreSQL what was measured on SQLite, against a floor on PostgreSQL. The
// database's own CPU is not this process's and is not counted.
var postgresGoal = goal{names: []string{"P21"}, what: "the same on PostgreSQL", measure: func(ctx context.Context, b *bench) ([]row, error) {
	if b.postgres == "" {
		return []row{{"P21", "P1, P2, P5, P7 and P8 on PostgreSQL", "", "-", none, "give -postgres URL"}}, nil
	}
	if err := b.seeded(ctx, b.postgres, b.models); err != nil {
		return nil, err
	}
	var rows []row
	for _, part := range []func() ([]row, error){
		func() ([]row, error) { return b.listAgainstFloor(ctx, b.postgres, "P21 (P1)", "P21 (P2)") },
		func() ([]row, error) { return b.depth(ctx, b.postgres, "P21 (P5)") },
		func() ([]row, error) { return b.hotReads(ctx, b.postgres, "P21 (P7)") },
		func() ([]row, error) { return b.transitions(ctx, b.postgres, "P21 (P8)") },
	} {
		got, err := part()
		if err != nil {
			return nil, err
		}
		rows = append(rows, got...)
	}
	return rows, nil
}}
