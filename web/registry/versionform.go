package registry

import (
	"maps"
	"slices"
	"strings"

	views "sundial/components/registry"
	"sundial/models/fault"
	"sundial/models/registry"
)

// versionForm is what the form about a version sends: what both kinds say, and the parts of each.
type versionForm struct {
	Label   string `form:"label"`
	Summary string `form:"summary" is:"text"`

	Code struct {
		Repo   string `form:"repo" max:"2000"`
		Commit string `form:"commit"`
	} `form:"code"`
	Datasets []struct {
		Name   string `form:"name"`
		URI    string `form:"uri" max:"2000"`
		Digest string `form:"digest"`
		Role   string `form:"role"`
	} `form:"datasets"`
	Metrics     string `form:"metrics" is:"text" max:"50000"`
	Environment string `form:"environment" is:"text" max:"50000"`
	Run         struct {
		URL string `form:"url" max:"2000"`
		ID  string `form:"id"`
	} `form:"run"`

	Host          string `form:"host"`
	ModelID       string `form:"model_id" max:"600"`
	UpgradePolicy string `form:"upgrade_policy"`
	Prompts       []struct {
		Pick   string `form:"pick"`
		Name   string `form:"name"`
		Repo   string `form:"repo" max:"2000"`
		Path   string `form:"path" max:"500"`
		Commit string `form:"commit"`
		SHA256 string `form:"sha256"`
		Text   string `form:"text" is:"text" max:"100000"`
		Config string `form:"config" is:"text" max:"20000"`
	} `form:"prompts"`
	Tools   string `form:"tools" is:"text" max:"50000"`
	NoTools string `form:"no_tools" max:"500"`
	Suite   struct {
		Pick    int64  `form:"pick"`
		Name    string `form:"name"`
		Version string `form:"version"`
		SHA256  string `form:"sha256"`
	} `form:"suite"`

	Parameters     string `form:"parameters" is:"text" max:"50000"`
	RolloutPlan    string `form:"rollout_plan" is:"text"`
	RollbackTarget string `form:"rollback_target"`
	RollbackReason string `form:"rollback_reason" max:"500"`
	Monitoring     struct {
		Drift   string `form:"drift" max:"500"`
		Quality string `form:"quality" max:"500"`
		Cost    string `form:"cost" max:"500"`
	} `form:"monitoring"`
	Revision int64 `form:"revision"`
}

// saidOfVersions are the fields that can change while a version serves.
var saidOfVersions = []string{"label", "summary", "rollout_plan", "rollback_target", "rollback_reason", "monitoring.drift", "monitoring.quality", "monitoring.cost"}

var versionWords = map[string]string{
	"label": "Version", "summary": "What is different", "code.repo": "Repository", "code.commit": "Commit", "parameters": "Parameters", "metrics": "Metrics",
	"environment": "Environment", "run.url": "Run", "run.id": "Run id", "host": "Host", "model_id": "Model id", "upgrade_policy": "Upgrade policy", "tools": "Tools",
	"no_tools": "Why it has no tools", "suite.name": "Suite", "suite.version": "Suite's version", "suite.sha256": "Suite's SHA-256", "sha256": "SHA-256", "config": "configuration",
	"uri": "place", "rollout_plan": "Shadow or canary plan", "rollback_target": "Rollback target", "rollback_reason": "Why there is none",
	"monitoring.drift": "Drift", "monitoring.quality": "Quality", "monitoring.cost": "Cost",
}

// shapeOf are the fields of a version's form by its model's kind.
func shapeOf(k registry.Kind) shape {
	if k == registry.GenAI {
		return shape{plain: append(slices.Clone(saidOfVersions), "host", "model_id", "upgrade_policy", "parameters", "tools", "no_tools", "suite.pick", "suite.name", "suite.version", "suite.sha256"),
			lists: map[string][]string{"prompts": {"pick", "name", "repo", "path", "commit", "sha256", "text", "config"}}}
	}
	return shape{plain: append(slices.Clone(saidOfVersions), "code.repo", "code.commit", "parameters", "metrics", "environment", "run.url", "run.id"),
		lists: map[string][]string{"datasets": {"name", "role", "uri", "digest"}}}
}

// draft is the form as the rule reads it. The error holds the lines that are no pairs.
func (f versionForm) draft(k registry.Kind) (registry.VersionDraft, error) {
	var p fault.Problems
	d := registry.VersionDraft{Label: f.Label, Summary: f.Summary, RolloutPlan: f.RolloutPlan, RollbackTarget: f.RollbackTarget,
		Monitoring: registry.Monitoring(f.Monitoring)}
	if f.RollbackTarget == registry.NoRollback {
		d.RollbackTarget += " " + f.RollbackReason
	} else if f.RollbackReason != "" {
		p.Add("rollback_reason", "A reason is only asked for when there is no rollback target.")
	}
	if k == registry.GenAI {
		d.Release = registry.Release{Host: f.Host, ModelID: f.ModelID, UpgradePolicy: f.UpgradePolicy, Parameters: pairs(&p, "parameters", f.Parameters),
			Tools: pairs(&p, "tools", f.Tools), NoToolsReason: f.NoTools, EvaluationSuite: registry.Suite{Name: f.Suite.Name, Version: f.Suite.Version, SHA256: f.Suite.SHA256}}
		for _, x := range f.Prompts {
			d.Release.Prompts = append(d.Release.Prompts, registry.Prompt{Name: x.Name, Repo: x.Repo, Path: x.Path, Commit: x.Commit, SHA256: x.SHA256, Text: x.Text, Config: x.Config})
		}
		return d, p.Err()
	}
	d.Lineage = registry.Lineage{Code: registry.Code(f.Code), Run: registry.Run(f.Run), Parameters: pairs(&p, "parameters", f.Parameters),
		Metrics: pairs(&p, "metrics", f.Metrics), Environment: pairs(&p, "environment", f.Environment)}
	for _, x := range f.Datasets {
		d.Lineage.Datasets = append(d.Lineage.Datasets, registry.Dataset(x))
	}
	return d, p.Err()
}

// placed moves the problem of a missing reason to the field that asks for it.
func (f versionForm) placed(ft *fault.Fault) *fault.Fault {
	if f.RollbackTarget != registry.NoRollback {
		return ft
	}
	out := *ft
	out.Problems = slices.Clone(ft.Problems)
	for i := range out.Problems {
		if out.Problems[i].Field == "rollback_target" {
			out.Problems[i].Field = "rollback_reason"
		}
	}
	return &out
}

// pairs reads "name: value" lines. A value may hold anything; a name anything but a colon with a blank behind it.
func pairs(p *fault.Problems, field, text string) map[string]string {
	var out map[string]string
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, found := strings.Cut(line, ": ")
		if !found {
			name, value, found = strings.Cut(line, ":")
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch _, twice := out[name]; {
		case !found || name == "" || value == "":
			p.Addf(field, "Line %d is not a name, a colon and a value: %s", i+1, shortened(line))
			return nil
		case twice:
			p.Addf(field, "Line %d names %s again.", i+1, shortened(name))
			return nil
		}
		if out == nil {
			out = map[string]string{}
		}
		out[name] = value
	}
	return out
}

func shortened(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}

// linesOf writes pairs back into a form, by name.
func linesOf(m map[string]string) string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(name + ": " + m[name])
	}
	return b.String()
}

// storedVersion is a version as its form shows it.
func storedVersion(v *registry.Version) views.Stored {
	out := views.Stored{"summary": v.Summary, "rollout_plan": v.RolloutPlan, "rollback_target": v.RollbackTarget, "rollback_reason": "",
		"monitoring.drift": v.Monitoring.Drift, "monitoring.quality": v.Monitoring.Quality, "monitoring.cost": v.Monitoring.Cost}
	if reason, none := strings.CutPrefix(v.RollbackTarget, registry.NoRollback); none {
		out["rollback_target"], out["rollback_reason"] = registry.NoRollback, strings.TrimSpace(reason)
	}
	if v.Kind == registry.GenAI {
		storedRelease(out, &v.Release)
	} else {
		storedLineage(out, &v.Lineage)
	}
	return out
}

func storedLineage(out views.Stored, l *registry.Lineage) {
	out["code.repo"], out["code.commit"] = l.Code.Repo, l.Code.Commit
	out["parameters"], out["metrics"], out["environment"] = linesOf(l.Parameters), linesOf(l.Metrics), linesOf(l.Environment)
	out["run.url"], out["run.id"] = l.Run.URL, l.Run.ID
	for i, d := range l.Datasets {
		out[views.Row("datasets", i, "name")], out[views.Row("datasets", i, "role")] = d.Name, d.Role
		out[views.Row("datasets", i, "uri")], out[views.Row("datasets", i, "digest")] = d.URI, d.Digest
	}
}

func storedRelease(out views.Stored, r *registry.Release) {
	out["host"], out["model_id"], out["upgrade_policy"] = r.Host, r.ModelID, r.UpgradePolicy
	out["parameters"], out["tools"], out["no_tools"] = linesOf(r.Parameters), linesOf(r.Tools), r.NoToolsReason
	out["suite.name"], out["suite.version"], out["suite.sha256"] = r.EvaluationSuite.Name, r.EvaluationSuite.Version, r.EvaluationSuite.SHA256
	for i, p := range r.Prompts {
		out[views.Row("prompts", i, "name")], out[views.Row("prompts", i, "repo")] = p.Name, p.Repo
		out[views.Row("prompts", i, "path")], out[views.Row("prompts", i, "commit")] = p.Path, p.Commit
		out[views.Row("prompts", i, "sha256")], out[views.Row("prompts", i, "text")] = p.SHA256, p.Text
		out[views.Row("prompts", i, "config")] = p.Config
	}
}
