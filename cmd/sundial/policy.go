package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sundial/models/lifecycle"
	"sundial/models/scorecard"
	"sundial/models/store"
)

var policyCommand = command{
	name: "policy", args: "dry-run FILE|PROFILE  [--now PROFILE|FILE] [--json] [--database URL | --data DIR]",
	summary: "say whose score and whose gate would be another under another policy",
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
	asJSON := set.Bool("json", false, "answer in JSON: every model, team and check that would differ")
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
	return dryRun(ctx, e, s, before, after, *asJSON)
}

// dryRun computes every model's score, and the gate that its furthest version stands before, under both
// policies, and tells where they differ. Nothing is changed.
func dryRun(ctx context.Context, e env, s *store.Store, before, after lifecycle.Policy, asJSON bool) error {
	if asJSON {
		return dryRunJSON(ctx, e, s, before, after)
	}
	fmt.Fprintf(e.out, "%s -> %s\n", before.Version(), after.Version())
	t, err := s.TryPolicy(ctx, before, after, store.AtMost(0), func(m scorecard.ModelTrial) error {
		tellTier(e, m)
		for _, c := range m.Gate.Fails {
			fmt.Fprintf(e.out, "  %s@%s would newly fail %s\n", m.Slug, m.Version, c.Key)
		}
		for _, c := range m.Gate.Passes {
			fmt.Fprintf(e.out, "  %s@%s would no longer fail %s\n", m.Slug, m.Version, c.Key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, x := range t.Teams {
		if x.Tiered() {
			fmt.Fprintf(e.out, "  team %s would be %s instead of %s, at %s instead of %s\n", named(x), x.IsTier, x.WasTier, scorecard.Text(x.Is), scorecard.Text(x.Was))
		}
	}
	fmt.Fprintf(e.out, "of %d models %d would rise to a higher maturity tier and %d would fall to a lower one; %d scores would rise and %d would fall\n", t.Compared, t.Up, t.Down, t.Rise, t.Fall)
	fmt.Fprintf(e.out, "the organisation would be at %s instead of %s\n", scorecard.Text(t.Org.Is), scorecard.Text(t.Org.Was))
	fmt.Fprintf(e.out, "under the new policy %d would pass their next gate, %d would not\n", t.Pass, t.Fail)
	return nil
}

// tellTier tells of a model whose maturity tier would be another, and of what moved it.
func tellTier(e env, m scorecard.ModelTrial) {
	if !m.Score.Tiered() {
		return
	}
	fmt.Fprintf(e.out, "  %s would be %s instead of %s, at %s instead of %s\n", m.Slug, m.Score.IsTier, m.Score.WasTier, scorecard.Text(m.Score.Is), scorecard.Text(m.Score.Was))
	for _, x := range m.Score.Moved {
		fmt.Fprintf(e.out, "    %s earns %g instead of %g of %d: %s\n", x.Key, x.Is, x.Was, x.Points, x.Why)
	}
	for _, c := range m.Score.Imposed {
		fmt.Fprintf(e.out, "    capped at %d: %s\n", c.Limit, c.Reason)
	}
	for _, c := range m.Score.Lifted {
		fmt.Fprintf(e.out, "    no longer capped at %d\n", c.Limit)
	}
}

func named(t scorecard.TeamTrial) string {
	if t.Slug == "" {
		return "none"
	}
	return t.Slug
}

// The shapes of --json: every model of which anything would differ.
type (
	trialJSON struct {
		Before string           `json:"policy_before"`
		After  string           `json:"policy_after"`
		Totals totalsJSON       `json:"totals"`
		Org    scoredJSON       `json:"organisation"`
		Teams  []scoredJSON     `json:"teams"`
		Models []modelTrialJSON `json:"models"`
	}
	totalsJSON struct {
		Models     int `json:"models"`
		TierUp     int `json:"tier_up"`
		TierDown   int `json:"tier_down"`
		ScoreUp    int `json:"score_up"`
		ScoreDown  int `json:"score_down"`
		GatePass   int `json:"gate_pass"`
		GateFail   int `json:"gate_fail"`
		NewlyHeld  int `json:"gate_newly_failing"`
		NewlyFreed int `json:"gate_no_longer_failing"`
	}
	scoredJSON struct {
		Slug    string         `json:"slug,omitempty"`
		Was     float64        `json:"score_before"`
		Is      float64        `json:"score_after"`
		WasTier scorecard.Tier `json:"tier_before"`
		IsTier  scorecard.Tier `json:"tier_after"`
	}
	modelTrialJSON struct {
		scoredJSON
		Version  string      `json:"version,omitempty"`
		To       string      `json:"gate_to,omitempty"`
		Criteria []movedJSON `json:"criteria"`
		Fails    []string    `json:"gate_newly_failing"`
		Passes   []string    `json:"gate_no_longer_failing"`
	}
	movedJSON struct {
		Key string  `json:"key"`
		Was float64 `json:"earned_before"`
		Is  float64 `json:"earned_after"`
		Why string  `json:"why"`
	}
)

func dryRunJSON(ctx context.Context, e env, s *store.Store, before, after lifecycle.Policy) error {
	out := trialJSON{Before: before.Version(), After: after.Version(), Teams: []scoredJSON{}, Models: []modelTrialJSON{}}
	t, err := s.TryPolicy(ctx, before, after, store.AtMost(0), func(m scorecard.ModelTrial) error {
		c := m.Score
		x := modelTrialJSON{scoredJSON: scoredJSON{m.Slug, scorecard.Shown(c.Was), scorecard.Shown(c.Is), c.WasTier, c.IsTier}, Version: m.Version, To: string(m.To),
			Criteria: []movedJSON{}, Fails: keysOf(m.Gate.Fails), Passes: keysOf(m.Gate.Passes)}
		for _, l := range c.Moved {
			x.Criteria = append(x.Criteria, movedJSON{l.Key, l.Was, l.Is, l.Why})
		}
		out.Models = append(out.Models, x)
		return nil
	})
	if err != nil {
		return err
	}
	team := func(x scorecard.TeamTrial) scoredJSON {
		return scoredJSON{x.Slug, scorecard.Shown(x.Was), scorecard.Shown(x.Is), x.WasTier, x.IsTier}
	}
	for _, x := range t.Teams {
		out.Teams = append(out.Teams, team(x))
	}
	out.Org = team(t.Org)
	out.Totals = totalsJSON{t.Compared, t.Up, t.Down, t.Rise, t.Fall, t.Pass, t.Fail, t.Fails, t.Passes}
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func keysOf(list []lifecycle.Check) []string {
	out := []string{}
	for _, c := range list {
		out = append(out, c.Key)
	}
	return out
}
