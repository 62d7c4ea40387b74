package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sundial/cmd/sundial/demodata"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/scorecard"
	"sundial/models/store"
)

// What a dry-run says of a stricter policy is what happens to every model of the demo once the portal runs
// under it, and the gates that it reads many at once are those of the versions' pages.
func TestAStricterPolicyNamesWhoThenFalls(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx := store.WithSource(context.Background(), store.Source{Actor: org.System})
	s, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "sundial.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	now, _ := lifecycle.Profile("standard")
	if err := demodata.Fill(ctx, s, now, "http://127.0.0.1:8080/idp", false); err != nil {
		t.Fatal(err)
	}
	frozen := s.Now()
	s.SetClock(func() time.Time { return frozen })
	was := keptUnder(t, ctx, s, now)
	file := filepath.Join(dir, "fresh.yaml")
	if err := os.WriteFile(file, []byte("profile: strict\nfresh_days:\n  evaluation: 20\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	then, err := readPolicy(file)
	if err != nil {
		t.Fatal(err)
	}
	got := dryRunOf(t, file, dir)
	told := sundial(t, nil, "", "policy", "dry-run", file, "--data", dir)
	if len(got.Models) == 0 || got.Totals.TierDown == 0 || got.Before != now.Version() || got.After != then.Version() {
		t.Fatalf("%+v", got.Totals)
	}
	down := 0
	for slug, kept := range keptUnder(t, ctx, s, then) {
		i := slices.IndexFunc(got.Models, func(x modelTrialJSON) bool { return x.Slug == slug })
		if i < 0 {
			if kept.Score != was[slug].Score {
				t.Errorf("%s was %v and is %v, the dry-run said nothing", slug, was[slug].Score, kept.Score)
			}
			continue
		}
		x := got.Models[i]
		if x.Was != scorecard.Shown(was[slug].Score) || x.WasTier != was[slug].Tier {
			t.Errorf("%s was %v, the dry-run said %v", slug, was[slug].Score, x.Was)
		}
		if x.Is != scorecard.Shown(kept.Score) || x.IsTier != kept.Tier {
			t.Errorf("%s is %v, %s under the policy, the dry-run said %v, %s", slug, kept.Score, kept.Tier, x.Is, x.IsTier)
		}
		if x.WasTier != x.IsTier {
			down++
			if line := "  " + slug + " would be " + string(x.IsTier) + " instead of " + string(x.WasTier); !strings.Contains(told.out, line) {
				t.Errorf("the command does not say %q", line)
			}
		}
		if x.Version != "" {
			sameGate(t, s, x, now, then)
		}
	}
	if down != got.Totals.TierUp+got.Totals.TierDown {
		t.Errorf("%d tiers changed, the dry-run counted %+v", down, got.Totals)
	}
}

func dryRunOf(t *testing.T, file, dir string) trialJSON {
	t.Helper()
	ran := sundial(t, nil, "", "policy", "dry-run", file, "--json", "--data", dir)
	var got trialJSON
	if err := json.Unmarshal([]byte(ran.out), &got); err != nil {
		t.Fatalf("%v\n%s%s", err, ran.out, ran.err)
	}
	return got
}

// keptUnder scores every model under a policy and reads what was kept.
func keptUnder(t *testing.T, ctx context.Context, s *store.Store, p lifecycle.Policy) map[string]store.KeptScore {
	t.Helper()
	if _, err := s.ScoreAll(ctx, p); err != nil {
		t.Fatal(err)
	}
	out := map[string]store.KeptScore{}
	err := s.EachModel(ctx, registry.Filter{}, func(r registry.Row) (err error) {
		out[r.Slug], _, err = s.KeptScore(ctx, r.ID)
		return err
	})
	if err != nil || len(out) < 40 {
		t.Fatalf("%d models: %v", len(out), err)
	}
	return out
}

func sameGate(t *testing.T, s *store.Store, x modelTrialJSON, now, then lifecycle.Policy) {
	t.Helper()
	gate := func(p lifecycle.Policy) lifecycle.Gate {
		d, err := s.Prospect(t.Context(), x.Slug, x.Version, p)
		if err != nil {
			t.Fatal(err)
		}
		return lifecycle.GateTo(&d.Facts, registry.Stage(x.To), p, s.Now())
	}
	c := lifecycle.CompareGates(gate(now), gate(then))
	if !slices.Equal(keysOf(c.Fails), x.Fails) || !slices.Equal(keysOf(c.Passes), x.Passes) {
		t.Errorf("%s@%s: its page fails %v and passes %v, the dry-run %v and %v", x.Slug, x.Version, keysOf(c.Fails), keysOf(c.Passes), x.Fails, x.Passes)
	}
}
