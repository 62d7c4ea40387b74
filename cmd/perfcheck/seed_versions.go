package main

import (
	"fmt"
	"strings"
	"time"

	"sundial/models/evidence"
	"sundial/models/registry"
)

const rollbackDays = 14

// version makes the nth version of a model. The newest stands where the model does; the ones before it
// served and were superseded, or were closed.
func (o organisation) version(m model, n int) registry.Version {
	d := chance(3, int(m.firstID)+n)
	age := time.Duration(m.versions-n) * 60 * 24 * time.Hour
	v := registry.Version{ID: m.firstID + int64(n) - 1, ModelID: m.ID, Label: fmt.Sprintf("v%d", n), Kind: m.Kind, Stage: m.stage,
		Summary: "Retrained on the latest quarter.", AuthorID: m.DeputyID, RollbackTarget: "none: the first of its kind", RolloutPlan: "Shadow for two weeks.",
		Monitoring: registry.Monitoring{Drift: "https://watch.example.test/drift", Quality: "https://watch.example.test/quality", Cost: "https://watch.example.test/cost"},
		CreatedAt:  m.UpdatedAt.Add(-age).AddDate(0, 0, -20), UpdatedAt: m.UpdatedAt.Add(-age), StageSince: m.UpdatedAt.Add(-age)}
	if n < m.versions {
		v.Stage = registry.Retired
	}
	if m.stage == registry.Production {
		o.serve(&v, m, n)
	}
	if m.Kind == registry.GenAI {
		v.Release = release(d.Uint64())
	} else {
		v.Lineage = lineage(m.Slug, d.Uint64())
	}
	return v
}

// serve gives a version its time in production. The one before the newest may still return.
func (o organisation) serve(v *registry.Version, m model, n int) {
	v.ServedSince = v.StageSince
	if n < m.versions {
		v.SupersededAt = v.StageSince.AddDate(0, 0, 60)
	}
	if n == m.versions-1 && o.now.Sub(v.SupersededAt) < rollbackDays*24*time.Hour {
		v.Stage, v.RollbackUntil = registry.Staged, v.SupersededAt.AddDate(0, 0, rollbackDays)
	}
}

func hexDigits(seed uint64, n int) string {
	return strings.Repeat(fmt.Sprintf("%016x", seed), n/16+1)[:n]
}

func lineage(slug string, seed uint64) registry.Lineage {
	return registry.Lineage{
		Code: registry.Code{Repo: "https://git.example.test/" + slug, Commit: hexDigits(seed, 40)},
		Datasets: []registry.Dataset{
			{Name: "history", URI: "s3://example/" + slug + "/train", Digest: "sha256:" + hexDigits(seed+1, 64), Role: "training"},
			{Name: "holdout", URI: "s3://example/" + slug + "/test", Digest: "sha256:" + hexDigits(seed+2, 64), Role: "test"},
		},
		Parameters:  map[string]string{"depth": "8", "learning_rate": "0.05", "rounds": "400"},
		Metrics:     map[string]string{"auc": fmt.Sprintf("0.%d", 80+seed%19), "brier": "0.07"},
		Environment: map[string]string{"python": "3.12", "lightgbm": "4.6.0"},
		Run:         registry.Run{URL: "https://runs.example.test/" + hexDigits(seed, 16), ID: hexDigits(seed, 16)},
	}
}

func release(seed uint64) registry.Release {
	id := []string{"gpt-4o-2024-08-06", "gpt-4o", "gpt-4.1-2025-04-14", "gpt-4.1-mini-2025-04-14"}[seed%4]
	return registry.Release{Host: "openai", ModelID: id,
		Prompts:         []registry.Prompt{{Name: "system", Repo: "https://git.example.test/prompts", Path: "system.md", Commit: hexDigits(seed, 40), SHA256: hexDigits(seed, 64)}},
		Parameters:      map[string]string{"temperature": "0.2", "max_tokens": "800"},
		NoToolsReason:   "It only writes.",
		EvaluationSuite: registry.Suite{Name: "answers", Version: "3", SHA256: hexDigits(seed+1, 64)}}
}

func (o organisation) versionRows(m model) [][]any {
	var out [][]any
	for n := 1; n <= m.versions; n++ {
		v := o.version(m, n)
		built := asJSON(map[string]any{"lineage": v.Lineage})
		if v.Kind == registry.GenAI {
			built = asJSON(map[string]any{"release": v.Release})
		}
		out = append(out, []any{v.ID, v.ModelID, v.Label, string(v.Kind), string(v.Stage), v.Summary, built, v.Digest(), v.Release.Host, v.Release.ModelID,
			orNull(v.AuthorID), v.RollbackTarget, v.RolloutPlan, asJSON(v.Monitoring), v.StageSince.UnixMilli(), orZero(v.ServedSince), orZero(v.SupersededAt), orZero(v.RollbackUntil),
			v.CreatedAt.UnixMilli(), v.UpdatedAt.UnixMilli()})
	}
	return out
}

func orZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// evidenceRows is what the gates ask of a version that serves or may.
func (o organisation) evidenceRows(m model) [][]any {
	if !m.complete {
		return nil
	}
	var out [][]any
	metrics := asJSON([]evidence.Metric{{Name: "auc", Value: 0.93, Operator: ">=", Threshold: 0.9}})
	for _, kind := range []evidence.Kind{evidence.Evaluation, evidence.Fairness, evidence.SecurityReview, evidence.Canary} {
		out = append(out, []any{m.ID, m.version.ID, m.version.Digest(), string(kind), string(evidence.Passed), metrics,
			"sha256:" + hexDigits(uint64(m.ID), 64), orNull(m.DeputyID), o.now.AddDate(0, 0, -5).UnixMilli()})
	}
	return out
}
