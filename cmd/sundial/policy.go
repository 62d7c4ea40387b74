package main

import (
	"context"
	"errors"
	"fmt"

	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store"
)

var policyCommand = command{
	name: "policy", args: "dry-run FILE|PROFILE  [--now PROFILE|FILE] [--database URL | --data DIR]",
	summary: "say who would pass and who would fail under another policy",
	example: "sundial policy dry-run strict --data ./demo-data",
}

func init() { policyCommand.run = runPolicy }

func runPolicy(ctx context.Context, e env) error {
	var d database
	set := policyCommand.flags(e)
	current := e.getenv("SUNDIAL_POLICY")
	if current == "" {
		current = "standard"
	}
	set.StringVar(&current, "now", current, "the policy in force (SUNDIAL_POLICY)")
	d.register(set, e.getenv)
	verb, rest := split(e.args)
	file, rest := split(rest)
	if err := set.Parse(rest); err != nil {
		return err
	}
	if verb != "dry-run" || file == "" {
		return errors.New("say: sundial policy dry-run FILE")
	}
	before, err := readPolicy(current)
	if err != nil {
		return fmt.Errorf("--now: %w", err)
	}
	after, err := readPolicy(file)
	if err != nil {
		return err
	}
	s, err := d.open(ctx, e.getenv)
	if err != nil {
		return err
	}
	defer s.Close()
	return dryRun(ctx, e, s, before, after)
}

// dryRun computes the gate that every live model's furthest version stands before, under both
// policies, and tells where they differ.
func dryRun(ctx context.Context, e env, s *store.Store, before, after lifecycle.Policy) error {
	fmt.Fprintf(e.out, "%s -> %s\n", before.Version(), after.Version())
	pass, fail := 0, 0
	err := s.EachModel(ctx, registry.Filter{Sort: "name"}, func(row registry.Row) error {
		label, ok, err := furthest(ctx, s, row.Slug)
		if err != nil || !ok {
			return err
		}
		was, err := redUnder(ctx, s, row.Slug, label, before)
		if err != nil {
			return err
		}
		is, err := redUnder(ctx, s, row.Slug, label, after)
		if err != nil {
			return err
		}
		if len(is) == 0 {
			pass++
		} else {
			fail++
		}
		tellDifference(e, row.Slug+"@"+label, was, is)
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "under the new policy %d would pass their next gate, %d would not\n", pass, fail)
	return nil
}

func tellDifference(e env, what string, was, is map[string]bool) {
	for _, key := range lifecycle.Checks() {
		switch {
		case is[key] && !was[key]:
			fmt.Fprintf(e.out, "  %s would newly fail %s\n", what, key)
		case was[key] && !is[key]:
			fmt.Fprintf(e.out, "  %s would no longer fail %s\n", what, key)
		}
	}
}

func furthest(ctx context.Context, s *store.Store, slug string) (string, bool, error) {
	m, err := s.Model(ctx, slug)
	if err != nil {
		return "", false, err
	}
	versions, err := s.Versions(ctx, m.ID, 0, 100)
	best := -1
	for i, v := range versions {
		if v.Live() && (best < 0 || v.Stage.Rank() > versions[best].Stage.Rank()) {
			best = i
		}
	}
	if err != nil || best < 0 {
		return "", false, err
	}
	return versions[best].Label, true, nil
}

func redUnder(ctx context.Context, s *store.Store, slug, label string, p lifecycle.Policy) (map[string]bool, error) {
	d, err := s.Prospect(ctx, slug, label, p)
	if err != nil {
		return nil, err
	}
	to := lifecycle.NextStage(d.Facts.Version.Stage)
	if to == "" {
		to = registry.Production
	}
	red := map[string]bool{}
	for _, c := range lifecycle.GateTo(&d.Facts, to, p, s.Now()).Red() {
		red[c.Key] = true
	}
	return red, nil
}
