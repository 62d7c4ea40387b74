package main

import (
	"context"
	"fmt"

	"sundial/models/registry"
	"sundial/models/store"
)

// depthGoal asks whether a page far down costs more than the first: of the models in every order and
// under filters, and of the audit trail.
var depthGoal = goal{names: []string{"P5"}, what: "pages far down against page 1", measure: func(ctx context.Context, b *bench) ([]row, error) {
	return b.depth(ctx, b.sqlite, "P5")
}}

func (b *bench) depth(ctx context.Context, url, name string) ([]row, error) {
	s, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	d := depth{b, s, name, cpuOf, "CPU"}
	if isPostgres(url) { // which does not work in this process
		d.of, d.unit = p50Of, "p50"
	}
	rows, err := d.models(ctx)
	if err != nil {
		return nil, err
	}
	more, err := d.audit(ctx)
	return append(rows, more...), err
}

// depth is one run of the goal, and what it judges by.
type depth struct {
	*bench
	s    *store.Store
	goal string
	of   func(sample) float64
	unit string
}

func (d depth) models(ctx context.Context) ([]row, error) {
	filters := []struct {
		name   string
		filter registry.Filter
	}{
		{"by change", registry.Filter{}}, {"by change, oldest first", registry.Filter{Desc: true}},
		{"by name", registry.Filter{Sort: "name"}}, {"by name, Z first", registry.Filter{Sort: "name", Desc: true}},
		{"by tier", registry.Filter{Sort: "tier"}}, {"by stage", registry.Filter{Sort: "stage", Desc: true}},
		{"in production", registry.Filter{Stage: registry.Production}}, {"tier 3", registry.Filter{Tier: 3}},
	}
	var rows []row
	for _, f := range filters {
		deep, seen, err := farDown(ctx, d.s, f.filter)
		if err != nil {
			return nil, err
		}
		list := func(after string) func() error {
			return func() error { _, err := d.s.Models(ctx, f.filter, after, pageRows); return err }
		}
		r, err := d.row("models "+f.name, seen, list(deep), list(""))
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// farDown walks nine tenths of a list and returns the cursor there.
func farDown(ctx context.Context, s *store.Store, f registry.Filter) (cursor string, seen int, err error) {
	var cursors []string
	for {
		page, err := s.Models(ctx, f, cursor, 500)
		if err != nil {
			return "", 0, err
		}
		if page.Next == "" {
			break
		}
		cursor = page.Next
		cursors = append(cursors, cursor)
	}
	if len(cursors) == 0 {
		return "", 0, nil
	}
	n := len(cursors) * 9 / 10
	return cursors[n], (n + 1) * 500, nil
}

func (d depth) audit(ctx context.Context) ([]row, error) {
	last, err := d.s.Events(ctx, store.EventFilter{}, 1)
	if err != nil || len(last) == 0 {
		return nil, err
	}
	end := last[0].Seq
	var rows []row
	for _, f := range []struct {
		name   string
		filter store.EventFilter
	}{
		{"audit trail", store.EventFilter{}},
		{"audit trail of one verb", store.EventFilter{Verb: "version.promoted"}},
		{"audit trail of a kind of verb", store.EventFilter{Verb: "request"}},
		{"audit trail of one actor", store.EventFilter{Actor: firstOwner + 4}},
		{"audit trail of one model", store.EventFilter{Model: 1}},
	} {
		list := func(before int64) func() error {
			f := f.filter
			f.Before = before
			return func() error { _, err := d.s.Events(ctx, f, pageRows+1); return err }
		}
		r, err := d.row(f.name, int(end*9/10), list(end/10), list(0))
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func (d depth) row(what string, down int, deep, first func() error) (row, error) {
	n := d.calls(150)
	got, err := byTurns(d.rounds, calls(n, deep), calls(n, first))
	if err != nil {
		return row{}, err
	}
	return atMost(d.goal, fmt.Sprintf("%s, %s rows down, %s of page 1's", what, thousands(down), d.unit), ratio(got[0], got[1], d.of), 1.5,
		fmt.Sprintf("%.2f ms against %.2f ms", middle(got[0], d.of), middle(got[1], d.of))), nil
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
